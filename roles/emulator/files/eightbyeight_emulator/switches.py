# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches of the emulated tenant: one for every thing that nobody outside 8x8 knows.

The numbers in ``source`` point into the project's fact sheet about the 8x8 SCIM API ("11.3" is the third
unknown, "K4" the fourth contradiction, "3" the attribute table). The default is the value that hurts a
careless client most, except where a source says what 8x8 does: then the default follows the source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

EXTENSION_URN = "urn:ietf:params:scim:schemas:extension:8x8:1.1:User"
"""The URN that Microsoft, JumpCloud and third parties use (fact sheet, K1)."""

OTHER_EXTENSION_URN = "urn:8x8:scim:schemas:extension:8x8user:2.0:User"
"""The URN of 8x8's own Azure mapping pages (fact sheet, K1)."""

NORMALIZERS = ("strip", "upper", "lower", "digits")


class SwitchError(ValueError):
    """A switch that does not exist, or a value that it does not have."""


@dataclass(frozen=True)
class Switch:
    """One unknown of the API: its possible values, the one we start with, and why it exists."""

    default: Any
    values: tuple[Any, ...]
    """The allowed values; empty when ``check`` decides."""

    meaning: str
    source: str
    check: Callable[[Any], Any] | None = None
    form: str = ""
    """How the values are written in documentation when ``check`` decides."""

    def allowed(self) -> str:
        """Return the allowed values as one line of text."""
        return self.form or " | ".join(
            str(value).lower() if isinstance(value, bool) else str(value) for value in self.values
        )

    def parse(self, name: str, value: Any) -> Any:
        """Return the canonical form of a value, so that ``"400"`` and ``400`` are the same choice."""
        if self.check is not None:
            try:
                return self.check(value)
            except (TypeError, ValueError):
                raise SwitchError(f"switch {name}: {value!r} is not one of: {self.allowed()}") from None
        for candidate in self.values:
            if str(candidate).lower() == str(value).lower():
                return candidate
        raise SwitchError(f"switch {name}: {value!r} is not one of: {self.allowed()}")


def _integer(minimum: int | None) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool):
            raise ValueError
        number = int(value)
        if minimum is not None and number < minimum:
            raise ValueError
        return number

    return check


