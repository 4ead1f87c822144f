# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a filter's documentation says about its parameters is what its function takes."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.stem for path in (ROOT / "plugins" / "filter").glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_the_documented_parameters_are_those_of_the_function(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.eightbyeight.scim.plugins.filter.{name}")
    filters = module.FilterModule().filters()
    assert list(filters) == [name]
    _value, *parameters = inspect.signature(filters[name]).parameters.values()
    documented = yaml.safe_load(module.DOCUMENTATION)
    options = {option: about for option, about in documented["options"].items() if option != "_input"}
    assert list(options) == [parameter.name for parameter in parameters]
    required = [parameter.name for parameter in parameters if parameter.default is inspect.Parameter.empty]
    assert [option for option, about in options.items() if about.get("required")] == required
    positional = [part.strip() for part in documented.get("positional", "").split(",") if part.strip()]
    assert positional == list(options)[: len(positional)]
    for parameter in parameters:
        if parameter.default is not inspect.Parameter.empty and "default" in options[parameter.name]:
            assert (parameter.default or None) == (options[parameter.name]["default"] or None)
