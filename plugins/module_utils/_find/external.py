# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Looks users up by external id, where a server filters by it: what 8x8 filters by besides the login name is not known
(fact sheet 11.4). So the filter is proven once a session, with the external id of a known user.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from .._errors import EightByEightError
from .._http.limits import SMALL_PAGE_SIZE
from .._resource.filters import external_id_is_one_of
from .._resource.user import User
from .lookup import Reader, is_filter_refusal
from .state import PROVEN, USELESS

#: External ids that one filter asks for, with the one that proves it.
_IDS_PER_FILTER = 20
#: External ids that a proof with a plain one covers: no quotes, and no accents, which may be written in two ways.
_PROVABLE = re.compile(r"[ !#-\[\]-~]+")
#: The most that are asked for one by one. So a server that refuses a filter with "or" costs no more requests.
_MAX_SINGLE = 3


def requests_for(external_ids: int) -> int:
    """Return how many requests it takes to look for a number of external ids, where nothing goes wrong."""
    if external_ids > _MAX_SINGLE:
        return -(-external_ids // (_IDS_PER_FILTER - 1))
    return external_ids + 1 if external_ids else 0


def find_by_external_id(reader: Reader, external_ids: Collection[str], *, most: int) -> list[User] | None:
    """Find users by external id.

    :param most: How many requests reading everybody takes; one filter for each external id must not take more.
    :returns: The users, or None where the answers of the filter cannot be believed.
    """
    state, users = reader.lookups, None
    probe, plain = state.external_id_probe, all(map(_PROVABLE.fullmatch, external_ids))
    if state.external_filter == USELESS or probe is None or not plain:
        return None
    values, few = sorted(external_ids), len(external_ids) <= _MAX_SINGLE
    if not few:
        users = _ask_in_parts(reader, values, _IDS_PER_FILTER - 1, probe)
    if users is None and (few or len(values) < most):
        # One at a time it may filter.
        is_proven = state.external_filter == PROVEN or _ask(reader, [], probe) is not None
        users = _ask_in_parts(reader, values, 1, None) if is_proven else None
    state.external_filter = USELESS if users is None else PROVEN
    return users


def _ask_in_parts(reader: Reader, values: Sequence[str], size: int, probe: str | None) -> list[User] | None:
    users: list[User] = []
    for start in range(0, len(values), size):
        more = _ask(reader, values[start : start + size], probe)
        if more is None:
            return None
        users += more
    return users


def _ask(reader: Reader, values: Sequence[str], probe: str | None) -> list[User] | None:
    """Ask for external ids.

    :param probe: The external id of a known user, which proves the answer; None for a filter that is proven.
    :returns: The users who have one of the values, or None where the answer cannot be believed.
    """
    asked = [*values, *([probe] if probe is not None and probe not in values else [])]
    try:
        page = reader.page_at(1, external_id_is_one_of(asked), SMALL_PAGE_SIZE, keep_retrying=False)
    except EightByEightError as refusal:
        status = refusal.status or 0
        # A server that fails at this filter twice may answer without one.
        refused = status >= 400 and status not in (401, 429)
        # A 403 may be about the token, and then no listing is answered otherwise.
        if not refused or (status == 403 and not is_filter_refusal(reader, refusal)):
            raise
        return None
    seen = {user.view["external_id"] for user in page.users}
    # RFC 7643 has external ids compared with case; a server that does not shows more, which is left out.
    unasked = {value for value in seen if str(value).lower() not in {text.lower() for text in asked}}
    if unasked or not page.adds_up or (probe is not None and probe not in seen):
        return None
    return [user for user in page.users if user.view["external_id"] in values]
