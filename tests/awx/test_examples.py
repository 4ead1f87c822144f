# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each file of ``examples/`` is read or run by the tool that it is for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from objects import ROOT, tree

BIN = Path(sys.executable).parent
AWX = ROOT / "examples/awx"
REPOSITORY = ROOT / "examples/repository"
#: What a test here says of each file; a new file fails until it is named.
COVERED = {
    "awx/README.md",
    "awx/collections/requirements.yml",
    "awx/execution-environment.yml",
    "awx/roster.csv",
    "repository/.github/workflows/rehearse.yml",
    "repository/.gitlab-ci.yml",
    "repository/README.md",
    "repository/ansible.cfg",
    "repository/collections/requirements-git.yml",
    "repository/collections/requirements-tarball.yml",
    "repository/collections/requirements.yml",
    "repository/inventory/tenants.yml",
    "repository/joiners.vars.yml",
    "repository/joiners.yml",
    "repository/rehearse.yml",
    "repository/requirements.txt",
} | {f"awx/{name}.yml" for name in ("audit", "check", "followups", "offboard", "onboard", "sync_roster")}


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program as somebody does who has just cloned the repository."""
    foreign = ("ANSIBLE_", "EIGHTBYEIGHT_")
    settings = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    home = cwd.parent / "home"
    home.mkdir(exist_ok=True)
    settings |= {
        "HOME": str(home),
        "PATH": f"{BIN}{os.pathsep}{settings['PATH']}",
        "ANSIBLE_NOCOLOR": "1",
        **environment,
    }
    return subprocess.run(command, cwd=cwd, env=settings, check=False, capture_output=True, text=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a copy of the repository, with the collection where its ansible.cfg looks for it."""
    copy = tmp_path / "repository"
    shutil.copytree(REPOSITORY, copy)
    (copy / ".collections").symlink_to(tree())
    return copy


def steps_of_github() -> list[str]:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/rehearse.yml").read_text(encoding="utf-8"))
    return [step["run"] for step in workflow["jobs"]["rehearse"]["steps"] if "run" in step]


def test_every_file_is_covered() -> None:
    files = {str(path.relative_to(ROOT / "examples")) for path in (ROOT / "examples").rglob("*") if path.is_file()}
    assert files == COVERED


