# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every check of the collection, one session each. ``make test`` runs all of them, two at a time.

The sessions of one ansible-core share a virtual environment, which nox cannot do by itself;
so they are sessions without one (``python=False``), and ``_environment()`` makes it.
"""

from __future__ import annotations

import configparser
import contextlib
import fcntl
import functools
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
from nox.command import CommandFailed

sys.path.insert(0, str(Path(__file__).resolve().parent / "tests" / "tools"))

from locks import installing, lock
from matrix import (
    BUILD,
    CORES,
    OLDEST_TARGET,
    PRERELEASE,
    ROOT,
    UNEXPECTED,
    collection_tree,
    interpreter,
    newer_core_with_same_python,
    newest,
    pyenv,
    python_for,
    working_pythons,
)

# For the sessions of antsibull-nox; ours have a home of their own.
os.environ["ANSIBLE_HOME"] = str(BUILD / "home" / "antsibull-nox")
# The one session that has to build a wheel is among them.
os.environ["PIP_BUILD_CONSTRAINT"] = str(lock("backends"))
# The sessions of antsibull-nox install locks with pip, and say nothing of their being complete.
os.environ["PIP_NO_DEPS"] = "1"

Step = Callable[[nox.Session, str], None]

nox.options.envdir = str(BUILD / "nox")
nox.options.reuse_existing_virtualenvs = True

# YAML in plugins, documentation, licenses, action groups, unwanted files: antsibull-nox.toml.
antsibull_nox.load_antsibull_nox_toml()

# What may be in the archive that goes to Galaxy.
ARCHIVE = re.compile(
    r"(CHANGELOG\.rst|CONTRIBUTING\.md|COPYING|FILES\.json|MANIFEST\.json|README\.md|SECURITY\.md|tests/config\.yml"
    r"|(LICENSES|changelogs|docs|extensions/eda|meta|playbooks|plugins|roles)(/.*)?|extensions|tests)"
)
# Settings without which a package index may be out of reach.
ON_THE_WAY = re.compile(r"UV_\w+|SSL_CERT_(FILE|DIR)|(https?|all|no)_proxy", re.IGNORECASE)
# How Ansible says that something is not as it should be, and how ansible-lint and molecule do.
COMPLAINT = re.compile(r"^(?:.*\[(?:WARNING|DEPRECATION WARNING|ERROR)\]|WARNING\s).*$", re.MULTILINE)


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
        path: str | None = None,
        capture: bool = False,
        success_codes: tuple[int, ...] = (0,),
    ) -> str:
        """Run a program of the environment, far from the settings and files of whoever started it."""
        home = BUILD / "home" / self.session.name
        home.mkdir(parents=True, exist_ok=True)
        settings: dict[str, str | None] = dict.fromkeys(name for name in os.environ if name.startswith("ANSIBLE_"))
        settings |= {
            "HOME": str(home),
            "PATH": f"{self.bin}{os.pathsep}{path or os.environ['PATH']}",
            # Else the tests, with another home, would not find the same Pythons.
            "PYENV_ROOT": str(pyenv()),
            "VIRTUAL_ENV": None,
            "PYTHONPATH": None,
            # With it Python reads its standard input, on which modules come, byte by byte.
            "PYTHONUNBUFFERED": None,
            "ANSIBLE_COLLECTIONS_PATH": str(collections or collection_tree()),
            "ANSIBLE_NOCOLOR": "1",
            "NO_COLOR": "1",
            **(env or {}),
        }
        with self.session.chdir(cwd):
            output = self.session.run(
                str(self.bin / command[0]),
                *command[1:],
                env=settings,
                external=True,
                silent=capture,
                success_codes=success_codes,
            )
        return output if isinstance(output, str) else ""


def _pip_configuration() -> configparser.RawConfigParser:
    settings = configparser.RawConfigParser()
    configured = os.environ.get("PIP_CONFIG_FILE")
    settings.read([configured] if configured else [Path.home() / ".pip/pip.conf", Path.home() / ".config/pip/pip.conf"])
    if not settings.has_section("global"):
        settings.add_section("global")
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name not in {"PIP_CONFIG_FILE", "PIP_BUILD_CONSTRAINT", "PIP_NO_DEPS"}:
            settings.set("global", name[4:].lower().replace("_", "-"), value)
    return settings


def _uv_settings() -> dict[str, str]:
    """Tell uv, which reads nothing of pip's, how to reach the index that pip asks."""
    configured = _pip_configuration()
    # Where ansible-test starts it, the environment is not there.
    settings = {name: value for name, value in os.environ.items() if ON_THE_WAY.fullmatch(name)}
    for name, option in {"UV_DEFAULT_INDEX": "index-url", "SSL_CERT_FILE": "cert", "ALL_PROXY": "proxy"}.items():
        if value := configured.get("global", option, fallback=""):
            settings[name] = value
    # Not below the checkout, where reuse trips over files that come and go.
    cache = {"UV_CACHE_DIR": str(Path.home() / ".cache" / "uv")}
    return {"UV_SYSTEM_CERTS": "true"} | cache | settings | {"UV_BUILD_CONSTRAINT": str(lock("backends"))}


