# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Converts the values of role variables to their types, because surveys and ``-e key=value`` only give text."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import io
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.gate import NAMES as GATE_NAMES
from ansible_collections.eightbyeight.scim.plugins.module_utils._base.json_text import RepeatedNameError, unique_names
from ansible_collections.eightbyeight.scim.plugins.module_utils._base.text import abbreviated, finite_number, is_blank
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.due import Due
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.limits import read_limit

_TRUE = frozenset(("true", "yes", "on", "1", "y", "t"))
_FALSE = frozenset(("false", "no", "off", "0", "n", "f"))
#: The first line of a table has at least one of these columns. Other text is not a table.
_IDENTITY_COLUMNS = frozenset(("user_name", "user_id", "external_id"))
_PAIR = re.compile(r"(?:^|[,\n]|(?<=\s))\s*([A-Za-z_]\w*)\s*(?:=|:(?=\s))\s*")
#: How ansible-core 2.16 writes a date or a time when a template holds a whole list.
_PYTHON_DATE = re.compile(
    r"datetime\.date(?P<time>time)?\((?P<numbers>\d+(?:, \d+){2,6})"
    r"(?P<zone>, tzinfo=datetime\.timezone"
    r"(?:\.utc|\(datetime\.timedelta\((?:days=(?P<days>-1)(?:, )?)?(?:seconds=(?P<seconds>\d+))?\)\)))?\)"
)


class Place(NamedTuple):
    """The directories for relative paths.

    :param here: The directory in which Ansible was started; empty when the host is another machine.
    :param playbook_dir: The directory of the playbook.
    """

    here: str = ""
    playbook_dir: str = ""


class Option(NamedTuple):
    """One variable of a role.

    :param kind: A name from KINDS.
    :param default: The value if the variable is not given, null or blank.
    :param choices: The allowed values of a text.
    :param least: The smallest number.
    :param required: Whether it must be given.
    :param holds: What the role writes to this path, for warnings; empty for other options.
    """

    kind: str
    default: Any = None
    choices: tuple[str, ...] = ()
    least: float = 0
    required: bool = False
    holds: str = ""


class WrongValueError(Exception):
    """A value is wrong. The text says what it must be."""


def quoted(value: Any) -> str:
    """Return a value for a message. Text is in quotes, so that a blank at its end is visible."""
    return f"'{abbreviated(value)}'" if isinstance(value, str) else abbreviated(value)


def read(value: Any, option: Option, place: Place) -> Any:
    """Return the value of a variable, converted to the type of its option.

    :raises WrongValueError: When it cannot be converted.
    """
    return KINDS[option.kind](value, option, place)


def plain(value: Any) -> Any:
    """Return a value with only plain types, which templates of all ansible-core releases keep; dates become text."""
    if isinstance(value, Mapping):
        return {_key(name): plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(part) for part in value]
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return value


def _key(name: Any) -> str:
    """Return a key as in JSON, because YAML turns ``on`` into true."""
    return str(name).lower() if isinstance(name, bool) else str(name)


def _wrong(what: str, value: Any) -> WrongValueError:
    return WrongValueError(f"must be {what}, not {quoted(value)}")


def _text(value: Any, option: Option, _place: Place) -> str:
    if isinstance(value, bool):
        raise WrongValueError(f"is the boolean {str(value).lower()} where text is wanted; quote it")
    if isinstance(value, float) or not isinstance(value, (str, int, dt.date)):
        raise _wrong("text", value)
    text = str(value).strip()
    if option.choices and text not in option.choices:
        same = [choice for choice in option.choices if choice == text.lower()]
        if not same:
            raise _wrong(f"one of {', '.join(option.choices)}", value)
        return same[0]
    return text


def _identifier(value: Any, option: Option, place: Place) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise WrongValueError("holds a number where text is wanted; quote it, or a leading zero or plus is lost")
    return _text(value, option, place)


def _boolean(value: Any, _option: Option, _place: Place) -> bool:
    text = str(value).strip().lower()
    if isinstance(value, (bool, int, str)) and text in _TRUE | _FALSE:
        return text in _TRUE
    raise _wrong("true or false", value)


