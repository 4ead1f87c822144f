# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Why a task of Ansible could not write a file or make a directory, in one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .text import one_line

#: What Python says of an error of the system: its number, its name, and then the path; and how ansible-core 2.16 repeats that.
_SYSTEM = re.compile(r"\[Errno \d+\] ([^:'\[\]]+)|remote file \((?P<path>.*)\): (?P<core>[^:]+)$", re.DOTALL)


def file_problems(written: Mapping[str, Any]) -> list[str]:
    """Return why files could not be written, a sentence each.

    :param written: The registered loop of ``ansible.builtin.copy`` over their paths, or what a loop of it did not come to: on
        ansible-core 2.16 a path that is too long ends the whole loop, and stands in the message alone.
    """
    results = written.get("results")
    if results is None:
        results = [{**written, "item": _path_in(str(written.get("msg") or ""))}]
    problems = [file_problem(result, str(result["item"])) for result in results if "item" in result]
    return [problem for problem in problems if problem]


def written_files(written: Mapping[str, Any]) -> list[str]:
    """Return the paths of a registered loop of ``ansible.builtin.copy``; none where one of them could not be written."""
    results = written.get("results") or []
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


def _path_in(message: str) -> str:
    """Return the path that a message of ansible-core names, or what a person calls the file."""
    match = _SYSTEM.search(message)
    return (match and match["path"]) or "A file"
