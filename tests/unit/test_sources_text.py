# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports as people have them: encodings, delimiters, line ends, quotes, and what spreadsheets do to values."""

from __future__ import annotations

import csv
import io
import unicodedata
from typing import Any

import pytest

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.filter.roster_from import roster_from
from ansible_collections.eightbyeight.scim.tests.unit.exports import ENTRA_CSV, only_row, person, slurped, told

TEXT = "userPrincipalName,givenName,surname,accountEnabled\nada@example.org,Zoë,Müller,True\n"
ZOE = {
    "user_name": "ada@example.org",
    "email": "ada@example.org",
    "given_name": "Zoë",
    "family_name": "Müller",
    "active": True,
}


@pytest.mark.parametrize(
    "octets",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace(",", "\t").encode("utf-16"),
        TEXT.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"),
        TEXT.replace("\n", "\r").encode(),
        unicodedata.normalize("NFD", TEXT).encode(),
        TEXT.replace("Müller", " Müller \u00a0").encode(),
    ],
)
def test_a_file_is_read_however_it_is_written(octets: bytes) -> None:
    assert only_row(slurped(octets), "entra_csv") == ZOE


def test_a_code_page_is_named_and_not_guessed() -> None:
    octets = TEXT.encode("cp1252")
    assert only_row(slurped(octets), "entra_csv", encoding="cp1252") == ZOE
    with pytest.raises(AnsibleFilterError, match=r"line 2 has the byte 0xEB.*encoding.*'.*Zoë,Müller"):
        roster_from(slurped(octets), "entra_csv")
    with pytest.raises(AnsibleFilterError, match="encoding: the file is not ascii"):
        roster_from(slurped(octets), "entra_csv", encoding="ascii")
    with pytest.raises(AnsibleFilterError, match="the file is UTF-8, not cp1252"):
        roster_from(slurped(TEXT.encode()), "entra_csv", encoding="cp1252")
    assert only_row(slurped(TEXT.encode()), "entra_csv", encoding="UTF8") == ZOE
    for unknown in ("cp999", "base64"):
        with pytest.raises(AnsibleFilterError, match="not an encoding"):
            roster_from(slurped(octets), "entra_csv", encoding=unknown)
    with pytest.raises(AnsibleFilterError, match="not base64"):
        roster_from({"content": "%%", "encoding": "base64"}, "entra_csv")


@pytest.mark.parametrize(
    "spoiled",
    [
        TEXT.encode("cp1252").decode("utf-8", "surrogateescape"),
        TEXT.encode("cp1252").decode("utf-8", "replace"),
        TEXT.encode("utf-16").decode("utf-8", "surrogateescape"),
        TEXT.encode("utf-16-le").decode("utf-8", "surrogateescape"),
    ],
)
def test_text_that_was_spoiled_before_is_refused(spoiled: str) -> None:
    with pytest.raises(AnsibleFilterError) as refusal:
        roster_from(spoiled, "entra_csv")
    for word in ("slurp", "encoding", "delimiter", "date_format"):
        assert word in str(refusal.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_columns(delimiter: str) -> None:
    header = ["userPrincipalName", "givenName", "surname", "accountEnabled", "Note, and; more"]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerow(["ada@example.org", "Ada", "Lovelace", "True", "a,b;c|d"])
    assert only_row(text.getvalue(), "entra_csv") == person(active=True)
    assert only_row(text.getvalue(), "entra_csv", delimiter=delimiter) == person(active=True)
    if delimiter != ",":
        with pytest.raises(AnsibleFilterError, match="no column gives user_name"):
            roster_from(text.getvalue(), "entra_csv", delimiter=",")


def test_a_delimiter_that_cannot_be_told_is_asked_for() -> None:
    text = "a,b;c\nx,y;z\n"
    with pytest.raises(AnsibleFilterError, match="Set delimiter"):
        roster_from(text, "csv", {"user_name": "q"})
    text = "user_name,x;y\nada,1;2\n"
    assert only_row(text, "csv") == {"user_name": "ada"}
    for wrong in (",,", '"'):
        with pytest.raises(AnsibleFilterError, match="delimiter must be one character"):
            roster_from(text, "csv", delimiter=wrong)
    assert only_row("sep=;\r\nuser_name;title\r\nada;a,b,c\r\n", "csv") == {"user_name": "ada", "title": "a,b,c"}
    assert only_row("user_name\ttitle\nada\tx\n", "csv", delimiter="\\t")["title"] == "x"


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    text = (
        "user_name,given_name,family_name,title\r\n"
        'ada@example.org,Ada,Lovelace,"Head of\r\nResearch"\r\n'
        "\r\n"
        ",,,\r\n"
        "bob@example.org,Bob\r\n"
        "eve@example.org,Eve,Eve,Boss,more\r\n"
        ",Kim,Kim,\r\n"
        "joe@example.org,Joe,Joe,,\r\n"
    )
    result = roster_from(text, "csv")
    assert [row["user_name"] for row in result["users"]] == ["ada@example.org", "joe@example.org"]
    assert result["users"][0]["title"] == "Head of Research"
    assert told(result) == [(5, "row"), (6, "row"), (7, "user_name")]
    assert "2 cells, but the header has 4" in result["problems"][0]["message"]
    assert result["partial"] == "3 rows that may be people are left out (rows 5, 6, 7); problems says why."


def test_a_header_may_end_with_a_delimiter() -> None:
    assert only_row("user_name,title,\nada,x\n", "csv") == {"user_name": "ada", "title": "x"}
    assert only_row("\n\nuser_name,title,,\nada,x,,\n", "csv") == {"user_name": "ada", "title": "x"}


@pytest.mark.parametrize(
    "text",
    [
        'user_name,title\nada,"x\nbob,y\n',
        'user_name,title\nada,"x" y\nbob,y\n',
    ],
)
def test_a_quotation_mark_that_is_never_closed_swallows_nobody(text: str) -> None:
    with pytest.raises(AnsibleFilterError, match="cannot be read from row 2 on"):
        roster_from(text, "csv")


def test_a_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="'title' more than once"):
        roster_from("user_name,title,title\nada,x,y\n", "csv")
    with pytest.raises(AnsibleFilterError, match="also spelled 'job_title'"):
        roster_from("user_name,Job Title,job_title\nada,x,y\n", "csv", {"title": "jobtitle"})
    assert only_row("user_name,note,note\nada,x,y\n", "csv") == {"user_name": "ada"}, "nobody reads that one"
    assert only_row("user_name,Job Title,job_title\nada,x,y\n", "csv", {"title": "job_title"})["title"] == "y"


