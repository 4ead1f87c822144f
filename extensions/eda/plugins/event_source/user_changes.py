# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An event source for ansible-rulebook: what happens to the users of an 8x8 phone system."""

from __future__ import annotations

import asyncio
import importlib
import sys
import types
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
---
short_description: Send an event for each change of the users of an 8x8 phone system
description:
  - Polls a tenant, compares it with its last complete snapshot, and sends an event for each change.
  - The first poll sends nothing. With O(state_file), the source sends after a restart what changed while it was not running.
  - An incomplete listing sends no events.
  - Users who are hidden by the visibility setting in Admin Console are not seen.
  - It only reads. If the server can filter by the time of the last change, a poll of a large tenant costs two requests,
    otherwise one listing.
  - "An event has the keys C(type), C(tenant), C(user_name), C(user_id), C(changes) (attribute -> C(before) and C(after)),
    C(seen_at), and for V(tenant_unreachable) C(error) (C(kind), C(status), C(message), C(api))."
  - If a text looks like a template of Ansible, such as a job title with two braces, the source puts a blank between the
    braces.
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
options:
  api_url:
    description:
      - The SCIM base URL as Admin Console shows it.
      - Taken from the environment variable E(EIGHTBYEIGHT_API_URL) if it is not given.
    type: str
  customer_id:
    description:
      - Builds the URL if O(api_url) is not given.
      - Taken from the environment variable E(EIGHTBYEIGHT_CUSTOMER_ID) if it is not given.
    type: str
  api_token:
    description:
      - The static bearer token.
      - Taken from the environment variable E(EIGHTBYEIGHT_API_TOKEN) if it is not given.
    type: str
  validate_certs:
    description: Whether to check the certificate of the server.
    type: bool
    default: true
  ca_path:
    description: A bundle of certificates to check with.
    type: path
  timeout:
    description: Seconds to wait for a connection, and for each part of an answer.
    type: float
    default: 30
  retry_budget:
    description:
      - Total seconds that one poll may wait for a server in trouble.
      - If it is not given, and O(interval) is shorter than the default, it is O(interval).
    type: float
    default: 120
  extension_urn:
    description: The URN of the 8x8 extension.
    type: str
    default: urn:ietf:params:scim:schemas:extension:8x8:1.1:User
  page_size:
    description: How many users to request in a page.
    type: int
    default: 500
  admin_api_key:
    description:
      - The key of the Administration API. Without it there is no V(license_changed).
      - Taken from the environment variable E(EIGHTBYEIGHT_ADMIN_API_KEY) if it is not given.
    type: str
  admin_api_url:
    description:
      - The address of the Administration API.
      - Taken from the environment variable E(EIGHTBYEIGHT_ADMIN_API_URL) if it is not given.
    type: str
  content_type:
    description: The media type of requests.
    type: str
    choices: [auto, scim, json]
    default: auto
  interval:
    description:
      - Seconds between two polls, at least 0.1. They vary by a tenth, so that sources that were started together do not poll
        together.
    type: float
    default: 60
  state_file:
    description:
      - The file for the last snapshot, and for the events that were not acknowledged yet.
      - It has data of people, and only its owner can read it.
      - Each source needs its own file. Without it, a source that is restarted starts over.
    type: path
  only:
    description: The types of events to send. By default all.
    type: list
    elements: str
    choices:
      - created
      - updated
      - activated
      - deactivated
      - removed
      - license_changed
      - tenant_unreachable
      - tenant_back
  host:
    description: The inventory host that is this tenant. It is put into C(meta.hosts), so that playbooks run only for that
      host.
    type: str
  feedback:
    description:
      - Whether an event only counts as acknowledged when the rule engine has stored it.
      - With O(state_file), an event that was not acknowledged is sent again after a restart.
      - Needs ansible-rulebook 1.3 or later, with C(--persistence-id).
      - Without it, an event counts as acknowledged when the engine takes it.
    type: bool
    default: false
notes:
  - Values can be text, and an empty text is a value that is not given.
  - If the token is not accepted any more, there is one V(tenant_unreachable), and one V(tenant_back) when it is accepted
    again.
"""

EXAMPLES = r"""
- eightbyeight.scim.user_changes:
    api_url: "{{ eightbyeight_api_url }}"
    api_token: "{{ eightbyeight_api_token }}"
    interval: 60
    state_file: /var/lib/eda/north.json
    host: north

- eightbyeight.scim.user_changes: # The environment gives the connection.
    interval: 300
    only: [created, deactivated]
"""

#: The plugins of this collection under a name of their own. ansible-rulebook runs this file alone, without Ansible's loader of
#: collections, and another copy of the collection may be on the path.
_PACKAGE = "eightbyeight_scim_plugins"


def _engine() -> types.ModuleType:
    """Return the engine that stands beside this file in the collection."""
    plugins = Path(__file__).absolute().parents[4] / "plugins"
    if _PACKAGE not in sys.modules:
        if not (plugins / "module_utils").is_dir():
            message = (
                f"{plugins} is not there. user_changes runs inside of the collection eightbyeight.scim alone: install that, "
                "and name the source eightbyeight.scim.user_changes."
            )
            raise FileNotFoundError(message)
        package = types.ModuleType(_PACKAGE)
        package.__path__ = [str(plugins)]
        sys.modules[_PACKAGE] = package
    return importlib.import_module(f"{_PACKAGE}.module_utils._events.source")


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Send events to the queue of a rule engine. It never returns.

    :param queue: Takes the events.
    :param args: The arguments, see ``DOCUMENTATION``.
    :raises Exception: When an argument cannot be right.
    """
    await _engine().watch(queue, args)


if __name__ == "__main__":
    # Prints the events of the tenant that the environment names, until it is interrupted.
    class _Printer(asyncio.Queue[Any]):
        async def put(self, item: dict[str, Any]) -> None:
            """Print an event."""
            print(item, flush=True)  # noqa: T201

    asyncio.run(main(_Printer(), {"interval": 10}))
