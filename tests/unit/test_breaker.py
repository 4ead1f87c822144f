# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is no single user's trouble ends the run: the rule alone, and at a tenant."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.breaker import Breaker, comparable_message
from ansible_collections.eightbyeight.scim.tests.unit.helpers import HTML, FakeTime, Reply, Tenant, listing, refusal
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    Locked,
    Told,
    login,
    newcomer,
    people,
    roster,
    row,
)
from ansible_collections.eightbyeight.scim.tests.unit.users import LOST


def error(kind: str = "refused", status: int | None = 400, detail: str | None = "no") -> EightByEightError:
    return EightByEightError(f"Something about it: {detail}", kind=kind, status=status, detail=detail)


def fail(breaker: Breaker, *errors: EightByEightError, now: float = 0.0, **after: Any) -> bool:
    """Tell of failures of different people, and say whether the run has ended."""
    for number, each in enumerate(errors):
        breaker.failed(each, after, [login(number)], now)
    return breaker.end is not None


# -- The rule ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["token_rejected", "wrong_customer", "tls"])
@pytest.mark.parametrize("proven", [True, False])
def test_what_nothing_can_follow_ends_the_run_at_once(kind: str, proven: bool) -> None:
    breaker = Breaker(120)
    if proven:
        breaker.succeeded({}, 0)
    assert fail(breaker, error(kind, 401))


def test_a_write_that_nothing_is_there_for_does_not_end_the_run() -> None:
    """Some tenants answer 404 to an unknown site; the customer was read before."""
    written = EightByEightError("8x8 does not know this customer", kind="wrong_customer", status=404, method="POST")
    assert not fail(Breaker(120), written)


def test_no_right_to_write_ends_the_run_unless_it_is_about_one_user() -> None:
    assert fail(Breaker(120), error("not_write_client", 403))
    breaker = Breaker(120)
    breaker.succeeded({}, 0)
    assert not fail(breaker, error("not_write_client", 403))
    breaker.succeeded({}, 0)
    assert not fail(breaker, error("not_write_client", 403))
    assert fail(breaker, error("not_write_client", 403))


def test_five_equal_refusals_without_a_success_end_the_run() -> None:
    breaker = Breaker(120)
    assert not fail(breaker, *[error(detail=f"{login(number)}: no, request {number:08x}") for number in range(4)])
    assert not fail(breaker, error(detail="something else"))
    assert fail(breaker, *[error(detail=f"{login(number)}: no, request {number:08x}") for number in range(1)])
    assert breaker.end is not None
    assert "same answer to 5 rows" in breaker.end.why


@pytest.mark.parametrize("after_four", [True, False])
def test_after_a_success_a_refusal_is_the_row_s_own(after_four: bool) -> None:
    breaker = Breaker(120)
    if after_four:
        fail(breaker, *[error()] * 4)
    breaker.succeeded({"title": "A"}, 0)
    assert not fail(breaker, *[error()] * 50, title="A")
    assert not breaker.refused_values


def test_a_value_that_is_refused_again_and_again_is_not_sent_any_more() -> None:
    breaker = Breaker(120)
    breaker.succeeded({"site": "London", "title": "A"}, 0)
    assert not fail(breaker, *[error("unknown_site", detail="no such place")] * 4, site="Lodnon", title="A")
    assert not breaker.expects_refusal({"site": "Lodnon"})
    assert not fail(breaker, error("unknown_site", detail="no such place"), site="Lodnon", title="B")
    assert breaker.expects_refusal({"site": "Lodnon", "title": "C"})
    assert not breaker.expects_refusal({"site": "London", "title": "A"})
    assert not breaker.expects_refusal({})


def test_a_value_that_somebody_has_been_given_is_not_to_blame() -> None:
    breaker = Breaker(120)
    breaker.succeeded({"site": "London"}, 0)
    fail(breaker, *[error("unknown_site")] * 9, site="London")
    fail(breaker, *[error(detail="invalid timezone")] * 9, timezone="Mars", title="A")
    assert breaker.refused_values == {("timezone", '"Mars"')}


