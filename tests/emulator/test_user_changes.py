# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source in an event loop, as ansible-rulebook runs it, against an emulated tenant."""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from eightbyeight_emulator import Emulator

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "extensions/eda/plugins/event_source/user_changes.py"
main = runpy.run_path(str(ROOT / SOURCE))["main"]
#: Seconds between two polls, and the most that a test waits.
INTERVAL, LONG = 0.1, 20.0


@pytest.fixture(autouse=True)
def nobody_elses_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("EIGHTBYEIGHT_")]:
        monkeypatch.delenv(name)


class Engine(asyncio.Queue[Any]):
    """The queue of a rule engine, which holds one event."""

    def __init__(self) -> None:
        super().__init__(1)

    async def events(self, number: int) -> list[dict[str, Any]]:
        """Take so many events."""
        return [await asyncio.wait_for(self.get(), LONG) for _number in range(number)]

    async def types(self, number: int) -> list[tuple[str, str | None]]:
        """Take so many events, and return what they are about."""
        return [(event["type"], event["user_name"]) for event in await self.events(number)]

    async def is_silent(self, polls: int, tenant: Emulator) -> bool:
        """Wait for so many listings, and say whether none of them told anything."""
        await listings(tenant, polls)
        return self.empty()


async def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        await asyncio.sleep(0.02)


async def listings(tenant: Emulator, more: int) -> None:
    """Wait for so many more requests of a listing."""
    before = len(tenant.log)
    await until(lambda: len([entry for entry in tenant.log[before:] if entry["path"] == "/Users"]) >= more)


@asynccontextmanager
async def source(tenant: Emulator, **arguments: Any) -> AsyncIterator[Engine]:
    """Run the source for as long as a block lasts."""
    queue = Engine()
    given = {"api_url": tenant.url, "api_token": tenant.token, "interval": INTERVAL, **arguments}
    task = asyncio.create_task(main(queue, given))
    try:
        yield queue
        assert not task.done(), task
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


ADA, BO, CY = "ada@example.org", "bo@example.org", "cy@example.org"
PEOPLE: list[dict[str, Any]] = [
    {"user_name": ADA, "given_name": "Ada", "family_name": "A", "title": "Engineer"},
    {"user_name": BO, "given_name": "Bo", "family_name": "B", "active": False},
]


def add(tenant: Emulator, *names: str) -> None:
    """Create users, as the identity provider does."""
    import requests

    for name in names:
        body = {
            "userName": name,
            "name": {"givenName": "N", "familyName": "C"},
            "emails": [{"value": name, "type": "work"}],
        }
        headers = {"Authorization": f"Bearer {tenant.token}"}
        assert requests.post(f"{tenant.url}/Users", json=body, headers=headers, timeout=10).status_code == 201


def test_what_somebody_does_in_the_console_becomes_events() -> None:
    async def run() -> None:
        with Emulator(PEOPLE) as tenant:
            async with source(tenant, host="north") as engine:
                assert await engine.is_silent(4, tenant), "the first poll tells nothing"
                tenant.edit_user(ADA, title="Boss")
                (event,) = await engine.events(1)
                assert event["changes"] == {"title": {"before": "Engineer", "after": "Boss"}}
                assert (event["type"], event["meta"]["hosts"]) == ("updated", "north")
                assert tenant.url.split("/")[-3] == event["tenant"]
                tenant.edit_user(ADA, active=False)
                tenant.edit_user(BO, active=True)
                assert sorted(await engine.types(2)) == [("activated", BO), ("deactivated", ADA)]
                add(tenant, CY)
                assert await engine.types(1) == [("created", CY)]
                tenant.delete_user(BO)
                assert await engine.types(1) == [("removed", BO)]
                assert await engine.is_silent(3, tenant)
            assert {entry["method"] for entry in tenant.log} == {"GET", "POST"}
            assert [entry["method"] for entry in tenant.log].count("POST") == 1

    asyncio.run(run())


