# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client sees of every switch: a probe for each, and what it finds on each of its values.

A probe looks at the tenant once, and what it sees must be different for every value in ``EXPECTED``. The switches for what other
servers were seen to do are in ``server_probes.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from eightbyeight_emulator import SWITCHES
from tenant_client import API, ENTERPRISE, EXTENSION, OTHER_EXTENSION, READ_ONLY_TOKEN, person

Probe = Callable[[API], Any]
MANY = [{"user_name": f"p{number:02}@example.org", "given_name": "P", "family_name": "N"} for number in range(10)]
Q = "(408) 555-0100"


def reason(answer: requests.Response) -> Any:
    """Return what an error says to a program."""
    return answer.status_code, answer.json().get("scimType")


def stored(api: API, user_name: str = "new@example.org") -> Any:
    user = api.find(user_name)
    return None if user is None else user["resource"]


# -- Probes: what a client sees, for each switch ------------------------------------------------------------


def missing_email(api: API) -> Any:
    answer = api.post(emails=None)
    return answer.json()["emails"][0]["value"] if answer.ok else reason(answer)


def other_emails(api: API) -> Any:
    answer = api.post(emails=[{"value": "a@x.org", "type": "home"}, {"value": "b@x.org", "type": "work"}])
    return [item["value"] for item in answer.json()["emails"]]


def other_phones(api: API) -> Any:
    numbers = [("mobile", "1"), ("mobile", "2"), ("fax", "3"), ("work", "4")]
    answer = api.post(phoneNumbers=[{"type": kind, "value": value} for kind, value in numbers])
    return [item["value"] for item in answer.json()["phoneNumbers"]]


def primary(api: API) -> Any:
    answer = api.post(
        emails=[{"value": "a@x.org", "type": "work", "primary": False}],
        phoneNumbers=[
            {"type": "mobile", "value": "1", "primary": False},
            {"type": "work", "value": "2", "primary": True},
        ],
    ).json()
    return [item["primary"] for item in answer["emails"] + answer["phoneNumbers"]]


def work_phone(api: API) -> Any:
    answer = api.post(phoneNumbers=[{"type": kind, "value": "1"} for kind in ("work", "mobile")])
    return [item["type"] for item in answer.json()["phoneNumbers"]] if answer.ok else reason(answer)


def missing_attribute(api: API) -> Any:
    answers = api.post(name=None), api.put("ada@example.org", name={"givenName": "Ada"})
    assert "name.familyName" in answers[1].json()["detail"]
    return [reason(answer) for answer in answers]


def unsupported_value(api: API) -> Any:
    wrong: list[dict[str, Any]] = [{"locale": "tlh"}, {"timezone": "noon"}, {"emails": [{"value": "x"}]}]
    return {reason(api.post(**attributes)) for attributes in wrong}


def unknown_site(api: API) -> Any:
    answer = api.post(**{EXTENSION: {"site": "Atlantis"}})
    changed = api.put("ada@example.org", title="Boss", **{EXTENSION: {"site": "Atlantis"}})
    now = api.find("ada@example.org")
    assert now is not None and now["site"] == "London"
    return reason(answer), reason(changed), now["resource"]["title"], answer.json().get(EXTENSION)


def user_name_case(api: API) -> Any:
    return api.post(userName="ADA@example.org").status_code, api.names(filter='userName eq "Ada@EXAMPLE.org"')


def user_name_pattern(api: API) -> Any:
    return reason(api.post(userName="new+tag@example.org"))[0]


def names(api: API) -> Any:
    answer = api.post(name={"givenName": "Zoë", "familyName": "Åkerström"})
    return answer.json()["name"]["givenName"] if answer.ok else reason(answer)


def duplicate(api: API) -> Any:
    answer = api.post(userName="taken@example.com")
    assert "already exists" in answer.json()["detail"]
    return answer.status_code, answer.json().get("scimType"), "errors" in answer.json()


def create_inactive_duplicate(api: API) -> Any:
    identifier = api.id("bo@example.org")
    answer = api.post(userName="bo@example.org")
    return answer.status_code, answer.json().get("id") == identifier, stored(api, "bo@example.org")["active"]


def all_users(api: API) -> Any:
    # The login name is taken in either case, which is what makes hidden users dangerous (4.8).
    assert api.post(userName="desk@example.org").status_code == 409
    found = api.names(filter='userName eq "desk@example.org"')
    return "desk@example.org" in api.names(), found, api.get(f"/Users/{api.id('desk@example.org')}").status_code


