#!/usr/bin/python
# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: eightbyeight_service_info
short_description: Read licenses, lines and visibility of users of an 8x8 phone system
version_added: 0.1.0
description:
  - Reads what SCIM cannot show from 8x8's Administration API, with GET requests only. It shows whether a license is
    assigned, which line a user has, whether a user is shown in the Company Directory, and who provisions a user.
  - That API is in beta, and only participants of the beta get a key. O(admin_api_key) is required here.
  - Without O(user_name) and O(user_id), it reads all users, 1,000 users with a request. 8x8 allows 100 requests a minute for
    a key, and bursts of 20 in 10 seconds. The module stays within these limits.
  - A user who does not exist is left out of the list, and the task does not fail.
options:
  user_name:
    description:
      - The login names of the users to read, compared without case.
    type: list
    elements: str
  user_id:
    description:
      - The ids of the users to read, those of the Administration API or those of SCIM.
      - 8x8 does not document whether these are the same. If they are not, the module reads the login name from SCIM, which
        needs O(api_token), and RV(users[].user_id) is the id that was given.
    type: list
    elements: str
extends_documentation_fragment:
  - eightbyeight.scim._auth
  - eightbyeight.scim._attributes
  - eightbyeight.scim._attributes.info
  - eightbyeight.scim._attributes.actiongroup_eightbyeight
seealso:
  - module: eightbyeight.scim.eightbyeight_user_info
  - module: eightbyeight.scim.eightbyeight_followup
author:
  - eightbyeight.scim contributors (@ansible-collections)
"""

EXAMPLES = r"""
- name: See whether somebody has a license by now
  eightbyeight.scim.eightbyeight_service_info:
    user_name: [ada@example.org]
  register: ada

- name: Read everybody
  eightbyeight.scim.eightbyeight_service_info:
  register: everybody
"""

RETURN = r"""
users:
  description: The users, sorted by login name.
  type: list
  elements: dict
  returned: always
  contains:
    user_id:
      description: The id that 8x8 made.
      type: str
      sample: hvOB1l3zDCaDAwp9tNLzZA
    user_name:
      description: The login name.
      type: str
      sample: ada@example.org
    status:
      description: V(ACTIVE) or V(INACTIVE), as 8x8 writes it.
      type: str
      sample: ACTIVE
    site:
      description: Name of the site.
      type: str
      sample: London
    scim_provider:
      description: Who provisions this user, such as V(okta), or V(null) for a user who was created in Admin Console.
      type: str
      sample: okta
    sso_provider:
      description: The provider that this user logs in with.
      type: str
      sample: okta
    licenses:
      description: The licenses, including those that come with a phone number.
      type: list
      elements: dict
      sample: [{"name": "X Series X2", "country": "US"}]
    extensions:
      description: The extensions. Activation codes and MAC addresses of devices are never returned.
      type: list
      elements: dict
      sample: [{"type": "UC", "extension_number": "1001", "phone_number": "+14085550100"}]
    displayed_in_directory:
      description: Whether the user is shown in the Company Directory; V(null) if 8x8 does not say.
      type: bool
      sample: true
    profile_policy:
      description: The name of the user profile.
      type: str
      sample: Everybody
total:
  description: The number of users. The Administration API itself announces no number.
  type: int
  returned: always
  sample: 1
complete:
  description: Whether the list was read to its end, from one state of the tenant.
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
          V(refused), V(key_rejected).
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
    refuse_old_python("SERVICE_INFO")

    # An old Python cannot compile what follows.
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import SERVICE_INFO
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.exit import run_module
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.service_entry import service_info

    run_module(SERVICE_INFO, service_info)


if __name__ == "__main__":
    main()
