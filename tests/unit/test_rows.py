# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of a roster: everything that is wrong is said at once, by row and column."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import ATTRIBUTES
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.cells import KEYS
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.failed import failed_csv
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.reader import RosterError, read_roster
from ansible_collections.eightbyeight.scim.tests.unit.helpers import user
from ansible_collections.eightbyeight.scim.tests.unit.rosters import read_rows

PHONES = [{"type": "work", "value": "+1"}, {"type": "mobile", "value": "2"}]


def problems(*users: Any) -> list[tuple[int, str, str]]:
    with pytest.raises(RosterError) as caught:
        read_rows(users)
    error = caught.value
    assert error.kind == "bad_roster"
    for problem in error.problems[:20]:
        column = "" if problem["column"] == "row" else f", {problem['column']}"
        assert f"row {problem['row']}{column}: {problem['message']}" in error.message
    return [(problem["row"], problem["column"], problem["message"]) for problem in error.problems]


@pytest.mark.parametrize(
    ("given", "column", "words"),
    [
        ({"titel": "x"}, "titel", "did you mean title?"),
        ({"userName": "x"}, "userName", "did you mean user_name?"),
        ({"zzz": "x"}, "zzz", "known are user_name, user_id"),
        ({5: "x"}, "5", "unknown key"),
        ({"state": "gone"}, "state", "must be present or absent, not 'gone'"),
        ({"state": True}, "state", "must be present or absent, not a boolean"),
        ({"state": "absent", "active": True}, "active", "state: absent deactivates"),
        ({"mobile": 447700900123}, "mobile", "quote it"),
        ({"work_phone": True}, "work_phone", "quote it"),
        ({"mobile": "1", "phone_numbers": []}, "phone_numbers", "give one or the others"),
        ({"mobile": "\ud800"}, "mobile", "Unicode"),
        ({"external_id": 123}, "external_id", "quote it"),
        ({"external_id": 1.5}, "external_id", "quote it"),
        ({"user_id": 7}, "user_id", "quote it"),
        ({"department": False}, "department", "quote it"),
        ({"title": dt.date(2026, 1, 2)}, "title", "must be text, not a date: quote it"),
        ({"title": dt.datetime(2026, 1, 2, tzinfo=dt.UTC)}, "title", "a date: quote it"),
        ({"title": float("nan")}, "title", "quote it"),
        ({"phone_numbers": [{"type": "work", "value": 442079460000}]}, "phone_numbers", "quote it"),
        ({"title": ["x"]}, "title", "must be text, not a list"),
        ({"title": {"x": 1}}, "title", "must be text, not a dictionary"),
        ({"title": True}, "title", "must be text, not a boolean"),
        ({"title": 1.5}, "title", "must be text, not a number"),
        ({"active": "maybe"}, "active", "must be true or false, not 'maybe'"),
        ({"active": 2}, "active", "must be true or false, not a number"),
        ({"active": []}, "active", "must be true or false, not a list"),
        ({"phone_numbers": "call me"}, "phone_numbers", "must be a list of"),
        ({"phone_numbers": 5}, "phone_numbers", "must be a list of"),
        ({"phone_numbers": ["1"]}, "phone_numbers", "must be a list of"),
        ({"phone_numbers": [{"type": "work"}]}, "phone_numbers", "must be a list of"),
        ({"phone_numbers": [{"type": "fax", "value": "1"}]}, "phone_numbers", "work or mobile"),
        ({"phone_numbers": [{"type": "work", "value": " "}]}, "phone_numbers", "and a value"),
        ({"phone_numbers": '[{"type": "work"'}, "phone_numbers", "must be a list of"),
        ({"title": "\ud800"}, "title", "Unicode"),
        ({"user_name": " a"}, "user_name", "white space"),
        ({"email": "ada@example.org "}, "email", "white space"),
        ({"user_id": "a "}, "user_id", "white space"),
    ],
)
def test_what_a_cell_cannot_be(given: dict[Any, Any], column: str, words: str) -> None:
    (problem,) = problems({"user_name": "ada", **given})
    assert problem[:2] == (1, column)
    assert words in problem[2]


