# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every check of the collection, one session each. ``make ci`` runs all of them, some at a time.

The sessions of one ansible-core share a virtual environment, which nox cannot do by itself;
so they are sessions without one (``python=False``), and ``_environment()`` makes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import antsibull_nox
import nox
import yaml
from nox.command import CommandFailed

sys.path.insert(0, str(Path(__file__).resolve().parent / "tests" / "tools"))

from locks import ON_THE_WAY, UV, installing, lock, uv_settings
from matrix import (
    BUILD,
    CORES,
    OLDEST_TARGET,
    ROOT,
    UNEXPECTED,
    collection_tree,
    in_tree,
    interpreter,
    newest,
    pyenv,
    python_for,
    working_pythons,
)

# For the sessions of antsibull-nox; ours have a home of their own, and uv's settings only where uv runs.
os.environ["ANSIBLE_HOME"] = str(BUILD / "home" / "antsibull-nox")
INSTALLER = uv_settings()
os.environ |= INSTALLER | {"UV": UV}
nox.options.default_venv_backend = "uv"
nox.options.envdir = str(BUILD / "nox")
nox.options.reuse_existing_virtualenvs = True

# YAML, documentation, licenses, action groups, unwanted files: antsibull-nox.toml.
antsibull_nox.load_antsibull_nox_toml()

# What may be in the archive that goes to Galaxy.
ARCHIVE = re.compile(
    r"(CHANGELOG\.rst|CONTRIBUTING\.md|COPYING|FILES\.json|MANIFEST\.json|README\.md|SECURITY\.md|tests/config\.yml"
    r"|(LICENSES|changelogs|docs|extensions/eda|meta|playbooks|plugins|roles)(/.*)?|extensions|tests)"
)
# How Ansible says that something is not as it should be, and how ansible-lint, molecule and Galaxy's importer do.
COMPLAINT = re.compile(r"^(?:.*\[(?:WARNING|DEPRECATION WARNING|ERROR)\]|(?:WARNING|ERROR)[\s:]).*$", re.MULTILINE)
# They come everywhere by chance or in another process, and take three times as long under coverage.
LONG = "dead_token forecast fuzz hostile_names state_machine".split()
UNMEASURED = [f"tests/unit/test_{name}.py" for name in LONG]
MEASURED = ["tests/unit", *(f"--ignore={file}" for file in UNMEASURED)]
SERVICES = "tests/emulator/test_services.py"
# Those whose verdict depends on ansible-core. The others read the code alone and say the same on every core.
SANITY_BY_CORE = ("action-plugin-docs", "ansible-doc", "compile", "import", "runtime-metadata", "validate-modules")
# As make ci asks: what it takes long to measure too, branches. sys.monitoring, which costs little, has only lines.
THOROUGH = os.environ.get("THOROUGH") == "1"
# What the tests of several rooms import.
TOOLS = f"tests/tools{os.pathsep}tests/plays"


