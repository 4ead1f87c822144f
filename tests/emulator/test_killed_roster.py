# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A roster whose process is killed, and run again: nobody twice, and everything can be undone."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tenant_client import Tasks, let_go, together

PEOPLE = 40


@pytest.mark.parametrize("lines", [1, 12, 60])
def test_killed_and_run_again(tasks: Callable[..., Tasks], tmp_path: Path, lines: int) -> None:
    """The second run does what is left; both undo plans together take all of it back."""
    tenant = tasks(latency_ms=10)
    before = {raw["resource"]["userName"]: raw["resource"]["active"] for raw in tenant.api.tenant.users()}
    logins = [f"new{number}@example.org" for number in range(PEOPLE)]
    newcomers = [
        {"user_name": login, "given_name": "New", "family_name": "Comer", "email": login, "site": "London"}
        for login in logins
    ]
    everybody: list[Any] = [{"user_name": "ada@example.org", "title": "Boss"}, *newcomers]
    journal = tmp_path / "journal"
    options: dict[str, Any] = {
        "limits": {"deactivate": "100%", "create": PEOPLE},
        "concurrency": 4,
        "journal_file": str(journal),
    }
    undo = {"undo_file": str(tmp_path / "undo")}

    process = tenant.start_roster(everybody, **options, **undo)
    let_go(process)
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") >= lines:
            break
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it was killed on its way"

    # A process too: by the time that it has started, the tenant is through with what the killed one had sent.
    (again,) = together(tenant.start_roster(everybody, **options, **undo))
    assert "error" not in again, again.get("msg")
    assert again["summary"]["created"] <= PEOPLE
    names = [raw["resource"]["userName"] for raw in tenant.api.tenant.users()]
    assert len(names) == len(set(names)) == len(before) + PEOPLE
    created = [entry for entry in tenant.api.tenant.log if entry["method"] == "POST" and entry["status"] == 201]
    assert len(created) == PEOPLE, "each was created once"
    assert tenant.roster(everybody, **options)["changed"] is False

    plans = sorted(tmp_path.glob("undo*"), reverse=True)
    assert len(plans) == 2
    for plan in plans:
        undone = tenant.roster(apply_plan=str(plan), limits=options["limits"])
        assert "error" not in undone, undone.get("msg")
    after = {raw["resource"]["userName"]: raw["resource"]["active"] for raw in tenant.api.tenant.users()}
    assert after == {**dict.fromkeys(after, False), **before}