@pytest.mark.parametrize(
    ("budget", "failures", "ends"),
    [
        (120, [(50, "server_error")], False),
        (120, [(50, "server_error"), (119.5, "server_error")], True),
        (120, [(50, "timeout"), (100, "rate_limited")], False),
        (120, [(50, "timeout"), (100, "rate_limited"), (120, "connection_lost")], True),
        (120, [(119.9, "server_error")], False),
        (0, [(0, "server_error")] * 4, False),
        (0, [(0, "server_error")] * 5, True),
        (3, [(2, "server_error"), (3, "server_error")], True),
    ],
)
def test_a_server_that_takes_nothing_for_the_retry_budget_ends_the_run(
    budget: float, failures: list[tuple[float, str]], ends: bool
) -> None:
    for taken_at in (0.0, 1000.0):
        breaker = Breaker(budget)
        breaker.begin(0)
        if taken_at:
            breaker.succeeded({}, taken_at)
        for now, kind in failures:
            status = {"server_error": 503, "rate_limited": 429}.get(kind)
            breaker.failed(error(kind, status), {}, [], taken_at + now)
        assert (breaker.end is not None) is ends


def test_a_pause_that_is_longer_than_what_is_left_counts() -> None:
    for pause, ends in ((0, False), (80, False), (91, True)):
        breaker = Breaker(120)
        breaker.begin(0)
        breaker.failed(error("rate_limited", 429), {}, [], 30, pause=pause)
        assert (breaker.end is not None) is ends


def test_the_time_that_is_left_is_that_since_the_server_took_something() -> None:
    breaker = Breaker(100)
    breaker.begin(0)
    assert breaker.seconds_left(1000) == 100
    breaker.failed(error("server_error", 500), {}, [], 40)
    assert breaker.seconds_left(60) == 40
    breaker.succeeded({}, 70)
    assert breaker.seconds_left(1000) == 100


@pytest.mark.parametrize(("status", "kind"), [(409, "user_name_taken"), (400, "refused"), (422, "refused")])
def test_a_user_who_is_refused_takes_no_time_from_the_others(status: int, kind: str) -> None:
    breaker = Breaker(0)
    breaker.succeeded({}, 0)
    assert not fail(breaker, *[error(kind, status, detail=f"reason {'x' * number}") for number in range(50)])


def test_two_refusals_are_the_same_whoever_they_name() -> None:
    one = error(detail="The login Ada@x.example is taken (request 5f1c99aa-0001, 17)")
    other = error(detail="The login bob is taken (request 77aa00bb-0002, 18)")
    assert comparable_message(one, ["ada@x.example", "7"]) == comparable_message(other, ["bob", "8"])
    assert comparable_message(one, []) != comparable_message(other, [])


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (402, "refused"),
        (407, "proxy_login"),
        (423, "refused"),
        (451, "refused"),
        (307, "redirect_refused"),
        (200, "gateway"),
        (403, "gateway"),
    ],
)
def test_five_answers_in_a_row_that_are_about_nobody_end_the_run_also_after_a_success(status: int, kind: str) -> None:
    breaker = Breaker(120)
    breaker.succeeded({}, 0)
    assert not fail(breaker, *[error(kind, status)] * 4)
    breaker.succeeded({}, 0)
    assert not fail(breaker, *[error(kind, status)] * 4)
    assert fail(breaker, error(kind, status))
    assert breaker.end is not None
    assert "about none of the users" in breaker.end.why


@pytest.mark.parametrize(("status", "kind"), [(200, "bad_answer"), (501, "not_supported"), (405, "not_supported")])
def test_refusals_in_odd_forms_are_refusals(status: int, kind: str) -> None:
    assert not fail(Breaker(120), *[error(kind, status)] * 4)
    assert fail(Breaker(120), *[error(kind, status)] * 5)


@pytest.mark.parametrize("status", [408, 424, 425, 503, 507])
def test_a_server_that_wants_it_later_has_taken_nothing(status: int) -> None:
    breaker = Breaker(3)
    breaker.begin(0)
    breaker.succeeded({}, 0)
    breaker.failed(error("server_error", status), {}, [], 2)
    breaker.failed(error("server_error", status), {}, [], 3)
    assert breaker.end is not None


# -- At a tenant -------------------------------------------------------------------------------------------------------

MANY = 100


def told_of(tenant: Tenant, *, new: bool = False, concurrency: int = 8, **options: Any) -> Told:
    make = newcomer if new else row
    rows = [make(number, title="A") for number in range(1, MANY + 1)]
    return roster(Locked(tenant), rows, concurrency=concurrency, limits=ALL, **options)