class Environment:
    """A virtual environment that several sessions use."""

    def __init__(self, session: nox.Session, path: Path) -> None:
        self.session = session
        self.bin = path / "bin"

    def run(
        self,
        *command: str,
        cwd: Path = ROOT,
        env: dict[str, str] | None = None,
        collections: Path | None = None,
        capture: bool = False,
        success_codes: tuple[int, ...] = (0,),
    ) -> str:
        """Run a program of the environment, far from the settings and files of whoever started it."""
        home = BUILD / "home" / self.session.name
        home.mkdir(parents=True, exist_ok=True)
        foreign = {name for name in os.environ if name.startswith("ANSIBLE_")} | INSTALLER.keys()
        # With PYTHONUNBUFFERED Python reads its standard input, on which modules come, byte by byte.
        foreign |= {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONUNBUFFERED"}
        settings: dict[str, str | None] = dict.fromkeys(foreign)
        settings |= {
            "HOME": str(home),
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            # Else the tests, with another home, would not find the same Pythons.
            "PYENV_ROOT": str(pyenv()),
            "ANSIBLE_COLLECTIONS_PATH": str(collections or collection_tree()),
            "ANSIBLE_NOCOLOR": "1",
            "NO_COLOR": "1",
            **(env or {}),
        }
        program = [str(self.bin / command[0]), *command[1:]]
        with self.session.chdir(cwd):
            output = self.session.run(
                *program, env=settings, external=True, silent=capture, success_codes=success_codes
            )
        return output if isinstance(output, str) else ""


def _environment(session: nox.Session, name: str, core: str = "") -> Environment:
    """Make the environment from its lock, or take the one that is there; a second session waits for the first."""
    core = core or newest()
    needed = " or ".join(CORES.get(core, (core,)))
    version, python = python_for(core) or session.error(f"needs Python {needed}, and there is none here")
    path = BUILD / "envs" / name
    stamp = path / "requirements.txt"
    wanted = "\n".join([version, python, str(path), lock(name).read_text(encoding="utf-8")])
    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{path}.lock").open("w", encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            shutil.rmtree(path, ignore_errors=True)
            session.run(python, "-m", "venv", "--without-pip", str(path), external=True, silent=True)
            for command in installing(str(path), str(lock(name))):
                session.run(*command, external=True)
            stamp.write_text(wanted, encoding="utf-8")
    return Environment(session, path)


def _core_environment(session: nox.Session, core: str = "") -> Environment:
    collection_tree()
    return _environment(session, f"core-{core or newest()}", core)


def _checkout_copy(session: nox.Session) -> Path:
    """Copy what git would take to where ansible-test expects a collection, and return the tree."""
    tree = BUILD / "work" / session.name
    shutil.rmtree(tree, ignore_errors=True)
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    files = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, files.split("\0")):
        source, target = ROOT / name, in_tree(tree) / name
        if source.is_file() or source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    # A repository of its own, else ansible-test asks the one around it, which ignores all of this.
    subprocess.run(["git", "init", "-q", str(in_tree(tree))], check=True)
    return tree


@contextlib.contextmanager
def _all(session: nox.Session) -> Iterator[Callable[..., None]]:
    """Let every check have its say before the session fails. One that captures its output fails by a complaint as well."""
    failed = []

    def attempt(where: Environment, *command: str, **settings: Any) -> None:
        try:
            output = where.run(*command, **settings)
        except CommandFailed:
            failed.append(" ".join(command[:2]))
        else:
            print(output, end="", flush=True)
            failed.extend(f"{command[0]}: {complaint}" for complaint in COMPLAINT.findall(output))

    yield attempt
    if failed:
        session.error(f"failed: {', '.join(failed)}")


def _in_part(session: nox.Session, what: str) -> None:
    """Say what of its kind a session runs, or does not, because another one does: sessions.py collects these lines."""
    print(f"IN PART  {session.name}: {what}", flush=True)


def _pytest(env: Environment, *arguments: str, coverage: bool = False) -> None:
    command = ["python", "-m", "pytest", *arguments, *env.session.posargs]
    settings = {}
    if coverage:
        data = BUILD / "coverage" / env.session.name
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        settings["COVERAGE_FILE"] = str(data / ".coverage")
        command[1:1] = ["-m", "coverage", "run", f"--rcfile={ROOT / 'pyproject.toml'}"]
        if THOROUGH:
            command[4:4] = ["--branch"]
        else:
            settings["COVERAGE_CORE"] = "sysmon"
    env.run(*command, env=settings)


