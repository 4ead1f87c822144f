# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of an audit, as a parser reads it. What a browser makes of it is in tests/browser."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.filter.audit_html import FilterModule, audit_html
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.page import Segment, with_positions
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.situations import SITUATIONS
from ansible_collections.eightbyeight.scim.tests.unit.pages import HOSTILE, RARE, audit, sound

MADE = "2026-11-26T03:50:00Z"


def html(result: dict[str, Any], **arguments: str) -> str:
    return audit_html(result, **{"generated": MADE, **arguments})


def section(text: str, name: str) -> str:
    """Return the part of a page that one table stands in."""
    return text.split('<section class="table', 1)[1].split(f'id="{name}"', 1)[1].split("</section>", 1)[0]


def shown(text: str, label: str) -> str:
    """Return the figure that stands in a tile."""
    found = re.search(rf'<span class="label">{label}</span> <strong[^>]*>([^<]*)</strong>', text)
    assert found, label
    return found[1]


def test_the_page_is_closed_in_itself_whatever_people_are_called() -> None:
    page = sound(html(audit(), host=HOSTILE[0], tenant=HOSTILE[1], title=HOSTILE[2], since=HOSTILE[3]))
    for text in HOSTILE[:9]:
        # As text, and nowhere else: it does not become an element or an attribute.
        assert text in page.text
    assert "\u202e" not in page.text and "\x1b" not in page.text and "\\u202e" in page.text


def test_each_figure_stands_on_the_first_screen_and_leads_to_its_rows() -> None:
    result = audit()
    text = html(result)
    page = sound(text)
    links = [str(link["href"]) for link in page.all("a")]
    for name, label in {
        "left_but_active": "Left and still active",
        "orphaned": "Orphaned accounts",
        "drifted": "Differ from the roster",
        "missing": "In the roster, no account",
        "stale": "Stale",
    }.items():
        assert shown(text, label) == str(result["figures"][name])
        if result["figures"][name]:
            assert links.index(f"#{name}") < 12
            rows = section(text, name).count('<th scope="row">')
            differences = sum(len(account["differences"]) for account in result["accounts"])
            assert rows == (differences if name == "drifted" else result["figures"][name])
    assert shown(text, "Unused licenses, a year") == "USD 4,032"
    assert "12 licenses of" in text and "#licenses_unused" in links
    assert section(text, "licenses_unused").count('<th scope="row">') == 12
    assert shown(text, "Manual actions overdue") == "6"
    assert "26 need attention: 3 left and still active, 7 orphaned, 9 drifted, 4 missing" in page.text


def test_every_account_stands_in_the_table_of_its_situation() -> None:
    result = audit(hostile=False)
    text = html(result)
    for name in RARE | {"in_sync": 0}:
        part = section(text, name)
        for account in result["accounts"]:
            assert (account["user_name"] in part) == (account["situation"] == name), (name, account)


def test_what_cannot_be_known_is_not_told_as_nothing() -> None:
    result = audit()
    figures = dict.fromkeys(result["figures"]) | {"accounts": 116, "active": 92, "orphaned": 0}
    for account in result["accounts"]:
        account["licenses"] = None
    text = html({**result, "figures": figures, "evidence": "scim"})
    sound(text)
    assert shown(text, "Unused licenses") == "not known"
    assert "SCIM does not show licenses" in text
    assert shown(text, "Orphaned accounts") == "0"
    assert 'id="licenses_unused"' not in text


def test_an_audit_that_does_not_add_up_says_so_first() -> None:
    text = html(audit(complete=False))
    assert text.index('class="alarm"') < text.index('class="verdict t-bad"') < text.index('class="tiles"')
    assert 'class="alarm"' not in html(audit())