def test_read_csv_has_lost_the_rows_and_not_the_ragged_ones() -> None:
    rows: list[dict[Any, Any]] = [
        {"userPrincipalName": "ada@example.org", "accountEnabled": "True", "department": "d"},
        {"userPrincipalName": "bob@example.org", "accountEnabled": None, "department": None},
        {"userPrincipalName": "eve@example.org", "accountEnabled": "True", "department": "d", None: ["more"]},
    ]
    result = roster_from(rows, "entra_csv")
    assert [row["user_name"] for row in result["users"]] == ["ada@example.org"]
    assert told(result) == [(2, "row"), (3, "row")]
    assert result["ignored"] == []
    # From JSON or YAML, null is no value.
    assert only_row([{"user_name": "ada", "title": None, "department": "d"}], "csv") == {
        "user_name": "ada",
        "department": "d",
    }


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("'+447700900001", "+447700900001"),
        ('="+447700900001"', "+447700900001"),
        ("'0201234567", "0201234567"),
        ("+44 7700 900001", "+44 7700 900001"),
        ("(425) 555-0100", "(425) 555-0100"),
        ("4255550100", "4255550100"),
        ("'t", "'t"),
    ],
)
def test_what_excel_puts_in_front_of_a_number_is_taken_off(cell: str, number: str) -> None:
    quoted = cell.replace('"', '""')
    assert only_row(f'user_name,mobile\nada,"{quoted}"\n', "csv") == {"user_name": "ada", "mobile": number}


@pytest.mark.parametrize("cell", ["447700900001", "4.4770E+11", "4,477E+11", "+441,+442"])
def test_a_number_that_excel_has_changed_is_told_and_the_person_stays(cell: str) -> None:
    result = roster_from(f'user_name,mobile\nada,"{cell}"\n', "csv")
    assert result["users"] == [{"user_name": "ada"}]
    assert told(result) == [(2, "mobile")]
    assert "is not changed" in result["problems"][0]["message"]
    assert result["partial"] is None


def test_a_name_that_begins_with_an_apostrophe_keeps_it() -> None:
    assert only_row("user_name,family_name\nada,'t Hooft\n", "csv")["family_name"] == "'t Hooft"


def test_numbers_and_truth_of_json_are_text() -> None:
    row = only_row([{"user_name": "ada", "external_id": 42, "title": 7.0, "active": False}], "csv")
    assert row == {"user_name": "ada", "external_id": "42", "title": "7", "active": False}
    for number in (447700900001, True):
        assert told(roster_from([{"user_name": "ada", "mobile": number}], "csv")) == [(1, "mobile")]


@pytest.mark.parametrize(
    ("export", "why"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("\n\n,,\n", "empty"),
        ("[{", "cannot be parsed"),
        (5, "must be a list"),
        (None, "must be a list, an object of csv, or text, not nothing"),
        ({"a": 1}, "a dictionary with a, not an object of csv"),
        ({}, "with no keys"),
        (
            {"error": {"message": "Insufficient privileges"}},
            "an error message without users: Insufficient privileges",
        ),
        ({"errorSummary": "Invalid token provided"}, "Invalid token"),
        ({"failed": True, "msg": "file not found"}, "file not found"),
        (slurped(b"PK\x03\x04abc"), "Excel workbook"),
        (slurped(b"\xd0\xcf\x11\xe0abc"), "old Excel workbook"),
        (slurped(b"\x1f\x8babc"), "gzip"),
        ("PK\x03\x04abc", "Excel workbook"),
        ("$ANSIBLE_VAULT;1.1;AES256\n6162\n", "ansible-vault"),
        ("\ufeff<!DOCTYPE html><html>", "login page"),
        ("userPrincipalName,mail\nx,y\n", "Or is the source entra_csv or entra_graph"),
        ("a,b\n1,2\n", "no column gives user_name"),
    ],
)
def test_what_is_no_export_is_refused(export: Any, why: str) -> None:
    with pytest.raises(AnsibleFilterError, match=why):
        roster_from(export, "csv")


def test_nobody_is_not_everybody() -> None:
    assert roster_from([], "csv") == {
        "users": [],
        "used": [],
        "ignored": [],
        "problems": [],
        "partial": "No row names a person.",
    }
    assert roster_from(ENTRA_CSV.splitlines()[0], "entra_csv")["partial"] == "No row names a person."
    result = roster_from(["x", 5], "csv")
    assert told(result) == [(1, "row"), (2, "row")]


def test_the_output_of_a_command_is_text() -> None:
    assert only_row({"stdout": TEXT, "rc": 0, "cmd": "x"}, "entra_csv") == ZOE
    assert only_row(
        {"stdout": '[{"userPrincipalName": "ada@example.org", "accountEnabled": true}]', "rc": 0}, "entra_graph"
    )["active"]
