#!/usr/bin/python
# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: eightbyeight_followup_info
short_description: Read the ledger of what people must still do in 8x8 by hand
version_added: 0.1.0
description:
  - Reads a ledger of M(eightbyeight.scim.eightbyeight_followup). If several options are given, a follow-up must match all of
    them.
  - It sends no requests and needs no token. A ledger that does not exist yet is empty; its folder must exist.
options:
  path:
    description:
      - The file of the ledger.
    type: path
    required: true
  tenant:
    description:
      - The tenant whose follow-ups to read. By default the customer in O(api_url), or O(customer_id); without these, all
        tenants.
    type: str
  state:
    description:
      - Only follow-ups in this state.
    type: str
    choices: [open, done, withdrawn]
  owner:
    description:
      - Only follow-ups of this owner.
    type: str
  user_name:
    description:
      - Only follow-ups of the user with this login name, compared without case.
    type: str
  overdue:
    description:
      - V(true) returns only open follow-ups whose due date is over, V(false) only the others.
    type: bool
extends_documentation_fragment:
  - eightbyeight.scim._auth
  - eightbyeight.scim._attributes
  - eightbyeight.scim._attributes.info
  - eightbyeight.scim._attributes.actiongroup_eightbyeight
seealso:
  - module: eightbyeight.scim.eightbyeight_followup
author:
  - eightbyeight.scim contributors (@ansible-collections)
"""

EXAMPLES = r"""
- name: Read what is overdue
  eightbyeight.scim.eightbyeight_followup_info:
    path: /tmp/followups.jsonl
    overdue: true
  register: overdue

- name: Read what the help desk has to do for somebody
  eightbyeight.scim.eightbyeight_followup_info:
    path: /tmp/followups.jsonl
    state: open
    owner: help desk
    user_name: ada@example.org
"""

RETURN = r"""
followups:
  description: The follow-ups that match, sorted by tenant, login name, action and occurrence.
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
    refuse_old_python("FOLLOWUP_INFO")

    # An old Python cannot compile what follows.
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import FOLLOWUP_INFO
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.exit import run_module
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.followup_entry import followup_info

    run_module(FOLLOWUP_INFO, followup_info)


if __name__ == "__main__":
    main()
