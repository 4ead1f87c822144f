# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Coverage-guided fuzzing of everything that parses what others wrote, with atheris: ``make fuzz``.

Each target runs in a process of its own, on inputs kept from earlier runs; whatever is not an error of the family is a crash,
and is kept as well. The unit tests do a deterministic part of this with Hypothesis.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

from matrix import BUILD, collection_tree

sys.path.insert(0, str(collection_tree()))

try:
    import atheris
except ImportError:
    sys.exit(
        "atheris has no wheel for this machine, so nothing was fuzzed; what Hypothesis does of it is part of make check."
    )

#: The target of this process; without one it starts a process for each.
TARGET = os.environ.get("FUZZ_TARGET")

seen = atheris.instrument_imports(include=["ansible_collections.eightbyeight", "json", "email"])
with seen if TARGET else contextlib.nullcontext():
    import requests

    from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
    from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
    from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.payload import put_body
    from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import User
    from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.dates import Calendar
    from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.reader import read_rows
    from ansible_collections.eightbyeight.scim.plugins.module_utils._sources.catalog import PRESETS
    from ansible_collections.eightbyeight.scim.plugins.module_utils._sources.read import roster_from
    from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import planfile
    from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.journal import Journal
    from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
        BASE,
        NOW,
        FakeTime,
        Reply,
        client_for,
        listing,
        resource,
        scim_error,
    )

from requests.adapters import BaseAdapter


