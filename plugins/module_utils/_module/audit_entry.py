# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The operation of ``eightbyeight_audit_info``."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from .._audit.audit import audit
from .._audit.inputs import Inputs
from .._base import empty
from .._client import ScimClient, Session
from .._http.connection import Connection
from .._http.pacing import Pace
from .._ledger.clients import Clients
from .._memory import Memory
from .._rows.reader import RosterError
from .runtime import Outcome, Runtime, operation


@operation(empty.AUDIT_INFO)
def audit_info(options: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Outcome:  # noqa: ARG001 - all have it
    clock = runtime.clock
    connection = Connection.from_options(options)
    try:
        inputs = Inputs.read(options, clock)
    except RosterError as error:
        return Outcome({"problems": error.problems}, error)
    session = Session(pace=Pace(clock, None))
    scim = ScimClient(connection, session=session, clock=clock)
    memory = Memory(connection.base_url, extension_urn=connection.extension_urn)
    with contextlib.closing(session), Clients.opened(scim, options) as clients:
        report = audit(clients, inputs, memory, clock)
    return Outcome(report.result, warnings=report.warnings)
