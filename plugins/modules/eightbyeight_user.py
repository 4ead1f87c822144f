#!/usr/bin/python
# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: eightbyeight_user
short_description: Manage one user of an 8x8 phone system
version_added: 0.1.0
description:
  - Creates, updates, activates and deactivates one user of an 8x8 X Series tenant through its SCIM 2.0 API.
  - Reads first and writes only what differs. If only the activation differs, it sends one PATCH. If anything else differs,
    it sends one PUT of the whole, freshly read user, so that nothing that 8x8 stores is lost.
  - 8x8 never deletes a user through SCIM. O(state=absent) deactivates.
options:
  state:
    description:
      - With V(present) the user is created if missing, and updated to the given values. Nobody is activated or deactivated
        unless O(active) is given.
      - With V(absent) an active user is deactivated. A user who is missing or inactive is left alone. Attributes may be
        given, and have no effect.
    type: str
    choices: [present, absent]
    default: present
  user_name:
    description:
      - The login name. It is compared without case, and cannot be changed once the user exists.
      - 8x8 requires that it is unique across all its customers. At creation it also becomes the Federation ID.
      - One of O(user_name) and O(user_id) is required. When both are given, they must mean the same user.
      - If O(external_id), O(given_name) and O(family_name) of a task all differ from those of the account, another person
        may have the login name now. Such a task is refused with the error V(ambiguous), unless it gives O(user_id) too.
    type: str
  user_id:
    description:
      - The id that 8x8 made. Names an existing user without a search.
    type: str
  active:
    description:
      - Whether the user can log in. If it is left out, it is left alone, like every other attribute. A deactivated user
        stays deactivated, and a warning says so; V(true) activates the user again.
      - A user who does not exist yet is created active, unless this is V(false).
      - Cannot be combined with O(state=absent).
    type: bool
extends_documentation_fragment:
  - eightbyeight.scim._user
  - eightbyeight.scim._actions
  - eightbyeight.scim._auth
  - eightbyeight.scim._attributes
  - eightbyeight.scim._attributes.actiongroup_eightbyeight
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - If 8x8 stores a value differently, or not at all, the user is read once more, and one warning names the attribute. A
        fingerprint of both values is stored for 30 days in C(~/.ansible/eightbyeight.scim), or in the folder that
        E(EIGHTBYEIGHT_STATE_DIR) names, and no update is sent because of this value. An update that is sent for another
        reason includes it. The fingerprint is removed as soon as 8x8 shows the value as given. If the folder does not last,
        as in a container, each run starts without it.
      - If 8x8 shows no newer version, time or value after such an update, it may not have processed it yet. Then the
        fingerprint is valid only until the user changes.
notes:
  - If 8x8 gives a user a version, a PUT is bound to that version (C(If-Match)). If somebody else was faster, the user is
    read and compared once more, and the other change is kept. If that happens twice, the task fails, and the user is left
    alone.
  - It is not known whether 8x8 gives versions. If it does not, a change by somebody else between the fresh read and the PUT
    is overwritten, and cannot be seen. If a user changed between the search and the fresh read, or differs after the PUT
    from what it carried, a warning names the attributes.
  - If 8x8 refuses an update because of its version (412), and the user did not change, 8x8 does not match its own versions.
    Then the update is sent once without a version, and a warning says so.
  - A PATCH changes only the activation, so it overwrites no other change.
  - If a server keeps attributes that an update leaves out, the update is sent once more with V(null) for the attributes to
    clear.
seealso:
  - module: eightbyeight.scim.eightbyeight_user_info
  - module: eightbyeight.scim.eightbyeight_tenant_info
author:
  - eightbyeight.scim contributors (@ansible-collections)
"""

EXAMPLES = r"""
- name: Onboard a user
  eightbyeight.scim.eightbyeight_user:
    user_name: ada@example.org
    given_name: Ada
    family_name: Lovelace
    email: ada@example.org
    title: Analyst
    department: Engineering
    site: London
    phone_numbers:
      - type: mobile
        value: "+44 20 7946 0000"
  register: ada

- name: Show what a person must still do in Admin Console
  ansible.builtin.debug:
    msg: "{{ item.action }}: {{ item.reason }} ({{ item.where }})"
  loop: "{{ ada.manual_actions }}"
  loop_control:
    label: "{{ item.action }}"

- name: Change the title, clear the phone numbers, leave everything else alone
  eightbyeight.scim.eightbyeight_user:
    user_name: ada@example.org
    title: Senior Analyst
    phone_numbers: []

- name: Create a user who cannot log in yet
  eightbyeight.scim.eightbyeight_user:
    user_name: grace@example.org
    given_name: Grace
    family_name: Hopper
    email: grace@example.org
    active: false

- name: Bring back a user who was deactivated
  eightbyeight.scim.eightbyeight_user:
    user_name: grace@example.org
    active: true

- name: Offboard a user, named by id
  eightbyeight.scim.eightbyeight_user:
    user_id: "{{ ada.user.id }}"
    state: absent
