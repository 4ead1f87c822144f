# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that parses what others wrote: it gives a value or an error of the family, and nothing else ever comes out."""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._info.tenant import read_tenant
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import operation_of, plan
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import planfile
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.journal import Journal
from ansible_collections.eightbyeight.scim.plugins.module_utils._user import ensure_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.progress import Task
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    NOW,
    TOKEN,
    FakeTime,
    Reply,
    Tenant,
    client_for,
    listing,
    resource,
    scim_error,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import login, people, roster

steady = settings(
    derandomize=True,
    max_examples=300,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

#: Any text, halves of surrogate pairs and control characters included.
texts = st.text(max_size=8) | st.sampled_from(["\ud800", "\x1b[2J", "..", "true", "9" * 400, "\x00", TOKEN])
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | texts
    | st.sampled_from([10**400, 1e308, float("inf"), -1])
)
NAMES = (
    *resource(),
    "Resources",
    "totalResults",
    "detail",
    "scimType",
    "errors",
    "value",
    "type",
    "givenName",
    "version",
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | texts, inner, max_size=3),
    max_leaves=10,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return where something stands in a tree."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from paths(part, (*path, key))


@st.composite
def mutated(draw: st.DrawFn, valid: Any) -> Any:
    """Return a valid tree with some parts replaced, and some taken out."""
    tree = copy.deepcopy(valid)
    for _time in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(paths(tree))))
        if not path:
            continue
        parent = tree
        for key in path[:-1]:
            parent = parent[key]
        if draw(st.booleans()) and isinstance(parent, dict):
            del parent[path[-1]]
        else:
            parent[path[-1]] = draw(trees)
    return tree


