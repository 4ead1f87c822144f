# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Names in an answer, spelled as SCIM spells them.

Names mean the same in any case (RFC 7643 section 2.1), so an answer is spelled right once, where it comes in, and everybody else
reads one spelling. Other names stay unchanged.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import EightByEightError
from .names import KNOWN_EXTENSION_URNS, USER_TYPES, Types


class KnownNames(NamedTuple):
    """The names that a user of one tenant may hold.

    :param types: See :data:`names.USER_TYPES`, with the extensions of 8x8.
    :param spelling: The right spelling of each name, those inside objects too, by its lower case.
    :param extension_urns: The extensions that may hold the site; the configured one is spelled as it was configured.
    """

    types: Types
    spelling: Mapping[str, str]
    extension_urns: tuple[str, ...]


@functools.lru_cache(maxsize=8)
def known_names(extension_urn: str) -> KnownNames:
    """Return the names that a user may hold where the site is in this extension."""
    urns = tuple({urn.lower(): urn for urn in (*KNOWN_EXTENSION_URNS, extension_urn)}.values())
    types = {**{urn: {"site": object} for urn in urns}, **USER_TYPES}
    inside = [part[0] if isinstance(part, list) else part for part in types.values() if isinstance(part, (dict, list))]
    return KnownNames(types, {name.lower(): name for part in (*inside, types) for name in part}, urns)


def is_well_formed(raw: Mapping[str, Any], names: KnownNames) -> bool:
    """Say whether every name in a user is spelled right and every value has its type, so that the user can be read as it is.

    Nearly all users are like that, and to look costs a tenth of what it costs to correct them all.
    """
    return _is_well_formed(raw, names.types, names.spelling) and bool(raw.get("id"))


def _is_well_formed(values: Mapping[str, Any], types: Types, spelling: Mapping[str, str]) -> bool:
    for name, value in values.items():
        wanted, found = types.get(name), type(value)
        if wanted is found:
            continue
        if wanted is None:
            if spelling.get(name.lower(), name) != name:
                return False
        elif wanted is object or value is None:
            continue
        elif isinstance(wanted, dict):
            if found is not dict or not _is_well_formed(value, wanted, spelling):
                return False
        elif isinstance(wanted, list) and found is list:
            for entry in value:
                if not isinstance(entry, dict) or not _is_well_formed(entry, wanted[0], spelling):
                    return False
        else:
            return False
    return True


def spelled(values: Mapping[str, Any], types: Types) -> dict[str, Any]:
    """Return an object with every known name spelled right, at every depth; all else is as it was.

    A name that stands there twice, in different case, is refused, as the same name twice is when the answer is parsed: two
    programs may read two users in it, and an ``Active`` beside an ``active`` decides whether somebody has access. A null says
    nothing (RFC 7643 section 2.5), so the other one counts.

    :param types: The names that it may hold: of a user those of :func:`known_names`, of a list or an error
        :data:`names.MESSAGE_TYPES`.
    :raises EightByEightError: When a name stands there twice (kind ``bad_answer``).
    """
    spelling = {name.lower(): name for name in types}
    result: dict[str, Any] = {}
    for given, value in values.items():
        name = spelling.get(given.lower(), given)
        if result.get(name) is not None:
            if value is None:
                continue
            raise EightByEightError(
                f"8x8 sent {name} twice in one object, in different case, so it can be read in two ways.",
                kind="bad_answer",
            )
        wanted = types.get(name)
        if isinstance(wanted, dict) and isinstance(value, Mapping):
            value = spelled(value, wanted)
        elif isinstance(wanted, list) and isinstance(value, list):
            value = [spelled(entry, wanted[0]) if isinstance(entry, Mapping) else entry for entry in value]
        result[name] = value
    return result
