# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules for the site: exact, set once, never changed (fact sheet, section 3 and K10)."""

from __future__ import annotations

from collections.abc import Mapping

from scim2_models import MutabilityException

from .documents import SITE_KEY, Document, prune
from .refusals import refusal
from .schemas import Site
from .switches import Switches


def check_site(document: Document, sites: Mapping[str, Site], switches: Switches, current: str | None = None) -> None:
    """Refuse a site that does not exist, or let the user be where they are; names are case-sensitive."""
    site = document.get(SITE_KEY, {}).get("site")
    if site is None or site in sites:
        return
    if switches.unknown_site != "ignore":
        raise refusal(switches.unknown_site, f"Unknown site {site!r}")
    document[SITE_KEY] = prune({**document[SITE_KEY], "site": current})


def replace_site(
    current: Document, document: Document, first: str | None, sites: Mapping[str, Site], switches: Switches
) -> None:
    """Apply the rules for the site to a PUT.

    :param first: The first site that the user ever had.
    """
    old = current.get(SITE_KEY, {}).get("site")
    if document.get(SITE_KEY, {}).get("site") is None:
        _leave_out(old, document, switches)
        return
    # An unknown name is refused even when it is the user's own: that is the broken sync after a
    # site was renamed in Admin Console (fact sheet, "site renamed in console").
    check_site(document, sites, switches, old)
    new = document[SITE_KEY].get("site")
    if new in (None, old):
        return
    rule = switches.changed_site if old is not None else _late(new, first, switches)
    if rule == "accept":
        return
    if rule != "ignore":
        raise refusal(rule, "site cannot be changed once it is set" if first else "site can be set at creation only")
    document[SITE_KEY] = prune({**document[SITE_KEY], "site": old})


def _leave_out(old: str | None, document: Document, switches: Switches) -> None:
    if old is None:
        return
    if switches.put_without_site == "refuse":
        raise MutabilityException(detail="site cannot be removed once it is set")
    if switches.put_without_site == "keep":
        document[SITE_KEY] = {**document.get(SITE_KEY, {}), "site": old}


def _late(new: str, first: str | None, switches: Switches) -> str | int:
    """Return what becomes of a site for a user who has none: accept, ignore, or the form of a refusal."""
    rule = str(switches.late_site)
    if rule == "once":
        # What was cleared may come back; with another site the site would be changed in two PUTs.
        rule = "accept" if first in (None, new) or switches.changed_site == "accept" else "refuse"
    return "400 mutability" if rule == "refuse" else rule
