# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What an audit cannot see, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._base.console import HIDDEN_USERS
from .._base.text import counted, named
from .facts import Facts
from .figures import stale_unknown
from .licenses import Licenses
from .people import Person

_STALE = (
    "Stale rests on the last change of an account, not on its activity: SCIM does not show when somebody last logged in or made "
    "a call."
)
_NO_LICENSES = (
    "Licenses cannot be seen: SCIM does not show them, and without admin_api_key the Administration API is not asked. So unused "
    "licenses are not counted."
)
_UNASSIGNED = (
    "Licenses that are bought and assigned to nobody are shown by no API. See Admin Console > Home > Licenses for them."
)


def limitations_of(facts: Facts) -> list[str]:
    """Return what the audit cannot see, the worst first."""
    return [*_of_tenant(facts), *_of_roster(facts), *_of_licenses(facts.licenses), *_of_comparison(facts)]


def _of_tenant(facts: Facts) -> Iterator[str]:
    if not facts.complete:
        seen = counted(sum(person.user is not None for person in facts.people) + facts.unreadable, "user")
        told = "does not say how many users there are" if facts.announced is None else f"announces {facts.announced}"
        yield f"The list of users does not add up: 8x8 {told}, and shows {seen}. No figure of the tenant is known. Run again."
    if blank := _whom(facts.people, "unreadable"):
        yield (
            f"{blank} cannot be read, because 8x8 shows something that is no user, or because the row of "
            "the roster is wrong."
        )
    if facts.licenses is None:
        yield ("Users whom the setting of the tenant hides from SCIM cannot be seen. " + HIDDEN_USERS)
    if facts.stale_days is not None:
        yield _STALE
        if unknown := stale_unknown(facts.people, facts.now, facts.stale_days):
            yield f"8x8 does not show when {counted(unknown, 'active account')} changed last, so they do not count as stale."


def _of_roster(facts: Facts) -> Iterator[str]:
    if not facts.with_roster:
        yield "Without a roster, nobody can be called orphaned, missing, left but active or drifted."
        return
    if facts.partial:
        yield f"The roster is partial ({facts.partial}), so an account that it does not name may belong to somebody all the same."
    elif not facts.rows:
        yield "The roster is empty, so every account counts as orphaned or inactive."
    if facts.export_problems:
        yield (
            f"The export that the roster comes from has {counted(facts.export_problems, 'problem')}, see problems. What could "
            "not be read of it is not in this audit."
        )
    if facts.unsure:
        yield (
            f"{counted(len(facts.unsure), 'person', 'people')} in the roster ({named(facts.unsure)}) "
            f"{'is' if len(facts.unsure) == 1 else 'are'} deactivated in 8x8, and the rows do not say active. Whether that is "
            "right cannot be seen."
        )
    if facts.declined:
        yield (
            f"8x8 does not store some values of {counted(facts.declined, 'person', 'people')} as the roster has them. That is "
            "known from an earlier run, and does not count as drift."
        )


def _of_licenses(licenses: Licenses | None) -> Iterator[str]:
    if licenses is None:
        yield _NO_LICENSES
        return
    yield _UNASSIGNED
    if licenses.hidden:
        yield (
            f"The Administration API shows {counted(len(licenses.hidden), 'user')} whom SCIM does not show "
            f"({named(licenses.hidden)}). They are in no figure. {HIDDEN_USERS}"
        )
    if licenses.disagreeing:
        yield (
            f"SCIM and the Administration API do not agree whether {counted(len(licenses.disagreeing), 'account')} "
            f"({named(licenses.disagreeing)}) can log in. SCIM counts here."
        )
    if licenses.missing:
        yield (
            f"The Administration API does not show {counted(licenses.missing, 'account')} that SCIM shows. Their licenses are "
            "not known, and in no figure."
        )
    yield from licenses.faults


def _of_comparison(facts: Facts) -> Iterator[str]:
    if facts.no_ledger:
        yield f"Manual actions are not counted, because {facts.no_ledger}."
    if facts.not_compared:
        yield facts.not_compared


def _whom(people: Sequence[Person], situation: str) -> str:
    found = [person.user_name or "one without a login name" for person in people if person.situation == situation]
    return f"{counted(len(found), 'person', 'people')} ({named(found)})" if found else ""
