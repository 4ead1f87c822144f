# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads JSON from files, servers and people: objects, repeated names, and schemas for values. Pure."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

#: The schema of a text or null, see :func:`is_valid`.
TEXT_OR_NULL = (str, type(None))


class RepeatedNameError(ValueError):
    """An object has a name twice, so that readers may see different values. The text is the name."""


def unique_names(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object without repeated names. This is an ``object_pairs_hook`` of ``json``.

    :raises RepeatedNameError: When a name is there twice.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        [(twice, _times)] = Counter(name for name, _value in pairs).most_common(1)
        raise RepeatedNameError(twice)
    return found


def read_object(text: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a text; empty when the text is something else or is damaged."""
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {}


def is_valid(value: Any, schema: Any) -> bool:
    """Say whether a value matches a schema: a tuple of types, a list with the schema of entries, or a dictionary of schemas."""
    if isinstance(schema, list):
        return isinstance(value, list) and all(is_valid(entry, schema[0]) for entry in value)
    if isinstance(schema, dict):
        return isinstance(value, dict) and all(name in value and is_valid(value[name], schema[name]) for name in schema)
    # For isinstance, true is a number.
    return type(value) in schema
