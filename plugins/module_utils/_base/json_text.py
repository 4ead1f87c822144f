# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""JSON that a file, a server or a person gave: objects, names that are there twice, and the form that values must have. Pure."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

#: The form of a text that may be missing, see :func:`has_form`.
TEXT_OR_NULL = (str, type(None))


class RepeatedNameError(ValueError):
    """A name is there twice in one object, so that two readers may see two values. The text is the name."""


def unique_names(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object in which each name is there once, as the ``object_pairs_hook`` of a reader.

    :raises RepeatedNameError: When one is there twice.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        [(twice, _times)] = Counter(name for name, _value in pairs).most_common(1)
        raise RepeatedNameError(twice)
    return found


def read_object(text: str | bytes) -> dict[str, Any]:
    """Return the object that a text holds; an empty one where it holds none, or is damaged."""
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {}


def has_form(value: Any, form: Any) -> bool:
    """Say whether a value is of one of several types, or a list of one form, or has parts of several forms."""
    if isinstance(form, list):
        return isinstance(value, list) and all(has_form(each, form[0]) for each in value)
    if isinstance(form, dict):
        return isinstance(value, dict) and all(name in value and has_form(value[name], form[name]) for name in form)
    # To isinstance, true is a number.
    return type(value) in form
