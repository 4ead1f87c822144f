# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a tenant would not take as given, and what our own writes left behind, remembered from run to run.

8x8 may normalize or drop a value and still answer 200. Without a memory, the next run would see the same difference and
send the same PUT, for ever. So when an answer differs from the plan, one small file for that user keeps, for each such
attribute, a fingerprint of the wish and one of what the server made of it. As long as neither changes, the difference is
known to be the server's will, for 30 days. Where no new version, time or value shows that the server processed the wish, it may
just lag; then this counts only as long as the user has the same time of its last change. The file holds no values, no names and
no token; deleting it makes the next run ask again.

All modules and roles also share when they last wrote to a user, as the server tells the time. So a user who has changed since
an earlier look is not told as changed by somebody else when it was one of us.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from ._base.files import replace_file
from ._base.json_text import read_object

#: Names the folder, for containers whose home does not last.
STATE_DIR_VARIABLE = "EIGHTBYEIGHT_STATE_DIR"
_DEFAULT_STATE_DIR = os.path.join("~", ".ansible", "eightbyeight.scim")
#: How long a value that was not stored is not sent again. The server may accept it after an update.
_SECONDS_KEPT = 30 * 86_400


class _Entry(NamedTuple):
    """One wish that was not taken as given.

    :param wish: A fingerprint of it.
    :param result: A fingerprint of what came of it.
    :param at: When that was seen first, in seconds since the epoch.
    :param stamp: A fingerprint of the time of the user's last change then, where nothing showed that the wish had been processed;
        else None.
    """

    wish: str
    result: str
    at: float
    stamp: str | None = None


class Memory:
    """The remembered answers of one tenant.

    :param base_url: The tenant.
    :param folder: Where to keep them; by default what the environment variable says, else below the home.
    :param extension_urn: Where the site is sent. What was declined in one place says nothing of another.
    :param now: Seconds since the epoch.
    """

    def __init__(
        self, base_url: str, folder: str | None = None, *, extension_urn: str = "", now: Callable[[], float] = time.time
    ) -> None:
        root = folder or os.environ.get(STATE_DIR_VARIABLE) or os.path.expanduser(_DEFAULT_STATE_DIR)
        self._declined = os.path.join(root, "declined", _digest(f"{base_url} {extension_urn}")[:16])
        self._written = os.path.join(root, "written", _digest(base_url)[:16])
        self._now = now

    def recall(self, user_id: str, last_modified: str | None = None) -> dict[str, tuple[str, str]]:
        """Return attribute -> (fingerprint of the wish, fingerprint of what came of it).

        :param last_modified: The time of the user's last change, as the server tells it now. What was not certain counts only
            as long as that is the one at which it was seen.
        """
        return {
            name: (entry.wish, entry.result)
            for name, entry in self._entries(user_id).items()
            if entry.stamp is None or entry.stamp == _digest_of(last_modified)
        }

    def _entries(self, user_id: str) -> dict[str, _Entry]:
        entries: dict[str, _Entry] = {}
        for name, content in _load(self._declined, user_id).items():
            with contextlib.suppress(ValueError, TypeError):
                entry = _Entry(*content)
                # A time in the future comes from a wrong clock.
                if abs(self._now() - entry.at) <= _SECONDS_KEPT:
                    entries[name] = entry
        return entries

    def keep(
        self,
        user_id: str,
        declined: Mapping[str, tuple[str, str]],
        *,
        certain: Collection[str] = (),
        unsure: Collection[str] = (),
        last_modified: str | None = None,
    ) -> bool:
        """Replace what is remembered of a user. What is known already keeps its time, and is forgotten in time.

        :param certain: What was unsure, and is certain by now.
        :param unsure: What nothing shows to have been processed yet. It counts as long as the user is not changed.
        :param last_modified: The time of the user's last change, for these.
        :returns: Whether that worked. It is no reason to fail: the next run then sends one PUT more.
        """
        if not declined:
            with contextlib.suppress(OSError):
                os.unlink(_path(self._declined, user_id))
            return True
        known, fresh = self._entries(user_id), {}
        for name, (wish, result) in declined.items():
            entry = known.get(name)
            if entry is None or (entry.wish, entry.result) != (wish, result):
                entry = _Entry(wish, result, self._now())
            elif name in certain:
                entry = entry._replace(stamp=None)
            fresh[name] = entry._replace(stamp=_digest_of(last_modified)) if name in unsure else entry
        return _save(self._declined, user_id, fresh)

    def wrote(self, user_id: str, last_modified: str | None, before: str | None = None) -> None:
        """Note a confirmed write of ours.

        :param last_modified: The time of the user's last change as the server tells it after the write; None where the answer
            did not tell it.
        :param before: The same before the write.
        """
        known = last_modified if last_modified != before else None
        # If the file cannot be written, our own change may later be reported as somebody else's. That is no failure.
        _save(self._written, user_id, {"last_modified": _digest_of(known), "before": _digest_of(before)})

    def is_ours(self, user_id: str, last_modified: str | None) -> bool:
        """Say whether a user was last changed by a write of ours.

        8x8 answers a PATCH without the new time (fact sheet 2.10). Then the first new time that is seen afterwards is taken for
        ours, once.

        :param last_modified: The time of the user's last change, as the server tells it now.
        """
        written = _load(self._written, user_id)
        now = _digest_of(last_modified)
        if not written or now is None:
            return False
        if written.get("last_modified") is None and now != written.get("before"):
            _save(self._written, user_id, {**written, "last_modified": now})
            return True
        return bool(written.get("last_modified") == now)

    def is_behind(self, user_id: str, last_modified: str | None) -> bool:
        """Say whether a list or a search shows a user as before our last write, so that only the user's own address tells.

        :param last_modified: The time of the user's last change, as the list or the search tells it.
        """
        written, shown = _load(self._written, user_id), _digest_of(last_modified)
        return shown is not None and shown == written.get("before") != written.get("last_modified")

    def saw(self, user_id: str, last_modified: str | None) -> None:
        """Note what a user's own address shows: some servers do not change the time with a write, and their lists do not lag."""
        if self.is_behind(user_id, last_modified):
            self.wrote(user_id, last_modified)


def _digest_of(moment: str | None) -> str | None:
    """Return a fingerprint of a time as the server tells it: whatever it sends there must not come into a file."""
    return None if moment is None else _digest(moment)


def _load(folder: str, user_id: str) -> dict[str, Any]:
    """Return what is remembered of a user; nothing where there is none, or where it cannot be read."""
    try:
        with open(_path(folder, user_id), "rb") as file:
            return read_object(file.read())
    except OSError:
        return {}


def _save(folder: str, user_id: str, known: Mapping[str, Any]) -> bool:
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        # Not durable: what a power failure loses is found out again.
        replace_file(_path(folder, user_id), json.dumps(known).encode("ascii"), durable=False)
    except OSError:
        return False
    return True


def _path(folder: str, user_id: str) -> str:
    return os.path.join(folder, f"{_digest(user_id)[:32]}.json")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
