# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of an audit for the tests of pages, and what a parser reads in a page."""

from __future__ import annotations

import base64
import hashlib
import random
import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

#: Names that would become markup, a script, a style, an address, a formula or a line of a terminal if nobody escaped them.
HOSTILE = (
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}</style>",
    "<img src=x onerror=alert(1)>",
    '" autofocus onfocus="alert(1)',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% for x in y %}",
    "<!-- -->]]>&amp;&#60;b>",
    "javascript:alert(1)",
    "https://example.com/x.png",
    "\u202etxt.exe\u2066",
    "a\x00b\x1b[2Jc",
    "=HYPERLINK(1)",
)
SITES = ("Munich", "Berlin", "London", "San Jose", "Singapore")
DEPARTMENTS = ("Sales", "Support", "Finance", "Engineering", "People")
_FIRST = (
    "Ada Grace Linus Mary Niklaus Edsger Barbara Donald Frances Alan Radia Ken Margaret Dennis Hedy Björn Zoë".split()
)
_LAST = (
    "Lovelace Hopper Jackson Wirth Dijkstra Liskov Knuth Allen Turing Perlman Thompson Hamilton Müller Ångström".split()
)
#: Situation -> accounts, in a tenant of whatever size; the others are in sync.
RARE = {
    "left_but_active": 3,
    "orphaned": 7,
    "drifted": 9,
    "missing": 4,
    "ambiguous": 1,
    "duplicate": 2,
    "waiting": 3,
    "protected": 4,
    "inactive": 24,
}


def account(number: int, situation: str, names: random.Random) -> dict[str, Any]:
    """Return one account of an audit."""
    given, family = names.choice(_FIRST), names.choice(_LAST)
    there, active = situation != "missing", situation != "inactive"
    differences: dict[str, Any] = {}
    if situation == "drifted":
        differences["title"] = {"before": "Agent", "after": "Senior Agent"}
        if number % 2:
            differences["phone_numbers"] = {"before": [], "after": [{"type": "mobile", "value": "+4989123456"}]}
    licenses = ["X2", "US DID"] if active else ["US DID", *["X4"] * (number % 2)]
    return {
        "user_name": f"{given}.{family}.{number}@example.com".lower(),
        "id": f"id-{number}" if there else None,
        "situation": situation,
        "active": active if there else None,
        "given_name": given,
        "family_name": family,
        "site": names.choice(SITES),
        "department": names.choice(DEPARTMENTS) if number % 11 else None,
        "differences": differences,
        "licenses": licenses if there else None,
        "last_modified": f"2026-{names.randint(1, 11):02d}-11T10:22:00Z" if there else None,
        "row": None if situation in ("orphaned", "inactive", "duplicate") else number + 2,
        "left_days": number + 4 if situation == "left_but_active" else None,
        "stale": situation == "in_sync" and number % 100 == 0,
    }


def audit(size: int = 120, hostile: bool = True, **overrides: Any) -> dict[str, Any]:
    """Return what ``eightbyeight_audit_info`` returns for a tenant with so many accounts and missing people."""
    names = random.Random(8)
    situations = [name for name, count in RARE.items() for _number in range(count)]
    situations += ["in_sync"] * (size - len(situations))
    accounts = [account(number, situation, names) for number, situation in enumerate(situations)]
    if hostile:
        for place, text in enumerate(HOSTILE):
            accounts[place].update(given_name=text, family_name="", site=text, department=text)
        accounts[10]["differences"] = {text: {"before": text, "after": [text, None]} for text in HOSTILE}
    inactive = [each for each in accounts if each["active"] is False]
    unused = sum(each["licenses"].count("X4") for each in inactive)
    figures = {
        "accounts": sum(each["id"] is not None for each in accounts),
        "active": sum(each["active"] is True for each in accounts),
        "inactive": len(inactive),
        **{name: RARE[name] for name in ("orphaned", "left_but_active", "missing", "drifted")},
        "stale": sum(each["stale"] for each in accounts),
        "active_without_license": 0,
        "licenses_assigned": sum(len(set(each["licenses"] or ()) - {"US DID"}) for each in accounts),
        "licenses_unused": unused,
        "unused_cost_per_year": unused * 12 * 28.0,
        "manual_actions_open": 31,
        "manual_actions_overdue": 6,
    }
    return {
        "accounts": accounts,
        "situations": dict(Counter(each["situation"] for each in accounts)),
        "figures": figures,
        "formulas": {name: f"How {name.replace('_', ' ')} is counted." for name in figures},
        "changes": [
            {"user_name": accounts[0]["user_name"], "from": "in_sync", "to": "left_but_active"},
            {"user_name": accounts[5]["user_name"], "from": None, "to": "orphaned"},
            {"user_name": HOSTILE[0], "from": "orphaned", "to": None},
        ],
        "compared_with": "2026-11-19T06:00:00Z",
        "tenant": "https://platform-cloud.8x8.com/udi/customers/acme/scim/v2",
        "currency": "USD",
        "license_cost": 28.0,
        "license_ignore": ["*DID*"],
        "roster_rows": size - 33,
        "complete": True,
        "evidence": "scim+administration",
        "limitations": ["People whom the visibility setting of the tenant hides are not here.", HOSTILE[2]],
        **overrides,
    }


class Reading(HTMLParser):
    """What stands in a page.

    :ivar elements: Each start tag with its attributes.
    :ivar texts: The text of each element that is done, by its tag.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[tuple[str, list[str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self._open.append((tag, []))

    def handle_endtag(self, tag: str) -> None:
        opened, parts = self._open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"
        self.texts.setdefault(tag, []).append("".join(parts))

    def handle_data(self, data: str) -> None:
        for _tag, parts in self._open:
            parts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements with a tag."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        """Everything that the body shows."""
        return self.texts["body"][0]


def sound(html: str) -> Reading:
    """Return what stands in a page, and make sure that it is closed in itself, whatever names are in it."""
    page = Reading(html)
    tags = {tag for tag, _attributes in page.elements}
    assert not tags & {"img", "iframe", "link", "object", "embed", "base", "audio", "video", "image", "use"}
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "xlink:href")], (
            tag,
            attributes,
        )
        # To a place in the page, or to a file beside it.
        assert re.fullmatch(r"#[\w-]+|\./[\w.%-]+", attributes.get("href") or "#x"), attributes
    ids = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    used = [str(link["href"])[1:] for link in page.all("a") if str(link["href"]).startswith("#")]
    for _tag, attributes in page.elements:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            used += (attributes.get(name) or "").split()
    assert set(used) <= set(ids), set(used) - set(ids)
    (policy,) = [meta["content"] or "" for meta in page.all("meta") if meta.get("http-equiv")]
    assert len(page.texts["script"]) == len(page.texts["style"]) == 1
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.texts[kind][0].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    for table in html.split("<table")[1:]:
        assert "<caption" in table and '<th scope="col"' in table and '<th scope="row"' in table
    return page
