# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Finds the records in one or more answers of a system, and whether the answers say that there are more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.text import abbreviated, finite_number, type_of
from .._errors import BadOptionError
from .preset import Preset

#: Keys under which any answer, or a registered result of Ansible, can have its records.
_ENVELOPES = ("value", "users", "Resources", "employees", "data", "Report_Entry", "results", "objects", "list")
#: Keys of error messages: Microsoft, Google, Personio, Okta, SCIM, and failed tasks of Ansible.
_ERRORS = ("error.message", "errorSummary", "detail", "message", "msg", "status.message")


def parse_json(text: str) -> Any:
    """Parse a JSON text.

    :raises BadOptionError: When it is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadOptionError(f"The export looks like JSON but cannot be parsed: {abbreviated(error)}.") from None


def records_of(export: Any, preset: Preset) -> tuple[Sequence[Any], Sequence[str]]:
    """Return the records in an answer, in a list of records, or in a list of answers (pages), and why they cannot be all people.

    :raises BadOptionError: When it is something else.
    """
    pages = list(_pages(export, preset))
    records = [record for page in pages for record in page.found]
    return records, list(_partial_reasons(pages, records, preset))


def _refusal(export: Any, preset: Preset) -> BadOptionError:
    where = f"Records are looked for in {', '.join(preset.envelopes or _ENVELOPES)}."
    if not isinstance(export, Mapping):
        return BadOptionError(
            f"The export must be a list, an object of {preset.name}, or text, not {type_of(export)}. {where}"
        )
    message = next((text for path in _ERRORS if isinstance(text := _value_at(export, path), str) and text), "")
    if message:
        return BadOptionError(f"The export is an error message without users: {abbreviated(message)}")
    keys = ", ".join(sorted(abbreviated(key) for key in export)[:10])
    return BadOptionError(
        f"The export is a dictionary with {keys or 'no keys'}, not an object of {preset.name}. {where}"
    )


class _Page(NamedTuple):
    """One answer.

    :param found: Its records.
    :param body: The object with the records; empty when they came as a list.
    :param link: The header ``Link`` (RFC 8288), if it is known.
    """

    found: Sequence[Any]
    body: Mapping[str, Any]
    link: str = ""


def _pages(export: Any, preset: Preset) -> Iterator[_Page]:
    if isinstance(export, (list, tuple)):
        if export and all(_is_page(entry, preset) for entry in export):
            for entry in export:
                yield from _pages(entry, preset)
        else:
            yield _Page(export, {})
    elif isinstance(export, Mapping) and _is_response(export):
        for page in _pages(export["json"], preset):
            yield page._replace(link=str(export.get("link") or ""))
    elif isinstance(export, Mapping):
        yield from _pages_of_object(export, preset)
    else:
        raise _refusal(export, preset)


def _is_page(value: Any, preset: Preset) -> bool:
    """Return whether an entry of a list is an answer, not a record."""
    if isinstance(value, (list, tuple)):
        return True
    if not isinstance(value, Mapping):
        return False
    return _is_response(value) or any(isinstance(value.get(name), (list, tuple)) for name in preset.envelopes)


def _is_response(value: Mapping[str, Any]) -> bool:
    """Return whether this is a result of ``ansible.builtin.uri``."""
    return "json" in value and ("status" in value or "url" in value)


def _pages_of_object(export: Mapping[str, Any], preset: Preset) -> Iterator[_Page]:
    for name in (*preset.envelopes, *_ENVELOPES):
        data = export.get(name)
        if isinstance(data, (list, tuple)):
            if data and name == "results" and all(isinstance(item, Mapping) and _is_response(item) for item in data):
                yield from _pages(data, preset)  # a loop of ansible.builtin.uri
            else:
                yield _Page(data, export)
            return
    if any(finite_number(_value_at(export, path)) == 0 for path in preset.totals):
        yield _Page([], export)  # RFC 7644 section 3.4.2: without results there may be no Resources.
    elif _is_record(export, preset):
        yield _Page([export], {})
    else:
        raise _refusal(export, preset)


def _is_record(value: Mapping[str, Any], preset: Preset) -> bool:
    names = {path.partition(".")[0].partition("[")[0].lower() for path in preset.fields.get("user_name", ())}
    return any(str(key).lower() in names for key in value)


def _partial_reasons(pages: Sequence[_Page], records: Sequence[Any], preset: Preset) -> Iterator[str]:
    """Yield why the pages cannot be all people."""
    last = pages[-1]
    next_page = next((path for path in preset.next_page if _value_at(last.body, path)), None)
    if next_page:
        yield f"The export is not complete: {next_page} says that there is another page."
    if 'rel="next"' in last.link or "rel=next" in last.link:
        yield "The export is not complete: the header Link says that there is another page."
    for path in preset.totals:
        totals = [number for page in pages if (number := finite_number(_value_at(page.body, path))) is not None]
        count = _distinct(records)
        if totals and max(totals) != count:
            yield f"The export is not complete: {path} is {max(totals):.0f}, but it has {count} records."
    most, why = preset.cut_at
    if most and len(records) == most:
        yield f"The export has exactly {most} entries. {why}"


def _distinct(records: Sequence[Any]) -> int:
    """Count records without duplicates."""
    ids = [record.get("id") if isinstance(record, Mapping) else None for record in records]
    return len(records) if any(not isinstance(entry, (str, int)) for entry in ids) else len(set(ids))


def _value_at(body: Mapping[str, Any], path: str) -> Any:
    if path in body:
        return body[path]
    value: Any = body
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def unwrapped(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Return a record of Personio in a flat form: its values are one level down, those of offices and departments two."""
    values = record.get("attributes")
    return {key: _unwrapped_value(value) for key, value in values.items()} if isinstance(values, Mapping) else record


def _unwrapped_value(value: Any) -> Any:
    if isinstance(value, Mapping) and "value" in value:
        value = value["value"]
    if isinstance(value, Mapping) and isinstance(value.get("attributes"), Mapping):
        value = value["attributes"].get("name")
    return value
