# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The checklist of what a person must still do in Admin Console, as Markdown and as CSV.

It is sorted by action, because Admin Console works that way: select forty people, then assign a license to all of them. Actions
for the same people share one list of these people, and each reason is written once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.console import CONSOLE_USERS
from .._base.csv_table import spreadsheet
from .._base.text import counted
from .text import markdown, one_line
from .users import User, Users, full_name

Action = Mapping[str, Any]

COLUMNS = (
    "done",
    "action",
    "name",
    "user_name",
    "department",
    "site",
    "reason",
    "where",
    "user_id",
    "tenant",
    "date",
    "run",
)


class About(NamedTuple):
    """The facts in the head of a checklist.

    :param date: When it was written, in UTC.
    :param run: The run that it belongs to.
    """

    title: str = "Manual actions"
    tenant: str = ""
    date: str = ""
    run: str = ""


#: Kind of action -> the action of each person. Every kind has the same people in the same order.
_Group = Mapping[str, Sequence[Action]]


def checklist_markdown(actions: Sequence[Action], users: Users, about: About) -> str:
    """Return manual actions as a Markdown task list."""
    groups = _grouped(actions, users)
    facts = [about.tenant, about.date, about.run and f"run {about.run}", counted(len(actions), "thing") + " to do"]
    lines = [f"# {markdown(about.title)}", "", ", ".join(markdown(fact) for fact in facts if fact) + "."]
    for group in groups:
        lines += _section(group, users)
    return "\n".join(lines) + "\n"


def checklist_csv(actions: Iterable[Action], users: Users, about: About) -> str:
    """Return manual actions as CSV for a spreadsheet, sorted by action. The column ``done`` is empty."""
    in_order = sorted(actions, key=lambda action: _text(action, "action"))
    return spreadsheet(COLUMNS, (_record(action, users.of(action), about) for action in in_order))


def _record(action: Action, user: User, about: About) -> dict[str, Any]:
    columns = {"name": full_name(user), "department": user.get("department"), "site": user.get("site")}
    return {**action, **about._asdict(), **columns}


def _grouped(actions: Iterable[Action], users: Users) -> list[_Group]:
    """Group the kinds of actions that are for the same people, in their original order."""
    kinds: dict[str, dict[tuple[str, ...], Action]] = {}
    for action in actions:
        same = kinds.setdefault(_text(action, "action"), {})
        # A person with two reasons for the same action gets two lines.
        same.setdefault((*_person(action), *([_text(action, "reason")] if _person(action) in same else [])), action)
    groups: dict[tuple[Any, ...], dict[str, list[Action]]] = {}
    for kind, own in kinds.items():
        people = tuple(sorted(own, key=lambda person: (_sort_key(users.of(own[person])), person)))
        groups.setdefault(people, {})[kind] = [own[person] for person in people]
    return list(groups.values())


def _section(group: _Group, users: Users) -> list[str]:
    people = list(zip(*group.values()))
    title = ", ".join(kind.replace("_", " ") for kind in group).capitalize()
    lines = ["", f"## {markdown(title)}: {counted(len(people), 'person', 'people')}", ""]
    pages = {_console_page(action) for own in people for action in own}
    if len(pages) == 1:
        who = "this person" if len(people) == 1 else f"these {len(people)} people"
        lines += [f"In {markdown(*pages)}, {'select' if CONSOLE_USERS in pages else 'for'} {who}:", ""]
    own_facts: list[list[str]] = [[] for _person in people]
    for index, kind in enumerate(group):
        line = f"- [ ] **{markdown(kind.replace('_', ' '))}**"
        reasons = {_text(own[index], "reason") for own in people}
        line += f": {markdown(*reasons)}" if len(reasons) == 1 else ": see each line below."
        own_pages = {_console_page(own[index]) for own in people}
        if len(pages) > 1 and len(own_pages) == 1:
            line += f" Where: {markdown(*own_pages)}."
        lines.append(line)
        for facts, own in zip(own_facts, people):
            facts += [_text(own[index], "reason")] if len(reasons) > 1 else []
            facts += [f"Where: {_console_page(own[index])}"] if len(own_pages) > 1 else []
    # Without text between them, Markdown joins the two lists.
    return [*lines, "", "Who:", "", *(_line(own[0], users, facts) for own, facts in zip(people, own_facts))]


def _line(action: Action, users: Users, facts: Sequence[str]) -> str:
    user = users.of(action)
    login = _text(action, "user_name") or _text(action, "user_id")
    name = full_name(user)
    who = f"**{markdown(name or login or 'No name')}**"
    details = [login if name else "", _text(user, "department"), _text(user, "site"), *facts]
    return f"- [ ] {', '.join([who, *(markdown(detail) for detail in details if detail)])}"


def _sort_key(user: User) -> tuple[str, str]:
    """Return the key to sort people by: site, then name."""
    return _text(user, "site").lower(), full_name(user).lower()


def _console_page(action: Action) -> str:
    """Return the page of Admin Console without the login name, which the line already has."""
    where, login = one_line(_text(action, "where")), one_line(_text(action, "user_name"))
    return where[: -len(login) - 3] if login and where.endswith(f" > {login}") else where


def _person(action: Action) -> tuple[str, str]:
    return _text(action, "user_name"), _text(action, "user_id")


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)