def _with_tools() -> str:
    """Return a PATH in which uv is found, which stands beside nox."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@functools.cache
def _uv() -> dict[str, Any] | None:
    """Return uv's path and settings, for it is ten times as fast as pip; None where it gets no answer, but pip may."""
    command = str(Path(sys.executable).with_name("uv"))
    settings = _uv_settings()
    question = [command, "pip", "compile", "--quiet", "--no-deps", "--no-header", "--python", sys.executable, "-"]
    answer = subprocess.run(
        question, check=False, env=os.environ | settings, input="uv", text=True, capture_output=True
    )
    if answer.returncode:
        print("uv got no answer from the package index; pip installs, which takes a minute or two longer", flush=True)
        return None
    return {"command": command, "env": settings}


def _environment(session: nox.Session, name: str, core: str) -> Environment:
    """Make the environment from its lock, or take the one that is there; a second session waits for the first."""
    found = python_for(core)
    if not found:
        session.error(f"needs Python {' or '.join(CORES.get(core, (core,)))}, and there is none here")
    version, python = found
    path = BUILD / "envs" / name
    stamp = path / "requirements.txt"
    requirements = lock(name)
    wanted = "\n".join([version, python, str(path), requirements.read_text(encoding="utf-8")])
    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{path}.lock").open("w", encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            shutil.rmtree(path, ignore_errors=True)
            session.run(python, "-m", "venv", "--without-pip", str(path), external=True, silent=True)
            uv = _uv()
            for command in installing(str(path), str(requirements), uv["command"] if uv else None):
                session.run(
                    *command, external=True, env=uv["env"] if uv else None, silent=command[-1] != str(requirements)
                )
            stamp.write_text(wanted, encoding="utf-8")
    return Environment(session, path)


def _core_environment(session: nox.Session, core: str) -> Environment:
    return _environment(session, f"core-{core}", core)


def _checkout_copy(session: nox.Session) -> Path:
    """Copy what git would take to where ansible-test expects a collection, and return the tree."""
    tree = BUILD / "work" / session.name
    shutil.rmtree(tree, ignore_errors=True)
    copy = tree / "ansible_collections" / "eightbyeight" / "scim"
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    files = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, files.split("\0")):
        source = ROOT / name
        if source.is_file() or source.is_symlink():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    # A repository of its own, else ansible-test asks the one around it, which ignores all of this.
    subprocess.run(["git", "init", "-q", str(copy)], check=True)
    return tree


def _in(tree: Path) -> Path:
    return tree / "ansible_collections" / "eightbyeight" / "scim"


def _pip_settings(home: Path) -> None:
    """Hand pip's settings on: ansible-test gives its own pip neither the environment nor the home."""
    settings = _pip_configuration()
    # Twice quiet: errors only.
    settings.set("global", "quiet", "2")
    target = home / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8") as file:
        settings.write(file)
    cache = home / ".cache" / "pip"
    cache.parent.mkdir(parents=True, exist_ok=True)
    if not cache.is_symlink():
        with contextlib.suppress(FileExistsError):
            cache.symlink_to(Path.home() / ".cache" / "pip", target_is_directory=True)


