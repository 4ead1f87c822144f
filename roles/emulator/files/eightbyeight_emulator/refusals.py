# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals, in the forms that the switches give them."""

from __future__ import annotations

from scim2_models import SCIMException


def scim_error(status: int, scim_type: str | None, detail: str) -> SCIMException:
    """Return the exception that answers a status, a scimType and a detail."""
    exception = SCIMException(detail=detail)
    exception.status = status
    exception.scim_type = scim_type or ""
    return exception


def refusal(form: str | int, detail: str) -> SCIMException:
    """Return the exception for a form of a switch, such as ``400 invalidValue``, or 400 for none."""
    status, _space, scim_type = str(form).partition(" ")
    return scim_error(int(status), scim_type, detail)