@nox.session(python=False)
def code(session: nox.Session) -> None:
    """Ruff, its formatter, mypy, import-linter, and the locks without a package index; "nox -s code -- --fix" rewrites first."""
    env = _environment(session, "code")
    cache = ("--cache-dir", str(BUILD / "cache/ruff"))
    tree, emulator = str(collection_tree()), "roles/emulator/files"
    modern = ("mypy", "--python-version", "3.11")  # what runs on a controller only
    with _all(session) as attempt:
        attempt(env, "ruff", "check", *cache, *session.posargs)
        attempt(env, "ruff", "format", *cache, *([] if session.posargs else ["--check"]))
        attempt(env, "mypy", "-p", "ansible_collections.eightbyeight.scim.plugins")
        # The layers of pyproject.toml.
        layers = ("lint-imports", "--no-logo", "--cache-dir", str(BUILD / "cache/import-linter"))
        attempt(env, *layers, env={"PYTHONPATH": tree})
        attempt(env, *modern, "-p", "eightbyeight_emulator", env={"MYPYPATH": emulator})
        for room in (f"tests/{name}" for name in "unit emulator faults locks awx browser docs events".split()):
            # As pytest sees it: what stands beside a test, and the emulator, are importable.
            # Arguments that come as **options have no type worth checking.
            known = os.pathsep.join([room, emulator, "tests/emulator", "tests/faults", TOOLS])
            attempt(env, *modern, "--disable-error-code", "arg-type", room, env={"MYPYPATH": known})
        tools = ("noxfile.py", "conftest.py", "tests/tools", "tests/plays", "tests/integration/test_targets.py")
        attempt(env, *modern, *tools, env={"MYPYPATH": TOOLS})
        attempt(env, "python", "-m", "pytest", "tests/locks/test_locks.py", "tests/locks/test_sessions.py")


@nox.session(python=False)
def content(session: nox.Session) -> None:
    """Playbooks, roles and the changelog; antsibull-nox has yamllint, and docs-check for the documentation."""
    env = _environment(session, "content")
    tree = _checkout_copy(session)
    with _all(session) as attempt:
        attempt(env, "antsibull-changelog", "lint")
        # Strict and for production, by .ansible-lint.
        attempt(env, "ansible-lint", "--offline", cwd=in_tree(tree), collections=tree, capture=True)


def _sanity(session: nox.Session, core: str) -> None:
    env = _core_environment(session, core)
    tree = _checkout_copy(session)
    home = BUILD / "home" / session.name
    # ansible-test looks for its bootstrap script under the number of the pip it wants, which differs by release.
    (source,) = env.bin.parent.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py")
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in re.findall(r"""\bpip['"]?\s*[=:]\s*['"]([0-9.]+)['"]""", source.read_text(encoding="utf-8")):
        shutil.copy(ROOT / "tests/tools/get_pip.py", cache / f"get_pip_{version.replace('.', '_')}.py")
    given = {name: value for name, value in os.environ.items() if ON_THE_WAY.fullmatch(name)}
    (cache / "uv.json").write_text(json.dumps({"command": UV, "env": given}), encoding="utf-8")
    command = ["ansible-test", "sanity", "--local", "--color", "no", *session.posargs]
    if core != newest():
        # Each test wants two environments: measured, 80 s for all of them against 13 s for these, on one Python.
        command += ["--python", (python_for(core) or ["default"])[0]]
        command += [word for test in SANITY_BY_CORE for word in ("--test", test)]
        _in_part(session, f"{', '.join(SANITY_BY_CORE)}; sanity-{newest()} runs every test")
    env.run(*command, cwd=in_tree(tree), env={"PATH": f"{env.bin}{os.pathsep}{working_pythons(home / 'bin')}"})


# Two parts of about the same length, which make check runs side by side.
for _name, _files in (("quick", "*"), ("quick-a-to-o", "[a-o]*"), ("quick-p-to-z", "[p-z]*")):

    def quick(session: nox.Session, _files: str = _files) -> None:
        """Most of the unit tests, on the newest ansible-core: for make check."""
        long = ("hostile_*", "*properties", "*_sizes", "spelling", *LONG)
        left_out = {file for name in long for file in ROOT.glob(f"tests/unit/test_{name}.py")}
        files = sorted({*ROOT.glob(f"tests/unit/test_{_files}.py")} - left_out)
        _pytest(_core_environment(session), *(str(file.relative_to(ROOT)) for file in files))

    nox.session(python=False, default=False, name=_name)(quick)


