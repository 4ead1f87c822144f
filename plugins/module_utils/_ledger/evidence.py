# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Decides whether 8x8 shows that a follow-up is done. Pure. What cannot be seen is no proof, and the follow-up stays open."""

from __future__ import annotations

from typing import NamedTuple

from .._manual_actions import wants_site
from .followup import Followup


class Seen(NamedTuple):
    """What SCIM shows about a user. None means not known.

    :param user_name: The current login name.
    :param active: Whether the user can log in.
    :param site: The name of the site; also None when the user has none.
    """

    user_name: str | None = None
    active: bool | None = None
    site: str | None = None


class SeenServices(NamedTuple):
    """What the Administration API shows about a user. None means not known.

    :param gone: Whether no list has the user any more, under any name that SCIM knows.
    """

    has_license: bool | None = None
    has_line: bool | None = None
    has_profile: bool | None = None
    displayed_in_directory: bool | None = None
    gone: bool = False


#: Action -> the part of a user in the Administration API that proves it.
PARTS = {
    "assign_license": "licenses",
    "reclaim_license": "licenses",
    "assign_phone_line": "extensions",
    "assign_profile": "profile_policy",
    "enable_directory_visibility": "displayed_in_directory",
}
#: Actions that the Administration API can prove.
BY_ADMINISTRATION = frozenset({*PARTS, "delete_record"})
#: Actions that SCIM can prove.
BY_SCIM = frozenset({"activate_user", "deactivate_user", "confirm_return", "set_site", "change_site", "check_site"})


def proof(followup: Followup, seen: Seen, services: SeenServices) -> str | None:
    """Return a sentence that says how 8x8 shows that a follow-up is done; None when it does not."""
    if followup.action in BY_ADMINISTRATION:
        return _proof_of_services(followup.action, services)
    return _proof_of_scim(followup, seen)


def _proof_of_services(action: str, services: SeenServices) -> str | None:
    if services.gone:
        return "8x8 does not show this user any more." if action in ("reclaim_license", "delete_record") else None
    proofs = {
        "assign_license": (services.has_license, "8x8 shows a license."),
        "reclaim_license": (services.has_license is False, "8x8 does not show a license any more."),
        "assign_phone_line": (services.has_line, "8x8 shows a line."),
        "assign_profile": (services.has_profile, "8x8 shows a user profile."),
        "enable_directory_visibility": (
            services.displayed_in_directory,
            "8x8 shows the user in the Company Directory.",
        ),
    }
    is_proven, sentence = proofs.get(action, (False, None))
    return sentence if is_proven else None


def _proof_of_scim(followup: Followup, seen: Seen) -> str | None:
    action = followup.action
    if action in ("activate_user", "confirm_return") and seen.active is True:
        return "8x8 shows the user as active."
    if action == "deactivate_user" and seen.active is False:
        return "8x8 shows the user as deactivated."
    if not seen.site:
        return None
    if action == "set_site" or (action in ("change_site", "check_site") and wants_site(followup.reason, seen.site)):
        return f"8x8 shows the site {seen.site}."
    return None
