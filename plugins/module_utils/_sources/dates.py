# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads the dates of an export. An ambiguous date is refused.

The result is a date (``2026-12-01``) for dates, for midnights and for all times in ``starts``, because people start on a day.
Other times in ``ends`` stay times. A time with an offset keeps its local day, and ``Z`` is converted to the time zone of the
roster: HR systems such as Personio write a local midnight with an offset, and in UTC that is the day before.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import NamedTuple

from .._base.clock import stamp_of
from .._base.text import abbreviated
from .._errors import BadOptionError
from .cell import SCIENTIFIC, CellError

#: Values that mean "no date": of BambooHR, Active Directory (never), .NET (first moment), and an empty file time.
_NONE = re.compile(
    r"0|0000-00-00(?:[T ]00:00:00Z?)?|9223372036854775807|9\.22337\d*E\+18|(?:0001|1601)-01-01[T ]00:00:00(?:\.0+)?Z?"
)
_ISO = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})? ?(?P<offset>Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
#: Generalized time of LDAP (RFC 4517 section 3.3.13).
_GENERALIZED = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(Z|[+-]\d{4})")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_UNCLEAR = re.compile(r"\d{1,2}([./ -])\d{1,2}\1\d{2,4}.*")
_LETTERS = re.compile(r"[dmy]+", re.IGNORECASE)
_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.timezone.utc)
#: File times from this one on are after the year 9999.
_MOST_TICKS = 2_650_467_744_000_000_000
_TICKS = 10_000_000

#: Formats without a pattern: a file time, and a midnight at which an account ends (tools of AD show the day before).
FILETIME_END = "filetime_end"
END = "end"


class Reading(NamedTuple):
    """How to read the dates of a column.

    :param zone: The time zone of the roster, to which ``Z`` is converted.
    :param form: The formats from the user or the preset: patterns of strptime, FILETIME_END or END; can be empty.
    :param ends: Whether the column is ``ends``.
    """

    zone: dt.tzinfo
    form: tuple[str, ...] = ()
    ends: bool = False


def read_form(value: object, where: str) -> tuple[str, ...]:
    """Return the patterns for one date format or a list of them, such as ``%d/%m/%Y``, ``dd.mm.yyyy`` or ``d/m/y``.

    :param where: The option, for the message.
    :raises BadOptionError: When it is not a date format.
    """
    forms = list(value) if isinstance(value, (list, tuple)) else [value] if value not in (None, "") else []
    return tuple(_pattern(form, where) for form in forms)


def _pattern(form: object, where: str) -> str:
    text = str(form).strip()
    if text in (FILETIME_END, END):
        return text
    if "%" not in text:
        text = _LETTERS.sub(lambda found: _directive(found[0]), text)
    if not (re.search("%[yY]", text) and re.search("%[mbB]", text) and "%d" in text):
        raise _no_form(form, where)
    try:
        sample = dt.datetime(2026, 11, 30, 17, 45, 10, tzinfo=dt.timezone.utc).strftime(text)
        again = dt.datetime.strptime(sample, text)  # noqa: DTZ007 - exports rarely have an offset
    except (ValueError, re.error):
        raise _no_form(form, where) from None
    if again.date() != dt.date(2026, 11, 30):
        raise _no_form(form, where)
    return text


def _no_form(form: object, where: str) -> BadOptionError:
    return BadOptionError(
        f"{where}: {abbreviated(form)!r} is not a date format with year, month and day. Use a format such as '%d/%m/%Y', "
        "'%m/%d/%Y' or '%d.%m.%Y'."
    )


def _directive(letters: str) -> str:
    """Return the strptime directive for letters of spreadsheets: dd, mm, yyyy, yy."""
    first = letters[0].lower()
    return {"d": "%d", "m": "%m"}.get(first, "%y" if letters in ("yy", "YY") else "%Y")


@functools.lru_cache(maxsize=8192)
def read_date(text: str, how: Reading) -> str:
    """Return a date in the format of a roster; empty for "no date".

    :raises CellError: When it cannot be read or is ambiguous.
    """
    if _NONE.fullmatch(text):
        return ""
    if FILETIME_END in how.form:
        return _end(_file_time(text), how.zone)
    patterns = [form for form in how.form if form != END]
    for pattern in patterns:
        try:
            moment = dt.datetime.strptime(text, pattern)  # noqa: DTZ007 - the same
        except ValueError:
            continue
        return _written(moment, how)
    found = _ISO.fullmatch(text)
    if found is not None:
        return _iso(text, found, how)
    if found := _GENERALIZED.fullmatch(text):
        year, month, day, hour, minute, second, offset = found.groups()
        return _checked(f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}", offset, text, how)
    if not patterns and (found := _COMPACT.fullmatch(text)):
        return _checked("-".join(found.groups()), None, text, how)
    raise CellError(_refusal(text, patterns))


