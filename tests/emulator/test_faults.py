# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault does to a request what its name says, and nothing to the others."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
from eightbyeight_emulator import FAULTS, Emulator, FaultError
from eightbyeight_emulator.faults import FALSE_SUCCESSES
from tenant_client import API, TOKEN

CREATE = {"method": "POST", "path": "/Users"}
Start = Callable[..., API]


def created(api: API) -> bool:
    return api.find("new@example.org") is not None


def rate_limit(start: Start) -> None:
    api = start([{"do": "rate_limit", "wait": 7, "times": None}])
    answer = api.post()
    assert (answer.status_code, answer.headers["Retry-After"], created(api)) == (429, "7", False)
    assert answer.json()["status"] == "429"
    api.tenant.set_faults([{"do": "rate_limit", "wait": 30, "form": "date"}])
    wait = parsedate_to_datetime(api.post().headers["Retry-After"]).timestamp() - time.time()
    assert 25 < wait < 35
    api.tenant.set_faults([{"do": "rate_limit", "wait": 30, "form": "reset"}])
    answer = api.post()
    assert "Retry-After" not in answer.headers
    assert 25 < int(answer.headers["x-ratelimit-reset"]) - time.time() < 35
    api.tenant.set_faults([{"do": "rate_limit", "form": "none"}])
    assert "Retry-After" not in api.post().headers


def html(start: Start) -> None:
    for status in (500, 502, 503, 504):
        api = start([{"on": CREATE, "do": "html", "status": status}])
        answer = api.post()
        assert (answer.status_code, created(api)) == (status, False)
        assert answer.headers["Content-Type"].startswith("text/html") and "<html>" in answer.text
        api.tenant.set_faults([{"do": "html", "applied": True}])
        assert api.post().status_code == 502
        assert created(api), "a gateway can lose the answer of a request that was carried out"


def scim_error(start: Start) -> None:
    api = start(
        [{"do": "scim_error", "status": 400, "scimType": "tooMany", "detail": "No more."}], error_detail="missing"
    )
    body = api.post().json()
    assert (body["status"], body["scimType"], body["detail"]) == ("400", "tooMany", "No more.")
    assert not created(api)
    api.tenant.set_faults([{"do": "scim_error", "status": 200}])
    answer = api.get("/Users")
    assert (answer.status_code, "Resources" in answer.json(), "totalResults" in answer.json()) == (200, False, False)


def false_success(start: Start) -> None:
    bodies = []
    for form in FALSE_SUCCESSES:
        api = start([{"do": "false_success", "form": form, "detail": "No more."}])
        answer = api.post()
        assert (answer.status_code, created(api)) == (200, False)
        bodies.append(answer.json())
    assert bodies[0] == {"success": False, "message": "No more."} and bodies[3] == {}
    assert bodies[1]["detail"] == bodies[2]["errors"][0]["message"] == "No more."
    api.tenant.set_faults([{"do": "false_success", "status": 201, "applied": True}])
    assert (api.post().status_code, created(api)) == (201, True)
    with pytest.raises(FaultError):
        api.tenant.set_faults([{"do": "false_success", "form": "smile"}])
    with pytest.raises(FaultError, match="status of HTTP"):
        api.tenant.set_faults([{"do": "html", "status": 520}])


def latency(start: Start) -> None:
    api = start([{"do": "latency", "seconds": 0.3}])
    started = time.perf_counter()
    assert api.post().status_code == 201
    assert time.perf_counter() - started >= 0.3


def reset_before(start: Start) -> None:
    api = start([{"on": CREATE, "do": "reset_before"}])
    with pytest.raises(requests.ConnectionError):
        api.post()
    assert not created(api)
    assert api.tenant.log[-1]["status"] is None
    assert api.post().status_code == 201


def reset_after(start: Start) -> None:
    api = start([{"on": CREATE, "do": "reset_after"}])
    with pytest.raises(requests.ConnectionError):
        api.post()
    assert created(api)
    assert api.tenant.log[-1]["status"] == 201
    assert api.post().status_code == 409, "a client that just sends it again meets itself"


def truncated(start: Start) -> None:
    api = start([{"on": CREATE, "do": "truncated"}])
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api.post()
    assert created(api)


