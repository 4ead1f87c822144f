# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The manual actions: what a person must do, because SCIM cannot do it.

Sources: fact sheet section 3 ("Outside SCIM"), section 6, 2.12, K3, K10, K12, K13, 13.1, 13.2.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ._base.console import ACTIONS, CONSOLE_SITES, CONSOLE_USERS
from ._base.text import in_quotes
from ._errors import EightByEightError
from ._plan import Change
from ._wanted import Wanted

_NEW_USER = (
    ("assign_license", "SCIM cannot assign an X Series license; without one there is no phone service."),
    ("assign_phone_line", "SCIM cannot assign the 8x8 line (work number and extension)."),
    ("assign_profile", "SCIM cannot assign a user profile (policies)."),
    ("set_cost_center", "SCIM cannot set the cost center."),
    ("set_profile_picture", "SCIM cannot set the profile picture."),
    ("enable_directory_visibility", "Users created through SCIM do not appear in the Company Directory automatically."),
)

#: In the order of 8x8 for offboarding (13.2): what the removal of the license deletes is saved first (13.1).
_LEAVER = (
    (
        "save_voicemail",
        "Voicemail can be downloaded only until the license is removed, the user is reset to default settings, or the record "
        "is deleted. Save what is still needed, or decide that nothing is.",
    ),
    (
        "decide_phone_number",
        "The phone number stays with the deactivated user. Decide who gets it, or whether calls to it are forwarded, before "
        "the license is removed.",
    ),
    (
        "end_sessions",
        "Sessions that are open at deactivation last for up to 30 minutes, and emergency calls stay possible. If that "
        "is too long, end them by hand.",
    ),
    (
        "reclaim_license",
        "A deactivated user keeps the X Series license and its settings; it is freed by hand. Removing it deletes call history, "
        "call forwarding, voicemail and greetings permanently, and deactivates the device, so save voicemail and decide on the "
        "number first. The freed license stays billable until the subscription is reduced.",
    ),
    (
        "delete_record",
        "SCIM only deactivates. If the record must go, remove the license first, or the phone number may stay assigned, "
        "and then delete the record by hand. It cannot be undone.",
    ),
)


#: Operation -> the actions that follow from it.
_AFTER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "created": (
        ("set_site", "The user has no site, and 8x8 gives a license only to a user who has one."),
        *_NEW_USER,
    ),
    "deactivated": _LEAVER,
}
#: Kind of a failure -> the action that replaces the change.
_INSTEAD_OF = {
    "inactive_user": (
        "confirm_return",
        "The user is deactivated. Find out whether this person is really back, and set active: true if so.",
    ),
    "user_name_fixed": (
        "rename_user",
        "The login name is fixed at creation, and SCIM cannot change it; the Federation ID does not follow it.",
    ),
    "site_fixed": ("change_site", "The site is {now}, {site} is wanted, and SCIM cannot change a site that is set."),
    "unknown_site": ("check_site", "8x8 refuses the site {site}: site names must match exactly, with case."),
}
_LEAVER_ACTIONS = frozenset({*(action for action, _reason in _LEAVER), "deactivate_user"})
#: Operation -> the actions that it makes unnecessary. Without the actions for leavers, they set a user up or correct
#: one.
UNNECESSARY_AFTER: Mapping[str, frozenset[str]] = {
    "deactivated": frozenset(ACTIONS) - _LEAVER_ACTIONS,
    "activated": _LEAVER_ACTIONS,
}


def after(change: Change, wanted: Wanted, user: Mapping[str, Any], user_id: str | None) -> list[dict[str, Any]]:
    """Return the manual actions that follow from a change.

    :param user: The user after the change, or as the change would leave it.
    """
    names = None if user.get("site") else ACTIONS
    return follow_from(change.operation, user.get("user_name") or wanted.user_name, user_id, names, wanted.who)


def follow_from(
    operation: str, user_name: str | None, user_id: str | None, names: Collection[str] | None = None, who: str = ""
) -> list[dict[str, Any]]:
    """Return the manual actions that follow from an operation.

    :param names: Which of these actions to return; None for all that do not depend on the user.
    :param who: The name for a user without a login name.
    """
    page = f"{CONSOLE_USERS} > {user_name or who or user_id}"
    return [
        _entry(action, user_name, user_id, reason, page)
        for action, reason in _AFTER.get(operation, ())
        if (action != "set_site" if names is None else action in names)
    ]


def _active_to_set(error: EightByEightError, tried: Change | None, user: Mapping[str, Any]) -> bool | None:
    """Return the value of ``active`` that a person must set because SCIM could not; None if there is none to set."""
    active: bool | None = None if tried is None else tried.after.get("active")
    if tried is None or active is None or not user or user.get("active") is active:
        return None
    undone = error.kind in ("not_applied", "not_confirmed")
    # A PATCH only sets active. A request that changes more may fail for another reason, and can be corrected and run
    # again.
    refused = tried.method == "PATCH" and error.kind in ("refused", "not_supported", "missing_attributes")
    return active if undone or refused else None


def instead_of(
    error: EightByEightError,
    wanted: Wanted,
    user: dict[str, Any] | None,
    tried: Change | None = None,
    *,
    listed: bool = False,
) -> list[dict[str, Any]]:
    """Return the manual actions that replace a change that 8x8 refused, or accepted and did not make.

    :param tried: The change that was sent.
    :param listed: Whether the actions that follow from the change are already listed.
    """
    seen = user or {}
    active = _active_to_set(error, tried, seen)
    entries: Sequence[tuple[str, str]] = ()
    if active is not None:
        verb = "activate" if active else "deactivate"
        reason = f"SCIM could not {verb} this user: 8x8 refused it, or accepted it and does not show that it was done."
        # A deactivation by hand has the same follow-ups.
        rest = _LEAVER if tried and tried.before and not active and not listed else ()
        entries = ((f"{verb}_user", reason), *rest)
    elif error.kind in _INSTEAD_OF:
        action, reason = _INSTEAD_OF[error.kind]
        now = in_quotes(seen["site"]) if seen.get("site") else "set"
        entries = [(action, reason.format(now=now, site=in_quotes(wanted.attributes.get("site"))))]
    user_name, user_id = seen.get("user_name") or wanted.user_name, seen.get("id") or wanted.user_id
    page = CONSOLE_SITES if error.kind == "unknown_site" else f"{CONSOLE_USERS} > {seen.get('user_name') or wanted.who}"
    return [_entry(action, user_name, user_id, reason, page) for action, reason in entries]


def wants_site(reason: str | None, site: str) -> bool:
    """Return whether the reason of ``change_site`` or ``check_site`` names this site as the wanted one."""
    text, name = reason or "", in_quotes(site)
    return f", {name} is wanted, and SCIM" in text or f"8x8 refuses the site {name}: " in text


def without_ignored(result: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a module's result without the manual actions that a team never does."""
    ignored = options.get("ignored_actions") or ()
    return {**result, "manual_actions": [entry for entry in result["manual_actions"] if entry["action"] not in ignored]}


def _entry(action: str, user_name: str | None, user_id: str | None, reason: str, where: str) -> dict[str, Any]:
    return {"action": action, "user_name": user_name, "user_id": user_id, "reason": reason, "where": where}
