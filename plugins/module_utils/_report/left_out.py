# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What an export had that is not in the roster: told beside the plan, because whoever approves the plan has to know of it."""

from __future__ import annotations

from collections.abc import Sequence

from .._base.text import counted
from .lines import Record
from .text import markdown, one_line

_MOST_LINES = 10
_MOST_IN_FILE = 200


def left_out_lines(problems: Sequence[Record]) -> list[str]:
    """Return a line for each problem of an export, and how many more there are.

    :param problems: ``problems`` of ``eightbyeight_roster``, which are those of the filter roster_from where there is a plan.
    """
    lines = [f"export, {_where(problem)}: {one_line(problem.get('message'))}" for problem in problems[:_MOST_LINES]]
    more = len(problems) - len(lines)
    return [*lines, f"export: {counted(more, 'more problem')} in roster_result.problems"] if more > 0 else lines


def left_out_markdown(problems: Sequence[Record]) -> list[str]:
    """Return the same for a file."""
    if not problems:
        return []
    lines = [
        f"- {markdown(_where(problem))}: {markdown(problem.get('message'))}" for problem in problems[:_MOST_IN_FILE]
    ]
    more = len(problems) - len(lines)
    return ["", "## Not read in the export", "", *lines, *([f"- and {more} more"] if more > 0 else [])]


def _where(problem: Record) -> str:
    row, column = one_line(problem.get("row")), one_line(problem.get("column"))
    return f"row {row}" if column == "row" else f"row {row}, {column}"
