# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``sync_roster`` from an export of another system: planned, approved and applied, and what it refuses."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from eightbyeight_emulator import Emulator
from plays import run_playbook

TREE = next(path for path in sys.path if (Path(path) / "ansible_collections" / "eightbyeight" / "scim").exists())
PEOPLE = [
    {"user_name": f"user{number}@example.org", "given_name": "User", "family_name": f"N{number}", "site": "London"}
    for number in range(6)
]
HEADER = "userPrincipalName,surname,mail,givenName,userType,jobTitle,accountEnabled\n"
ROWS = "".join(f"user{number}@example.org,N{number},,User,Member,,True\n" for number in range(5))
ADA = "ada@example.org,Lovelace,ada@example.org,Ada,Member,Analyst,True\n"
GUEST = "ann#EXT#@example.org,Guest,,Ann,Guest,,True\n"


def sync(folder: Path, tenant: Emulator, *arguments: str) -> tuple[int, str]:
    """Run the playbook as a user does, and return its status and what it printed."""
    settings = {
        **{key: value for key, value in os.environ.items() if not key.startswith("EIGHTBYEIGHT_")},
        "ANSIBLE_COLLECTIONS_PATH": TREE,
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "EIGHTBYEIGHT_API_URL": tenant.url,
        "EIGHTBYEIGHT_API_TOKEN": tenant.token,
        "EIGHTBYEIGHT_STATE_DIR": str(folder / "state"),
    }
    command = [
        str(Path(sys.executable).parent / "ansible-playbook"),
        "-i",
        "localhost,",
        "eightbyeight.scim.sync_roster",
        *arguments,
    ]
    done = run_playbook(command, folder, settings)
    return done.returncode, done.stdout + done.stderr


FROM_ENTRA = ("-e", "roster_source=entra_csv", "-e", "roster_export=users.csv")


def active(tenant: Emulator) -> set[str]:
    return {str(user["resource"]["userName"]) for user in tenant.users() if user["resource"]["active"]}


def test_a_download_is_planned_approved_and_applied(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_bytes((HEADER + ROWS + GUEST + ADA).encode("utf-16"))
    with Emulator(PEOPLE) as tenant:
        options = (*FROM_ENTRA, "-e", "roster_defaults=site=London", "-e", "roster_unlisted=deactivate")
        status, output = sync(tmp_path, tenant, *options, "-e", "roster_plan_only=true")
        assert status == 0, output
        assert "ada@example.org: would create" in output
        assert "user5@example.org: would deactivate" in output
        assert "export, row 7, userPrincipalName: is a guest" in output
        assert active(tenant) == {f"user{number}@example.org" for number in range(6)}
        digest = re.search(r"sha256:[0-9a-f]{64}", output)
        assert digest is not None
        # What is approved is applied, whatever the file holds by now.
        (tmp_path / "users.csv").unlink()
        status, output = sync(tmp_path, tenant, *FROM_ENTRA, "-e", f"roster_approved_digest={digest[0]}")
        assert status == 0, output
        assert active(tenant) == {"ada@example.org", *(f"user{number}@example.org" for number in range(5))}


def test_half_a_download_switches_nobody_off(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text(HEADER + ROWS + "user5@example.org,N5\n" + ADA, encoding="utf-8")
    with Emulator(PEOPLE) as tenant:
        options = (*FROM_ENTRA, "-e", "roster_unlisted=deactivate", "-e", "roster_defaults=site=London")
        status, output = sync(tmp_path, tenant, *options)
        assert status != 0
        assert "row 7: has 2 cells, but the header has 7" in output
        assert "ada@example.org" not in active(tenant), "nothing was done"
