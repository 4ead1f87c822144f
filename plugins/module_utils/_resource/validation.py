# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reading a user whose values do not have the types they should have, with pydantic.

Imported only for such a user, see :func:`spelling.is_well_formed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, List, Optional  # noqa: UP035 - pydantic evaluates these on Python 3.9

try:
    from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
except Exception as error:  # noqa: BLE001 - one that does not fit its own core raises SystemError
    HAS_PYDANTIC = False
    PYDANTIC_TROUBLE = str(error)
else:
    HAS_PYDANTIC = True
    PYDANTIC_TROUBLE = ""

from .._errors import EightByEightError
from .names import ENTERPRISE_URN

if HAS_PYDANTIC:

    class _Lenient(BaseModel):
        # Other members stay in the raw resource. Validating them would fail where they are nested very deeply.
        model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    class _Name(_Lenient):
        givenName: Optional[str] = None
        familyName: Optional[str] = None

    class _Typed(_Lenient):
        """One e-mail address or phone number."""

        value: Optional[str] = None
        type: Optional[str] = None
        primary: Any = None

    class _Meta(_Lenient):
        created: Optional[str] = None
        lastModified: Optional[str] = None
        version: Optional[str] = None

    class _Department(_Lenient):
        department: Optional[str] = None

    class _Resource(_Lenient):
        id: str = Field(min_length=1)
        userName: Optional[str] = None
        externalId: Optional[str] = None
        name: _Name = Field(default_factory=_Name)
        emails: List[_Typed] = Field(default_factory=list)
        phoneNumbers: List[_Typed] = Field(default_factory=list)
        active: Optional[bool] = None
        title: Optional[str] = None
        locale: Optional[str] = None
        timezone: Optional[str] = None
        meta: _Meta = Field(default_factory=_Meta)
        enterprise: _Department = Field(default_factory=_Department, alias=ENTERPRISE_URN)

        @field_validator("name", "meta", "enterprise", mode="before")
        @classmethod
        def _object_or_empty(cls, value: Any) -> Any:
            return value if isinstance(value, Mapping) else {}

        @field_validator("emails", "phoneNumbers", mode="before")
        @classmethod
        def _list_or_empty(cls, value: Any) -> Any:
            # Entries that are no objects stay in the raw resource, which a PUT sends back.
            return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []

        @field_validator("active", mode="before")
        @classmethod
        def _text_as_boolean(cls, value: Any) -> Any:
            # Some servers write booleans as text, and bool("False") is True (fact sheet 9.1).
            text = str(value).strip().lower() if isinstance(value, (str, int)) else ""
            return {"true": True, "1": True, "false": False, "0": False}.get(text)


def validated(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the modules show of a user, under its SCIM names, each value with the right type or none.

    :raises EightByEightError: When it is no user (kind ``bad_answer``).
    """
    if not HAS_PYDANTIC:
        raise EightByEightError(
            f"The Python library pydantic is there, but cannot be imported ({PYDANTIC_TROUBLE}). Reinstall it.",
            kind="missing_library",
        )
    try:
        return _Resource.model_validate(raw).model_dump(by_alias=True)
    except ValidationError as error:
        where = sorted({".".join(str(part) for part in fault["loc"]) or "the resource" for fault in error.errors()})
        raise EightByEightError(
            f"8x8 sent a user that cannot be read: {', '.join(where)} is missing or of the wrong type.",
            kind="bad_answer",
        ) from None
