# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The operation of ``eightbyeight_roster``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from .._base import empty
from .._client import Session
from .._http.connection import Connection
from .._http.pacing import Pace
from .._manual_actions import without_ignored
from .._roster import run_roster
from .._write.client import WritingClient
from .runtime import Outcome, Runtime, operation


@operation(empty.ROSTER)
def manage_roster(options: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Outcome:
    connection = Connection.from_options(options)
    per_minute, clock = options.get("requests_per_minute"), runtime.clock
    session = Session(pace=Pace(clock, per_minute / 60 if per_minute else None))

    connect = functools.partial(WritingClient, connection, session=session, clock=clock)
    report = run_roster(connect, options, check_mode=check_mode, tell=runtime.show_progress)
    return Outcome(without_ignored(report.result, options), report.error, report.warnings)
