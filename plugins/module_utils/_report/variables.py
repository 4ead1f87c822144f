# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Checks the variables of the role roster in combination, and finds the approved plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._base.text import named, place_of
from .steps import slurped
from .text import one_line

#: The variables that give a roster.
_ROSTER_VARIABLES = ("roster_users", "roster_source", "roster_export", "roster_approved_digest")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def roster_problems(options: Mapping[str, Any], known: Iterable[str] = ()) -> list[str]:
    """Return what is wrong with the combination of variables, as sentences.

    :param options: The result of ``role_options``.
    :param known: The problems of single variables: a list that cannot be read is not reported as empty as well.
    """
    digests = options.get("approved_digest") or []
    problems = []
    unreadable = any(problem.startswith(_ROSTER_VARIABLES) for problem in known)
    users = options.get("users")
    if isinstance(users, Mapping) and not users.get("users") and not digests:
        problems.append(f"No person in the export can be read. {_first_problem(users)}")
    elif not users and not digests and not unreadable:
        problems.append(
            "roster_users is empty or missing (is the export empty?), and roster_source, roster_export and "
            "roster_approved_digest are not set. Set one of them."
        )
    if options.get("plan_only") and digests:
        problems.append("roster_plan_only makes a plan, and roster_approved_digest applies one. Set only one of them.")
    wrong = [digest for digest in digests if not _DIGEST.fullmatch(str(digest))]
    if wrong:
        problems.append(
            f"roster_approved_digest: {one_line(repr(str(wrong[0])))} is not the digest of a plan. A digest is sha256: and 64 "
            "hexadecimal digits."
        )
    return problems


def _first_problem(result: Mapping[str, Any]) -> str:
    """Return the first problem of an export that has no readable person, and why it is partial."""
    problems = result.get("problems") or []
    first = problems[0] if problems else {}
    problem = f"{place_of(first['row'], first['column'])}: {first['message']}. " if first else ""
    return one_line(f"{problem}{result.get('partial') or ''}")


def approved_plan(
    read: Iterable[Mapping[str, Any]], digests: Sequence[str], directory: str, given: str = ""
) -> dict[str, str]:
    """Find the approved plan of this tenant.

    :param read: The results of ``ansible.builtin.slurp`` for all plan files.
    :param digests: The approved digests; they can be for several tenants.
    :param directory: The directory of the plan files.
    :param given: The plan file that the user named instead.
    :returns: ``path`` and ``digest``, or ``problem``: why there is no such plan.
    """
    if given and len(digests) == 1:
        # If something is wrong with this file, the module says so.
        return {"path": given, "digest": digests[0], "problem": ""}
    found: dict[str, str] = {}
    for result in read:
        digest = slurped(result).get("digest")
        if digest in digests:
            found.setdefault(str(digest), str(result.get("source") or given))
    if len(found) == 1:
        digest, path = next(iter(found.items()))
        return {"path": path, "digest": digest, "problem": ""}
    if found:
        problem = (
            f"{len(found)} of the approved plans are for this tenant: {named([*found.values()], 5)}. Set "
            "roster_approved_digest to the digest of one of them."
        )
    else:
        one = "the approved digest" if len(digests) == 1 else "one of the approved digests"
        where = one_line(given) if given else f"No plan of this tenant in {one_line(directory)}"
        verb = "does not have" if given else "has"
        problem = (
            f"{where} {verb} {one} ({named(list(digests), 5)}). Name the file of the plan in roster_plan_file, or make a "
            "new plan."
        )
    return {"path": "", "digest": "", "problem": problem}
