# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a server says went wrong, in one short line without the token. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from .._resource.answers import read_error

#: Characters of what a server says went wrong, as far as a message repeats it.
_LONGEST = 300

#: Removes the token from a text.
Redact = Callable[[str], str]


class Reason(NamedTuple):
    """Why a server refused a request, or failed.

    :param scim_type: The kind of error (RFC 7644 section 3.12).
    :param detail: What went wrong, to be quoted.
    :param hint: A body that is no error of SCIM, where it is one line of text. It is never shown.
    """

    scim_type: str | None = None
    detail: str | None = None
    hint: str | None = None


def reason_in(data: Any, redact: Redact, *, text: Any = None) -> Reason:
    """Read why from the body of an answer.

    :param data: The body as JSON, or None where it is none.
    :param text: The body as text, where it is no object.
    """
    error = read_error(data)
    return Reason(
        scim_type=one_line(error.scim_type, redact) if error.scim_type else None,
        detail=quoted(error.reasons, redact),
        hint=_hint(text, redact),
    )


def quoted(reasons: Iterable[str], redact: Redact) -> str | None:
    """Return all reasons in one line, or None where there are none."""
    told = dict.fromkeys(_without_frames(reason) for reason in reasons)
    return one_line("; ".join(told), redact) or None


def one_line(text: Any, redact: Redact) -> str:
    """Make one short line of a text that somebody else wrote."""
    line = redact(str(text))
    line = " ".join("".join(char if char.isprintable() else " " for char in line).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def _hint(text: Any, redact: Redact) -> str | None:
    """Return a body that is one line of text. What is longer, or has a tag in it, is somebody's page."""
    line = text.strip() if isinstance(text, str) else ""
    short = len(line) <= _LONGEST and len(line.splitlines()) == 1 and not re.search("<[a-zA-Z!/?]", line)
    return (one_line(line, redact) or None) if short else None


def _without_frames(text: str) -> str:
    """Return the error alone of a traceback, not where in the server it came up."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return text
    if any(line.lstrip().startswith("Traceback (most recent call last)") for line in lines):
        return lines[-1]  # Python tells the error last
    frames = [line for line in lines[1:] if re.match(r"\s*(at |File \"|from |#\d|\.\.\. \d+ more|Caused by)", line)]
    return lines[0] if frames else text
