# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Sentences about what an audit cannot see. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .._base.console import HIDDEN_USERS
from .._base.text import counted, named
from .._rows.reader import Row
from .findings import Findings
from .licenses import Licenses
from .people import Person

_STALE = (
    "Stale means the last change of an account, not its activity: SCIM does not show when somebody last logged in or made "
    "a call."
)
_NO_LICENSES = (
    "Licenses cannot be seen: SCIM does not show them, and without admin_api_key the Administration API is not used. Unused "
    "licenses are therefore not counted."
)
_UNASSIGNED = (
    "No API shows licenses that are bought and assigned to nobody. See Admin Console > Home > Licenses for them."
)


def limitations_of(findings: Findings) -> list[str]:
    """Return what the audit cannot see, the most serious first."""
    found = [*_of_tenant(findings), *_of_roster(findings), *_of_licenses(findings.licenses), *findings.inputs.missing]
    return [*found, findings.not_compared] if findings.not_compared else found


def _of_tenant(findings: Findings) -> Iterator[str]:
    if not findings.complete:
        announced = findings.listing.announced
        seen = counted(len(findings.listing.users) + len(findings.listing.unreadable), "user")
        size = "does not say how many users there are" if announced is None else f"announces {announced}"
        yield f"The list of users is incomplete: 8x8 {size}, and shows {seen}. No figure of the tenant is known. Run again."
    unread = [person.user_name or "no login name" for person in findings.people if person.situation == "unreadable"]
    if unread:
        yield (
            f"{counted(len(unread), 'person', 'people')} ({named(unread)}) cannot be read, because the answer of 8x8 is not a "
            "user or the row of the roster is wrong."
        )
    if findings.licenses is None:
        yield ("Users whom a setting of the tenant hides from SCIM cannot be seen. " + HIDDEN_USERS)
    if findings.inputs.stale_days is not None:
        yield _STALE
        if unknown := sum(person.user is not None and person.stale is None for person in findings.people):
            yield f"8x8 does not show the last change of {counted(unknown, 'active account')}, so they do not count as stale."


def _of_roster(findings: Findings) -> Iterator[str]:
    inputs = findings.inputs
    roster, partial = inputs.roster, inputs.partial
    if roster is None:
        yield "Without a roster, the audit does not show who is orphaned, missing, left but active or drifted."
        return
    if partial:
        yield f"The roster is partial ({partial}), so an account that no row names may still belong to somebody."
    elif not roster.users:
        yield "The roster is empty, so every account counts as orphaned or inactive."
    if roster.problems:
        yield (
            f"The export that the roster comes from has {counted(len(roster.problems), 'problem')}, see problems. The "
            "audit does not include what could not be read."
        )
    if unsure := _unsure(inputs.rows, findings.people):
        yield (
            f"{counted(len(unsure), 'person', 'people')} in the roster ({named(unsure)}) "
            f"{'is' if len(unsure) == 1 else 'are'} deactivated in 8x8, and the rows do not set active. Whether that is "
            "intended cannot be seen."
        )
    if findings.declined:
        yield (
            f"8x8 does not store some values of {counted(findings.declined, 'person', 'people')} as the roster gives them. This "
            "is known from an earlier run and does not count as drift."
        )


def _of_licenses(licenses: Licenses | None) -> Iterator[str]:
    if licenses is None:
        yield _NO_LICENSES
        return
    yield _UNASSIGNED
    if licenses.hidden:
        yield (
            f"The Administration API shows {counted(len(licenses.hidden), 'user')} whom SCIM does not show "
            f"({named(licenses.hidden)}). They are not in any figure. {HIDDEN_USERS}"
        )
    if licenses.disagreeing:
        yield (
            f"SCIM and the Administration API disagree on whether {counted(len(licenses.disagreeing), 'account')} "
            f"({named(licenses.disagreeing)}) can log in. This audit uses SCIM."
        )
    if licenses.missing:
        yield (
            f"The Administration API does not show {counted(licenses.missing, 'account')} that SCIM shows. Their licenses are "
            "not known and not in any figure."
        )
    yield from licenses.faults


def _unsure(rows: Iterable[Row], people: Iterable[Person]) -> list[str]:
    """Return the names of deactivated people whose rows do not set ``active``."""
    silent = {row.number for row in rows if row.wanted.active is None and not row.wanted.absent}
    return [
        str(person.user_name or person.user.id)
        for person in people
        if person.user is not None
        and not person.user.active
        and person.row in silent
        and person.situation in ("drifted", "in_sync")
    ]