def unknown_locale(api: API) -> Any:
    answer = api.post(locale="tlh-AA", **{EXTENSION: {"site": "Paris"}})
    return answer.json()["locale"] if answer.ok else reason(answer)


def unknown_timezone(api: API) -> Any:
    answer = api.post(timezone="half past nine", **{EXTENSION: {"site": "Paris"}})
    return answer.json()["timezone"] if answer.ok else reason(answer)


def put_without_site(api: API) -> Any:
    answer = api.put("ada@example.org", **{EXTENSION: None})
    return answer.json().get(EXTENSION) if answer.ok else reason(answer)


def changed_site(api: API) -> Any:
    answer = api.put("ada@example.org", title="Boss", **{EXTENSION: {"site": "Paris"}})
    now = api.find("ada@example.org")
    assert now is not None
    # Set once: whoever has none may get one, whatever the rule (fact sheet, K10).
    assert api.put("cy@example.org", **{EXTENSION: {"site": "Paris"}}).json()[EXTENSION] == {"site": "Paris"}
    return reason(answer), now["site"], now["resource"]["title"]


def inherited_site(api: API) -> Any:
    one = api.get(f"/Users/{api.id('cy@example.org')}").json()
    (listed,) = api.page(filter='userName eq "cy@example.org"')["Resources"]
    assert one == listed and EXTENSION not in stored(api, "cy@example.org")
    return one.get(EXTENSION)


def put_without_active(api: API) -> Any:
    return [api.put(user_name, active=None).json()["active"] for user_name in ("ada@example.org", "bo@example.org")]


def put_rename(api: API) -> Any:
    answer = api.put("ada@example.org", userName="ada.marlowe@example.org")
    return answer.json()["userName"] if answer.ok else reason(answer)


def put_inactive(api: API) -> Any:
    answers = api.put("bo@example.org", title="Gone"), api.put("bo@example.org", title="Back", active=True)
    return [answer.status_code for answer in answers]


def patch(api: API) -> Any:
    answer = api.deactivate("ada@example.org")
    return answer.status_code, bool(answer.content), stored(api, "ada@example.org")["active"]


def patch_other(api: API) -> Any:
    answer = api.patch("ada@example.org", {"op": "replace", "value": {"title": "Boss", "active": False}})
    now = stored(api, "ada@example.org")
    return answer.status_code, now["title"], now["active"]


def patch_path_form(api: API) -> Any:
    answer = api.patch("ada@example.org", {"op": "Replace", "path": "active", "value": "False"})
    other = api.patch("bo@example.org", {"op": "replace", "value": {"active": True}})
    return (
        reason(answer),
        stored(api, "ada@example.org")["active"],
        reason(other),
        stored(api, "bo@example.org")["active"],
    )


def answers(api: API) -> Any:
    answer = api.deactivate("ada@example.org")
    assert answer.status_code == 200
    return sorted(answer.json()) if answer.content else None


def write_answers(api: API) -> Any:
    created, replaced = api.post(), api.put("ada@example.org", title="Boss")
    assert created.status_code == 201 and created.json()["id"] in created.headers["Location"]
    return "meta" in created.json(), "meta" in replaced.json()


def delete(api: API) -> Any:
    identifier = api.id("ada@example.org")
    codes = [api("DELETE", f"/Users/{identifier}").status_code for _time in range(2)]
    user = stored(api, "ada@example.org")
    return codes, api.get(f"/Users/{identifier}").status_code, user and user["active"]


def repeated_delete(api: API) -> Any:
    return [api("DELETE", f"/Users/{api.id('ada@example.org')}").status_code for _time in range(2)]


def repeated_patch(api: API) -> Any:
    return [reason(answer) for answer in (api.deactivate("ada@example.org"), api.deactivate("ada@example.org"))]


def discovery(api: API) -> Any:
    return [api.get(path).status_code for path in ("/ServiceProviderConfig", "/ResourceTypes", "/Schemas")]


def bulk(api: API) -> Any:
    return api("POST", "/Bulk", {"Operations": []}).status_code


def filter_(api: API) -> Any:
    seen = []
    for text in ('userName eq "ada@example.org"', 'externalId eq "HR-1"', 'userName sw "a"', 'nonsense eq "'):
        answer = api.get("/Users", filter=text)
        seen.append(answer.json()["totalResults"] if answer.ok else reason(answer))
    return seen


