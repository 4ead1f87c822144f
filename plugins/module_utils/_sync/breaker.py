# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The circuit breaker of a run: ends the run when the failures of rows show that all other rows would fail too. Pure.

That is so when the token is rejected or may not write, when the server accepts nothing, and when it refuses every row in the
same way. The rows that are left are then skipped, instead of failing one by one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, NamedTuple

from .._errors import EightByEightError, NotSupportedError

#: The run ends after so many equal refusals without a success.
EQUAL_REFUSALS = 5
#: The most writes at a time until the first success.
FIRST_WRITES = 2

#: Kinds that end a run at once: every later request would fail in the same way.
_FATAL = frozenset(("token_rejected", "wrong_customer", "tls"))
_MAY_NOT_WRITE = frozenset(("not_write_client", "forbidden"))
#: Kinds of errors that another client causes by writing.
_BY_OTHER_WRITERS = frozenset(("changed_meanwhile", "user_name_taken"))
_UNAVAILABLE = frozenset(("timeout", "connection_lost", "unreachable", "proxy", "rate_limited"))
#: Statuses that are about the client or the connection, not about a user: payment, proxy login, wrong host, protocol or format,
#: headers too large, legal reasons, a locked tenant.
_ABOUT_THE_CLIENT = frozenset((402, 406, 407, 411, 421, 423, 426, 431, 451))
_BY_PROXIES = frozenset(("gateway", "redirect_refused"))
#: Statuses below 500 after which the same request may work later.
_RETRY_LATER = frozenset((408, 424, 425))
_NOTHING_CAN_SUCCEED = "no later request can succeed"
_NO_RIGHT = "this token may not write"
_NO_WRITE_ACCEPTED = "nothing is taken"
#: Less time than this, in seconds, is too short for another try.
_SHORTEST_RETRY = 1.0
#: The parts that differ between two refusals with the same meaning: request ids, times, numbers.
_VARIABLE_PARTS = re.compile(r"[0-9a-f]{8,}(?:-[0-9a-f]{4,})*|\d+", re.IGNORECASE)
#: Attribute -> the word for it in refusals, if that is not its name.
_WORDS_IN_REFUSALS = {
    "given_name": "givenname",
    "family_name": "familyname",
    "external_id": "externalid",
    "phone_numbers": "phone",
}


class StopReason(NamedTuple):
    """Why a run ends.

    :param error: The failure that ends it.
    :param why: The reason, as part of a sentence.
    """

    error: EightByEightError
    why: str


def ends_all_reads(error: EightByEightError, final: EightByEightError | None = None) -> bool:
    """Say whether every other read would fail for the same reason.

    A token that may not read one user may still read others. A token that may not search cannot read anybody.

    :param final: The error if the token is rejected for good, else None.
    """
    return final is not None or error.kind in _FATAL or (error.kind == "forbidden" and error.path == "/Users")


def comparable_message(error: EightByEightError, names: Iterable[str]) -> str:
    """Return the message of a failure without the names of the user and without numbers, to compare it with others."""
    text = error.reason or error.message
    for name in sorted(set(names), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "*", text, flags=re.IGNORECASE)
    return _VARIABLE_PARTS.sub("#", text)