def test_a_token_that_dies_is_told_once_and_so_is_its_return() -> None:
    async def run() -> None:
        with Emulator(PEOPLE) as tenant:
            async with source(tenant) as engine:
                await listings(tenant, 2)
                tenant.set_faults([{"do": "scim_error", "status": 401, "times": 1000}])
                (event,) = await engine.events(1)
                assert (event["type"], event["user_name"], event["changes"]) == ("tenant_unreachable", None, {})
                assert (event["error"]["status"], event["error"]["api"]) == (401, "scim")
                assert tenant.token not in json.dumps(event)
                assert await engine.is_silent(4, tenant)
                tenant.edit_user(ADA, active=False)
                tenant.set_faults([])
                assert await engine.types(2) == [("tenant_back", None), ("deactivated", ADA)]

    asyncio.run(run())


def test_a_server_that_is_gone_is_told_and_the_source_lives() -> None:
    async def run() -> None:
        with Emulator(PEOPLE) as tenant:
            async with source(tenant, timeout="1") as engine:
                await listings(tenant, 2)
                tenant.stop()
                assert await engine.types(1) == [("tenant_unreachable", None)]
                await asyncio.sleep(5 * INTERVAL)
                assert engine.empty()

    asyncio.run(run())


def test_a_listing_that_does_not_add_up_tells_nothing() -> None:
    async def run() -> None:
        with Emulator(PEOPLE) as tenant:
            async with source(tenant) as engine:
                await listings(tenant, 3)
                tenant.set_switches(total_off=3)
                tenant.delete_user(BO)
                tenant.edit_user(ADA, active=False)
                assert await engine.is_silent(4, tenant)
                tenant.set_switches(total_off=0)
                assert sorted(await engine.types(2)) == [("deactivated", ADA), ("removed", BO)]

    asyncio.run(run())


def test_licenses_come_from_the_administration_api() -> None:
    async def run() -> None:
        with Emulator(PEOPLE) as tenant:
            door = {"admin_api_url": tenant.admin_url, "admin_api_key": tenant.admin_api_key}
            async with source(tenant, only="license_changed", interval=0.4, **door) as engine:
                await until(
                    lambda: sum("admin" in entry["path"] or entry["path"] == "/users" for entry in tenant.log) > 1
                )
                tenant.edit_services(ADA, licenses=["X Series X4"])
                (event,) = await engine.events(1)
                assert (event["type"], event["user_name"]) == ("license_changed", ADA)
                assert "X Series X4" in event["changes"]["licenses"]["after"]

    asyncio.run(run())


def test_what_changed_while_it_was_away_is_told_after_a_restart(tmp_path: Path) -> None:
    async def run() -> None:
        file = tmp_path / "state.json"
        with Emulator(PEOPLE) as tenant:
            async with source(tenant, state_file=str(file)):
                await listings(tenant, 3)
            assert file.stat().st_mode & 0o777 == 0o600
            tenant.edit_user(ADA, active=False)
            add(tenant, CY)
            async with source(tenant, state_file=str(file)) as engine:
                assert await engine.types(2) == [("deactivated", ADA), ("created", CY)]
                assert await engine.is_silent(3, tenant)
            async with source(tenant, state_file=str(file)) as engine:
                assert await engine.is_silent(3, tenant)

    asyncio.run(run())
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_two_sources_do_not_share_a_state_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        file = str(tmp_path / "state.json")
        with Emulator(PEOPLE) as tenant:
            async with source(tenant, state_file=file):
                await listings(tenant, 1)
                engine = sys.modules["eightbyeight_scim_plugins.module_utils._events.source"]
                monkeypatch.setattr(engine, "_LOCK_TIMEOUT", 0.1)
                given = {"api_url": tenant.url, "api_token": tenant.token, "state_file": file}
                with pytest.raises(Exception, match="another source uses"):
                    await asyncio.wait_for(main(Engine(), given), LONG)

    asyncio.run(run())


