# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - The whole SCIM base URL, as Admin Console shows it under C(8x8 URL), for example
        C(https://platform-cloud.8x8.com/udi/customers/CUSTOMER_ID/scim/v2).
      - Must start with C(https://). Plain C(http://) is accepted only for this machine, and only without a proxy.
      - If not set, the value of E(EIGHTBYEIGHT_API_URL) is used.
      - One of O(api_url) and O(customer_id) is required. If both are given, they must name the same customer.
    type: str
  customer_id:
    description:
      - Builds the URL when O(api_url) is not given.
      - If not set, the value of E(EIGHTBYEIGHT_CUSTOMER_ID) is used.
    type: str
  api_token:
    description:
      - The static bearer token, as Admin Console shows it under C(8x8 API Token).
      - If not set, the value of E(EIGHTBYEIGHT_API_TOKEN) is used.
      - Redirects are not followed, so the token is sent only to the given address. It is removed from answers of the server,
        and refused in every other option.
      - If the module does not run inside the controller, two settings of Ansible can still show it. C(environment) of a task
        puts E(EIGHTBYEIGHT_API_TOKEN) into a command line, so set it for C(ansible-playbook) instead.
        E(ANSIBLE_KEEP_REMOTE_FILES) keeps a file with the arguments of the module.
      - Required, here or in the environment.
    type: str
  validate_certs:
    description:
      - Whether to check the server's certificate.
    type: bool
    default: true
  ca_path:
    description:
      - A file or folder of CA certificates to check the server's certificate with.
    type: path
  timeout:
    description:
      - Seconds to wait for a connection, and for each part of an answer. The maximum is V(86400), one day.
      - A whole answer may take four times as long.
    type: float
    default: 30
  retry_budget:
    description:
      - Total seconds that one call may wait because of rate limits (429), server errors (5xx) and lost connections. V(0)
        means no retry. The maximum is V(86400), one day.
      - The module waits as long as the server says (C(Retry-After), C(x-ratelimit-reset)). If that is longer than the
        budget, the task fails.
      - Before a creation is sent again, the module checks whether the user exists.
      - The items of a loop that run in the process of the controller share the budget as long as the server answers none of them.
    type: float
    default: 120
  extension_urn:
    description:
      - URN of the 8x8 extension that has the site. 8x8's own pages disagree about it;
        M(eightbyeight.scim.eightbyeight_tenant_info) shows which one a tenant uses.
    type: str
    default: urn:ietf:params:scim:schemas:extension:8x8:1.1:User
  content_type:
    description:
      - The content type of creations, updates and deactivations. V(scim) is C(application/scim+json), the type of SCIM, and
        V(json) is C(application/json), which the known clients of 8x8 send. 8x8 documents neither.
      - With V(auto) the first is sent. If 8x8 refuses it (415), the second is used for the rest of the session.
    type: str
    choices: [auto, scim, json]
    default: auto
  page_size:
    description:
      - How many users to request in a page of a listing. 8x8 does not publish its maximum, so a smaller page is accepted.
      - If more than 100 are requested, and the number is refused (400 or 413) or a gateway says twice that it takes too long
        (504), 100 are requested.
    type: int
    default: 500
  admin_api_key:
    description:
      - The key of 8x8's Administration API, which shows what SCIM cannot, such as licenses. The collection only reads this
        API.
      - That API is in beta, and only participants of the beta get a key. Without a key it is never used.
      - If not set, the value of E(EIGHTBYEIGHT_ADMIN_API_KEY) is used.
    type: str
  admin_api_url:
    description:
      - The address of the Administration API, C(https://api.8x8.com/admin-provisioning) by default. The same rules apply as
        for O(api_url).
      - If not set, the value of E(EIGHTBYEIGHT_ADMIN_API_URL) is used.
    type: str
requirements:
  - Python >= 3.9
  - requests
  - pydantic >= 2
notes:
  - With connection C(local), without C(become) and C(async), the module runs inside the process of the controller, where a
    loop shares one connection. This needs the libraries in the Python of the controller. Otherwise it runs like any other
    module. The results are the same. Set the variable C(ansible_eightbyeight_direct) or the environment variable
    E(ANSIBLE_EIGHTBYEIGHT_DIRECT) to V(false) to always run it as a module; C(-vvv) shows where it ran and why.
  - 8x8 supports only one writing client. If Entra ID or Okta provisions a tenant, use the info modules, and make changes in
    that directory.
"""
