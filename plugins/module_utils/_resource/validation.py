# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reading a user whose values do not have the types they should have, with pydantic.

Imported only for such a user, see :func:`spelling.is_well_formed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Optional

try:
    from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, create_model
except Exception as error:  # noqa: BLE001 - one that does not fit its own core raises SystemError
    PYDANTIC_TROUBLE: str | None = str(error)
else:
    PYDANTIC_TROUBLE = None

from .._errors import EightByEightError
from .names import USER_TYPES, Types


def _object_or_empty(value: Any) -> Any:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Any]:
    # Entries that are no objects stay in the raw resource, which a PUT sends back.
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _text_as_boolean(value: Any) -> bool | None:
    # Some servers write booleans as text, and bool("False") is True (fact sheet 9.1).
    text = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    return {"true": True, "1": True, "false": False, "0": False}.get(text)


def _model_of(types: Types, **required: Any) -> Any:
    """Return a model for an object with these names. Those of any type stay in the raw resource, however deep they are nested."""
    fields = {name: (_read_as(wanted), None) for name, wanted in types.items() if wanted is not object}
    config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)
    return create_model("_Lenient", __config__=config, **{**fields, **required})


def _read_as(wanted: Any) -> Any:
    """Return the type of a value, and how what is of another type becomes one. See :data:`names.USER_TYPES`."""
    if isinstance(wanted, dict):
        return Annotated[Optional[_model_of(wanted)], BeforeValidator(_object_or_empty)]
    if isinstance(wanted, list):
        return Annotated[Optional[list[_model_of(wanted[0])]], BeforeValidator(_objects)]  # type: ignore[misc]
    return Annotated[Optional[bool], BeforeValidator(_text_as_boolean)] if wanted is bool else Optional[str]


if PYDANTIC_TROUBLE is None:
    _RESOURCE = _model_of(USER_TYPES, id=(str, Field(min_length=1)))


def validated(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the modules show of a user, under its SCIM names, each value with the right type or none.

    :raises EightByEightError: When it is no user (kind ``bad_answer``).
    """
    if PYDANTIC_TROUBLE is not None:
        raise EightByEightError(
            f"The Python library pydantic is there, but cannot be imported ({PYDANTIC_TROUBLE}). Reinstall it.",
            kind="missing_library",
        )
    try:
        read: dict[str, Any] = _RESOURCE.model_validate(raw).model_dump()
    except ValidationError as error:
        where = sorted({".".join(str(part) for part in fault["loc"]) or "the resource" for fault in error.errors()})
        raise EightByEightError(
            f"8x8 sent a user that cannot be read: {', '.join(where)} is missing or of the wrong type.",
            kind="bad_answer",
        ) from None
    return read
