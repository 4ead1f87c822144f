# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Keeps the secrets of a task out of everything that it shows. Needs no Ansible."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from .._base.text import redact_all, visible

_Json = TypeVar("_Json", dict[str, Any], list[str])

#: The options that are ``no_log``.
SECRET_OPTIONS = ("api_token", "admin_api_key")
#: The options that are addresses. An address with a secret is refused, and the secret must not be in the log either.
_ADDRESS_OPTIONS = ("api_url", "admin_api_url")
#: What a result shows instead of a secret, as in the results of Ansible's own modules.
NOT_SHOWN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def shown_arguments(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a task as its result shows them.

    Of a roster, only the number of rows is shown. The rows are as long as the rest of the result, and the logs of
    Ansible and AWX need no second copy of personal data.
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
    """Return all spellings of the secrets in the arguments: as given, as sent, and as messages quote them.

    They differ if a secret has quotes or backslashes, or blanks at its ends. Ansible would not find those. A blank is
    no secret.
    """
    options = (str(parameters.get(name) or "") for name in SECRET_OPTIONS)
    given = {secret for secret in options if secret.strip()}
    sent = {secret.strip() for secret in given}
    return given | sent | {form(secret)[1:-1] for secret in sent for form in (json.dumps, repr)}


def without_secrets(result: _Json, parameters: Mapping[str, Any]) -> _Json:
    """Return a result or warnings without the secrets of its task, in any spelling."""
    # A secret may be part of a longer one, so the longest one is masked first.
    shown: _Json = redact_all(result, *sorted(secrets_in(parameters), key=len, reverse=True))
    return shown


def shown_warnings(warnings: Iterable[str], parameters: Mapping[str, Any]) -> list[str]:
    """Return warnings without control characters for a terminal and without the secrets of the task.

    Ansible-core 2.19 and later do not mask secrets in warnings.
    """
    return without_secrets([visible(warning) for warning in warnings], parameters)
