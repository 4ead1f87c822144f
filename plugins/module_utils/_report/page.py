# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The content of a page before it becomes HTML or Markdown: audits, plans and results all have this form. Pure.

A tone says how urgent something is and gives it a color: ``bad``, ``warn``, ``odd``, ``change``, ``info``, ``good`` or ``quiet``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .text import one_line, shown_value
from .users import full_name

#: The smallest share of a bar that is still visible.
_LEAST_SHARE = 0.006


class Cell(NamedTuple):
    """One cell of a table.

    :param note: Smaller text below.
    :param href: The id of the part of the page that the cell links to.
    """

    text: str
    note: str = ""
    href: str = ""
    tone: str = ""


class Column(NamedTuple):
    """One column of a table.

    :param kind: ``text`` or ``number``.
    :param filter: The filter that applies to this column: ``site`` or ``department``.
    """

    title: str
    kind: str = "text"
    filter: str = ""


PERSON = (Column("Person"), Column("Site", filter="site"), Column("Department", filter="department"))


class Table(NamedTuple):
    """A table with a heading.

    :param name: The id in the page.
    :param note: What these rows are and what to do about them.
    :param size: The count in the heading, if it is not the number of rows.
    :param folded: Whether the rows are hidden until somebody unfolds the table.
    :param pick: The filter that a click on a link in the first column sets.
    """

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    tone: str = ""
    size: str = ""
    folded: bool = False
    pick: str = ""

    @property
    def counted(self) -> str:
        """The count in the heading."""
        return self.size or number(len(self.rows))


class Tile(NamedTuple):
    """One figure at the top of the page.

    :param value: Empty when it is not known.
    :param href: The table with the rows that it counts, if the page has it.
    """

    label: str
    value: str
    note: str = ""
    href: str = ""
    tone: str = "quiet"


class Segment(NamedTuple):
    """One part of a bar, with start and width in percent of the bar.

    :param href: The table with these people, if the page has it.
    """

    label: str
    people: int
    tone: str
    href: str
    start: float = 0.0
    width: float = 0.0


class Panel(NamedTuple):
    """A few facts and sentences under a heading.

    :param facts: Pairs of a name and a text.
    :param files: Pairs of a title and a file name; the files are in the directory of the page.
    :param code: A command.
    """

    title: str
    facts: Sequence[tuple[str, str]] = ()
    files: Sequence[tuple[str, str]] = ()
    lines: Sequence[str] = ()
    code: str = ""
    href: str = ""
    link: str = ""


class Page(NamedTuple):
    """A page.

    :param kind: ``Audit``, ``Plan`` or ``Result``.
    :param facts: Pairs of a name and a text, next to the heading.
    :param verdict: The one sentence to remember.
    :param alarm: Why nobody may rely on this page; empty when they may.
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

    def link(self, name: str, otherwise: str = "") -> str:
        """Return the name of a table if the page has it."""
        return name if any(table.name == name for table in self.tables) else otherwise

    @property
    def choices(self) -> Mapping[str, Sequence[str]]:
        """The values that each filter offers."""
        found: dict[str, set[str]] = {"site": set(), "department": set()}
        for table in self.tables:
            for number, column in enumerate(table.columns):
                if column.filter:
                    found[column.filter] |= {row[number].text for row in table.rows}
        return {name: sorted(values - {""}, key=str.lower) for name, values in found.items()}


def with_positions(segments: Iterable[Segment]) -> list[Segment]:
    """Return the parts of a bar with start and width. Small parts are widened until they are visible."""
    shown_segments = [segment for segment in segments if segment.people > 0]
    total = sum(segment.people for segment in shown_segments)
    shares = [max(segment.people / total, _LEAST_SHARE) for segment in shown_segments]
    start, result = 0.0, []
    for segment, share in zip(shown_segments, shares):
        width = round(100 * share / sum(shares), 3)
        result.append(segment._replace(start=round(start, 3), width=width))
        start += width
    return result


class Count(NamedTuple):
    """One column of a table that counts people by place. A column without any count is left out.

    :param name: What it counts.
    :param show: Returns how a count is shown.
    """

    name: str
    title: str
    tone: str
    show: Callable[[int], str]


def place_table(
    attribute: str, people: Iterable[tuple[Any, Mapping[str, int]]], counts: Sequence[Count], urgent: Sequence[str]
) -> Table:
    """Return a table that counts people by site or by department; empty when nobody has one.

    :param attribute: ``site`` or ``department``.
    :param people: The place of each person, and what to add to each count.
    :param urgent: The counts of which a place must have the most to stand first.
    """
    groups: dict[str, Counter[str]] = {}
    for place, own in people:
        groups.setdefault(one_line(place), Counter()).update(own)
    if not set(groups) - {""}:
        return Table(f"{attribute}s", "", "", (), ())
    shown = [count for count in counts if any(group[count.name] for group in groups.values())]
    rows = []
    for place, group in sorted(
        groups.items(), key=lambda item: (-sum(item[1][name] for name in urgent), item[0].lower())
    ):
        cells = [Cell(count.show(group[count.name]) if group[count.name] else "", tone=count.tone) for count in shown]
        rows.append([Cell(place or "(none)", href="people" if place else ""), *cells])
    columns = [Column(attribute.capitalize()), *(Column(count.title, "number") for count in shown)]
    size = count_of(len(rows), attribute)
    return Table(f"{attribute}s", f"By {attribute}", "", columns, rows, size=size, pick=attribute)


def person(user: Mapping[str, Any]) -> Cell:
    """Return a cell with the name of a person, if it is known, and the login name."""
    name = full_name(user)
    login = one_line(user.get("user_name") or user.get("id") or user.get("user_id")) or "?"
    return Cell(name, note=login) if name else Cell(login)


def person_cells(user: Mapping[str, Any]) -> list[Cell]:
    """Return the cells for the columns PERSON: person, site and department."""
    return [person(user), Cell(one_line(user.get("site"))), Cell(one_line(user.get("department")))]


def value_text(value: Any) -> str:
    """Return the value of an attribute for a cell."""
    return one_line(_numbers(value) or shown_value(value))


def _numbers(value: Any) -> str:
    """Return phone numbers as text, such as ``mobile +4989123456``; empty for other values."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, Mapping) for item in value):
        return ""
    return ", ".join(f"{item.get('type')} {item.get('value')}" for item in value)


def number(value: float | None) -> str:
    """Return a number with thousands separators; empty when it is not known."""
    return "" if value is None else f"{value:,.2f}".removesuffix(".00")


def known_facts(facts: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    """Return the facts that are known, as text."""
    return [(one_line(name), one_line(text)) for name, text in facts if text]


def moment(stamp: Any) -> str:
    """Return a time in UTC to the minute: ``2026-11-26 03:50``."""
    return one_line(stamp)[:16].replace("T", " ")


def count_of(count: Any, one: str, many: str | None = None) -> str:
    """Return a number with thousands separators and its noun or verb."""
    return f"{number(count)} {one if count == 1 else many or f'{one}s'}"
