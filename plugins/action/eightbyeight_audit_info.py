# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import AUDIT_INFO
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.audit_entry import audit_info
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._direct import DirectAction


class ActionModule(DirectAction):
    SPEC = AUDIT_INFO
    OPERATION = audit_info