@pytest.mark.parametrize("given", [None, "ada", 5, ["ada"], True])
def test_a_row_is_a_dictionary(given: Any) -> None:
    ((number, column, message),) = problems(given)
    assert (number, column) == (1, "row")
    assert "must be a dictionary" in message
    with pytest.raises(RosterError, match=r"changed\. row 1: must be a dictionary, not [a-z ]+\.$"):
        read_rows([given])


def test_a_hint_ends_the_message() -> None:
    with pytest.raises(RosterError, match=r"did you mean title\?$"):
        read_rows([{"user_name": "a", "titel": "x"}])


@pytest.mark.parametrize("given", [{}, {"title": "x"}, {"user_name": ""}, {"user_name": "~", "user_id": None}])
def test_a_row_names_somebody(given: dict[str, Any]) -> None:
    assert [problem[:2] for problem in problems(given)] == [(1, "user_name")]


def test_everything_is_told_at_once() -> None:
    told = problems(
        {"user_name": "a", "titel": "x", "site": 1.5},
        {"user_name": "b"},
        "no row",
        {"user_name": " c", "user_id": "d ", "active": "?"},
        {"user_name": "A", "x": 1},
    )
    assert [problem[:2] for problem in told] == [
        (1, "titel"),
        (1, "site"),
        (3, "row"),
        (4, "active"),
        (4, "user_name"),
        (4, "user_id"),
        (5, "x"),
        (5, "user_name"),
    ]


def test_a_long_list_of_problems_is_cut_in_the_message_only() -> None:
    with pytest.raises(RosterError) as caught:
        read_rows([{f"k{number}": "x", "user_name": str(number)} for number in range(50)])
    assert len(caught.value.problems) == 50
    assert "and 30 more" in caught.value.message


def test_what_is_wrong_in_many_rows_is_told_once_by_its_column() -> None:
    rows: list[Any] = [{"user_name": f"u{number}", "mail": "x"} for number in range(600)]
    rows += [{"user_name": f"v{number}", "titel": "x"} for number in range(2)]
    with pytest.raises(RosterError) as caught:
        read_rows([*rows, "no row", "no row", "no row"])
    assert caught.value.message == (
        "The roster cannot be used, and nothing was changed. column mail (600 rows): unknown key, did you mean email?; 3 rows: must "
        "be a dictionary, not text; row 601, titel: unknown key, did you mean title?; row 602, titel: unknown key, did you mean "
        "title?"
    )
    assert caught.value.problems[599] == {"row": 600, "column": "mail", "message": "unknown key, did you mean email?"}


@pytest.mark.parametrize("delimiter", [";", "|", "\t"])
def test_a_file_that_was_read_with_the_wrong_delimiter_is_told_as_that(delimiter: str) -> None:
    header = delimiter.join(["user_name", "given_name", "email"])
    rows = list(csv.DictReader(io.StringIO(f"{header}\na{delimiter}A{delimiter}a@x\nb{delimiter}B{delimiter}b@x\n")))
    shown = "\\t" if delimiter == "\t" else delimiter
    assert [problem[2] for problem in problems(*rows)] == [f"unknown key, is the delimiter `{shown}`?"] * 2


def test_users_may_be_the_json_text_of_a_list() -> None:
    assert read_roster(' [{"user_name": "a"}]\n').users == [{"user_name": "a"}]
    assert read_roster(()).users == ()


@pytest.mark.parametrize(
    ("users", "words"),
    [
        (None, "not nothing"),
        ({"user_name": "a"}, "not a dictionary"),
        (5, "not a number"),
        (True, "not a boolean"),
        ('{"user_name": "a"}', "not a dictionary"),
        ("null", "not nothing"),
        ("user_name,email\na,b", "not the JSON text of a list"),
        ("", "not the JSON text of a list"),
        ("[" * 100_000, "not the JSON text of a list"),
    ],
)
def test_users_that_are_no_list_are_one_clear_failure(users: Any, words: str) -> None:
    with pytest.raises(BadOptionError, match=words) as caught:
        read_roster(users)
    assert caught.value.message.startswith("users ")