"""

RETURN = r"""
user:
  description: The user after the task, or as it would be in check mode. V(null) if there is none.
  type: dict
  returned: always
  contains:
    id:
      description: The id that 8x8 made. V(null) in check mode for a user who would be created.
      type: str
      sample: hvOB1l3zDCaDAwp9tNLzZA
    user_name:
      description: The login name.
      type: str
      sample: ada@example.org
    external_id:
      description: The id in your own directory.
      type: str
      sample: "4711"
    given_name:
      description: First name.
      type: str
      sample: Ada
    family_name:
      description: Last name.
      type: str
      sample: Lovelace
    email:
      description: The work e-mail address.
      type: str
      sample: ada@example.org
    active:
      description: Whether the user can log in.
      type: bool
      sample: true
    title:
      description: Job title.
      type: str
      sample: Analyst
    department:
      description: Department.
      type: str
      sample: Engineering
    site:
      description: Name of the site.
      type: str
      sample: London
    locale:
      description: Language.
      type: str
      sample: en-GB
    timezone:
      description: Time zone.
      type: str
      sample: Europe/London
    phone_numbers:
      description: Personal contact numbers of the types work and mobile, sorted.
      type: list
      elements: dict
      sample: [{type: mobile, value: "+44 20 7946 0000"}]
    created:
      description: When the user was created, as 8x8 writes it.
      type: str
      sample: "2026-03-02T09:30:00Z"
    last_modified:
      description: When the user was last changed, as 8x8 writes it.
      type: str
      sample: "2026-03-02T09:30:00Z"
operation:
  description:
    - What was done, or would be done in check mode. If the activation changes, the operation is V(activated) or
      V(deactivated), even if other attributes change too.
  type: str
  returned: always
  sample: created
  choices: [created, updated, activated, deactivated, unchanged]
diff:
  description: The attributes that change, before and after. Shown with C(--diff).
  type: dict
  returned: always
  contains:
    before:
      description: The attributes as they were. V(null) for a user who did not exist.
      type: dict
      sample: {title: Analyst}
    after:
      description: The attributes as they were asked for.
      type: dict
      sample: {title: Senior Analyst}
manual_actions:
  description: What a person must still do in Admin Console, because SCIM cannot. Empty when nothing changed.
  type: list
  elements: dict
  returned: always
  contains:
    action:
      description:
        - What to do, as a stable word. V(assign_license), V(assign_phone_line), V(assign_profile), V(set_cost_center),
          V(set_profile_picture), V(enable_directory_visibility) and V(set_site) after a creation. V(save_voicemail),
          V(decide_phone_number), V(end_sessions), V(reclaim_license) and V(delete_record) after a deactivation.
          V(change_site), V(check_site), V(rename_user), V(deactivate_user) and V(activate_user) for a change that 8x8
          refuses, or accepts and does not do. V(confirm_return) if M(eightbyeight.scim.eightbyeight_roster) refuses a row of
          a deactivated user.
      type: str
      sample: assign_license
    user_name:
      description: The login name of the user.
      type: str
      sample: ada@example.org
    user_id:
      description: The id of the user, if there is one.
      type: str
      sample: hvOB1l3zDCaDAwp9tNLzZA
    reason:
      description: Why.
      type: str
      sample: SCIM cannot assign an X Series license; without one there is no phone service.
    where:
      description: The page of Admin Console.
      type: str
      sample: Admin Console > Home > Users > ada@example.org
error:
  description:
    - What went wrong, for conditions in playbooks. The text for people is in RV(ignore:msg).
    - Never contains a request or response body, a header, or the token.
  type: dict
  returned: failure
  contains:
    kind:
      description:
        - A stable word. Among them V(token_rejected), V(forbidden), V(not_write_client), V(wrong_customer), V(gateway),
          V(rate_limited), V(server_error), V(timeout), V(connection_lost), V(unreachable), V(proxy), V(tls),
          V(missing_library), V(wrong_library), V(wrong_python), V(redirect_refused), V(bad_answer), V(too_large),
          V(bad_option), V(filter_refused), V(filter_ignored), V(ambiguous), V(incomplete_listing), V(user_not_found),
          V(user_name_taken), V(user_name_taken_elsewhere), V(user_name_fixed), V(site_fixed), V(unknown_site),
          V(missing_attributes), V(changed_meanwhile), V(not_applied), V(not_confirmed), V(conflict), V(not_supported),
          V(refused).
      type: str
      sample: token_rejected
    status:
      description: The HTTP status, or V(null) if no answer came.
      type: int
      sample: 401
    scim_type:
      description: The SCIM error type, if the server gave one.
      type: str
      sample: uniqueness
    detail:
      description: The server's own explanation in one line, without the token.
      type: str
      sample: User already exists
    method:
      description: The HTTP verb of the request that failed.
      type: str
      sample: GET
    path:
      description: Its path below the SCIM base URL.
      type: str
      sample: /Users
"""

from ansible_collections.eightbyeight.scim.plugins.module_utils._module.old_python import refuse_old_python


def main():  # type: () -> None
    refuse_old_python("USER")

    # An old Python cannot compile what follows.
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import USER
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.exit import run_module
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.user_entry import manage_user

    run_module(USER, manage_user)


if __name__ == "__main__":
    main()
