# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every value of every switch changes something that a client can see.

The probes say what. A switch that changes nothing, or that has no probe, fails here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import admin_probes
import pytest
import requests
import server_probes
import switch_probes
from eightbyeight_emulator import SWITCHES, Emulator, SwitchError
from tenant_client import API, ENTERPRISE, EXTENSION, TOKEN

EXPECTED = {**switch_probes.EXPECTED, **server_probes.EXPECTED, **admin_probes.EXPECTED}
BESIDES = {**switch_probes.BESIDES, **server_probes.BESIDES, **admin_probes.BESIDES}
PEOPLE = {**switch_probes.PEOPLE, **server_probes.PEOPLE, **admin_probes.PEOPLE}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param(name, value, expected, id=f"{name}={value}")
        for name, (_kind, rows) in EXPECTED.items()
        for value, expected in rows
    ],
)
def test_value(name: str, value: Any, expected: Any, start: Callable[..., API]) -> None:
    """A switch on a value shows what that value promises."""
    api = start(people=PEOPLE.get(name), **{name: value}, **BESIDES.get(name, {}))
    assert EXPECTED[name][0](api) == expected


def test_a_filter_does_not_stumble_over_an_address_of_plain_text(start: Callable[..., API]) -> None:
    """Some users of a seed have one, and a filter that is read by the model of a user came to them."""
    ada = {
        "user_name": "ada@example.org",
        "given_name": "Ada",
        "family_name": "Marlowe",
        "extra": {"emails": ["a@b.org"]},
    }
    api = start(people=[ada], filter="all")
    assert api.names(filter='title pr or userName sw "ada"') == ["ada@example.org"]


def test_every_switch_is_tested() -> None:
    """No switch without a probe, no probe without a switch."""
    assert set(EXPECTED) == set(SWITCHES)


@pytest.mark.parametrize("name", SWITCHES)
def test_every_value_is_tested_and_different(name: str) -> None:
    """Each value has a row, the default comes first, and no two rows expect the same."""
    values = [value for value, _effect in EXPECTED[name][1]]
    seen = [expected for _value, expected in EXPECTED[name][1]]
    assert values[0] == SWITCHES[name].default
    if SWITCHES[name].values:
        assert sorted(map(str, values)) == sorted(map(str, SWITCHES[name].values))
    else:
        assert len(values) > 1
    assert all(seen.count(one) == 1 for one in seen)


@pytest.mark.parametrize("name", SWITCHES)
def test_switch_is_documented(name: str) -> None:
    """Each switch says what it is, where it comes from and what it takes."""
    switch = SWITCHES[name]
    assert switch.meaning and switch.source and switch.allowed()
    if switch.values:
        assert switch.default == switch.values[0], "the default is the first of the values"


# -- Moving switches --------------------------------------------------------------------------------------


def test_control_endpoint(api: API) -> None:
    """Switches move over HTTP, in part, and wrong ones are refused with a text and move nothing."""
    url = f"{api.tenant.origin}/_emulator/switches"
    assert requests.get(url, timeout=10).json() == {name: s.default for name, s in SWITCHES.items()}
    moved = requests.put(url, json={"duplicate": "400", "nulls": True, "max_page": 5}, timeout=10)
    assert moved.status_code == 200
    assert {key: moved.json()[key] for key in ("duplicate", "nulls", "max_page", "patch")} == {
        "duplicate": 400,
        "nulls": True,
        "max_page": 5,
        "patch": 200,
    }
    for wrong in ({"no_such": 1}, {"patch": 418}, {"max_page": 0}, {"rate_limit": "fast"}, ["patch"]):
        answer = requests.put(url, json=wrong, timeout=10)
        assert answer.status_code == 400 and len(answer.json()["error"]) > 20
    assert requests.put(url, json={"patch": 204, "duplicate": 500}, timeout=10).status_code == 400
    assert requests.put(url, data="{", timeout=10).status_code == 400
    assert api.tenant.switches["patch"] == 200
    assert api.tenant.log == [], "the control endpoint is not in the request log"