def attributes_parameter(api: API) -> Any:
    user = api.page(attributes="title")["Resources"][0]
    one = api.get(f"/Users/{user['id']}", excludedAttributes="title").json()
    return "emails" in user, "title" in one


def sort(api: API) -> Any:
    return api.names(sortBy="userName", sortOrder="descending")


def order(api: API) -> Any:
    api.post()
    return api.names()[0]


def max_page(api: API) -> Any:
    return len(api.names(count=50))


def default_page(api: API) -> Any:
    return len(api.names())


def list_payload(api: API) -> Any:
    return "title" in api.page()["Resources"][0]


def count_zero(api: API) -> Any:
    page = api.page(count=0)
    assert page["totalResults"] == 3
    return len(page["Resources"])


def start_past_end(api: API) -> Any:
    answer = api.get("/Users", startIndex=99)
    return answer.json()["Resources"] if answer.ok else reason(answer)


def empty_resources(api: API) -> Any:
    return api.page(filter='userName eq "nobody@example.org"').get("Resources")


def paged(api: API) -> list[list[str]]:
    """Page as a careful client does: on by what arrived, until nothing comes."""
    pages: list[list[str]] = []
    start = 1
    while page := [name[:3] for name in api.names(startIndex=start, count=4)]:
        pages.append(page)
        start += len(page)
    return pages


def total_off(api: API) -> Any:
    return api.page()["totalResults"]


def consistency_delay(api: API) -> Any:
    created = api.post().json()
    assert api.get(f"/Users/{created['id']}").status_code == 200
    return [bool(api.names(filter='userName eq "new@example.org"')) for _time in range(3)]


def change_delay(api: API) -> Any:
    """The deactivated look active, and who was renamed has the old login name."""
    api.deactivate("ada@example.org")
    api.put("cy@example.org", userName="cyrus@example.org")
    assert api.get(f"/Users/{api.id('ada@example.org')}").json()["active"] is False
    seen = []
    for _time in range(3):
        page = {user["userName"]: user["active"] for user in api.page()["Resources"]}
        seen.append((page["ada@example.org"], "cyrus@example.org" in page))
    api.put("cyrus@example.org", userName="cy@example.org")
    return seen, api.names(filter='userName eq "cy@example.org"'), api.names(filter='userName eq "cyrus@example.org"')


def extension_urn(api: API) -> Any:
    user = api.get(f"/Users/{api.id('ada@example.org')}").json()
    return [urn for urn in (EXTENSION, OTHER_EXTENSION) if user.get(urn) == {"site": "London"}]


def extension_urn_input(api: API) -> Any:
    answer = api.post(**{OTHER_EXTENSION: {"site": "Paris"}}).json()
    return answer.get(EXTENSION), answer.get("timezone")


def extension_in_schemas(api: API) -> Any:
    user = api.get(f"/Users/{api.id('ada@example.org')}").json()
    assert EXTENSION in user and ENTERPRISE in user["schemas"]
    return EXTENSION in user["schemas"]


def nulls(api: API) -> Any:
    user = api.get(f"/Users/{api.id('cy@example.org')}").json()
    return "title" in user, user.get(ENTERPRISE), user.get(EXTENSION)


def etags(api: API) -> Any:
    identifier = api.id("ada@example.org")
    answer = api.get(f"/Users/{identifier}")
    stale = api("PUT", f"/Users/{identifier}", person(), headers={"If-Match": 'W/"0"'})
    return answer.headers.get("ETag") == answer.json()["meta"].get("version", ""), stale.status_code


def media_type(api: API) -> Any:
    return {answer.headers["Content-Type"] for answer in (api.get("/Users"), api.get("/Users/x"))}


def error_status_type(api: API) -> Any:
    return api.get("/Users/nobody").json().get("status")


def error_detail(api: API) -> Any:
    return api.post(name=None).json().get("detail")


def unknown_id(api: API) -> Any:
    answers = [api(method, "/Users/nobody", person()) for method in ("GET", "PUT", "DELETE")]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    kind = answers[0].headers.get("Content-Type")
    return answers[0].status_code, kind, len(answers[0].content) > 0


def wrong_customer(api: API) -> Any:
    url = api.tenant.url.replace("0012J00042NkZQIQA3", "0012J00000000000AB")
    return api.session.get(f"{url}/Users", timeout=10).status_code


def bad_token(api: API) -> Any:
    answer = API(api.tenant, "wrong").get("/Users")
    return answer.status_code, (answer.headers.get("WWW-Authenticate") or "").split(" ")[0]


