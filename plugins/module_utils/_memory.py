# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Remembers from run to run which values a tenant did not store as sent, and when this collection last wrote to a user.

8x8 may normalize or drop a value and still answer 200. Without a memory, each run would see the same difference and
send the same PUT again. So when an answer differs from the plan, one small file for that user keeps two fingerprints
for each such attribute: of the wanted value, and of the value that the server stored. For 30 days, and as long as
neither changes, the value is not sent again. If no new version, time or value shows that the server processed the
request, it may only be late. Then this counts only until the user is changed. The file has no values, no names and no
token. If it is deleted, the next run sends the values again.

All modules and roles also share the time of their last write to a user, as the server shows it. So a change by this
collection is not reported as a change by somebody else.
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

#: The environment variable that names the folder, for containers without a persistent home.
STATE_DIR_VARIABLE = "EIGHTBYEIGHT_STATE_DIR"
_DEFAULT_STATE_DIR = os.path.join("~", ".ansible", "eightbyeight.scim")
#: How long a value that was not stored is not sent again. The server may accept it after an update.
_SECONDS_KEPT = 30 * 86_400


class _Entry(NamedTuple):
    """A value that was not stored as sent.

    :param wanted: A fingerprint of the wanted value.
    :param stored: A fingerprint of the stored value.
    :param at: When that was seen first, in seconds since the epoch.
    :param last_modified: A fingerprint of the time of the user's last change at that moment, if nothing showed that the
        server had processed the value; otherwise None.
    """

    wanted: str
    stored: str
    at: float
    last_modified: str | None = None


class Memory:
    """What is remembered of one tenant.

    :param base_url: The tenant.
    :param folder: The folder of the files; by default from the environment variable, or else below the home directory.
    :param extension_urn: The SCIM extension of the site. Values that were declined in one say nothing about another.
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
        """Return attribute -> (fingerprint of the wanted value, fingerprint of the stored value).

        :param last_modified: The time of the user's last change, as the server shows it now. What the server may not
            have processed counts only as long as this time is the same.
        """
        return {
            name: (entry.wanted, entry.stored)
            for name, entry in self._entries(user_id).items()
            if entry.last_modified is None or entry.last_modified == _digest_of(last_modified)
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
        processed: Collection[str] = (),
        unprocessed: Collection[str] = (),
        last_modified: str | None = None,
    ) -> bool:
        """Replace what is remembered of a user. What is already known keeps the time at which it was first seen.

        :param processed: Attributes that the server has processed.
        :param unprocessed: Attributes that it may not have processed yet. They count until the user is changed.
        :param last_modified: The time of the user's last change, for ``unprocessed``.
        :returns: Whether the file was written. If not, the next run only sends one more PUT.
        """
        if not declined:
            with contextlib.suppress(OSError):
                os.unlink(_path(self._declined, user_id))
            return True
        known, fresh = self._entries(user_id), {}
        for name, (wanted, stored) in declined.items():
            entry = known.get(name)
            if entry is None or (entry.wanted, entry.stored) != (wanted, stored):
                entry = _Entry(wanted, stored, self._now())
            elif name in processed:
                entry = entry._replace(last_modified=None)
            fresh[name] = entry._replace(last_modified=_digest_of(last_modified)) if name in unprocessed else entry
        return _save(self._declined, user_id, fresh)

    def note_write(self, user_id: str, last_modified: str | None, before: str | None = None) -> None:
        """Note a confirmed write by this collection.

        :param last_modified: The time of the user's last change as the server shows it after the write; None if the
            answer does not have it.
        :param before: The same before the write.
        """
        known = last_modified if last_modified != before else None
        # If the file cannot be written, this change may later be reported as a change by somebody else. That is no
        # failure.
        _save(self._written, user_id, {"last_modified": _digest_of(known), "before": _digest_of(before)})

    def is_ours(self, user_id: str, last_modified: str | None) -> bool:
        """Return whether the last change of a user was a write by this collection.

        8x8 answers a PATCH without the new time (fact sheet 2.10). Then the first new time that is seen afterwards
        counts as that of the write.

        :param last_modified: The time of the user's last change, as the server shows it now.
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
        """Return whether a list or a search still shows a user as before the last write.

        :param last_modified: The time of the user's last change, as the list or the search shows it.
        """
        written, shown = _load(self._written, user_id), _digest_of(last_modified)
        return shown is not None and shown == written.get("before") != written.get("last_modified")

    def note_read(self, user_id: str, last_modified: str | None) -> None:
        """Note the time at a user's address. If a write did not change it, a list with this time is not late."""
        if self.is_behind(user_id, last_modified):
            self.note_write(user_id, last_modified)


def _digest_of(moment: str | None) -> str | None:
    """Return a fingerprint of a time from the server, because a server could send any text as a time."""
    return None if moment is None else _digest(moment)


def _load(folder: str, user_id: str) -> dict[str, Any]:
    """Return what is remembered of a user; empty if there is no file or it cannot be read."""
    try:
        with open(_path(folder, user_id), "rb") as file:
            return read_object(file.read())
    except OSError:
        return {}


def _save(folder: str, user_id: str, known: Mapping[str, Any]) -> bool:
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        # Not durable: what a power failure loses is learned again.
        replace_file(_path(folder, user_id), json.dumps(known).encode("ascii"), durable=False)
    except OSError:
        return False
    return True


def _path(folder: str, user_id: str) -> str:
    return os.path.join(folder, f"{_digest(user_id)[:32]}.json")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