@pytest.mark.parametrize("feedback", [False, True])
def test_killed_again_and_again_it_loses_nothing_and_repeats_nothing_that_was_acknowledged(
    tmp_path: Path, feedback: bool
) -> None:
    """200 changes; the process ends without warning every few events, as a machine does."""

    async def run() -> None:
        people = [{**PEOPLE[0], "user_name": f"user{number:03}@example.org"} for number in range(200)]
        arguments: dict[str, Any] = {"state_file": str(tmp_path / "state.json"), "feedback": feedback}
        with Emulator(people) as tenant:
            async with source(tenant, **arguments):
                await until((tmp_path / "state.json").exists)
            for person in people:
                tenant.edit_user(person["user_name"], active=False)
            acknowledged: list[str] = []
            seen: set[str] = set()
            for kill_after in (1, 7, 60, 1000):
                answers: Any = asyncio.Queue(1)
                more = {"eda_feedback_queue": answers} if feedback else {}
                async with source(tenant, **arguments, **more) as engine:
                    for number in range(kill_after):
                        if len(seen) == len(people):
                            assert await engine.is_silent(3, tenant)
                            break
                        (event,) = await engine.events(1)
                        seen.add(event["user_name"])
                        if feedback and number == kill_after - 1:
                            break  # killed before the engine could say that it has it
                        if feedback:
                            await answers.put(event)
                        await until(
                            lambda event=event: (  # type: ignore[misc]
                                event["meta"]["uuid"] in (tmp_path / "state.json").read_text("utf-8").split("\n")
                            )
                        )
                        acknowledged.append(event["user_name"])
            assert len(acknowledged) == len(set(acknowledged)), "an acknowledged event came again"
            assert seen == {person["user_name"] for person in people}

    asyncio.run(run())


#: What goes wrong in turn, for two requests each.
TROUBLES: list[dict[str, Any]] = [
    *[{"do": "scim_error", "status": status} for status in (400, 401, 403, 404, 500)],
    *[{"do": "false_success", "form": form} for form in ("success_false", "problem", "errors", "empty_object")],
    *[
        {"do": kind}
        for kind in ("html", "html_200", "reset_before", "reset_after", "truncated", "truncated_json", "empty")
    ],
]


@pytest.mark.parametrize("filters", ["all", "ignored"])
def test_whatever_goes_wrong_the_events_lead_to_what_the_tenant_shows(filters: str) -> None:
    """Each event follows from those before it, and no user is told as removed or created who was there all the time."""

    async def run() -> None:
        people = [{**PEOPLE[0], "user_name": f"user{number:02}@example.org"} for number in range(len(TROUBLES))]
        with Emulator(people, switches={"filter": filters, "max_page": 4}) as tenant:
            seen = {user["id"]: ("Engineer", True) for user in tenant.users()}
            events: list[dict[str, Any]] = []

            async def take(engine: Engine) -> None:
                while True:
                    events.append(await engine.get())

            async with source(tenant, timeout=1, retry_budget=0.2) as engine:
                await listings(tenant, 6)
                taking = asyncio.create_task(take(engine))
                for number, trouble in enumerate(TROUBLES):
                    tenant.set_faults([{**trouble, "times": 2, "skip": number % 3}])
                    tenant.edit_user(people[number]["user_name"], title=f"Title {number}", active=number % 2 == 0)
                    await listings(tenant, 4)
                tenant.set_faults([])
                wanted = {
                    user["id"]: (user["resource"]["title"], user["resource"]["active"]) for user in tenant.users()
                }
                unreachable: list[bool] = []
                while seen != wanted:
                    await until(lambda: events)
                    event = events.pop(0)
                    changes, (title, active) = event["changes"], seen.get(event["user_id"], ("", False))
                    if event["type"].startswith("tenant_"):
                        unreachable.append(event["type"] == "tenant_unreachable")
                        continue
                    assert event["type"] in ("updated", "activated", "deactivated"), event
                    told = changes.get("title", {"before": title, "after": title})
                    switched = changes.get("active", {"before": active, "after": active})
                    assert (told["before"], switched["before"]) == (title, active), event
                    seen[event["user_id"]] = (told["after"], switched["after"])
                assert unreachable == [number % 2 == 0 for number in range(len(unreachable))], "down and up in turn"
                assert unreachable, "some trouble was seen"
                taking.cancel()

    asyncio.run(run())