def test_admin_console(api: API) -> None:
    """A user changes behind the back of SCIM, the site too; who or what does not exist is refused, and changes nothing."""
    url = f"{api.tenant.origin}/_emulator/users/"
    identifier = api.id("ada@example.org")
    version = api.get(f"/Users/{identifier}").json()["meta"]["lastModified"]
    for who, site in ((identifier, "Paris"), ("Ada@example.org", None), ("ada@example.org", "London")):
        answer = requests.patch(url + who, json={"site": site, "title": "Boss"}, timeout=10)
        assert answer.status_code == 200 and answer.json() == api.tenant.users()
        user = api.get(f"/Users/{identifier}").json()
        assert (user.get(EXTENSION), user["title"]) == (site and {"site": site}, "Boss")
    assert user["meta"]["lastModified"] != version and user[ENTERPRISE] == {"department": "IT"}
    before = api.tenant.users()
    wrong: list[tuple[str, Any]] = [
        ("nobody", {"title": "Boss"}),
        (identifier, {"site": "Atlantis"}),
        (identifier, {"userName": None}),
        (identifier, {"userName": "taken@example.com"}),
        (identifier, ["title"]),
    ]
    for who, changes in wrong:
        answer = requests.patch(url + who, json=changes, timeout=10)
        assert answer.status_code == 400 and "JSON:" not in answer.json()["error"]
    assert api.tenant.users() == before
    api.tenant.edit_user("desk@example.org", title=None, site="Paris")
    user = api.find("desk@example.org")
    assert user is not None and user["site"] == "Paris"


def test_a_count_starts_when_its_switch_is_moved(api: API) -> None:
    """What was sent before does not count, and a reset counts anew."""
    assert [api.get("/Users").status_code for _time in range(3)] == [200] * 3
    api.tenant.set_switches(token_dies_after=2, writes_until_503={"PUT": 0})
    codes = [api.put("ada@example.org").status_code, api.get("/Users").status_code]
    assert codes == [503, 401], "the read before the PUT counts, too"
    api.tenant.set_switches(token_dies_after=None)
    assert [api.put("ada@example.org").status_code, api.post().status_code] == [503, 201]
    api.tenant.reset()
    assert api.put("ada@example.org").status_code == 200


def test_a_list_that_lags_shows_every_state_for_as_long(api: API) -> None:
    """Two changes within the lag: each is seen that long after it was made, and Admin Console moves a site freely."""
    api.tenant.set_switches(list_lag=0.4)
    api.put("ada@example.org", title="Boss")
    time.sleep(0.2)
    api.put("ada@example.org", title="Chief")
    seen = []
    for _time in range(3):
        seen.append(api.page()["Resources"][0]["title"])
        time.sleep(0.25)
    assert seen[0] == "Engineer" and seen[-1] == "Chief"
    assert api.get(f"/Users/{api.id('ada@example.org')}").json()["title"] == "Chief"
    api.tenant.edit_user("ada@example.org", site="Paris")
    api.put("ada@example.org", **{EXTENSION: None})
    assert api.put("ada@example.org", **{EXTENSION: {"site": "London"}}).json()["scimType"] == "mutability"
    assert api.put("ada@example.org", **{EXTENSION: {"site": "Paris"}}).json()[EXTENSION] == {"site": "Paris"}


def test_reset(api: API) -> None:
    """Reset brings users, switches and faults back to the start."""
    before = api.tenant.users()
    api.post()
    api.deactivate("ada@example.org")
    api.tenant.set_switches(discovery=True)
    api.tenant.set_faults([{"do": "html"}])
    assert requests.post(f"{api.tenant.origin}/_emulator/reset", timeout=10).status_code == 200
    assert api.get("/Schemas").status_code == 404
    after = api.tenant.users()
    assert [(u["id"], u["resource"]) for u in after] == [(u["id"], u["resource"]) for u in before]


def test_wrong_switch_in_python() -> None:
    """The Python API refuses the same."""
    with pytest.raises(SwitchError, match="no switch named"):
        Emulator(SEED_FREE, TOKEN, {"patchh": 200})
    with pytest.raises(SwitchError, match="is not one of"):
        Emulator(SEED_FREE, TOKEN, {"patch": 418})


SEED_FREE: dict[str, Any] = {"sites": [], "people": []}
