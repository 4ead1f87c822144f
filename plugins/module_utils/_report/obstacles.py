# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reasons to stop a role before its first write: its variables, the tenant, or a directory that it must write to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._base.console import HIDDEN_USERS
from .._base.text import counted
from .text import one_line

#: The name of a system error in a message of Python, and in a message of ansible-core 2.16.
_SYSTEM_ERROR = re.compile(r"\[Errno \d+\] ([^:'\[\]]+)|remote file \(.*\): ([^:]+)$", re.DOTALL)
_NOTHING_WRITTEN = "Nothing was written. "


def role_obstacle(
    tenant: Mapping[str, Any],
    note: str = "",
    looked: Mapping[str, Any] | None = None,
    made: Mapping[str, Any] | None = None,
    problems: Sequence[str] = (),
) -> str:
    """Return why the role must stop before its first write; empty when it can go on.

    :param tenant: The result of ``eightbyeight_tenant_info``; empty or skipped when that task did not run.
    :param note: A hint to add when the tenant cannot be read.
    :param looked: The results of ``ansible.builtin.stat`` for the directories.
    :param made: The results of ``ansible.builtin.file``, which creates missing directories.
    :param problems: What is wrong with the variables of the role. Other problems may follow from it and are left out.
    """
    found = list(problems)
    if not found and tenant and not tenant.get("skipped"):
        problem = tenant_problem(tenant).removeprefix(_NOTHING_WRITTEN)
        found += [text for text in (problem, note) if problem and text]
    found += [] if problems else _directory_problems(looked or {}, made or {})
    return _NOTHING_WRITTEN + " ".join(found) if found else ""


def _directory_problems(looked: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    problems = []
    for result in looked.get("results") or []:
        path, stat = one_line(result["item"]), result.get("stat") or {}
        if stat.get("exists") and not stat.get("isdir"):
            problems.append(f"{path} is not a directory.")
        elif stat.get("exists") and not stat.get("writeable"):
            problems.append(f"The user who runs Ansible cannot write to {path}.")
    for result in made.get("results") or []:
        problem = file_problem(result, result["item"]["item"]) if "item" in result else ""
        problems += [problem] if problem else []
    return problems


def tenant_problem(tenant: Mapping[str, Any]) -> str:
    """Return the problem of a tenant that stops a role before its first write; empty when there is none.

    :param tenant: The result of ``eightbyeight_tenant_info``.
    """
    if not tenant.get("readable"):
        problem = (tenant.get("problem") or {}).get("message") or tenant.get("msg") or "The tenant cannot be read."
        return one_line(problem)
    users = tenant.get("users") or {}
    if users.get("total") and users.get("visible") == 0:
        return f"8x8 announces {counted(users['total'], 'user')} and shows none of them. {HIDDEN_USERS}"
    return ""


def incomplete_problem(tenant: Mapping[str, Any], shown: int | None) -> str:
    """Return why the role roster stops when the list of users is incomplete.

    :param shown: How many users the list has.
    """
    announced = (tenant.get("users") or {}).get("total")
    numbers = (
        f"8x8 announces {counted(announced, 'user')} and shows {shown}." if announced and shown is not None else ""
    )
    return (
        f"{numbers or '8x8 did not list all of its users.'} With roster_allow_incomplete: true, people are "
        "created and updated anyway, but nobody is deactivated."
    )


def tenant_note(tenant: Mapping[str, Any]) -> str:
    """Return a note about a tenant without visible users; empty for other tenants."""
    users = tenant.get("users") or {}
    if not tenant.get("readable") or users.get("total") != 0:
        return ""
    return (
        "8x8 shows no users in this tenant. That is normal before the first import. If the tenant has users, 8x8 refuses to "
        f"create each of them again. {HIDDEN_USERS}"
    )


def file_problems(written: Mapping[str, Any]) -> list[str]:
    """Return why files could not be written, as sentences.

    :param written: The result of ``write_files.py`` of the role checklist; empty when it did not run.
    """
    results = json.loads(written.get("stdout") or "[]") or [{**written, "item": "A file"}]
    problems = [file_problem(result, result["item"]) for result in results]
    return [problem for problem in problems if problem]


def written_files(written: Mapping[str, Any]) -> list[str]:
    """Return the paths of the files, or an empty list when one of them could not be written. See :func:`file_problems`."""
    results = [] if file_problems(written) else json.loads(written.get("stdout") or "[]")
    return [result["item"] for result in results]


def file_problem(result: Mapping[str, Any], path: str) -> str:
    """Return why a path could not be written; empty when it was written.

    :param result: The result of ``write_files.py`` or ``file``, with or without ``failed_when: false``.
    """
    texts = [str(result.get(key) or "") for key in ("msg", "exception")]
    reasons = [(match[1] or match[2]).strip() for match in map(_SYSTEM_ERROR.search, texts) if match]
    # Since ansible-core 2.19, failed_when: false hides why a task failed.
    if not (reasons or result.get("failed") or result.get("failed_when_suppressed_exception")):
        return ""
    reason = reasons[0] if reasons else one_line(texts[0] or "no reason was given")
    return f"{one_line(path)} cannot be written ({reason})."
