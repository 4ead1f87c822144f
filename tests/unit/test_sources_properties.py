# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws that hold for any export: any order and subset of columns, any text in the cells, and any octets at all."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.filter.roster_from import roster_from
from ansible_collections.eightbyeight.scim.plugins.module_utils._sources.catalog import PRESETS
from ansible_collections.eightbyeight.scim.tests.unit.exports import ENTRA_HEADER, GOOGLE_HEADER, okta_user, slurped
from ansible_collections.eightbyeight.scim.tests.unit.rosters import read_rows

steady = settings(
    derandomize=True, max_examples=50, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
#: A cell: what people write, and anything else. csv cannot tell a lone carriage return from the end of a row.
CELL = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00\ufffd"), max_size=12
) | st.sampled_from(
    [
        "ada@example.org",
        "True",
        "False",
        "+44 20 7946 0001",
        "2026-12-01",
        "01/02/2026",
        "0",
        "Active",
        "'t Hooft",
        "=1+3",
    ]
)
TABLES = {"entra_csv": ENTRA_HEADER.split(","), "google_csv": GOOGLE_HEADER.split(",")}
LOGIN = {"entra_csv": "userPrincipalName", "google_csv": "Email Address [Required]"}
KEYS = {"users", "used", "ignored", "problems", "partial"}


def check(result: dict[str, Any], rows: int) -> None:
    """Check what holds of every result."""
    assert set(result) == KEYS
    assert len(result["users"]) <= rows
    read_rows(
        result["users"]
    )  # What comes out is a roster that the module takes: it would refuse all of it for one row.
    assert all(set(problem) == {"row", "column", "message"} for problem in result["problems"])
    assert set(result["used"]) & set(result["ignored"]) == set()
    json.dumps(result)


def table(header: list[str], rows: list[list[str]], delimiter: str = ",") -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("source", TABLES)
@steady
@given(data=st.data())
def test_any_order_and_any_subset_of_columns_gives_the_same_people(source: str, data: st.DataObject) -> None:
    header = data.draw(st.permutations(TABLES[source]))
    header = header[: data.draw(st.integers(0, len(header)))]
    header = header if LOGIN[source] in header else [*header, LOGIN[source]]
    rows = data.draw(st.lists(st.lists(CELL, min_size=len(header), max_size=len(header)), max_size=4))
    delimiter = data.draw(st.sampled_from([",", ";", "\t"]))
    result = roster_from(table(header, rows, delimiter), source, delimiter=delimiter)
    check(result, len(rows))
    turned = roster_from(table(header[::-1], [row[::-1] for row in rows], delimiter), source, delimiter=delimiter)
    assert turned["users"] == result["users"]
    assert turned["partial"] == result["partial"]
    # Nobody vanishes: a row is a user, or has a problem, or is empty.
    told = {problem["row"] for problem in result["problems"]}
    filled = [number for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    assert len(result["users"]) + len(told & set(filled)) >= len(filled)


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | CELL,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "type", "name", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("source", PRESETS)
@steady
@given(data=st.data())
def test_whatever_the_records_hold_a_roster_comes_out_or_one_clear_refusal(source: str, data: st.DataObject) -> None:
    preset = PRESETS[source]
    names = {name.partition(".")[0].partition("[")[0] for columns in preset.fields.values() for name in columns}
    names |= {name for status in preset.statuses for name in status.columns} | {"profile", "attributes", "id"}
    records = data.draw(st.lists(st.dictionaries(st.sampled_from(sorted(names)), VALUE, max_size=8), max_size=4))
    export = data.draw(st.sampled_from([records, {(preset.envelopes or ("value",))[0]: records}, json.dumps(records)]))
    with contextlib.suppress(AnsibleFilterError):
        check(roster_from(export, source), len(records))


@steady
@given(octets=st.binary(max_size=200) | st.text(max_size=80).map(str.encode), source=st.sampled_from(sorted(PRESETS)))
def test_any_octets_are_a_roster_or_refused(octets: bytes, source: str) -> None:
    with contextlib.suppress(AnsibleFilterError):
        check(roster_from(slurped(octets), source), 200)


@steady
@given(text=CELL, form=st.none() | st.text(max_size=8))
def test_any_date_is_a_day_or_told(text: str, form: str | None) -> None:
    with contextlib.suppress(AnsibleFilterError):
        check(roster_from([{"user_name": "ada", "starts": text, "ends": text}], "csv", date_format=form), 1)


PEOPLE = 50_000


def big_table() -> str:
    row = (
        "user{0}@example.org,Ada Lovelace,Lovelace,user{0}@example.org,Ada,{0},Member,Analyst,Research,True,GB,1 Main Street,,"
        "United Kingdom,London,London,W1,+44 20 7946 0001,+44 7700 900001,,,,,Example,,True,,,8/19/2021 1:25:31 PM\n"
    )
    return f"{ENTRA_HEADER}\n" + "".join(row.format(number) for number in range(PEOPLE))


@pytest.mark.parametrize(
    ("source", "make"),
    [
        ("entra_csv", big_table),
        ("okta_api", lambda: [okta_user(login=f"user{number}@example.org") for number in range(PEOPLE)]),
    ],
)
def test_a_large_export_takes_two_seconds_at_most(source: str, make: Any) -> None:
    """Of the processor: how much of it others use at that time is no matter of ours. ``make bench`` has figures.

    Where coverage looks at each line, that is most of the time.
    """
    export = make()
    began = time.process_time()
    result = roster_from(export, source)
    assert time.process_time() - began < (30 if "coverage" in sys.modules else 2)
    assert len(result["users"]) == PEOPLE


def test_a_large_export_takes_300_megabytes_at_most() -> None:
    octets = slurped(big_table().encode("utf-16"))
    tracemalloc.start()
    try:
        result = roster_from(octets, "entra_csv")
        assert tracemalloc.get_traced_memory()[1] < 300_000_000
    finally:
        tracemalloc.stop()
    assert len(result["users"]) == PEOPLE
