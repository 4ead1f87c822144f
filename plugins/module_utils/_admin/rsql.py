# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Filters of the Administration API in RSQL. Pure.

``docs/facts/8x8-administration-api.md``, fact A2.7: at most 2,000 characters, ``,`` for or, values compared without case, ``*``
as a wildcard. How a quote is escaped is not documented, so what holds both kinds of quotes, or a backslash, is not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

#: Characters of one filter. Encoded for a URL some take three times their length, and a URL has about 8,000.
_MAX_LENGTH = 1500


def quoted(value: str) -> str | None:
    """Return a value as RSQL writes it, or None where it cannot be written."""
    if "\\" in value or ('"' in value and "'" in value) or not value.isprintable():
        return None
    return f"'{value}'" if '"' in value else f'"{value}"'


def filters_for(user_names: Iterable[str]) -> Iterator[str]:
    """Yield filters that match users by login, as few of them as possible.

    :param user_names: Logins that :func:`quoted` can write.
    """
    parts: list[str] = []
    for name in user_names:
        part = f"basicInfo.userName=={quoted(name)}"
        if parts and len(",".join([*parts, part])) > _MAX_LENGTH:
            yield ",".join(parts)
            parts = []
        parts.append(part)
    if parts:
        yield ",".join(parts)
