# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays that are forks of one process know nothing of each other, as processes of their own would not."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import plays
import pytest

#: What runs in the process of a play itself, changes all that it can reach there, and says what it found.
CHANGES = """
import os
from ansible import constants
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_NAME = "changes"
    CALLBACK_TYPE = "aggregate"

    def v2_playbook_on_start(self, playbook):
        found = [getattr(constants, "LEFT_BEHIND", ""), os.environ.get("LEFT_BEHIND", ""), os.getcwd()]
        self._display.display(f"FOUND {found}", screen_only=True)
        constants.LEFT_BEHIND = os.environ["LEFT_BEHIND"] = "changed"
        os.chdir("/")
        self._display.warning("said once in a process")
        if os.environ.get("CRASH"):
            os.kill(os.getpid(), 9)
"""


def play(folder: Path, *tasks: dict[str, Any], **settings: str) -> CompletedProcess[str]:
    (folder / "play.json").write_text(
        json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), "utf-8"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    callbacks = str(folder.parent / "callbacks")
    env |= {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_CALLBACK_PLUGINS": callbacks, "ANSIBLE_CALLBACKS_ENABLED": "changes"}
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "-c", "local", "play.json"]
    return plays.run_playbook(command, folder, env | settings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a play; the settings, and with them the process, are the same for all of these tests."""
    path = tmp_path_factory.mktemp("plays") / "first"
    path.mkdir()
    (path.parent / "callbacks").mkdir()
    (path.parent / "callbacks" / "changes.py").write_text(CHANGES, encoding="utf-8")
    return path


def test_what_a_play_changes_does_not_reach_the_next(folder: Path) -> None:
    other = folder.parent / "second"
    other.mkdir()
    for where in (folder, folder, other):
        told = play(where)
        assert told.returncode == 0, told.stdout
        assert f"FOUND ['', '', '{where}']" in told.stdout
        # One process says the same warning once.
        assert "said once in a process" in told.stderr
    assert len([settings for settings in plays._started if str(folder.parent) in str(settings)]) == 1


def test_settings_and_variables_are_those_of_each_play(folder: Path) -> None:
    show = {"ansible.builtin.debug": {"msg": "{{ lookup('env', 'OF_THIS_PLAY') }} {{ kept | default('nothing') }}"}}
    keep = {"ansible.builtin.set_fact": {"kept": "something"}}
    assert '"one something"' in play(folder, keep, show, OF_THIS_PLAY="one").stdout
    assert '"two nothing"' in play(folder, show, OF_THIS_PLAY="two").stdout
    assert '" nothing"' in play(folder, show).stdout


def test_how_a_play_ended_is_told_and_a_crash_ends_it_alone(folder: Path) -> None:
    assert play(folder).returncode == 0
    assert play(folder, {"ansible.builtin.fail": {"msg": "no"}}).returncode == 2
    assert play(folder, {"no_such_module": None}).returncode == 4
    assert play(folder, CRASH="1").returncode == -9
    assert play(folder).returncode == 0


def test_a_module_that_is_written_meanwhile_is_found(folder: Path) -> None:
    """Nobody edits a module between two plays: the payload of one that has run is kept."""
    library = folder / "library"
    library.mkdir()
    program = "from ansible.module_utils.basic import AnsibleModule\nAnsibleModule({}).exit_json(told=__name__)\n"
    for name in ("first", "second"):
        (library / f"{name}_new.py").write_text(program, encoding="utf-8")
        told = play(folder, {f"{name}_new": None, "register": "it"}, {"ansible.builtin.debug": {"var": "it.told"}})
        assert '"it.told": "__main__"' in told.stdout, told.stdout + told.stderr
