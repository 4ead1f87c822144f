# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role hands its variables on to the emulator, and tidies up what it wrote for that."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from plays import run_playbook

TREE = next(path for path in sys.path if (Path(path) / "ansible_collections" / "eightbyeight" / "scim").exists())

# The `on` is without quotes, as one writes it; YAML 1.1 reads it as true.
PLAY = """
- hosts: localhost
  gather_facts: false
  vars:
    emulator_directory: "{{ playbook_dir }}/tenant"
    reader: the-reader-of-this-tenant
  tasks:
    - include_role: {name: eightbyeight.scim.emulator}
      vars:
        emulator_read_only_token: "{{ reader }}"
        emulator_faults:
          - {do: scim_error, status: 503, on: {method: GET}, skip: 1, times: 1}
    - uri:
        url: "{{ emulator_url }}/Users{{ '/nobody' if item.1 == 'DELETE' else '' }}"
        method: "{{ item.1 }}"
        headers: {Authorization: "Bearer {{ item.0 }}"}
        status_code: [200, 403, 404, 503]
        use_proxy: false
      loop:
        - ["{{ reader }}", GET]
        - ["{{ reader }}", GET]
        - ["{{ emulator_api_token }}", GET]
        - ["{{ reader }}", DELETE]
        - ["{{ emulator_api_token }}", DELETE]
      register: answers
    - find: {paths: "{{ emulator_directory }}"}
      register: written
    - include_role: {name: eightbyeight.scim.emulator}
      vars: {emulator_state: stopped}
    - copy:
        dest: "{{ playbook_dir }}/seen.json"
        content:
          codes: "{{ answers.results | map(attribute='status') | list }}"
          modes: "{{ dict(written.files | map(attribute='path') | map('basename') | zip(written.files | map(attribute='mode'))) }}"
"""


def test_what_the_role_hands_on(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(PLAY, encoding="utf-8")
    settings = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": TREE,
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(tmp_path / "play.yml")]
    done = run_playbook(command, tmp_path, settings)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    assert seen["codes"] == [200, 503, 200, 403, 404]
    private = {"token", "read_only_token", "started.json", "switches.json", "faults.json"}
    assert {name: seen["modes"][name] for name in private} == dict.fromkeys(private, "0600")
    left = {path.name for path in (tmp_path / "tenant").iterdir()}
    assert not left & private, "the tokens go with the tenant"
