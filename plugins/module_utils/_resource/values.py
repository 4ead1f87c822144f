# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Values that no user can have, or that 8x8 does not accept, found without asking it.

It is pure, but for the time zones that this machine knows.
"""

from __future__ import annotations

import functools
import re

from .._base.names import invisible_character
from .._base.text import abbreviated
from .._errors import BadOptionError

#: A list or a dictionary as Python writes it.
_CONTAINER = re.compile(r"""\[(?:['"\[{].*)?\]\Z|\{['"].*\}\Z""", re.DOTALL)
#: The longest text that is accepted for an attribute, where 8x8 publishes no limit. Nothing about a person comes near it.
_MAX_CHARACTERS = 10_000
#: The most characters that 8x8 accepts (fact sheet section 3; published for its Administration API, about the same users).
_MAX_CHARACTERS_OF = {
    "user_name": 70,
    "given_name": 128,
    "family_name": 30,
    "email": 128,
    "title": 254,
    "department": 100,
}
#: What is compared letter by letter, so that an invisible character makes another value of it.
_IDENTIFIERS = frozenset(("user_name", "external_id", "email", "site", "phone_numbers"))
#: A name that exists only where the time zone data includes the older names. Without those, a missing name proves nothing.
_LEGACY_ZONE = "US/Pacific"


def check_text(name: str, value: str) -> None:
    """Refuse what cannot be the text of any attribute.

    :raises BadOptionError: Names the option.
    """
    if len(value) > _MAX_CHARACTERS:
        raise BadOptionError(f"{name} has {len(value)} characters, and more than {_MAX_CHARACTERS} are no {name}.")
    if _CONTAINER.match(value):
        # Ansible makes text of any value, for example of a whole item of a loop where its name was meant. Nobody has such a
        # name, so state=absent would do nothing, and a title would be stored like this.
        raise BadOptionError(
            f"{name} must be text, not a list or a dictionary. Give one of its values, such as item.{name} where it says item."
        )
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadOptionError(f"{name} contains characters that are not valid Unicode.") from None


def check_identity(name: str, value: str) -> None:
    """Refuse what cannot identify anybody, before it looks as if that user did not exist.

    :raises BadOptionError: Names the option.
    """
    check_text(name, value)
    if not value:
        raise BadOptionError(f"{name} is empty. Leave it out, or say whom you mean.")
    if value != value.strip():
        raise BadOptionError(f"{name} {abbreviated(value)!r} begins or ends with white space.")
    if odd := invisible_character(value):
        raise BadOptionError(f"{name} {abbreviated(value)!r} contains the invisible character {odd}. Remove it.")


def flaw_of(name: str, value: str) -> str | None:
    """Say what is wrong with the value of an attribute, as a sentence that does not name the user, or return None.

    It matters only for a value that is to be sent: a tenant may hold what nobody could set today, and a task that repeats it
    changes nothing.
    """
    most = _MAX_CHARACTERS_OF.get(name)
    if most is not None and len(value) > most:
        return f"{name} {abbreviated(value)!r} has {len(value)} characters, and 8x8 takes at most {most}."
    if name in _IDENTIFIERS and (odd := invisible_character(value)):
        # An extra plain blank in a site is found by comparing with the known sites of the tenant.
        return f"{name} {abbreviated(value)!r} contains the invisible character {odd}. Remove it."
    if name == "email":
        local, _at, domain = value.rpartition("@")
        wrong = not (local and domain) or " " in value
        return f"email {abbreviated(value)!r} is not an e-mail address." if wrong else None
    return _flaw_of_timezone(value) if name == "timezone" else None


@functools.lru_cache(maxsize=256)
def _flaw_of_timezone(value: str) -> str | None:
    if _zone_exists(value) or not _zone_exists(_LEGACY_ZONE):
        return None
    import difflib  # noqa: PLC0415 - hardly any task sets a time zone, and a wrong one
    import zoneinfo  # noqa: PLC0415

    known = {zone.lower(): zone for zone in zoneinfo.available_timezones()}
    near = difflib.get_close_matches(value[:100].strip().lower().replace(" ", "_"), known, n=1, cutoff=0.8)
    hint = f"Did you mean {known[near[0]]!r}?" if near else "Give a name such as 'Europe/London'."
    return f"timezone {abbreviated(value)!r} does not exist. {hint}"


def _zone_exists(name: str) -> bool:
    import zoneinfo  # noqa: PLC0415 - as above

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
