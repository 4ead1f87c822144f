# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The operations of ``eightbyeight_followup`` and ``eightbyeight_followup_info``."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from .._base import empty
from .._http.connection import check_secret_place
from .._ledger.clients import Clients
from .._ledger.task import change_ledger, read_ledger
from .masking import SECRET_OPTIONS
from .runtime import Outcome, Runtime, operation


@operation(empty.FOLLOWUP)
def followup(options: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Outcome:
    # The options of the task are written into a file, so they must not contain a secret.
    for name in SECRET_OPTIONS:
        check_secret_place(options, name)

    def connect() -> contextlib.AbstractContextManager[Clients]:
        return Clients.opened(runtime.reading_client(options), options)

    report = change_ledger(options, connect, runtime.clock, check_mode=check_mode)
    return Outcome(report.result, warnings=report.warnings)


@operation(empty.FOLLOWUP_INFO)
def followup_info(
    options: Mapping[str, Any],
    check_mode: bool,  # noqa: ARG001 - all operations have it
    runtime: Runtime,
) -> Outcome:
    report = read_ledger(options, runtime.clock)
    return Outcome(report.result, warnings=report.warnings)
