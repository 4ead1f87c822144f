# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Check the arguments of a task as they were written, before Ansible converts them.

YAML reads ``+442079460000`` and ``00123`` as numbers, and ``NO`` as a boolean. An option of type ``str`` has become text before
a module sees it, without the plus, without the zeros, or as "False"; so this can only be seen here, for both ways of running.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.text import abbreviated
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import CONNECTION, ArgumentSpec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.masking import SECRET_OPTIONS

#: Texts that are identifiers: a number has lost zeros or a plus, or may have.
_IDENTIFIERS = ("user_name", "user_id", "external_id", "customer_id", "plan_digest", "protected", *SECRET_OPTIONS)
#: What says whom to read; null in one of these alone is a variable that was not filled, and no wish to read everybody.
_WHO = ("user_name", "user_id", "external_id", "filter")
_PHONES = 'a list such as [{type: mobile, value: "+442079460000"}]; [] clears the numbers'


def without_nulls(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that were given: null is not given, as if the option were left out."""
    return {name: value for name, value in arguments.items() if value is not None}


def fault_in(spec: ArgumentSpec, arguments: Mapping[str, Any]) -> str | None:
    """Say what is wrong with the types of the arguments of a task, all of it, or return None.

    :param arguments: As the task has them, templates filled, nulls included.
    """
    faults = [*_unfilled(spec, arguments)]
    for name, option in spec.options.items():
        value = arguments.get(name)
        if value is None:
            continue
        if name == "phone_numbers":
            faults += _in_phones(value)
        elif option.get("type") in ("str", "path") and "choices" not in option:
            faults += _in_text(name, name, value)
        elif option.get("elements") == "str" and isinstance(value, (list, tuple)):
            for number, part in enumerate(value, start=1):
                faults += _in_text(name, f"{name}, entry {number},", part)
    if not faults:
        return None
    who = next((arguments[name] for name in ("user_name", "user_id") if isinstance(arguments.get(name), str)), "")
    return f"{abbreviated(who)}: {' '.join(faults)}" if who else " ".join(faults)


def _in_text(name: str, place: str, value: Any) -> Iterator[str]:
    """Tell what cannot have been meant as a text. The value is not repeated: it may be a secret."""
    if isinstance(value, bool):
        yield f"{place} must be text, not a boolean: quote it. YAML reads words such as NO, off and yes as booleans."
    elif name in _IDENTIFIERS and isinstance(value, (int, float, dt.date)):
        yield f"{place} must be text, not {_kind(value)}: quote it, or a leading zero or plus is lost."


def _in_phones(value: Any) -> Iterator[str]:
    if not isinstance(value, (list, tuple)):
        yield f"phone_numbers is {'empty text' if value == '' else _kind(value)}, and must be {_PHONES}."
        return
    for number, entry in enumerate(value, start=1):
        place = f"phone_numbers, entry {number},"
        if not isinstance(entry, Mapping):
            yield f"{place} is {_kind(entry)}. Give {_PHONES}."
        elif isinstance(entry.get("value"), (bool, int, float, dt.date)):
            told = _kind(entry["value"])
            yield f"{place} value must be text, not {told}: quote it, or a leading zero or plus is lost."


def _kind(value: Any) -> str:
    """Name the type of a value as YAML calls it. Newer releases of ansible-core have classes of their own for each."""
    if isinstance(value, bool):
        return "a boolean"
    for types, name in (
        (str, "text"),
        ((int, float), "a number"),
        (dt.date, "a date"),
        (Mapping, "a dictionary"),
        ((list, tuple), "a list"),
    ):
        if isinstance(value, types):
            return name
    return "nothing" if value is None else type(value).__name__


def _unfilled(spec: ArgumentSpec, arguments: Mapping[str, Any]) -> Iterator[str]:
    """Tell of a task that reads users and whose only condition is null; where somebody must be named, Ansible says so."""
    empty = [name for name in _WHO if name in spec.options and name in arguments and arguments[name] is None]
    given = [name for name, value in arguments.items() if name not in CONNECTION.options and value is not None]
    if empty and not given and not spec.required_one_of:
        yield f"{empty[0]} is null, and nothing else says whom you mean. Give a value, or leave it out to read everybody."