VALID = [
    listing(resource("1"), resource("2", "bob@example.org")),
    resource("1"),
    scim_error(400, "no", "invalidValue"),
    {"title": "Bad", "errors": [{"field": "site", "message": "no"}]},
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return the text of a valid answer with octets changed, cut out or doubled."""
    text = bytearray(json.dumps(draw(st.sampled_from(VALID))).encode())
    for _time in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
    return bytes(text)


bodies = st.one_of(
    st.binary(max_size=60),
    damaged(),
    trees.map(lambda tree: json.dumps(tree).encode()),
    st.sampled_from(VALID).flatmap(mutated).map(lambda tree: json.dumps(tree).encode()),
)
HEADERS = ("Retry-After", "x-ratelimit-reset", "Date", "ETag", "Content-Type", "Content-Encoding", "Location", "Link")
header_texts = st.one_of(
    st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n"), max_size=20),
    st.integers().map(str),
    st.floats().map(str),
    st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,5} \d\d:\d\d:\d\d [+-]?\w{1,5}", fullmatch=True),
    st.sampled_from(
        ["9" * 500, "٣", "1e9", "nan", "inf", "gzip", "deflate", "Fri, 31 Dec 9999 23:59:60 -2359", "text/html"]
    ),
)
replies = st.builds(
    Reply,
    status=st.sampled_from([200, 201, 204, 400, 401, 404, 409, 412, 429, 500, 503]) | st.integers(100, 999),
    body=bodies,
    headers=st.dictionaries(st.sampled_from(HEADERS), header_texts, max_size=3),
)


class Babble(Tenant):
    """A tenant that gives prepared answers first, whatever it is asked, and then goes on as one should."""

    def __init__(self, answers: list[Reply]) -> None:
        super().__init__(resource("1"), resource("2", "bob@example.org"))
        left = iter(answers)
        self.before = lambda request: next(left, None)

    def _fault(self, current: Any, body: Any) -> None:
        # What comes back may be what was babbled.
        return None


OPERATIONS = (
    lambda client: client.list_users(),
    lambda client: client.list_users(workers=3),
    lambda client: client.get_user("1"),
    lambda client: client.find_user("ada@example.org"),
    lambda client: client.create_user({"userName": "x"}),
    lambda client: client.replace_user("1", resource(), 'W/"1"'),
    lambda client: client.set_active("1", False),
    lambda client: client.delete_user("1"),
    read_tenant,
)


@contextlib.contextmanager
def nothing_else() -> Iterator[None]:
    """Let errors of the family pass, whose every part can be shown and kept."""
    trouble: EightByEightError | None = None
    try:
        yield
    except EightByEightError as error:
        trouble = error
    if trouble is not None:
        assert trouble.message.isprintable()
        told = json.dumps(trouble.to_result())
        assert TOKEN not in told, told


@steady
@given(st.lists(replies, min_size=1, max_size=4), st.sampled_from(range(len(OPERATIONS))))
def test_no_answer_brings_the_client_down(answers: list[Reply], operation: int) -> None:
    time = FakeTime()
    with nothing_else(), client_for(Babble(answers), time) as client:
        OPERATIONS[operation](client)
    assert time.now <= 120, "the budget holds, whatever the server asks for"


@steady
@given(
    st.lists(replies, min_size=1, max_size=5),
    st.sampled_from(
        [
            Wanted("ada@example.org", attributes={"title": "x", "site": "London"}),
            Wanted("ada@example.org", absent=True),
            Wanted(None, "1", active=False, attributes={"phone_numbers": None}),
            Wanted("new@example.org", attributes={"given_name": "N", "family_name": "E", "email": "n@example.org"}),
        ]
    ),
)
def test_no_answer_brings_the_management_of_a_user_down(answers: list[Reply], wanted: Wanted) -> None:
    with tempfile.TemporaryDirectory() as folder, client_for(Babble(answers)) as client:
        with nothing_else():
            report = ensure_user(Task(client, wanted, Memory(BASE, folder)))
            json.dumps(report.result)
            if report.error is not None:
                raise report.error


@steady
@given(mutated(resource(phoneNumbers=[{"type": "work", "value": "+1"}], externalId="E")))
def test_no_user_brings_the_planning_down(raw: Any) -> None:
    def read(client: WritingClient) -> None:
        change = plan(client.get_user("1"), Wanted(None, "1", attributes={"title": "x", "phone_numbers": None}))
        if change.method == "PUT":
            client.replace_user("1", change.body or {}, None)

    with nothing_else(), client_for(Babble([Reply(200, json.dumps(raw))])) as client:
        read(client)


# -- Files --------------------------------------------------------------------


def valid_plan() -> dict[str, Any]:
    row = {
        "row": 1,
        "user_name": "ada@example.org",
        "id": "1",
        "operation": "updated",
        "active": True,
        "before": {"title": "a", "phone_numbers": []},
        "after": {"title": "b", "phone_numbers": [{"type": "work", "value": "+1"}]},
        "last_modified": None,
    }
    return planfile.document(BASE, [row], NOW, users=3, complete=True)


def signed(tree: Any) -> Any:
    """Return a plan with the digest that fits it: who writes one by hand can write that too."""
    with contextlib.suppress(TypeError, ValueError):
        return {**tree, "digest": planfile.digest(tree)}
    return tree


@steady
@given(
    st.one_of(
        st.binary(max_size=80),
        trees.map(lambda tree: json.dumps(tree).encode()),
        mutated(valid_plan()).map(lambda tree: json.dumps(tree).encode()),
        mutated(valid_plan()).map(lambda tree: json.dumps(signed(tree)).encode()),
    )
)
def test_no_plan_file_brings_the_reading_down(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_bytes(content)
        with nothing_else():
            read = planfile.load(str(path), BASE, None, NOW)
            assert read["digest"] == planfile.digest(read)


_NUMBERS = st.lists(st.fixed_dictionaries({"type": st.just("work") | texts, "value": texts}), max_size=2)
_CELLS = {
    **dict.fromkeys(("user_name", "title", "email", "site"), st.none() | texts),
    "active": st.booleans(),
    "phone_numbers": _NUMBERS,
}


@st.composite
def rows_by_hand(draw: st.DrawFn) -> dict[str, Any]:
    """Return a row of the form that a plan has, whatever it asks for."""
    after, whole = draw(st.fixed_dictionaries({}, optional=_CELLS)), draw(st.fixed_dictionaries(_CELLS))
    before = draw(st.none() | st.just({name: whole[name] for name in after}))
    who = {
        "user_name": draw(st.none() | texts | st.just(login(1))),
        "id": draw(st.none() | st.sampled_from(["1", "", ".."])),
    }
    return {**who, "operation": operation_of(before, after), "before": before, "after": after}


@steady
@given(rows=st.lists(rows_by_hand(), max_size=2), users=st.none() | st.integers(), check=st.booleans())
def test_no_plan_that_was_made_by_hand_brings_a_run_down(rows: list[Any], users: int | None, check: bool) -> None:
    made = planfile.document(BASE, rows, NOW, users=users, complete=True)
    with tempfile.TemporaryDirectory() as folder:
        path, undo = Path(folder) / "plan.json", f"{folder}/undo.json"
        path.write_text(json.dumps(made), encoding="utf-8")
        told = roster(Tenant(*people(3)), apply_plan=str(path), plan_digest=made["digest"], check=check, undo_file=undo)
        assert "this collection has a bug" not in json.dumps(told.result)


@steady
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            mutated({"time": "2026-01-01T00:00:00Z", "event": "seen", "users": {"1": "2026"}}).map(
                lambda tree: json.dumps(tree).encode()
            ),
            mutated({"time": "2026-01-01T00:00:00Z", "event": "sent", "id": "1"}).map(
                lambda tree: json.dumps(tree).encode()
            ),
            st.just(b'{"event": "sent", "id": ' + b"[" * 100_000),
            st.just(b'{"event": "seen", "users": ' + b"9" * 5000 + b"}"),
        ),
        max_size=5,
    )
)
def test_no_journal_brings_the_next_run_down(lines: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        path.write_bytes(b"\n".join(lines))
        with nothing_else():
            seen = Journal(str(path)).last_seen()
            assert all(isinstance(key, str) for key in seen)
            # What is compared with it and shown is text.
            assert all(at is None or isinstance(at, str) for at in seen.values())


@steady
@given(
    st.one_of(
        st.binary(max_size=60),
        trees.map(lambda tree: json.dumps(tree).encode()),
        mutated({"title": ["a" * 32, "b" * 32]}).map(lambda tree: json.dumps(tree).encode()),
        st.just(b"[" * 100_000),
    ),
    texts,
)
def test_no_memory_brings_the_next_run_down(content: bytes, user_id: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memory = Memory(BASE, folder)
        assert memory.keep(user_id, {"title": ("a", "b")})
        (path,) = Path(folder).rglob("*.json")
        assert memory.recall(user_id) == {"title": ("a", "b")}
        path.write_bytes(content)
        for name, pair in memory.recall(user_id).items():
            assert isinstance(name, str) and [type(part) for part in pair] == [str, str]
