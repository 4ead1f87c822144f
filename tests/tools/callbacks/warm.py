# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load what every task would load anew, once: a task is a fork of this process. Halves the time of most tasks of a test."""

from __future__ import annotations

import importlib
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import action_loader, connection_loader, filter_loader, shell_loader, test_loader

DOCUMENTATION = """
name: warm
type: aggregate
short_description: Load what every task would load anew, once
description: Filters, tests, what a task on this machine needs, and the libraries of this collection.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "warm"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, playbook: Any) -> None:
        for loader in (filter_loader, test_loader):
            list(loader.all())
        connection_loader.get("local", class_only=True)
        shell_loader.get("sh", class_only=True)
        for library in ("requests", "pydantic"):
            importlib.import_module(library)
        # Ansible does so itself for a task of its own, but not for what the action of a test calls.
        for name in ("user", "user_info", "tenant_info", "roster"):
            action_loader.get(f"eightbyeight.scim.eightbyeight_{name}", class_only=True)