def _number(value: Any, option: Option, _place: Place) -> float:
    number = finite_number(value)
    if number is None or number < option.least:
        raise _wrong(f"a number of at least {option.least:g}", value)
    return number


def _integer(value: Any, option: Option, _place: Place) -> int:
    number = finite_number(value)
    if number is None or number < option.least or not number.is_integer():
        raise _wrong(f"a whole number of at least {option.least:g}", value)
    return int(number)


def _path(value: Any, option: Option, place: Place) -> str:
    """Return an absolute path. Relative paths begin at the current directory, but modules run beside the playbook."""
    path = os.path.expanduser(_text(value, option, place))
    return os.path.join(place.here, path)


def _task_file(value: Any, option: Option, place: Place) -> str:
    """Find a task file of the user."""
    given = os.path.expanduser(_text(value, option, place))
    for start in (place.playbook_dir, os.getcwd()):
        path = os.path.abspath(os.path.join(start, given))
        if os.path.isfile(path):
            return path
    raise WrongValueError(f"is {quoted(given)}, and there is no such file")


def _names(value: Any, option: Option, place: Place) -> list[str]:
    entries = _parsed(value) if _begins_with(value, "[") else value
    if entries is None:
        raise WrongValueError(f"must be a list, and {quoted(value)} cannot be read as JSON")
    if isinstance(entries, str):
        entries = re.split(r"[,\r\n]", entries)
    elif not isinstance(entries, Sequence):
        entries = [entries]
    return [_identifier(entry, option, place) for entry in entries if not is_blank(entry)]


def _dictionary(value: Any, _option: Option, _place: Place) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {_key(name): entry for name, entry in value.items()}
    if not isinstance(value, str):
        raise _wrong("a dictionary", value)
    found = _parsed(value) if _begins_with(value, "{") else _pairs(value)
    if not isinstance(found, dict):
        raise WrongValueError(f"must be a dictionary, JSON or key=value, and {quoted(value)} is neither")
    return found


def _pairs(text: str) -> dict[str, str] | None:
    parts = _PAIR.split(text)
    if len(parts) < 3 or parts[0].strip(", \n"):
        return None
    names, values = parts[1::2], [part.strip().rstrip(",").strip(" '\"") for part in parts[2::2]]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise WrongValueError(f"has {', '.join(sorted(twice))} twice")
    return dict(zip(names, values))


def _rows(value: Any, _option: Option, _place: Place) -> Any:
    """Return rows unchanged. The module eightbyeight_roster checks them."""
    rows = _parsed(value) if isinstance(value, str) else value
    if rows is None and isinstance(value, str):
        rows = _table(value)
    if isinstance(rows, Mapping) and "users" in rows:
        return rows  # a result of the filter roster_from
    if isinstance(rows, Mapping):
        raise WrongValueError("is one dictionary where a list of dictionaries is wanted; put it into a list")
    if isinstance(rows, str) or not isinstance(rows, Sequence):
        raise _wrong("a list of dictionaries, the same as JSON, or CSV with a first line of column names", value)
    return list(rows)


def _table(text: str) -> list[dict[str, str]] | None:
    """Read text as CSV with column names in the first line, such as from a survey; None when it is not CSV."""
    reader = csv.reader(io.StringIO(text.strip()), strict=True)
    try:
        columns = [cell.strip().lower() for cell in next(reader)]
        if not _IDENTITY_COLUMNS.intersection(columns):
            return None
        twice = sorted({column for column in columns if columns.count(column) > 1})
        if twice:
            raise WrongValueError(f"has the column {quoted(twice[0])} twice")
        rows = []
        for cells in reader:
            if len(cells) > len(columns):
                raise WrongValueError(f"has more cells than columns in line {reader.line_num}")
            if any(cell.strip() for cell in cells):
                rows.append(dict(zip(columns, cells + [""] * (len(columns) - len(cells)))))
    except csv.Error as error:
        raise WrongValueError(f"cannot be read as CSV ({error} in line {reader.line_num})") from None
    return rows


def _people(value: Any, option: Option, place: Place) -> list[Any]:
    """Return rows from a list or from a result of the filter roster_from."""
    rows = _rows(value, option, place)
    if not isinstance(rows, Mapping):
        return list(rows)
    problems = rows.get("problems")
    if problems:
        raise WrongValueError(f"was read with problems, the first of {len(problems)} is {abbreviated(problems[0])}")
    return list(rows["users"])


