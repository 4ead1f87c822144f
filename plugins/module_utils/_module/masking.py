# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Secrets of a task, and how they are kept out of everything that it shows. Needs no Ansible."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from .._base.text import redact_all, visible

_Json = TypeVar("_Json", dict[str, Any], list[str])

#: The options that are ``no_log``.
SECRET_OPTIONS = ("api_token", "admin_api_key")
#: The options that are addresses. They are no place for a secret, and refused with one; but who put one there must not read it in
#: a log.
_ADDRESS_OPTIONS = ("api_url", "admin_api_url")
#: What a result shows in the place of a secret option, as the results of Ansible's own modules do.
NOT_SHOWN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def shown_arguments(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a task as its result repeats them.

    Of a roster only the number of rows is shown: it is as long as the rest of the result, and what Ansible logs and AWX keeps
    need not hold everybody's data once more.
    """
    shown = dict(parameters)
    shown.update((name, NOT_SHOWN) for name in SECRET_OPTIONS if shown.get(name))
    if (users := shown.get("users")) is not None:
        shown["users"] = f"{len(users)} rows" if isinstance(users, list) else "no list"
    for name in _ADDRESS_OPTIONS:
        if isinstance(shown.get(name), str):
            url = re.sub(r"//.*@", "//********@", shown[name], flags=re.DOTALL)
            shown[name] = re.sub(r"[?#].*", "?********", url, flags=re.DOTALL)
    return shown


def secrets_in(parameters: Mapping[str, Any]) -> set[str]:
    """Return what must not be shown of the arguments: each secret as it was given, as it is sent, and as messages quote it.

    They differ for a secret with quotes, backslashes or blanks at its ends, which Ansible would not find. A blank is no secret.
    """
    options = (str(parameters.get(name) or "") for name in SECRET_OPTIONS)
    given = {secret for secret in options if secret.strip()}
    sent = {secret.strip() for secret in given}
    return given | sent | {form(secret)[1:-1] for secret in sent for form in (json.dumps, repr)}


def without_secrets(result: _Json, parameters: Mapping[str, Any]) -> _Json:
    """Return a result or warnings without the secrets of its task, in whatever spelling they are in it."""
    # A secret may be a part of another one, which is then struck out first.
    shown: _Json = redact_all(result, *sorted(secrets_in(parameters), key=len, reverse=True))
    return shown


def shown_warnings(warnings: Iterable[str], parameters: Mapping[str, Any]) -> list[str]:
    """Return warnings as they can be shown: nothing in them controls a terminal, and no secret of the task is in them.

    Ansible-core 2.19 and newer do not look for secrets there.
    """
    return without_secrets([visible(warning) for warning in warnings], parameters)
