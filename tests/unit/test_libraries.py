# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The libraries and the Python that the collection needs: which, where that is written, and what is told without them."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from matrix import ROOT, collection_tree, pyenv

import ansible.release

from ansible_collections.eightbyeight.scim.plugins.module_utils._base import empty
from ansible_collections.eightbyeight.scim.plugins.module_utils._http import transport
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import libraries, old_python
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.libraries import PYDANTIC, REQUESTS

MODULES = {"user": "USER", "user_info": "USER_INFO", "tenant_info": "TENANT_INFO", "roster": "ROSTER"}


def emulator() -> ModuleType:
    """Return what the emulator says that it needs; it stands outside of the collection's packages."""
    spec = importlib.util.spec_from_file_location("needed", ROOT / "roles" / "emulator" / "files" / "needed.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


# -- Where it is written ------------------------------------------------------


def test_every_place_gives_the_same_bounds() -> None:
    bounds = [str(REQUESTS), str(PYDANTIC)]
    assert (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").split() == bounds
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted = re.findall(r"'((?:requests|pydantic|scim2-\w+)[<>=][^']*)'", readme)
    assert set(quoted) == {*bounds, *emulator().requirements()}
    emulators = (ROOT / "roles" / "emulator" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"'(scim2-\w+[<>=][^']*)'", emulators) == emulator().requirements()


def test_the_oldest_releases_are_those_that_are_tested() -> None:
    oldest = (ROOT / "tests" / "requirements" / "_oldest.in").read_text(encoding="utf-8")
    assert re.findall(r"^(\w+)==([\d.]+)$", oldest, re.MULTILINE) == [
        ("requests", REQUESTS.oldest),
        ("pydantic", f"{PYDANTIC.oldest}.0"),
    ]


# -- What is told -------------------------------------------------------------


@pytest.mark.parametrize(
    ("library", "version", "fault"),
    [
        (REQUESTS, "2.25.0", "requests 2.25.0 is too old"),
        (REQUESTS, "2.25.1", None),
        (REQUESTS, "2.32", None),
        (REQUESTS, "3.0.0", "requests 3.0.0 is too new"),
        (PYDANTIC, "1.10.13", "pydantic 1.10.13 is too old"),
        (PYDANTIC, "2.3.9", "pydantic 2.3.9 is too old"),
        (PYDANTIC, "2.4.0", None),
        (PYDANTIC, "2.14.0b1", None),
        (PYDANTIC, "3.0.0a1", "pydantic 3.0.0a1 is too new"),
        (PYDANTIC, "homemade", None),
        (PYDANTIC, None, None),
    ],
)
def test_a_release_is_judged_by_its_number(library: libraries.Library, version: str | None, fault: str | None) -> None:
    assert library.fault_of(version) == fault


@pytest.fixture
def pydantic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Put another pydantic where this Python looks."""

    def put(version: str | None, core: bool = True) -> None:
        (tmp_path / "version.py").write_text(f"VERSION = '{version}'\n", encoding="utf-8")
        spec = importlib.util.spec_from_file_location("pydantic", tmp_path / "__init__.py")
        there = {"pydantic": version is not None, "pydantic_core": core}
        find = importlib.util.find_spec
        monkeypatch.setattr(
            importlib.util,
            "find_spec",
            lambda name: (spec if there[name] else None) if name in there else find(name),
        )

    return put


@pytest.mark.parametrize(
    ("requests", "version", "core", "faults", "kind"),
    [
        ("2.32.0", "2.14.3", True, [], None),
        ("2.32.0", None, False, ["pydantic is missing"], "missing_library"),
        ("2.32.0", "1.10.13", False, ["pydantic 1.10.13 is too old"], "wrong_library"),
        ("2.32.0", "2.14.3", False, ["pydantic_core, which belongs to pydantic, is missing"], "missing_library"),
        ("2.10.0", "3.1", True, ["requests 2.10.0 is too old", "pydantic 3.1 is too new"], "wrong_library"),
        (None, None, False, ["requests cannot be imported (no urllib3)", "pydantic is missing"], "missing_library"),
    ],
)
def test_all_that_is_wrong_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
    pydantic: Any,
    requests: str | None,
    version: str | None,
    core: bool,
    faults: list[str],
    kind: str | None,
) -> None:
    pydantic(version, core)
    monkeypatch.setattr(transport, "REQUESTS_VERSION", requests)
    monkeypatch.setattr(transport, "REQUESTS_TROUBLE", "no urllib3")
    assert libraries.unsuitable_libraries() == faults
    if kind:
        told = libraries.library_error(faults)
        assert told.kind == kind
        assert " and ".join(faults) in told.message
        assert f"{sys.executable} -m pip install '{REQUESTS}' '{PYDANTIC}'" in told.message


def test_the_libraries_of_this_python_are_known() -> None:
    place = libraries._folder("pydantic")
    assert place
    assert re.fullmatch(r"2\.\d+\.\d+.*", libraries._pydantic_version(place) or "")
    assert libraries._folder("no_such_package") is None


@pytest.mark.parametrize(
    ("server", "models", "faults"),
    [
        ("0.8.3", "0.12.3", []),
        ("0.7.1", None, ["scim2-server 0.7.1 is too old", "scim2-models is missing"]),
        ("0.9.0", "0.13.0", ["scim2-server 0.9.0 is too new", "scim2-models 0.13.0 is too new"]),
    ],
)
def test_the_emulator_tells_all_that_is_wrong_at_once(
    monkeypatch: pytest.MonkeyPatch, server: str, models: str | None, faults: list[str]
) -> None:
    needed = emulator()

    def version(name: str) -> str:
        found = {"scim2-server": server, "scim2-models": models}[name]
        if found is None:
            raise needed.importlib.metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(needed.importlib.metadata, "version", version)
    told = needed.fault()
    assert (told is None) is (not faults)
    assert all(fault in told for fault in faults)
    monkeypatch.setattr(needed, "OLDEST_PYTHON", (9, 9))
    assert "this is Python 3." in needed.fault()


# -- A Python that is too old -------------------------------------------------


def test_an_old_python_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    old_python.refuse_old_python("USER")
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    with pytest.raises(SystemExit) as left:
        old_python.refuse_old_python("USER")
    assert left.value.code == 1
    result = json.loads(capsys.readouterr().out)
    assert result["error"]["kind"] == "wrong_python"
    assert "needs Python 3.9 or newer" in result["msg"]
    assert "is Python 3.8." in result["msg"]
    assert result.keys() == {*empty.USER, "failed", "msg", "error"}


#: The oldest Python that a release of ansible-core starts modules with. Below that they fail before ours is reached.
STARTED_BY = {"2.16": (2, 7), "2.19": (3, 8)}


def path_of_old_python(version: str) -> str:
    """Return the path of a Python that is too old for everything else, or skip."""
    core = ".".join(ansible.release.__version__.split(".")[:2])
    if tuple(map(int, version.split("."))) < STARTED_BY.get(core, (3, 9)):
        pytest.skip(f"ansible-core {core} itself does not run on Python {version}")
    found = [shutil.which(f"python{version}"), *map(str, pyenv().glob(f"versions/{version}.*/bin/python{version}"))]
    for python in filter(None, found):
        if subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0:
            return str(Path(python).resolve())
    pytest.skip(f"there is no Python {version} here")


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.7", "3.8"])
def test_a_task_on_an_old_python_says_what_it_needs(tmp_path: Path, version: str) -> None:
    python = path_of_old_python(version)
    # All of them once: each takes a process.
    modules = MODULES if version == "2.7" else {"user": "USER"}
    tasks: list[Any] = [
        {f"eightbyeight.scim.eightbyeight_{name}": {}, "ignore_errors": True, "register": name} for name in modules
    ]
    seen = {"content": f"{{{{ [{', '.join(modules)}] | to_json }}}}", "dest": str(tmp_path / "told")}
    tasks.append({"ansible.builtin.copy": seen, "vars": {"ansible_python_interpreter": sys.executable}})
    (tmp_path / "play.json").write_text(
        json.dumps([{"hosts": "target", "gather_facts": False, "tasks": tasks}]), encoding="utf-8"
    )
    inventory = f"target ansible_connection=local ansible_python_interpreter={json.dumps(python)}\n"
    (tmp_path / "inventory").write_text(inventory, encoding="utf-8")
    done = subprocess.run(
        ["ansible-playbook", "-i", "inventory", "play.json"],
        cwd=tmp_path,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))},
            "ANSIBLE_HOME": str(tmp_path / "home"),
            "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
            "ANSIBLE_EIGHTBYEIGHT_DIRECT": "false",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    for name, told in zip(modules.values(), json.loads((tmp_path / "told").read_text()), strict=True):
        assert told["failed"]
        assert f"needs Python 3.9 or newer where its modules run, and {python}" in told["msg"]
        assert told["error"]["kind"] == "wrong_python"
        assert getattr(empty, name).items() <= told.items()
