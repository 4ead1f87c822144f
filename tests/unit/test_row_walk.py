# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of one row from the task to its PUT and back: no stage is entered more than twice, and a change is planned as seldom."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils import _plan
from ansible_collections.eightbyeight.scim.tests.unit.helpers import Tenant
from ansible_collections.eightbyeight.scim.tests.unit.rosters import Told, newcomer, people, roster, row, verbs

ENGINE = Path(_plan.__file__).parent
#: What a row comes by. All other files hold values, rules without state, or what a whole run shares (client, journal, breaker).
STAGES = (
    "_roster.py",
    "_sync/plan_rows.py",
    "_sync/hidden_attributes.py",
    "_sync/review.py",
    "_sync/forecast.py",
    "_sync/undo.py",
    "_sync/apply.py",
    "_sync/approved.py",
    "_write/lookup.py",
    "_user.py",
    "_write/execute.py",
    "_write/client.py",
    "_write/confirm.py",
    "_manual_actions.py",
    "_sync/verify.py",
    "_sync/failed.py",
    "_sync/report.py",
)


class Walk:
    """Counts by which calls a stage is entered from another one."""

    def __init__(self) -> None:
        self.entered: Counter[str] = Counter()
        self.planned = 0

    def _stage_of(self, frame: FrameType | None) -> str | None:
        """Return the nearest stage on the way to a frame, itself included."""
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(ENGINE) and path.relative_to(ENGINE).as_posix() in STAGES:
                return path.relative_to(ENGINE).as_posix()
            frame = frame.f_back
        return None

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        if event != "call" or code.co_name.startswith("<"):
            return
        self.planned += code is _plan.plan.__code__
        path = Path(code.co_filename)
        if path.is_relative_to(ENGINE) and path.relative_to(ENGINE).as_posix() in STAGES:
            stage = path.relative_to(ENGINE).as_posix()
            self.entered[stage] += stage != self._stage_of(frame.f_back)

    def of(self, tenant: Tenant, rows: list[Any], folder: Path) -> Told:
        """Run a roster, and note where it comes by."""
        files = {name: str(folder / name) for name in ("undo_file", "journal_file", "failed_file")}
        threading.setprofile(self)
        sys.setprofile(self)
        try:
            return roster(tenant, rows, **files)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)


ROWS = {"update": row(1, title="Chief"), "switch": row(1, active=False), "creation": newcomer(9)}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_enters_each_stage_once_or_twice(name: str, tmp_path: Path) -> None:
    tenant, walk = Tenant(*people(3)), Walk()
    told = walk.of(tenant, [ROWS[name]], tmp_path)
    assert told.error is None
    assert sum(told.summary.values()) == 1
    assert set(verbs(tenant)) - {"GET"} == {{"update": "PUT", "switch": "PATCH", "creation": "POST"}[name]}
    assert {stage: times for stage, times in walk.entered.items() if times > 2} == {}
    assert set(walk.entered) == set(STAGES)


@pytest.mark.parametrize(("name", "times"), [("update", 3), ("switch", 1), ("creation", 1)])
def test_a_change_is_planned_again_only_from_what_is_new(name: str, times: int, tmp_path: Path) -> None:
    """An update once by the listing, once by what the tenant is known not to take, and once by the read before the PUT."""
    walk = Walk()
    walk.of(Tenant(*people(3)), [ROWS[name]], tmp_path)
    assert walk.planned == times