def test_what_changed_since_the_last_audit() -> None:
    text = sound(html(audit(), since="2026-11-20T06:00:00Z")).text
    assert "Since the audit of 2026-11-20 06:00 UTC" in text
    assert "Since the audit of 2026-11-19 06:00 UTC" in sound(html(audit())).text
    assert "1 is now left and still active" in text and "1 does not exist any more" in text
    assert "There is no earlier audit to compare with." in sound(html(audit(changes=[], compared_with=None))).text
    assert "No situation changed." in sound(html(audit(changes=[]))).text


def test_sites_departments_and_attributes_are_counted() -> None:
    result = audit(hostile=False)
    text = html(result)
    munich = [account for account in result["accounts"] if account["site"] == "Munich"]
    row = re.search(r'data-value="Munich">Munich</a></th><td class="n">(\d+)</td>', section(text, "sites"))
    assert row and int(row[1]) == len(munich)
    assert "(none)" in section(text, "departments")
    unused = Counter(account["site"] for account in result["accounts"] if "X4" in (account["licenses"] or []))
    assert sum(unused.values()) == result["figures"]["licenses_unused"], "a phone number is no license that counts"
    for site, licenses in unused.items():
        row = re.search(rf'data-value="{site}".*', section(text, "sites"))
        assert row and row[0].endswith(f'{licenses}</span></td><td class="n">USD {28 * 12 * licenses:,}</td></tr>'), row
    assert re.search(
        r'<a href="#drifted">title</a></th><td class="n">9</td><td class="n">0</td>', section(text, "drift")
    )
    assert "phone_numbers" in section(text, "drift") and "mobile +4989123456" in section(text, "drifted")


def test_a_page_without_a_roster_or_without_names_is_a_page() -> None:
    plain = [
        {
            "user_name": f"u{number}",
            "id": str(number),
            "situation": "active",
            "active": True,
            "licenses": None,
            "row": None,
        }
        for number in range(3)
    ]
    figures = dict.fromkeys(audit()["figures"]) | {"accounts": 3, "active": 3, "inactive": 0}
    page = sound(html({"accounts": plain, "situations": {"active": 3}, "figures": figures, "complete": True}))
    assert "No roster was given" in page.text and "By site" not in page.text
    guarded = {"accounts": [], "situations": {"protected": 1}, "figures": {}, "complete": True, "roster_rows": 1}
    assert "No account needs attention" in sound(html(guarded)).text, (
        "there is a roster, although nobody is in sync with it"
    )
    empty = sound(html({"accounts": [], "situations": {}, "figures": {}}))
    assert "Audit of the 8x8 phone system" in empty.text


def test_what_is_no_audit_is_refused() -> None:
    wrong: Any
    for wrong in (None, [], "text", {"users": []}):
        with pytest.raises(AnsibleFilterError, match="result of eightbyeight_audit_info"):
            audit_html(wrong)
    assert FilterModule().filters() == {"audit_html": audit_html}


def test_what_cannot_be_told_apart_in_a_bar_is_still_seen() -> None:
    parts = with_positions(
        [Segment("many", 9990, "good", "x"), Segment("none", 0, "bad", "y"), Segment("few", 1, "bad", "z")]
    )
    assert [part.label for part in parts] == ["many", "few"]
    assert (
        parts[1].width > 0.5 and abs(parts[0].width + parts[1].width - 100) < 0.01 and parts[1].start == parts[0].width
    )
    assert with_positions([]) == []


def test_every_situation_of_the_module_has_its_words() -> None:
    known = "unreadable duplicate ambiguous protected left_but_active waiting missing drifted in_sync inactive orphaned active"
    assert set(SITUATIONS) == set(known.split())
    odd = {**audit()["accounts"][0], "situation": HOSTILE[0]}
    text = html(audit(accounts=[odd], situations={HOSTILE[0]: 1}))
    assert "Unknown 1" in sound(text).text and odd["user_name"] in section(text, "unknown")


def test_the_license_of_the_script_goes_with_every_copy() -> None:
    script = sound(html(audit())).texts["script"][0]
    assert "Copyright (c) Tristen Brown" in script and "shall be\n * included in all copies" in script