@contextlib.contextmanager
def _all(session: nox.Session) -> Iterator[Callable[..., None]]:
    """Let every check have its say before the session fails. One that captures its output fails by a complaint as well."""
    failed = []

    def attempt(where: Environment, *command: str, **settings: Any) -> None:
        try:
            complaints = _shown(where.run(*command, **settings))
        except CommandFailed:
            failed.append(" ".join(command[:2]))
        else:
            failed.extend(f"{command[0]}: {complaint}" for complaint in complaints)

    yield attempt
    if failed:
        session.error(f"failed: {', '.join(failed)}")


def _shown(output: str) -> list[str]:
    """Show what was captured, if anything was, and return the complaints in it."""
    if output:
        print(output, end="" if output.endswith("\n") else "\n", flush=True)
    return COMPLAINT.findall(output)


def _silent(session: nox.Session, output: str) -> None:
    """Show the output, and fail where Ansible complains in it."""
    if complaints := _shown(output):
        session.error("Ansible complained:\n" + "\n".join(complaints))


def _in_part(session: nox.Session, what: str) -> None:
    """Say what of its kind a session runs, or does not, because another one does: sessions.py collects these lines."""
    print(f"IN PART  {session.name}: {what}", flush=True)


def _pytest(
    env: Environment,
    session: nox.Session,
    *arguments: str,
    coverage: bool,
    settings: dict[str, str] | None = None,
) -> None:
    command = ["python", "-m", "pytest", *arguments, *session.posargs]
    settings = dict(settings or {})
    if coverage:
        data = BUILD / "coverage" / session.name
        data.mkdir(parents=True, exist_ok=True)
        for old in data.glob(".coverage*"):
            old.unlink()
        settings["COVERAGE_FILE"] = str(data / ".coverage")
        command[1:1] = ["-m", "coverage", "run", f"--rcfile={ROOT / 'pyproject.toml'}"]
    env.run(*command, env=_startup() | settings)


def _startup() -> dict[str, str]:
    """Let each start of a module be shorter: see sitecustomize.py."""
    cache = BUILD / "cache" / "compiled"
    cache.mkdir(parents=True, exist_ok=True)
    return {"PYTHONPATH": str(ROOT / "tests/tools/startup"), "EIGHTBYEIGHT_COMPILED": str(cache)}


def _code_environment(session: nox.Session) -> Environment:
    return _environment(session, "code", newest())


@nox.session(python=False)
def code(session: nox.Session) -> None:
    """Ruff, its formatter, mypy, import-linter, and the locks as far as they show without a package index."""
    env = _code_environment(session)
    package = "ansible_collections.eightbyeight.scim"
    collection_tree()
    emulator = "roles/emulator/files"
    modern = ("--python-version", "3.11")  # what runs on a controller only
    tests = [room for room in ("tests/unit", "tests/emulator", "tests/faults") if any((ROOT / room).rglob("*.py"))]
    with _all(session) as attempt:
        attempt(env, "ruff", "check", "--cache-dir", str(BUILD / "cache/ruff"))
        attempt(env, "ruff", "format", "--check", "--cache-dir", str(BUILD / "cache/ruff"))
        attempt(env, "mypy", "-p", f"{package}.plugins")
        # The layers of pyproject.toml.
        layers = ("lint-imports", "--no-logo", "--cache-dir", str(BUILD / "cache/import-linter"))
        attempt(env, *layers, env={"PYTHONPATH": str(collection_tree())})
        if (ROOT / emulator).is_dir():
            attempt(env, "mypy", *modern, "-p", "eightbyeight_emulator", env={"MYPYPATH": emulator})
        for room in tests:
            # As pytest sees it: what stands beside a test, and the emulator, are importable.
            # Arguments that come as **options have no type worth checking.
            attempt(
                env,
                *("mypy", *modern, "--disable-error-code", "arg-type", room),
                env={"MYPYPATH": os.pathsep.join([room, emulator, "tests/faults", "tests/tools"])},
            )
        attempt(env, "mypy", *modern, "noxfile.py", "conftest.py", "tests/tools", env={"MYPYPATH": "tests/tools"})
        attempt(env, "python", "-m", "pytest", "tests/tools/test_locks.py")


@nox.session(python=False, name="format", default=False)
def rewrite(session: nox.Session) -> None:
    """Let ruff rewrite what it can."""
    env = _code_environment(session)
    env.run("ruff", "check", "--fix", "--exit-zero", "--cache-dir", str(BUILD / "cache/ruff"))
    env.run("ruff", "format", "--cache-dir", str(BUILD / "cache/ruff"))