def _units(session: nox.Session, core: str) -> None:
    env = _core_environment(session, core)
    if core == newest():
        _pytest(env, *MEASURED, SERVICES, coverage=True)
        return
    if core == list(CORES)[-1]:
        _in_part(
            session, "names in templates, which know no trust there; oldest runs the rest on the same ansible-core"
        )
        _pytest(env, "tests/unit/test_hostile_names.py")
        return
    # Most of the engine knows nothing of it either, and the session "oldest" runs that on the oldest Python.
    _in_part(session, f"the files that depend on ansible-core; units-{newest()} and oldest run the others")
    _pytest(env, "tests/unit", "--core-only", "--ignore=tests/unit/test_hostile_names.py")


@nox.session(python=False)
def emulator(session: nox.Session) -> None:
    """The emulator, and what roles and playbooks do against it, on the newest ansible-core."""
    _pytest(_core_environment(session), "tests/emulator", f"--ignore={SERVICES}")


@nox.session(python=False)
def long(session: nox.Session) -> None:
    """The unit tests that take long, and installing from the locks, on the newest ansible-core."""
    _pytest(_core_environment(session), "tests/locks/test_installing.py", *UNMEASURED)


@nox.session(python=False)
def oldest(session: nox.Session) -> None:
    """Most of the unit tests with the oldest requests, pydantic, ansible-core and Python that users may have."""
    collection_tree()
    _pytest(
        _environment(session, "oldest", list(CORES)[-1]),
        *MEASURED,
        "--ignore=tests/unit/test_against_plain_scim_server.py",
    )


def _integration(session: nox.Session, core: str) -> None:
    env = _core_environment(session, core)
    left_out = env.run("python", "tests/integration/test_targets.py", env={"PYTHONPATH": TOOLS}, capture=True)
    for line in left_out.splitlines():
        _in_part(session, line)
    _pytest(env, "tests/integration/test_targets.py")


for _core in CORES:
    for _kind, _run, _what in (
        ("sanity", _sanity, "ansible-test sanity, every test on the newest core"),
        ("units", _units, "Unit tests"),
        ("integration", _integration, "Integration targets against the emulator over HTTP"),
    ):

        def _session(session: nox.Session, _run: Callable[[nox.Session, str], None] = _run, _core: str = _core) -> None:
            _run(session, _core)

        _session.__doc__ = f"{_what}, with ansible-core {_core}."
        nox.session(python=False, name=f"{_kind}-{_core}")(_session)


@nox.session(python=False)
def molecule(session: nox.Session) -> None:
    """Every molecule scenario."""
    env = _core_environment(session)
    tree = _checkout_copy(session)
    warm = {"ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/tools/callbacks"), "ANSIBLE_CALLBACKS_ENABLED": "warm"}
    warm["ANSIBLE_PIPELINING"] = "true"
    with _all(session) as attempt:
        attempt(env, "molecule", "test", "--all", cwd=in_tree(tree), collections=tree, env=warm, capture=True)


@nox.session(python=False)
def browser(session: nox.Session) -> None:
    """HTML pages in Chromium, which is installed where that is possible."""
    _pytest(_core_environment(session), "tests/browser")


@nox.session(python=False)
def awx(session: nox.Session) -> None:
    """What runs around the collection, by its real tools: modules of awx.awx, ansible-runner, ansible-builder, examples."""
    collection_tree()
    _pytest(_environment(session, "awx", "2.19"), "tests/awx")


@nox.session(python=False)
def docs(session: nox.Session) -> None:
    """Build the documentation site into build/docs, offline and without a warning, and follow its links."""
    tree = _checkout_copy(session)
    command = ("python", "tests/docs/build_site.py", str(tree), str(BUILD / "docs"))
    _environment(session, "docs").run(*command, collections=tree)


@nox.session(python=False)
def events(session: nox.Session) -> None:
    """Run the rulebooks by ansible-rulebook itself, with Java, which is installed where that is possible."""
    collection_tree()
    # Of an ansible-core whose Pythons all have what the engine needs.
    _pytest(_environment(session, "events", list(CORES)[1]), "tests/events")