@pytest.mark.parametrize(
    ("schema", "file"),
    [("github-workflows", ".github/workflows/rehearse.yml"), ("gitlab-ci", ".gitlab-ci.yml")],
)
def test_a_pipeline_is_what_its_service_takes(schema: str, file: str, tmp_path: Path) -> None:
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", f"vendor.{schema}"]
    done = run(*command, str(REPOSITORY / file), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    broken = tmp_path / "broken.yml"
    text = (REPOSITORY / file).read_text(encoding="utf-8")
    broken.write_text(text.replace("runs-on", "runs").replace("script:", "scripts:"), encoding="utf-8")
    assert run(*command, str(broken), cwd=tmp_path).returncode != 0, "the schema looks"


def test_both_pipelines_rehearse_before_they_apply() -> None:
    gitlab = yaml.safe_load((REPOSITORY / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    assert gitlab["stages"] == ["rehearse", "apply"]
    assert gitlab["rehearse"]["script"] == [steps_of_github()[-1]]
    assert gitlab["default"]["before_script"] == steps_of_github()[:-1]


def test_the_rehearsal_runs_as_the_pipeline_runs_it(repository: Path) -> None:
    install, collection, rehearse = steps_of_github()
    assert install == "python -m pip install -r requirements.txt"
    assert collection == "ansible-galaxy collection install -r collections/requirements.yml -p .collections"
    # What these two fetch is here already.
    done = run(*rehearse.split(), cwd=repository)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[WARNING]" not in done.stdout + done.stderr
    first, second = re.findall(r"TASK \[Create or update\] \*+\n(.*?)\n\n", done.stdout, re.DOTALL)
    assert first.count("changed:") == 2
    assert second.count("ok:") == 2
    check = run(*rehearse.split(), "--check", cwd=repository)
    assert check.returncode == 0, check.stdout + check.stderr


REFUSED = {
    "a PATCH of a title": (
        "PATCH",
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "title", "value": "Countess"}],
        },
    ),
    "a PUT without the e-mail": (
        "PUT",
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "ada.lovelace@example.org",
            "name": {"givenName": "Ada", "familyName": "Lovelace"},
            "active": True,
        },
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_8x8_would_refuse_fails_in_the_rehearsal(what: str, repository: Path) -> None:
    method, body = REFUSED[what]
    play = yaml.safe_load((repository / "joiners.yml").read_text(encoding="utf-8"))
    play[0]["tasks"].append(
        {
            "name": "Do it by hand",
            "ansible.builtin.uri": {
                "url": "{{ eightbyeight_api_url }}/Users/{{ seen.results[0].users[0].id }}",
                "method": method,
                "headers": {
                    "Authorization": "Bearer {{ eightbyeight_api_token }}",
                    "Content-Type": "application/scim+json",
                },
                "body": body,
                "body_format": "json",
                "status_code": [200, 204],
                "use_proxy": False,
            },
        }
    )
    (repository / "joiners.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    done = run(*steps_of_github()[-1].split(), cwd=repository)
    assert done.returncode != 0
    assert "Do it by hand" in done.stdout.split("TASK [")[-1]
    assert "Status code was 4" in done.stdout + done.stderr


def test_the_inventory_has_encrypted_tokens(repository: Path) -> None:
    text = (repository / "inventory/tenants.yml").read_text(encoding="utf-8")
    assert "made-up-token" not in text
    assert text.count("!vault |") == text.count("eightbyeight_api_url")
    (repository / "password").write_text("change-me\n", encoding="utf-8")
    listed = run("ansible-inventory", "--list", "--vault-password-file", "password", cwd=repository)
    assert listed.returncode == 0, listed.stderr
    hosts = json.loads(listed.stdout)["_meta"]["hostvars"]
    assert set(hosts) == {"north", "south"}
    assert len({one["eightbyeight_api_url"] for one in hosts.values()}) == 2
    shown = run(
        "ansible",
        "all",
        "-m",
        "ansible.builtin.debug",
        "-a",
        "var=eightbyeight_api_token",
        "--vault-password-file",
        "password",
        cwd=repository,
    )
    assert "made-up-token-north" in shown.stdout
    assert "made-up-token-south" in shown.stdout


def test_the_playbook_of_the_pipeline_reads(repository: Path) -> None:
    for name in ("joiners.yml", "rehearse.yml"):
        done = run("ansible-playbook", "--syntax-check", name, cwd=repository)
        assert done.returncode == 0, done.stdout + done.stderr


def _version() -> str:
    return str(yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the archive of this checkout."""
    folder = tmp_path_factory.mktemp("archive")
    copy = folder / "scim"
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    built = run("ansible-galaxy", "collection", "build", "--output-path", str(folder), cwd=copy)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / f"eightbyeight-scim-{_version()}.tar.gz"


@pytest.mark.parametrize("source", ["tarball", "git", "galaxy"])
def test_the_collection_is_installed_from(source: str, repository: Path, archive: Path, tmp_path: Path) -> None:
    names = {"tarball": "requirements-tarball.yml", "git": "requirements-git.yml", "galaxy": "requirements.yml"}
    file = repository / "collections" / names[source]
    (wanted,) = yaml.safe_load(file.read_text(encoding="utf-8"))["collections"]
    (repository / ".collections").unlink()
    if source == "tarball":
        assert wanted["name"] == f"collections/{archive.name}", "the version of this checkout"
        shutil.copy2(archive, repository / "collections")
    elif source == "git":
        assert wanted["version"] == _version()
        file.write_text(
            file.read_text(encoding="utf-8").replace(wanted["name"], _git(archive, tmp_path)), encoding="utf-8"
        )
    else:
        # Nothing is fetched where a version that fits is there.
        run("ansible-galaxy", "collection", "install", "--offline", str(archive), "-p", ".collections", cwd=repository)
    done = run(
        "ansible-galaxy", "collection", "install", "--offline", "-r", str(file), "-p", ".collections", cwd=repository
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = "Nothing to do" if source == "galaxy" else "was installed successfully"
    assert said in done.stdout, done.stdout + done.stderr
    manifest = repository / ".collections/ansible_collections/eightbyeight/scim/MANIFEST.json"
    assert json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"] == _version()


def _git(archive: Path, folder: Path) -> str:
    """Return the address of a repository that has this version under a tag."""
    source = folder / "source"
    shutil.copytree(archive.parent / "scim", source)
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        [*identity, "commit", "-qm", "x"],
        [*identity, "tag", "-m", "x", _version()],
    ):
        subprocess.run(["git", *command], cwd=source, check=True, capture_output=True)
    return f"git+file://{source}"


def test_the_archive_leaves_the_examples_to_the_repository(archive: Path) -> None:
    """Galaxy's importer lints an archive without the collection itself, and finds none of the playbooks that they import."""
    names = subprocess.run(["tar", "tzf", str(archive)], check=True, capture_output=True, text=True).stdout.split()
    assert "playbooks/onboard.yml" in names
    assert not [name for name in names if name.startswith(("tests/awx", "examples"))]


def test_a_project_of_awx_reads(tmp_path: Path) -> None:
    for file in AWX.glob("*.yml"):
        if file.name != "execution-environment.yml":
            done = run("ansible-playbook", "--syntax-check", str(file), cwd=tmp_path, ANSIBLE_COLLECTIONS_PATH=tree())
            assert done.returncode == 0, done.stdout + done.stderr
            (play,) = yaml.safe_load(file.read_text(encoding="utf-8"))
            assert set(play) == {"name", "import_playbook"}
            assert play["import_playbook"] == f"eightbyeight.scim.{file.stem}"
    assert len((AWX / "roster.csv").read_text(encoding="utf-8").splitlines()) > 2
    requirements: dict[str, Any] = yaml.safe_load((AWX / "collections/requirements.yml").read_text(encoding="utf-8"))
    assert requirements == yaml.safe_load((REPOSITORY / "collections/requirements.yml").read_text(encoding="utf-8"))


def test_ansible_builder_takes_the_execution_environment(tmp_path: Path) -> None:
    work = tmp_path / "work"
    shutil.copytree(AWX, work)
    done = run("ansible-builder", "create", "--context", str(tmp_path / "context"), cwd=work)
    assert done.returncode == 0, done.stdout + done.stderr
    recipe = (tmp_path / "context/Dockerfile").read_text(encoding="utf-8")
    assert "ansible-core>=2.16" in recipe
    assert "eightbyeight.scim" in (tmp_path / "context/_build/requirements.yml").read_text(encoding="utf-8")


def test_ansible_builder_finds_what_the_collection_needs(archive: Path, tmp_path: Path) -> None:
    run(
        "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        str(archive),
        "-p",
        str(tmp_path / "installed"),
        cwd=archive.parent,
    )
    found = tmp_path / "pip.txt"
    done = run(
        "ansible-builder", "introspect", "--write-pip", str(found), str(tmp_path / "installed"), cwd=archive.parent
    )
    assert done.returncode == 0, done.stdout + done.stderr
    needed = {line.split("#")[0].strip() for line in found.read_text(encoding="utf-8").splitlines()}
    bounds = set((ROOT / "meta/ee-requirements.txt").read_text(encoding="utf-8").split())
    assert bounds <= needed, "with their bounds"
    listed = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").split("\n")
    assert bounds <= set(listed), "the same as in the repository"
