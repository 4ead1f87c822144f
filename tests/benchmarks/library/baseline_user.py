# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module for this API would be without this collection: fetch_url, look up, create if missing.

Only measured against. It shows what a process for each item costs when nothing but ansible-core is imported.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.urls import fetch_url


def main() -> None:
    module = AnsibleModule(
        {
            "api_url": {"type": "str", "required": True},
            "api_token": {"type": "str", "required": True, "no_log": True},
            "body": {"type": "dict", "required": True},
        }
    )
    url = f"{module.params['api_url']}/Users"
    headers = {"Authorization": f"Bearer {module.params['api_token']}", "Content-Type": "application/scim+json"}
    body = module.params["body"]
    expression = f'userName eq "{body["userName"]}"'
    response, info = fetch_url(module, f"{url}?filter={quote(expression)}", headers=headers)
    if info["status"] != 200:
        module.fail_json(msg=info["msg"])
    found = json.load(response).get("Resources")
    if found:
        module.exit_json(changed=False, user=found[0])
    response, info = fetch_url(module, url, method="POST", headers=headers, data=json.dumps(body))
    if info["status"] != 201:
        module.fail_json(msg=info["msg"])
    module.exit_json(changed=True, user=json.load(response))


if __name__ == "__main__":
    main()