@nox.session(python=False)
def content(session: nox.Session) -> None:
    """YAML, playbooks and roles, and the changelog; antsibull-nox has docs-check for the documentation."""
    env = _environment(session, "content", newest())
    tree = _checkout_copy(session)
    lint = ["ansible-lint", "--offline", "--strict", "--profile", "production"]
    with _all(session) as attempt:
        attempt(env, "yamllint", "--strict", ".")
        attempt(env, "antsibull-changelog", "lint")
        attempt(env, *lint, cwd=_in(tree), collections=tree, capture=True)


SANITY_BY_CORE = ("action-plugin-docs", "ansible-doc", "compile", "import", "runtime-metadata", "validate-modules")


def _sanity(session: nox.Session, core: str) -> None:
    env = _core_environment(session, core)
    tree = _checkout_copy(session)
    home = BUILD / "home" / session.name
    _pip_settings(home)
    # ansible-test looks for its bootstrap script under the number of the pip it wants, which differs by release.
    (source,) = env.bin.parent.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py")
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in re.findall(r"""\bpip['"]?\s*[=:]\s*['"]([0-9.]+)['"]""", source.read_text(encoding="utf-8")):
        shutil.copy(ROOT / "tests/tools/get_pip.py", cache / f"get_pip_{version.replace('.', '_')}.py")
    (cache / "uv.json").unlink(missing_ok=True)
    if uv := _uv():
        (cache / "uv.json").write_text(json.dumps(uv), encoding="utf-8")
        shutil.copy(ROOT / "tests/tools/uv_as_pip.py", cache)
    command = ["ansible-test", "sanity", "--local", "--color", "no", *session.posargs]
    if core != newest():
        # The tests whose verdict depends on ansible-core, on one Python. The others read the code alone and say the same on
        # every core, but want two environments and a minute each time: measured, 80 s against 13 s a core.
        found = python_for(core)
        command += ["--python", found[0] if found else "default"]
        command += [word for test in SANITY_BY_CORE for word in ("--test", test)]
        _in_part(session, f"{', '.join(SANITY_BY_CORE)}; sanity-{newest()} runs every test")
    env.run(*command, cwd=_in(tree), path=working_pythons(home / "bin"))


# They come everywhere by chance or in another process, and take three times as long under coverage.
UNMEASURED = [f"tests/unit/test_{name}.py" for name in ("fuzz", "hostile_names", "state_machine")]
MEASURED = ["tests/unit", *(f"--ignore={file}" for file in UNMEASURED)]


@nox.session(python=False, default=False)
def quick(session: nox.Session) -> None:
    """Most of the unit tests, on the newest ansible-core: for make check."""
    env = _core_environment(session, newest())
    collection_tree()
    _pytest(env, session, *MEASURED, coverage=False)


def _units(session: nox.Session, core: str) -> None:
    env = _core_environment(session, core)
    collection_tree()
    if core == newest():
        # The emulator knows nothing of ansible-core, and the integration targets run it on every Python.
        _pytest(env, session, "tests/emulator", "tests/tools/test_installing.py", coverage=False)
        _pytest(env, session, *UNMEASURED, coverage=False)
        _pytest(env, session, *MEASURED, coverage=True)
        return
    # Most of the engine knows nothing of it either.
    newer = newer_core_with_same_python(core)
    if newer:
        _in_part(session, f"the files that depend on ansible-core; units-{newer} runs the others on the same Python")
    _in_part(session, f"tests/unit; units-{newest()} runs tests/emulator")
    _pytest(env, session, "tests/unit", *(["--core-only"] if newer else []), coverage=False)


def _integration(session: nox.Session, core: str) -> None:
    env = _core_environment(session, core)
    for line in env.run("python", "tests/tools/integration_targets.py", capture=True).splitlines():
        _in_part(session, line)
    _pytest(env, session, "tests/tools/integration_targets.py", coverage=False)


