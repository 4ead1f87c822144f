# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server does not take as given (law 1): when that is remembered, what it keeps from being sent, and when it is forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    Call,
    Reply,
    Tenant,
    client_for,
    listing,
    resource,
)
from ansible_collections.eightbyeight.scim.tests.unit.users import (
    ADA,
    NEW,
    UNTOUCHED,
    Told,
    put,
    read,
    there,
)


def dropping(**rewrites: Any) -> Tenant:
    tenant = Tenant(resource())
    tenant.rewrite = lambda raw: raw.update(rewrites)
    return tenant


@pytest.mark.parametrize(
    ("rewrites", "options", "told"),
    [
        ({"title": None}, {"title": "Boss"}, "title is empty, asked for 'Boss'"),
        ({"title": "BOSS"}, {"title": "Boss"}, "title is 'BOSS', asked for 'Boss'"),
        ({"locale": "en-US"}, {"locale": ""}, "locale is 'en-US', asked for empty"),
        (
            {"phoneNumbers": [{"type": "work", "value": "+1 2"}]},
            {"phone_numbers": [{"type": "work", "value": "12"}]},
            "phone_numbers is [{'type': 'work', 'value': '+1 2'}], asked for [{'type': 'work', 'value': '12'}]",
        ),
        ({"title": "x", "timezone": "y"}, {"title": "Boss", "timezone": "UTC"}, "; timezone is 'y'"),
    ],
)
def test_a_value_that_is_not_taken_is_warned_of_once_and_never_sent_again(
    memory: Memory, rewrites: dict[str, Any], options: dict[str, Any], told: str
) -> None:
    tenant = dropping(**rewrites)
    first = Told(client_for(tenant), memory, **options)
    assert first.operation == (True, "updated")
    (warning,) = first.warnings
    assert told in warning
    assert ADA in warning
    assert "The same value is not sent again for 30 days." in warning
    for check_mode in (True, False):
        second = Told(client_for(tenant), memory, check_mode, **options)
        assert (second.error, second.operation, second.warnings) == (None, UNTOUCHED, [])
    assert tenant.writes == ["PUT"]


def test_a_value_that_is_dropped_at_creation_is_not_sent_again_either(memory: Memory) -> None:
    tenant = Tenant()
    tenant.rewrite = lambda raw: raw.pop("title", None)
    options = {**NEW, "title": "Boss"}
    assert len(Told(client_for(tenant), memory, **options).warnings) == 1
    assert Told(client_for(tenant), memory, **options).operation == UNTOUCHED
    assert tenant.writes == ["POST"]


def from_the_site(raw: dict[str, Any]) -> None:
    raw.setdefault("timezone", "Europe/London")


@pytest.mark.parametrize("start", [[], [resource()]])
def test_what_comes_with_a_write_although_it_was_to_be_empty_is_remembered_too(
    memory: Memory, start: list[dict[str, Any]]
) -> None:
    """A time zone that a row clears, and that nobody had: 8x8 takes it from the site with the first write."""
    tenant = Tenant(*start)
    tenant.rewrite = from_the_site
    options = {**NEW, "title": "Boss", "timezone": ""}
    first = Told(client_for(tenant), memory, **options)
    (warning,) = first.warnings
    assert "timezone is 'Europe/London', asked for empty" in warning
    second = Told(client_for(tenant), memory, **options)
    assert (second.operation, second.warnings) == (UNTOUCHED, [])
    assert len(tenant.writes) == 1


def test_another_attribute_can_still_change_and_the_memory_stays(memory: Memory) -> None:
    tenant = dropping(title="BOSS")
    Told(client_for(tenant), memory, title="Boss")
    second = Told(client_for(tenant), memory, title="Boss", department="R&D")
    assert (second.operation, second.warnings) == ((True, "updated"), [])
    assert second.result["diff"]["after"] == {"department": "R&D"}
    assert Told(client_for(tenant), memory, title="Boss", department="R&D").operation == UNTOUCHED
    assert tenant.writes == ["PUT", "PUT"]


def test_what_is_declined_one_after_the_other_is_all_remembered(memory: Memory) -> None:
    tenant = dropping(title="BOSS", locale="en-US")
    Told(client_for(tenant), memory, title="Boss")
    second = Told(client_for(tenant), memory, title="Boss", locale="fr-FR")
    (warning,) = second.warnings
    assert "title" not in warning, "each is told once"
    third = Told(client_for(tenant), memory, title="Boss", locale="fr-FR")
    assert (third.operation, third.warnings) == (UNTOUCHED, [])
    assert tenant.writes == ["PUT", "PUT"]