def second_client(api: API) -> Any:
    reader = API(api.tenant, READ_ONLY_TOKEN)
    assert reader.get("/Users").status_code == 200
    return reader.post().status_code


def other_writer(api: API) -> Any:
    """Write, and let the other one switch somebody off: the status of ours, and the form of the other's."""
    status = api.post().status_code
    try:
        api.tenant.provision("deactivate", "ada@example.org")
    except ValueError as refusal:
        return status, str(refusal).partition(" ")[0]
    return status, api.tenant.log[-1]["body"]["Operations"]


def dropped(api: API) -> Any:
    user = api.post(title="Boss", name={"givenName": "N", "familyName": "C", "middleName": "M"}).json()
    return user.get("title"), user["name"].get("middleName")


def normalized(api: API) -> Any:
    user = api.post(
        title=" B\u00f6ss ", phoneNumbers=[{"type": "mobile", "value": Q}], **{ENTERPRISE: {"department": "It"}}
    ).json()
    return user["title"], user["phoneNumbers"][0]["value"], user[ENTERPRISE]["department"]


def rate_limit(api: API) -> Any:
    return [api.get("/Users", count=0).status_code for _time in range(3)]


def rate_limit_form(api: API) -> Any:
    api.get("/Users", count=0)
    answer = api.get("/Users", count=0)
    after = answer.headers.get("Retry-After")
    if after and not after.isdigit():
        wait = parsedate_to_datetime(after).timestamp() - time.time()
        assert 0 < wait < 70, wait
        after = "date"
    elif after:
        assert 0 < int(after) <= 60
        after = "seconds"
    reset = answer.headers.get("x-ratelimit-reset")
    assert reset is None or 0 < int(reset) - time.time() < 70
    return answer.status_code, after, reset is not None


def latency_ms(api: API) -> Any:
    api.get("/Users", count=0)
    started = time.perf_counter()
    api.get("/Users", count=0)
    return time.perf_counter() - started > 0.15


HIDDEN = [["p00", "p01", "p02", "p03"], ["p04", "p05", "p06", "p07"], ["p08", "p09"]]
REFUSED, VALUE = (400, "invalidFilter"), (400, "invalidValue")
FULL = sorted(
    [
        "schemas",
        "id",
        "userName",
        "name",
        "emails",
        "active",
        "locale",
        "timezone",
        "title",
        "externalId",
        "phoneNumbers",
        "meta",
        ENTERPRISE,
        EXTENSION,
    ]
)
ALL = ["ada@example.org", "bo@example.org", "cy@example.org"]

