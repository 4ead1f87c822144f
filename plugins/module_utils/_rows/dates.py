# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The dates of a row: read, and judged at one moment. Pure: it knows no clock."""

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

#: How a date or a time may be written.
FORMS = (
    "a date such as 2026-12-01, or a time such as 2026-12-01T17:00, 2026-12-01T17:00:00Z or 2026-12-01T17:00:00+01:00"
)

_FORM = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?:(?P<utc>Z)|(?P<hours>[+-]\d\d):?(?P<minutes>[0-5]\d))?",
    re.ASCII | re.IGNORECASE,
)
_FIRST = dt.datetime.min.replace(tzinfo=dt.timezone.utc)
_LAST = dt.datetime.max.replace(tzinfo=dt.timezone.utc)


class Calendar(NamedTuple):
    """What dates are judged by.

    :param now: The moment that they are judged at.
    :param zone: The time zone whose days dates are, and whose clock shows times without an offset.
    """

    now: dt.datetime
    zone: dt.tzinfo = dt.timezone.utc

    @classmethod
    def of(cls, options: Mapping[str, Any], now: float) -> Calendar:
        """Return the calendar that ``as_of`` and ``dates_timezone`` ask for, to the second, as plans and audits hold it.

        :param now: Seconds since the epoch.
        :raises BadOptionError: When one of them cannot be right.
        """
        zone = read_zone(options.get("dates_timezone"))
        moment = read_moment(options.get("as_of"), zone) or dt.datetime.fromtimestamp(now, dt.timezone.utc)
        return cls(moment.replace(microsecond=0), zone)


class DatedRow(NamedTuple):
    """A row whose dates were judged.

    :param options: The row without its dates; with ``state: absent`` where it is over.
    :param waits: Whether its time has not come.
    :param faults: What is wrong with the dates, as column and message.
    :param ended: Since when it is over, where its dates say so.
    """

    options: Mapping[str, Any]
    waits: bool = False
    faults: tuple[Fault, ...] = ()
    ended: dt.datetime | None = None


def read_zone(name: str | None) -> dt.tzinfo:
    """Return the time zone that the option ``dates_timezone`` names.

    :raises BadOptionError: When this machine knows none of that name.
    """
    key = (name or "").strip() or "UTC"
    if key == "UTC":
        return dt.timezone.utc  # Known without a database too.
    try:
        return zoneinfo.ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        raise BadOptionError(
            f"dates_timezone: this machine knows no time zone {abbreviated(name)!r}. Give an IANA name such as Europe/Berlin. "
            "If the name is right, install the time zone database (tzdata) where the module runs."
        ) from None


def read_moment(value: Any, zone: dt.tzinfo) -> dt.datetime | None:
    """Return the moment that the option ``as_of`` names, its start where it is a day; None where it is not given.

    :raises BadOptionError: When it is neither a date nor a time.
    """
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    span = _span(text, zone)
    if span is None:
        raise BadOptionError(f"as_of must be {FORMS}, not {abbreviated(text)!r}.")
    return span[0]


def as_written(given: Any) -> Any:
    """Return a row with its dates as text: YAML makes dates of what is not quoted, and JSON and CSV have none."""
    if not isinstance(given, Mapping):
        return given
    dates = {name: given[name].isoformat() for name in DATES if isinstance(given.get(name), dt.date)}
    return {**given, **dates} if dates else given


def apply_dates(options: Mapping[str, Any], calendar: Calendar) -> DatedRow:
    """Judge the dates of a row: the one place that decides whether it waits, counts, or is over.

    A row with ``state: absent`` waits until its ``ends`` is over, and its ``starts`` does not matter.
    """
    if not any(name in options for name in DATES):
        return DatedRow(options)
    rest = {name: value for name, value in options.items() if name not in DATES}
    given = {name: options[name] for name in DATES if options.get(name) is not None}
    spans = {name: _span(abbreviated(value).strip(), calendar.zone) for name, value in given.items()}
    faults = [
        (name, f"must be {FORMS}, not {text_or_type(given[name])}") for name, span in spans.items() if span is None
    ]
    starts, ends = spans.get("starts"), spans.get("ends")
    begin, over = starts and starts[0], ends and ends[1]
    if begin and over and begin >= over:
        faults.append(
            ("starts", f"is not before ends ({abbreviated(options['starts'])}, {abbreviated(options['ends'])})")
        )
    if faults:
        return DatedRow(rest, faults=tuple(faults))
    if over and over <= calendar.now:
        rest.pop("active", None)
        return DatedRow({**rest, "state": "absent"}, ended=over)
    if rest.get("state") == "absent":
        return DatedRow(rest, waits=over is not None)
    return DatedRow(rest, waits=bool(begin and begin > calendar.now))


@functools.lru_cache(maxsize=4096)
def _span(text: str, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime] | None:
    """Return when a date or time begins and when it is over, None where it is neither.

    A time does both at once. A date is over when its day is, and so is a midnight with an offset: that is how exports write a
    day of their own place. ``Z`` alone names no place, so its midnight is a time like any other.
    """
    match = _FORM.fullmatch(text)
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
    return _moment(local), _moment(local, days=1 if is_day else 0)


def _moment(local: dt.datetime, days: int = 0) -> dt.datetime:
    """Return a moment so many days later in UTC, where two of them compare as they follow each other."""
    try:
        return (local + dt.timedelta(days)).astimezone(dt.timezone.utc)
    except OverflowError:
        return _FIRST if local.year == dt.MINYEAR else _LAST