def truncated_json(start: Start) -> None:
    api = start([{"on": CREATE, "do": "truncated_json"}])
    answer = api.post()
    assert answer.status_code == 201 and len(answer.content) == int(answer.headers["Content-Length"])
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()
    assert created(api)


def html_200(start: Start) -> None:
    api = start([{"do": "html_200"}])
    answer = api.post()
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    assert not created(api)


def redirect(start: Start) -> None:
    api = start([{"do": "redirect", "location": "https://elsewhere.example.org/x"}])
    answer = api.post()
    assert (answer.status_code, answer.headers["Location"]) == (307, "https://elsewhere.example.org/x")
    assert not created(api)


def empty(start: Start) -> None:
    api = start([{"do": "empty"}])
    answer = api.post()
    assert (answer.status_code, answer.content, created(api)) == (200, b"", True)


def echo_token(start: Start) -> None:
    api = start([{"do": "echo_token"}])
    answer = api.post()
    assert answer.status_code == 400 and TOKEN in answer.json()["detail"]
    assert not created(api)


CHECKS: dict[str, Callable[[Start], None]] = {
    check.__name__: check
    for check in (
        rate_limit,
        html,
        scim_error,
        false_success,
        latency,
        reset_before,
        reset_after,
        truncated,
        truncated_json,
        html_200,
        redirect,
        empty,
        echo_token,
    )
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name: str, start: Start) -> None:
    """Each fault has its check, and passes it."""
    CHECKS[name](start)


def test_no_check_without_a_fault() -> None:
    """The checks are for faults that exist."""
    assert set(CHECKS) == set(FAULTS)


def test_rules_pick_their_requests(start: Start) -> None:
    """Method, path, filter, skip and times say which requests; the first rule that fires is the only one."""
    api = start(
        [
            {"on": {"method": "GET", "filter": "ada@"}, "do": "html", "status": 503},
            {"on": {"method": "GET", "path": "/Users/*"}, "skip": 1, "times": 2, "do": "scim_error"},
            {"on": {"path": "/Users/*"}, "times": None, "do": "html", "status": 504},
        ]
    )
    user = f"/Users/{api.id('ada@example.org')}"
    assert api.get("/Users").status_code == 200
    assert api.get("/Users", filter='userName eq "bo@example.org"').status_code == 200
    assert api.get("/Users", filter='userName eq "ada@example.org"').status_code == 503
    assert api.get("/Users", filter='userName eq "ada@example.org"').status_code == 200
    assert [api.get(user).status_code for _time in range(5)] == [504, 500, 500, 504, 504]
    assert [entry["fault"] for entry in api.tenant.log[-3:]] == ["scim_error", "html", "html"]


def test_a_rule_for_several_methods(start: Start) -> None:
    """Writes fail and reads do not."""
    api = start([{"on": {"method": ["POST", "put"]}, "skip": 1, "times": None, "do": "scim_error", "status": 503}])
    assert [api.post(userName=f"n{number}@example.org").status_code for number in range(2)] == [201, 503]
    assert (api.get("/Users").status_code, api.put("ada@example.org").status_code) == (200, 503)
    assert api.deactivate("ada@example.org").status_code == 200


def test_control_endpoint(api: API) -> None:
    """Faults are set and read over HTTP; a rule that could never fire is refused."""
    url = f"{api.tenant.origin}/_emulator/faults"
    assert requests.put(url, json=[{"on": CREATE, "do": "html"}], timeout=10).json()[0]["status"] == 502
    assert api.post().status_code == 502
    assert requests.get(url, timeout=10).json()[0]["fired"] == 1
    wrong: list[Any] = [
        {},
        [{}],
        [{"do": "nothing"}],
        [{"do": "html", "on": {"verb": "GET"}}],
        [{"do": "html", "color": "red"}],
        [{"do": "html", "on": {"method": []}}],
        [{"do": "rate_limit", "form": "smoke signals"}],
        [{"do": "html", "times": "often"}],
        ["html"],
    ]
    for rules in wrong:
        answer = requests.put(url, json=rules, timeout=10)
        assert answer.status_code == 400 and answer.json()["error"]
    as_yaml_reads_it = {"true": {"method": "PUT"}, "do": "html"}
    assert requests.put(url, json=[as_yaml_reads_it], timeout=10).json()[0]["on"] == {"method": "PUT"}
    with pytest.raises(FaultError):
        Emulator(token=TOKEN, faults=[{"do": "nothing"}])
