# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads the dates of a row and compares them with the time of the run. Pure: it does not read the clock."""

from __future__ import annotations

import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._base.text import abbreviated, text_or_type
from .._errors import BadOptionError
from .cells import DATES, Fault

#: The formats of dates and times, for messages.
DATE_FORMS = (
    "a date such as 2026-12-01, or a time such as 2026-12-01T17:00, 2026-12-01T17:00:00Z or 2026-12-01T17:00:00+01:00"
)

_DATE_FORM = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?:(?P<utc>Z)|(?P<hours>[+-]\d\d):?(?P<minutes>[0-5]\d))?",
    re.ASCII | re.IGNORECASE,
)
_EARLIEST = dt.datetime.min.replace(tzinfo=dt.timezone.utc)
_LATEST = dt.datetime.max.replace(tzinfo=dt.timezone.utc)


class Calendar(NamedTuple):
    """What dates are compared with.

    :param now: The time to compare them with.
    :param zone: The time zone of dates, and of times without an offset.
    """

    now: dt.datetime
    zone: dt.tzinfo = dt.timezone.utc

    @classmethod
    def of(cls, options: Mapping[str, Any], now: float) -> Calendar:
        """Return the calendar for ``as_of`` and ``dates_timezone``. Its time has whole seconds, as in plans and audits.

        :param now: Seconds since the epoch.
        :raises BadOptionError: When one of them is wrong.
        """
        zone = read_zone(options.get("dates_timezone"))
        moment = read_moment(options.get("as_of"), zone) or dt.datetime.fromtimestamp(now, dt.timezone.utc)
        return cls(moment.replace(microsecond=0), zone)


class DatedRow(NamedTuple):
    """A row after its dates were applied.

    :param options: The row without its dates; with ``state: absent`` if it has ended.
    :param waits: Whether it has not begun.
    :param faults: The faults of the dates, each as column and message.
    :param ended: When it ended; None if it has not.
    """

    options: Mapping[str, Any]
    waits: bool = False
    faults: tuple[Fault, ...] = ()
    ended: dt.datetime | None = None


def read_zone(name: str | None) -> dt.tzinfo:
    """Return the time zone in the option ``dates_timezone``.

    :raises BadOptionError: When this machine does not know it.
    """
    key = (name or "").strip() or "UTC"
    if key == "UTC":
        return dt.timezone.utc  # Known even without a time zone database.
    try:
        return zoneinfo.ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        raise BadOptionError(
            f"dates_timezone: this machine knows no time zone {abbreviated(name)!r}. Give an IANA name such as Europe/Berlin. "
            "If the name is right, install the time zone database (tzdata) where the module runs."
        ) from None


def read_moment(value: Any, zone: dt.tzinfo) -> dt.datetime | None:
    """Return the time in the option ``as_of``, which is midnight for a date; None when it is not given.

    :raises BadOptionError: When it is neither a date nor a time.
    """
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    span = _span(text, zone)
    if span is None:
        raise BadOptionError(f"as_of must be {DATE_FORMS}, not {abbreviated(text)!r}.")
    return span[0]


def dates_as_text(given: Any) -> Any:
    """Return a row with its dates as text. YAML turns dates without quotes into date objects, which JSON and CSV do not have."""
    if not isinstance(given, Mapping):
        return given
    dates = {name: given[name].isoformat() for name in DATES if isinstance(given.get(name), dt.date)}
    return {**given, **dates} if dates else given


def apply_dates(options: Mapping[str, Any], calendar: Calendar) -> DatedRow:
    """Apply the dates of a row. Only this function decides whether a row has not begun, is current, or has ended.

    A row with ``state: absent`` waits until its ``ends`` has passed, and its ``starts`` is ignored.
    """
    if not any(name in options for name in DATES):
        return DatedRow(options)
    rest = {name: value for name, value in options.items() if name not in DATES}
    given = {name: options[name] for name in DATES if options.get(name) is not None}
    spans = {name: _span(abbreviated(value).strip(), calendar.zone) for name, value in given.items()}
    faults = [
        (name, f"must be {DATE_FORMS}, not {text_or_type(given[name])}") for name, span in spans.items() if span is None
    ]
    starts, ends = spans.get("starts"), spans.get("ends")
    start, end = starts and starts[0], ends and ends[1]
    if start and end and start >= end:
        faults.append(
            ("starts", f"is not before ends ({abbreviated(options['starts'])}, {abbreviated(options['ends'])})")
        )
    if faults:
        return DatedRow(rest, faults=tuple(faults))
    if end and end <= calendar.now:
        rest.pop("active", None)
        return DatedRow({**rest, "state": "absent"}, ended=end)
    if rest.get("state") == "absent":
        return DatedRow(rest, waits=end is not None)
    return DatedRow(rest, waits=bool(start and start > calendar.now))


@functools.lru_cache(maxsize=4096)
def _span(text: str, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime] | None:
    """Return the beginning and the end of a date or time; None when it is neither.

    For a time, both are the same. A date ends with its day, and so does a midnight with an offset, because exports write local
    days like that. ``Z`` is not a local offset, so its midnight is an ordinary time.
    """
    match = _DATE_FORM.fullmatch(text)
    if match is None:
        return None
    offset = "+00:00" if match["utc"] else f"{match['hours']}:{match['minutes']}" if match["hours"] else ""
    try:
        local = dt.datetime.fromisoformat(f"{match['date']}T{match['time'] or '00:00'}{offset}")
    except ValueError:
        return None
    local = local.replace(microsecond=int((match["fraction"] or "")[:6].ljust(6, "0")), tzinfo=local.tzinfo or zone)
    is_midnight = local.time() == dt.time()
    is_day = match["time"] is None or (is_midnight and match["hours"])
    return _in_utc(local), _in_utc(local, days=1 if is_day else 0)


def _in_utc(local: dt.datetime, days: int = 0) -> dt.datetime:
    """Return a time in UTC, so many days later. Times in the same zone can be compared."""
    try:
        return (local + dt.timedelta(days)).astimezone(dt.timezone.utc)
    except OverflowError:
        return _EARLIEST if local.year == dt.MINYEAR else _LATEST