def _molecule(session: nox.Session, core: str) -> None:
    env = _core_environment(session, core)
    tree = _checkout_copy(session)
    if not any((_in(tree) / "extensions" / "molecule").glob("*/molecule.yml")):
        session.error("no scenario in extensions/molecule")
    warm = {"ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/tools/callbacks"), "ANSIBLE_CALLBACKS_ENABLED": "warm"}
    warm |= _startup()
    where: dict[str, Any] = {"cwd": _in(tree), "collections": tree, "env": warm}
    _silent(session, env.run("molecule", "test", "--all", **where, capture=True))


for _core in CORES:
    for _kind, _what in {
        "sanity": (_sanity, "ansible-test sanity, every test on the newest core"),
        "units": (_units, "Unit tests and the emulator's conformance tests"),
        "integration": (_integration, "Integration targets against the emulator over HTTP"),
        "molecule": (_molecule, "Every molecule scenario"),
    }.items():

        def _session(session: nox.Session, _run: Step = _what[0], _core: str = _core) -> None:
            _run(session, _core)

        _session.__doc__ = f"{_what[1]}, with ansible-core {_core}."
        nox.session(python=False, name=f"{_kind}-{_core}")(_session)


@nox.session(python=False, name=f"target-{OLDEST_TARGET}")
def target(session: nox.Session) -> None:
    """Import what runs on a target with the oldest Python, libraries present (sanity does it without them)."""
    env = _environment(session, session.name, OLDEST_TARGET)
    collection_tree()
    package = "ansible_collections.eightbyeight.scim.plugins"
    names = [
        f"{package}.{room}.{file.stem}"
        for room in ("module_utils", "modules")
        for file in sorted((ROOT / "plugins" / room).glob("*.py"))
    ]
    if not names:
        session.error("no modules found")
    program = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    env.run("python", "-W", "error", "-c", program, *names, env={"PYTHONPATH": str(collection_tree())})


@nox.session(python=False)
def oldest(session: nox.Session) -> None:
    """What depends on requests and pydantic, with the oldest of them that users may have."""
    env = _environment(session, "oldest", "2.16")
    collection_tree()
    names = ("client_*", "connection_*", "hostile_[cs]*", "libraries", "models", "modules", "read", "user_*")
    files = sorted(str(file) for name in names for file in (ROOT / "tests/unit").glob(f"test_{name}.py"))
    _pytest(env, session, *files, coverage=False)


@nox.session(python=False)
def prerelease(session: nox.Session) -> None:
    """What depends on ansible-core, on the newest one there is; of its failures only warnings of ours count."""
    uv = _uv()
    python = interpreter("3.14") or interpreter("3.13")
    if not uv or not python:
        print(f"NOT RUN  {session.name}: needs Python 3.13 or newer, and uv with a package index")
        return
    # Unlocked, as nothing can be locked before it is released.
    path = BUILD / "envs" / PRERELEASE
    install = [uv["command"], "pip", "install", "--quiet", "--python", str(path)]
    if not path.exists():
        session.run(python, "-m", "venv", "--without-pip", str(path), external=True, silent=True)
        session.run(*install, "--no-deps", "-r", str(lock(f"core-{newest()}")), external=True, env=uv["env"])
    major, minor = next(iter(CORES)).split(".")
    wanted = f"ansible-core>={major}.{int(minor) + 1}.0.dev0"
    try:
        session.run(*install, "--upgrade", "--prerelease", "allow", wanted, external=True, env=uv["env"], silent=True)
    except CommandFailed:
        print(f"NOT RUN  {session.name}: the index has no {wanted} for {python}")
        return
    env = Environment(session, path)
    core = env.run("python", "-c", "import ansible.release as this; print(this.__version__)", capture=True).strip()
    tests = ("tests/unit", "--core-only", "tests/tools/integration_targets.py", *session.posargs)
    output = env.run("python", "-m", "pytest", *tests, env=_startup(), capture=True, success_codes=(0, 1))
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE)
    print(output)
    print(
        f"IN PART  {session.name}: ansible-core {core}: what depends on it, and both_ways"
        + (f"; FAILED: {', '.join(failed)}" if failed else "")
    )
    if UNEXPECTED in output or "DeprecationWarning" in output:
        session.error(f"ansible-core {core} warns of what this collection does")


@nox.session(python=False)
def audit(session: nox.Session) -> None:
    """Ask the package index and a vulnerability service about every pin of the locks."""
    env = _environment(session, "audit", newest())
    env.run("python", "tests/tools/audit.py", env=_uv_settings(), path=_with_tools())


