# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What is wrong with the variables of the role roster taken together, and which plan an approval means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._base.text import named
from .steps import slurped
from .text import one_line

#: The variables that give a roster.
_ROSTER = ("roster_users", "roster_source", "roster_export", "roster_approved_digest")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def roster_problems(options: Mapping[str, Any], told: Iterable[str] = ()) -> list[str]:
    """Return what is wrong with the variables of the role taken together, a sentence each.

    :param options: As ``role_options`` read them.
    :param told: What is wrong with single variables: a list that cannot be read is not told as empty, too.
    """
    digests = options.get("approved_digest") or []
    problems = []
    unreadable = any(problem.startswith(_ROSTER) for problem in told)
    users = options.get("users")
    if isinstance(users, Mapping) and not users.get("users") and not digests:
        problems.append(f"The export names nobody who can be read. {_first_problem(users)}")
    elif not users and not digests and not unreadable:
        problems.append(
            "roster_users is empty or missing (is the export empty?), roster_source and roster_export name none, and "
            "roster_approved_digest names no plan."
        )
    if options.get("plan_only") and digests:
        problems.append("roster_plan_only makes a plan, and roster_approved_digest applies one: give one of them.")
    wrong = [digest for digest in digests if not _DIGEST.fullmatch(str(digest))]
    if wrong:
        problems.append(
            f"roster_approved_digest: {one_line(repr(str(wrong[0])))} is not the digest of a plan: a digest is sha256: and 64 "
            "hexadecimal digits."
        )
    return problems


def _first_problem(result: Mapping[str, Any]) -> str:
    """Return why a result of the filter roster_from has nobody, and the first of its problems."""
    problems = result.get("problems") or []
    first = problems[0] if problems else {}
    told = f"row {first['row']}, {first['column']}: {first['message']}. " if first else ""
    return one_line(f"{told}{result.get('partial') or ''}")


def approved_plan(
    read: Iterable[Mapping[str, Any]], digests: Sequence[str], directory: str, given: str = ""
) -> dict[str, str]:
    """Choose the plan of this tenant that was approved; the digests may be those of many tenants.

    :param read: What ``ansible.builtin.slurp`` read of the files that may hold it.
    :param directory: Where it was looked for.
    :param given: The file that was named instead.
    :returns: ``path`` and ``digest``, and in ``problem`` why there is none.
    """
    if given and len(digests) == 1:
        # The module says what is wrong with it.
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
            f"{len(found)} of the approved plans are for this tenant: {named([*found.values()], 5)}. Approve one of them in "
            "roster_approved_digest."
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
