# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Google's Directory API ``users.list``, and the CSV or JSON that GAM writes from it.

Sources: developers.google.com, REST resource ``users``: ``suspended`` and ``archived`` are independent, ``nextPageToken`` means
that there are more pages; GAM ``wiki/Users.md`` and ``flattenJSON``: where the Admin console keeps title and department
(``organizations``), a CSV of GAM has ``organizations.0.title``, and the number of entries in ``organizations``; with
``formatjson`` a column ``JSON`` holds the whole user. It has no hire date and no leave date. The building is read as site.
"""

from __future__ import annotations

from ..gam import rebuilt
from ..preset import INVERTED, Exclusion, Preset, Status

PRESET = Preset(
    name="google_api",
    fields={
        "user_name": ("primaryEmail",),
        "email": ("primaryEmail",),
        "given_name": ("name.givenName",),
        "family_name": ("name.familyName",),
        "title": ("organizations[primary].title", "organizations[].title"),
        "department": ("organizations[primary].department", "organizations[].department"),
        "site": ("locations[type=desk].buildingName", "locations[type=desk].buildingId"),
        "work_phone": ("phones[type=work].value",),
        "mobile": ("phones[type=mobile].value",),
    },
    statuses=(Status(("suspended",), INVERTED), Status(("archived",), INVERTED)),
    expects_status="It has no suspended, so it does not show who has left.",
    envelopes=("users",),
    next_page=("nextPageToken",),
    reshape=rebuilt,
    exclusions=(Exclusion(("isGuestUser",), "is a guest", "^true$"),),
)