THOUSAND = [{**PEOPLE[0], "user_name": f"user{number}@example.org"} for number in range(1000)]


@pytest.mark.parametrize(
    ("filters", "requests"), [("all", 2), ("user_name_only", 10), ("ignored", 10), ("refused", 10)]
)
def test_a_poll_of_a_large_tenant_costs_what_changed_where_the_server_filters(filters: str, requests: int) -> None:
    async def run() -> None:
        with Emulator(THOUSAND, switches={"filter": filters, "max_page": 100}) as tenant:
            async with source(tenant, interval=1.0) as engine:
                await listings(tenant, 12)
                await asyncio.sleep(0.3)
                tenant.edit_user("user7@example.org", title="Boss")
                assert await engine.types(1) == [("updated", "user7@example.org")]
                tenant.delete_user("user8@example.org")
                assert await engine.types(1) == [("removed", "user8@example.org")]
                # A poll is over when its events come, and the next one is most of a second away.
                tenant.clear_log()
                await until(lambda: len(tenant.log) >= requests)
                await asyncio.sleep(0.2)
                assert len(tenant.log) == requests
                asked = [entry["query"].get("filter") for entry in tenant.log]
                assert [each for each in asked if each] == ([asked[0]] if filters == "all" else [])

    asyncio.run(run())


def test_a_time_in_the_future_does_not_blind_it() -> None:
    async def run() -> None:
        with Emulator(THOUSAND, switches={"filter": "all", "max_page": 100}) as tenant:
            tenant.edit_user("user5@example.org", title="From the future")
            entry = tenant.application.tenant.entry_of("user5@example.org")
            assert entry is not None
            entry.last_modified = entry.last_modified.replace(year=2199)
            async with source(tenant, interval=0.3) as engine:
                await listings(tenant, 12)
                tenant.edit_user("user7@example.org", title="Boss")
                assert await engine.types(1) == [("updated", "user7@example.org")]
                tenant.edit_user("user5@example.org", title="Of today")
                assert await engine.types(1) == [("updated", "user5@example.org")]

    asyncio.run(run())


def test_it_runs_from_an_installed_collection_where_nothing_of_ansible_is(tmp_path: Path) -> None:
    installed = tmp_path / "ansible_collections" / "eightbyeight" / "scim"
    shutil.copytree(ROOT / "plugins", installed / "plugins")
    shutil.copytree(ROOT / "extensions" / "eda", installed / "extensions" / "eda")
    with Emulator(PEOPLE) as tenant:
        command = [sys.executable, "-c", PROGRAM, str(installed / SOURCE), tenant.url]
        settings = {"EIGHTBYEIGHT_API_TOKEN": tenant.token, "EIGHTBYEIGHT_API_URL": ""}
        with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "without Ansible\n"
            end = time.monotonic() + LONG
            while len(tenant.log) < 3:
                assert time.monotonic() < end
                time.sleep(0.05)
            tenant.edit_user(ADA, active=False)
            event = json.loads(process.stdout.readline())
            process.terminate()
    assert (event["type"], event["user_name"]) == ("deactivated", ADA)


PROGRAM = """
import asyncio, importlib.abc, json, runpy, sys
class NoAnsible(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("ansible", "ansible_collections"):
            raise ImportError(name)
sys.meta_path.insert(0, NoAnsible())
main = runpy.run_path(sys.argv[1])["main"]
print("with" if "ansible" in sys.modules else "without", "Ansible", flush=True)
class Queue(asyncio.Queue):
    async def put(self, event):
        print(json.dumps(event), flush=True)
asyncio.run(main(Queue(), {"api_url": sys.argv[2], "interval": "0.1"}))
"""