@nox.session(python=False, name="lock", default=False)
def renew(session: nox.Session) -> None:
    """Make the locks of the environments that are named anew, or all of them."""
    env = _environment(session, "audit", newest())
    env.run("python", "tests/tools/locks.py", *session.posargs, env=_uv_settings(), path=_with_tools())


@nox.session(python=False)
def coverage(session: nox.Session) -> None:
    """Add up what the units ran of plugins/; below the limit in pyproject.toml it fails.

    The integration targets are not measured: coverage starts anew in the process of each module, which takes minutes, and they
    run little that the units do not.
    """
    core = newest()
    env = _core_environment(session, core)
    parts = sorted(str(part) for part in (BUILD / "coverage").glob(f"*-{core}"))
    if not parts:
        session.error(f"nothing measured yet: run units-{core} first")
    settings = {"COVERAGE_FILE": str(BUILD / "coverage" / ".coverage")}
    # A file that nothing ever imported must count as well: a run that does nothing else names them all.
    nothing = BUILD / "coverage" / "nothing"
    nothing.mkdir(exist_ok=True)
    (nothing / "run.cfg").write_text(
        "[run]\nbranch = true\nrelative_files = true\nsource = plugins\ndisable_warnings = no-data-collected\n"
        "[report]\ninclude_namespace_packages = true\n",
        encoding="utf-8",
    )
    env.run(
        *("coverage", "run", f"--rcfile={nothing / 'run.cfg'}", str(ROOT / "tests/tools/matrix.py")),
        env={"COVERAGE_FILE": str(nothing / ".coverage.nothing")},
    )
    parts.append(str(nothing))
    env.run("coverage", "combine", "--keep", "--quiet", *parts, env=settings)
    env.run("coverage", "report", env=settings)


@nox.session(python=False)
def build(session: nox.Session) -> None:
    """Build the archive and its bill of materials, let Galaxy's importer judge it, install it elsewhere and run its demo."""
    core = newest()
    env = _core_environment(session, core)
    importer = _environment(session, "importer", core)
    tree = _checkout_copy(session)
    dist = BUILD / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    env.run("ansible-galaxy", "collection", "build", "--output-path", str(dist), cwd=_in(tree))
    (archive,) = dist.glob("*.tar.gz")

    with tarfile.open(archive) as tar:
        strangers = [name for name in tar.getnames() if not ARCHIVE.fullmatch(name)]
    if strangers:
        session.error(f"not meant for the archive (see build_ignore in galaxy.yml): {', '.join(strangers)}")

    # Beside the archive, not in it: what is in it is ours alone, and users choose their own versions of what it imports.
    audited = _environment(session, "audit", core)
    bills = [dist / f"{archive.name.removesuffix('.tar.gz')}.cdx.json", BUILD / "work" / "again.cdx.json"]
    for bill in bills:
        audited.run("python", str(ROOT / "tests/tools/sbom.py"), str(archive), str(bill))
    if bills[0].read_bytes() != bills[1].read_bytes():
        session.error("the bill of materials differs from one run to the next")

    settings = dist / "galaxy-importer.cfg"
    settings.write_text(
        "[galaxy-importer]\nCHECK_REQUIRED_TAGS = True\nREQUIRE_V1_OR_GREATER = False\n", encoding="utf-8"
    )
    log = importer.run(
        "python",
        "-m",
        "galaxy_importer.main",
        archive.name,
        cwd=dist,
        env={"GALAXY_IMPORTER_CONFIG": str(settings)},
        capture=True,
    )
    print(log, flush=True)
    complaints = [line for line in log.splitlines() if line.startswith(("WARNING", "ERROR"))]
    if complaints:
        session.error("galaxy-importer complained:\n" + "\n".join(complaints))

    installed = BUILD / "work" / "installed"
    shutil.rmtree(installed, ignore_errors=True)
    env.run(
        "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "-p",
        str(installed),
        str(archive),
        collections=installed,
    )
    # As a reader of the README starts it.
    demo = ("ansible-playbook", "-i", "localhost,", "eightbyeight.scim.demo")
    _silent(session, env.run(*demo, cwd=dist, collections=installed, env=_startup(), capture=True))
