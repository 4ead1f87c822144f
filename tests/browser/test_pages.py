# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages in Chromium, with 5,000 people and names that would be markup if nobody escaped them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Browser, browser, program

from ansible_collections.eightbyeight.scim.plugins.filter.audit_html import audit_html
from ansible_collections.eightbyeight.scim.tests.unit.pages import HOSTILE, audit, sound
from ansible_collections.eightbyeight.scim.tests.unit.runs import done_steps, planned_steps, text_of

pytestmark = pytest.mark.skipif(not program(), reason="there is no Chromium")
SIZE = 5000
#: Seconds that a machine with two busy cores may take for a page of that size.
PATIENCE = 20


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def large() -> str:
    """The page of a large tenant."""
    text = audit_html(audit(SIZE), host="south", generated="2026-11-26T03:50:00Z", currency="USD")
    sound(text)
    return text


@pytest.fixture
def page(tab: Browser, large: str, tmp_path: Path) -> Iterator[Browser]:
    """That page, open; whatever the test did with it, nothing was asked for and nothing was complained of."""
    file = tmp_path / "audit.html"
    file.write_text(large, encoding="utf-8")
    tab.events.clear()
    assert tab.open(file) < PATIENCE
    yield tab
    tab.run("new Promise(done => setTimeout(done, 50))")
    assert tab.complaints() == []
    assert tab.requests() == [file.as_uri()]


def shown(tab: Browser, table: str) -> list[str]:
    """Return who is seen in a table, from the top."""
    rows = f"document.querySelectorAll('#{table} tbody tr:not([hidden]) th')"
    return list(tab.run(f"[...{rows}].map(cell => cell.firstChild.textContent)"))


def test_the_browser_would_complain(tab: Browser, tmp_path: Path) -> None:
    """What the other tests do not find, this one finds."""
    file = tmp_path / "bad.html"
    text = audit_html(audit())
    file.write_text(
        text.replace("<main>", '<main><p style="color:red" onclick="x()"><img src="https://127.0.0.1:9/x">')
    )
    tab.events.clear()
    tab.open(file)
    assert len(tab.complaints()) >= 2


def test_a_large_audit_opens_with_its_figures(page: Browser) -> None:
    assert page.run("document.querySelectorAll('table.rows tbody tr').length") > SIZE
    assert page.run("document.querySelectorAll('script, style').length") == 2
    assert page.run("[...document.querySelectorAll('.tile strong')].map(one => one.textContent)")[:3] == [
        "3",
        "7",
        "USD 4,032",
    ]
    assert page.run("document.title") == "Audit of the 8x8 phone system"
    assert HOSTILE[0] in shown(page, "left_but_active")


def test_the_filter_finds_people_in_all_tables(page: Browser) -> None:
    took = page.run(
        """(async () => {
          const field = document.getElementById('text');
          const before = performance.now();
          field.value = 'knuth munich';
          field.dispatchEvent(new Event('input', { bubbles: true }));
          while (!document.getElementById('count').textContent) await new Promise(done => setTimeout(done, 5));
          return performance.now() - before;
        })()"""
    )
    assert took < 3000
    found = page.run("[...document.querySelectorAll('#in_sync tbody tr:not([hidden])')].map(row => row.textContent)")
    assert 0 < len(found) < 500 and all("Knuth" in row and "Munich" in row for row in found)
    assert page.run("document.querySelector('#in_sync .count').textContent") == f"{len(found)} of {SIZE - 57:d}"
    page.run("document.getElementById('filter').reset(); new Promise(done => setTimeout(done, 50))")
    assert len(shown(page, "in_sync")) == SIZE - 57
    assert page.run("document.getElementById('count').textContent") == ""


def test_a_site_picks_its_people(page: Browser) -> None:
    page.run("document.querySelector('#sites a[data-value=Berlin]').click()")
    assert page.run("document.getElementById('by-site').value") == "Berlin"
    sites = page.run(
        "[...document.querySelectorAll('#in_sync tbody tr:not([hidden])')].map(row => row.cells[1].textContent)"
    )
    assert len(sites) > 500 and set(sites) == {"Berlin"}


