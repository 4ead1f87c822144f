# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``playbooks/vars/awx.yml`` holds, and where the collection ``awx.awx`` is."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import yaml

from ansible.parsing.dataloader import DataLoader

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "playbooks/vars/awx.yml"
#: The list -> the module of awx.awx that takes its entries.
MODULES = {
    "controller_credential_types": "credential_type",
    "controller_credentials": "credential",
    "controller_projects": "project",
    "controller_inventories": "inventory",
    "controller_hosts": "host",
    "controller_notifications": "notification_template",
    "controller_templates": "job_template",
    "controller_workflows": "workflow_job_template",
    "controller_schedules": "schedule",
}


def lists() -> dict[str, list[dict[str, Any]]]:
    """Return the lists as Ansible reads them."""
    loaded: dict[str, list[dict[str, Any]]] = DataLoader().load_from_file(str(FILE))
    return loaded


def plain_lists() -> Any:
    """Return the lists as any reader of YAML sees them that knows the tag !unsafe to be text."""

    class Loader(yaml.SafeLoader):
        """One that knows it."""

    Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))
    return yaml.load(FILE.read_text(encoding="utf-8"), Loader)


def module_file(name: str) -> Path:
    """Return the source of a module of awx.awx."""
    package = importlib.import_module("ansible_collections.awx.awx")
    return Path(next(iter(package.__path__))) / "plugins/modules" / f"{name}.py"


def tree() -> str:
    """Return the folder that holds this collection as ansible_collections/eightbyeight/scim."""
    link = ROOT / "build/collections/ansible_collections/eightbyeight/scim"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(os.path.relpath(ROOT, link.parent), target_is_directory=True)
    return str(ROOT / "build/collections")
