# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the emulator on the path and starts tenants for the tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
FILES = HERE.parents[1] / "roles" / "emulator" / "files"
sys.path[:0] = [str(HERE), str(FILES), str(HERE.parent / "faults")]

from eightbyeight_emulator import Emulator
from tenant_client import API, READ_ONLY_TOKEN, SEED, TOKEN, Tasks


@pytest.fixture
def start() -> Iterator[Callable[..., API]]:
    """Start tenants that end with the test."""
    running: list[Emulator] = []

    def run(faults: list[Any] | None = None, people: Any = None, **switches: Any) -> API:
        tenant = Emulator(
            SEED if people is None else people, TOKEN, switches, faults, read_only_token=READ_ONLY_TOKEN
        ).start()
        running.append(tenant)
        return API(tenant)

    yield run
    for tenant in running:
        tenant.stop()


@pytest.fixture
def api(start: Callable[..., API]) -> API:
    """A tenant with every switch on its default."""
    return start()


@pytest.fixture
def tasks(start: Callable[..., API], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Tasks]:
    """Start tenants to run tasks against; what is remembered of them ends with the test."""
    monkeypatch.setenv("EIGHTBYEIGHT_STATE_DIR", str(tmp_path / "state"))

    def run(people: Any = None, faults: list[Any] | None = None, **switches: Any) -> Tasks:
        return Tasks(start(faults, people, **switches), tmp_path)

    return run
