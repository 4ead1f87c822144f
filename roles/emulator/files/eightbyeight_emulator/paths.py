# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes by their SCIM paths, as the switches drop_attributes, normalize and list_omits name them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, cast

from .documents import SITE_KEY, Document
from .schemas import CORE
from .switches import EXTENSION_URN, OTHER_EXTENSION_URN


def split(path: str, extension: str) -> list[str]:
    """Return the steps of a path. A URN has dots and colons of its own: split it at its last colon only.

    :param extension: The key under which the document keeps the 8x8 extension.
    """
    if path.lower().startswith("urn:"):
        urn, _colon, attribute = path.rpartition(":")
        if urn.lower() == CORE.lower():
            return attribute.split(".")
        if urn.lower() in (EXTENSION_URN.lower(), OTHER_EXTENSION_URN.lower()):
            urn = extension
        return [urn, *attribute.split(".")]
    return path.split(".")


def without(document: Document, path: str, extension: str = SITE_KEY) -> Document:
    """Return a document without the attribute at a path."""

    def drop(value: Any, steps: list[str]) -> Any:
        if isinstance(value, list):
            return [drop(item, steps) for item in value]
        if not isinstance(value, dict) or steps[0] not in value:
            return value
        rest = {key: item for key, item in value.items() if key != steps[0]}
        return rest if len(steps) == 1 else {**rest, steps[0]: drop(value[steps[0]], steps[1:])}

    return cast(Document, drop(document, split(path, extension)))


REWRITES: Mapping[str, Callable[[str], str]] = {
    "strip": str.strip,
    "upper": str.upper,
    "lower": str.lower,
    "nfc": lambda value: unicodedata.normalize("NFC", value),
    "nfd": lambda value: unicodedata.normalize("NFD", value),
    "digits": lambda value: "".join(character for character in value if character.isdigit()),
}


def rewritten(document: Document, path: str, rule: str) -> Document:
    """Return a document whose value at a path is rewritten; a multi-valued attribute means its values."""

    def rewrite(value: Any, steps: list[str]) -> Any:
        if isinstance(value, list):
            return [rewrite(item, steps or ["value"]) for item in value]
        if not steps:
            return REWRITES[rule](value) if isinstance(value, str) else value
        if not isinstance(value, dict) or steps[0] not in value:
            return value
        return {**value, steps[0]: rewrite(value[steps[0]], steps[1:])}

    return cast(Document, rewrite(document, split(path, SITE_KEY)))
