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
        "PUT that leaves a set site out: the user loses it, keeps it, or 400 mutability",
        "11.10",
    ),
    "changed_site": types.Switch(
        "400 mutability",
        ("400 mutability", 400, 409, "ignore", "accept"),
        "PUT with another site than the set one: refused (a number alone comes without scimType), everything but the site "
        "is done, or the site changes",
        "3, K10, 11.1",
    ),
    "inherited_site": types.Switch(
        False,
        (False, True),
        "whether a user without a site is answered with the first site of the tenant, as if it were the user's own",
        "11.13",
    ),
    "put_without_active": types.Switch(
        "deactivate",
        ("deactivate", "keep", "activate"),
        "PUT that leaves `active` out",
        "9.4, 11.10",
    ),
    "put_rename": types.Switch(
        "accept",
        ("accept", "refuse", "ignore"),
        "PUT with another userName: the login name changes, 400 mutability, or nothing happens",
        "K5, 11.9",
    ),
    "put_inactive": types.Switch(
        "accept",
        ("accept", "refuse"),
        "PUT on a deactivated user: done, or 400 unless it also reactivates the user",
        "6, 11.10",
    ),
    "patch": types.Switch(
        200,
        (200, 204, 404, 405, 501),
        "what PATCH answers: 200 with a body, 204 without, or not supported at all, be it as a path that is not there",
        "2.10, 11.8",
    ),
    "patch_other": types.Switch(
        "ignore",
        ("ignore", 400, 501, "apply"),
        "PATCH of anything but `active`: 200 and nothing happens, 400, 501, or it is applied",
        "2.8, K9, 11.8",
    ),
    "patch_path_form": types.Switch(
        "accept",
        ("accept", "refuse", "require"),
        'PATCH with "path": "active" and PATCH without `path`: both are understood, only the latter, or only the former; '
        "the other is 400 invalidPath",
        "2.9, 11.8",
    ),
    "answers": types.Switch(
        "partial",
        ("partial", "full", "none"),
        "what PATCH answers with: {id, userName, active}, the whole user, or a 200 with no body",
        "2.10",
    ),
    "write_answers": types.Switch(
        "full",
        ("full", "partial"),
        "what POST and PUT answer with: the whole user, or {id, userName, active}",
        "2.6",
    ),
    "delete": types.Switch(
        "deactivate",
        ("deactivate", "remove"),
        "DELETE deactivates and the record stays, or the record is gone as RFC 7644 3.6 wants",
        "2.3, 2.5, K7, 11.11",
    ),
    "repeated_delete": types.Switch(
        204,
        (204, 404, 400),
        "DELETE of a user who is deactivated already",
        "11.11",
    ),
    "repeated_patch": types.Switch(
        "accept",
        ("accept", 400),
        "PATCH of `active` to what it is already: done like any other, or 400 invalidValue",
        "11.11",
    ),
    "late_site": types.Switch(
        "once",
        ("once", "refuse", "ignore", "accept"),
        "PUT that gives a site to a user who has none: done unless the user once had another, 400 mutability, everything but the "
        "site is done, or always done, so that a site changes in two PUTs",
        "3, K10",
    ),
    "put_omitted": types.Switch(
        "clear",
        ("clear", "keep", "never", "refuse", "stumble"),
        "PUT that leaves an attribute out: it is cleared; it is kept, and null or [] clears it; or it is kept, and null or [] "
        "does not clear it either, because it is ignored, or because null is 400 or 500. All but `clear` hold for the site and "
        "`active` too, whatever their own switches say",
        "2.7, 11.10",
    ),
}
