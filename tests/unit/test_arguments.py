# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of a task as they were written, before Ansible makes text of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import yaml

from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import (
    ROSTER,
    TENANT_INFO,
    USER,
    USER_INFO,
    ArgumentSpec,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.user_entry import manage_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.cells import read_cells
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._arguments import fault_in, without_nulls

ADA = "ada@example.org"
OPTIONS: dict[str, Any] = {
    "api_url": "https://8x8.test/scim",
    "api_token": "secret-token",
    "timeout": 1.0,
    "retry_budget": 0.0,
    "validate_certs": True,
    "extension_urn": "urn:x",
}
TEXTS = ("given_name", "family_name", "email", "external_id", "title", "department", "site", "locale", "timezone")


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("written", ["NO", "off", "yes", "True"])
def test_a_boolean_is_no_text(name: str, written: str) -> None:
    fault = fault_in(USER, yaml.safe_load(f"{{user_name: {ADA}, {name}: {written}}}"))
    assert fault is not None
    for words in (ADA, f"{name} must be text, not a boolean", "quote it"):
        assert words in fault
    assert fault_in(USER, yaml.safe_load(f"{{user_name: {ADA}, {name}: '{written}'}}")) is None


@pytest.mark.parametrize("name", ["user_name", "user_id", "external_id", "customer_id", "api_token"])
@pytest.mark.parametrize("value", [123, 0o123, 1e3, True, dt.date(2026, 1, 2), dt.datetime(2026, 1, 2)])  # noqa: DTZ001
@pytest.mark.parametrize("spec", [USER, USER_INFO])
def test_an_identifier_is_text(spec: ArgumentSpec, name: str, value: Any) -> None:
    fault = fault_in(spec, {name: value})
    assert fault is not None
    assert f"{name} must be text" in fault
    assert "quote it" in fault
    assert str(value) not in fault, "it may be a secret"
    assert fault_in(spec, {name: "00123"}) is None


def test_a_number_may_be_a_title() -> None:
    assert fault_in(USER, {"user_name": ADA, "title": 5, "department": 42, "timeout": 5.5}) is None


def test_a_number_with_a_point_is_no_text_in_a_task_as_in_a_roster() -> None:
    fault = fault_in(USER, {"user_name": ADA, "department": 4.10})
    assert fault == f"{ADA}: department must be text, not a number: quote it, or a zero at its end is lost."
    assert read_cells({"user_name": ADA, "department": 4.10})[1] == [
        ("department", "must be text, not a number: quote it"),
    ]


@pytest.mark.parametrize("value", [442079460000, 442079460000.0, True])
def test_a_phone_number_is_text(value: Any) -> None:
    phones = [{"type": "work", "value": "+1"}, {"type": "mobile", "value": value}]
    fault = fault_in(USER, {"user_name": ADA, "phone_numbers": phones})
    assert fault is not None
    assert fault.startswith(f"{ADA}: phone_numbers, entry 2, value must be text")
    assert "quote it" in fault


@pytest.mark.parametrize("value", ["", "[]", {"type": "work", "value": "+1"}, 5, True, ["+1"], [None]])
def test_phone_numbers_of_another_form_name_the_option_and_the_person(value: Any) -> None:
    fault = fault_in(USER, {"user_id": "u1", "phone_numbers": value})
    assert fault is not None
    assert fault.startswith("u1: phone_numbers")
    assert "type: mobile" in fault


@pytest.mark.parametrize(
    ("spec", "name", "value", "words"),
    [
        (USER, "active", "maybe", "active must be true or false, not 'maybe'."),
        (USER, "active", "", "active must be true or false, not ''."),
        (USER, "state", "gone", "state must be one of present, absent, not 'gone'."),
        (USER, "ignored_actions", {"a": 1}, "ignored_actions must be a list, not a dictionary."),
        (USER, "timeout", "soon", "timeout must be a number, not 'soon'."),
        (USER, "page_size", [1], "page_size must be a whole number, not a list."),
        (USER, "phone_numbers", [{"type": "fax", "value": "1"}], "entry 1, type must be work or mobile, not 'fax'."),
        (USER, "title", {"a": 1}, "title must be text, not a list or a dictionary."),
        (ROSTER, "limits", "5%", "limits must be a dictionary, not '5%'."),
        (ROSTER, "canary", "few", "canary must be a whole number, not 'few'."),
        (ROSTER, "plan_file", ["plan.json"], "plan_file must be text, not a list or a dictionary."),
        (TENANT_INFO, "gather_subset", ["users", "some"], "minimal, users, filters, discovery, not 'some'."),
    ],
)
def test_an_option_of_another_type_is_told_with_the_person_and_what_to_give(
    spec: ArgumentSpec, name: str, value: Any, words: str
) -> None:
    """Ansible's own words name neither whom an item of a loop is about nor, in a list of numbers, the entry."""
    told = fault_in(spec, {"user_name": "ada@example.org", name: value}) or ""
    assert words in told
    assert told.startswith("ada@example.org: ")


@pytest.mark.parametrize(
    "given",
    [
        {"active": "yes"},
        {"active": 1},
        {"timeout": "5"},
        {"page_size": "50"},
        {"ignored_actions": "end_sessions,set_site"},
        {"limits": '{"create": 5}'},
        {"limits": "create=5"},
        {"state": "absent"},
        {"gather_subset": "users"},
    ],
)
def test_what_ansible_takes_is_taken(given: dict[str, Any]) -> None:
    (name,) = given
    (spec,) = [spec for spec in (USER, ROSTER, TENANT_INFO) if name in spec.argument_spec][:1]
    assert fault_in(spec, given) is None


@pytest.mark.parametrize("value", [None, [], [{"type": "work", "value": "+1"}]])
def test_phone_numbers_as_they_should_be(value: Any) -> None:
    assert fault_in(USER, {"user_name": ADA, "phone_numbers": value}) is None


def test_everything_that_is_wrong_is_told_at_once() -> None:
    fault = fault_in(USER, {"user_name": ADA, "external_id": 7, "department": False, "phone_numbers": ""})
    assert fault is not None
    assert all(name in fault for name in ("external_id", "department", "phone_numbers"))


def test_entries_of_lists_are_texts_too() -> None:
    fault = fault_in(ROSTER, {"users": [], "protected": ["admin@*", 123, True], "plan_digest": 12})
    assert fault is not None
    assert "protected, entry 2, must be text, not a number" in fault
    assert "protected, entry 3, must be text, not a boolean" in fault
    assert "plan_digest must be text" in fault


def test_nulls_are_not_given() -> None:
    assert without_nulls({"user_name": None, "user_id": "1", "state": None}) == {"user_id": "1"}


@pytest.mark.parametrize("name", ["user_name", "user_id", "external_id", "filter"])
def test_a_reader_whose_only_condition_is_null_does_not_read_everybody(name: str) -> None:
    fault = fault_in(USER_INFO, {name: None, "api_url": "https://x", "api_token": "t"})
    assert fault is not None
    assert fault.startswith(f"{name} is null")
    assert fault_in(USER_INFO, {name: None, "site": "London"}) is None


@pytest.mark.parametrize("spec", [USER, USER_INFO, TENANT_INFO, ROSTER])
def test_nothing_given_is_nothing_wrong(spec: ArgumentSpec) -> None:
    assert fault_in(spec, {}) is None
    assert fault_in(spec, {"api_url": None, "no_such_option": True}) is None


def test_the_engine_looks_for_nobody_who_is_called_none() -> None:
    told = manage_user({**OPTIONS, "user_name": None, "user_id": None, "state": "absent"}, False)
    assert told.failed
    assert told.result["error"]["kind"] == "bad_option"
    assert "user_name and user_id are both missing or null" in told.result["msg"]
