# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Where the releases of ansible-core differ for us. No other room knows."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.module_utils.common import json as core_json
from ansible.utils.unsafe_proxy import wrap_var

#: How ansible-core itself takes in the result of a module, from 2.19 on: a failure is then told as that of a module. It is not
#: public, so another release may have it elsewhere; then a failure is told as that of an action, and nothing else changes.
_TAKE_IN: Callable[[dict[str, Any]], dict[str, Any]] | None = None
with contextlib.suppress(ImportError, AttributeError):
    from ansible._internal._errors._captured import (  # type: ignore[import-not-found,attr-defined,unused-ignore]
        AnsibleModuleCapturedError,  # ansible-core 2.19 and 2.20
    )

    def _capture(result: dict[str, Any]) -> dict[str, Any]:
        AnsibleModuleCapturedError.normalize_result_exception(result)
        return result

    AnsibleModuleCapturedError.normalize_result_exception  # noqa: B018 - is it there?
    _TAKE_IN = _capture
with contextlib.suppress(ImportError, AttributeError):
    from ansible._internal._task import (  # type: ignore[import-not-found,attr-defined,unused-ignore]
        UnifiedTaskResult,  # ansible-core 2.21
    )

    def _unify(result: dict[str, Any]) -> dict[str, Any]:
        taken: dict[str, Any] = UnifiedTaskResult.from_module_result_dict(result).as_result_dict(for_round_trip=True)
        return taken

    UnifiedTaskResult.from_module_result_dict  # noqa: B018 - is it there?
    _TAKE_IN = _unify

#: How ansible-core is told of secrets, from 2.22 on. It would learn of those of a module only when the module has ended, and with
#: ANSIBLE_DEBUG shows what came from it before that.
_REGISTER: Callable[[Iterable[str]], None] | None = None
with contextlib.suppress(ImportError):
    from ansible.module_utils import secrets as core_secrets  # type: ignore[attr-defined,unused-ignore]

    _REGISTER = core_secrets.register_secrets


def mask(secrets: Iterable[str]) -> None:
    """Let Ansible strike secrets out of what it shows from now on, where it can: from ansible-core 2.22 on."""
    if _REGISTER is not None:
        _REGISTER(secrets)


def _argument_encoder() -> dict[str, Any]:
    """Return how arguments are written for a module, as keyword arguments of ``json.dumps``."""
    if hasattr(core_json, "get_module_encoder"):  # ansible-core 2.19 and newer
        return {"cls": core_json.get_module_encoder("legacy", core_json.Direction.CONTROLLER_TO_MODULE)}
    return {"cls": core_json.AnsibleJSONEncoder, "vault_to_text": True}


def as_module_sees(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task's arguments as a module would get them: dates as text, vaulted values in the clear, no tags."""
    seen: dict[str, Any] = json.loads(json.dumps(dict(arguments), **_argument_encoder()))
    return seen


#: Texts of the results of this process. A loop keeps the results of all its items, in which most texts are the same ones.
_texts: dict[str, str] = {}


def _text_once(text: str) -> str:
    known = _texts.get(text)
    if known is None:
        # Wrapped here already, because ansible-core 2.16 would make a new text of each.
        known = _texts[text] = wrap_var(text)
    return known


def _with_texts_once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {_text_once(name): _text_once(value) if isinstance(value, str) else value for name, value in pairs}


def as_module_result(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result as if it had come from a module: plain JSON, and nothing in it is ever a template."""
    plain: dict[str, Any] = wrap_var(json.loads(json.dumps(result), object_pairs_hook=_with_texts_once))
    return plain if _TAKE_IN is None else _TAKE_IN(plain)