@nox.session(python=False, name=f"target-{OLDEST_TARGET}")
def target(session: nox.Session) -> None:
    """Import what runs on a target with the oldest Python, libraries present (sanity does it without them)."""
    env = _environment(session, session.name, OLDEST_TARGET)
    plugins = ROOT / "plugins"
    files = [
        file.relative_to(plugins) for room in ("module_utils", "modules") for file in (plugins / room).rglob("*.py")
    ]
    names = [".".join(["ansible_collections.eightbyeight.scim.plugins", *file.with_suffix("").parts]) for file in files]
    program = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    env.run("python", "-W", "error", "-c", program, *names, env={"PYTHONPATH": str(collection_tree())})


@nox.session(python=False)
def prerelease(session: nox.Session) -> None:
    """What depends on ansible-core, on the newest one there is; of its failures only warnings of ours count."""
    python = interpreter("3.14") or interpreter("3.13") or sys.executable
    # Unlocked, as nothing can be locked before it is released.
    path = BUILD / "envs" / session.name
    install = [UV, "pip", "install", "--quiet", "--python", str(path)]
    if not path.exists():
        session.run(python, "-m", "venv", "--without-pip", str(path), external=True, silent=True)
        session.run(*install, "--no-deps", "-r", str(lock(f"core-{newest()}")), external=True)
    major, minor = next(iter(CORES)).split(".")
    wanted = f"ansible-core>={major}.{int(minor) + 1}.0.dev0"
    try:
        session.run(*install, "--upgrade", "--prerelease", "allow", wanted, external=True, silent=True)
    except CommandFailed:
        print(f"NOT RUN  {session.name}: the index has no {wanted} for {python}")
        return
    env = Environment(session, path)
    core = env.run("python", "-c", "import ansible.release as this; print(this.__version__)", capture=True).strip()
    tests = ("tests/unit", "--core-only", "tests/integration/test_targets.py", *session.posargs)
    output = env.run("python", "-m", "pytest", *tests, capture=True, success_codes=(0, 1))
    print(output)
    failed = ", ".join(re.findall(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE))
    _in_part(session, f"ansible-core {core}: what depends on it, and both_ways{failed and f'; FAILED: {failed}'}")
    if UNEXPECTED in output or "DeprecationWarning" in output:
        session.error(f"ansible-core {core} warns of what this collection does")


@nox.session(python=False)
def audit(session: nox.Session) -> None:
    """Ask the package index and a vulnerability service about every pin of the locks."""
    _environment(session, "audit").run("python", "tests/locks/audit.py", env=INSTALLER | {"PYTHONPATH": "tests/tools"})


@nox.session(python=False, name="lock", default=False)
def renew(session: nox.Session) -> None:
    """Make the locks of the environments that are named anew, or all of them."""
    _environment(session, "audit").run("python", "tests/tools/locks.py", *session.posargs, env=INSTALLER)


@nox.session(python=False)
def coverage(session: nox.Session) -> None:
    """Add up what the units ran of plugins/; below the limit in pyproject.toml it fails.

    The integration targets are not measured: coverage starts anew in the process of each module, which takes minutes, and they
    run little that the units do not.
    """
    env = _core_environment(session)
    data = BUILD / "coverage" / f"units-{newest()}"
    settings = {"COVERAGE_FILE": str(BUILD / "coverage" / ".coverage")}
    env.run("coverage", "combine", "--keep", "--quiet", str(data), env=settings)
    report = env.run("coverage", "report", "--no-skip-covered", env=settings, capture=True)
    print(report)
    if not THOROUGH:
        _in_part(session, "lines; make ci measures branches too")
    # A file that nothing ever imported would else not count at all.
    files = {str(file.relative_to(ROOT)) for file in (ROOT / "plugins").rglob("*.py")}
    files -= {file for file in files if file.startswith("plugins/doc_fragments/")}
    if absent := files - set(re.findall(r"^plugins/\S+", report, re.MULTILINE)):
        session.error(f"no test imports {', '.join(sorted(absent))}")


