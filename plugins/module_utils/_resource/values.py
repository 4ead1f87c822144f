# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Values that 8x8 cannot take, found without asking it. Pure, but for the time zones that this machine knows.

A flaw counts only where the value is to be sent: a tenant may hold what nobody could set today, and a list that says the same
is right.
"""

from __future__ import annotations

import difflib
import functools

from .._base.names import odd_character
from .._base.text import abbreviated

#: The most characters that 8x8 takes (fact sheet section 3; published for its Administration API, about the same users).
MOST = {"user_name": 70, "given_name": 128, "family_name": 30, "email": 128, "title": 254, "department": 100}
#: A name that is only there where the data holds the older names too. Without them nothing can be said of a missing name.
_OLDER = "US/Pacific"


def flaw_of(name: str, value: str) -> str | None:
    """Say what is wrong with the value of an attribute, as a sentence without the person, or return None."""
    most = MOST.get(name)
    if most is not None and len(value) > most:
        return f"{name} {abbreviated(value)!r} has {len(value)} characters, and 8x8 takes at most {most}."
    if name == "email":
        return _flaw_of_email(value)
    if name == "timezone":
        return _flaw_of_timezone(value)
    if name == "site":
        return _flaw_of_site(value)
    return None


def _flaw_of_email(value: str) -> str | None:
    local, at, domain = value.rpartition("@")
    if not (at and local and domain) or any(char.isspace() for char in value):
        return f"email {abbreviated(value)!r} is no e-mail address."
    return None


def _flaw_of_site(value: str) -> str | None:
    # A plain blank too many is found by comparing with the sites that there are, where these are known.
    odd = odd_character(value)
    return f"site {abbreviated(value)!r} contains the invisible character {odd}. Take it out." if odd else None


def _flaw_of_timezone(value: str) -> str | None:
    if _exists(value) or not _exists(_OLDER):
        return None
    near = _nearest(value)
    hint = f" Did you mean {near!r}?" if near else " Give a name such as 'Europe/London'."
    return f"timezone {abbreviated(value)!r} does not exist.{hint}"


@functools.lru_cache(maxsize=256)
def _exists(name: str) -> bool:
    import zoneinfo  # noqa: PLC0415 - hardly any task sets a time zone

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@functools.lru_cache(maxsize=256)
def _nearest(name: str) -> str | None:
    import zoneinfo  # noqa: PLC0415 - as above

    known = {zone.lower(): zone for zone in zoneinfo.available_timezones()}
    near = difflib.get_close_matches(name[:100].strip().lower().replace(" ", "_"), known, n=1, cutoff=0.8)
    return known[near[0]] if near else None
