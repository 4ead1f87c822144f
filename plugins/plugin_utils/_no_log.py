# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Hides the warnings of tasks with ``no_log``, because ansible-core 2.19 and later show them with personal data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def hidden(warnings: Sequence[Any]) -> list[str]:
    """Return the text to show instead of warnings."""
    if not warnings:
        return []
    what = "A warning of this task is" if len(warnings) == 1 else f"{len(warnings)} warnings of this task are"
    return [f"{what} not shown, because the task has no_log. Run it without no_log to read what it warns of."]


def without_warnings(output: str) -> str:
    """Return the output of a module with its warnings hidden. Output that is not JSON is not changed."""
    start, end = output.find("{"), output.rfind("}")
    try:
        result = json.loads(output[start : end + 1])
    except ValueError:
        return output
    if not isinstance(result, dict) or not result.get("warnings"):
        return output
    return json.dumps({**result, "warnings": hidden(result["warnings"])})