def test_a_value_that_is_taken_at_last_is_forgotten(memory: Memory) -> None:
    tenant = dropping(title="BOSS")
    Told(client_for(tenant), memory, title="Boss")
    assert list(memory.recall("1")) == ["title"]
    tenant.rewrite = lambda raw: None
    Told(client_for(tenant), memory, title="Chief")
    assert memory.recall("1") == {}


def test_a_value_that_moves_behind_our_back_is_sent_again(memory: Memory) -> None:
    tenant = dropping(title="BOSS")
    Told(client_for(tenant), memory, title="Boss")
    tenant.users["1"]["title"] = "Clerk"
    assert Told(client_for(tenant), memory, title="Boss").operation == (True, "updated")


def test_a_memory_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="ascii")
    tenant = dropping(title="BOSS")
    for _run in range(2):
        told = Told(client_for(tenant), Memory(BASE, str(blocked)), title="Boss")
        assert (told.error, told.operation) == (None, (True, "updated"))
        assert "could not be remembered" in told.warnings[0]


# -- What is certain enough to be remembered ------------------------------------------------------------------------------

NEWER: dict[str, Any] = {"meta": {"lastModified": "2026-01-03T00:00:00Z"}}


@pytest.mark.parametrize("answer", [Reply(204), Reply(200, resource())])
def test_a_read_that_lags_behind_a_write_is_not_remembered(talk: Talk, memory: Memory, answer: Reply) -> None:
    """The title is stored, and neither the answer nor two reads after it show it yet."""
    looks = [read(), read()] if answer.status == 204 else [read()]
    told = Told(talk(there(), read(), put(answer), *looks), memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))
    (warning,) = told.warnings
    assert "no newer version or time" in warning
    assert memory.recall("1") == {}
    later = resource(title="Boss", **NEWER)
    client = talk(Call(there().target, Reply(200, listing(later))))
    assert Told(client, memory, title="Boss").operation == UNTOUCHED


def test_a_second_look_that_shows_the_wish_is_believed(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there(), read(), put(Reply(200, resource())), read(title="Boss", **NEWER)), memory, title="Boss")
    assert (told.operation, told.warnings, told.result["user"]["title"]) == ((True, "updated"), [], "Boss")
    assert memory.recall("1") == {}


def test_two_looks_that_differ_are_not_remembered(talk: Talk, memory: Memory) -> None:
    first = Reply(200, resource(title="BOSS", **NEWER))
    told = Told(talk(there(), read(), put(first), read(title="boss", **NEWER)), memory, title="Boss")
    assert "title is 'boss'" in told.warnings[0]
    assert memory.recall("1") == {}


@pytest.mark.parametrize(
    "after", [{"title": None, **NEWER}, {"title": None, "meta": {"version": "v2"}}, {"title": "BOSS"}]
)
def test_a_new_time_a_new_version_or_a_new_value_shows_that_it_was_processed(
    talk: Talk, memory: Memory, after: dict[str, Any]
) -> None:
    before: dict[str, Any] = {"meta": {"version": "v1", "lastModified": "2026-01-02T00:00:00Z"}}
    looks = [read(**after)] * (1 if after["title"] else 2)
    told = Told(talk(there(), read(**before), put(Reply(200, resource(**after))), *looks), memory, title="Boss")
    assert "not sent again for 30 days" in told.warnings[0]
    assert list(memory.recall("1")) == ["title"]


def test_where_the_second_look_fails_nothing_is_remembered(talk: Talk, memory: Memory) -> None:
    look = Call("GET /Users/1", Reply(403))
    told = Told(talk(there(), read(), put(Reply(200, resource(title="BOSS", **NEWER))), look), memory, title="Boss")
    assert (told.error, told.operation, len(told.warnings)) == (None, (True, "updated"), 1)
    assert memory.recall("1") == {}


# -- What is declined travels with other changes, and is not missing -----------------------------------------------------


def test_a_masked_number_is_not_written_back(memory: Memory) -> None:
    masked = [{"type": "mobile", "value": "+44****"}]
    tenant = Tenant(resource())
    sent: list[Any] = []

    def mask(raw: dict[str, Any]) -> None:
        sent.append(raw.get("phoneNumbers"))
        raw["phoneNumbers"] = masked

    tenant.rewrite = mask
    wish = [{"type": "mobile", "value": "+44 20 7946 0000"}]
    Told(client_for(tenant), memory, phone_numbers=wish)
    told = Told(client_for(tenant), memory, phone_numbers=wish, title="Boss")
    assert (told.operation, told.warnings, told.result["diff"]["after"]) == ((True, "updated"), [], {"title": "Boss"})
    assert sent == [wish, wish]
    assert Told(client_for(tenant), memory, phone_numbers=wish, title="Boss").operation == UNTOUCHED