@pytest.mark.parametrize(
    ("one", "other", "column"),
    [
        ({"user_name": "ada@x"}, {"user_name": "ADA@x"}, "user_name"),
        ({"user_id": "1"}, {"user_name": "b", "user_id": "1"}, "user_id"),
        ({"external_id": "7"}, {"user_name": "b", "external_id": "7"}, "external_id"),
    ],
)
def test_nobody_is_named_twice(one: dict[str, Any], other: dict[str, Any], column: str) -> None:
    ((number, where, message),) = problems(one, {"user_name": "between"}, other)
    assert (number, where) == (3, column)
    assert "the same as in row 1" in message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"user_name": "stra\u00dfe"}, {"user_name": "strasse"}),
        ({"user_name": "a", "external_id": "x"}, {"user_name": "b", "external_id": "X"}),
        ({"user_name": "a", "external_id": ""}, {"user_name": "b", "external_id": ""}),
        ({"user_id": "a"}, {"user_id": "A"}),
        ({"user_id": "a"}, {"user_name": "a"}),
    ],
)
def test_two_people_are_two(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert len(read_rows([one, other])) == 2


def test_text_of_a_csv_means_what_a_dictionary_means() -> None:
    text = (
        "user_name,title,department,site,active,phone_numbers,external_id,reason\n"
        'a,~,,London,no,"[{""type"": ""work"", ""value"": ""+1""}, {""type"": ""mobile"", ""value"": ""2""}]",5,why\n'
        "b,T,~,~,YES,,~,\n"
        "c,,,,,~,,\n"
    )
    rows = read_rows(csv.DictReader(io.StringIO(text)))
    first, second, third = (row.wanted for row in rows)
    assert first.attributes == {
        "department": None,
        "site": "London",
        "external_id": "5",
        "phone_numbers": sorted(PHONES, key=lambda entry: entry["type"]),
    }
    assert (first.active, second.active, third.active) == (False, True, None)
    assert second.attributes == {"title": "T", "phone_numbers": None}
    assert "phone_numbers" not in third.attributes


@pytest.mark.parametrize("value", [True, "true", "Yes", "1", 1, "on", " TRUE "])
def test_truth_in_many_words(value: Any) -> None:
    (row,) = read_rows([{"user_name": "a", "active": value}])
    assert row.wanted.active is True
    opposite = {True: False, "true": "False", "Yes": "no", "1": "0", "on": "off", " TRUE ": "false "}[value]
    (row,) = read_rows([{"user_name": "a", "active": opposite}])
    assert row.wanted.active is False


ROWS: list[dict[str, Any]] = [
    {"user_name": "a"},
    {"user_name": "b", "title": "", "department": None, "active": False, "phone_numbers": []},
    {"user_name": "c", "title": 'say "hi", \n\r line', "phone_numbers": PHONES, "active": True, "site": "~"},
    {"user_id": "7", "external_id": "12", "family_name": "  spaces  ", "reason": "old"},
    {"external_id": "x", "title": "\u00e9\u2028x", "phone_numbers": "", "active": "no"},
    {"user_name": "d", "phone_numbers": '[{"type": "work", "value": "1"}]', "active": ""},
    {"user_name": "=1+1", "given_name": "reason"},
    {"user_name": "'=quoted", "title": "''+1", "department": "-", "given_name": "@x", "family_name": "'plain"},
    {
        "user_name": "e",
        "title": "\t=x",
        "department": "\r",
        "given_name": " \n+1",
        "family_name": "\uff1dcmd|' /C calc'!A0",
    },
    {"user_name": "f", "state": "absent", "mobile": "", "work_phone": None},
    {"user_name": "g", "state": "", "site": " ", "mobile": "+1", "work_phone": "~"},
    {"user_name": "'=fed", "title": "''=fed", "reason": "in the form of a file of failed rows"},
]


@pytest.mark.parametrize("count", range(1, len(ROWS) + 1))
def test_failed_rows_fed_back_mean_the_same(count: int) -> None:
    rows = read_rows(ROWS[:count])
    text = failed_csv([(row.given, f'because "{row.number}",\nreally') for row in rows])
    reader = csv.DictReader(io.StringIO(text, newline=""))
    back = list(reader)
    assert reader.fieldnames is not None
    assert reader.fieldnames[0] == "reason"
    assert [entry["reason"] for entry in back] == [f'because "{row.number}",\nreally' for row in rows]
    assert [row.wanted for row in read_rows(back)] == [row.wanted for row in rows]


def test_no_cell_of_the_file_of_failed_rows_is_a_formula_however_often_it_is_fed_back() -> None:
    given: list[Any] = [
        {"user_name": f"u{number}", "title": name}
        for number, name in enumerate(("=1", "+1", "-1", "@a", "\t1", "\r1", "'=1", " =1", "\uff0b1", "a=1"))
    ]
    rows = read_rows(given)
    for _time in range(3):
        text = failed_csv([(row.given, f"{row.wanted.attributes['title']}: no") for row in rows])
        back = list(csv.DictReader(io.StringIO(text, newline="")))
        for entry in back:
            assert all(
                cell.lstrip()[:1] not in ("=", "+", "-", "@", "\uff0b") and cell[:1] not in "\t\r"
                for cell in entry.values()
            )
        rows = read_rows(back)
        assert [row.wanted.attributes["title"] for row in rows] == [entry["title"] for entry in given]


def test_the_file_of_failed_rows_has_only_columns_that_are_used() -> None:
    (row,) = read_rows([{"title": "x", "user_name": "a", "reason": "y"}])
    assert failed_csv([(row.given, "why")]) == "reason,user_name,title\nwhy,a,x\n"


def test_the_keys_are_the_attributes() -> None:
    others = {"user_name", "user_id", "mobile", "work_phone", "active", "state", "starts", "ends", "reason"}
    assert set(KEYS) == {*ATTRIBUTES, *others}


def test_a_row_names_the_person_by_what_it_has() -> None:
    rows = read_rows([{"user_name": "a", "external_id": "1"}, {"user_id": "7"}, {"external_id": "x"}])
    assert [row.wanted.who for row in rows] == ["a", "id 7", "external id x"]


@pytest.mark.parametrize("cell", ["", "  ", None, "~"])
def test_an_empty_site_active_or_state_is_not_given_and_other_empty_cells_clear(cell: Any) -> None:
    (row,) = read_rows([{"user_name": "a", "site": cell, "active": cell, "state": cell, "title": ""}])
    assert row.wanted == read_rows([{"user_name": "a", "title": ""}])[0].wanted
    assert (row.wanted.active, row.wanted.absent, row.wanted.attributes) == (None, False, {"title": None})


@pytest.mark.parametrize("state", ["absent", " Absent "])
def test_a_row_that_says_absent_asks_for_nothing_else(state: str) -> None:
    (row,) = read_rows([{"user_name": "a", "state": state, "title": "x", "active": "no", "mobile": "1"}])
    assert (row.wanted.absent, row.wanted.attributes, row.wanted.active, row.wanted.phones) == (True, {}, None, {})


@pytest.mark.parametrize(
    ("cells", "now", "wanted"),
    [
        ({"mobile": "2"}, [], ["mobile 2"]),
        ({"mobile": "2"}, PHONES, ["mobile 2", "work +1"]),
        ({"mobile": " 3 "}, PHONES, ["mobile 3", "work +1"]),
        ({"mobile": ""}, PHONES, ["work +1"]),
        ({"mobile": "~"}, PHONES, None),
        ({"work_phone": ""}, PHONES[:1], []),
        ({"work_phone": "5", "mobile": ""}, PHONES, ["work 5"]),
        ({"work_phone": "", "mobile": ""}, PHONES, []),
    ],
)
def test_a_column_for_one_phone_number_leaves_the_other_alone(
    cells: dict[str, Any], now: list[dict[str, str]], wanted: list[str] | None
) -> None:
    (row,) = read_rows([{"user_name": "ada@example.org", **cells}])
    asked = row.wanted.for_user(user(phoneNumbers=now)).attributes
    if wanted is None:
        assert "phone_numbers" not in asked
    else:
        assert [f"{number['type']} {number['value']}" for number in asked["phone_numbers"] or []] == wanted
