# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules for e-mail addresses and phone numbers (fact sheet, section 3, K3, K4)."""

from __future__ import annotations

from typing import Any

from .documents import Document
from .refusals import refusal
from .switches import Switches

NO_REPLY = "noreply@8x8.com"
"""What a missing e-mail becomes (fact sheet, section 3)."""


def settle_emails(document: Document, switches: Switches) -> None:
    """Apply the rules for e-mail addresses: one of type work is the mandatory one, and only that is supported.

    An entry without a type, or of plain text, counts as one of type work.
    """
    entries = [as_entry(item) for item in document.get("emails", [])]
    entries = [entry for entry in entries if entry.get("value")]
    for entry in entries:
        if "@" not in str(entry["value"]):
            raise refusal(switches.unsupported_value, "emails.value is not an e-mail address")
    entries.sort(key=lambda entry: not _is_work(entry))
    if not entries or not _is_work(entries[0]):
        if switches.missing_email == "refuse":
            raise refusal(switches.missing_attribute, "Missing mandatory attributes: emails of type work")
        entries.insert(0, {"value": NO_REPLY, "type": "work"})
    if switches.other_emails == "drop":
        del entries[1:]
    for index, entry in enumerate(entries):
        if switches.primary == "forced":
            entry["primary"] = index == 0
    document["emails"] = entries


def settle_phones(document: Document, switches: Switches) -> None:
    """Apply the rules for phone numbers: one mobile and one work number."""
    kept: list[Document] = []
    seen: set[str] = set()
    for item in document.get("phoneNumbers", []):
        entry = as_entry(item)
        kind = str(entry.get("type", ""))
        if str(entry.get("value") or "").strip() == "":
            raise refusal(switches.unsupported_value, "phoneNumbers.value is missing")
        if kind == "work" and switches.work_phone == "refuse":
            raise refusal(switches.unsupported_value, "A work phone number cannot be set")
        if kind == "work" and switches.work_phone == "drop":
            continue
        if switches.other_phones == "drop" and (kind not in ("mobile", "work") or kind in seen):
            continue
        seen.add(kind)
        if switches.primary == "forced":
            entry["primary"] = kind == "mobile" and not any(other.get("primary") for other in kept)
        kept.append(entry)
    document["phoneNumbers"] = kept


def as_entry(item: Any) -> Document:
    """Return an entry of its own; plain text is its value."""
    return dict(item) if isinstance(item, dict) else {"value": item}


def _is_work(entry: Document) -> bool:
    return str(entry.get("type", "work")).lower() == "work"
