# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  ignored_actions:
    description:
      - Manual actions that your team never does, such as V(set_profile_picture). They are left out of
        RV(ignore:manual_actions).
    type: list
    elements: str
    choices:
      - assign_license
      - assign_phone_line
      - assign_profile
      - set_cost_center
      - set_profile_picture
      - enable_directory_visibility
      - set_site
      - change_site
      - check_site
      - rename_user
      - delete_record
      - deactivate_user
      - activate_user
      - reclaim_license
      - end_sessions
      - confirm_return
      - save_voicemail
      - decide_phone_number
    default: []
"""
