# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of JSON Schema as ``administration.schema.json`` uses. A keyword that is not known here is a mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parent / "administration.schema.json").read_text(encoding="utf-8")
)
KEYWORDS = {"$comment", "$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "pattern"}
TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def faults(name: str, value: Any) -> list[str]:
    """Return where a value is not what a definition of the schema says; nothing where it is."""
    return list(_faults(SCHEMA["$defs"][name], value, name))


def _faults(schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    if unknown := set(schema) - KEYWORDS:
        raise ValueError(f"{place}: the schema has {unknown}")
    if "$ref" in schema:
        yield from _faults(SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, place)
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place} is {value!r}"
    kinds = schema.get("type", list(TYPES))
    names = [kinds] if isinstance(kinds, str) else kinds
    # To Python, true is a number as well.
    if not any(isinstance(value, TYPES[name]) for name in names) or isinstance(value, bool) and "boolean" not in names:
        yield f"{place} is {type(value).__name__}, not {kinds}"
    elif isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{place} is {value!r}, which does not match"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _faults(schema.get("items", {}), item, f"{place}[{number}]")
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        yield from (f"{place} has no {name}" for name in schema.get("required", []) if name not in value)
        for name, part in value.items():
            if name in known:
                yield from _faults(known[name], part, f"{place}.{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{place} has {name}"
