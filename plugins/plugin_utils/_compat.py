# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""The differences between releases of ansible-core that matter here. No other file depends on a release."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.module_utils.common import json as core_json
from ansible.utils.unsafe_proxy import AnsibleUnsafe, wrap_var

#: From ansible-core 2.19 on: its function that converts the result of a module, so that a failure looks like that of a
#: module. It is not public. If a release does not have it, a failure looks like that of an action, and nothing else
#: changes.
_CONVERT: Callable[[dict[str, Any]], dict[str, Any]] | None = None
with contextlib.suppress(ImportError, AttributeError):
    from ansible._internal._errors._captured import (  # type: ignore[import-not-found,attr-defined,unused-ignore]
        AnsibleModuleCapturedError,  # ansible-core 2.19 and 2.20
    )

    def _capture(result: dict[str, Any]) -> dict[str, Any]:
        AnsibleModuleCapturedError.normalize_result_exception(result)
        return result

    AnsibleModuleCapturedError.normalize_result_exception  # noqa: B018 - is it there?
    _CONVERT = _capture
with contextlib.suppress(ImportError, AttributeError):
    from ansible._internal._task import (  # type: ignore[import-not-found,attr-defined,unused-ignore]
        UnifiedTaskResult,  # ansible-core 2.21
    )

    def _unify(result: dict[str, Any]) -> dict[str, Any]:
        taken: dict[str, Any] = UnifiedTaskResult.from_module_result_dict(result).as_result_dict(for_round_trip=True)
        return taken

    UnifiedTaskResult.from_module_result_dict  # noqa: B018 - is it there?
    _CONVERT = _unify

#: From 2.19 on: the type of a part of a variable that is not templated yet. It is not public. Without it, reading takes
#: longer.
_LAZY: Any = None
with contextlib.suppress(ImportError):
    from ansible._internal._templating._lazy_containers import (  # type: ignore[import-not-found,attr-defined,unused-ignore]
        _LazyValue,
    )

    _LAZY = _LazyValue

#: Whether text counts as a template unless it is marked as unsafe. That is so before 2.19; later, only marked text is a
#: template.
_MARKS_UNSAFE = isinstance(wrap_var(""), AnsibleUnsafe)

#: From 2.22 on: the function that registers secrets. Without it, ansible-core knows the secrets of a module only when
#: the module has ended, and with ANSIBLE_DEBUG it shows output of the module before that.
_REGISTER: Callable[[Iterable[str]], None] | None = None
with contextlib.suppress(ImportError):
    from ansible.module_utils import secrets as core_secrets  # type: ignore[attr-defined,unused-ignore]

    _REGISTER = core_secrets.register_secrets


def mask(secrets: Iterable[str]) -> None:
    """Let Ansible mask secrets in all later output. Only ansible-core 2.22 and later can do that."""
    if _REGISTER is not None:
        _REGISTER(secrets)


def _argument_encoder() -> dict[str, Any]:
    """Return the keyword arguments of ``json.dumps`` with which Ansible writes the arguments of a module."""
    if hasattr(core_json, "get_module_encoder"):  # ansible-core 2.19 and newer
        return {"cls": core_json.get_module_encoder("legacy", core_json.Direction.CONTROLLER_TO_MODULE)}
    return {"cls": core_json.AnsibleJSONEncoder, "vault_to_text": True}


def as_module_sees(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a task as a module gets them: dates as text, vaulted values decrypted, no tags."""
    seen: dict[str, Any] = json.loads(json.dumps(dict(arguments), **_argument_encoder()))
    return seen


def as_module_result(result: Mapping[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """Return a result in the form of a module's result: plain JSON without templates.

    :param texts: The texts of earlier results. A loop keeps the results of all items, so equal texts are stored only
        once.
    """

    def shared(text: str) -> str:
        known = texts.get(text)
        if known is None:
            # It is marked as unsafe here. Otherwise ansible-core 2.16 would copy each text.
            known = texts[text] = wrap_var(text) if _MARKS_UNSAFE else text
        return known

    def with_shared_texts(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        return {shared(name): shared(value) if isinstance(value, str) else value for name, value in pairs}

    plain: dict[str, Any] = json.loads(json.dumps(result), object_pairs_hook=with_shared_texts)
    if _MARKS_UNSAFE:
        plain = wrap_var(plain)
    return plain if _CONVERT is None else _CONVERT(plain)


def untemplated(value: Any) -> Any:
    """Return a value whose text does not count as a template."""
    return wrap_var(value)


def as_stored(value: Any) -> Any:
    """Return a registered result as it is stored.

    From ansible-core 2.19 on, a filter gets it in containers that look for a template in each part that is read. A
    result of a module holds none, and for thousands of people the search takes longer than the filter.
    """
    if _LAZY is None:
        return value
    if isinstance(value, _LAZY):
        value = value.value
    if isinstance(value, dict):
        return {name: as_stored(part) for name, part in dict.items(value)}
    return [as_stored(part) for part in list.__iter__(value)] if isinstance(value, list) else value