def _milliseconds(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or not 0 <= number < 600_000:
        raise ValueError
    return number


def _paths(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(path, str) for path in value):
        raise ValueError
    return list(value)


def _normalizers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(
        isinstance(path, str) and rule in NORMALIZERS for path, rule in value.items()
    ):
        raise ValueError
    return dict(value)


def parse_rate(value: str) -> tuple[int, float]:
    """Return (requests, seconds) of a rate such as ``10/1s`` or ``100/60``."""
    match = re.fullmatch(r"(\d+)/(\d+(?:\.\d+)?)s?", value.strip())
    if match is None or float(match[2]) <= 0:
        raise ValueError(value)
    return int(match[1]), float(match[2])


def _rate(value: Any) -> str | None:
    if value is None or value in ("", "null", "none"):
        return None
    if not isinstance(value, str):
        raise TypeError
    parse_rate(value)
    return value


SWITCHES: Mapping[str, Switch] = {
    # -- Who can be created ------------------------------------------------------------------------
    "missing_email": Switch(
        "noreply",
        ("noreply", "refuse"),
        "POST or PUT without an e-mail: it becomes noreply@8x8.com, or 400 invalidValue",
        "3, K4, 11.10",
    ),
    "other_emails": Switch(
        "drop",
        ("drop", "keep"),
        "a second e-mail address is dropped without a word (only one is supported), or kept",
        "3",
    ),
    "other_phones": Switch(
        "drop",
        ("drop", "keep"),
        "phone numbers beyond one mobile and one work number are dropped without a word, or kept",
        "3, 11.18",
    ),
    "primary": Switch(
        "forced",
        ("forced", "as_sent"),
        "`primary` is always true on e-mail and mobile and false on work phone, or kept as sent",
        "3",
    ),
    "user_name_case": Switch(
        "insensitive",
        ("insensitive", "exact"),
        "whether Ada and ada are the same login name",
        "11.15",
    ),
    "user_name_pattern": Switch(
        "any",
        ("any", "admin_api"),
        "any userName, or only what the Administration API takes (3-70 characters, no +, no space)",
        "3 (userName limits)",
    ),
    "names": Switch(
        "any",
        ("any", "ascii_only", "folded"),
        "names outside ASCII are kept, refused with 400, or silently lose their accents",
        "11.17",
    ),
    "work_phone": Switch(
        "keep",
        ("keep", "drop", "refuse"),
        "a phone number of type work: kept, dropped without a word, or 400 invalidValue",
        "3, K3",
    ),
    "missing_attribute": Switch(
        "400 invalidValue",
        ("400 invalidValue", "400 invalidSyntax", 400, 422),
        "how a POST or PUT without a mandatory attribute is refused; a number alone comes without scimType",
        "3, 11.1",
    ),
    "unsupported_value": Switch(
        "400 invalidValue",
        ("400 invalidValue", 400, 422),
        "how a locale, time zone, name, userName, e-mail address or phone number that the tenant does not take is refused; "
        "a number alone comes without scimType",
        "11.1, 11.16",
    ),
    "unknown_site": Switch(
        "400 invalidValue",
        ("400 invalidValue", 400, 404, 409, "ignore"),
        "a site that does not exist: refused (a number alone comes without scimType), or everything but the site is done",
        "3 (site renamed in console), 11.1",
    ),
    "duplicate": Switch(
        409,
        (409, 400),
        "a taken userName answers 409 uniqueness, or 400 in the form of the sister API",
        "K8, 5.6, 11.1",
    ),
    "create_inactive_duplicate": Switch(
        "conflict",
        ("conflict", "reactivate"),
        "POST with a deactivated user's userName is a conflict, or brings that user back",
        "2.13, 11.14",
    ),
    "all_users": Switch(
        False,
        (False, True),
        "whether users made in Admin Console can be seen (their login names conflict either way)",
        "4.8, 4.9",
    ),
    "unknown_locale": Switch(
        "refuse",
        ("refuse", "accept", "site_default"),
        "a locale that 8x8 does not list: refused, kept, or silently replaced by the default",
        "K15, 11.16",
    ),
    "unknown_timezone": Switch(
        "refuse",
        ("refuse", "accept", "site_default"),
        "a time zone that is no Olson name: refused, kept, or silently replaced by the default",
        "11.16",
    ),
    # -- What a change does ------------------------------------------------------------------------
    "put_without_site": Switch(
        "clear",
        ("clear", "keep", "refuse"),
        "PUT that leaves a set site out: the user loses it, keeps it, or 400 mutability",
        "11.10",
    ),
    "changed_site": Switch(
        "400 mutability",
        ("400 mutability", 400, 409, "ignore", "accept"),
        "PUT with another site than the set one: refused (a number alone comes without scimType), everything but the site "
        "is done, or the site changes",
        "3, K10, 11.1",
    ),
    "inherited_site": Switch(
        False,
        (False, True),
        "whether a user without a site is answered with the first site of the tenant, as if it were the user's own",
        "11.13",
    ),
    "put_without_active": Switch(
        "deactivate",
        ("deactivate", "keep", "activate"),
        "PUT that leaves `active` out",
        "9.4, 11.10",
    ),
    "put_rename": Switch(
        "accept",
        ("accept", "refuse", "ignore"),
        "PUT with another userName: the login name changes, 400 mutability, or nothing happens",
        "K5, 11.9",
    ),
    "put_inactive": Switch(
        "accept",
        ("accept", "refuse"),
        "PUT on a deactivated user: done, or 400 unless it also reactivates the user",
        "6, 11.10",
    ),
    "patch": Switch(
        200,
        (200, 204, 405, 501),
        "what PATCH answers: 200 with a body, 204 without, or not supported at all",
        "2.10, 11.8",
    ),
    "patch_other": Switch(
        "ignore",
        ("ignore", 400, 501, "apply"),
        "PATCH of anything but `active`: 200 and nothing happens, 400, 501, or it is applied",
        "2.8, K9, 11.8",
    ),
    "patch_path_form": Switch(
        "accept",
        ("accept", "refuse", "require"),
        'PATCH with "path": "active" and PATCH without `path`: both are understood, only the latter, or only the former; '
        "the other is 400 invalidPath",
        "2.9, 11.8",
    ),
    "answers": Switch(
        "partial",
        ("partial", "full", "none"),
        "what PATCH answers with: {id, userName, active}, the whole user, or a 200 with no body",
        "2.10",
    ),
    "write_answers": Switch(
        "full",
        ("full", "partial"),
        "what POST and PUT answer with: the whole user, or {id, userName, active}",
        "2.6",
    ),
    "delete": Switch(
        "deactivate",
        ("deactivate", "remove"),
        "DELETE deactivates and the record stays, or the record is gone as RFC 7644 3.6 wants",
        "2.3, 2.5, K7, 11.11",
    ),
    "repeated_delete": Switch(
        204,
        (204, 404, 400),
        "DELETE of a user who is deactivated already",
        "11.11",
    ),
    "repeated_patch": Switch(
        "accept",
        ("accept", 400),
        "PATCH of `active` to what it is already: done like any other, or 400 invalidValue",
        "11.11",
    ),
    # -- What a question answers -------------------------------------------------------------------
    "discovery": Switch(
        False,
        (False, True),
        "whether ServiceProviderConfig, ResourceTypes and Schemas exist",
        "4.7, 11.5",
    ),
    "bulk": Switch(404, (404, 405, 501), "what POST to Bulk answers, which 8x8 does not list", "2.2, 11.5"),
    "filter": Switch(
        "user_name_only",
        ("user_name_only", "all", "refused", "ignored"),
        'only `userName eq "x"` works, every filter works, every filter is 400 invalidFilter, or every '
        "filter is ignored and everybody comes back",
        "4.4-4.6, 9.6, 11.4",
    ),
    "attributes_parameter": Switch(
        "ignored",
        ("ignored", "applied"),
        "the `attributes` and `excludedAttributes` query parameters",
        "11.5",
    ),
    "sort": Switch("ignored", ("ignored", "applied"), "the `sortBy` and `sortOrder` query parameters", "11.5"),
    "order": Switch(
        "creation",
        ("creation", "newest_first"),
        "the order of a list; newest first moves everybody down when a user is created between two pages",
        "11.3",
    ),
    "max_page": Switch(
        100, (), "the most users one page holds", "4.3, 11.3", check=_integer(1), form="integer, 1 or more"
    ),
    "default_page": Switch(
        100,
        (),
        "the users of a page when `count` is not sent",
        "4.3, 11.3",
        check=_integer(1),
        form="integer, 1 or more",
    ),
    "list_payload": Switch(
        "full",
        ("full", "partial"),
        "what a list holds of each user: everything, or id, userName, name, active, emails",
        "2.7a",
    ),
    "count_zero": Switch(
        "empty",
        ("empty", "default_page"),
        "count=0 answers the total only (RFC 7644 3.4.2.4), or a page of the default size",
        "11.3",
    ),
    "start_past_end": Switch(
        "empty",
        ("empty", "refuse"),
        "startIndex behind the last user: an empty page, or 400 invalidValue",
        "11.3",
    ),
    "empty_resources": Switch(
        "absent",
        ("absent", "array"),
        "when nobody matches, `Resources` is left out (RFC 7644 3.4.2 allows it) or is []",
        "8 (Lists)",
    ),
    "page_repeats": Switch(
        False,
        (False, True),
        "each page after the first starts with the last user of the page before; totalResults is right, and "
        "a client that goes on until it has them all gets them all",
        "8 (no snapshot guarantee)",
    ),
    "page_loses": Switch(
        False, (False, True), "one user is missing at each page boundary", "8 (no snapshot guarantee)"
    ),
    "total_off": Switch(
        0, (), "added to totalResults", "8 (Lists)", check=_integer(None), form="integer, negative too"
    ),
    "consistency_delay": Switch(
        0,
        (),
        "how many lists or filters miss a new user before they show it (GET by id shows it at once)",
        "11.19",
        check=_integer(0),
        form="integer, 0 or more",
    ),
    "change_delay": Switch(
        0,
        (),
        "how many lists or filters show a changed user as before the change (GET by id shows it at once)",
        "11.19",
        check=_integer(0),
        form="integer, 0 or more",
    ),
    # -- How it is said ----------------------------------------------------------------------------
    "extension_urn": Switch(
        EXTENSION_URN,
        (EXTENSION_URN, OTHER_EXTENSION_URN),
        "the URN of the 8x8 extension that is emitted",
        "K1",
    ),
    "extension_urn_input": Switch(
        "emitted",
        ("emitted", "both"),
        "which 8x8 URN is understood in a request: the emitted one (the other is stored as a stranger's, and "
        "sets no site), or both",
        "K1, 11.13",
    ),
    "extension_in_schemas": Switch(
        False, (False, True), "whether `schemas` of a user lists the 8x8 extension it carries", "11.13"
    ),
    "nulls": Switch(False, (False, True), "whether unset attributes are answered as null", "2.7, 9.9"),
    "etags": Switch(False, (False, True), "meta.version, ETag, If-Match and 412", "11.6"),
    "media_type": Switch(
        "application/scim+json",
        ("application/scim+json", "application/json", "application/scim+json; charset=utf-8"),
        "the Content-Type of answers",
        "1.14, 11.7",
    ),
    "error_status_type": Switch(
        "string",
        ("string", "number", "missing"),
        "how `status` is written in an error body (RFC 7644 3.12 wants a string)",
        "8 (Errors), 11.1",
    ),
    "error_detail": Switch(
        "explained",
        ("explained", "phrase", "missing"),
        "the text of an error: what is wrong, the words of the status such as Bad Request, or none",
        "5.1, 11.1",
    ),
    "unknown_id": Switch(
        404,
        (404, "404 empty", "404 html", 400),
        "what an id that nobody has answers: a SCIM error, no body, a web page, or 400 invalidValue",
        "11.1",
    ),
    "wrong_customer": Switch(404, (404, 403), "what a wrong customer id in the URL answers", "11.1"),
    "bad_token": Switch(401, (401, 403), "what a missing or wrong token answers", "5.7, 11.1"),
    "second_client": Switch(
        "refuse",
        ("refuse", "allow"),
        "writes with the read-only token of a second client: 403, or done",
        "1.10, 1.11, 11.12",
    ),
    "drop_attributes": Switch(
        [],
        (),
        "SCIM paths that are silently dropped from every write",
        "2.8, 11.16",
        check=_paths,
        form='list of paths, e.g. ["title", "name.middleName"]',
    ),
    "normalize": Switch(
        {},
        (),
        "SCIM paths whose values are silently rewritten on every write",
        "9.8",
        check=_normalizers,
        form='map of path to strip | upper | lower | digits, e.g. {"phoneNumbers": "digits"}',
    ),
    # -- Speed and limits --------------------------------------------------------------------------
    "rate_limit": Switch(
        None,
        (),
        "a real limiter over a sliding window; null is no limit",
        "5.2, 5.3, 11.2",
        check=_rate,
        form='null or "REQUESTS/SECONDSs", e.g. "10/1s"',
    ),
    "rate_limit_form": Switch(
        "retry_after_seconds",
        ("retry_after_seconds", "retry_after_date", "x_ratelimit_reset", "none", "http_500"),
        "how the limiter says no: 429 with a Retry-After in seconds or as a date, with x-ratelimit-reset "
        "only, with nothing, or a 500",
        "5.3, 5.4, 11.2",
    ),
    "latency_ms": Switch(
        0.0, (), "milliseconds added to every request", "11.2", check=_milliseconds, form="number, 0 or more"
    ),
}


class Switches:
    """The positions of all switches, with attribute access.

    ``generation`` grows with every change, so that whoever caches something that depends on a switch can
    tell when it went stale.
    """

    def __init__(self, positions: Mapping[str, Any] | None = None) -> None:
        self.generation = 0
        self._positions: dict[str, Any] = {}
        self.replace(positions or {})

    def replace(self, positions: Mapping[str, Any]) -> None:
        """Put every switch on its default, then move the named ones."""
        moved = self._parse(positions)
        self._positions = {name: switch.default for name, switch in SWITCHES.items()} | moved
        self.generation += 1

    def update(self, positions: Mapping[str, Any]) -> None:
        """Move the named switches; nothing moves when one of them is wrong."""
        self._positions = self._positions | self._parse(positions)
        self.generation += 1

    @staticmethod
    def _parse(positions: Mapping[str, Any]) -> dict[str, Any]:
        parsed = {}
        for name, value in positions.items():
            switch = SWITCHES.get(name)
            if switch is None:
                raise SwitchError(f"no switch named {name!r}; there are: {', '.join(SWITCHES)}")
            parsed[name] = switch.parse(name, value)
        return parsed

    def as_dict(self) -> dict[str, Any]:
        """Return the position of every switch."""
        return dict(self._positions)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_positions"][name]
        except KeyError:
            raise AttributeError(name) from None
