# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The columns of an export: how names are compared, which columns there are, and how to get a value."""

from __future__ import annotations

import functools
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.text import abbreviated, did_you_mean, named
from .._errors import BadOptionError

_TAG = re.compile(r"\s*(?:\[[^\]]*\]|\(yes/no\)|\brequired\b)", re.IGNORECASE)
_SIGNS = re.compile(r"[\W_]+")
_SELECTOR = re.compile(r"(?P<list>[^\[\]]+)\[(?P<key>[^\[\]=]*)(?:=(?P<value>[^\[\]]*))?\](?:\.(?P<rest>.+))?")
#: How many levels of nested names are listed.
_MAX_LEVELS = 3

Getter = Callable[[Any], Any]


@functools.lru_cache(maxsize=4096)
def column_key(name: str) -> str:
    """Return a form that all spellings of a column name share: lower case, without signs and tags.

    Tags are ``[Required]`` or ``[READ ONLY]`` (Google, and the template of Entra ID). A name of signs alone is returned as it is.
    """
    trimmed = unicodedata.normalize("NFC", name).strip()
    return _SIGNS.sub("", _TAG.sub("", trimmed)).lower() or trimmed.lower()


class Column(NamedTuple):
    """A column of the export.

    :param name: The name in the export.
    :param get: Returns the value from a record.
    """

    name: str
    get: Getter


class Columns(NamedTuple):
    """The columns of an export.

    :param getters: Name -> function that returns the value.
    :param by_key: Result of :func:`column_key` -> names.
    :param of_table: Whether each record has all columns.
    """

    getters: Mapping[str, Getter]
    by_key: Mapping[str, Sequence[str]]
    of_table: bool = False

    @classmethod
    def of(cls, names: Iterable[tuple[str, Getter]], *, of_table: bool = False) -> Columns:
        """Return columns with these names."""
        by_key: dict[str, list[str]] = {}
        getters: dict[str, Getter] = {}
        for name, getter in names:
            by_key.setdefault(column_key(name), []).append(name)
            getters[name] = getter
        return cls(getters, by_key, of_table)

    def find(self, *names: str) -> list[Column]:
        """Return the columns that names can mean, each once: the one with exactly this spelling, or else all other spellings.

        What several selectors choose in one column are several columns.
        """
        found: dict[tuple[str, str], Column] = {}
        for name in names:
            selector = _SELECTOR.fullmatch(name)
            for title in self._spelled(selector["list"] if selector else name):
                get = self.getters[title]
                found[title, name if selector else ""] = Column(title, _selection(get, selector) if selector else get)
        return list(found.values())

    def _spelled(self, name: str) -> Sequence[str]:
        spelled = self.by_key.get(column_key(name), ())
        return [candidate for candidate in spelled if candidate == name] or spelled

    def duplicates(self, name: str) -> Sequence[str]:
        """Return the columns of a table between which a name does not distinguish; empty when it names only one."""
        spelled = self._spelled(name)
        return spelled if self.of_table and len(spelled) > 1 else ()

    def hint(self, name: str) -> str:
        """Say which column a name may mean, or else which there are."""
        shown = named([repr(abbreviated(column)) for column in self.getters], 12)
        return did_you_mean(name, self.getters, f"It has {shown}.")

    def missing(self, what: str, name: str) -> BadOptionError:
        """Return the error for a column that the export does not have.

        :param what: The option that named it.
        """
        return BadOptionError(f"{what}: the export has no column {abbreviated(name)!r}. {self.hint(name)}")


def columns_of_records(records: Iterable[Any]) -> Columns:
    """Return the columns of records. Nested ones have the names of all levels: ``profile.login``.

    The key None is not a column: ``csv.DictReader`` uses it for cells of a row beyond the last column.
    """
    paths: dict[tuple[Any, ...], None] = {}
    for record in records:
        if isinstance(record, Mapping):
            _add_paths(paths, (), record)
    return Columns.of(
        (_joined(path), functools.partial(_walk, path) if path[1:] else operator.methodcaller("get", path[0]))
        for path in paths
    )


def columns_of_table(header: Sequence[str]) -> Columns:
    """Return the columns of a table. Columns without a name are left out."""
    return Columns.of(((name, operator.itemgetter(index)) for index, name in enumerate(header) if name), of_table=True)


def _add_paths(paths: dict[tuple[Any, ...], None], above: tuple[Any, ...], record: Mapping[Any, Any]) -> None:
    for key, value in record.items():
        path = (*above, key)
        if key is None:
            continue
        if isinstance(value, Mapping) and len(path) < _MAX_LEVELS and value:
            _add_paths(paths, path, value)
        else:
            paths[path] = None


def _joined(path: Sequence[Any]) -> str:
    """Return the name of a nested value. Attributes of a SCIM extension follow a colon (RFC 7644 section 3.10)."""
    names = [str(key) for key in path]
    if names[1:] and names[0].startswith("urn:"):
        names[:2] = [f"{names[0]}:{names[1]}"]
    return ".".join(names)


def _walk(path: Sequence[Any], record: Any) -> Any:
    for key in path:
        if not isinstance(record, Mapping):
            return None
        record = record.get(key)
    return record


def _selection(get: Getter, selector: re.Match[str]) -> Getter:
    """Return a function that gets the value of the list entry that a selector chooses.

    If it chooses several entries, the primary one is used, or without a primary one all of them, without duplicates.
    """
    key, wanted = selector["key"], (selector["value"] or "true").lower()
    rest = selector["rest"].split(".") if selector["rest"] else ()

    def select(record: Any) -> list[Any]:
        entries = [entry for entry in _listed(get(record)) if isinstance(entry, Mapping)]
        if key:
            entries = [entry for entry in entries if str(entry.get(key)).lower() == wanted]
        primary = [entry for entry in entries if str(entry.get("primary")).lower() == "true"]
        values = [_walk(rest, entry) for entry in (primary[:1] if len(entries) > 1 and primary else entries)]
        return [entry for entry in values if entry not in (None, "")]

    return select


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [value]
