# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The operations of ``eightbyeight_followup`` and ``eightbyeight_followup_info``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from .._admin.address import connection_of
from .._admin.client import AdminClient
from .._base import empty
from .._base.names import customer_in
from .._http.connection import check_elsewhere
from .._ledger.doors import Doors
from .._ledger.task import change_ledger, read_ledger
from .runtime import Outcome, Runtime, operation


@operation(empty.FOLLOWUP)
def followup(options: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Outcome:
    """Do what ``eightbyeight_followup`` promises."""
    # What the task is given goes into a file.
    for name in ("api_token", "admin_api_key"):
        check_elsewhere(options, name)

    @contextlib.contextmanager
    def connect() -> Iterator[Doors]:
        scim, admin = runtime.reading_client(options), connection_of(options)
        with contextlib.ExitStack() as opened:
            yield Doors(
                opened.enter_context(scim),
                None if admin is None else opened.enter_context(AdminClient(admin)),
                customer_in(options.get("api_url"), options.get("customer_id")),
            )

    report = change_ledger(options, connect, runtime.clock, check_mode=check_mode)
    return Outcome(report.result, warnings=report.warnings)


@operation(empty.FOLLOWUP_INFO)
def followup_info(
    options: Mapping[str, Any],
    check_mode: bool,  # noqa: ARG001 - all operations have it
    runtime: Runtime,
) -> Outcome:
    """Do what ``eightbyeight_followup_info`` promises."""
    report = read_ledger(options, runtime.clock)
    return Outcome({"changed": False, **report.result}, warnings=report.warnings)
