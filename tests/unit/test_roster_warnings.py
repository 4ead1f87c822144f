# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warnings about single users reach the result of a roster, whatever becomes of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.tests.unit.helpers import Tenant, refusal
from ansible_collections.eightbyeight.scim.tests.unit.rosters import login, person, roster, row


def silent(number: int) -> dict[str, Any]:
    """A user of whom nothing shows whether they are active."""
    return {name: value for name, value in person(number).items() if name != "active"}


def hide_active(raw: dict[str, Any]) -> None:
    raw.pop("active", None)


ROWS = [row(number, title="A") for number in (1, 2, 3)]


def warning_of(warnings: list[str], words: str) -> str:
    (warning,) = [each for each in warnings if words in each]
    return warning


def test_they_are_told_where_nothing_can_be_verified() -> None:
    tenant = Tenant(*map(silent, (1, 2, 3)))
    tenant.rewrite = hide_active
    tenant.before = lambda request: (
        refusal(503) if request.method == "GET" and "?" in str(request.url) and tenant.writes else None
    )
    told = roster(tenant, ROWS)
    assert told.summary == {"updated": 3}
    assert told.error is not None
    warning = warning_of(told.warnings, "does not show whether")
    assert f"The same holds for 2 other users ({login(2)}, {login(3)})" in warning


def test_a_value_that_was_not_stored_is_told_where_nothing_can_be_verified() -> None:
    tenant = Tenant(*map(person, (1, 2)))
    tenant.rewrite = lambda raw: raw.pop("title", None) and None
    tenant.before = lambda request: (
        refusal(503) if request.method == "GET" and "?" in str(request.url) and tenant.writes else None
    )
    told = roster(tenant, ROWS[:2])
    assert told.error is not None
    warning = warning_of(told.warnings, "did not store")
    assert warning.startswith(f"{login(1)}: 8x8 did not store everything as given: title is")
    assert warning.endswith(f"The same holds for 1 other user ({login(2)}).")


@pytest.mark.parametrize("check", [True, False])
def test_they_are_told_where_a_plan_is_applied_and_where_that_is_tried(tmp_path: Path, check: bool) -> None:
    tenant = Tenant(*map(silent, (1, 2, 3)))
    tenant.rewrite = hide_active
    path = str(tmp_path / "plan")
    assert roster(tenant, ROWS, check=True, plan_file=path).error is None
    told = roster(tenant, apply_plan=path, check=check)
    assert (told.error, told.summary) == (None, {"updated": 3})
    assert "2 other users" in warning_of(told.warnings, "does not show whether")
