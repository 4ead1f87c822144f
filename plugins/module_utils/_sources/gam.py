# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads CSV of GAM: lists and objects of Google's Directory API as columns.

Source: GAM's ``flattenJSON`` and ``wiki/Users.md``: ``organizations.0.title`` is the title of the first organization, and the
column ``organizations`` holds how many there are. With ``formatjson`` the column ``JSON`` holds the whole user. The character
between the parts of a name can be configured; a full stop is the default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._base.json_text import read_object


def is_flattened(names: Iterable[Any]) -> bool:
    """Return whether these are column names of GAM."""
    return any("." in str(name) or name == "JSON" for name in names)


def rebuilt(row: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Return a row in the form of the Directory API, which others have already."""
    if not is_flattened(row):
        return row
    user = read_object(str(row.get("JSON") or ""))
    for name, value in row.items():
        if name not in ("", "JSON") and value not in (None, ""):
            *parents, last = str(name).split(".")
            target = user
            for part in parents:
                if not isinstance(target.get(part), dict):
                    target[part] = {}
                target = target[part]
            # The number of entries does not replace them.
            if not isinstance(target.get(last), (dict, list)):
                target[last] = value
    return {key: _listed(value) for key, value in user.items()}


def _listed(value: Any) -> Any:
    """Turn an object whose keys are indexes back into a list."""
    if not isinstance(value, dict):
        return value
    entries = {key: _listed(part) for key, part in value.items()}
    return list(entries.values()) if entries and all(str(key).isdigit() for key in entries) else entries
