# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-playbook as a fork of a process that has imported it, the collection and its libraries: most of what a play costs.

There is one such process for each set of settings that Ansible reads when it is imported, and it ends with the tests. The modules
of a play are forks of it too. Those of the collection import what their payload has, as everywhere.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import traceback
import types
from pathlib import Path
from typing import Any, NoReturn

OURS = "ansible_collections"
#: What ansible.constants reads once, when it is imported, but for what the collection reads in each task.
EARLY = re.compile(r"ANSIBLE_(?!EIGHTBYEIGHT_)|COLUMNS|LANG|LC_|PYTHON")
#: What Ansible takes for the Python of a machine: without arguments it runs what comes on its standard input.
PYTHON = """#!{python} -IS
import os, sys, _socket
if len(sys.argv) > 1:
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
connection = _socket.socket(_socket.AF_UNIX)
connection.connect({address!r})
words = [b"python", os.getcwdb(), *(name + b"=" + value for name, value in os.environb.items())]
connection.sendmsg([b"."], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, b"".join(n.to_bytes(4, sys.byteorder) for n in range(3)))])
connection.sendall(b"\\0".join([b"1", *words]))
connection.shutdown(_socket.SHUT_WR)
sys.exit(int(connection.recv(9) or 1))
"""
_started: dict[tuple[tuple[str, str], ...], str] = {}


def run_playbook(
    command: list[str], cwd: Path | str, env: dict[str, str], stderr: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """Run ansible-playbook as ``subprocess.run(..., check=False, stdout=subprocess.PIPE, text=True)`` does."""
    assert Path(command[0]).name == "ansible-playbook"
    assert not Path(cwd, "ansible.cfg").exists(), "it would not be read"
    # Half the time of each module, and one folder of Ansible's own whatever the home of a test is.
    env = {"ANSIBLE_PIPELINING": "true", "ANSIBLE_HOME": str(Path.home() / ".ansible"), **env}
    settings = tuple(sorted((name, value) for name, value in env.items() if EARLY.match(name)))
    if settings not in _started:
        _started[settings] = _start(dict(settings))
    words = [str(len(command)), *command, os.fspath(cwd), *(f"{name}={value}" for name, value in env.items())]
    with contextlib.ExitStack() as files:
        connection = files.enter_context(socket.socket(socket.AF_UNIX))
        connection.connect(_started[settings])
        nothing, output, errors = (files.enter_context(tempfile.TemporaryFile()) for _number in range(3))
        both = output if stderr == subprocess.STDOUT else errors
        socket.send_fds(connection, [b"."], [nothing.fileno(), output.fileno(), both.fileno()])
        connection.sendall("\0".join(words).encode())
        connection.shutdown(socket.SHUT_WR)
        status = connection.recv(9)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(command, int(status or -9), *texts)


def _start(settings: dict[str, str]) -> str:
    """Start a process that has these settings, and return its address."""
    folder = tempfile.mkdtemp()
    process = subprocess.Popen(
        [sys.executable, __file__, folder],
        env={**os.environ, **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdin and process.stdout
    # It lives as long as its standard input.
    atexit.register(process.wait)
    atexit.register(process.stdin.close)
    told = process.stdout.read().decode()
    process.stdout.close()
    assert told == "", f"what loads prints: {told}"
    return f"{folder}/socket"


def lay_out(folder: Path) -> str:
    """Write the Python of a process into its folder, and return its path."""
    python = folder / "python"
    python.write_text(PYTHON.format(python=sys.executable, address=str(folder / "socket")), encoding="utf-8")
    python.chmod(0o700)
    return str(python)


def load() -> None:
    """Import what each task and module would import anew."""
    from ansible.plugins import loader

    for name in ("requests", "pydantic", "ansible.executor.module_common", "ansible.module_utils.basic"):
        importlib.import_module(name)
    plugins = f"{OURS}.eightbyeight.scim.plugins"
    for room in ("filter", "action"):
        package = importlib.import_module(f"{plugins}.{room}")
        for file in Path(package.__path__[0]).glob("[a-z]*.py"):
            importlib.import_module(f"{plugins}.{room}.{file.stem}")
    for kind in (loader.filter_loader, loader.test_loader, loader.connection_loader, loader.shell_loader):
        list(kind.all(class_only=True))
    for name in ("command", "copy", "file", "stat", "tempfile"):
        importlib.import_module(f"ansible.modules.{name}")


def serve(folder: Path, ended: int) -> None:
    """Fork for each request, until nobody has the other end of a pipe any more."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
        listener.listen(64)
        # Who started this waits for the end of its output, and a terminal for that of its input too.
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in {0, 1, 2} - {ended}:
            os.dup2(nothing, stream)
        gc.collect()
        gc.freeze()
        while ended not in select.select([listener.fileno(), ended], [], [])[0]:
            connection, _address = listener.accept()
            with connection:
                if not os.fork():
                    listener.close()
                    _run(connection)
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG) != (0, 0):
                    pass
    shutil.rmtree(folder)


def main(folder: Path) -> None:
    """Serve whoever started this."""
    del sys.path[0]
    from ansible.cli import playbook  # noqa: F401 - which takes long
    from ansible.plugins import loader

    loader.init_plugin_loader()
    loader._configure_collection_loader = lambda *_: None
    load()
    sys.executable = lay_out(folder)
    serve(folder, 0)


def _run(connection: socket.socket) -> NoReturn:
    """Be what was asked for, and tell how it ended."""
    status: Any = 1
    try:
        _word, files, _flags, _sender = socket.recv_fds(connection, 1, 3)
        request = b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode().split("\0")
        count = int(request[0])
        sys.argv, folder, settings = request[1 : 1 + count], request[1 + count], request[2 + count :]
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        # It lives for seconds, and what is collected is copied first: memory is shared with the process that was forked.
        gc.disable()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(pair.partition("=")[::2] for pair in settings)
        # The folder for temporary files stays, with the payloads of modules in it: the process that was forked removes it.
        atexit._clear()
        if sys.argv == ["python"]:
            _be_python()
        else:
            from ansible.cli.playbook import main as ansible_playbook

            status = ansible_playbook()
    except SystemExit as end:
        status = end.code
    except BaseException:  # noqa: BLE001 - as any Python ends by it
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        connection.sendall(str(int(status or 0)).encode())
        os._exit(0)


def _be_python() -> None:
    """Run a program from standard input, which has its own collections in a payload."""
    sys.argv = [""]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "collection_loader" not in type(finder).__module__]
    sys.path_hooks[:] = [
        hook for hook in sys.path_hooks if "collection_loader" not in str(getattr(hook, "__module__", ""))
    ]
    sys.path_importer_cache.clear()
    for name in [name for name in sys.modules if name.startswith(OURS)]:
        del sys.modules[name]
    sys.modules["__main__"] = main = types.ModuleType("__main__")
    exec(compile(sys.stdin.buffer.read(), "<stdin>", "exec"), vars(main))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
