# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a PATCH asks for (fact sheet, 2.8, 2.9, 9.1, 9.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scim2_models import InvalidSyntaxException

from .documents import Document
from .refusals import scim_error
from .schemas import CORE
from .switches import Switches
from .validation import check_schemas, read_boolean


@dataclass
class PatchRequest:
    """What a PATCH asks for."""

    active: bool | None
    others: list[str]
    """What it names besides ``active``."""

    operation: Any = None
    """The whole thing as scim2-models reads it, when the tenant applies any attribute."""


def read_patch(payload: Any, switches: Switches) -> PatchRequest:
    """Return what a PATCH asks for: the new ``active``, if any, and whether it asks for more.

    With and without ``path``, any case of ``op``, ``active`` as a boolean or as text. The whole request is read
    before anything is done: PATCH is atomic (RFC 7644 3.5.2).
    """
    operations = _member(payload, "operations") if isinstance(payload, dict) else None
    if not isinstance(operations, list) or not operations:
        raise InvalidSyntaxException(detail="A PATCH has a list of Operations")
    check_schemas(payload, "urn:ietf:params:scim:api:messages:2.0:PatchOp")
    request = PatchRequest(active=None, others=[])
    for operation in operations:
        if not isinstance(operation, dict):
            raise InvalidSyntaxException(detail="An operation is a JSON object")
        _read_operation(operation, request, str(switches.patch_path_form))
    return request


def _read_operation(operation: Document, request: PatchRequest, path_form: str) -> None:
    kind = str(_member(operation, "op") or "").lower()
    if kind not in ("add", "replace", "remove"):
        raise InvalidSyntaxException(detail=f"Unknown op {kind!r}")
    path, value = _member(operation, "path"), _member(operation, "value")
    if path:
        if _is_active(str(path)) and kind != "remove":
            if path_form == "refuse":
                raise scim_error(400, "invalidPath", "path is not supported; put attributes into value")
            request.active = read_boolean(value, "active")
        else:
            request.others.append(str(path))
    elif isinstance(value, dict) and kind != "remove":
        if path_form == "require":
            raise scim_error(400, "invalidPath", "path is required")
        for key, item in value.items():
            if _is_active(key):
                request.active = read_boolean(item, "active")
            else:
                request.others.append(key)
    else:
        request.others.append("")


def _member(payload: Document, name: str) -> Any:
    """Return a member of a message, whatever the case of its name."""
    for key, value in payload.items():
        if key.lower() == name:
            return value
    return None


def _is_active(path: str) -> bool:
    return path.lower() in ("active", f"{CORE}:active".lower())
