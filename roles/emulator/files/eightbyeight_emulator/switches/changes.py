# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for what a change does."""

from __future__ import annotations

from collections.abc import Mapping

from . import types

CHANGES: Mapping[str, types.Switch] = {
    "put_without_site": types.Switch(
        "clear",
        ("clear", "keep", "refuse"),
        "A PUT without the site, for a user who has one. `clear`: the user loses the site. `keep`: the user keeps "
        "it. `refuse`: 400 mutability",
        "11.10",
    ),
    "changed_site": types.Switch(
        "400 mutability",
        ("400 mutability", 400, 409, "ignore", "accept"),
        "A PUT with another site than the one that the user has. A status: it is refused with this status and "
        "scimType; a number alone: that status without a scimType. `ignore`: everything except the site is "
        "written. `accept`: the site changes",
        "3, K10, 11.1",
    ),
    "inherited_site": types.Switch(
        False,
        (False, True),
        "What is shown for a user without a site. `false`: no site. `true`: the first site of the tenant, as if it"
        " were the user's own",
        "11.13",
    ),
    "put_without_active": types.Switch(
        "deactivate",
        ("deactivate", "keep", "activate"),
        "A PUT without `active`. `deactivate`: the user is deactivated. `keep`: `active` stays as it is. "
        "`activate`: the user is activated",
        "9.4, 11.10",
    ),
    "put_rename": types.Switch(
        "accept",
        ("accept", "refuse", "ignore"),
        "A PUT with another login name. `accept`: the login name changes. `refuse`: 400 mutability. `ignore`: "
        "everything except the login name is written",
        "K5, 11.9",
    ),
    "put_inactive": types.Switch(
        "accept",
        ("accept", "refuse"),
        "A PUT to a deactivated user. `accept`: it is done. `refuse`: 400, unless the PUT also activates the user",
        "6, 11.10",
    ),
    "patch": types.Switch(
        200,
        (200, 204, 404, 405, 501),
        "The status of the answer to PATCH. `200`: with a body, see `answers`. `204`: without a body. `404`, "
        "`405`, `501`: PATCH is not supported",
        "2.10, 11.8",
    ),
    "patch_other": types.Switch(
        "ignore",
        ("ignore", 400, 501, "apply"),
        "A PATCH of an attribute other than `active`. `ignore`: 200, and nothing changes. `400`, `501`: it is "
        "refused with this status. `apply`: it is done",
        "2.8, K9, 11.8",
    ),
    "patch_path_form": types.Switch(
        "accept",
        ("accept", "refuse", "require"),
        'The forms of a PATCH that are accepted. `accept`: with "path": "active" and without a path. `refuse`: '
        "only without a path. `require`: only with a path. The other form is refused with 400 invalidPath",
        "2.9, 11.8",
    ),
    "answers": types.Switch(
        "partial",
        ("partial", "full", "none"),
        "The body of the answer to PATCH. `partial`: id, userName and active. `full`: the whole user. `none`: no "
        "body, with the status 200",
        "2.10",
    ),
    "write_answers": types.Switch(
        "full",
        ("full", "partial"),
        "The body of the answer to POST and PUT. `full`: the whole user. `partial`: id, userName and active",
        "2.6",
    ),
    "delete": types.Switch(
        "deactivate",
        ("deactivate", "remove"),
        "A DELETE. `deactivate`: the user is deactivated, and the record stays. `remove`: the record is gone, as "
        "RFC 7644 3.6 requires",
        "2.3, 2.5, K7, 11.11",
    ),
    "repeated_delete": types.Switch(
        204,
        (204, 404, 400),
        "The status of a DELETE of a user who is already deactivated",
        "11.11",
    ),
    "repeated_patch": types.Switch(
        "accept",
        ("accept", 400),
        "A PATCH that sets `active` to the value that it already has. `accept`: it is done like any other PATCH. "
        "`400`: 400 invalidValue",
        "11.11",
    ),
    "late_site": types.Switch(
        "once",
        ("once", "refuse", "ignore", "accept"),
        "A PUT that gives a site to a user who has none. `once`: it is stored, unless the user had another site "
        "before; then 400 mutability. `refuse`: 400 mutability. `ignore`: everything except the site is written. "
        "`accept`: it is always stored, so a site can be changed with two PUT requests",
        "3, K10",
    ),
    "put_omitted": types.Switch(
        "clear",
        ("clear", "keep", "never", "refuse", "stumble"),
        "A PUT without an attribute that the user has. `clear`: the attribute is cleared. With all other values "
        "the attribute stays, also the site and `active`, whatever their own switches say. They differ in what "
        "null does in a PUT. `keep`: null or [] clears the attribute. `never`: null and [] are ignored. `refuse`: "
        "null is refused with 400. `stumble`: null is answered with 500",
        "2.7, 11.10",
    ),
}
