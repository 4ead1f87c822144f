# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a page for people consists of, before it becomes HTML. Audit, plan and result of a run are pages of the same form. Pure.

A tone says how urgent something is, and gives it its color: ``bad``, ``warn``, ``odd``, ``change``, ``info``, ``good`` or
``quiet``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .text import one_line, shown_value
from .users import full_name

#: The smallest part of a bar that is still seen, as a share of it.
_LEAST_SHARE = 0.006


class Cell(NamedTuple):
    """One cell of a table.

    :param text: What it shows.
    :param note: What stands below, smaller.
    :param href: Where it leads, within the page.
    :param pick: The value that a click on the link picks in the filter of the column with that name, as ``(name, value)``.
    :param tone: How urgent it is.
    """

    text: str
    note: str = ""
    href: str = ""
    pick: tuple[str, str] | None = None
    tone: str = ""


class Column(NamedTuple):
    """One column of a table.

    :param kind: ``text`` or ``number``.
    :param filter: The name of the filter of the page that this column obeys: ``site`` or ``department``.
    """

    title: str
    kind: str = "text"
    filter: str = ""


class Table(NamedTuple):
    """A table with its heading.

    :param name: The id in the page.
    :param note: A sentence that says what these rows are, and what to do about them.
    :param size: What the heading counts, where that is not the number of rows.
    :param folded: Whether its rows show on request only.
    """

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    tone: str = ""
    size: str = ""
    folded: bool = False


class Tile(NamedTuple):
    """One figure of the first screen.

    :param value: The figure; an empty text where it cannot be known.
    :param href: The rows that it counts.
    """

    label: str
    value: str
    note: str = ""
    href: str = ""
    tone: str = "quiet"


class Segment(NamedTuple):
    """One part of a bar, with its place in percent of the whole."""

    label: str
    people: int
    tone: str
    href: str
    start: float = 0.0
    width: float = 0.0


class Panel(NamedTuple):
    """A few sentences under a heading.

    :param facts: Names with what is to be said of them.
    :param lines: Sentences.
    :param files: What a file is, with its name; they are beside the page.
    :param code: A command.
    """

    title: str
    facts: Sequence[tuple[str, str]] = ()
    files: Sequence[tuple[str, str]] = ()
    lines: Sequence[str] = ()
    code: str = ""
    href: str = ""
    link: str = ""
    tone: str = ""


class Page(NamedTuple):
    """A page.

    :param kind: What it is, in a word.
    :param facts: What it is about, beside the heading.
    :param verdict: The one sentence to remember.
    :param alarm: Why nothing here can be relied on, or an empty text.
    """

    kind: str
    title: str
    facts: Sequence[tuple[str, str]]
    verdict: str
    tone: str
    alarm: str = ""
    tiles: Sequence[Tile] = ()
    bar_title: str = ""
    segments: Sequence[Segment] = ()
    panels: Sequence[Panel] = ()
    tables: Sequence[Table] = ()

    @property
    def choices(self) -> Mapping[str, Sequence[str]]:
        """The values that the filters of the page offer, by the name of the filter."""
        found: dict[str, set[str]] = {"site": set(), "department": set()}
        for table in self.tables:
            for number, column in enumerate(table.columns):
                if column.filter:
                    found[column.filter] |= {row[number].text for row in table.rows}
        return {name: sorted(values - {""}, key=str.lower) for name, values in found.items()}


def placed(segments: Iterable[Segment]) -> list[Segment]:
    """Return the parts of a bar with their places; a small part is wide enough to be seen."""
    there = [segment for segment in segments if segment.people > 0]
    total = sum(segment.people for segment in there)
    shares = [max(segment.people / total, _LEAST_SHARE) for segment in there]
    start, result = 0.0, []
    for segment, share in zip(there, shares):
        width = round(100 * share / sum(shares), 3)
        result.append(segment._replace(start=round(start, 3), width=width))
        start += width
    return result


def person(user: Mapping[str, Any]) -> Cell:
    """Return the cell that names a person: the name where it is known, and the login name."""
    name = full_name(user)
    login = one_line(user.get("user_name") or user.get("id") or user.get("user_id")) or "?"
    return Cell(name, note=login) if name else Cell(login)


def cell(value: Any) -> Cell:
    """Return a cell that shows a value of a user."""
    return Cell(one_line(_numbers(value) or shown_value(value)))


def _numbers(value: Any) -> str:
    """Return phone numbers as people write them, such as ``mobile +4989123456``; an empty text where these are none."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(one, Mapping) for one in value):
        return ""
    return ", ".join(f"{one.get('type')} {one.get('value')}" for one in value)


def number(value: int | float | None) -> str:
    """Return a number as people read it; an empty text where it is not known."""
    return "" if value is None else f"{value:,.2f}".removesuffix(".00")


def moment(stamp: Any) -> str:
    """Return a time in UTC without what nobody reads: ``2026-11-26 03:50``."""
    return one_line(stamp)[:16].replace("T", " ")


def counted_up(count: Any, one: str, many: str | None = None) -> str:
    """Return a number as people read it, with its noun or verb."""
    return f"{number(count)} {one if count == 1 else many or f'{one}s'}"
