# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The operations of the modules that only read: ``eightbyeight_user_info`` and ``eightbyeight_tenant_info``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base import empty
from .._errors import EightByEightError
from .._info.tenant import read_tenant
from .._info.users import read_users
from .runtime import Outcome, Runtime, operation


@operation(empty.USER_INFO)
def user_info(options: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Outcome:  # noqa: ARG001 - all have it
    with runtime.reading_client(options) as client:
        result, warnings = read_users(client, options)
        return Outcome(result, warnings=warnings)


@operation(empty.TENANT_INFO)
def tenant_info(options: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Outcome:
    try:
        with runtime.reading_client(options) as client:
            facts, warnings = read_tenant(client, options.get("gather_subset") or ["all"])
            return Outcome({**facts, "check_mode": check_mode}, warnings=warnings)
    except EightByEightError as error:
        return Outcome({"check_mode": check_mode}, error)
