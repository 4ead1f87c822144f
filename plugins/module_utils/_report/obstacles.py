# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What keeps a role from its first write: its variables, the tenant, or a directory that is to be written to afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._base.console import HIDDEN_USERS
from .._base.text import counted
from .text import one_line

#: What Python says of an error of the system: its number, its name, and then the path; and how ansible-core 2.16 repeats that.
_SYSTEM = re.compile(r"\[Errno \d+\] ([^:'\[\]]+)|remote file \((?P<path>.*)\): (?P<core>[^:]+)$", re.DOTALL)
_UNWRITTEN = "Nothing was written. "


def role_obstacle(
    tenant: Mapping[str, Any],
    note: str = "",
    looked: Mapping[str, Any] | None = None,
    made: Mapping[str, Any] | None = None,
    problems: Sequence[str] = (),
) -> str:
    """Return why nothing may be written now, or an empty text.

    :param tenant: What ``eightbyeight_tenant_info`` returned; empty or skipped where it was not asked.
    :param note: A sentence that helps with a tenant that cannot be read.
    :param looked: The registered loop of ``ansible.builtin.stat`` over directories.
    :param made: The registered loop of ``ansible.builtin.file`` over those results, which makes what is not there.
    :param problems: What is wrong with the variables of the role; what follows from that is not told.
    """
    told = list(problems)
    if not told and tenant and not tenant.get("skipped"):
        problem = tenant_problem(tenant).removeprefix(_UNWRITTEN)
        told += [text for text in (problem, note) if problem and text]
    told += [] if problems else _of_directories(looked or {}, made or {})
    return _UNWRITTEN + " ".join(told) if told else ""


def _of_directories(looked: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    problems = []
    for result in looked.get("results") or []:
        path, stat = one_line(result["item"]), result.get("stat") or {}
        if stat.get("exists") and not stat.get("isdir"):
            problems.append(f"{path} is not a directory.")
        elif stat.get("exists") and not stat.get("writeable"):
            problems.append(f"{path} cannot be written to by the user who runs Ansible.")
    for result in made.get("results") or []:
        problem = file_problem(result, result["item"]["item"]) if "item" in result else ""
        problems += [problem] if problem else []
    return problems


def tenant_problem(tenant: Mapping[str, Any]) -> str:
    """Return why a role must stop before its first write, or nothing.

    :param tenant: What ``eightbyeight_tenant_info`` returned.
    """
    if not tenant.get("readable"):
        problem = (tenant.get("problem") or {}).get("message") or tenant.get("msg") or "The tenant cannot be read."
        return one_line(problem)
    users = tenant.get("users") or {}
    if users.get("total") and users.get("visible") == 0:
        return f"8x8 announces {counted(users['total'], 'user')} and shows none of them. {HIDDEN_USERS}"
    return ""


def incomplete_problem(tenant: Mapping[str, Any], shown: int | None) -> str:
    """Return why the role roster stops at a list of users that does not add up.

    :param shown: How many users the list has.
    """
    announced = (tenant.get("users") or {}).get("total")
    numbers = (
        f"8x8 announces {counted(announced, 'user')} and shows {shown}." if announced and shown is not None else ""
    )
    return (
        f"{numbers or 'The list of users that 8x8 shows does not add up.'} With roster_allow_incomplete: true, people are "
        "created and updated all the same, and nobody is deactivated."
    )


def tenant_note(tenant: Mapping[str, Any]) -> str:
    """Return what a person should know of a tenant that shows nobody, or nothing."""
    users = tenant.get("users") or {}
    if not tenant.get("readable") or users.get("total") != 0:
        return ""
    return (
        "8x8 shows nobody in this tenant. That is right for the first import. If the tenant has users, creating them again is "
        f"refused for each of them. {HIDDEN_USERS}"
    )


def file_results(written: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Return what became of each file, as a loop of ``ansible.builtin.copy`` tells it; None where that is not told."""
    told = written.get("stdout")
    results: list[Mapping[str, Any]] | None = json.loads(told) if told else written.get("results")
    return results


def file_problems(written: Mapping[str, Any]) -> list[str]:
    """Return why files could not be written, a sentence each.

    :param written: The registered loop of ``ansible.builtin.copy`` over their paths, or what a loop of it did not come to: on
        ansible-core 2.16 a path that is too long ends the whole loop, and stands in the message alone. Or the registered
        result of ``write_files.py`` of the role checklist.
    """
    results = file_results(written)
    if results is None:
        match = _SYSTEM.search(str(written.get("msg") or ""))
        results = [{**written, "item": (match and match["path"]) or "A file"}]
    problems = [file_problem(result, str(result["item"])) for result in results if "item" in result]
    return [problem for problem in problems if problem]


def written_files(written: Mapping[str, Any]) -> list[str]:
    """Return the paths of files that were written, as for :func:`file_problems`; none where one of them could not be."""
    results = file_results(written) or []
    return [] if file_problems(written) else [str(result["item"]) for result in results if "item" in result]


def file_problem(result: Mapping[str, Any], path: str) -> str:
    """Return why a path could not be written, or nothing where it could.

    :param result: What ``copy`` or ``file`` returned, be it with ``failed_when: false``.
    """
    texts = [str(result.get(key) or "") for key in ("msg", "exception")]
    reasons = [(match[1] or match["core"]).strip() for match in map(_SYSTEM.search, texts) if match]
    # From ansible-core 2.19 on, failed_when: false hides why a task failed.
    if not (reasons or result.get("failed") or result.get("failed_when_suppressed_exception")):
        return ""
    reason = reasons[0] if reasons else one_line(texts[0] or "no reason was given")
    return f"{one_line(path)} cannot be written ({reason})."
