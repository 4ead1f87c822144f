# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Whether the server has refused the token for good. All who share a session then send nothing more with it."""

from __future__ import annotations

import threading
from collections.abc import Collection

from .._errors import EightByEightError
from .request import Request

_REJECTED = "token_rejected"
#: The kinds of errors that may be about the token. By 403 some servers say that it is dead, and others that it may not do
#: this one thing. So a 403 to one item of a loop does not stop the others.
LOOP_TOKEN_ERRORS = frozenset((_REJECTED,))
RUN_TOKEN_ERRORS = frozenset((_REJECTED, "forbidden", "not_write_client"))


class Refusals:
    """Watches the answers to the requests of a loop or a run, but only below ``/Users``: the discovery endpoints may need
    another token.

    A 401, and a 403 to a listing without a filter, are about the token. A 403 to anything else may be about one user, or about
    writing: two in a row, one of them to reading, are about the token. A 403 to a filter tells nothing, because firewalls refuse
    unusual texts with it; whoever gets one asks again without a filter.

    :param kinds: The kinds of errors that may be about the token.
    """

    def __init__(self, kinds: Collection[str] = RUN_TOKEN_ERRORS) -> None:
        self.kinds = kinds
        #: The refusal that is about the token, so that any further request would be refused too; or None.
        self.fatal: EightByEightError | None = None
        self._lock = threading.Lock()
        self._in_a_row: list[Request] = []

    @property
    def may_be_token(self) -> bool:
        """Whether the last refusal may be about the token."""
        return bool(self._in_a_row) and self.fatal is None

    def note_outcome(self, request: Request, error: EightByEightError | None) -> None:
        """Take note of the outcome of a request: an error, or None for success."""
        if not request.path.startswith("/Users"):
            return
        with self._lock:
            if error is not None and error.kind in self.kinds:
                self._refused(request, error)
            elif error is None or 400 <= (error.status or 0) < 500:
                self._in_a_row = []

    def _refused(self, request: Request, error: EightByEightError) -> None:
        everybody = request.path == "/Users" and not request.writes
        if everybody and "filter" in (request.params or {}) and error.kind != _REJECTED:
            return
        self._in_a_row.append(request)
        several = len(self._in_a_row) > 1 and not all(refused.writes for refused in self._in_a_row)
        if error.kind == _REJECTED or everybody or several:
            self.fatal = self.fatal or error
