# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A page as Markdown, for a change request and an archive. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._base.text import visible
from .page import Cell, Page, number
from .text import markdown


def page_markdown(page: Page) -> str:
    """Return all of a page but its figures, because the line for the bar has the same counts."""
    blocks = [f"# {markdown(page.title)}"]
    if page.alarm:
        blocks.append(f"**{markdown(page.alarm)}**")
    blocks += [markdown(page.verdict), _table_text(("", ""), page.facts)]
    if page.segments:
        counts = ", ".join(f"{number(segment.people)} {segment.label.lower()}" for segment in page.segments)
        blocks.append(f"{page.bar_title}: {counts}.")
    for panel in page.panels:
        blocks.append(f"## {panel.title}")
        facts = [*panel.facts, *panel.files]
        if facts:
            blocks.append(_table_text(("", ""), facts))
        blocks += [markdown(line) for line in panel.lines]
        if panel.code:
            # The indent makes it code, in which nothing is markup.
            blocks.append(f"    {visible(panel.code)}")
    for table in page.tables:
        rows = ([_cell_text(cell) for cell in row] for row in table.rows)
        blocks += [f"## {table.title}: {table.counted}", *([markdown(table.note)] if table.note else [])]
        blocks.append(_table_text([column.title for column in table.columns], rows))
    return "\n\n".join(blocks) + "\n"


def _cell_text(cell: Cell) -> str:
    return f"{cell.text} ({cell.note})" if cell.note else cell.text


def _table_text(titles: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table."""
    lines = [titles, ["---"] * len(titles)]
    return "\n".join(
        f"| {' | '.join(line)} |" for line in [*lines, *([markdown(text) for text in row] for row in rows)]
    )
