# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the emulator."""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
import tempfile
import threading
from pathlib import Path
from typing import Any

from .application import DEFAULT_CUSTOMER
from .emulator import Emulator
from .faults import FaultError
from .seed import SeedError
from .switches import SWITCHES, SwitchError

TOKEN_VARIABLE = "EIGHTBYEIGHT_EMULATOR_TOKEN"


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="eightbyeight_emulator",
        description="Emulate the SCIM 2.0 API of one 8x8 customer on the loopback interface.",
        epilog="Switches (default first in brackets):\n"
        + "\n".join(
            f"  {name} [{json.dumps(switch.default)}]: {switch.allowed()}\n      {switch.meaning}"
            for name, switch in SWITCHES.items()
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", metavar="FILE", help="JSON file of the users; a fictional company by default")
    parser.add_argument("--port", type=int, default=8808, help="port, 0 for any free one; default 8808")
    parser.add_argument("--customer-id", default=DEFAULT_CUSTOMER, metavar="ID", help=f"default {DEFAULT_CUSTOMER}")
    parser.add_argument(
        "--token",
        help=f"the API token; anyone who lists processes can read it here, so rather set {TOKEN_VARIABLE}",
    )
    parser.add_argument("--token-file", metavar="FILE", help="file that holds the API token")
    parser.add_argument("--read-only-token", metavar="TOKEN", help="token of a second client, which may only read")
    parser.add_argument("--read-only-token-file", metavar="FILE", help="file that holds that token")
    parser.add_argument(
        "--admin-api-key-file", metavar="FILE", help="file that holds the key of the Administration API"
    )
    parser.add_argument("--log", metavar="FILE", help="append one JSON line a request to this file")
    parser.add_argument("--ready-file", metavar="FILE", help="write the ready line to this file as well")
    parser.add_argument(
        "--idle-timeout",
        type=float,
        default=0,
        metavar="SECONDS",
        help="end when no request came for that long; 0 (default) is never",
    )
    parser.add_argument(
        "--switch",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="move a switch; VALUE is JSON or plain text; repeatable",
    )
    parser.add_argument("--switches", metavar="FILE", help="JSON file of switches")
    parser.add_argument("--faults", metavar="FILE", help="JSON file of fault rules")
    parser.add_argument("--tls-cert", metavar="FILE", help="serve https with this certificate")
    parser.add_argument("--tls-key", metavar="FILE", help="its key, when not in the same file")
    return parser


def read_token(arguments: argparse.Namespace) -> str | None:
    """Return the token from the option, the file or the environment."""
    if arguments.token:
        return str(arguments.token)
    if arguments.token_file:
        return Path(arguments.token_file).read_text(encoding="utf-8").strip()
    return os.environ.get(TOKEN_VARIABLE)


def read_read_only_token(arguments: argparse.Namespace) -> str | None:
    """Return the token of the second client, from the option or the file."""
    if arguments.read_only_token_file and not arguments.read_only_token:
        return Path(arguments.read_only_token_file).read_text(encoding="utf-8").strip()
    return arguments.read_only_token or None


def read_admin_api_key(arguments: argparse.Namespace) -> str | None:
    """Return the key of the Administration API from the file, or a new random key without a file."""
    if not arguments.admin_api_key_file:
        return None
    return Path(arguments.admin_api_key_file).read_text(encoding="utf-8").strip() or None


def read_switches(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the switches of the file and of the options; the options win."""
    switches: dict[str, Any] = {}
    if arguments.switches:
        switches.update(json.loads(Path(arguments.switches).read_text(encoding="utf-8")))
    for setting in arguments.switch:
        name, equals, value = setting.partition("=")
        if not equals:
            raise SwitchError(f"--switch takes NAME=VALUE, not {setting!r}")
        try:
            switches[name] = json.loads(value)
        except ValueError:
            switches[name] = value
    return switches


def write_atomically(path: Path, text: str) -> None:
    """Write a file atomically, so that a waiting process never reads half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(name, path)


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT or the idle timeout, and return the exit status."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    try:
        token = read_token(arguments)
        if not token:
            parser.error(f"no token: use --token-file, --token or {TOKEN_VARIABLE}")
        emulator = Emulator(
            arguments.seed,
            token,
            read_switches(arguments),
            json.loads(Path(arguments.faults).read_text(encoding="utf-8")) if arguments.faults else None,
            read_only_token=read_read_only_token(arguments),
            admin_api_key=read_admin_api_key(arguments),
            customer_id=arguments.customer_id,
            port=arguments.port,
            log_file=arguments.log,
            tls_cert=arguments.tls_cert,
            tls_key=arguments.tls_key,
        )
    except (OSError, ValueError, KeyError, OverflowError, SwitchError, FaultError, SeedError) as error:
        parser.error(_reason(error, arguments.port))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with emulator:
        ready = json.dumps({"url": emulator.url, "pid": os.getpid()})
        if arguments.ready_file:
            write_atomically(Path(arguments.ready_file), ready + "\n")
        print(ready, flush=True)
        _wait(emulator, stop, arguments.idle_timeout)
    return 0


def _reason(error: Exception, port: int) -> str:
    """Say why the emulator did not start."""
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} is in use by another program; choose another one, or 0 for any that is free"
    if isinstance(error, (OSError, OverflowError)) and not (isinstance(error, OSError) and error.filename):
        return f"cannot listen on port {port}: {error}"
    return str(error)


def _wait(emulator: Emulator, stop: threading.Event, idle: float) -> None:
    """Wait until the emulator is stopped, or until it had no request for ``idle`` seconds."""
    while True:
        if idle <= 0:
            left = None
        else:
            left = idle - emulator.server.idle_for()
            if left <= 0:
                return
        if stop.wait(left):
            return
