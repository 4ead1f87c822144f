# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every file of the plugins can be imported by itself, and so counts in the coverage."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
FILES = sorted(str(path.relative_to(PLUGINS.parent)) for path in PLUGINS.rglob("*.py"))


@pytest.mark.parametrize("file", FILES)
def test_every_file_can_be_imported(file: str) -> None:
    name = file.removesuffix(".py").replace("/", ".")
    module = importlib.import_module(f"ansible_collections.eightbyeight.scim.{name}")
    assert str(module.__file__).endswith(file)
