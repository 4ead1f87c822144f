# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What keeps a role from its first write: its variables, the tenant, or a directory that is to be written to afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .files import file_problem
from .tenant import tenant_problem
from .text import one_line

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
            problems.append(f"{path} is no directory.")
        elif stat.get("exists") and not stat.get("writeable"):
            problems.append(f"{path} cannot be written to by the user who runs Ansible.")
    for result in made.get("results") or []:
        problem = file_problem(result, result["item"]["item"]) if "item" in result else ""
        problems += [problem] if problem else []
    return problems