MASKED = {
    "phone_numbers": {"phoneNumbers": [{"type": "mobile", "value": "+44****"}]},
    "of another type": {"phoneNumbers": [{"type": "home", "value": "+44 7700 •••123"}]},
    "email": {"emails": [{"type": "work", "value": "a***@example.org", "primary": True}]},
    "another email": {"emails": [{"type": "work", "value": "a@example.org"}, {"type": "home", "value": "h**@x.org"}]},
    "plain text": {"emails": ["a@example.org", "b***@example.org"]},
}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("masked", MASKED)
def test_a_masked_value_that_no_task_gave_is_not_written_back_either(memory: Memory, masked: str, check: bool) -> None:
    tenant = Tenant(resource(**MASKED[masked]))
    told = Told(client_for(tenant), memory, check, title="Boss")
    assert (told.kind, tenant.writes) == ("missing_attributes", [])
    assert "masked" in str(told.error) and "Nothing was changed" in str(told.error)
    # What needs no PUT is no trouble.
    assert Told(client_for(tenant), memory, check, title="Analyst").operation == UNTOUCHED
    assert Told(client_for(tenant), memory, check, active=False).operation == (True, "deactivated")


@pytest.mark.parametrize("name", ["phone_numbers", "email"])
def test_a_masked_value_whose_real_one_is_given_is_replaced(memory: Memory, name: str) -> None:
    tenant = Tenant(resource(**MASKED[name]))
    real: Any = "ada@example.org" if name == "email" else [{"type": "mobile", "value": "+44 20 7946 0000"}]
    told = Told(client_for(tenant), memory, title="Boss", **{name: real})
    assert (told.error, told.operation, tenant.writes) == (None, (True, "updated"), ["PUT"])
    assert told.result["user"][name] == real


@pytest.mark.parametrize("given", [False, True])
def test_a_second_put_that_clears_does_not_write_back_a_masked_number(memory: Memory, given: bool) -> None:
    """A server that merges needs it; by then it shows the number masked that the first one carried."""
    real = [{"type": "mobile", "value": "+44 20 7946 0000"}]
    tenant = Tenant(resource(phoneNumbers=real))
    sent: list[Any] = []

    def merge(raw: dict[str, Any]) -> None:
        sent.append(raw.get("phoneNumbers"))
        raw.update(title="Analyst", phoneNumbers=[{"type": "mobile", "value": "+44****"}])

    tenant.rewrite = merge
    told = Told(client_for(tenant), memory, title="", locale="fr-FR", phone_numbers=real if given else None)
    assert (told.error, told.operation) == (None, (True, "updated"))
    assert sent == [real, real]


def test_a_second_put_that_clears_replaces_no_second_address(memory: Memory) -> None:
    """A server that makes the first address the primary one shows another one than the update changed."""
    second, primary = ({"value": f"{name}@example.org", "type": "work"} for name in ("second", "old"))
    tenant = Tenant(resource(emails=[second, {**primary, "primary": True}]))

    def merge(raw: dict[str, Any]) -> None:
        raw["title"] = "Analyst"
        raw["emails"] = [{**entry, "primary": not place} for place, entry in enumerate(raw["emails"])]

    tenant.rewrite = merge
    told = Told(client_for(tenant), memory, title="", email="new@example.org")
    assert (told.error, tenant.writes) == (None, ["PUT", "PUT"])
    assert [entry["value"] for entry in tenant.users["1"]["emails"]] == ["second@example.org", "new@example.org"]


def test_names_that_are_never_shown_are_not_missing_where_they_were_given(memory: Memory) -> None:
    tenant = Tenant()
    tenant.rewrite = lambda raw: raw.pop("name")
    Told(client_for(tenant), memory, **NEW)
    told = Told(client_for(tenant), memory, **NEW, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))
    assert Told(client_for(tenant), memory, title="Chief").kind == "missing_attributes"


def test_without_patch_the_names_that_were_given_are_not_missing_either(memory: Memory) -> None:
    tenant = Tenant()
    tenant.patch = False
    tenant.rewrite = lambda raw: raw.pop("name")
    Told(client_for(tenant), memory, **NEW)
    told = Told(client_for(tenant), memory, **NEW, active=False)
    assert (told.error, told.operation) == (None, (True, "deactivated"))


def test_a_declined_value_that_is_taken_at_last_is_no_surprise(talk: Talk, memory: Memory) -> None:
    tenant = dropping(title="BOSS")
    Told(client_for(tenant), memory, title="Boss")
    tenant.rewrite = lambda raw: None
    told = Told(client_for(tenant), memory, title="Boss", locale="fr-FR")
    assert (told.operation, told.warnings, told.result["user"]["title"]) == ((True, "updated"), [], "Boss")
    assert memory.recall("1") == {}


