# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant starts with: a file of sites and people, read with an error for each thing that is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .documents import SITE_KEY, Document
from .schemas import ENTERPRISE, Site

REQUIRED = ("user_name", "given_name", "family_name")
TEXTS = (*REQUIRED, "email", "title", "department", "site", "locale", "timezone", "external_id", "origin")
OTHERS = ("active", "phone_numbers", "extra", "services")


class SeedError(ValueError):
    """A seed that cannot be used. The message says what is wrong with it, and where."""


@dataclass
class Seed:
    """What a tenant starts with."""

    sites: list[Site]
    people: list[dict[str, Any]]
    other_tenants: list[str]

    @classmethod
    def read(cls, source: Any) -> Seed:
        """Read a seed from a file, from the content of one, or from a list of people.

        :raises SeedError: When it cannot be used.
        """
        if isinstance(source, Seed):
            return source
        if isinstance(source, (str, Path)):
            return _from_file(Path(source))
        if isinstance(source, list):
            return cls(cls.bundled().sites, _people(source), [])
        if not isinstance(source, dict):
            raise SeedError("a seed is an object with sites and people, or a list of people")
        unknown = sorted(set(source) - {"sites", "people", "other_tenants"})
        if unknown:
            raise SeedError(f"unknown key {unknown[0]!r}; known are sites, people and other_tenants")
        return cls(
            [_site(number, site) for number, site in enumerate(_list(source, "sites"), start=1)],
            _people(_list(source, "people")),
            [str(name) for name in _list(source, "other_tenants")],
        )

    @classmethod
    def bundled(cls) -> Seed:
        """Return the fictional company that comes with the emulator."""
        return cls.read(Path(__file__).resolve().parent.parent / "people.json")


def _from_file(path: Path) -> Seed:
    try:
        return Seed.read(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SeedError(f"the file of people {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SeedError(f"the file of people {path} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise SeedError(f"the file of people {path} is not JSON: line {error.lineno}: {error.msg}") from error
    except SeedError as error:
        raise SeedError(f"the file of people {path} cannot be used: {error}") from error


def _list(source: dict[str, Any], key: str) -> list[Any]:
    value = source.get(key, [])
    if not isinstance(value, list):
        raise SeedError(f"{key} must be a list")
    return value


def _site(number: int, site: Any) -> Site:
    known = [field.name for field in fields(Site)]
    if not isinstance(site, dict) or not site.get("name") or set(site) - set(known):
        raise SeedError(
            f"sites, entry {number}: must be an object with name, and nothing else but {', '.join(known[1:])}"
        )
    return Site(**site)


def _people(people: list[Any]) -> list[dict[str, Any]]:
    for number, person in enumerate(people, start=1):
        where = f"people, entry {number}"
        if not isinstance(person, dict):
            raise SeedError(f"{where}: must be an object with {', '.join(REQUIRED)}")
        missing = [key for key in REQUIRED if not person.get(key)]
        if missing:
            raise SeedError(f"{where}: {', '.join(missing)} is missing")
        unknown = sorted(set(person) - {*TEXTS, *OTHERS})
        if unknown:
            raise SeedError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join((*TEXTS, *OTHERS))}")
        wrong = [key for key in TEXTS if not isinstance(person.get(key) or "", str)]
        if wrong:
            raise SeedError(f"{where}: {wrong[0]} must be text")
    return people


def seeded_document(person: dict[str, Any], sites: dict[str, Site]) -> Document:
    """Return the document of a person of a seed file.

    ``extra`` is merged into the document as it is, for attributes that the short form has no name for.
    """
    site = sites.get(person.get("site") or "")
    if person.get("site") and site is None:
        raise SeedError(f"{person['user_name']}: there is no site {person['site']!r}")
    document: Document = {
        "userName": person["user_name"],
        "name": {"givenName": person["given_name"], "familyName": person["family_name"]},
        "emails": [{"value": person.get("email") or person["user_name"], "type": "work", "primary": True}],
        "active": person.get("active", True),
        "locale": person.get("locale") or (site.locale if site else None) or "en-US",
    }
    optional = {
        "title": person.get("title"),
        "timezone": person.get("timezone") or (site.timezone if site else None),
        "externalId": person.get("external_id"),
        "phoneNumbers": [
            {"value": phone["value"], "type": phone["type"], "primary": phone["type"] == "mobile"}
            for phone in person.get("phone_numbers") or []
        ],
        ENTERPRISE: {"department": person["department"]} if person.get("department") else None,
        SITE_KEY: {"site": site.name} if site else None,
    }
    document.update({key: value for key, value in optional.items() if value})
    document.update(person.get("extra") or {})
    return document