def _bill_of_materials(session: nox.Session, archive: Path) -> None:
    """Write what the demo installs beside the archive. Not into it: users choose their own versions of what it imports."""
    demo, audited = _environment(session, "demo"), _environment(session, "audit")
    about = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    needed = (ROOT / "meta/ee-requirements.txt").read_text(encoding="utf-8").split()
    facts = {"name": f"{about['namespace']}.{about['name']}", "version": about["version"], "dependencies": needed}
    facts |= {"description": about["description"], "license": about["license"][0]}
    project = BUILD / "work" / "pyproject.toml"
    # What JSON says of these values, TOML says too.
    lines = [f"{key} = {json.dumps(value)}" for key, value in facts.items()]
    project.write_text("\n".join(["[project]", *lines, ""]), encoding="utf-8")
    bill = str(archive).removesuffix(".tar.gz") + ".cdx.json"
    write = "cyclonedx-py environment --output-reproducible --mc-type library --pyproject".split()
    audited.run(*write, str(project), "--output-file", bill, str(demo.bin / "python"))


@nox.session(python=False)
def build(session: nox.Session) -> None:
    """Build the archive and its bill of materials, let Galaxy's importer judge it, install it elsewhere and run its demo."""
    env = _core_environment(session)
    tree = _checkout_copy(session)
    dist, installed = BUILD / "dist", BUILD / "work" / "installed"
    for folder in (dist, installed):
        shutil.rmtree(folder, ignore_errors=True)
    galaxy = ("ansible-galaxy", "collection")
    env.run(*galaxy, "build", "--output-path", str(dist), cwd=in_tree(tree))
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        strangers = [name for name in tar.getnames() if not ARCHIVE.fullmatch(name)]
    if strangers:
        session.error(f"not meant for the archive (see build_ignore in galaxy.yml): {', '.join(strangers)}")
    _bill_of_materials(session, archive)
    settings = dist / "galaxy-importer.cfg"
    settings.write_text("[galaxy-importer]\nCHECK_REQUIRED_TAGS = True\nREQUIRE_V1_OR_GREATER = False\n", "utf-8")
    env.run(*galaxy, "install", "--offline", "-p", str(installed), str(archive), collections=installed)
    with _all(session) as attempt:
        judge = ("python", "-m", "galaxy_importer.main", archive.name)
        configured = {"GALAXY_IMPORTER_CONFIG": str(settings)}
        attempt(_environment(session, "importer"), *judge, cwd=dist, env=configured, capture=True)
        # As a reader of the README starts it.
        demo = ("ansible-playbook", "-i", "localhost,", "eightbyeight.scim.demo")
        attempt(env, *demo, cwd=dist, collections=installed, capture=True)


@nox.session(python=False, default=False)
def changelog(session: nox.Session) -> None:
    """Check what a release needs before it is built: a clean checkout, a new version with a changelog entry, no fragments."""
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    entries = yaml.safe_load((ROOT / "changelogs/changelog.yaml").read_text(encoding="utf-8"))["releases"]
    changed, tags = (
        subprocess.check_output(["git", *command], cwd=ROOT, text=True)
        for command in (("status", "--porcelain"), ("tag", "--list", version))
    )
    _environment(session, "content").run("antsibull-changelog", "lint")
    found = {
        "not all changes are committed": changed,
        f"there is already a tag {version}": tags,
        f"the changelog has no entry for {version}": version not in entries,
        "changelogs/fragments has entries that are not in the changelog": list(
            (ROOT / "changelogs/fragments").glob("*.yml")
        ),
    }
    if problems := "; ".join(problem for problem, there in found.items() if there):
        how = f"Set version in galaxy.yml, run {BUILD.name}/envs/content/bin/antsibull-changelog release, and commit."
        session.error(f"{problems}. {how}")
