# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered of a tenant from run to run: what it does not take, and what our own writes left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import STATE_DIR_VARIABLE, Memory
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    Call,
    Reply,
    client_for,
    listing,
    resource,
    search,
)
from ansible_collections.eightbyeight.scim.tests.unit.test_declined import dropping
from ansible_collections.eightbyeight.scim.tests.unit.users import ADA, Told

NEWER = {"meta": {"lastModified": "2026-01-03T00:00:00Z"}}
NEWEST = {"meta": {"lastModified": "2026-01-04T00:00:00Z"}}


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"title": 5}', '{"title": ["a"]}', '{"title": null}', "\x00", '"x"', "5"]
)
def test_a_memory_that_cannot_be_read_is_none(memory: Memory, content: str) -> None:
    assert memory.keep("1", {"title": ("a", "b")})
    (file,) = Path(memory._declined).iterdir()
    file.write_text(content, encoding="ascii")
    assert memory.recall("1") == {}


def test_the_memory_holds_no_names_no_values_and_no_token(memory: Memory) -> None:
    Told(client_for(dropping(title="BOSS")), memory, title="Boss")
    (file,) = Path(memory._declined).iterdir()
    text = str(file) + file.read_text(encoding="ascii")
    for secret in ("Boss", "BOSS", ADA, "8x8.test", "T0ken"):
        assert secret not in text
    assert Path(memory._declined).stat().st_mode & 0o077 == 0
    assert file.stat().st_mode & 0o077 == 0


def test_the_memory_keeps_tenants_and_users_apart(tmp_path: Path) -> None:
    one, two = Memory("https://a", str(tmp_path)), Memory("https://b", str(tmp_path))
    one.keep("1", {"title": ("a", "b")})
    one.keep("2", {"title": ("c", "d")})
    assert one.recall("1") == {"title": ("a", "b")}
    assert one.recall("2") == {"title": ("c", "d")}
    assert two.recall("1") == {}
    one.keep("1", {})
    assert one.recall("1") == {}
    assert one.keep("1", {}), "nothing to forget is no failure"
    assert one.recall("2") == {"title": ("c", "d")}


def test_where_the_memory_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(STATE_DIR_VARIABLE, str(tmp_path / "state"))
    assert Memory(BASE)._declined.startswith(str(tmp_path / "state"))
    monkeypatch.delenv(STATE_DIR_VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert Memory(BASE)._declined.startswith(str(tmp_path / "home" / ".ansible" / "eightbyeight.scim"))


# -- What our own writes left behind -------------------------------------------------


def test_the_time_of_our_last_write_is_known_to_the_next_task(memory: Memory) -> None:
    assert not memory.is_ours("1", "T2")
    memory.note_write("1", "T2", "T1")
    assert not memory.is_ours("2", "T2")
    assert [memory.is_ours("1", at) for at in ("T1", "T2", "T3", None)] == [False, True, False, False]
    memory.note_write("1", "T4", "T3")
    assert [memory.is_ours("1", at) for at in ("T2", "T4")] == [False, True]


def test_after_an_answer_without_the_new_time_the_first_new_one_is_ours(memory: Memory) -> None:
    memory.note_write("1", "T1", "T1")
    assert not memory.is_ours("1", "T1")
    assert [memory.is_ours("1", at) for at in ("T2", "T2", "T3")] == [True, True, False]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"last_modified": 5}', "\x00", "5"])
def test_what_is_no_note_of_a_write_says_nothing(memory: Memory, content: str) -> None:
    memory.note_write("1", "T2")
    (file,) = Path(memory._written).iterdir()
    file.write_text(content, encoding="ascii")
    assert not memory.is_ours("1", "T2")


@pytest.mark.parametrize(
    ("written", "options"),
    [
        (Call("PUT /Users/1", Reply(200, resource(title="Boss", **NEWER))), {"title": "Boss"}),
        # What 8x8 answers to a PATCH does not tell the time (fact sheet 2.10).
        (Call("PATCH /Users/1", Reply(200, {"id": "1", "active": False})), {"state": "absent"}),
    ],
)
def test_a_search_that_lags_behind_a_task_of_ours_accuses_nobody(
    talk: Talk, memory: Memory, written: Call, options: dict[str, Any]
) -> None:
    found = Call(search(ADA), Reply(200, listing(resource())))
    fresh = [Call("GET /Users/1", Reply(200, resource()))] if "title" in options else []
    assert not Told(talk(found, *fresh, written), memory, **options).warnings
    put = Call("PUT /Users/1", Reply(200, resource(title="Boss", locale="fr-FR", **NEWEST)))
    read = Call("GET /Users/1", Reply(200, resource(title="Boss", **NEWER)))
    assert not Told(talk(found, read, put), memory, title="Boss", locale="fr-FR").warnings


def test_who_else_wrote_after_us_is_told_all_the_same(talk: Talk, memory: Memory) -> None:
    memory.note_write("1", "2026-01-03T00:00:00Z", None)
    found = Call(search(ADA), Reply(200, listing(resource())))
    read = Call("GET /Users/1", Reply(200, resource(title="Clerk", **NEWEST)))
    put = Call("PUT /Users/1", Reply(200, resource(title="Clerk", locale="fr-FR", **NEWEST)))
    (warning,) = Told(talk(found, read, put), memory, locale="fr-FR").warnings
    assert "somebody else" in warning


def test_a_write_that_was_accepted_and_not_seen_is_ours_too(talk: Talk, memory: Memory) -> None:
    found = Call(search(ADA), Reply(200, listing(resource())))
    gone = [Call("PATCH /Users/1", Reply(204)), Call("GET /Users/1", Reply(403))]
    assert Told(talk(found, *gone), memory, state="absent").kind == "forbidden"
    assert memory.is_ours("1", "2026-01-03T00:00:00Z")


def test_where_nothing_can_be_kept_nothing_fails(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="ascii")
    memory = Memory(BASE, str(blocked))
    memory.note_write("1", "T2", "T1")
    assert not memory.is_ours("1", "T2")


def test_what_a_server_sends_as_a_time_does_not_come_into_a_file(memory: Memory, tmp_path: Path) -> None:
    memory.note_write("1", "secret-of-the-server", "secret-before")
    memory.keep("1", {"title": ("a", "b")}, unprocessed={"title"}, last_modified="secret-of-the-server")
    for folder in (memory._written, memory._declined):
        (file,) = Path(folder).iterdir()
        assert "secret" not in file.read_text(encoding="ascii")
    assert memory.is_ours("1", "secret-of-the-server")
    assert memory.recall("1", "secret-of-the-server") == {"title": ("a", "b")}
    assert memory.recall("1", "another") == {}
