# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The licenses of accounts, from the Administration API, joined with SCIM. Pure."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .._admin.people import UsersByLogin
from .._admin.users import AdminUser, license_counts
from .._base.names import login_key
from .._resource.user import User


class Licenses(NamedTuple):
    """The licenses from the Administration API.

    :param names: SCIM id of an account -> names of its licenses. An account that is not in it is not known.
    :param counted: SCIM id of an account -> how many of its licenses count.
    :param faults: Sentences that say why some accounts cannot be joined.
    :param hidden: Login names that only the Administration API shows.
    :param disagreeing: Login names of accounts that are active in one API and inactive in the other.
    :param missing: How many accounts only SCIM shows.
    """

    names: Mapping[str, Sequence[str]]
    counted: Mapping[str, int]
    faults: Sequence[str]
    hidden: Sequence[str]
    disagreeing: Sequence[str]
    missing: int = 0


def licenses_of(accounts: Sequence[User], shown: Sequence[AdminUser], ignored: Sequence[str]) -> Licenses:
    """Join the users of both APIs.

    :param shown: All users in the Administration API.
    :param ignored: Wildcards for names of licenses that do not count.
    """
    users = UsersByLogin.among(shown)
    # A tenant has few kinds of licenses, and many of each.
    counts = functools.lru_cache(maxsize=1000)(functools.partial(license_counts, ignored=ignored))
    joined, faults = users.join((account.id, account.user_name) for account in accounts)
    names: dict[str, list[str]] = {}
    counted: dict[str, int] = {}
    disagreeing = []
    for account in accounts:
        user = joined.get((account.id, account.user_name))
        if user is None:
            continue
        # A license without a name counts too.
        held = [str(entry["name"] or "unnamed") for entry in user.licenses or ()]
        names[account.id] = sorted(held)
        counted[account.id] = sum(map(counts, held))
        if user.active is not None and user.active != account.active:
            disagreeing.append(account.user_name or account.id)
    known = {user.user_id for user in joined.values() if user is not None}
    logins = {login_key(account.user_name or "") for account in accounts}
    unseen = (user for user in shown if user.user_id not in known)
    hidden = [user.user_name for user in unseen if login_key(user.user_name) not in logins]
    missing = sum(user is None for user in joined.values())
    return Licenses(names, counted, faults, sorted(hidden), sorted(disagreeing), missing)
