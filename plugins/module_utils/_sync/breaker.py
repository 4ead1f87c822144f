# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The circuit breaker of a run: decides from the failures of rows whether the run goes on. Pure.

A dead token, no right to write, a server that takes nothing, or the same refusal for everybody is no single user's trouble.
Each of them ends the run, and what is left is skipped instead of failing row by row.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, NamedTuple

from .._errors import EightByEightError, NotSupportedError

#: Equal refusals without a success after which the rest is not tried.
EQUAL_REFUSALS = 5
#: Writes at a time until the first success.
FIRST_WRITES = 2

#: Kinds that end a run at once: every later request would fail in the same way.
_FATAL = frozenset(("token_rejected", "wrong_customer", "tls"))
_MAY_NOT_WRITE = frozenset(("not_write_client", "forbidden"))
#: Kinds that another writing client causes.
_BY_OTHER_WRITERS = frozenset(("changed_meanwhile", "user_name_taken"))
_UNAVAILABLE = frozenset(("timeout", "connection_lost", "unreachable", "proxy", "rate_limited"))
#: Statuses that are about the client or the connection, and about no user: payment, login at the proxy, wrong host, protocol or
#: form, headers too large, legal reasons, a locked tenant.
_ABOUT_THE_CLIENT = frozenset((402, 406, 407, 411, 421, 423, 426, 431, 451))
_BY_PROXIES = frozenset(("gateway", "redirect_refused"))
#: Statuses below 500 after which the same request may work later.
_RETRY_LATER = frozenset((408, 424, 425))
_NOTHING_CAN_SUCCEED = "no later request can succeed"
_NO_RIGHT = "this token may not write"
_SILENT = "nothing is taken"
#: Seconds. Less is too short for another try.
_SHORTEST_RETRY = 1.0
#: What differs between two refusals that mean the same: ids of requests, times, numbers.
_VARIABLE = re.compile(r"[0-9a-f]{8,}(?:-[0-9a-f]{4,})*|\d+", re.IGNORECASE)
#: What a refusal calls an attribute whose name is spelled otherwise in SCIM.
_SPELLINGS = {
    "given_name": "givenname",
    "family_name": "familyname",
    "external_id": "externalid",
    "phone_numbers": "phone",
}


class End(NamedTuple):
    """Why a run ends.

    :param error: The failure that shows it.
    :param why: One sentence for a person.
    """

    error: EightByEightError
    why: str


def ends_all_reads(error: EightByEightError, final: EightByEightError | None = None) -> bool:
    """Say whether a read failed for a reason by which every other read would fail, too.

    A token that may not read a user by id may read others; one that may not search may not read anybody.

    :param final: Why the token is refused for good, where it is.
    """
    return final is not None or error.kind in _FATAL or (error.kind == "forbidden" and error.path == "/Users")


def comparable_message(error: EightByEightError, names: Iterable[str]) -> str:
    """Return what a failure says, without what names the user and without numbers, so that two can be compared."""
    text = error.reason or error.message
    for name in sorted(set(names), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "*", text, flags=re.IGNORECASE)
    return _VARIABLE.sub("#", text)


