# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The parameters mapping, defaults and only, all checked before a row is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from .._base.names import login_key
from .._base.text import abbreviated, did_you_mean
from .._errors import BadOptionError
from .._rows.cells import DATES, KEYS, PHONE_COLUMNS, read_cells
from .._rows.dates import read_zone
from .cell import CellError, as_list, as_text
from .dates import read_forms
from .preset import Preset

#: The attributes that can come from a column.
ATTRIBUTES = tuple(key for key in KEYS if key != "reason")
#: Attributes that 8x8 does not require, so that an empty cell may clear them.
_CLEARABLE = frozenset(("external_id", "title", "department", "locale", "timezone", *PHONE_COLUMNS))
_KEYS = ("column", "format", "empty", "true", "false")


class FieldMapping(NamedTuple):
    """The mapping of one attribute.

    :param columns: Its columns; None for those of the preset, and an empty list for an attribute that is not read.
    :param forms: The formats of its dates.
    :param clear: Whether an empty cell clears the attribute.
    :param words: For ``active``: value in lower case -> active.
    """

    columns: tuple[str, ...] | None = None
    forms: tuple[str, ...] = ()
    clear: bool = False
    words: Mapping[str, bool] = MappingProxyType({})


class Settings(NamedTuple):
    """The checked parameters.

    :param preset: What the source is.
    :param mappings: Attribute -> its mapping.
    :param defaults: Attribute -> value for rows without one.
    :param only: Column -> values of the rows to keep, normalized by :func:`login_key`.
    :param zone: The time zone of the roster.
    :param forms: The formats of dates in columns without their own.
    """

    preset: Preset
    mappings: Mapping[str, FieldMapping]
    defaults: Mapping[str, Any]
    only: Mapping[str, frozenset[str]]
    zone: dt.tzinfo
    forms: tuple[str, ...]

    def mapping_of(self, attribute: str) -> FieldMapping:
        """Return the mapping of an attribute."""
        return self.mappings.get(attribute, FieldMapping())

    def columns(self, attribute: str) -> Sequence[str]:
        """Return the names of the columns for an attribute."""
        mapped = self.mapping_of(attribute).columns
        return self.preset.fields.get(attribute, ()) if mapped is None else mapped

    @property
    def all_columns(self) -> list[str]:
        """The names of all columns that are looked for."""
        names = [name for attribute in ATTRIBUTES for name in self.columns(attribute)]
        names += [name for status in self.preset.statuses for name in status.columns]
        names += [name for exclusion in self.preset.exclusions for name in exclusion.columns]
        return [*names, *self.only]


def read_settings(
    preset: Preset, mapping: Any, defaults: Any, only: Any, dates_timezone: str | None, date_format: Any
) -> Settings:
    """Read and check the parameters.

    :raises BadOptionError: When one is wrong.
    """
    mappings = {name: _field_mapping(name, given) for name, given in _by_attribute("mapping", mapping).items()}
    given = _by_attribute("defaults", defaults)
    filled = {name: value for name, value in given.items() if value is not None and value != ""}
    _options, faults = read_cells({"user_name": "a", **filled})
    if faults:
        raise BadOptionError(f"defaults: {'; '.join(f'{column} {message}' for column, message in faults)}.")
    forms = read_forms(date_format, "date_format")
    return Settings(preset, mappings, filled, _only(only), read_zone(dates_timezone), forms)


def _dictionary(what: str, given: Any) -> Mapping[Any, Any]:
    if given is None or given == "":
        return {}
    if not isinstance(given, Mapping):
        raise BadOptionError(f"{what} must be a dictionary, not {abbreviated(given)!r}.")
    return given


def _by_attribute(what: str, given: Any) -> Mapping[str, Any]:
    values = _dictionary(what, given)
    for name in values:
        if name not in ATTRIBUTES:
            hint = did_you_mean(name, ATTRIBUTES, f"Use one of {', '.join(ATTRIBUTES)}.")
            raise BadOptionError(f"{what}: there is no attribute {abbreviated(name)!r}. {hint}")
    return values


def _field_mapping(attribute: str, given: Any) -> FieldMapping:
    where = f"mapping of {attribute}"
    if not isinstance(given, Mapping):
        return FieldMapping(_columns(where, given))
    unknown = [str(key) for key in given if key not in _KEYS and not isinstance(key, bool)]
    if unknown:
        raise BadOptionError(f"{where}: unknown key {abbreviated(unknown[0])!r}. Use {', '.join(_KEYS)}.")
    empty = str(given.get("empty") or "leave").lower()
    if empty not in ("leave", "clear"):
        raise BadOptionError(f"{where}: empty must be leave or clear, not {abbreviated(given['empty'])!r}.")
    if empty == "clear" and attribute not in _CLEARABLE:
        raise BadOptionError(f"{where}: {attribute} cannot be cleared, so empty must be leave.")
    words: dict[str, bool] = {}
    for name, meaning in (("true", True), ("false", False)):
        # In YAML, true without quotes is a boolean key.
        for word in _texts(where, given.get(name, given.get(meaning))):
            if words.setdefault(word, meaning) is not meaning:
                raise BadOptionError(f"{where}: {word!r} is in true and in false.")
    if words and attribute != "active":
        raise BadOptionError(f"{where}: true and false are only for active.")
    forms = read_forms(given.get("format"), where)
    if forms and attribute not in DATES:
        raise BadOptionError(f"{where}: format is only for {' and '.join(DATES)}.")
    return FieldMapping(_columns(where, given["column"]) if "column" in given else None, forms, empty == "clear", words)


def _columns(where: str, given: Any) -> tuple[str, ...]:
    names = as_list(given)
    if not all(isinstance(name, (str, int)) and not isinstance(name, bool) for name in names):
        raise BadOptionError(f"{where}: must be the name of a column, a list of names, or empty for none.")
    return tuple(text for name in names if (text := str(name).strip()))


def _texts(where: str, value: Any) -> list[str]:
    try:
        return [as_text(item).lower() for item in as_list(value)]
    except CellError as error:
        raise BadOptionError(f"{where}: a value {error}.") from None


def _only(given: Any) -> dict[str, frozenset[str]]:
    wanted = {}
    for column, values in _dictionary("only", given).items():
        texts = frozenset(login_key(text) for text in _texts("only", values))
        if not texts:
            raise BadOptionError(f"only: {abbreviated(column)} has no values, so no row would be kept.")
        wanted[str(column)] = texts
    return wanted
