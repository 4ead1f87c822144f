# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Decides whether 8x8 shows that a follow-up is done. Pure. Without proof, the follow-up stays open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from .._admin.users import AdminUser
from .._manual_actions import wants_site
from .._resource.user import User
from .followup import Followup, Person


class _Proof(NamedTuple):
    """How the Administration API proves that an action is done.

    :param part: The part of a user that shows it.
    :param attribute: The attribute of :class:`AdminUser` that must be there, or must not be.
    """

    part: str
    attribute: str
    is_there: bool
    sentence: str


_PROOFS = {
    "assign_license": _Proof("licenses", "has_license", True, "8x8 shows a license."),
    "reclaim_license": _Proof("licenses", "has_license", False, "8x8 does not show a license any more."),
    "assign_phone_line": _Proof("extensions", "has_line", True, "8x8 shows a line."),
    "assign_profile": _Proof("profile_policy", "profile_policy", True, "8x8 shows a user profile."),
    "enable_directory_visibility": _Proof(
        "displayed_in_directory", "displayed_in_directory", True, "8x8 shows the user in the Company Directory."
    ),
}
#: Actions that are proven when a user does not exist any more, which only a list of all users can show.
BY_ABSENCE = "delete_record"
#: Actions that the Administration API can prove.
BY_ADMINISTRATION = frozenset({*_PROOFS, BY_ABSENCE})
#: Actions that SCIM can prove.
BY_SCIM = frozenset({"activate_user", "deactivate_user", "confirm_return", "set_site", "change_site", "check_site"})


def parts_for(actions: Collection[str]) -> list[str]:
    """Return the parts of a user in the Administration API that prove these actions."""
    return sorted({_PROOFS[action].part for action in actions if action in _PROOFS})


class Evidence(NamedTuple):
    """What the APIs show about the users of follow-ups.

    :param users: The users in SCIM.
    :param services: The users in the Administration API.
    :param gone: Users whom no list of the Administration API has any more, under any name that SCIM knows.
    :param faults: A line for each user who cannot be read.
    """

    users: Mapping[Person, User]
    services: Mapping[Person, AdminUser | None]
    gone: Collection[Person]
    faults: Sequence[str]

    def proof(self, followup: Followup) -> str | None:
        """Return a sentence that says how 8x8 shows that a follow-up is done; None when it does not."""
        action, person = followup.action, followup.person
        if action in BY_SCIM:
            return _proof_of_scim(followup, self.users.get(person))
        if person in self.gone:
            return "8x8 does not show this user any more." if action in ("reclaim_license", BY_ABSENCE) else None
        proof = _PROOFS.get(action)
        shown = getattr(self.services.get(person), proof.attribute, None) if proof else None
        return proof.sentence if proof and shown is not None and bool(shown) is proof.is_there else None


def _proof_of_scim(followup: Followup, user: User | None) -> str | None:
    action, seen = followup.action, {} if user is None else user.view
    active, site = seen.get("active"), seen.get("site")
    if action in ("activate_user", "confirm_return") and active is True:
        return "8x8 shows the user as active."
    if action == "deactivate_user" and active is False:
        return "8x8 shows the user as deactivated."
    if site and (
        action == "set_site" or (action in ("change_site", "check_site") and wants_site(followup.reason, site))
    ):
        return f"8x8 shows the site {site}."
    return None