def _refusal(text: str, patterns: list[str]) -> str:
    shown = repr(abbreviated(text))
    if patterns:
        return f"{shown} is not a date in the format {' or '.join(patterns)}"
    if SCIENTIFIC.fullmatch(text):
        return f"{shown} is how Excel shows a long number, and its digits are lost. Format the column as text and export again"
    if text.isdigit():
        return f"{shown} is a number, such as Excel's days since 1900. Format the column as a date, year first, and export again"
    if _UNCLEAR.fullmatch(text):
        return (
            f"{shown} can begin with the day or with the month. Set date_format, or format of this column, to a format such "
            f"as '{_like(text, 'd')}' or '{_like(text, 'm')}'"
        )
    return f"{shown} cannot be read as a date. Set date_format to its format, such as '%d/%m/%Y'"


def _like(text: str, first: str) -> str:
    """Return an example of a format for a date like this one."""
    sign = next(char for char in text if not char.isdigit())
    rest = text.split(sign, 2)[2]
    year = re.match(r"\d*", rest)
    parts = ["%d", "%m"] if first == "d" else ["%m", "%d"]
    return sign.join([*parts, "%Y" if year and len(year[0]) == 4 else "%y"]) + _time_of(text)


def _time_of(text: str) -> str:
    clock = re.search(r"\d{1,2}:\d\d(:\d\d)?( ?[AP]M)?$", text, re.IGNORECASE)
    if clock is None:
        return ""
    hours, seconds = ("%I", " %p") if clock[2] else ("%H", "")
    return f" {hours}:%M{':%S' if clock[1] else ''}{seconds}"


def _iso(text: str, found: re.Match[str], how: Reading) -> str:
    clock = found["time"]
    return _checked(f"{found['date']}T{clock}" if clock else found["date"], found["offset"], text, how)


def _checked(local: str, offset: str | None, text: str, how: Reading) -> str:
    try:
        moment = dt.datetime.fromisoformat(local)
        if offset and offset not in "Zz":
            hours, minutes = int(offset[1:3]), int(offset[-2:])
            sign = -1 if offset[0] == "-" else 1
            moment = moment.replace(tzinfo=dt.timezone(sign * dt.timedelta(hours=hours, minutes=minutes)))
            return _written(moment, how)
        if offset:
            return _converted(moment.replace(tzinfo=dt.timezone.utc), how)
    except (ValueError, OverflowError):
        raise CellError(f"{abbreviated(text)!r} does not exist as a date") from None
    return _written(moment, how)


def _converted(moment: dt.datetime, how: Reading) -> str:
    """Return a time in UTC, or a date for a midnight in the offset of the text or in the time zone of the roster."""
    local = moment.astimezone(how.zone)
    if END in how.form:
        return _end(moment, how.zone)
    if not how.ends or dt.time() in (moment.time(), local.time()):
        return local.date().isoformat()
    return stamp_of(moment)


def _written(moment: dt.datetime, how: Reading) -> str:
    if END in how.form:
        return _end(moment, how.zone)
    if not how.ends or moment.time() == dt.time():
        return moment.date().isoformat()
    return moment.replace(microsecond=0).isoformat()


def _end(moment: dt.datetime | None, zone: dt.tzinfo) -> str:
    """Return the day before a midnight. Other times are returned as they are."""
    if moment is None:
        return ""
    local = moment.astimezone(zone) if moment.tzinfo else moment
    if local.time() == dt.time():
        return (local.date() - dt.timedelta(days=1)).isoformat()
    return stamp_of(moment.astimezone(dt.timezone.utc)) if moment.tzinfo else local.replace(microsecond=0).isoformat()


def _file_time(text: str) -> dt.datetime | None:
    """Return the time of a file time (units of 100 ns since 1601); None for never."""
    if not text.isdigit() or len(text) > 19:
        raise CellError(f"{abbreviated(text)!r} is not a file time (units of 100 ns since 1601)")
    ticks = int(text)
    return None if ticks >= _MOST_TICKS else _EPOCH + dt.timedelta(seconds=ticks // _TICKS)
