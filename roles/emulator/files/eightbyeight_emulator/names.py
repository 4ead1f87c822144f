# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of a user: their parts, and the attributes that hold a whole name (fact sheet, 3, 9.8)."""

from __future__ import annotations

from .documents import Document


def composed(document: Document) -> str:
    """Return the whole name that the parts make."""
    name = document.get("name", {})
    return " ".join(part for part in (name.get("givenName"), name.get("familyName")) if part)


def whole_names(document: Document, rule: str) -> Document:
    """Return a document with the whole names that the tenant answers.

    :param rule: The position of the switch ``whole_names``.
    """
    if rule == "none":
        return document
    name, whole = document.get("name", {}), composed(document)
    if rule != "derived":
        whole = name.get("formatted", whole)
    display = whole if rule == "derived" else document.get("displayName", whole)
    return {**document, "name": {**name, "formatted": whole}, "displayName": display}


def led_by_whole(document: Document, rule: str) -> Document:
    """Return a document whose parts of the name were taken from ``name.formatted``, where that is the rule.

    :param rule: The position of the switch ``whole_names``.
    """
    formatted = document.get("name", {}).get("formatted")
    if rule != "leading" or not isinstance(formatted, str) or " " not in formatted.strip():
        return document
    given, _space, family = formatted.strip().partition(" ")
    return {**document, "name": {**document["name"], "givenName": given, "familyName": family.strip()}}