def answering(
    tenant: Tenant, status: int, detail: str = "", after: int = 0, verbs: tuple[str, ...] = ("POST", "PUT")
) -> Tenant:
    """From a write on, answer every write, or every request, with a status."""
    lock = threading.Lock()
    seen = [0]

    def answer(request: requests.PreparedRequest) -> Any:
        with lock:
            seen[0] += request.method in ("POST", "PUT")
            late = seen[0] > after
        return refusal(status, detail) if late and request.method in verbs else None

    tenant.before = answer
    return tenant


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "refused"),
        (403, "not_write_client"),
        (401, "token_rejected"),
        (409, "conflict"),
        (402, "refused"),
        (501, "not_supported"),
    ],
)
def test_the_same_refusal_for_everybody_costs_a_few_requests_and_is_told_once(
    status: int, kind: str, new: bool
) -> None:
    tenant = answering(Tenant(*([] if new else people(MANY))), status, "this is not for you")
    told = told_of(tenant, new=new)
    kinds = {entry["error"]["kind"] for entry in told.result["results"] if entry["status"] == "failed"}
    if kind != "conflict":
        assert (told.kind, kinds) == (kind, {kind})
    assert len(tenant.writes) <= 6
    assert told.summary["skipped"] == MANY - told.summary["failed"] >= MANY - 6
    assert told.message.count("this is not for you") == 1
    assert f"{told.summary['skipped']} were not tried any more" in told.message
    assert len(told.message) < 1500


def test_a_token_that_dies_in_the_middle_ends_the_run() -> None:
    tenant = answering(Tenant(*people(MANY)), 401, after=20, verbs=("GET", "PUT"))
    told = told_of(tenant)
    assert told.kind == "token_rejected"
    assert told.summary["updated"] >= 12
    assert told.summary["skipped"] >= MANY - 40
    assert len(tenant.log) < 70
    assert "confirmed before the run ended" in told.warnings[-1]


@pytest.mark.parametrize(("status", "kind"), [(401, "token_rejected"), (403, "forbidden")])
def test_a_token_that_dies_while_rows_are_looked_up_ends_the_run(status: int, kind: str) -> None:
    tenant = Tenant(*people(MANY))
    first = [Reply(200, listing(*people(3), total=5))] * 2

    def answer(request: requests.PreparedRequest) -> Reply:
        return first.pop() if first and "filter" not in str(request.url) else refusal(status)

    tenant.before = answer
    told = told_of(tenant, new=True, unlisted="report")
    assert told.kind == kind
    assert len(tenant.log) <= 5


@pytest.mark.parametrize("wish", ["create", "deactivate"])
def test_a_token_that_dies_while_writes_are_lost_ends_the_run(wish: str) -> None:
    tenant = Tenant(*([] if wish == "create" else people(MANY)))
    lost: list[str] = []

    def answer(request: requests.PreparedRequest) -> Any:
        if request.method in ("POST", "PATCH"):
            lost.append(str(request.method))
            raise LOST
        return refusal(401) if lost else None

    tenant.before = answer
    rows = [newcomer(number) if wish == "create" else row(number, state="absent") for number in range(1, MANY + 1)]
    told = roster(Locked(tenant), rows, concurrency=1, limits=ALL, retry_budget=0)
    assert told.kind == "token_rejected"
    assert len(lost) == 1
    assert told.summary["skipped"] == MANY - 1


@pytest.mark.parametrize("after", [0, 1, 30])
@pytest.mark.parametrize("answer", [503, 500, 429])
@pytest.mark.parametrize("budget", [3, 120])
@pytest.mark.parametrize("new", [True, False])
def test_a_server_that_takes_nothing_any_more_ends_the_run_in_the_retry_budget(
    after: int, answer: int, budget: int, new: bool
) -> None:
    time = FakeTime()
    tenant = answering(Tenant(*([] if new else people(MANY))), answer, after=after)
    told = told_of(tenant, new=new, concurrency=1, retry_budget=budget, time=time)
    assert told.kind in ("server_error", "rate_limited")
    # What was under way when it was over: three of the longest pauses.
    assert time.now < budget + 3 * 30 + 5
    assert told.summary["skipped"] >= MANY - after - 6
    assert "retry_budget" in told.message


def test_a_gateway_in_trouble_ends_the_run_with_many_workers() -> None:
    tenant = Tenant(*people(MANY))
    tenant.before = lambda request: Reply(502, HTML) if request.method == "PUT" else None
    told = told_of(tenant, retry_budget=0)
    assert told.summary["skipped"] >= MANY - 8
    assert len(tenant.writes) <= 8


