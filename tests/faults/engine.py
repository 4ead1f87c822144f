# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the campaign takes from the engine: the doors of the modules that write, and where the journal is written.

The one file of the campaign that knows where these are. Who moves them mends it here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.clock import Clock
from ansible_collections.eightbyeight.scim.plugins.module_utils._client import Session
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.refusals import LOOP_TOKEN_ERRORS, Refusals
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import STATE_DIR_VARIABLE
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec, roster_entry
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.runtime import Outcome, Runtime
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.user_entry import manage_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource import validation
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.journal import Journal

__all__ = [
    "ROSTER_DEFAULTS",
    "STATE_DIR_VARIABLE",
    "USER_DEFAULTS",
    "Clock",
    "EightByEightError",
    "Journal",
    "Outcome",
    "door",
]

#: The library that the engine loads only when it needs it, here before the forks.
_LOADED = validation

USER_DEFAULTS = {name: option.get("default") for name, option in argspec.USER.argument_spec.items()}
ROSTER_DEFAULTS = {name: option.get("default") for name, option in argspec.ROSTER.argument_spec.items()}

Door = Callable[[Mapping[str, Any], bool], Outcome]


def door(roster: bool, clock: Clock) -> Door:
    """Return the function that runs tasks of one of the two modules, with options and check mode, by a clock.

    The tasks of a loop share a session, as inside a worker.
    """
    session = Session()
    if not roster:
        session.refusals = Refusals(LOOP_TOKEN_ERRORS)

    runtime = Runtime(lambda _connection: session, clock=clock)
    if not roster:
        return lambda options, check_mode: manage_user(options, check_mode, runtime)
    return lambda options, check_mode: roster_entry.manage_roster(options, check_mode, runtime)
