# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody else wrote and we are to read: plans, rosters, globs, limits. Each is taken as it is meant, or refused at once
and in one short message, and nothing is sent."""

from __future__ import annotations

import copy
import json
import os
import socket
import time as real_time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.text import abbreviated
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.reader import RosterError
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import files, planfile
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.limits import read_limits
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.options import RosterOptions
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.protected import Protected
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.tests.unit.helpers import BASE, NOW, TOKEN, Tenant, resource
from ansible_collections.eightbyeight.scim.tests.unit.rosters import ALL, people, read_rows, roster, row

#: No message is longer, whatever was read.
LONGEST = 5000

UPDATE: dict[str, Any] = {
    "row": 1,
    "user_name": "ada@example.org",
    "id": "1",
    "operation": "updated",
    "active": True,
    "before": {"title": None, "phone_numbers": []},
    "after": {"title": "Boss", "phone_numbers": [{"type": "work", "value": "+1"}]},
    "last_modified": "2026-01-02T00:00:00Z",
}
LEAVER = {
    **UPDATE,
    "row": 2,
    "user_name": "bo@example.org",
    "id": "2",
    "operation": "deactivated",
    "before": {"active": True},
    "after": {"active": False},
}
PLAN = planfile.document(BASE, [UPDATE, LEAVER], NOW, users=3, complete=True)
TEXT = json.dumps(PLAN, indent=1).encode()


def brief(value: Any) -> str:
    """Name a case that pytest cannot: a number of thousands of digits, say."""
    return abbreviated(value)[:20]


def signed(plan: dict[str, Any]) -> dict[str, Any]:
    """Return a plan as somebody leaves it who knows how the digest is made."""
    return {**plan, "digest": planfile.digest(plan)}


def taken(path: Path, content: bytes, now: float = NOW) -> dict[str, Any] | None:
    """Return the plan that is read from a file, or None where it is refused in one short message."""
    path.write_bytes(content)
    try:
        return planfile.load(str(path), BASE, None, now)
    except EightByEightError as caught:
        error = caught
    assert error.kind in ("bad_plan", "wrong_tenant", "plan_expired")
    assert "\n" not in error.message
    assert len(error.message) < LONGEST
    return None


# -- Plans that were tampered with --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda text, at: text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :],
        lambda text, at: text[:at] + text[at + 1 :],
        lambda text, at: text[: at + 1] + text[at:],
        lambda text, at: text[:at] + b"\0" + text[at:],
    ],
    ids=["bit", "cut", "double", "nul"],
)
def test_whichever_byte_of_a_plan_is_changed_it_is_refused_or_means_the_same(
    tmp_path: Path, change: Callable[[bytes, int], bytes]
) -> None:
    refused = 0
    for at in range(len(TEXT)):
        plan = taken(tmp_path / "plan", change(TEXT, at))
        assert plan is None or plan == PLAN, at
        refused += plan is None
    # What is left is white space between the parts.
    assert refused > len(TEXT) / 2


_EDITS = st.lists(
    st.tuples(st.sampled_from(["flip", "cut", "copy", "put", "swap"]), *(st.integers(0, len(TEXT)) for _place in range(3)), st.binary(max_size=4)),
    min_size=1,
    max_size=6,
)  # fmt: skip


@settings(max_examples=300)
@given(edits=_EDITS)
def test_whatever_is_done_to_a_plan_it_is_refused_or_means_the_same(
    tmp_path_factory: pytest.TempPathFactory, edits: list[Any]
) -> None:
    text = TEXT
    for what, one, other, third, junk in edits:
        first, last = sorted((one % (len(text) + 1), other % (len(text) + 1)))
        part = text[first:last]
        if what == "flip" and text:
            text = text[:first] + junk + text[first + len(junk) :]
        elif what == "cut":
            text = text[:first] + text[first + min(40, last - first) :]
        elif what == "copy":
            text = text[:last] + part[:80] + text[last:]
        elif what == "put":
            text = text[:first] + junk + text[first:]
        else:
            middle = (first + third) % (len(text) + 1)
            text = text[:first] + text[middle : middle + 30] + text[first + 30 :]
    plan = taken(tmp_path_factory.getbasetemp() / "edited-plan", text)
    assert plan is None or plan == PLAN


def _with_twice(text: str, key: str, value: str) -> str:
    """Put a key into a JSON text that has it already, before the one that counts."""
    at = text.index(f'"{key}"')
    return f'{text[:at]}"{key}": {value}, {text[at:]}'


ODD_JSON = [
    *(_with_twice(TEXT.decode(), key, value) for key, value in (
        ("digest", '"x"'), ("tenant", '"x"'), ("users", "1000"), ("rows", "[]"), ("id", '"9"'), ("operation", '"created"'),
        ("title", '"Thief"'), ("type", '"work"'), ("active", "false"),
    )),
    *(TEXT.decode().replace('"users": 3', f'"users": {number}') for number in (
        "NaN", "Infinity", "-Infinity", "3.0", "1e400", "3e0", "-0.0", "9" * 30, "9" * 5000,
    )),
    "[" * 200_000,
    '{"rows":' * 50_000,
    TEXT.decode() + TEXT.decode(),
    "\ufeff" + TEXT.decode(),
    json.dumps("x" * 1_000_000),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ODD_JSON)))
def test_json_that_two_readers_read_differently_is_no_plan(tmp_path: Path, number: int) -> None:
    assert taken(tmp_path / "plan", ODD_JSON[number].encode()) is None


#: What somebody can write who knows how the digest is made: it must make sense all the same.
SNEAKY: list[Callable[[dict[str, Any]], Any]] = [
    lambda plan: plan["rows"][1].update(operation="updated"),
    lambda plan: plan["rows"][1].update(operation="activated"),
    lambda plan: plan["rows"][1].update(after={"active": True}),
    lambda plan: plan["rows"][0].update(operation="deactivated"),
    lambda plan: plan["rows"][0].update(id="\ud800"),
    lambda plan: plan["rows"][0]["after"].update(title="\udfff"),
    lambda plan: plan["rows"][0]["after"].update(title={"x": [1]}),
    lambda plan: plan["rows"][0]["after"]["phone_numbers"].append({"type": "work", "value": "\ud800"}),
    lambda plan: plan["rows"].append({**UPDATE, "id": None, "operation": "created", "before": None, "after": {"active": True}, "user_name": ""}),
    lambda plan: plan.update(format=True),
    lambda plan: plan.update(format="\x1b[2J" * 10_000),
    lambda plan: plan.update(tenant=f"{BASE}\x1b[2J"),
    lambda plan: plan.update(tenant="x" * 1_000_000),
    lambda plan: plan.update(tenant="https://8x8.test/udi/customers/C2/scim/v2"),
    lambda plan: plan.update(expires="2027-01-15T07:00:00Z"),
    lambda plan: plan.update(expires="9999-99-99T99:99:99Z"),
    lambda plan: plan.update(expires="2027-1-16T8:0:0Z"),
    lambda plan: plan.update(created="yesterday"),
    lambda plan: plan.update(created="2027-01-15T09:00:00Z"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(SNEAKY)))
def test_a_plan_whose_digest_was_made_anew_must_make_sense(tmp_path: Path, number: int) -> None:
    plan = copy.deepcopy(PLAN)
    SNEAKY[number](plan)
    assert taken(tmp_path / "plan", json.dumps(signed(plan)).encode()) is None


def test_a_removal_is_counted_as_one_whatever_the_plan_calls_it(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    path = tmp_path / "plan"
    roster(tenant, [row(number, active=False) for number in (1, 2, 3)], check=True, plan_file=str(path), limits=ALL)
    plan = json.loads(path.read_text(encoding="utf-8"))
    for each in plan["rows"]:
        each["operation"] = "updated"
    path.write_text(json.dumps(signed(plan)), encoding="utf-8")
    told = roster(tenant, apply_plan=str(path))
    assert (told.kind, tenant.writes) == ("bad_plan", [])


@pytest.mark.parametrize(
    ("seconds", "good"),
    [(-3600, False), (-301, False), (-300, True), (-1, True), (86_400, True), (86_401, False), (10**9, False)],
)
def test_a_clock_that_was_moved_is_noticed(tmp_path: Path, seconds: int, good: bool) -> None:
    assert (taken(tmp_path / "plan", TEXT, now=NOW + seconds) is not None) is good


@pytest.mark.parametrize(
    "spelled",
    [
        "",
        " ",
        "sha256:",
        PLAN["digest"].removeprefix("sha256:"),
        PLAN["digest"].upper(),
        f" {PLAN['digest']}",
        f"{PLAN['digest']}\n",
        PLAN["digest"][:-1],
        f"{PLAN['digest']}0",
        f"sha512:{'0' * 64}",
        f"sha256:{'0' * 64}",
        "true",
        "\x1b[2J" * 1000,
    ],
)
def test_an_approval_of_nothing_is_none(tmp_path: Path, spelled: str) -> None:
    tenant = Tenant()
    path = tmp_path / "plan"
    path.write_bytes(TEXT)
    told = roster(tenant, apply_plan=str(path), plan_digest=spelled)
    assert (told.kind, tenant.log) == ("plan_not_approved", [])
    assert told.message.isprintable()
    assert len(told.message) < LONGEST


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**20 + 1)


def _loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.mkdir, "is not a file"),
        (_pipe, "is not a file"),
        (_socket, "cannot be read"),
        (_endless, "is not a file"),
        (_huge, "is larger than 1 MiB"),
        (_loop, "cannot be read"),
        (lambda path: None, "cannot be read"),
    ],
)
def test_a_plan_is_a_file_of_a_bearable_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], words: str
) -> None:
    monkeypatch.setattr(planfile, "MAX_BYTES", 2**20)
    path = tmp_path / "plan"
    make(path)
    with pytest.raises(BadOptionError, match=f"apply_plan: .*{words}"):
        planfile.load(str(path), BASE, None, NOW)


@pytest.mark.parametrize("path", ["a\0b", "\ud8ff", "x" * 5000, "", "/dev/zero", "/proc/self/mem", "/dev/stdin/x"])
def test_a_plan_has_the_name_of_a_file(path: str) -> None:
    with pytest.raises(BadOptionError, match="apply_plan"):
        planfile.load(path, BASE, None, NOW)


# -- Rosters ---------------------------------------------------------------------------------------------------------------


def refused(users: Any) -> RosterError:
    """Return why a roster is refused."""
    with pytest.raises(RosterError) as caught:
        read_rows(users)
    error = caught.value
    assert len(error.message) < LONGEST
    assert "\n" not in error.message
    assert len(json.dumps(error.problems)) < 1_000_000
    return error


LAUGHS = "a0: &a0 ha\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 11))
NESTED: Any = "x"
for _level in range(900):
    NESTED = [NESTED]

ODD_ROWS: list[tuple[Any, str]] = [
    (yaml.safe_load("&a [*a]"), "must be a dictionary, not a list"),
    (yaml.safe_load("&a [{user_name: x, title: *a}]"), "must be text, not a list"),
    (yaml.safe_load("[&a {user_name: *a}]"), "must be text, not a dictionary"),
    (yaml.safe_load("[&a {user_name: x, phone_numbers: [*a]}]"), "must be a list of"),
    (yaml.safe_load(LAUGHS)["a10"], "must be a dictionary, not a list"),
    ([{"user_name": "x", "title": yaml.safe_load(LAUGHS)["a10"]}], "must be text, not a list"),
    ([{"user_name": "x", "active": yaml.safe_load(LAUGHS)["a10"]}], "must be true or false, not a list"),
    ([{"user_name": "x", "phone_numbers": yaml.safe_load(LAUGHS)["a10"]}], "must be a list of"),
    ([NESTED], "must be a dictionary"),
    ([{"user_name": "x", "title": NESTED}], "must be text, not a list"),
    ([{"user_name": "x", "phone_numbers": "[" * 100_000}], "must be a list of"),
    ([{"user_name": "x", "phone_numbers": [{"type": ["work"], "value": "1"}]}], "must be a list of"),
    ([{"user_name": "x", "phone_numbers": [{"type": "work", "value": True}]}], "must be text, not a boolean: quote it"),
    ([{"user_name": "x", "phone_numbers": [{"type": "work", "value": 10**5000}]}], "must be text, not a number: quote it"),
    ([[]], "must be a dictionary, not a list"),
    ([None], "must be a dictionary, not nothing"),
    (["ada"], "must be a dictionary, not text"),
    (["row"] * 10_000, "10000 rows: must be a dictionary, not text"),
    ([{None: "x", "user_name": "x"}], "unknown key"),
    ([{True: "x", "user_name": "x"}], "unknown key"),
    ([{("a", "b"): "x", "user_name": "x"}], "unknown key"),
    ([{1.5: "x", 10**5000: "y", "user_name": "x"}], "a very long number"),
    ([{"k" * 1_000_000: "x", "user_name": "x"}], "unknown key"),
    ([{"\x1b[2J\n": "x", "user_name": "x"}], r"\x1b[2J\n: unknown key"),
    ([{f"k{n}": "x" for n in range(5000)}], "and 4980 more"),
    ([{"user_name": "x", "title": "x" * 1_000_000}], "has 1000000 characters"),
    ([{"user_name": "x" * 1_000_000}], "has 1000000 characters"),
    ([{"user_name": f" {'x' * 9000}"}], "begins or ends with white space"),
    ([{"user_name": "x", "phone_numbers": [{"type": "work", "value": "1" * 1_000_000}]}], "characters"),
    ([{"user_name": "x", "external_id": 10**5000}], "must be text, not a number"),
    ([{"user_name": "x", "title": 10**25}], "must be text, not a number"),
    ([{"user_name": "x", "active": 10**5000}], "must be true or false, not a number"),
    ([{"user_name": "x", "title": float("nan")}], "must be text, not a number"),
    ([{"user_name": "x", "title": float("inf")}], "must be text, not a number"),
    ([{"user_name": "x", "title": b"bytes"}], "must be text, not bytes"),
    ([{"user_name": "x", "title": "half \ud83d"}], "not valid Unicode"),
    ([{"user_name": "Ada"}, {"user_name": "aDA"}], "the same as in row 1 (aDA)"),
    ([{"user_name": "jos\u00e9@x"}, {"user_name": "jose\u0301@x"}], "the same as in row 1"),
    ([{"user_name": "JOSE\u0301@x"}, {"user_name": "jos\u00e9@x"}], "the same as in row 1"),
    ([{"user_name": "\u212b"}, {"user_name": "\u00e5"}], "the same as in row 1"),
    ([{"user_name": "x", "external_id": "y" * 9000}, {"user_name": "z", "external_id": "y" * 9000}], "the same as in row 1"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ODD_ROWS)))
def test_a_roster_that_was_made_to_hurt_is_refused_at_once(number: int) -> None:
    users, words = ODD_ROWS[number]
    began = real_time.perf_counter()
    assert words in refused(users).message
    assert real_time.perf_counter() - began < 5


def test_ten_thousand_bad_rows_are_counted_and_the_first_are_told() -> None:
    error = refused([{"user_name": f"u{number}", "titel": "x", "site": 1.5} for number in range(10_000)])
    assert "column titel (10000 rows): unknown key" in error.message
    assert "column site (10000 rows): must be text" in error.message
    assert "more" not in error.message
    assert [problem["row"] for problem in error.problems[:2]] == [1, 1]
    assert len(error.problems) == 1000


def test_a_value_that_is_too_long_is_one_for_the_user_module_too() -> None:
    with pytest.raises(BadOptionError, match="title has 10001 characters"):
        Wanted.from_options({"user_name": "x", "title": "x" * 10_001})
    Wanted.from_options({"user_name": "x", "title": "x" * 10_000})


# -- Who is protected ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("glob", ["*", "**", "?*", "*?*", "[!\u2603]*", "*@*", "u[0-9]*"])
@pytest.mark.parametrize("check", [True, False])
def test_globs_that_leave_nobody_are_told(glob: str, check: bool) -> None:
    tenant = Tenant(*people(3))
    told = roster(tenant, [row(1, title="x"), row(2)], unlisted="deactivate", protected=[glob], check=check)
    assert told.error is None
    assert (told.summary, tenant.writes) == ({"protected": 2, "unchanged": 1}, [])
    assert [warning for warning in told.warnings if "protected covers everybody" in warning]


@pytest.mark.parametrize(
    "globs", [["u1@*"], ["u1@example.org", "u2@example.org", "u3@example.org"], ["[!]"], ["nobody*"], []]
)
def test_globs_that_leave_somebody_or_name_each_are_not_told(globs: list[str]) -> None:
    told = roster(Tenant(*people(3)), [row(1), row(2), row(3)], protected=globs)
    assert told.error is None
    assert not [warning for warning in told.warnings if "protected covers everybody" in warning]
    assert len(told.warnings) == (globs in (["[!]"], ["nobody*"]))


@pytest.mark.parametrize(
    ("entries", "covered", "unmatched"),
    [
        ([" u1@x "], ["u1@x"], []),
        (["u1@x\r"], ["u1@x"], []),
        (["\ufeffu1@x\u200b"], ["U1@X"], []),
        (["\u00a0u1@x\u3000"], ["u1@x"], []),
        (["u1@x, u2@x ,u3@x"], ["u1@x", "u2@x", "u3@x"], []),
        (["u1@x", " u2@x", " u3@x"], ["u1@x", "u2@x", "u3@x"], []),
        (["u1@x\nu2@x\r\n"], ["u1@x", "u2@x"], []),
        (["[u,v]1@x"], ["u1@x", "v1@x"], []),
        (["u[12]@*, jos\u00e9"], ["u1@x", "u2@y", "JOSE\u0301"], []),
        (["u1@x", "ceo@y", "b*@z"], ["u1@x"], ["ceo@y", "b*@z"]),
        (["u1@x u2@x"], [], ["u1@x u2@x"]),
    ],
)
def test_an_entry_protects_whom_it_was_meant_for_or_is_named(
    entries: list[str], covered: list[str], unmatched: list[str]
) -> None:
    protected = Protected(entries)
    names = ["u1@x", "v1@x", "u2@x", "u3@x", "u2@y", "JOSE\u0301"]
    assert [name for name in covered if not protected.covers(name)] == []
    told = f"{', '.join(map(repr, unmatched))}). Check the spelling."
    assert [warning.partition("(")[2] for warning in protected.warnings(names)] == ([told] if unmatched else [])


@pytest.mark.parametrize("entry", ["a,,b", "a, ", ",", "a\u200bb@x", "a\tb@x", "a\x00b", "\u200b", "\r"])
def test_an_entry_that_would_protect_nobody_is_refused(entry: str) -> None:
    with pytest.raises(BadOptionError, match="protected: entry 1"):
        Protected([entry])


def test_an_entry_that_matches_nobody_is_named_where_everybody_was_read(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    told = roster(tenant, [row(1)], protected=["u1@*", "u9@example.org "])
    assert told.warnings == [
        "protected: 1 entry matches nobody in this tenant or roster ('u9@example.org'). Check the spelling."
    ]


@pytest.mark.parametrize("glob", ["", " ", "\t\n", "\u3000", "x" * 501])
def test_a_glob_that_protects_nobody_is_refused(glob: str) -> None:
    tenant = Tenant(*people(3))
    told = roster(tenant, [row(1, title="x")], protected=["admin@*", glob])
    assert (told.kind, tenant.log) == ("bad_option", [])
    assert "protected: entry 2" in told.message


@pytest.mark.parametrize(
    "glob", ["*a*a*a*a*a*a*a*a*a*a*b", "*" * 500, "*a" * 250, "?*" * 250, "[a-z]*" * 80, "*[!b]" * 100]
)
def test_no_glob_takes_long(glob: str) -> None:
    protected = Protected([glob] * 20)
    began = real_time.perf_counter()
    for number in range(20):
        protected.covers("a" * 60 + str(number))
    assert real_time.perf_counter() - began < 5


def test_a_long_list_of_globs_is_made_ready_once() -> None:
    protected = Protected([f"admin-{number}-*@example.org" for number in range(400)])
    began = real_time.perf_counter()
    assert not any(protected.covers(f"u{number}@example.org") for number in range(500))
    assert protected.covers("ADMIN-399-x@example.org")
    assert real_time.perf_counter() - began < 5


def test_an_accent_is_protected_whichever_way_it_is_written() -> None:
    assert Protected(["jos\u00e9@*"]).covers("JOSE\u0301@example.org")
    assert Protected(["jose\u0301@example.org"]).covers("jos\u00e9@example.org")


# -- Numbers -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "-1", -1, "1000%", "100.1%", "NaN%", "nan", "inf%", "1e9", 1e9, 5.0, "5.", "5.5", ".5%", "%", "", " ", "5%%", "+5", "0x5", True,
        False, None, [], {}, [5], "5\n%\n%", "x" * 1_000_000, "9" * 5000, 10**5000, "-5%", "5 percent", yaml.safe_load("&a [*a]"),
    ],
    ids=brief,
)  # fmt: skip
def test_a_limit_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(BadOptionError, match="limits: deactivate must be") as caught:
        read_limits({"deactivate": value})
    assert len(caught.value.message) < LONGEST


@pytest.mark.parametrize("value", ["5%", "5 %", " 5%\n", "0%", 0, "100%", "0.5%", "5% or 7", " 7  or 5 %"])
def test_a_limit_is_read_as_people_write_it(value: Any) -> None:
    assert read_limits({"deactivate": value})["deactivate"].fault(101, 100) is not None


@pytest.mark.parametrize("kind", [None, 5, "", "delete", "x" * 1_000_000, "\x1b[2J"])
def test_a_limit_is_for_a_kind_of_change(kind: Any) -> None:
    with pytest.raises(BadOptionError, match="is not one of the kinds of change") as caught:
        read_limits({kind: 5})
    assert len(caught.value.message) < LONGEST
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("concurrency", value) for value in (0, -1, 65, 10**9, 10**5000)),
        *(("requests_per_minute", value) for value in (0, -1, 10**9, 10**5000)),
        *(("max_failures", value) for value in (0, -1, -(10**9))),
        *(("canary", value) for value in (-1, -(10**5000))),
    ],
    ids=brief,
)
def test_a_number_that_cannot_be_meant_is_refused(name: str, value: int) -> None:
    with pytest.raises(BadOptionError, match=f"{name} must be .*, not ") as caught:
        RosterOptions.read({"on_error": "continue", name: value}, check_mode=False)
    assert len(caught.value.message) < LONGEST


@pytest.mark.parametrize("value", [0, -1, -0.0, float("nan"), float("inf"), -float("inf"), 1e300, 86_401])
@pytest.mark.parametrize("name", ["timeout", "retry_budget"])
def test_a_time_that_cannot_be_meant_is_refused(name: str, value: float) -> None:
    if name == "retry_budget" and value == 0:
        return
    options = {"api_url": BASE, "api_token": TOKEN, "timeout": 30, "retry_budget": 0, "validate_certs": True}
    with pytest.raises(BadOptionError, match=f"{name} must be a number of seconds"):
        Connection.from_options({**options, "extension_urn": "urn:x", name: value})


@pytest.mark.parametrize("name", ["journal_file", "undo_file", "failed_file", "plan_file"])
def test_two_rosters_do_not_use_one_file(tmp_path: Path, name: str) -> None:
    tenant = Tenant(*people(3))
    options = {name: str(tmp_path / "file")}
    with files.locked_files(options, [name]):
        told = roster(tenant, [row(1, title="x")], **options)
        assert (told.kind, tenant.log) == ("locked", [])
        assert f"{options[name]} ({name})" in told.message
        # Who only looks needs a file only where it is written.
        looked = roster(tenant, [row(1, title="x")], check=True, **options)
        assert looked.kind == ("locked" if name in ("failed_file", "plan_file") else None)
    assert roster(tenant, [row(1, title="x")], **options).error is None
    assert not list(tmp_path.glob(".*"))


def test_a_tenant_s_own_names_do_not_break_a_plan(tmp_path: Path) -> None:
    """What a plan is refused for is never what a tenant has."""
    odd = resource("1", "u1@example.org", title="\x1b[2J{{ x }}\u2028", department=None)
    tenant = Tenant(odd, *people(3)[1:])
    path = str(tmp_path / "plan")
    assert (
        roster(tenant, [row(1, title="Boss"), row(2, active=False)], check=True, plan_file=path, limits=ALL).error
        is None
    )
    assert roster(tenant, apply_plan=path, limits=ALL, undo_file=str(tmp_path / "undo")).error is None
    assert roster(tenant, apply_plan=str(tmp_path / "undo"), limits=ALL).error is None
    assert tenant.users["1"]["title"] == "\x1b[2J{{ x }}\u2028"
