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

import contextlib
import datetime as dt
import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from .._base.text import abbreviated
from .._errors import BadOptionError
from .cell import SCIENTIFIC, CellError, as_list

#: Values that mean "no date": of BambooHR, Active Directory (never), .NET (first moment), and an empty file time.
_NO_DATE = re.compile(
    r"0|0000-00-00(?:[T ]00:00:00Z?)?|9223372036854775807|9\.22337\d*E\+18|(?:0001|1601)-01-01[T ]00:00:00(?:\.0+)?Z?"
)
#: Dates that begin with the year, in ISO 8601, and in the generalized time of LDAP (RFC 4517 section 3.3.13).
_YEAR_FIRST = (
    re.compile(
        r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d{1,9})? ?(Z|[+-]\d\d:?\d\d)?)?",
        re.ASCII | re.IGNORECASE,
    ),
    re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(Z|[+-]\d{4}))?", re.ASCII),
)
_AMBIGUOUS = re.compile(r"\d{1,2}([./ -])\d{1,2}\1(?:(?P<year>\d{4})|\d\d).*")
_LETTERS = re.compile(r"[dmy]+", re.IGNORECASE)
#: The directives of strptime for the letters of spreadsheets; others are the year.
_DIRECTIVES = {"d": "%d", "dd": "%d", "m": "%m", "mm": "%m", "yy": "%y"}
_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.timezone.utc)
#: A file time: units of 100 ns since 1601.
_FILE_TIME = re.compile(r"\d{17,19}", re.ASCII)
#: File times from this one on are after the year 9999.
_MOST_TICKS = 2_650_467_744_000_000_000
_TICKS = 10_000_000


class DateRules(NamedTuple):
    """How to read the dates of a column.

    :param zone: The time zone of the roster, to which ``Z`` is converted.
    :param forms: The formats from the user, as patterns of strptime; can be empty.
    :param ends: Whether the column is ``ends``.
    :param after_end: Whether a midnight is the one after the last day (tools of AD show the day before), and a long number is
        a file time.
    """

    zone: dt.tzinfo
    forms: tuple[str, ...] = ()
    ends: bool = False
    after_end: bool = False


def read_forms(value: object, where: str) -> tuple[str, ...]:
    """Return the patterns for one date format or a list of them, such as ``%d/%m/%Y``, ``dd.mm.yyyy`` or ``d/m/y``.

    :param where: The option, for the message.
    :raises BadOptionError: When it is not a date format.
    """
    return tuple(_pattern(form, where) for form in as_list(value) if form != "")


def _pattern(form: object, where: str) -> str:
    text = str(form).strip()
    if "%" not in text:
        text = _LETTERS.sub(lambda found: _DIRECTIVES.get(found[0].lower(), "%Y"), text)
    if "%y" in text.lower():  # strptime warns of a day without a year.
        with contextlib.suppress(ValueError, re.error):
            sample = dt.datetime(2026, 11, 30, 17, 45, 10, tzinfo=dt.timezone.utc).strftime(text)
            again = dt.datetime.strptime(sample, text)  # noqa: DTZ007 - exports rarely have an offset
            if again.date() == dt.date(2026, 11, 30):
                return text
    raise BadOptionError(
        f"{where}: {abbreviated(form)!r} is not a date format with year, month and day. Use a format such as '%d/%m/%Y', "
        "'%m/%d/%Y' or '%d.%m.%Y'."
    )


@functools.lru_cache(maxsize=8192)
def read_date(text: str, rules: DateRules) -> str:
    """Return a date in the format of a roster; empty for "no date".

    :raises CellError: When it cannot be read or is ambiguous.
    """
    if not text or _NO_DATE.fullmatch(text):
        return ""
    try:
        if rules.after_end and _FILE_TIME.fullmatch(text):
            ticks = int(text)
            is_never = ticks >= _MOST_TICKS
            return "" if is_never else _written(_EPOCH + dt.timedelta(seconds=ticks // _TICKS), rules, is_utc=True)
        for form in rules.forms:
            with contextlib.suppress(ValueError):
                return _written(dt.datetime.strptime(text, form), rules)  # noqa: DTZ007 - the same
        for pattern in _YEAR_FIRST:
            if found := pattern.fullmatch(text):
                *local, offset = found.groups()
                zone = dt.datetime.strptime(offset.upper(), "%z").tzinfo if offset else None
                year, month, day, hour, minute, second = (int(part or 0) for part in local)
                moment = dt.datetime(year, month, day, hour, minute, second, tzinfo=zone)
                return _written(moment, rules, is_utc=offset in ("Z", "z"))
    except (ValueError, OverflowError):
        raise CellError(f"{abbreviated(text)!r} does not exist as a date") from None
    raise CellError(_refusal(text, rules.forms))


def _written(moment: dt.datetime, rules: DateRules, *, is_utc: bool = False) -> str:
    """Return a date for a midnight, and for any time in ``starts``; else the time.

    :param is_utc: Whether it is a time in UTC, which says nothing of the place.
    """
    local = moment.astimezone(rules.zone) if is_utc or (rules.after_end and moment.tzinfo) else moment
    if rules.after_end and local.time() == dt.time():
        return (local.date() - dt.timedelta(days=1)).isoformat()
    if not rules.ends or (not rules.after_end and dt.time() in (moment.time(), local.time())):
        return local.date().isoformat()
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _refusal(text: str, forms: Sequence[str]) -> str:
    shown = repr(abbreviated(text))
    if forms:
        return f"{shown} is not a date in the format {' or '.join(forms)}"
    if SCIENTIFIC.fullmatch(text):
        return f"{shown} is how Excel shows a long number, and its digits are lost. Format the column as text and export again"
    if text.isdigit():
        return f"{shown} is a number, such as Excel's days since 1900. Format the column as a date, year first, and export again"
    if found := _AMBIGUOUS.fullmatch(text):
        year = "%Y" if found["year"] else "%y"
        return (
            f"{shown} can begin with the day or with the month. Set date_format, or format of this column, to a format such "
            f"as '{_example_format(text, '%d', '%m', year)}' or '{_example_format(text, '%m', '%d', year)}'"
        )
    return f"{shown} cannot be read as a date. Set date_format to its format, such as '%d/%m/%Y'"


def _example_format(text: str, *date: str) -> str:
    """Return an example of a format for a date like this one, which begins with these directives."""
    twelve_hours = re.fullmatch(r".*[AP]M", text, re.IGNORECASE)
    directives = iter((*date, "%I" if twelve_hours else "%H", "%M", "%S"))
    example = re.sub(r"\d+", lambda _number: next(directives, "%f"), text)
    return abbreviated(f"{example[:-2]}%p" if twelve_hours else example)
