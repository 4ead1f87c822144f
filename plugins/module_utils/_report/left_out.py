# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Rows and values of an export that are not in the roster. The plan shows them, because its approver must know of them."""

from __future__ import annotations

from collections.abc import Sequence

from .._base.text import counted
from .lines import Record
from .text import markdown, one_line

_MOST_LINES = 10
_MOST_IN_FILE = 200


def left_out_lines(problems: Sequence[Record]) -> list[str]:
    """Return lines for the first problems of an export, and one line for the rest.

    :param problems: ``problems`` in the result of ``eightbyeight_roster``. When there is a plan, these are the problems that the
        filter ``roster_from`` found.
    """
    lines = [f"export, {_where(problem)}: {one_line(problem.get('message'))}" for problem in problems[:_MOST_LINES]]
    more = len(problems) - len(lines)
    return [*lines, f"export: {counted(more, 'more problem')} in roster_result.problems"] if more > 0 else lines


def left_out_markdown(problems: Sequence[Record]) -> list[str]:
    """Return the problems of an export as Markdown."""
    if not problems:
        return []
    lines = [
        f"- {markdown(_where(problem))}: {markdown(problem.get('message'))}" for problem in problems[:_MOST_IN_FILE]
    ]
    more = len(problems) - len(lines)
    return ["", "## Not read from the export", "", *lines, *([f"- and {more} more"] if more > 0 else [])]


def _where(problem: Record) -> str:
    row, column = one_line(problem.get("row")), one_line(problem.get("column"))
    return f"row {row}" if column == "row" else f"row {row}, {column}"
