# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The operation of ``eightbyeight_user``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base import empty
from .._errors import BadOptionError
from .._http.connection import Connection
from .._manual_actions import without_ignored
from .._memory import Memory
from .._user import ensure_user
from .._wanted import Wanted
from .._write.client import WritingClient
from .._write.progress import Task
from .runtime import Outcome, Runtime, operation


@operation(empty.USER)
def manage_user(options: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Outcome:
    connection = Connection.from_options(options)
    wanted = Wanted.from_options(options)
    if wanted.user_name is None and wanted.user_id is None:
        # Ansible counts an option that is null as given.
        raise BadOptionError("user_name and user_id are both missing or null. Set one of them to say who is meant.")
    memory = Memory(connection.base_url, extension_urn=connection.extension_urn)
    with WritingClient(connection, session=runtime.session(connection), clock=runtime.clock) as client:
        report = ensure_user(Task(client, wanted, memory, check_mode=check_mode))
    warnings = [warning.text for warning in report.at.warnings]
    return Outcome(without_ignored(report.result, options), report.error, warnings)
