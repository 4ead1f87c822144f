# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes of the guide on sources, as they stand there, against listeners that answer as the systems do."""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from eightbyeight_emulator import Emulator
from matrix import ROOT, collection_tree
from plays import run_playbook

from ansible_collections.eightbyeight.scim.plugins.filter.roster_from import EXAMPLES, roster_from
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_export import with_export
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_options import read_options
from ansible_collections.eightbyeight.scim.tests.unit.exports import graph_user, okta_user

TEXT = (ROOT / "docs" / "docsite" / "rst" / "guide_sources.rst").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the blocks of a language."""
    found = re.findall(rf"\.\. code-block:: {language}\n\n((?:(?:    .*)?\n)+)", TEXT)
    return [textwrap.dedent(block).strip() + "\n" for block in found]


def block(language: str, words: str) -> str:
    (found,) = [each for each in blocks(language) if words in each]
    return found


GRAPH = [
    graph_user(accountEnabled=True, department="Research", userType="Member", employeeHireDate="2026-01-02T00:00:00Z"),
    graph_user(accountEnabled=False, userPrincipalName="bob@example.org", userType="Member", employeeHireDate=None),
]
OKTA = [okta_user(), okta_user("DEPROVISIONED", "bob@example.org")]


class Systems(BaseHTTPRequestHandler):
    """Answers as Microsoft Graph and Okta do: one user a page, the next page in the body or in the header Link."""

    asked: ClassVar[list[tuple[str, dict[str, list[str]], str]]]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self.asked.append((parts.path, query, str(self.headers.get("Authorization"))))
        here = f"http://{self.headers['Host']}{parts.path}"
        page = int(query.get("page", ["0"])[0])
        links = []
        if parts.path == "/v1.0/users":
            body: Any = {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users", "value": [GRAPH[page]]}
            if page == 0:
                body["@odata.nextLink"] = f"{here}?page=1&$skiptoken=x"
        else:
            body = [OKTA[page]]
            links = [
                f'<{here}?limit=200>; rel="self"',
                *([f'<{here}?page=1&after=x>; rel="next"'] if page == 0 else []),
            ]
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        for link in links:
            self.send_header("Link", link)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: Any) -> None:
        pass


AD_USER = {
    "DistinguishedName": "CN=Ada,DC=example,DC=org",
    "ObjectClass": "user",
    "userPrincipalName": "ada@example.org",
    "mail": "ada@example.org",
    "givenName": "Ada",
    "sn": "Lovelace",
    "title": None,
    "physicalDeliveryOfficeName": "London",
    "sAMAccountName": "ada",
    "userAccountControl": 512,
    "accountExpires": 448921440000000000,
}
LDAP_ENTRY = {
    "dn": "CN=Ada,DC=example,DC=org",
    "objectClass": ["top", "person", "organizationalPerson", "user"],
    **{
        name: str(AD_USER[name])
        for name in ("userPrincipalName", "mail", "givenName", "sn", "userAccountControl", "accountExpires")
    },
}
#: What stands for modules of other collections: what they would return, under the name that the recipe registers.
RETURNED: dict[str, Any] = {
    "microsoft.ad.object_info": {"changed": False, "objects": [AD_USER]},
    "community.general.ldap_search": {"changed": False, "results": [LDAP_ENTRY]},
}
GAM = (
    "primaryEmail,name.familyName,name.givenName,suspended,archived,organizations,organizations.0.title,phones\n"
    "ada@example.org,Lovelace,Ada,False,False,1,Analyst,0\n"
)


def playable(task: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a task of the guide as it can run here, and what keeps its roster."""
    task = {name: value for name, value in task.items() if name != "delegate_to"}
    for module, result in RETURNED.items():
        if module in task:
            return [{"name": task["name"], "ansible.builtin.set_fact": {task["register"]: result}}]
    if "microsoft.ad.user" in task:
        wanted = task.pop("microsoft.ad.user")
        task["ansible.builtin.copy"] = {
            "content": "{{ wanted | to_json }}",
            "dest": "ad-{{ item.user_name }}.json",
            "mode": "0600",
        }
        task["vars"] = {"wanted": wanted}
    kept = {"ansible.builtin.copy": {"content": "{{ people | to_json }}", "dest": "{{ kept }}.json", "mode": "0600"}}
    if "people" in task.get("ansible.builtin.set_fact", {}):
        source = re.findall(r"roster_from\('(\w+)'", task["ansible.builtin.set_fact"]["people"])[0]
        suffix = "-az" if "az_users" in str(task) else ""
        return [task, {"name": "Keep the roster", **kept, "vars": {"kept": source + suffix}}]
    return [task]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run all recipes in one play, the examples of the filter first, and return the folder with what came out."""
    folder = tmp_path_factory.mktemp("recipes")
    tasks: list[dict[str, Any]] = yaml.safe_load(EXAMPLES)
    for text in blocks("yaml"):
        found = yaml.safe_load(text)
        if not isinstance(found, list):
            continue
        page = next((name for name in ("graph_page", "okta_page") if f"{name}.yml" in text and "Keep it" in text), None)
        if page:
            (folder / f"{page}.yml").write_text(text, encoding="utf-8")
        else:
            tasks += [each for task in found for each in playable(task)]
    play = [{"name": "Recipes", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}]
    (folder / "play.yml").write_text(yaml.safe_dump(play, sort_keys=False), encoding="utf-8")
    (folder / "numbers.csv.j2").write_text(block("text", "phone_number"), encoding="utf-8")
    (folder / "bin").mkdir()
    for name, output in (("az", json.dumps([graph_user()])), ("gam", GAM)):
        (folder / f"{name}.out").write_text(output, encoding="utf-8")
        (folder / "bin" / name).write_text(f"#!/bin/sh\ncat {folder}/{name}.out\n", encoding="utf-8")
        (folder / "bin" / name).chmod(0o755)
    Systems.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Systems)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    people = [
        {"user_name": f"{name}@example.org", "given_name": name, "family_name": "Person"} for name in ("ada", "bob")
    ]
    with Emulator(people) as tenant:
        tenant.edit_services("ada@example.org", extension="1001", phone_number="+14085550100")
        tenant.edit_services("bob@example.org", extension="1002", phone_number=None)
        settings = {
            **{name: value for name, value in os.environ.items() if not name.startswith("EIGHTBYEIGHT_")},
            "PATH": f"{folder / 'bin'}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
            "ANSIBLE_NOCOLOR": "1",
            "EIGHTBYEIGHT_API_URL": tenant.url,
            "EIGHTBYEIGHT_API_TOKEN": tenant.token,
            "EIGHTBYEIGHT_ADMIN_API_URL": tenant.admin_url,
            "EIGHTBYEIGHT_ADMIN_API_KEY": tenant.admin_api_key,
            "no_proxy": "127.0.0.1",
        }
        given = {
            "graph_url": url,
            "graph_token": "a-token",
            "okta_url": url,
            "okta_token": "another",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }
        command = ["ansible-playbook", "-i", "localhost,", "play.yml", "-e", json.dumps(given)]
        done = run_playbook(command, folder, settings)
    server.shutdown()
    server.server_close()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[WARNING]" not in done.stderr.replace("[WARNING]: Found", "")
    return folder


def kept(folder: Path, name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    assert result["problems"] == []
    return result


def test_graph_is_read_to_its_last_page(played: Path) -> None:
    people = kept(played, "entra_graph")
    assert people["partial"] is None
    assert [(row["user_name"], row["active"], row["site"]) for row in people["users"]] == [
        ("ada@example.org", True, "London"),
        ("bob@example.org", False, "London"),
    ]
    assert people["users"][0]["starts"] == "2026-01-02"
    path, query, authorization = Systems.asked[0]
    assert (path, authorization) == ("/v1.0/users", "Bearer a-token")
    assert "accountEnabled" in query["$select"][0]


def test_okta_is_read_to_its_last_page_with_those_who_left(played: Path) -> None:
    people = kept(played, "okta_api")
    assert people["partial"] is None
    assert [(row["user_name"], row["active"]) for row in people["users"]] == [
        ("ada@example.org", True),
        ("bob@example.org", False),
    ]
    asked = [each for each in Systems.asked if each[0] == "/api/v1/users"]
    assert len(asked) == 2
    assert 'status eq "DEPROVISIONED"' in asked[0][1]["filter"][0]


def test_the_command_line_of_azure_says_nothing_of_who_left(played: Path) -> None:
    people = kept(played, "entra_graph-az")
    assert "active" not in people["users"][0]
    assert "accountEnabled" in people["partial"]


@pytest.mark.parametrize(
    ("source", "ends"), [("active_directory", "3023-07-31T00:00:00Z"), ("ldap", "3023-07-31T00:00:00Z")]
)
def test_directories(played: Path, source: str, ends: str) -> None:
    people = kept(played, source)
    assert people["partial"] is None
    (row,) = people["users"]
    # Midnight in UTC is one o'clock in the London of that summer.
    assert (row["user_name"], row["active"], row["ends"]) == ("ada@example.org", True, ends)


def test_google_by_gam(played: Path) -> None:
    people = kept(played, "google_api")
    assert people["partial"] is None
    assert people["users"][0]["title"] == "Analyst"
    assert people["users"][0]["site"] == "London"


def test_numbers_flow_back(played: Path) -> None:
    written = json.loads((played / "ad-ada@example.org.json").read_text(encoding="utf-8"))
    assert written == {"identity": "ada@example.org", "attributes": {"set": {"telephoneNumber": "+14085550100"}}}
    assert not (played / "ad-bob@example.org.json").exists()
    assert (played / "numbers.csv").read_text(encoding="utf-8") == (
        "user_name,phone_number,extension\nada@example.org,+14085550100,1001\nbob@example.org,,1002\n"
    )


HR = block("text", "Personalnr")


def test_the_export_of_the_german_company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hr.csv").write_bytes(HR.encode("cp1252"))
    given = yaml.safe_load(block("yaml", "external_id: Personalnr"))
    read = with_export(
        read_options({name[len("roster_") :]: value for name, value in given.items()}, "roster"), "roster"
    )
    assert read["problems"] == []
    result = read["options"]["users"]
    assert result["problems"] == []
    assert result["partial"] is None
    assert [(row["external_id"], row["family_name"], row["active"], row.get("ends")) for row in result["users"]] == [
        ("0042", "Groß", True, "2026-12-31"),
        ("0043", "Jansen", False, None),
    ]


def test_each_tenant_takes_its_rows_of_one_feed() -> None:
    inventory = yaml.safe_load(block("yaml", "CUSTOMER_DE"))["all"]
    shared = inventory["vars"]
    found = {}
    for host, own in inventory["children"]["phones"]["hosts"].items():
        result = roster_from(
            HR,
            "csv",
            shared["roster_mapping"],
            own["roster_defaults"],
            own["roster_only"],
            date_format=shared["roster_date_format"],
        )
        assert result["problems"] == []
        found[host] = [row["user_name"] for row in result["users"]]
    assert found == {"germany": ["jgross@example.org"], "netherlands": ["zjansen@example.org"], "britain": []}


def test_the_table_has_each_source() -> None:
    from ansible_collections.eightbyeight.scim.plugins.module_utils._sources.catalog import PRESETS

    named = re.findall(r"^   \* - ``(\w+)``$", TEXT, re.MULTILINE)
    assert sorted(set(named) - {"roster_source"}) == sorted(PRESETS)
