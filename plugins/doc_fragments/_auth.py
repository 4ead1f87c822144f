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
      - Must start with C(https://). Plain C(http://) is accepted for this machine only, where no proxy is used for it.
      - If not set, the value of E(EIGHTBYEIGHT_API_URL) is used.
      - One of O(api_url) and O(customer_id) is required. Where both are given, they must name the same
        customer.
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
      - Redirects are not followed, so the token goes nowhere but to the given address. It is struck out of what the server
        says, and refused in every other option.
      - Where the module runs as a module, two settings of Ansible show it all the same. C(environment) of a task puts
        E(EIGHTBYEIGHT_API_TOKEN) into a command line, so set it for C(ansible-playbook) instead. And
        E(ANSIBLE_KEEP_REMOTE_FILES) leaves the arguments of the module behind, as it is meant to.
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
      - Seconds to wait for a connection, and for each part of an answer; at most V(86400), a day.
      - A whole answer may take four times that, however many parts it comes in.
    type: float
    default: 30
  retry_budget:
    description:
      - Seconds in all that one call may spend waiting on rate limits (429), server errors (5xx) and lost connections. V(0) means
        never to try again, and V(86400), a day, is the most.
      - The server's own wish (C(Retry-After), C(x-ratelimit-reset)) is obeyed, and a wish beyond the budget is a failure.
      - A creation is never sent again before a look whether the user is there.
    type: float
    default: 120
  extension_urn:
    description:
      - URN of the 8x8 extension that holds the site. 8x8's own pages disagree about it;
        M(eightbyeight.scim.eightbyeight_tenant_info) tells which one a tenant uses.
    type: str
    default: urn:ietf:params:scim:schemas:extension:8x8:1.1:User
  content_type:
    description:
      - How creations, updates and deactivations are sent. V(scim) is C(application/scim+json), as SCIM has it, and V(json) is
        C(application/json), which the known clients of 8x8 send. 8x8 documents neither.
      - With V(auto) the first is sent, and where 8x8 refuses it (415) the second, for the rest of the session.
    type: str
    choices: [auto, scim, json]
    default: auto
  page_size:
    description:
      - How many users a page of a listing is asked for. 8x8 does not publish its maximum, so what comes is taken.
      - Where more than 100 are asked for, and the number is refused (400 or 413) or a gateway says twice that it takes too long
        (504), 100 are asked for.
    type: int
    default: 500
  admin_api_key:
    description:
      - The key of 8x8's Administration API, which shows what SCIM cannot, such as licenses. It is only ever read.
      - That API is in beta, and keys are given to participants of the beta alone. Without a key it is never asked.
      - If not set, the value of E(EIGHTBYEIGHT_ADMIN_API_KEY) is used.
    type: str
  admin_api_url:
    description:
      - The address of the Administration API, C(https://api.8x8.com/admin-provisioning) unless told otherwise. The same rules
        hold as for O(api_url).
      - If not set, the value of E(EIGHTBYEIGHT_ADMIN_API_URL) is used.
    type: str
requirements:
  - Python >= 3.9
  - requests
  - pydantic >= 2
notes:
  - With connection C(local), without C(become) and C(async), the module runs inside the process of the controller, where a
    loop shares one connection; this needs the libraries in the Python of the controller. Everywhere else it runs as any
    module. The results are the same. Set the variable C(ansible_eightbyeight_direct) or the environment variable
    E(ANSIBLE_EIGHTBYEIGHT_DIRECT) to V(false) to always run it as a module; C(-vvv) shows which way was taken and why.
  - 8x8 supports one writing client only. Where Entra ID or Okta provisions a tenant, use the info modules there, and make
    changes in that directory.
"""