def _leavers(value: Any, option: Option, place: Place) -> list[Any]:
    """Return rows. Text, or a list of text as from a survey with several choices, is a list of login names."""
    if isinstance(value, str) and not _begins_with(value, "[{"):
        value = _table(value) or _names(value, option, place)
    rows = _people(value, option, place)
    return [{"user_name": row} if isinstance(row, str) and not is_blank(row) else row for row in rows]


def _limit(value: Any, _option: Option, _place: Place) -> Any:
    try:
        limit = read_limit(value)
    except BadOptionError as error:
        raise WrongValueError(error.message) from None
    return value if isinstance(value, int) else limit.text


def _due(value: Any, option: Option, place: Place) -> Any:
    """Return when follow-ups are due. The module eightbyeight_followup checks it."""
    is_text = isinstance(value, str) and not _begins_with(value, "{") and not _PAIR.match(value)
    due = _text(value, option, place) if is_text or isinstance(value, dt.date) else _dictionary(value, option, place)
    try:
        Due(plain(due))
    except BadOptionError as error:
        raise WrongValueError(error.message[len("due") :].strip(" ,.")) from None
    return due


def _gate(value: Any, _option: Option, _place: Place) -> dict[str, float]:
    """Return figures and situations with the limit of each. A name without a number has the limit 0."""
    if isinstance(value, str):
        value = _parsed(value) if _begins_with(value, "[{") else re.split(r"[,\r\n]", value)
    parts = [value] if isinstance(value, Mapping) else value
    if not isinstance(parts, Sequence) or isinstance(parts, str):
        raise WrongValueError("must be a list of names, or a dictionary such as {orphaned: 5}")
    found: dict[str, float] = {}
    for part in parts:
        if isinstance(part, Mapping):
            found.update({str(name): _gate_limit(str(name), limit) for name, limit in part.items()})
        elif not is_blank(part):
            name, _sign, limit = (text.strip() for text in re.sub(r"[=:]", "=", str(part)).partition("="))
            found[name] = _gate_limit(name, limit or 0)
    unknown = [name for name in found if name not in GATE_NAMES]
    if unknown:
        raise WrongValueError(f"has the unknown name {quoted(unknown[0])}. Known names are {', '.join(GATE_NAMES)}")
    return found


def _gate_limit(name: str, limit: Any) -> float:
    number = finite_number(limit)
    if number is None or number < 0:
        raise WrongValueError(f"must give a number of at least 0 for {quoted(name)}, not {quoted(limit)}")
    return int(number) if number.is_integer() else number


def _begins_with(value: Any, signs: str) -> bool:
    return isinstance(value, str) and value.strip()[:1] in tuple(signs)


def _parsed(text: str) -> Any:
    """Read JSON, or a value that a template of ansible-core 2.16 wrote as Python; None when it is neither."""
    try:
        return json.loads(text, object_pairs_hook=unique_names)
    except RepeatedNameError as error:
        raise WrongValueError(f"has an entry with {quoted(str(error))} twice") from None
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(_PYTHON_DATE.sub(_date_as_text, text.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _date_as_text(found: re.Match[str]) -> str:
    numbers = [int(number) for number in found["numbers"].split(", ")]
    if not found["time"]:
        return repr(dt.date(*numbers).isoformat())
    offset = dt.timedelta(days=int(found["days"] or 0), seconds=int(found["seconds"] or 0))
    zone = dt.timezone(offset) if found["zone"] else None
    year, month, day, hour, minute, second, fraction = [*numbers, 0, 0, 0, 0][:7]
    return repr(dt.datetime(year, month, day, hour, minute, second, fraction, zone).isoformat())


#: Kind -> the function that reads its values.
KINDS: Mapping[str, Callable[[Any, Option, Place], Any]] = {
    "text": _text,
    "identifier": _identifier,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "path": _path,
    "task_file": _task_file,
    "names": _names,
    "dictionary": _dictionary,
    "rows": _rows,
    "people": _people,
    "leavers": _leavers,
    "limit": _limit,
    "due": _due,
    "gate": _gate,
}