def test_a_column_sorts_by_click_and_by_key(page: Browser) -> None:
    everybody = shown(page, "in_sync")
    head = "document.querySelector('#in_sync thead th button')"
    assert page.run(f"{head}.tagName") == "BUTTON"
    took = page.run(
        f"(() => {{ const before = performance.now(); {head}.click(); return performance.now() - before; }})()"
    )
    assert took < 5000
    up = shown(page, "in_sync")
    collate = "new Intl.Collator(undefined, {numeric: true, sensitivity: 'base'})"
    assert page.run(
        f"(names => names.every((name, place) => !place || {collate}.compare(names[place - 1], name) <= 0))({up!r})"
    )
    assert sorted(up) == sorted(everybody)
    assert page.run(f"{head}.closest('th').getAttribute('aria-sort')") == "ascending"
    page.run("document.getElementById('in_sync').querySelector('details').open = true")
    page.run(f"{head}.focus()")
    page.press("Enter")
    assert page.run(f"{head}.closest('th').getAttribute('aria-sort')") == "descending"
    page.press("Space")
    assert page.run(f"{head}.closest('th').getAttribute('aria-sort')") == "ascending"
    numbers = "document.querySelector('#left_but_active thead th:nth-child(4) button')"
    assert page.run(f"{numbers}.textContent") == "Days since"
    page.run(f"{numbers}.click(); {numbers}.click()")
    days = page.run("[...document.querySelectorAll('#left_but_active tbody tr')].map(row => row.cells[3].textContent)")
    assert days == ["6", "5", "4"]


def test_a_link_opens_a_folded_table(page: Browser) -> None:
    assert page.run("document.querySelector('#inactive details').open") is False
    page.run(
        "document.querySelector('.legend a[href=\"#inactive\"]').click(); new Promise(done => setTimeout(done, 100))"
    )
    assert page.run("document.querySelector('#inactive details').open") is True


@pytest.mark.parametrize(("width", "dark"), [(1366, False), (390, False), (390, True)])
def test_nothing_is_wider_than_the_screen(page: Browser, tmp_path: Path, width: int, dark: bool) -> None:
    page.shot(tmp_path / "seen.png", width, 844, dark=dark, mobile=width < 500)
    assert (tmp_path / "seen.png").stat().st_size > 10_000
    assert page.run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("kind", ["plan_html", "report_html"])
def test_plan_and_result_are_pages_of_the_same_form(tab: Browser, tmp_path: Path, kind: str) -> None:
    steps = (planned_steps if kind == "plan_html" else done_steps)(400, hostile=True)
    file = tmp_path / f"{kind}.html"
    file.write_text(text_of(steps, kind), encoding="utf-8")
    tab.events.clear()
    tab.open(file)
    tab.shot(tmp_path / "seen.png", 390, 844, mobile=True)
    assert tab.run("document.documentElement.scrollWidth") <= 390
    before = shown(tab, "updated")
    tab.run("document.querySelector('#sites a[data-value=Berlin]').click()")
    assert 0 < len(shown(tab, "updated")) < len(before)
    tab.run("document.querySelector('#updated thead th button').click()")
    assert tab.run("document.querySelector('#updated thead th').getAttribute('aria-sort')") == "ascending"
    assert tab.complaints() == []
    assert tab.requests() == [file.as_uri()]


def test_everything_that_needs_somebody_is_on_paper(page: Browser) -> None:
    page.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert page.run("getComputedStyle(document.getElementById('filter')).display") == "none"
        assert page.run("getComputedStyle(document.querySelector('#orphaned table')).display") == "table"
        assert page.call("Page.printToPDF")["data"].startswith("JVBERi")
    finally:
        page.call("Emulation.setEmulatedMedia", media="")
