#!/usr/bin/python
# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: eightbyeight_tenant_info
short_description: Look at an 8x8 tenant before changing it
version_added: 0.1.0
description:
  - Finds out whether the SCIM 2.0 API of an 8x8 X Series tenant can be reached and read with the given token, and how it
    behaves.
  - Sends only GET requests. It fails only if an option is wrong. A problem with the tenant is described in RV(problem), so
    that an M(ansible.builtin.assert) can check it.
options:
  gather_subset:
    description:
      - What to find out. V(minimal) shows whether the tenant can be reached and read with the token, and how many users it
        announces, in two requests at most for a tenant of any size. It is always included.
      - V(users) reads all users, for the counts, RV(sites), RV(page_size), RV(versions) and RV(extension_urns). V(filters)
        tries filters, and V(discovery) the discovery endpoints. V(all) is all of them.
      - Values that were not gathered are V(null).
    type: list
    elements: str
    choices: [all, minimal, users, filters, discovery]
    default: [all]
extends_documentation_fragment:
  - eightbyeight.scim._auth
  - eightbyeight.scim._attributes
  - eightbyeight.scim._attributes.info
  - eightbyeight.scim._attributes.actiongroup_eightbyeight
notes:
  - Only a write shows whether the token may write. 8x8 supports only one writing client; see the error
    V(not_write_client) of M(eightbyeight.scim.eightbyeight_user).
seealso:
  - module: eightbyeight.scim.eightbyeight_user
author:
  - eightbyeight.scim contributors (@ansible-collections)
"""

EXAMPLES = r"""
- name: Look at the tenant
  eightbyeight.scim.eightbyeight_tenant_info:
  register: tenant

- name: Check whether the connection works, in a tenant of any size
  eightbyeight.scim.eightbyeight_tenant_info:
    gather_subset: minimal

- name: Go on only if it can be read and the numbers add up
  ansible.builtin.assert:
    that:
      - tenant.readable
      - tenant.users.complete
    fail_msg: "{{ (tenant.problem | default({}, true)).message | default('The listing of users does not add up.') }}"
    quiet: true
"""

RETURN = r"""
tenant:
  description: The SCIM base URL, as it is in plans too.
  type: str
  returned: success
  sample: https://platform-cloud.8x8.com/udi/customers/CUSTOMER_ID/scim/v2
reachable:
  description: Whether a server answered at all.
  type: bool
  returned: success
  sample: true
authenticated:
  description: Whether the token was accepted. V(null) if that is not known, because something else went wrong first.
  type: bool
  returned: success
  sample: true
readable:
  description: Whether users could be read. The values below are known only if they could.
  type: bool
  returned: success
  sample: true
problem:
  description:
    - The problem, or V(null). A tenant that announces users and shows none is a problem of the kind V(incomplete_listing).
      For a tenant that announces and shows no users, a warning names the setting that hides people.
  type: dict
  returned: success
  contains:
    message:
      description: What happened and what to do.
      type: str
      sample: "8x8 does not accept the API token (GET /Users answered 401)."
    kind:
      description: A stable word, as in RV(error.kind).
      type: str
      sample: token_rejected
    status:
      description: The HTTP status, or V(null) if no answer came.
      type: int
      sample: 401
    scim_type:
      description: The SCIM error type, if the server gave one.
      type: str
      sample: sensitive
    detail:
      description: The server's own explanation in one line.
      type: str
      sample: Invalid token
    method:
      description: The HTTP verb of the request that failed.
      type: str
      sample: GET
    path:
      description: Its path below the SCIM base URL.
      type: str
      sample: /Users
users:
  description: How many users there are.
  type: dict
  returned: success
  contains:
    total:
      description: How many the server announces. V(null) if it announces the size of a page instead.
      type: int
      sample: 412
    visible:
      description:
        - How many arrived. With the setting "Only users created by your identity provider" in Admin Console, users who were
          created there are not included.
        - V(null) if O(gather_subset) leaves them out, unless the first page is empty, which is V(0).
      type: int
      sample: 412
    active:
      description: How many of these can log in.
      type: int
      sample: 398
    inactive:
      description: How many cannot.
      type: int
      sample: 14
    complete:
      description: Whether the pages add up to what the server announced.
      type: bool
      sample: true
    whole:
      description:
        - Whether a listing shows all attributes of its users. If not, RV(sites) is not known, and the modules read users
          singly when they need to. V(null) if nobody is visible.
      type: bool
      sample: true
sites:
  description: The sites of the visible users, with the number of users. A site without users is not included.
  type: dict
  returned: success
  sample: {London: 200, Paris: 212}
page_size:
  description: The largest page that arrived; O(page_size) says how many users are requested.
  type: int
  returned: success
  sample: 100
filters:
  description:
    - What the server does with filters, each V(honored), V(ignored), V(refused), or V(null) if it is not known.
    - RV(filters.user_name) is V(unreliable) if it does not find an existing user in another case; then the modules read the
      listing instead.
  type: dict
  returned: success
  contains:
    user_name:
      description: C(userName eq "...").
      type: str
      sample: honored
    external_id:
      description: C(externalId eq "...").
      type: str
      sample: refused
    active:
      description: C(active eq ... and userName eq "...").
      type: str
      sample: refused
discovery:
  description: Which discovery endpoints answer. V(null) if that is not known.
  type: dict
  returned: success
  contains:
    service_provider_config:
      description: C(/ServiceProviderConfig).
      type: bool
      sample: false
    resource_types:
      description: C(/ResourceTypes).
      type: bool
      sample: false
    schemas:
      description: C(/Schemas).
      type: bool
      sample: false
versions:
  description:
    - Whether users have a version, so that an update cannot overwrite another change. V(null) if nobody is visible.
  type: bool
  returned: success
  sample: false
extension_urns:
  description: The 8x8 extensions that users have. If O(extension_urn) is not included but another one is, set
    O(extension_urn) to that.
  type: list
  elements: str
  returned: success
  sample: ["urn:ietf:params:scim:schemas:extension:8x8:1.1:User"]
round_trip_ms:
  description: How long the first request took, in milliseconds.
  type: float
  returned: success
  sample: 83.4
check_mode:
  description:
    - Whether the task ran in check mode, because of the command line, the play or the task. The variable
      C(ansible_check_mode) shows only the command line.
    - V(null) if the task did not begin, because Ansible refused an option or a library is missing.
  type: bool
  returned: success
  sample: false
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
    refuse_old_python("TENANT_INFO")

    # An old Python cannot compile what follows.
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import TENANT_INFO
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.exit import run_module
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.read_entry import tenant_info

    run_module(TENANT_INFO, tenant_info)


if __name__ == "__main__":
    main()