class Breaker:
    """Counts the successes and failures of a run.

    :param budget: For how many seconds the server may accept nothing.
    """

    def __init__(self, budget: float) -> None:
        self.end: StopReason | None = None
        #: Whether a write was ever accepted.
        self.has_success = False
        #: Why the run ends if none of the writes under way is accepted.
        self.suspicion: StopReason | None = None
        self._budget = budget
        self._accepted_at = 0.0
        #: Reason -> failures since the last success. Reasons: the server accepted nothing, the right to write was missing, or the
        #: answer was not about a user.
        self._in_a_row: Counter[Hashable] = Counter()
        self._refusals: Counter[tuple[Any, ...]] = Counter()
        self._accepted: set[tuple[str, str]] = set()
        #: Values that were refused several times and never accepted: attribute and value as JSON.
        self.refused_values: set[tuple[str, str]] = set()

    @property
    def most_writes(self) -> int:
        """How many writes may be under way before the first success."""
        return FIRST_WRITES if self.suspicion is None else 1

    def begin(self, now: float) -> None:
        """Start the clock for the time in which the server accepts nothing."""
        self._accepted_at = now

    def seconds_left(self, now: float) -> float:
        """Return for how many more seconds the server may accept nothing."""
        return self._budget - (now - self._accepted_at if self._in_a_row[_NO_WRITE_ACCEPTED] else 0.0)

    def see_refused(self, final: EightByEightError | None) -> None:
        """End the run if its token is rejected for good."""
        if final is not None:
            self._end(final, _NOTHING_CAN_SUCCEED)

    def succeeded(self, after: Mapping[str, Any], now: float) -> None:
        """Note that a write was accepted."""
        self.has_success, self._accepted_at, self.suspicion = True, now, None
        self._in_a_row.clear()
        self._accepted |= _attribute_values(after)

    def failed(
        self,
        error: EightByEightError,
        after: Mapping[str, Any],
        names: Iterable[str],
        now: float,
        *,
        under_way: int = 0,
        pause: float = 0.0,
    ) -> None:
        """Note that a row failed.

        :param after: The values that were to be written.
        :param names: The names by which a refusal may mention the user.
        :param under_way: How many other writes have no answer yet.
        :param pause: For how many seconds the server accepts no request.
        """
        look = error.history.check_error
        if look is not None and ends_all_reads(look):
            self._end(look, _NOTHING_CAN_SUCCEED)
        # The customer was read before the first write, so a 404 to a write does not mean a wrong customer.
        elif error.kind in _FATAL and not (error.kind == "wrong_customer" and error.method not in (None, "GET")):
            self._end(error, _NOTHING_CAN_SUCCEED)
        elif error.kind in _MAY_NOT_WRITE:
            if not self.has_success:
                self._suspect(error, _NO_RIGHT)
            elif self._count(_NO_RIGHT) > 1:
                self._end(error, _NO_RIGHT)
        elif _is_unavailable(error):
            count, left = self._count(_NO_WRITE_ACCEPTED), self.seconds_left(now)
            needed = max(pause, _SHORTEST_RETRY if count > 1 else 0.0)
            if pause > max(left, _SHORTEST_RETRY) and self._budget >= _SHORTEST_RETRY:
                self._end(error, f"8x8 accepts no request for {pause:.0f} s, and retry_budget is {self._budget:g} s")
            elif count >= EQUAL_REFUSALS or (left < needed and self._budget >= _SHORTEST_RETRY):
                self._end(error, f"8x8 accepted nothing for the whole retry_budget ({self._budget:g} s)")
        elif error.status is not None and error.kind not in _BY_OTHER_WRITERS:
            # Some servers report a refusal with status 200.
            self._refused(error, after, names)
        self.settle(under_way)

    def settle(self, under_way: int) -> None:
        """End the run if there is a suspicion, and no write is under way that could still refute it."""
        if self.suspicion is not None and not under_way:
            self.end = self.end or self.suspicion

    def expects_refusal(self, after: Mapping[str, Any]) -> bool:
        """Say whether a row has one of the refused values."""
        return bool(self.refused_values) and not self.refused_values.isdisjoint(_attribute_values(after))

    def _refused(self, error: EightByEightError, after: Mapping[str, Any], names: Iterable[str]) -> None:
        about = (error.kind, error.status, error.scim_type)
        is_about_nobody = error.status in _ABOUT_THE_CLIENT or error.kind in _BY_PROXIES
        if is_about_nobody and self._count(about) >= EQUAL_REFUSALS:
            why = f"8x8 gave the same answer {EQUAL_REFUSALS} times in a row, and it is about none of the users"
            self._end(error, why)
        suspects = [pair for pair in _attribute_values(after) if _is_named(pair, error)]
        for key in ((*about, comparable_message(error, names)), *((*about, pair) for pair in suspects)):
            self._refusals[key] += 1
            if self._refusals[key] < EQUAL_REFUSALS:
                continue
            if not self.has_success:
                self._suspect(error, f"8x8 gave the same answer to {EQUAL_REFUSALS} rows, and accepted none")
            elif key[-1] in suspects and key[-1] not in self._accepted:
                self.refused_values.add(key[-1])

    def _count(self, key: Hashable) -> int:
        """Count a failure, and return how many of its kind there were since the last success."""
        self._in_a_row[key] += 1
        return self._in_a_row[key]

    def _suspect(self, error: EightByEightError, why: str) -> None:
        self.suspicion = self.suspicion or StopReason(error, why)

    def _end(self, error: EightByEightError, why: str) -> None:
        self.end = self.end or StopReason(error, why)


def _is_unavailable(error: EightByEightError) -> bool:
    status = error.status or 0
    return (
        error.kind in _UNAVAILABLE or status in _RETRY_LATER or (status >= 500 and error.kind != NotSupportedError.kind)
    )


def _attribute_values(after: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(name, json.dumps(value)) for name, value in after.items() if value and name not in ("active", "user_name")}


def _is_named(pair: tuple[str, str], error: EightByEightError) -> bool:
    name, value = pair[0], str(json.loads(pair[1])).lower()
    if (name == "site" and error.kind == "unknown_site") or _WORDS_IN_REFUSALS.get(name, name) in error.words:
        return True
    return len(value) > 2 and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", error.words) is not None
