# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of failed rows when a plan is made by one task and applied by another."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

from ansible_collections.eightbyeight.scim.tests.unit.helpers import NOW, Tenant, refusal
from ansible_collections.eightbyeight.scim.tests.unit.rosters import login, people, roster, row


def read(path: Path) -> dict[str, dict[str, str]]:
    """Return the rows of a file of failed rows by login name."""
    with path.open(encoding="utf-8", newline="") as file:
        return {line["user_name"]: line for line in csv.DictReader(file)}


def arranged(folder: Path) -> tuple[Tenant, dict[str, Any]]:
    """A plan that refused one row, in a tenant that refuses to apply another."""
    tenant = Tenant(*people(3))
    tenant.users["2"]["urn:ietf:params:scim:schemas:extension:8x8:1.1:User"] = {"site": "London"}
    rows = [row(1, title="A"), row(2, site="Paris", title="=1+1", mobile="~"), row(3, title="A")]
    files = {"failed_file": str(folder / "failed.csv"), "limits": {"update": 5}}
    planned = roster(tenant, rows, check=True, plan_file=str(folder / "plan"), **files)
    assert planned.statuses == {login(1): "planned", login(2): "refused", login(3): "planned"}
    os.utime(folder / "failed.csv", (NOW, NOW))  # as the clock of the plan has it
    tenant.before = lambda request: (
        refusal(400, "no") if request.method == "PUT" and str(request.url).endswith("/3") else None
    )
    return tenant, {"apply_plan": str(folder / "plan"), **files}


def test_rows_that_the_plan_refused_stay_in_the_file_when_it_is_applied(tmp_path: Path) -> None:
    tenant, options = arranged(tmp_path)
    path = tmp_path / "failed.csv"
    before = read(path)
    roster(tenant, **options)
    rows = read(path)
    assert sorted(rows) == [login(2), login(3)]
    kept = {name: cell for name, cell in rows[login(2)].items() if name in before[login(2)]}
    assert kept == before[login(2)]
    assert before[login(2)]["title"] == "'=1+1"
    assert "London" in before[login(2)]["reason"]


def test_a_file_of_an_earlier_day_is_replaced(tmp_path: Path) -> None:
    tenant, options = arranged(tmp_path)
    os.utime(tmp_path / "failed.csv", (1, 1))
    roster(tenant, **options)
    assert sorted(read(tmp_path / "failed.csv")) == [login(3)]


def test_a_file_that_is_no_table_is_replaced(tmp_path: Path) -> None:
    tenant, options = arranged(tmp_path)
    (tmp_path / "failed.csv").write_bytes(b"\xff\x00\xfe")
    roster(tenant, **options)
    assert sorted(read(tmp_path / "failed.csv")) == [login(3)]
