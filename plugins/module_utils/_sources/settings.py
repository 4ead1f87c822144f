# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The parameters mapping, defaults and only, all checked before a row is read."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from .._base.names import login_key
from .._base.text import abbreviated
from .._errors import BadOptionError
from .._resource.names import TEXT_ATTRIBUTES
from .._rows.cells import DATES, IDENTITY, PHONE_COLUMNS, read_cells
from .cell import plain
from .dates import read_form

#: The attributes that can come from a column.
ATTRIBUTES = (*IDENTITY, *TEXT_ATTRIBUTES, "phone_numbers", *PHONE_COLUMNS, "active", "state", *DATES)
#: Attributes that 8x8 does not require, so that an empty cell may clear them.
_CLEARABLE = frozenset(("external_id", "title", "department", "locale", "timezone", *PHONE_COLUMNS))
_KEYS = ("column", "format", "empty", "true", "false")


class Wish(NamedTuple):
    """The mapping of one attribute.

    :param columns: Its columns; None for those of the preset, and an empty list for an attribute that is not read.
    :param form: The format of its dates.
    :param clear: Whether an empty cell clears the attribute.
    :param words: For ``active``: value in lower case -> active.
    """

    columns: tuple[str, ...] | None
    form: tuple[str, ...] = ()
    clear: bool = False
    words: Mapping[str, bool] = MappingProxyType({})


class Settings(NamedTuple):
    """The checked parameters.

    :param wishes: Attribute -> its mapping.
    :param defaults: Attribute -> value for rows without one.
    :param only: Column -> values of the rows to keep, normalized by :func:`login_key`.
    """

    wishes: Mapping[str, Wish] = MappingProxyType({})
    defaults: Mapping[str, Any] = MappingProxyType({})
    only: Mapping[str, frozenset[str]] = MappingProxyType({})


def read_settings(mapping: Any, defaults: Any, only: Any) -> Settings:
    """Read and check the parameters.

    :raises BadOptionError: When one is wrong.
    """
    wishes = {}
    for attribute, given in _dictionary("mapping", mapping).items():
        _check_attribute("mapping", attribute)
        wishes[str(attribute)] = _wish(str(attribute), given)
    filled = _dictionary("defaults", defaults)
    for attribute in filled:
        _check_attribute("defaults", attribute)
    filled = {name: value for name, value in filled.items() if value is not None and value != ""}
    _options, faults = read_cells({"user_name": "a", **filled})
    if faults:
        raise BadOptionError(f"defaults: {'; '.join(f'{column} {message}' for column, message in faults)}.")
    return Settings(wishes, filled, _only(only))


def _dictionary(what: str, given: Any) -> Mapping[Any, Any]:
    if given is None or given == "":
        return {}
    if not isinstance(given, Mapping):
        raise BadOptionError(f"{what} must be a dictionary, not {abbreviated(given)!r}.")
    return given


def _check_attribute(what: str, name: Any) -> None:
    if name not in ATTRIBUTES:
        near = difflib.get_close_matches(str(name), ATTRIBUTES, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Use one of {', '.join(ATTRIBUTES)}."
        raise BadOptionError(f"{what}: there is no attribute {abbreviated(name)!r}. {hint}")


def _wish(attribute: str, given: Any) -> Wish:
    where = f"mapping of {attribute}"
    if not isinstance(given, Mapping):
        return Wish(_columns(where, given))
    unknown = [str(key) for key in given if key not in _KEYS and not isinstance(key, bool)]
    if unknown:
        raise BadOptionError(f"{where}: unknown key {abbreviated(unknown[0])!r}. Use {', '.join(_KEYS)}.")
    empty = str(given.get("empty") or "leave").lower()
    if empty not in ("leave", "clear"):
        raise BadOptionError(f"{where}: empty must be leave or clear, not {abbreviated(given['empty'])!r}.")
    if empty == "clear" and attribute not in _CLEARABLE:
        raise BadOptionError(f"{where}: {attribute} cannot be cleared, so empty must be leave.")
    words = {**_words(where, given, "true", True), **_words(where, given, "false", False)}
    if words and attribute != "active":
        raise BadOptionError(f"{where}: true and false are only for active.")
    form = read_form(given.get("format"), where)
    if form and attribute not in DATES:
        raise BadOptionError(f"{where}: format is only for {' and '.join(DATES)}.")
    return Wish(_columns(where, given["column"]) if "column" in given else None, form, empty == "clear", words)


def _columns(where: str, given: Any) -> tuple[str, ...]:
    names = list(given) if isinstance(given, (list, tuple)) else [] if given is None else [given]
    if not all(isinstance(name, (str, int)) and not isinstance(name, bool) for name in names):
        raise BadOptionError(f"{where}: must be the name of a column, a list of names, or empty for none.")
    return tuple(text for name in names if (text := str(name).strip()))


def _words(where: str, given: Mapping[Any, Any], name: str, meaning: bool) -> dict[str, bool]:
    value = given.get(name, given.get(meaning))  # In YAML, true without quotes is a boolean key.
    words = _texts(value) if value is not None else []
    both = [word for word in words if word in _texts(given.get("false" if meaning else "true") or ())]
    if both:
        raise BadOptionError(f"{where}: {both[0]!r} is in true and in false.")
    return dict.fromkeys(words, meaning)


def _texts(value: Any) -> list[str]:
    values: Sequence[Any] = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
    return [plain(each).lower() for each in values]


def _only(given: Any) -> dict[str, frozenset[str]]:
    wanted = {}
    for column, values in _dictionary("only", given).items():
        texts = frozenset(login_key(text) for text in _texts(values))
        if not texts:
            raise BadOptionError(f"only: {abbreviated(column)} has no values, so no row would be kept.")
        wanted[str(column)] = texts
    return wanted
