# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done with each server, in this order, and what must be in it afterwards.

A step plays one playbook or several, and raises ``AssertionError`` where the server does not hold what it should.
"""

from __future__ import annotations

import json
import os
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from programs import ENTERPRISE, HERE, TOKEN, Server

ADA = {
    "user_name": "ada.marlowe@example.org",
    "given_name": "Ada",
    "family_name": "Marlowe",
    "email": "ada.marlowe@example.org",
    "external_id": "HR-1",
    "title": "Analyst",
    "department": "R&D",
    "locale": "en-GB",
    "timezone": "Europe/London",
    "phone_numbers": [{"type": "mobile", "value": "+44 7700 900001"}, {"type": "work", "value": "+44 20 7946 0001"}],
}
#: Somebody who was there before, with values that the collection does not manage.
BO = {
    "userName": "Bo.Quill@example.org",
    "name": {"givenName": "Bo", "familyName": "Quill", "formatted": "Bo Quill"},
    "displayName": "Bo Quill",
    "nickName": "bobo",
    "active": True,
    "title": "Clerk",
    "emails": [
        {"value": "bo.quill@example.org", "type": "work", "primary": True},
        {"value": "bo.home@example.net", "type": "home"},
    ],
    ENTERPRISE: {"department": "Sales", "costCenter": "K7"},
}
BO_NAME = "Bo.Quill@example.org"
NFD = unicodedata.normalize("NFD", "jürgen.müller@example.org")
ODD = (
    "o'neil@example.org",
    'quo"ted@example.org',
    "back\\slash@example.org",
    "UPPER.Case@Example.ORG",
    NFD,
    "plus+tag@example.org",
    "名字@example.org",
)


@dataclass
class Told:
    """What a playbook said."""

    status: int
    output: str
    result: dict[str, Any]

    @property
    def why(self) -> str:
        """The first message of a failure, for people."""
        failed = [entry for entry in self.result.get("results", []) if isinstance(entry, dict)]
        words = [*(entry.get("msg") for entry in failed), self.result.get("msg")]
        return next((str(word) for word in words if word), "")


class Drive:
    """A server, and playbooks against it."""

    def __init__(self, server: Server, environment: dict[str, str]) -> None:
        self.server = server
        self._environment = environment
        self._plays = 0
        self.before: dict[str, dict[str, Any]] = {}

    def play(self, tag: str, *, works: bool = True, **variables: Any) -> Told:
        """Play the part of steps.yml with a tag, which must end well."""
        self._plays += 1
        folder = self.server.folder
        file = folder / f"{self._plays}.json"
        given = {
            "server_url": self.server.url,
            "server_token": TOKEN,
            "result_file": str(file),
            "undo_file": str(folder / "undo.json"),
            "journal_file": str(folder / "journal.jsonl"),
            **variables,
        }
        (folder / "variables.json").write_text(json.dumps(given), encoding="utf-8")
        answer = subprocess.run(
            ["ansible-playbook", str(HERE / "steps.yml"), "--tags", tag, "-e", f"@{folder / 'variables.json'}"],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **self._environment, "EIGHTBYEIGHT_STATE_DIR": str(folder / "state")},
        )
        (folder / f"{self._plays}.log").write_text(answer.stdout + answer.stderr, encoding="utf-8")
        result = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        told = Told(answer.returncode, answer.stdout + answer.stderr, result)
        if works and told.status:
            raise AssertionError(f"it fails: {told.why or _last_words(told.output)}")
        return told

    def quiet(self, tag: str, **variables: Any) -> None:
        """Play once more what was done: nothing may be written, and nothing told as changed."""
        self.server.writes()
        told = self.play(tag, **variables)
        writes = self.server.writes()
        assert not writes, f"the second run sends {', '.join(writes)}"
        assert "changed=0" in told.output, "the second run tells a change"

    def holds(self, user_name: str, **wanted: Any) -> None:
        """Look whether the server holds somebody so, as far as it has a place for it."""
        users = self.server.users()
        found = [name for name in users if _key(name) == _key(user_name)]
        assert found, f"{user_name} is not there"
        assert len(found) == 1, f"{user_name} is there {len(found)} times"
        user = users[found[0]]
        for name, value in wanted.items():
            if name == "active" or name in self.server.program.stores:
                stored = (
                    sorted((entry["type"], entry["value"]) for entry in value) if name == "phone_numbers" else value
                )
                assert (user[name] or None) == (stored or None) or user[name] is value, (
                    f"{name} of {user_name} is {user[name]!r} in the server, not {value!r}"
                )


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())


def _last_words(output: str) -> str:
    return next(
        (line.strip() for line in output.splitlines() if "msg" in line or "FAILED" in line or "ERROR" in line), ""
    )


def _wanted(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("user_name", "state")}


def create(drive: Drive) -> None:
    """A user with every attribute."""
    told = drive.play("users", people=[ADA])
    drive.holds(**ADA, active=True)
    lacking = {"title", "department", "locale", "timezone", "phone_numbers"} - drive.server.program.stores
    unsaid = sorted(name for name in lacking if name not in told.output)
    assert not unsaid, f"nothing says that {', '.join(unsaid)} is not stored"


def create_again(drive: Drive) -> None:
    """The same task once more."""
    drive.quiet("users", people=[ADA])


def update(drive: Drive) -> None:
    """A new name and title of somebody with values that are not managed."""
    drive.server.seed(BO)
    row = {"user_name": BO_NAME, "family_name": "Thorn", "title": "Boss"}
    drive.play("users", people=[row])
    emails = (
        {"emails": ["bo.home@example.net", "bo.quill@example.org"]} if "title" in drive.server.program.stores else {}
    )
    drive.holds(**row, given_name="Bo", nick_name="bobo", department="Sales", active=True)
    now = drive.server.users()[BO_NAME]
    assert not emails or now["emails"] == emails["emails"], f"of the e-mail addresses {now['emails']} are left"
    assert now["formatted"] in (None, "Bo Thorn"), f"name.formatted is still {now['formatted']!r}"
    drive.quiet("users", people=[row])


def clear(drive: Drive) -> None:
    """An empty title and no phone numbers."""
    row = {"user_name": ADA["user_name"], "title": "", "department": "", "phone_numbers": []}
    told = drive.play("users", people=[row])
    drive.holds(ADA["user_name"], given_name="Ada", locale="en-GB")
    try:
        drive.holds(**row)
    except AssertionError as kept:
        said = "title is 'Analyst', asked for empty" in " ".join(told.output.split())
        raise AssertionError(f"{kept}; the task {'says so' if said else 'does not say so'}") from kept
    drive.quiet("users", people=[row])


def deactivate(drive: Drive) -> None:
    """``state: absent``, in capitals."""
    row = {"user_name": str(ADA["user_name"]).upper(), "state": "absent"}
    drive.play("users", people=[row])
    drive.holds(str(ADA["user_name"]), active=False)
    drive.quiet("users", people=[row])


def update_inactive(drive: Drive) -> None:
    """An update of somebody inactive that does not say ``active``: who left stays out."""
    row = {"user_name": ADA["user_name"], "given_name": "Adele"}
    drive.play("users", people=[row])
    drive.holds(**row, active=False)


def reactivate(drive: Drive) -> None:
    """``active: true``."""
    row = {"user_name": ADA["user_name"], "active": True}
    drive.play("users", people=[row])
    drive.holds(**row, given_name="Adele")
    drive.quiet("users", people=[row])


def odd_names(drive: Drive) -> None:
    """Login names with quotes, a backslash, capitals, umlauts in NFD, in a loop."""
    rows = [
        {"user_name": name, "given_name": "Pat", "family_name": "Doe", "email": f"pat{number}@example.org"}
        for number, name in enumerate(ODD)
    ]
    drive.play("users", people=rows)
    for row in rows:
        drive.holds(row["user_name"], given_name="Pat", active=True)
    drive.quiet("users", people=rows)


def other_spellings(drive: Drive) -> None:
    """The same people in another case and normal form: nobody is created twice, and the leavers are inactive."""
    rows = [
        {"user_name": unicodedata.normalize("NFC", name).swapcase(), "given_name": "Pit"}
        for name in (ODD[0], ODD[3], NFD)
    ]
    before = len(drive.server.users())
    drive.play("users", people=rows)
    assert len(drive.server.users()) == before, f"{len(drive.server.users()) - before} people were created once more"
    for row in rows:
        drive.holds(row["user_name"], given_name="Pit", active=True)
    gone = [{"user_name": row["user_name"], "state": "absent"} for row in rows]
    drive.play("users", people=gone)
    for row in rows:
        drive.holds(row["user_name"], active=False)


ROSTER = [
    {"user_name": ADA["user_name"], "title": "Head", "given_name": "Ada"},
    {"user_name": "cy.rook@example.org", "given_name": "Cy", "family_name": "Rook", "email": "cy.rook@example.org"},
    {"user_name": BO_NAME.lower(), "active": False},
]


def roster(drive: Drive) -> None:
    """A roster that updates, creates and deactivates."""
    drive.before = drive.server.users()
    drive.play("roster", people=ROSTER, unlisted="ignore")
    drive.holds(str(ROSTER[0]["user_name"]), title="Head", given_name="Ada", active=True)
    drive.holds("cy.rook@example.org", given_name="Cy", email="cy.rook@example.org", active=True)
    drive.holds(BO_NAME, active=False, nick_name="bobo")
    drive.server.writes()
    told = drive.play("roster", people=ROSTER, unlisted="ignore", undo_file=str(drive.server.folder / "other.json"))
    writes = drive.server.writes()
    assert not writes and not told.result["changed"], f"the second run sends {', '.join(writes) or 'nothing'}"


def undo(drive: Drive) -> None:
    """The undo of that roster."""
    drive.play("undo")
    for name, user in drive.server.users().items():
        was = drive.before.get(name)
        if was is None:
            assert not user["active"], f"{name} was created, and is active after the undo"
            continue
        other = {key: (was[key], user[key]) for key in was if (was[key] or None) != (user[key] or None)}
        assert not other, f"{name} is not as before: {other}"


def user_info(drive: Drive) -> None:
    """Everybody, one by name in capitals, and the inactive."""
    users = drive.server.users()
    everybody = drive.play("user_info").result
    assert {user["user_name"] for user in everybody["users"]} == set(users), "not everybody is told"
    assert everybody["complete"], "the list is told as incomplete"
    one = drive.play("user_info", user_name=str(ADA["user_name"]).upper()).result["users"]
    assert [user["user_name"] for user in one] == [ADA["user_name"]], f"{len(one)} are found by name"
    inactive = drive.play("user_info", active=False).result["users"]
    expected = {name for name, user in users.items() if not user["active"]}
    assert {user["user_name"] for user in inactive} == expected, "not all the inactive are told"


def tenant_info(drive: Drive) -> None:
    """The counts of the tenant."""
    users = drive.server.users()
    told = drive.play("tenant_info").result
    active = sum(bool(user["active"]) for user in users.values())
    counts = told.get("users") or {}
    assert told["reachable"] and told["authenticated"], "it is told as not reachable, or the token as wrong"
    seen = (counts.get("visible"), counts.get("active"), counts.get("inactive"))
    assert seen == (len(users), active, len(users) - active), f"it tells {seen} of {len(users)}, {active} active"


def many(drive: Drive) -> None:
    """250 people, and a roster without the last ten of them, who must be inactive after it."""
    for number in range(250):
        name = f"p{number:03}@example.org"
        drive.server.seed(
            {
                "userName": name,
                "active": True,
                "name": {"givenName": "Pat", "familyName": f"Number{number}"},
                "emails": [{"value": name, "type": "work", "primary": True}],
            }
        )
    everybody = drive.play("user_info").result
    assert everybody["total"] == len(drive.server.users()), (
        f"{everybody['total']} of {len(drive.server.users())} are told"
    )
    leavers = {f"p{number:03}@example.org" for number in range(240, 250)}
    people = [{"user_name": name} for name, user in drive.server.users().items() if name not in leavers]
    before = drive.server.users()
    drive.play("roster", people=people, unlisted="deactivate")
    for name, user in drive.server.users().items():
        wanted = before[name]["active"] and name not in leavers
        assert bool(user["active"]) is bool(wanted), f"{name} is {'active' if user['active'] else 'inactive'}"


STEPS: tuple[tuple[str, Callable[[Drive], None]], ...] = (
    ("create", create),
    ("second run", create_again),
    ("update", update),
    ("clear", clear),
    ("deactivate", deactivate),
    ("update who is inactive", update_inactive),
    ("reactivate", reactivate),
    ("odd login names", odd_names),
    ("other spellings", other_spellings),
    ("roster", roster),
    ("undo", undo),
    ("user_info", user_info),
    ("tenant_info", tenant_info),
    ("250 people", many),
)
