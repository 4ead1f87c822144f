# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The columns of an export: how their names are compared, which of them there are, and how a value is reached."""

from __future__ import annotations

import difflib
import functools
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.text import abbreviated, named
from .._errors import BadOptionError

_TAG = re.compile(r"\s*(?:\[[^\]]*\]|\(yes/no\)|\brequired\b)", re.IGNORECASE)
_SIGNS = re.compile(r"[\W_]+")
_SELECTOR = re.compile(r"(?P<list>[^\[\]]+)\[(?P<key>[^\[\]=]*)(?:=(?P<value>[^\[\]]*))?\](?:\.(?P<rest>.+))?")
#: How deep the names of nested values are listed.
_LEVELS = 3

Getter = Callable[[Any], Any]


@functools.lru_cache(maxsize=4096)
def column_key(name: str) -> str:
    """Return what all spellings of the name of a column have in common.

    That is how importers compare: no case, no signs, no tag such as ``[Required]`` or ``[READ ONLY]`` (Google, and the template
    of Entra ID). A name that is nothing but signs is itself.
    """
    plain = unicodedata.normalize("NFC", name).strip()
    return _SIGNS.sub("", _TAG.sub("", plain)).lower() or plain.lower()


class Column(NamedTuple):
    """A column that the export has.

    :param name: As the export writes it.
    :param get: Returns its value of a record.
    """

    name: str
    get: Getter


class Columns(NamedTuple):
    """The columns of an export.

    :param getters: name -> how its value is reached.
    :param by_key: What the spellings of a name have in common -> the names.
    :param of_table: Whether each record has all of them.
    """

    getters: Mapping[str, Getter]
    by_key: Mapping[str, Sequence[str]]
    of_table: bool = False

    @classmethod
    def of(cls, names: Iterable[tuple[str, Getter]], *, of_table: bool = False) -> Columns:
        """Return the columns that these names are."""
        by_key: dict[str, list[str]] = {}
        getters: dict[str, Getter] = {}
        for name, getter in names:
            by_key.setdefault(column_key(name), []).append(name)
            getters[name] = getter
        return cls(getters, by_key, of_table)

    def find(self, name: str) -> list[Column]:
        """Return the columns that a name means, the one that is spelled like that alone where there is one."""
        selector = _SELECTOR.fullmatch(name)
        if selector is not None:
            return [
                Column(each, _selecting(self.getters[each], selector["key"], selector["value"], selector["rest"]))
                for each in self._named(selector["list"])
            ]
        return [Column(each, self.getters[each]) for each in self._named(name)]

    def _named(self, name: str) -> Sequence[str]:
        spelled = self.by_key.get(column_key(name), ())
        return [name] if name in self.getters else list(dict.fromkeys(spelled))

    def twice(self, name: str) -> list[str]:
        """Return the columns of a table of which nobody knows which one a name means; none where that is clear."""
        spelled = self.by_key.get(column_key(name), ())
        meant = [each for each in spelled if each == name] or spelled
        return list(meant) if self.of_table and len(meant) > 1 else []

    def missing(self, what: str, name: str) -> BadOptionError:
        """Return the refusal of a column that the export does not have.

        :param what: Where it was named.
        """
        known = list(self.getters)
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
        hint = (
            f"Did you mean {near[0]!r}?"
            if near
            else f"It has {named([repr(abbreviated(each)) for each in known], 12)}."
        )
        return BadOptionError(f"{what}: the export has no column {abbreviated(name)!r}. {hint}")


def columns_of_records(records: Iterable[Any]) -> Columns:
    """Return the columns of records, nested ones with the names of all levels: ``profile.login``.

    The key None is no column: ``csv.DictReader`` puts the cells under it that a row has too many.
    """
    paths: dict[tuple[Any, ...], None] = {}
    for record in records:
        if isinstance(record, Mapping):
            _add_paths(paths, (), record)
    return Columns.of(
        (_joined(path), functools.partial(_walk, path) if path[1:] else _member(path[0])) for path in paths
    )


def columns_of_table(header: Sequence[str]) -> Columns:
    """Return the columns of a table; one without a name has none."""
    return Columns.of(((name, operator.itemgetter(index)) for index, name in enumerate(header) if name), of_table=True)


def _add_paths(paths: dict[tuple[Any, ...], None], above: tuple[Any, ...], record: Mapping[Any, Any]) -> None:
    for key, value in record.items():
        path = (*above, key)
        if key is None:
            continue
        if isinstance(value, Mapping) and len(path) < _LEVELS and value:
            _add_paths(paths, path, value)
        else:
            paths[path] = None


def _joined(path: Sequence[Any]) -> str:
    """Return the name of a nested value. An extension of SCIM has a colon before its attributes (RFC 7644 section 3.10)."""
    names = [str(each) for each in path]
    if names[1:] and names[0].startswith("urn:"):
        names[:2] = [f"{names[0]}:{names[1]}"]
    return ".".join(names)


def _member(key: Any) -> Getter:
    def member(record: Any) -> Any:
        return record.get(key)

    return member


def _walk(path: Sequence[Any], record: Any) -> Any:
    for key in path:
        if not isinstance(record, Mapping):
            return None
        record = record.get(key)
    return record


def _selecting(get: Getter, key: str, value: str | None, rest: str | None) -> Getter:
    return functools.partial(_select, get, key, value, rest.split(".") if rest else ())


def _select(get: Getter, key: str, value: str | None, rest: Sequence[str], record: Any) -> Any:
    """Return the value of the entry of a list that a selector chooses.

    Of several entries the primary one counts, and without it all of them, each value once.
    """
    entries = [each for each in _listed(get(record)) if isinstance(each, Mapping)]
    if key:
        wanted = "true" if value is None else value.lower()
        entries = [each for each in entries if str(each.get(key)).lower() == wanted]
    primary = [each for each in entries if str(each.get("primary")).lower() == "true"]
    values = [_walk(rest, each) for each in (primary[:1] if len(entries) > 1 and primary else entries)]
    return [each for each in values if each not in (None, "")]


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [value]