# -- When it is forgotten ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{"title": "Boss"}, {}, {"locale": "en-GB"}])
def test_what_the_tenant_is_seen_to_hold_is_forgotten(memory: Memory, options: dict[str, Any]) -> None:
    tenant = dropping(title="BOSS")
    Told(client_for(tenant), memory, title="Boss")
    tenant.users["1"]["title"] = "Boss"  # in Admin Console
    assert Told(client_for(tenant), memory, True, **options).operation == UNTOUCHED
    assert list(memory.recall("1")) == ["title"], "check mode keeps and forgets nothing"
    assert Told(client_for(tenant), memory, **options).operation == UNTOUCHED
    tenant.users["1"]["title"] = "BOSS"
    assert Told(client_for(tenant), memory, title="Boss").operation == (True, "updated")


def test_another_extension_urn_is_another_place(memory: Memory, tmp_path: Path) -> None:
    one, two = (Memory(BASE, str(tmp_path), extension_urn=urn) for urn in ("urn:a", "urn:b"))
    one.keep("1", {"site": ("a", "b")})
    one.note_write("1", "T2", "T1")
    assert (list(one.recall("1")), two.recall("1")) == (["site"], {})
    assert two.is_ours("1", "T2"), "who wrote does not depend on it"


def test_after_thirty_days_it_is_forgotten(tmp_path: Path) -> None:
    now = [1_000_000.0]
    memory = Memory(BASE, str(tmp_path), now=lambda: now[0])
    memory.keep("1", {"title": ("a", "b")})
    now[0] += 20 * 86_400
    memory.keep("1", {"title": ("a", "b"), "locale": ("c", "d")})
    now[0] += 9 * 86_400
    assert list(memory.recall("1")) == ["title", "locale"]
    now[0] += 2 * 86_400
    assert list(memory.recall("1")) == ["locale"], "the time counts from when it was seen"
    now[0] -= 400 * 86_400
    assert memory.recall("1") == {}, "a clock that was wrong keeps nothing for ever"


# -- A server whose time does not move when nothing comes of a write --------------------------------------------------------


class Still(Tenant):
    """Drops a second number, and does not touch a user of whom nothing changes."""

    def _store(self, current: dict[str, Any], body: Any, status: int) -> Reply:
        before = {name: value for name, value in current.items() if name not in ("meta", "schemas")}
        body = {**body, "phoneNumbers": body.get("phoneNumbers", [])[:1]}
        after = {"id": current["id"], **{name: value for name, value in body.items() if name != "schemas"}}
        self.tells_time = before != after
        return super()._store(current, body, status)


TWO = [{"type": "mobile", "value": "1"}, {"type": "mobile", "value": "2"}]


def test_what_changes_nothing_is_not_sent_again_as_long_as_nothing_changes(memory: Memory) -> None:
    tenant = Still(resource(phoneNumbers=TWO[:1]))
    first = Told(client_for(tenant), memory, phone_numbers=TWO)
    assert first.operation == (True, "updated")
    assert "sent again once the user has changed" in first.warnings[0]
    for _run in range(2):
        again = Told(client_for(tenant), memory, phone_numbers=TWO)
        assert (again.operation, again.warnings) == (UNTOUCHED, [])
    assert tenant.writes == ["PUT"]
    tenant.users["1"]["meta"]["lastModified"] = "2026-03-01T00:00:00Z"
    assert Told(client_for(tenant), memory, phone_numbers=TWO).operation == (True, "updated")


def test_what_was_unsure_is_certain_once_an_update_was_processed(memory: Memory) -> None:
    tenant = Still(resource(phoneNumbers=TWO[:1]))
    Told(client_for(tenant), memory, phone_numbers=TWO)
    told = Told(client_for(tenant), memory, phone_numbers=TWO, title="Boss")
    assert (told.operation, told.warnings) == ((True, "updated"), [])
    assert list(memory.recall("1")) == ["phone_numbers"]
    assert Told(client_for(tenant), memory, phone_numbers=TWO).operation == UNTOUCHED


def test_what_was_unsure_of_another_task_is_forgotten_with_the_next_change(memory: Memory) -> None:
    tenant = Still(resource(phoneNumbers=TWO[:1]))
    Told(client_for(tenant), memory, phone_numbers=TWO)
    Told(client_for(tenant), memory, title="Boss")
    assert Told(client_for(tenant), memory, phone_numbers=TWO).operation == (True, "updated")


def test_where_a_server_tells_no_time_nothing_unsure_is_kept(memory: Memory) -> None:
    tenant = Still(resource(phoneNumbers=TWO[:1], meta={}))
    for _run in range(2):
        told = Told(client_for(tenant), memory, phone_numbers=TWO)
        assert told.operation == (True, "updated")
        assert "8x8 does not show when users are changed" in told.warnings[0]