EXPECTED: dict[str, tuple[Probe, list[tuple[Any, Any]]]] = {
    "missing_email": (missing_email, [("noreply", "noreply@8x8.com"), ("refuse", VALUE)]),
    "other_emails": (other_emails, [("drop", ["b@x.org"]), ("keep", ["b@x.org", "a@x.org"])]),
    "other_phones": (other_phones, [("drop", ["1", "4"]), ("keep", ["1", "2", "3", "4"])]),
    "primary": (primary, [("forced", [True, True, False]), ("as_sent", [False, False, True])]),
    "work_phone": (work_phone, [("keep", ["work", "mobile"]), ("drop", ["mobile"]), ("refuse", VALUE)]),
    "missing_attribute": (
        missing_attribute,
        [
            ("400 invalidValue", [VALUE, VALUE]),
            ("400 invalidSyntax", [(400, "invalidSyntax")] * 2),
            (400, [(400, None)] * 2),
            (422, [(422, None)] * 2),
        ],
    ),
    "unsupported_value": (
        unsupported_value,
        [("400 invalidValue", {VALUE}), (400, {(400, None)}), (422, {(422, None)})],
    ),
    "unknown_site": (
        unknown_site,
        [
            ("400 invalidValue", (VALUE, VALUE, "Engineer", None)),
            (400, ((400, None), (400, None), "Engineer", None)),
            (404, ((404, None), (404, None), "Engineer", None)),
            (409, ((409, None), (409, None), "Engineer", None)),
            ("ignore", ((201, None), (200, None), "Boss", None)),
        ],
    ),
    "user_name_case": (
        user_name_case,
        [("insensitive", (409, ["ada@example.org"])), ("exact", (201, []))],
    ),
    "user_name_pattern": (user_name_pattern, [("any", 201), ("admin_api", 400)]),
    "names": (names, [("any", "Zoë"), ("ascii_only", VALUE), ("folded", "Zoe")]),
    "duplicate": (duplicate, [(409, (409, "uniqueness", False)), (400, (400, None, True))]),
    "create_inactive_duplicate": (
        create_inactive_duplicate,
        [("conflict", (409, False, False)), ("reactivate", (201, True, True))],
    ),
    "all_users": (all_users, [(False, (False, [], 404)), (True, (True, ["desk@example.org"], 200))]),
    "unknown_locale": (
        unknown_locale,
        [("refuse", VALUE), ("accept", "tlh-AA"), ("site_default", "fr-FR")],
    ),
    "unknown_timezone": (
        unknown_timezone,
        [("refuse", VALUE), ("accept", "half past nine"), ("site_default", "Europe/Paris")],
    ),
    "put_without_site": (
        put_without_site,
        [("clear", None), ("keep", {"site": "London"}), ("refuse", (400, "mutability"))],
    ),
    "changed_site": (
        changed_site,
        [
            ("400 mutability", ((400, "mutability"), "London", "Engineer")),
            (400, ((400, None), "London", "Engineer")),
            (409, ((409, None), "London", "Engineer")),
            ("ignore", ((200, None), "London", "Boss")),
            ("accept", ((200, None), "Paris", "Boss")),
        ],
    ),
    "inherited_site": (inherited_site, [(False, None), (True, {"site": "London"})]),
    "put_without_active": (
        put_without_active,
        [("deactivate", [False, False]), ("keep", [True, False]), ("activate", [True, True])],
    ),
    "put_rename": (
        put_rename,
        [
            ("accept", "ada.marlowe@example.org"),
            ("refuse", (400, "mutability")),
            ("ignore", "ada@example.org"),
        ],
    ),
    "put_inactive": (put_inactive, [("accept", [200, 200]), ("refuse", [400, 200])]),
    "patch": (
        patch,
        [
            (200, (200, True, False)),
            (204, (204, False, False)),
            (404, (404, True, True)),
            (405, (405, True, True)),
            (501, (501, True, True)),
        ],
    ),
    "patch_other": (
        patch_other,
        [
            ("ignore", (200, "Engineer", False)),
            (400, (400, "Engineer", True)),
            (501, (501, "Engineer", True)),
            ("apply", (200, "Boss", False)),
        ],
    ),
    "patch_path_form": (
        patch_path_form,
        [
            ("accept", ((200, None), False, (200, None), True)),
            ("refuse", ((400, "invalidPath"), True, (200, None), True)),
            ("require", ((200, None), False, (400, "invalidPath"), False)),
        ],
    ),
    "answers": (answers, [("partial", ["active", "id", "userName"]), ("full", FULL), ("none", None)]),
    "write_answers": (write_answers, [("full", (True, True)), ("partial", (False, False))]),
    "delete": (delete, [("deactivate", ([204, 204], 200, False)), ("remove", ([204, 404], 404, None))]),
    "repeated_delete": (repeated_delete, [(204, [204, 204]), (404, [204, 404]), (400, [204, 400])]),
    "repeated_patch": (
        repeated_patch,
        [("accept", [(200, None), (200, None)]), (400, [(200, None), VALUE])],
    ),
    "discovery": (discovery, [(False, [404] * 3), (True, [200] * 3)]),
    "bulk": (bulk, [(404, 404), (405, 405), (501, 501)]),
    "filter": (
        filter_,
        [
            ("user_name_only", [1, REFUSED, REFUSED, REFUSED]),
            ("all", [1, 1, 1, REFUSED]),
            ("refused", [REFUSED] * 4),
            ("ignored", [3] * 4),
        ],
    ),
    "attributes_parameter": (
        attributes_parameter,
        [("ignored", (True, True)), ("applied", (False, False))],
    ),
    "sort": (sort, [("ignored", ALL), ("applied", ALL[::-1])]),
    "order": (order, [("creation", "ada@example.org"), ("newest_first", "new@example.org")]),
    "max_page": (max_page, [(100, 3), (2, 2)]),
    "default_page": (default_page, [(100, 3), (2, 2)]),
    "list_payload": (list_payload, [("full", True), ("partial", False)]),
    "count_zero": (count_zero, [("empty", 0), ("default_page", 3)]),
    "start_past_end": (start_past_end, [("empty", []), ("refuse", VALUE)]),
    "empty_resources": (empty_resources, [("absent", None), ("array", [])]),
    "page_repeats": (
        paged,
        [
            (False, HIDDEN),
            (True, [HIDDEN[0], ["p03", "p04", "p05", "p06"], ["p06", "p07", "p08", "p09"], ["p09"]]),
        ],
    ),
    "page_loses": (paged, [(False, HIDDEN), (True, [HIDDEN[0], ["p05", "p06", "p07", "p08"]])]),
    "total_off": (total_off, [(0, 3), (2, 5), (-1, 2)]),
    "consistency_delay": (consistency_delay, [(0, [True] * 3), (2, [False, False, True])]),
    "change_delay": (
        change_delay,
        [
            (0, ([(False, True)] * 3, ["cy@example.org"], [])),
            (2, ([(True, False)] * 2 + [(False, True)], [], ["cyrus@example.org"])),
        ],
    ),
    "extension_urn": (extension_urn, [(EXTENSION, [EXTENSION]), (OTHER_EXTENSION, [OTHER_EXTENSION])]),
    "extension_urn_input": (
        extension_urn_input,
        [("emitted", (None, None)), ("both", ({"site": "Paris"}, "Europe/Paris"))],
    ),
    "extension_in_schemas": (extension_in_schemas, [(False, False), (True, True)]),
    "nulls": (nulls, [(False, (False, None, None)), (True, (True, {"department": None}, {"site": None}))]),
    "etags": (etags, [(False, (False, 200)), (True, (True, 412))]),
    "media_type": (
        media_type,
        [(value, {value}) for value in SWITCHES["media_type"].values],
    ),
    "error_status_type": (error_status_type, [("string", "404"), ("number", 404), ("missing", None)]),
    "error_detail": (
        error_detail,
        [
            ("explained", "Missing mandatory attributes: name.givenName, name.familyName"),
            ("phrase", "Bad Request"),
            ("missing", None),
        ],
    ),
    "unknown_id": (
        unknown_id,
        [
            (404, (404, "application/scim+json", True)),
            ("404 empty", (404, "application/scim+json", False)),
            ("404 html", (404, "text/html; charset=utf-8", True)),
            (400, (400, "application/scim+json", True)),
        ],
    ),
    "wrong_customer": (wrong_customer, [(404, 404), (403, 403)]),
    "bad_token": (bad_token, [(401, (401, "Bearer")), (403, (403, ""))]),
    "second_client": (second_client, [("refuse", 403), ("allow", 201)]),
    "other_writer": (
        other_writer,
        [
            ("none", (201, "the")),
            ("entra", (403, [{"op": "Replace", "path": "active", "value": "False"}])),
            ("okta", (403, [{"op": "replace", "value": {"active": False}}])),
            ("onelogin", (403, [{"op": "replace", "path": "active", "value": False}])),
            ("google", (201, "Google")),
        ],
    ),
    "drop_attributes": (
        dropped,
        [([], ("Boss", "M")), (["title"], (None, "M")), (["name.middleName"], ("Boss", None))],
    ),
    "normalize": (
        normalized,
        [
            ({}, (" B\u00f6ss ", Q, "It")),
            ({"title": "strip"}, ("B\u00f6ss", Q, "It")),
            ({"title": "upper"}, (" B\u00d6SS ", Q, "It")),
            ({f"{ENTERPRISE}:department": "lower"}, (" B\u00f6ss ", Q, "it")),
            ({"phoneNumbers": "digits"}, (" B\u00f6ss ", "4085550100", "It")),
            ({"title": "nfd"}, (" Bo\u0308ss ", Q, "It")),
        ],
    ),
    "rate_limit": (rate_limit, [(None, [200, 200, 200]), ("2/60s", [200, 200, 429])]),
    "rate_limit_form": (
        rate_limit_form,
        [
            ("retry_after_seconds", (429, "seconds", False)),
            ("retry_after_date", (429, "date", False)),
            ("x_ratelimit_reset", (429, None, True)),
            ("none", (429, None, False)),
            ("http_500", (500, None, False)),
        ],
    ),
    "latency_ms": (latency_ms, [(0, False), (200, True)]),
}

BESIDES: dict[str, dict[str, Any]] = {
    "drop_attributes": {"unknown_attributes": "keep"},
    "rate_limit_form": {"rate_limit": "1/60s"},
}
"""Other switches that a probe needs."""

PEOPLE: dict[str, Any] = {"page_repeats": MANY, "page_loses": MANY}
