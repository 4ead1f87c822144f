# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The doors of ``eightbyeight_followup`` and ``eightbyeight_followup_info``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base import empty
from .._base.clock import Clock
from .._client import Connection, check_elsewhere
from .._errors import EightByEightError
from .._ledger.task import change_ledger, read_ledger
from .runtime import ALONE, Outcome, Surroundings


def followup(options: Mapping[str, Any], check_mode: bool, surroundings: Surroundings = ALONE) -> Outcome:
    """Do what ``eightbyeight_followup`` promises."""
    try:
        # What the task is given goes into a file.
        check_elsewhere(options, str(options.get("api_token") or "").strip())
        report = change_ledger(
            options,
            lambda: surroundings.connect(Connection.from_options(options)),
            Clock(),
            check_mode=check_mode,
        )
    except EightByEightError as error:
        return Outcome({**empty.FOLLOWUP, **error.to_result()}, failed=True)
    return Outcome(report.result, warnings=report.warnings)


def followup_info(
    options: Mapping[str, Any],
    check_mode: bool,  # noqa: ARG001 - one signature for all
    surroundings: Surroundings = ALONE,  # noqa: ARG001 - it talks to nobody
) -> Outcome:
    """Do what ``eightbyeight_followup_info`` promises."""
    try:
        report = read_ledger(options, Clock())
    except EightByEightError as error:
        return Outcome({**empty.FOLLOWUP_INFO, **error.to_result()}, failed=True)
    return Outcome({"changed": False, **report.result}, warnings=report.warnings)
