#!/usr/bin/python
# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: eightbyeight_audit_info
short_description: Audit the users of an 8x8 phone system against a roster
version_added: 0.1.0
description:
  - Reads all users, compares them with a roster, and puts every account and every row of the roster into exactly one
    situation. It counts the situations, says how each figure was counted, and lists what it cannot see.
  - It sends only GET requests, so it can run beside Okta, Microsoft Entra ID or any other client that provisions the tenant.
  - With O(admin_api_key) it also reads licenses from 8x8's Administration API, which is in beta. If the key is refused, the
    module fails; it never shows a figure that is too low.
  - The role P(eightbyeight.scim.audit#role) writes the result as JSON, CSV, HTML and metrics for Prometheus.
options:
  users:
    description:
      - The roster, as in O(eightbyeight.scim.eightbyeight_roster#module:users), a whole result of the filter
        P(eightbyeight.scim.roster_from#filter), or the JSON text of one of them. Without it, accounts are V(active),
        V(inactive) or V(unreadable).
      - A row that cannot be read is V(unreadable) and is listed in RV(problems); the other rows are audited. If no row can
        be read, the whole roster is refused.
      - C(partial) of a result of P(eightbyeight.scim.roster_from#filter) makes RV(figures.orphaned) unknown, because an
        account without a row may still belong to somebody.
    type: raw
  protected:
    description:
      - Login names that are V(protected), with C(*), C(?) and C([...]) as wildcards, compared without case, as in
        O(eightbyeight.scim.eightbyeight_roster#module:protected).
    type: list
    elements: str
    default: []
  stale_days:
    description:
      - After how many days without a change an active account counts as stale. SCIM shows only the last change, not the last
        login or call.
    type: int
  license_cost:
    description:
      - What one license costs a month, for RV(figures.unused_cost_per_year).
    type: float
  license_ignore:
    description:
      - Names of licenses that do not count, with C(*), C(?) and C([...]) as wildcards, compared without case. By default
        these are the licenses that come with a phone number.
    type: list
    elements: str
    default: ["*DID*"]
  currency:
    description:
      - The currency of O(license_cost), for reports.
    type: str
    default: USD
  as_of:
    description:
      - The moment of the audit, now unless given. It is used for C(starts) and C(ends) of O(users), for O(stale_days) and
        for overdue follow-ups. The data of 8x8 is always that of now.
    type: str
  dates_timezone:
    description:
      - The time zone of the dates in O(users), an IANA name such as C(Europe/Berlin).
    type: str
    default: UTC
  ledger:
    description:
      - The file of a ledger of M(eightbyeight.scim.eightbyeight_followup), to count the manual actions that are open and
        overdue.
    type: path
  previous:
    description:
      - An earlier audit of the same tenant, the JSON file of the role P(eightbyeight.scim.audit#role), for RV(changes). If
        the file does not exist yet, RV(limitations) says so.
    type: path
extends_documentation_fragment:
  - eightbyeight.scim._auth
  - eightbyeight.scim._attributes
  - eightbyeight.scim._attributes.info
  - eightbyeight.scim._attributes.actiongroup_eightbyeight
seealso:
  - module: eightbyeight.scim.eightbyeight_roster
  - module: eightbyeight.scim.eightbyeight_service_info
  - module: eightbyeight.scim.eightbyeight_followup
author:
  - eightbyeight.scim contributors (@ansible-collections)
"""

EXAMPLES = r"""
- name: See who is active, and what unused licenses cost
  eightbyeight.scim.eightbyeight_audit_info:
    license_cost: 25
    stale_days: 180
  register: audit

- name: Compare everybody with the list of the personnel department
  eightbyeight.scim.eightbyeight_audit_info:
    users:
      - user_name: grace@example.org
        department: Engineering
        ends: 2026-11-30
    as_of: "2026-12-05"
  register: audit

- name: Show who left and can still use the phone
  ansible.builtin.debug:
    msg: "{{ audit.accounts | selectattr('situation', 'equalto', 'left_but_active') | map(attribute='user_name') | list }}"
"""

RETURN = r"""
tenant:
  description: The customer whose tenant it is, else its address.
  type: str
  returned: always
  sample: 0012J00042NkZQIQA3
as_of:
  description: The moment of the audit, in UTC.
  type: str
  returned: always
  sample: "2026-12-05T00:00:00Z"
accounts:
  description:
    - All accounts and rows, sorted by login name. An account and its row are one entry. Every account and every row is here
      once.
    - If a row matches several accounts, the row and each of these accounts have their own entries.
  type: list
  elements: dict
  returned: always
  contains:
    user_name:
      description: The login name, or V(null) if there is none.
      type: str
      sample: ada@example.org
    id:
      description: The id that 8x8 made; V(null) if there is no account, or if it cannot be read.
      type: str
      sample: hvOB1l3zDCaDAwp9tNLzZA
    situation:
      description:
        - The first that applies.
        - V(unreadable), 8x8 shows something that is not a user, or the row is wrong. V(duplicate), several accounts have
          this login name. V(ambiguous), a row matches several accounts, several rows match one account, or another person
          seems to have the login name now. V(protected), see O(protected).
        - V(left_but_active), the row says that the account must be deactivated by now (C(ends), C(state=absent) or
          C(active=false)), but it is active. V(waiting), the row has not started yet. V(missing), there is no account.
          V(drifted), a value is not the one in the row. V(in_sync), all values are the ones in the row, and a person who
          left is deactivated.
        - V(inactive), a deactivated account that no row names. V(orphaned), an active account that no row names.
        - V(active), without O(users).
      type: str
      sample: left_but_active
    active:
      description: Whether the account is active; V(null) if there is none, or if it cannot be read.
      type: bool
      sample: true
    differences:
      description: Attributes that differ from the row, each with C(before), the value in 8x8, and C(after), the value in the
        row.
      type: dict
      sample: {"department": {"before": "Sales", "after": "Engineering"}}
    licenses:
      description: The names of all licenses, including those of O(license_ignore); V(null) if they are not known.
      type: list
      elements: str
      sample: [X Series X2]
    last_modified:
      description: When the account was last changed, as 8x8 shows it.
      type: str
      sample: "2026-03-02T09:30:00Z"
    row:
      description: The position of the row, from 1; V(null) if there is no row for exactly this account.
      type: int
      sample: 17
    external_id:
      description: The external id of the account, or of the row if there is no account. The same is true for the next
        attributes.
      type: str
      sample: "1017"
    given_name:
      description: The given name.
      type: str
      sample: Ada
    family_name:
      description: The family name.
      type: str
      sample: Lovelace
    title:
      description: The title.
      type: str
      sample: Analyst
    department:
      description: The department.
      type: str
      sample: Engineering
    site:
      description: The site.
      type: str
      sample: London
    stale:
      description: Whether the account counts as stale; V(null) if that is not known, or without O(stale_days).
      type: bool
      sample: false
    left_days:
      description: For how many whole days a person who left is still active, if the row has C(ends).
      type: int
      sample: 4
    problem:
      description: What makes it V(unreadable), V(duplicate) or V(ambiguous), or V(null).
      type: str
      sample: null
situations:
  description: How many entries of RV(accounts) are in each situation, including situations with none.
  type: dict
  returned: always
  sample: {"unreadable": 0, "active": 41, "inactive": 3}
figures:
  description: The figures of the audit. A figure is V(null) if it cannot be known; RV(formulas) says why.
  type: dict
  returned: always
  contains:
    accounts: {description: "All accounts.", type: int, sample: 44}
    active: {description: "Active accounts.", type: int, sample: 41}
    inactive: {description: "Deactivated accounts.", type: int, sample: 3}
    orphaned: {description: "Active accounts without a row, without the protected accounts.", type: int, sample: 7}
    left_but_active: {description: "Accounts of people who left and are still active.", type: int, sample: 1}
    missing: {description: "People of the roster without an account.", type: int, sample: 2}
    drifted: {description: "Accounts with a value that differs from the roster.", type: int, sample: 5}
    stale: {description: "Active accounts that were not changed for O(stale_days).", type: int, sample: 9}
    active_without_license: {description: "Active accounts without a license.", type: int, sample: 4}
    licenses_assigned: {description: "Licenses that accounts hold.", type: int, sample: 40}
    licenses_unused: {description: "Licenses that deactivated accounts hold.", type: int, sample: 3}
    unused_cost_per_year: {description: "The cost of RV(figures.licenses_unused) a year.", type: float, sample: 900.0}
    manual_actions_open: {description: "Open follow-ups of this tenant in O(ledger).", type: int, sample: 12}
    manual_actions_overdue: {description: "Open follow-ups whose due date is over.", type: int, sample: 2}
formulas:
  description: A sentence for each figure that says how it is counted, or why it is V(null).
  type: dict
  returned: always
  sample: {"active": "Accounts that are active."}
manual_actions:
  description:
    - How many follow-ups of this tenant are open in O(ledger), by action. Your own actions count as V(other).
  type: dict
  returned: always
  sample: {"assign_license": 3}
changes:
  description: Who is in another situation than in O(previous).
  type: list
  elements: dict
  returned: always
  contains:
    user_name:
      description: The login name.
      type: str
      sample: ada@example.org
    id:
      description: The id that 8x8 made, where there is an account.
      type: str
      sample: hvOB1l3zDCaDAwp9tNLzZA
    from:
      description: The situation before; V(null) for somebody who was not in that audit.
      type: str
      sample: in_sync
    to:
      description: The situation now; V(null) for somebody who does not exist any more.
      type: str
      sample: left_but_active
compared_with:
  description: The moment of the audit that RV(changes) is compared with; V(null) without one.
  type: str
  returned: always
  sample: "2026-11-28T00:00:00Z"
complete:
  description:
    - Whether all users whom 8x8 announces were seen. If not, no figure of the tenant is known. An account that cannot be
      read counts as seen, and is V(unreadable).
  type: bool
  returned: always
  sample: true
evidence:
  description: The APIs that were read.
  type: str
  choices: [scim, scim+administration]
  returned: always
  sample: scim
limitations:
  description: What this audit cannot see, in sentences.
  type: list
  elements: str
  returned: always
  sample:
    - No API shows licenses that are bought and assigned to nobody. See Admin Console > Home > Licenses for them.
problems:
  description:
    - What is wrong with the rows of the roster, the first thousand problems. Those of a result of
      P(eightbyeight.scim.roster_from#filter) come first, with the rows as it counts them.
  type: list
  elements: dict
  returned: always
  contains:
    row:
      description: The position of the row, from 1.
      type: int
      sample: 3
    column:
      description: The key.
      type: str
      sample: ends
    message:
      description: What is wrong with it.
      type: str
      sample: is not before ends (2026-12-02, 2026-12-01)
roster_rows:
  description: How many rows the roster has; V(null) without a roster.
  type: int
  returned: always
  sample: 42
stale_days:
  description: As given.
  type: int
  returned: always
  sample: 180
license_cost:
  description: As given.
  type: float
  returned: always
  sample: 25.0
license_ignore:
  description: As given.
  type: list
  elements: str
  returned: always
  sample: ["*DID*"]
currency:
  description: As given.
  type: str
  returned: always
  sample: USD
requests:
  description: The requests that were sent, by verb.
  type: dict
  returned: always
  sample: {"GET": 2}
seconds:
  description: How long reading and comparing took.
  type: float
  returned: always
  sample: 0.4
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
          V(refused), V(bad_roster), V(bad_ledger), V(locked), V(key_rejected).
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
    refuse_old_python("AUDIT_INFO")

    # An old Python cannot compile what follows.
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import AUDIT_INFO
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.audit_entry import audit_info
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.exit import run_module

    run_module(AUDIT_INFO, audit_info)


if __name__ == "__main__":
    main()
