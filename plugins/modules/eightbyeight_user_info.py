#!/usr/bin/python
# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: eightbyeight_user_info
short_description: Read users of an 8x8 phone system
version_added: 0.1.0
description:
  - Reads users of an 8x8 X Series tenant through its SCIM 2.0 API, all pages of them.
  - Without any of the options that select users, it reads all users. If several options are given, a user must match all of
    them.
  - If a user does not exist, the list is empty, and the task does not fail.
options:
  user_name:
    description:
      - The login name, compared without case. 8x8 filters by it; if 8x8 refuses the filter, all users are read and compared
        here.
    type: str
  user_id:
    description:
      - The id that 8x8 made.
    type: str
  external_id:
    description:
      - The id in your own directory, compared exactly. An empty text finds users without one.
    type: str
  active:
    description:
      - Only users who can log in, or only those who cannot.
    type: bool
  site:
    description:
      - The exact name of a site. An empty text finds users without one.
    type: str
  department:
    description:
      - The exact name of a department. An empty text finds users without one.
    type: str
  filter:
    description:
      - A raw SCIM filter, sent as it is. 8x8 does not publish which filters it accepts, apart from C(userName eq "...").
      - If 8x8 refuses or ignores the filter, the task fails.
      - Cannot be combined with O(user_name) and O(user_id).
    type: str
extends_documentation_fragment:
  - eightbyeight.scim._auth
  - eightbyeight.scim._attributes
  - eightbyeight.scim._attributes.info
  - eightbyeight.scim._attributes.actiongroup_eightbyeight
seealso:
  - module: eightbyeight.scim.eightbyeight_user
author:
  - eightbyeight.scim contributors (@ansible-collections)
"""

EXAMPLES = r"""
- name: Read one user
  eightbyeight.scim.eightbyeight_user_info:
    user_name: ada@example.org
  register: ada

- name: Everybody in London who cannot log in
  eightbyeight.scim.eightbyeight_user_info:
    site: London
    active: false
  register: leavers

- name: Read everybody
  eightbyeight.scim.eightbyeight_user_info:
  register: everybody

- name: Stop where the listing does not add up
  ansible.builtin.assert:
    that: everybody.complete
    quiet: true

- name: Use a filter of your own
  eightbyeight.scim.eightbyeight_user_info:
    filter: userName eq "ada@example.org"
"""

RETURN = r"""
users:
  description: The users that match, sorted by login name.
  type: list
  elements: dict
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
total:
  description:
    - How many users match. If the server did the filtering, it is the number that the server announces, which differs from
      the length of RV(users) if RV(complete) is V(false).
  type: int
  returned: always
  sample: 1
complete:
  description: Whether as many users arrived as the server announced. If V(false), deactivate nobody because of this list.
  type: bool
  returned: always
  sample: true
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
    refuse_old_python("USER_INFO")

    # An old Python cannot compile what follows.
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import USER_INFO
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.exit import run_module
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.read_entry import user_info

    run_module(USER_INFO, user_info)


if __name__ == "__main__":
    main()
