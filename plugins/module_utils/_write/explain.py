# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Explains refusals of 8x8 by what was written: an error and a change in, a better error out. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._base.console import CONSOLE_SITES, CONSOLE_USERS, HIDDEN_USERS
from .._base.empty import OPERATIONS
from .._base.names import login_key
from .._base.text import about, in_quotes, server_said
from .._errors import ConflictError, EightByEightError, History, NotSupportedError, RefusedError
from .._resource.user import User
from .progress import Progress, Task

#: Words in a refusal that mean "this is set, and stays". The first are Microsoft's for the site (fact sheet section 3).
_FIXED = re.compile(
    r"(?:cannot|can't|can not|may not|must not) be (?:updated|changed|modified)|immutable|read-?\s?only"
    r"|after (?:user )?creation|already (?:been )?set"
)
#: Types of a refusal that are about how a request was written, not about a user (RFC 7644 section 3.12).
_ABOUT_THE_REQUEST = ("invalidPath", "invalidFilter", "noTarget", "invalidSyntax")
#: Statuses whose words are about what was written. The others say themselves what is wrong: 415 the content type, 428 a version.
_ABOUT_THE_CONTENT = (400, 403, 404, 409, 422)
_STATE = {True: "active", False: "deactivated"}
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]*:[^\s'\"<>,;\])]+", re.IGNORECASE)
#: Words that are about a schema or an attribute that the server does not have, and not about its value.
_UNKNOWN_SCHEMA = re.compile(
    r"schema|extension|(?:unknown|unrecognized|unrecognised|unsupported|undefined|unexpected|no such|not a known) attribute"
    r"|attribute\b.*\b(?:not (?:known|defined|recogni[sz]ed|supported|allowed|found)|unknown|does not exist)"
)


def with_name(error: EightByEightError, who: str) -> EightByEightError:
    """Return an error whose message begins with the user it is about."""
    message = about(who, error.message)
    return error if message == error.message else error.about(message)


def explain(error: EightByEightError, task: Task, at: Progress) -> EightByEightError:
    """Explain a refusal of a write: to whom, why, and what to do. What is no refusal comes back as it is."""
    # A site that is not there may be answered with 404 (11.1): of a user who was read just now, or of a path that others use.
    not_found = error.status == 404 and error.method in ("POST", "PUT")
    if not (not_found or type(error) in (RefusedError, ConflictError, NotSupportedError)):
        return error
    to = OPERATIONS[at.planned.operation]
    if isinstance(error, NotSupportedError):
        return error.about(f"{error.message} Until then, {to} the user in {CONSOLE_USERS}.")
    said = server_said(error.detail)
    if error.status not in _ABOUT_THE_CONTENT:
        return error
    if error.method == "PATCH":
        # It carries active and nothing else, so no other attribute can be the reason.
        return error.about(
            f"8x8 refuses to {to} this user (PATCH answered {error.status}). Do it in {CONSOLE_USERS}.{said}"
        )
    about_site = _about_the_site(error, task, at)
    if about_site:
        return about_site
    if error.kind == "wrong_customer":
        return error.about(
            f"8x8 refuses to {to} this user ({error.method} answered 404), and has just answered to reading, so the customer is "
            "right. Something that the task names may not be there, such as the site, or something in between lets no creation "
            f"through.{said}",
            kind=RefusedError.kind,
        )
    if not_found:
        return error
    words = error.words
    if "username" in words and _is_fixed(error):
        return error.about(
            f"8x8 refuses to change the login name, which is fixed at creation.{said}", kind="user_name_fixed"
        )
    if error.scim_type not in _ABOUT_THE_REQUEST and re.search("required|mandatory|missing", words):
        return error.about(f"8x8 says that a required attribute is missing.{said}", kind="missing_attributes")
    return error


def _about_the_site(error: EightByEightError, task: Task, at: Progress) -> EightByEightError | None:
    """Explain a refusal that names the site which was sent, or None where it is about something else."""
    change, urn = at.planned, task.client.connection.extension_urn
    site = (change.user or {}).get("site")
    if not site:
        return None
    said = server_said(error.detail)
    # A URN that is echoed holds words of its own, "site" among them.
    reason = _URN.sub(" ", error.reason)
    # The name with its case: a site can be called IT, or Main.
    named = re.search(rf"(?<!\w){re.escape(str(site))}(?!\w)", reason)
    if not named and urn.lower() in error.words and _UNKNOWN_SCHEMA.search(reason.lower()):
        return error.about(
            f"8x8 refuses the extension {urn}, in which the site was sent. Set extension_urn to the one that "
            "this tenant uses; eightbyeight_tenant_info shows it as extension_urns."
            f"{said}"
        )
    path_of_site = re.search(rf"{re.escape(urn.lower())}[:.]site\b", error.words)
    if not (named or path_of_site or re.search(r"\bsite\b", reason.lower())):
        return None
    had = at.current.view["site"] if at.current is not None else None
    if had and had != site or _is_fixed(error):
        return error.about(
            f"8x8 refuses to change the site to {in_quotes(site)}, because it can be set once. Set it in {CONSOLE_USERS}.{said}",
            kind="site_fixed",
        )
    if "site" not in change.after:
        return error.about(
            f"8x8 refuses the site {in_quotes(site)}, which it shows for this user itself: the site was probably renamed. "
            f"Compare with {CONSOLE_SITES}, and give the current name as site.{said}",
            kind="unknown_site",
        )
    return error.about(
        f"8x8 does not know the site {in_quotes(site)}. Site names must match exactly, with case: compare with "
        f"{CONSOLE_SITES}.{said}",
        kind="unknown_site",
    )


def login_taken(conflict: ConflictError, task: Task, at: Progress, found: User | None) -> EightByEightError:
    """Explain a conflict at a creation.

    :param found: Who has the login name in this tenant, if that shows.
    """
    who = task.wanted.who
    said = server_said(conflict.detail)
    words = conflict.words
    about_name = re.search(r"user ?name|login", words) or login_key(who) in login_key(words)
    if found is None and not about_name and (about_site := _about_the_site(conflict, task, at)):
        return about_site
    for name, word in (("external_id", "externalid"), ("email", r"e-?mail")):
        if not about_name and re.search(word, words):
            return conflict.about(
                f"Another user already has the {name} {in_quotes(at.planned.after.get(name))}. Give another one, or look in "
                f"{CONSOLE_USERS} who has it.{said}"
            )
    if found is not None:
        return conflict.about(
            f"The login name is taken inside this tenant (id {found.id}), and the first search did not show that user. Run again "
            f"to update the user; if this comes back, give user_id: {found.id} instead of the login name, because the search of "
            f"8x8 does not find it.{said}",
            kind="user_name_taken",
        )
    if at.tries:
        return conflict.about(
            "The login name is taken, and the user is not visible yet. An earlier try of this task may have created the user. "
            f"Run again in a minute.{said}",
            kind="user_name_taken_elsewhere",
        )
    return conflict.about(
        "8x8 says that the login name is taken, but no visible user of this tenant has it. Login names are unique across all 8x8 "
        "customers, so another tenant may own it, and only another login name helps. Or a hidden user has it. "
        f"{HIDDEN_USERS}{said}",
        kind="user_name_taken_elsewhere",
    )


def _is_fixed(error: EightByEightError) -> bool:
    return error.scim_type == "mutability" or bool(_FIXED.search(error.words))


# -- Failures that 8x8 does not report, but that its answers show ------------------------------------------------

VERSIONS_IGNORED = (
    "8x8 refused the update by its version, although nobody had changed the user: it does not match the "
    "versions that it gives itself. The update was sent without a version. What somebody else writes between the read and the "
    "update is overwritten then."
)


def version_never_matches(conflict: EightByEightError) -> EightByEightError:
    """Explain an update that is refused by its version, with a version and without one, while nobody else writes."""
    return conflict.about(
        f"8x8 refuses the update as if somebody else had changed the user (PUT answered {conflict.status}), but the user is the "
        f"same before and after. Nothing was changed. Make the change in {CONSOLE_USERS}, and tell 8x8 support that PUT answers "
        f"{conflict.status}."
        f"{server_said(conflict.detail)}"
    )


def changed_twice(conflict: EightByEightError, who: str) -> EightByEightError:
    """Explain an update before which somebody else changed the user, and once more after it was planned again."""
    return conflict.about(
        f"{who} was changed by somebody else 2 times while this task was writing (PUT answered {conflict.status}), so it was "
        "left alone. Find out who else writes to this user, and run again."
    )


def was_there_before(reason: EightByEightError, who: str, user_id: str) -> EightByEightError:
    """Explain a user who shows after a creation without an answer, but is not as that would have created the user."""
    return reason.about(
        f"{who} shows now (id {user_id}), and is not as this task would have created it. The first search did not "
        "add up, so the user probably existed before. Run again to update the user.",
        kind="user_name_taken",
    )


def empty_answer(request: Mapping[str, Any]) -> EightByEightError:
    """Explain an update that was answered with success and no body, which does not tell whether it was done."""
    message = (
        f"{request['method']} {request['path']} was answered with {request['status']} and without the user in a body."
    )
    return EightByEightError(message, kind="bad_answer", history=History(in_doubt=True), **request)


def nothing_was_done(error: EightByEightError, who: str) -> EightByEightError:
    """Explain an unclear answer, after a look at the user that shows no change."""
    if not error.has_success_status:
        return error
    return error.about(
        f"{who} was not changed: {error.method} was answered with {error.status}, but the answer is an error, or is not this "
        f"user, and a look at the user shows that nothing was done. {error.message}"
    )


def active_unchanged(*, active: bool, request: Mapping[str, Any]) -> EightByEightError:
    """Explain a change of active that 8x8 accepted and did not make."""
    message = f"8x8 accepted the request, but the user is still {_STATE[active]}. Set it in {CONSOLE_USERS}."
    return EightByEightError(message, kind="not_applied", **request)


def not_confirmed(*, active: bool, request: Mapping[str, Any]) -> EightByEightError:
    """Explain a change of active that nothing confirms."""
    return EightByEightError(
        "8x8 accepted the request, but does not show whether the user is active, so nothing confirms that the user is "
        f"{_STATE[active]} now. Look in {CONSOLE_USERS}, and set it there if needed.",
        kind="not_confirmed",
        **request,
    )


def not_shown(at: Progress) -> EightByEightError:
    """Explain a write that was accepted, after which there is no such user."""
    what = "creation" if at.planned.method == "POST" else "change"
    message = f"8x8 accepted the {what}, but does not show the user. Run again in a minute."
    return EightByEightError(message, kind="not_applied", **at.accepted_request)
