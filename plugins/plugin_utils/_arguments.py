# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Checks the arguments of a task before Ansible converts them.

YAML reads ``+442079460000`` and ``00123`` as numbers, and ``NO`` as a boolean. For an option of type ``str``, Ansible
then turns them into text: without the plus, without the zeros, or as "False". A module cannot notice that, so it is
checked here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
)

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.text import abbreviated, text_or_type, type_of
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import CONNECTION, ArgumentSpec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.masking import SECRET_OPTIONS
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import PHONE_TYPES, TEXT_ATTRIBUTES

#: Options that are identifiers. If one is given as a number, zeros or a plus may be lost.
_IDENTIFIERS = ("user_name", "user_id", "external_id", "customer_id", "plan_digest", "protected", *SECRET_OPTIONS)
#: Options that say which users to read. If the only one of them is null, its variable has no value. That does not mean
#: everybody.
_SELECTORS = ("user_name", "user_id", "external_id", "filter")
#: Type of an option -> the function with which Ansible converts it, and the name of the type in messages.
_TYPES: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "bool": (check_type_bool, "true or false"),
    "int": (check_type_int, "a whole number"),
    "float": (check_type_float, "a number"),
    "list": (check_type_list, "a list"),
    "dict": (check_type_dict, "a dictionary"),
}
_PHONES = 'a list such as [{type: mobile, value: "+442079460000"}]; [] clears the numbers'


def without_nulls(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments without nulls, because a null option counts as not given."""
    return {name: value for name, value in arguments.items() if value is not None}


def fault_in(spec: ArgumentSpec, arguments: Mapping[str, Any]) -> str | None:
    """Return everything that is wrong with the types of the arguments of a task, or None.

    :param arguments: The arguments after templating, with nulls.
    """
    faults = [*_null_faults(spec, arguments)]
    for name, option in spec.argument_spec.items():
        value = arguments.get(name)
        if value is None:
            continue
        if name == "phone_numbers":
            faults += _phone_faults(value)
        elif wrong := [*_type_faults(name, option, value)]:
            faults += wrong
        elif option.get("type") in ("str", "path") and "choices" not in option:
            faults += _text_faults(name, name, value)
        elif option.get("elements") == "str" and isinstance(value, (list, tuple)):
            for number, part in enumerate(value, start=1):
                faults += _text_faults(name, f"{name}, entry {number},", part)
    if not faults:
        return None
    who = next((arguments[name] for name in ("user_name", "user_id") if isinstance(arguments.get(name), str)), "")
    return f"{abbreviated(who)}: {' '.join(faults)}" if who else " ".join(faults)


def _type_faults(name: str, option: Mapping[str, Any], value: Any) -> Iterator[str]:
    """Yield faults that Ansible would report without naming the person or the right type."""
    kind = option.get("type", "str")
    convert, wanted = _TYPES.get(kind, (None, ""))
    if convert is not None:
        try:
            value = convert(value)
        except (TypeError, ValueError):
            yield f"{name} must be {wanted}, not {text_or_type(value)}."
            return
    if kind in ("str", "path") and isinstance(value, (Mapping, list, tuple)):
        yield (
            f"{name} must be text, not a list or a dictionary. Give one of its values, such as item.{name} where it says item."
        )
    elif choices := option.get("choices"):
        for item in value if kind == "list" else [value]:
            if str(item) not in choices:
                yield f"{name} must be one of {', '.join(choices)}, not {text_or_type(item)}."


def _text_faults(name: str, place: str, value: Any) -> Iterator[str]:
    """Yield a fault for a value that is not text. The value is not in the message, because it may be a secret."""
    if isinstance(value, bool):
        yield f"{place} must be text, not a boolean: quote it. YAML reads words such as NO, off and yes as booleans."
    elif name in _IDENTIFIERS and isinstance(value, (int, float, dt.date)):
        yield f"{place} must be text, not {type_of(value)}: quote it, or a leading zero or plus is lost."
    elif name in TEXT_ATTRIBUTES and isinstance(value, float):
        yield f"{place} must be text, not {type_of(value)}: quote it, or a zero at its end is lost."


def _phone_faults(value: Any) -> Iterator[str]:
    if not isinstance(value, (list, tuple)):
        yield f"phone_numbers is {'empty text' if value == '' else type_of(value)}, and must be {_PHONES}."
        return
    for number, entry in enumerate(value, start=1):
        place = f"phone_numbers, entry {number},"
        if not isinstance(entry, Mapping):
            yield f"{place} is {type_of(entry)}. Give {_PHONES}."
        elif isinstance(entry.get("value"), (bool, int, float, dt.date)):
            kind = type_of(entry["value"])
            yield f"{place} value must be text, not {kind}: quote it, or a leading zero or plus is lost."
        elif isinstance(entry.get("type"), str) and entry["type"] not in PHONE_TYPES:
            yield f"{place} type must be {' or '.join(PHONE_TYPES)}, not {abbreviated(entry['type'])!r}."


def _null_faults(spec: ArgumentSpec, arguments: Mapping[str, Any]) -> Iterator[str]:
    """Yield a fault for a task that reads users and whose only condition is null."""
    null = [name for name in _SELECTORS if name in spec.argument_spec and arguments.get(name, "") is None]
    given = [name for name, value in arguments.items() if name not in CONNECTION and value is not None]
    if null and not given and not spec.required_one_of:
        yield f"{null[0]} is null, and nothing else says whom you mean. Give a value, or leave it out to read everybody."
