# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints of the tenant: whatever 8x8 does not list is not there (fact sheet, 2.2, 4.7)."""

from __future__ import annotations

from scim2_models import NotFoundException, NotImplementedException
from scim2_server.errors import MethodNotAllowedException
from scim2_server.requests import ScimRequest
from scim2_server.routing import Operation, Target, match

from .switches import Switches

RESOURCE_OPERATIONS = frozenset(
    {
        Operation.create,
        Operation.query,
        Operation.replace,
        Operation.patch,
        Operation.delete,
        Operation.search,
    }
)


def target_of(request: ScimRequest, switches: Switches) -> Target:
    """Return what a request asks for, or refuse it."""
    target = match(request.method.upper(), request.path)
    if target.operation in RESOURCE_OPERATIONS:
        if target.me or target.endpoint != "Users":
            raise NotFoundException(detail=f"No SCIM endpoint at {request.path!r}")
    elif target.operation == Operation.bulk and switches.bulk == 405:
        raise MethodNotAllowedException(allowed=["GET"])
    elif target.operation == Operation.bulk and switches.bulk == 501:
        raise NotImplementedException(detail="Bulk is not supported")
    elif target.operation in (Operation.bulk, Operation.search_with_body) or not switches.discovery:
        raise NotFoundException(detail=f"No SCIM endpoint at {request.path!r}")
    return target
