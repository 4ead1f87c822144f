# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The client that also writes: creates, replaces, activates, deactivates. What only reads does not know it.

A write may be sent again where that does no harm, see :mod:`_http.exchange`. A creation is sent once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._client import ScimClient
from .._errors import ConflictError, EightByEightError, RefusedError, TransientError
from .._http.request import Answer, Request, user_path
from .._resource.answers import is_user, login_name_in
from .._resource.payload import patch_body

_CREATED = 201


class WritingClient(ScimClient):
    """A client of one tenant that reads and writes, for one call."""

    def create_user(self, body: Mapping[str, Any], repeats: int = 0) -> Answer:
        """Create a user (RFC 7644 section 3.3). Sent once, whatever happens.

        :param repeats: How often it has been sent already.
        :raises TransientError: When there is no telling whether the user came into being. If not, it may be sent again at once.
        :raises GaveUpError: The same, when the retry budget does not last for another try.
        """
        try:
            answer = self._about(self._send_once(Request("POST", "/Users", body=body)), None, login_name_in(body))
        except (ConflictError, RefusedError):
            raise
        except EightByEightError as failure:
            self.lookups.note_created(None)
            if isinstance(failure, TransientError):
                self.pause(failure, repeats)
            raise
        self.lookups.note_created(answer.data)
        return answer

    def replace_user(
        self, user_id: str, body: Mapping[str, Any], version: str | None, *, keep_retrying: bool = True
    ) -> Answer:
        """Replace a user (RFC 7644 section 3.5.1), only if unchanged where the server gave a version (section 3.14).

        :param keep_retrying: As for :meth:`Client.get`.
        :raises VersionConflictError: When the user has changed since it was read.
        """
        path = user_path(user_id)
        # A version that no header can carry protects nothing, and must not stop the update.
        sendable = bool(version and re.fullmatch(r"[!-~]([ -~]*[!-~])?", version))
        given = version if sendable and not self._session.versions_refused else None
        answer = self._send(Request("PUT", path, body=body, version=given), keep_retrying=keep_retrying)
        return self._about(answer, user_id, login_name_in(body))

    def stop_sending_versions(self) -> None:
        """Send no If-Match any more on this session: the server does not match the versions that it gives itself."""
        self._session.versions_refused = True

    def set_active(self, user_id: str, active: bool) -> Answer:
        """Activate or deactivate a user by PATCH, the one thing that PATCH does at 8x8 (fact sheet 2.8).

        The form without ``path`` is the one that 8x8 is known to take (2.9). Whether it takes the other is not known (11.8), so
        where a refusal speaks of the path, that is tried once: what is refused is not applied (RFC 7644 section 3.5.2).

        :raises NotSupportedError: When the server has no PATCH.
        """
        by_path = self._session.patch_by_path
        try:
            return self._patch(user_id, active, by_path=by_path)
        except RefusedError as refusal:
            words = (refusal.detail or "").lower()
            if by_path or not (refusal.scim_type in ("invalidPath", "noTarget") or re.search(r"\bpath\b", words)):
                raise
            history = refusal.history
        try:
            answer = self._patch(user_id, active, by_path=True)
        except EightByEightError as error:
            raise error.with_history(history) from None
        self._session.patch_by_path = True
        return answer

    def _patch(self, user_id: str, active: bool, *, by_path: bool) -> Answer:
        request = Request("PATCH", user_path(user_id), body=patch_body(active, by_path=by_path))
        return self._about(self._send(request), user_id, None)

    def delete_user(self, user_id: str) -> Answer:
        """Send a DELETE, which at 8x8 deactivates (fact sheet 2.3)."""
        return self._send(Request("DELETE", user_path(user_id)))

    def _about(self, answer: Answer, user_id: str | None, user_name: Any) -> Answer:
        """Return the answer to a write, where it is about the user who was written, or has no body.

        :raises EightByEightError: When its body is something else (kind ``bad_answer``, in doubt): only looking tells. So does it
            where a creation is answered without a body and without 201, as RFC 7644 section 3.3 has it.
        """
        nothing = answer.data is None
        if is_user(answer.data or {}, user_id, user_name) or (nothing and (user_id or answer.status == _CREATED)):
            return answer
        from .._http.failures import unexpected_answer  # noqa: PLC0415 - seldom needed

        what = "no body" if nothing else "something that is not this user"
        text = f"{answer.request} answered {answer.status} with {what}"
        raise unexpected_answer(text, answer, self.connection.redact)