def test_until_the_first_success_two_writes_are_under_way_at_a_time() -> None:
    tenant = Tenant(*people(MANY))
    lock, gate = threading.Lock(), threading.Event()
    under_way, most = [0], [0]

    class Counting(Locked):
        def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
            write = request.method == "PUT"
            if write:
                with lock:
                    under_way[0] += 1
                    if not gate.is_set():
                        most[0] = max(most[0], under_way[0])
                gate.wait(0.3)
                gate.set()
            try:
                return super().send(request, **settings)
            finally:
                with lock:
                    under_way[0] -= write

    rows = [row(number, title="A") for number in range(1, 21)]
    told = roster(Counting(tenant), rows, concurrency=8)
    assert told.summary == {"updated": 20}
    assert most[0] == 2


def test_a_site_that_is_wrong_in_half_of_the_rows_stops_only_these() -> None:
    tenant = Tenant()
    rows = [newcomer(number, site="London" if number % 2 else "Lodnon") for number in range(MANY)]
    told = roster(tenant, rows, limits=ALL)
    assert told.summary == {"created": MANY // 2, "failed": 5, "skipped": MANY // 2 - 5}
    assert told.kind == "rows_failed"
    assert '45 rows were not tried any more, because of site "Lodnon"' in told.message
    assert told.message.count("does not know the site") == 1


def test_one_user_s_refusal_is_told_for_each_kind_once() -> None:
    tenant = Tenant(*people(9))
    bad = {login(2): "title too long", login(4): "title too long", login(6): "no such locale"}

    def answer(request: requests.PreparedRequest) -> Any:
        words = [words for name, words in bad.items() if request.method == "PUT" and name in str(request.body)]
        return refusal(400, words[0]) if words else None

    tenant.before = answer
    told = roster(tenant, [row(number, title="A") for number in range(1, 10)])
    assert told.summary == {"updated": 6, "failed": 3}
    assert told.message.count("title too long") == 1
    assert f"The same holds for 1 other row ({login(4)})" in told.message
    assert "no such locale" in told.message


@pytest.mark.parametrize(
    ("accepted", "summary"), [(True, {"updated": 1, "failed": 19}), (False, {"failed": 6, "skipped": 14})]
)
def test_a_write_that_is_under_way_is_waited_for_before_everybody_is_given_up(
    accepted: bool, summary: dict[str, int]
) -> None:
    tenant = Tenant(*people(20))
    refused, begun = threading.Semaphore(0), threading.Event()

    class Slow(Locked):
        def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
            first = request.method == "PUT" and login(1) in str(request.body)
            if first:
                begun.set()
                for _other in range(5):
                    refused.acquire(timeout=5)
                threading.Event().wait(0.2)  # the others have been judged by then
            elif "/Users/" in str(request.url) and not str(request.url).endswith("/Users/1"):
                begun.wait(5)  # nobody writes before the first one does
            answer = super().send(request, **settings)
            if request.method == "PUT" and not first:
                refused.release()
            return answer

    def answer(request: requests.PreparedRequest) -> Any:
        if request.method != "PUT" or (accepted and login(1) in str(request.body)):
            return None
        return refusal(400, "not this one")

    tenant.before = answer
    told = roster(Slow(tenant), [row(number, title="A") for number in range(1, 21)], concurrency=4)
    assert told.summary == summary


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("after", [0, 7])
@pytest.mark.parametrize(
    "page", [Reply(200, HTML), Reply(402, HTML), Reply(302, None, {"Location": "https://login.example.org/"})]
)
def test_a_portal_in_the_place_of_8x8_ends_the_run(page: Reply, after: int, new: bool) -> None:
    tenant = Tenant(*([] if new else people(MANY)))
    seen = [0]

    def answer(request: requests.PreparedRequest) -> Any:
        seen[0] += request.method in ("POST", "PUT")
        return page if seen[0] > after and request.method in ("POST", "PUT") else None

    tenant.before = answer
    told = told_of(tenant, new=new, concurrency=1)
    assert told.summary["failed"] == 5
    assert told.summary["skipped"] == MANY - after - 5


def test_a_server_without_a_verb_is_not_waited_for() -> None:
    time = FakeTime()
    tenant = answering(Tenant(), 501)
    told = told_of(tenant, new=True, concurrency=1, time=time)
    assert told.kind == "not_supported"
    assert time.now < 1
