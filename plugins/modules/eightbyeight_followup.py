#!/usr/bin/python
# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: eightbyeight_followup
short_description: Keep a ledger of what people must still do in 8x8 by hand
version_added: 0.1.0
description:
  - SCIM does half of the job. The other half are manual actions, which the other modules return as C(manual_actions). This
    module opens them as follow-ups in a ledger and closes them, so that none is forgotten and none is opened twice.
  - A follow-up that is open is never opened twice. If you open one that was closed, a new occurrence begins, and the old one
    stays.
  - If a user is deactivated (C(reclaim_license), C(end_sessions) or another action for people who leave is opened), open
    follow-ups for the start of the same user are withdrawn.
  - The ledger is a file of JSON Lines in a stable order, one follow-up a line, made for git. It is replaced as a whole, with
    mode 0600, and locked against other runs.
  - With C(FILE merge=union) in C(.gitattributes), git merges the ledgers of two branches without conflicts. If two people
    changed one follow-up in different ways, the next task names both lines and writes nothing.
  - Without O(close_on_evidence), it sends no requests and needs no token.
options:
  path:
    description:
      - The file of the ledger. It is created if it does not exist. Its folder must exist.
    type: path
    required: true
  actions:
    description:
      - Follow-ups to open or close, a list like C(manual_actions) of the other modules. Each has C(action), C(user_name) or
        C(user_id) or both, and may have C(reason) and C(where).
      - Cannot be combined with O(action).
    type: raw
  action:
    description:
      - One follow-up to open or close. An action such as V(assign_license), or your own words.
      - Cannot be combined with O(actions).
    type: str
  user_name:
    description:
      - The login name of the user for O(action). With O(close_on_evidence), only this user is checked.
    type: str
  user_id:
    description:
      - The id of that user. If it is known, it identifies the user of a follow-up, otherwise the login name does.
    type: str
  reason:
    description:
      - Why O(action) is needed.
    type: str
  where:
    description:
      - The place for O(action), such as a page of Admin Console.
    type: str
  state:
    description:
      - V(open) opens a follow-up that is not open. V(done) and V(withdrawn) close an open follow-up, and leave a closed one
        alone.
    type: str
    choices: [open, done, withdrawn]
    default: open
  tenant:
    description:
      - The tenant of the follow-ups. By default the customer in O(api_url), or O(customer_id).
    type: str
  owner:
    description:
      - Who must do it. The owner of a follow-up that is already open is changed.
    type: str
  closed_by:
    description:
      - Who closed it.
    type: str
  note:
    description:
      - A remark. It replaces an earlier one.
    type: str
  told:
    description:
      - Whether somebody was notified of it just now, such as with a ticket. Then RV(followups[].to_tell) is V(false) until
        the due date is over.
    type: bool
    default: false
  due:
    description:
      - The due date, the last day on which the follow-up is not overdue.
      - A date such as V(2026-12-01); or a number of days or weeks from the day it is opened, such as V(+5d) or V(+2w), which
        never changes the due date of an open follow-up; or a dictionary of these by action.
    type: raw
  journal_file:
    description:
      - The O(eightbyeight.scim.eightbyeight_roster#module:journal_file) of a roster. The module also opens follow-ups for
        what the journal confirms, unless an earlier task did so. So the follow-ups of a run that was killed are not lost.
        For a request without an answer, a note says so. If somebody was deactivated or activated again, follow-ups that are
        not needed any more are withdrawn.
      - The module notes in the journal that this is done. Without O(actions), it creates a journal that does not exist yet.
        So name the journal in a task before the roster, and again with O(actions) after it.
    type: path
  ignored_actions:
    description:
      - Manual actions that your team never does, such as V(set_profile_picture). They are not opened.
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
  close_on_evidence:
    description:
      - Read the tenant, with GET requests only, and close the follow-ups that it shows as done. Nothing is opened. A
        follow-up that cannot be seen stays open.
      - SCIM shows C(set_site), C(change_site), C(check_site), C(activate_user), C(deactivate_user) and C(confirm_return).
      - With O(admin_api_key), the Administration API shows C(assign_license), C(reclaim_license), C(assign_phone_line),
        C(assign_profile), C(enable_directory_visibility) and C(delete_record).
    type: bool
    default: false
  keep:
    description:
      - How long a closed follow-up of this tenant stays in the ledger, in days (V(400d)) or weeks (V(60w)).
    type: str
    default: 400d
extends_documentation_fragment:
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
seealso:
  - module: eightbyeight.scim.eightbyeight_followup_info
  - module: eightbyeight.scim.eightbyeight_user
  - module: eightbyeight.scim.eightbyeight_roster
author:
  - eightbyeight.scim contributors (@ansible-collections)
"""

EXAMPLES = r"""
- name: Create somebody
  eightbyeight.scim.eightbyeight_user:
    user_name: ada@example.org
    given_name: Ada
    family_name: Lovelace
    email: ada@example.org
  register: ada

- name: Remember what is left to do by hand, and until when
  eightbyeight.scim.eightbyeight_followup:
    path: /tmp/followups.jsonl
    actions: "{{ ada.manual_actions }}"
    owner: help desk
    due:
      assign_license: +2d
      set_profile_picture: +4w

- name: The license was assigned
  eightbyeight.scim.eightbyeight_followup:
    path: /tmp/followups.jsonl
    action: assign_license
    user_name: ada@example.org
    state: done
    closed_by: maria

- name: Close what 8x8 shows as done
  eightbyeight.scim.eightbyeight_followup:
    path: /tmp/followups.jsonl
    close_on_evidence: true
"""

RETURN = r"""
followups:
  description: The follow-ups that were opened, changed or closed.
  type: list
  elements: dict
  returned: always
  contains:
    tenant:
      description: The tenant of the follow-up.
      type: str
      sample: 0012J00042NkZQIQA3
    user_name:
      description: The login name of the user.
      type: str
      sample: ada@example.org
    user_id:
      description: The id that 8x8 made for this user, if it is known.
      type: str
      sample: hvOB1l3zDCaDAwp9tNLzZA
    action:
      description:
        - What a person must do, one of the actions of RV(eightbyeight.scim.eightbyeight_user#module:manual_actions), or your
          own words.
      type: str
      sample: assign_license
    occurrence:
      description: V(1), and one more each time it is opened again after it was closed.
      type: int
      sample: 1
    state:
      description: The state of the follow-up.
      type: str
      choices: [open, done, withdrawn]
      sample: done
    opened:
      description: When it was opened, in UTC.
      type: str
      sample: "2026-03-02T09:30:00Z"
    due:
      description: The due date, or V(null).
      type: str
      sample: "2026-03-07"
    owner:
      description: Who must do it.
      type: str
      sample: help desk
    reason:
      description: Why it is needed.
      type: str
      sample: SCIM cannot assign an X Series license; without one there is no phone service.
    where:
      description: The page of Admin Console.
      type: str
      sample: Admin Console > Home > Users > ada@example.org
    closed:
      description: When it was closed, in UTC.
      type: str
      sample: "2026-03-03T08:00:00Z"
    closed_by:
      description: Who closed it; V(evidence) if 8x8 shows that it is done.
      type: str
      sample: evidence
    note:
      description: A remark.
      type: str
      sample: 8x8 shows the site London.
    told:
      description: When somebody was last notified of it, in UTC.
      type: str
      sample: "2026-03-02T09:31:00Z"
    history:
      description: The changes since it was opened, oldest first, each with C(at) and the new values.
      type: list
      elements: dict
      sample: [{"at": "2026-03-03T08:00:00Z", "state": "done", "closed_by": "evidence", "note": "8x8 shows the site London."}]
    overdue:
      description: Whether it is open and its due date is over.
      type: bool
      sample: false
    to_tell:
      description: Whether it is open and nobody was notified of it yet, or nobody after its due date.
      type: bool
      sample: false
counts:
  description: How many follow-ups of this tenant are in each state, and how many are overdue.
  type: dict
  returned: always
  contains:
    open:
      description: Still to be done.
      type: int
      sample: 4
    done:
      description: Done.
      type: int
      sample: 2
    withdrawn:
      description: No longer needed.
      type: int
      sample: 0
    overdue:
      description: Open follow-ups whose due date is over.
      type: int
      sample: 1
diff:
  description: The lines of the ledger that were removed and added, in the form of C(--diff).
  type: dict
  returned: always
  contains:
    before:
      description: Lines that are replaced or removed.
      type: str
      sample: ""
    after:
      description: Lines that replace them or are new.
      type: str
      sample: ""
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
          V(refused), V(bad_ledger), V(locked), V(key_rejected).
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
    refuse_old_python("FOLLOWUP")

    # An old Python cannot compile what follows.
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import FOLLOWUP
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.exit import run_module
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.followup_entry import followup

    run_module(FOLLOWUP, followup)


if __name__ == "__main__":
    main()
