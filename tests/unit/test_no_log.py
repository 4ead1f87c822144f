# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task with no_log shows no names and values in its warnings, both ways of running."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from ansible.plugins.action import ActionBase

from ansible_collections.eightbyeight.scim.plugins.action import eightbyeight_user as action
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._no_log import hidden, without_warnings

WARNING = "ada@example.org: 8x8 did not store everything as given: title is 'BOSS', asked for 'Boss'."


def test_warnings_are_counted_and_not_shown() -> None:
    assert hidden([]) == []
    (one,) = hidden([WARNING])
    (two,) = hidden([WARNING, WARNING])
    assert "A warning of this task is not shown" in one
    assert "2 warnings of this task are not shown" in two
    assert "ada" not in one + two


def test_only_the_warnings_of_an_output_change() -> None:
    result = {"changed": True, "user": {"user_name": "ada@example.org"}, "warnings": [WARNING]}
    left = json.loads(without_warnings(f"\n{json.dumps(result)}\n"))
    assert left == {**result, "warnings": hidden([WARNING])}


@pytest.mark.parametrize("output", ["", "Traceback", "{", "[1]", '{"warnings": []}', '{"changed": true}'])
def test_other_output_stays(output: str) -> None:
    assert without_warnings(output) == output


@pytest.mark.parametrize("no_log", [True, False])
@pytest.mark.parametrize("more", [(), ("legacy",)])
def test_the_output_of_a_module_is_read_without_its_warnings(
    monkeypatch: pytest.MonkeyPatch, no_log: bool, more: tuple[str, ...]
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        ActionBase, "_parse_returned_data", lambda _self, res, *more: seen.append((res["stdout"], more))
    )
    made: Any = object.__new__(action.ActionModule)
    made._task = SimpleNamespace(no_log=no_log)
    made._parse_returned_data({"stdout": json.dumps({"warnings": [WARNING]}), "rc": 0}, *more)
    ((output, rest),) = seen
    assert ("ada" in output) is not no_log
    assert rest == more