class Breaker:
    """Watches the outcomes of a run.

    :param budget: Seconds that a server may take nothing.
    """

    def __init__(self, budget: float) -> None:
        self.end: End | None = None
        #: Whether a write was ever accepted.
        self.proven = False
        #: Why the run ends unless a write that is under way is accepted.
        self.suspicion: End | None = None
        self._budget = budget
        self._taken_at = 0.0
        #: How often the server took nothing, the right to write was missing, or an answer that is about no user came, since the
        #: last success.
        self._in_a_row: Counter[Hashable] = Counter()
        self._refusals: Counter[tuple[Any, ...]] = Counter()
        self._good: set[tuple[str, str]] = set()
        #: Values that were refused again and again, and never accepted: attribute and value as JSON.
        self.wrong: set[tuple[str, str]] = set()

    @property
    def most_writes(self) -> int:
        """How many writes may be under way before the first success."""
        return FIRST_WRITES if self.suspicion is None else 1

    def begin(self, now: float) -> None:
        """Note that the rows are begun; the time in which the server takes nothing counts from here on."""
        self._taken_at = now

    def seconds_left(self, now: float) -> float:
        """Return how long the server may still take nothing."""
        return self._budget - (now - self._taken_at if self._in_a_row[_SILENT] else 0.0)

    def see_refused(self, final: EightByEightError | None) -> None:
        """End the run where its token is refused for good."""
        if final is not None:
            self._end(final, _NOTHING_CAN_SUCCEED)

    def succeeded(self, after: Mapping[str, Any], now: float) -> None:
        """Note that a write was accepted."""
        self.proven, self._taken_at, self.suspicion = True, now, None
        self._in_a_row.clear()
        self._good |= _pairs(after)

    def failed(
        self,
        error: EightByEightError,
        after: Mapping[str, Any],
        names: Iterable[str],
        now: float,
        *,
        under_way: int = 0,
        held_for: float = 0.0,
    ) -> None:
        """Note that a row failed.

        :param after: What was to be written.
        :param names: How a refusal may name the user.
        :param under_way: How many other writes have no answer yet.
        :param held_for: Seconds for which the server wants no request.
        """
        look = error.history.look
        if look is not None and ends_all_reads(look):
            self._end(look, _NOTHING_CAN_SUCCEED)
        # The customer was read before the first write, so a 404 to a write is about what was written.
        elif error.kind in _FATAL and not (error.kind == "wrong_customer" and error.method not in (None, "GET")):
            self._end(error, _NOTHING_CAN_SUCCEED)
        elif error.kind in _MAY_NOT_WRITE:
            if not self.proven:
                self._suspect(error, _NO_RIGHT)
            elif self._again(_NO_RIGHT) > 1:
                self._end(error, _NO_RIGHT)
        elif _is_unavailable(error):
            silent, left = self._again(_SILENT), self.seconds_left(now)
            needed = max(held_for, _SHORTEST_RETRY if silent > 1 else 0.0)
            if held_for > max(left, _SHORTEST_RETRY) and self._budget >= _SHORTEST_RETRY:
                self._end(error, f"8x8 accepts no request for {held_for:.0f} s, and retry_budget is {self._budget:g} s")
            elif silent >= EQUAL_REFUSALS or (left < needed and self._budget >= _SHORTEST_RETRY):
                self._end(error, f"8x8 accepted nothing for the whole retry_budget ({self._budget:g} s)")
        elif error.status is not None and error.kind not in _BY_OTHER_WRITERS:
            # Some servers refuse inside a 200.
            self._refused(error, after, names)
        self.settle(under_way)

    def settle(self, under_way: int) -> None:
        """End the run if there is a suspicion, and no write is under way that could still refute it."""
        if self.suspicion is not None and not under_way:
            self.end = self.end or self.suspicion

    def expects_refusal(self, after: Mapping[str, Any]) -> bool:
        """Say whether a row has a value that was refused again and again."""
        return bool(self.wrong) and not self.wrong.isdisjoint(_pairs(after))

    def _refused(self, error: EightByEightError, after: Mapping[str, Any], names: Iterable[str]) -> None:
        about = (error.kind, error.status, error.scim_type)
        is_about_nobody = error.status in _ABOUT_THE_CLIENT or error.kind in _BY_PROXIES
        if is_about_nobody and self._again(about) >= EQUAL_REFUSALS:
            why = f"8x8 gave the same answer {EQUAL_REFUSALS} times in a row, and it is about none of the users"
            self._end(error, why)
        suspects = [pair for pair in _pairs(after) if _is_named(pair, error)]
        for key in ((*about, comparable_message(error, names)), *((*about, pair) for pair in suspects)):
            self._refusals[key] += 1
            if self._refusals[key] < EQUAL_REFUSALS:
                continue
            if not self.proven:
                self._suspect(error, f"8x8 gave the same answer to {EQUAL_REFUSALS} rows, and accepted none")
            elif key[-1] in suspects and key[-1] not in self._good:
                self.wrong.add(key[-1])

    def _again(self, what: Hashable) -> int:
        """Return how often something came since the last success, this time included."""
        self._in_a_row[what] += 1
        return self._in_a_row[what]

    def _suspect(self, error: EightByEightError, why: str) -> None:
        self.suspicion = self.suspicion or End(error, why)

    def _end(self, error: EightByEightError, why: str) -> None:
        self.end = self.end or End(error, why)


def _is_unavailable(error: EightByEightError) -> bool:
    status = error.status or 0
    return (
        error.kind in _UNAVAILABLE or status in _RETRY_LATER or (status >= 500 and error.kind != NotSupportedError.kind)
    )


def _pairs(after: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(name, json.dumps(value)) for name, value in after.items() if value and name not in ("active", "user_name")}


def _is_named(pair: tuple[str, str], error: EightByEightError) -> bool:
    name, value = pair[0], str(json.loads(pair[1])).lower()
    if (name == "site" and error.kind == "unknown_site") or _SPELLINGS.get(name, name) in error.words:
        return True
    return len(value) > 2 and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", error.words) is not None