class Repeating(BaseAdapter):
    """Gives one answer to everything."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self._reply = reply

    def send(self, request: requests.PreparedRequest, **_settings: object) -> requests.Response:  # type: ignore[override]
        return self._reply.response(request)

    def close(self) -> None:
        pass


def body(data: bytes) -> None:
    """Read a response body as a user, as a listing and as an error."""
    status = (200, 200, 400)[data[0] % 3] if data else 200
    client = client_for(Repeating(Reply(status, data[1:])), FakeTime(), retry_budget=0.0)
    for read in (lambda: client.get_user("1"), client.list_users, lambda: client.create_user({})):
        try:
            read()
        except EightByEightError:
            continue


def user(data: bytes) -> None:
    """Read whatever JSON there is as a user, and build the body that puts it back."""
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError):
        return
    try:
        put_body(User(raw if isinstance(raw, dict) else {}), True, {"title": "x", "phone_numbers": None, "email": "e"})
    except EightByEightError:
        return


def packed(data: bytes) -> None:
    """Unpack a response body."""
    encoding = ("gzip", "deflate", "identity", "br")[data[0] % 4] if data else "gzip"
    client = client_for(Repeating(Reply(200, data[1:], {"Content-Encoding": encoding})), FakeTime(), retry_budget=0.0)
    try:
        client.list_users()
    except EightByEightError:
        return


def retry_after(data: bytes) -> None:
    """Read the headers by which a server asks to wait."""
    lines = [*data.decode("latin-1").replace("\r", "").split("\n"), "", "", ""]
    headers = dict(zip(("Retry-After", "x-ratelimit-reset", "Date"), lines, strict=False))
    client = client_for(Repeating(Reply(429, {}, headers)), clock := FakeTime(), retry_budget=5.0)
    try:
        client.list_users()
    except EightByEightError:
        assert clock.now <= 5, "the budget holds"


_FOLDER = tempfile.TemporaryDirectory()
_FILE = Path(_FOLDER.name) / "file"


def plan_file(data: bytes) -> None:
    """Read a plan file, with the digest that fits it where it has any."""
    try:
        tree = json.loads(data)
        data = json.dumps({**tree, "digest": planfile.digest(tree)}).encode()
    except (ValueError, TypeError, RecursionError):
        pass
    _FILE.write_bytes(data)
    try:
        planfile.load(str(_FILE), BASE, None, NOW)
    except EightByEightError:
        return


def journal(data: bytes) -> None:
    """Read a journal."""
    _FILE.write_bytes(data)
    try:
        Journal(str(_FILE)).last_seen()
    except EightByEightError:
        return


_ANY_DAY = Calendar(dt.datetime(2026, 12, 1, tzinfo=dt.UTC))


def export(data: bytes) -> None:
    """Read a file as the export of any system; what comes out is a roster that the module takes."""
    source = sorted(PRESETS)[data[0] % len(PRESETS)] if data else "csv"
    try:
        result = roster_from(data[1:], source)
    except EightByEightError:
        return
    read_rows(result["users"], _ANY_DAY)
    json.dumps(result)


_MEMORY = Memory(BASE, _FOLDER.name)


def memory(data: bytes) -> None:
    """Read what is remembered of a user."""
    path = Path(_MEMORY._path("1"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    _MEMORY.recall("1")


_PLAN = planfile.document(
    BASE,
    [
        {
            "row": 1,
            "user_name": "ada@example.org",
            "id": "1",
            "operation": "updated",
            "active": True,
            "before": {"title": "a"},
            "after": {"title": "b"},
            "last_modified": None,
        }
    ],
    NOW,
    users=3,
    complete=True,
)
_USER = json.dumps(resource()).encode()
_LIST = json.dumps(listing(resource())).encode()

#: What is fuzzed, and with what it begins.
TARGETS: dict[str, tuple[Callable[[bytes], None], list[bytes]]] = {
    "body": (body, [b"\0" + _USER, b"\0" + _LIST, b"\2" + json.dumps(scim_error(400, "no", "invalidValue")).encode()]),
    "user": (user, [_USER]),
    "packed": (packed, [b"\2" + _LIST]),
    "retry_after": (retry_after, [b"7", b"\n15", b"Sun, 06 Nov 1994 08:49:37 GMT\n\nSun, 06 Nov 1994 08:49:00 GMT"]),
    "plan_file": (plan_file, [json.dumps(_PLAN).encode()]),
    "journal": (journal, [b'{"event": "seen", "users": {"1": "2026"}}\n{"event": "sent", "id": "1"}\n']),
    "export": (
        export,
        [
            bytes([sorted(PRESETS).index("entra_csv")])
            + b"userPrincipalName,surname,accountEnabled\nada@example.org,Lovelace,True\n",
            bytes([sorted(PRESETS).index("scim")]) + _LIST,
            bytes([sorted(PRESETS).index("okta_api")])
            + b'[{"status": "ACTIVE", "profile": {"login": "ada@example.org"}}]',
        ],
    ),
    "memory": (memory, [json.dumps({"title": ["a" * 32, "b" * 32]}).encode()]),
}


def main() -> int:
    """Run each target for some seconds, and say how far each came."""
    parser = argparse.ArgumentParser(description="Fuzz what parses what others wrote.")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: %(default)s)")
    parser.add_argument("targets", nargs="*", metavar="target", help=f"of {', '.join(TARGETS)} (default: all)")
    wanted = parser.parse_args()
    unknown = sorted(set(wanted.targets) - set(TARGETS))
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}")
    bad = 0
    for name in wanted.targets or TARGETS:
        folder = BUILD / "fuzz-corpus" / name
        (folder / "found").mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(TARGETS[name][1]):
            (folder / "found" / f"seed-{number}").write_bytes(seed)
        began = time.monotonic()
        done = subprocess.run(
            [
                *(sys.executable, __file__, f"-max_total_time={wanted.seconds}", "-max_len=4096", "-timeout=20"),
                *("-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={folder}/", str(folder / "found")),
            ],
            env={**os.environ, "FUZZ_TARGET": name},
            capture_output=True,
            text=True,
            check=False,
            errors="replace",
        )
        runs = re.findall(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
        seconds = time.monotonic() - began
        verdict = "nothing found" if done.returncode == 0 else f"FAILED, the input is in {folder}"
        print(f"{name:12} {runs[-1] if runs else '?':>10} runs in {seconds:4.0f} s: {verdict}", flush=True)
        if done.returncode:
            bad += 1
            print(done.stdout[-3000:] + done.stderr[-1500:], flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    if not TARGET:
        sys.exit(main())
    atheris.Setup(sys.argv, TARGETS[TARGET][0])
    atheris.Fuzz()
