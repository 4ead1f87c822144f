# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client sees of the switches for what servers in the field were seen to do.

As in ``switch_probes.py``: a probe for each switch, and what it finds on each of its values.
"""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

from switch_probes import MANY, REFUSED, VALUE, Probe, reason, stored
from tenant_client import API, ENTERPRISE, EXTENSION, STRANGER, person

QUOTED = 'we"ird@example.org'


def read(api: API, user_name: str = "ada@example.org") -> dict[str, Any]:
    user: dict[str, Any] = api.get(f"/Users/{api.id(user_name)}").json()
    return user


# -- Writes -----------------------------------------------------------------------------------------------------------


def unknown_attributes(api: API) -> Any:
    extras = {"displayName": "N", "costCenter": "7", STRANGER: {"badge": 1}, ENTERPRISE: {"manager": {"value": "m"}}}
    answer = api.post(**extras)
    # What somebody has already is known, whatever the rule.
    assert api.put("cy@example.org", title="T").json()["nickName"] == "C"
    return sorted(extras.keys() & answer.json().keys()) if answer.ok else reason(answer)


def duplicate_external_id(api: API) -> Any:
    created, changed = api.post(externalId="HR-1"), api.put("cy@example.org", externalId="HR-1")
    assert api.put("ada@example.org", title="Boss").status_code == 200
    return reason(created), reason(changed)


def whole_names(api: API) -> Any:
    """A change of the family name beside the old whole names, one without them, and one of the whole name alone."""
    before = read(api)
    first = api.put("ada@example.org", name={**before["name"], "familyName": "Vale"}).json()
    second = api.put("ada@example.org", name={"givenName": "Ada", "familyName": "Rook"}, displayName=None).json()
    third = api.put("ada@example.org", name={**second["name"], "formatted": "Zoe Quill"}).json()
    return [
        (user["name"].get("formatted"), user["name"]["familyName"], user.get("displayName"))
        for user in (first, second, third)
    ]


def lengths(api: API) -> Any:
    answer = api.post(title="x" * 300, **{ENTERPRISE: {"department": "d" * 101}})
    short = api.post(userName="shorty@example.org", name={"givenName": "Q", "familyName": "Rook"})
    if not answer.ok:
        return reason(answer), short.status_code
    user = answer.json()
    return len(user["title"]), len(user[ENTERPRISE]["department"]), short.json()["name"]["givenName"]


def late_site(api: API) -> Any:
    """The first site of somebody who has none, and another one in two PUTs."""
    first = api.put("cy@example.org", **{EXTENSION: {"site": "Paris"}})
    cleared = api.put("ada@example.org", **{EXTENSION: None})
    assert EXTENSION not in cleared.json()
    second = api.put("ada@example.org", **{EXTENSION: {"site": "Paris"}})
    back = api.put("ada@example.org", **{EXTENSION: {"site": "London"}})
    return [(reason(answer), answer.json().get(EXTENSION, {}).get("site")) for answer in (first, second, back)]


def put_omitted(api: API) -> Any:
    """A title that is left out, and one that is null; numbers that are left out, and ones that are []."""
    seen: list[Any] = []
    for nothing in (None, "null"):
        user = {key: value for key, value in read(api).items() if key not in ("title", "phoneNumbers")}
        if nothing:
            user |= {"title": None, "phoneNumbers": [], ENTERPRISE: {"department": None}}
        else:
            del user[ENTERPRISE], user[EXTENSION]
        answer = api("PUT", f"/Users/{user['id']}", user)
        names = sorted({"title", "phoneNumbers", ENTERPRISE, EXTENSION} & answer.json().keys())
        seen.append([name[-4:] for name in names] if answer.ok else answer.status_code)
    return seen


# -- Questions --------------------------------------------------------------------------------------------------------


def filter_case(api: API) -> Any:
    assert api.post(userName="ADA@example.org").status_code == 409
    return [api.names(filter=f'userName eq "{name}"') for name in ("Ada@example.org", "ada@example.org")]


def filter_quotes(api: API) -> Any:
    assert api.post(userName=QUOTED).status_code == 201
    assert api.names(filter='userName eq "ada@example.org"') == ["ada@example.org"]
    answer = api.get("/Users", filter='userName eq "we\\"ird@example.org"')
    return answer.json()["totalResults"] if answer.ok else reason(answer)


def filter_id(api: API) -> Any:
    answer = api.get("/Users", filter=f'id eq "{api.id("ada@example.org")}"')
    return answer.json()["totalResults"] if answer.ok else reason(answer)


def filter_external_id(api: API) -> Any:
    answer = api.get("/Users", filter='externalId eq "HR-1"')
    return answer.json()["totalResults"] if answer.ok else reason(answer)


def page_over_max(api: API) -> Any:
    assert len(api.names(count=4)) == len(api.names()) == 4
    answer = api.get("/Users", count=5)
    return len(answer.json()["Resources"]) if answer.ok else reason(answer)


def slow_page(api: API) -> Any:
    assert len(api.names(count=3)) == 3
    answer = api.get("/Users", count=4)
    return answer.status_code, answer.headers["Content-Type"].partition(";")[0]


def total_results(api: API) -> Any:
    return [api.page(count=4, startIndex=start)["totalResults"] for start in (1, 9)]


def start_index(api: API) -> Any:
    return [api.names(count=2, startIndex=start)[0] for start in (1, 3)]


def list_omits(api: API) -> Any:
    (user,) = api.page(filter='userName eq "ada@example.org"')["Resources"]
    assert {"title", ENTERPRISE, EXTENSION} <= read(api).keys() and read(api)["name"]["familyName"]
    return "title" in user, "familyName" in user["name"], bool(user.get(EXTENSION))


def masked_phones(api: API) -> Any:
    return [number["value"].endswith("****") for number in read(api)["phoneNumbers"]]


def list_lag(api: API) -> Any:
    api.post()
    api.deactivate("ada@example.org")
    assert read(api)["active"] is False and read(api, "new@example.org")["active"] is True
    seen = []
    for _time in range(2):
        page = {user["userName"]: user["active"] for user in api.page()["Resources"]}
        seen.append((page["ada@example.org"], "new@example.org" in page))
        time.sleep(0.6)
    return seen


def read_delay(api: API) -> Any:
    assert api.put("ada@example.org", title="Boss").json()["title"] == "Boss"
    assert api.page()["Resources"][0]["title"] == "Boss"
    return [read(api)["title"] for _time in range(3)]


def telephony(api: API) -> Any:
    users = read(api), read(api, "cy@example.org"), api.post().json()
    # Sent back it stays, left out it is gone, as with any other attribute (2.7).
    again = api.put("ada@example.org", title="Boss").json()
    assert again.get(EXTENSION) == users[0].get(EXTENSION)
    gone = api.put("ada@example.org", **{EXTENSION: {"site": "London"}}).json()
    assert gone[EXTENSION] == {"site": "London"}
    return [bool(user.get(EXTENSION, {}).get("telephony")) for user in users]


# -- Answers ----------------------------------------------------------------------------------------------------------


def version_place(api: API) -> Any:
    answer = api.get(f"/Users/{api.id('ada@example.org')}")
    return "ETag" in answer.headers, "version" in answer.json()["meta"]


def if_match(api: API) -> Any:
    user = read(api)
    answers = [
        api("PUT", f"/Users/{user['id']}", {**user, "title": title}, headers={"If-Match": version})
        for title, version in (("Boss", user["meta"]["version"]), ("Chief", "*"))
    ]
    return [answer.status_code for answer in answers], answers[1].json()["title"]


def missing_if_match(api: API) -> Any:
    version = read(api)["meta"]["version"]
    identifier = f"/Users/{api.id('ada@example.org')}"
    without = api.put("ada@example.org"), api.deactivate("ada@example.org"), api("DELETE", identifier)
    assert api("PUT", identifier, person(), headers={"If-Match": read(api)["meta"]["version"]}).status_code == 200
    assert version
    return [answer.status_code for answer in without]


def request_media_type(api: API) -> Any:
    seen, identifier = [], api.id("ada@example.org")
    for kind in ("application/json", "application/scim+json; charset=utf-8", "text/plain"):
        answer = api("PUT", f"/Users/{identifier}", person(), headers={"Content-Type": kind})
        if answer.status_code == 415:
            assert answer.json()["detail"].startswith("The request body must be application/")
            assert kind.partition(";")[0] not in answer.json()["detail"].partition(", not ")[0]
        seen.append(answer.status_code)
    return seen


def refused_as(api: API) -> Any:
    answers = api.post(name=None), api.put("ada@example.org", timezone="noon"), api.post(userName="taken@example.com")
    assert stored(api, "taken@example.com") is None and stored(api) is None
    assert api.get("/Users/nobody").status_code == 404
    return [(answer.status_code, min(answer.json()) if answer.json() else None) for answer in answers]


# -- Limits -----------------------------------------------------------------------------------------------------------


def clock_skew(api: API) -> Any:
    api.get("/Users", count=0)
    answer = api.get("/Users", count=0)
    assert answer.status_code == 429
    ahead = [
        parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time(),
        int(answer.headers["x-ratelimit-reset"]) - 60 - time.time(),
    ]
    return [round(seconds / 1000) for seconds in ahead]


def token_dies_after(api: API) -> Any:
    return [api.get("/Users", count=0).status_code for _time in range(3)]


def write_rights(api: API) -> Any:
    identifier = f"/Users/{api.id('ada@example.org')}"
    answers = (
        api.get(identifier),
        api.post(),
        api("PUT", identifier, person(userName="a@example.org")),
        api("DELETE", identifier),
    )
    return [answer.status_code for answer in answers]


def writes_until_503(api: API) -> Any:
    deactivated = [api.deactivate(user_name).status_code for user_name in ("ada@example.org", "cy@example.org")]
    created = [api.post(userName=f"n{number}@example.org").status_code for number in range(2)]
    assert api.get("/Users").status_code == 200
    return deactivated + created


FIRST, OLD, NEW = (False, True), (True, False), (False, True)
UNIQUE: tuple[int, str] = (409, "uniqueness")
MUTABLE: tuple[int, str] = (400, "mutability")
ADA = ["ada@example.org"]

EXPECTED: dict[str, tuple[Probe, list[tuple[Any, Any]]]] = {
    "unknown_attributes": (
        unknown_attributes,
        [("drop", []), ("keep", ["costCenter", "displayName", STRANGER, ENTERPRISE]), ("refuse", VALUE)],
    ),
    "duplicate_external_id": (
        duplicate_external_id,
        [("refuse", (UNIQUE, UNIQUE)), ("accept", ((201, None), (200, None)))],
    ),
    "whole_names": (
        whole_names,
        [
            ("none", [(None, "Vale", None), (None, "Rook", None), (None, "Rook", None)]),
            (
                "stored",
                [
                    ("Ada Marlowe", "Vale", "Ada Marlowe"),
                    ("Ada Rook", "Rook", "Ada Rook"),
                    ("Zoe Quill", "Rook", "Ada Rook"),
                ],
            ),
            (
                "derived",
                [("Ada Vale", "Vale", "Ada Vale"), ("Ada Rook", "Rook", "Ada Rook"), ("Ada Rook", "Rook", "Ada Rook")],
            ),
            (
                "leading",
                [
                    ("Ada Marlowe", "Marlowe", "Ada Marlowe"),
                    ("Ada Rook", "Rook", "Ada Rook"),
                    ("Zoe Quill", "Quill", "Ada Rook"),
                ],
            ),
        ],
    ),
    "lengths": (
        lengths,
        [
            ("longest", (VALUE, 201)),
            ("admin_api", (VALUE, 400)),
            ("any", (300, 101, "Q")),
            ("truncate", (254, 100, "Q")),
        ],
    ),
    "late_site": (
        late_site,
        [
            ("once", [((200, None), "Paris"), (MUTABLE, None), ((200, None), "London")]),
            ("refuse", [(MUTABLE, None), (MUTABLE, None), (MUTABLE, None)]),
            ("ignore", [((200, None), None), ((200, None), None), ((200, None), None)]),
            ("accept", [((200, None), "Paris"), ((200, None), "Paris"), (MUTABLE, None)]),
        ],
    ),
    "put_omitted": (
        put_omitted,
        [
            ("clear", [[], []]),
            ("keep", [["bers", "itle", "User", "User"], ["User"]]),
            ("never", [["bers", "itle", "User", "User"]] * 2),
            ("refuse", [["bers", "itle", "User", "User"], 400]),
            ("stumble", [["bers", "itle", "User", "User"], 500]),
        ],
    ),
    "filter_case": (filter_case, [("insensitive", [ADA, ADA]), ("exact", [[], ADA])]),
    "filter_quotes": (filter_quotes, [("refuse", REFUSED), ("accept", 1)]),
    "filter_id": (filter_id, [("refuse", REFUSED), ("accept", 1)]),
    "filter_external_id": (filter_external_id, [("refuse", REFUSED), ("accept", 1)]),
    "page_over_max": (
        page_over_max,
        [("cap", 4), ("400 tooMany", (400, "tooMany")), (400, (400, None)), (413, (413, None))],
    ),
    "slow_page": (slow_page, [(None, (200, "application/scim+json")), (3, (504, "text/html"))]),
    "start_index": (start_index, [("honored", ["ada@example.org", "cy@example.org"]), ("ignored", ADA * 2)]),
    "total_results": (total_results, [("all", [10, 10]), ("page", [4, 2]), ("capped", [8, 8])]),
    "list_omits": (
        list_omits,
        [
            ([], (True, True, True)),
            (["title"], (False, True, True)),
            ([f"{EXTENSION}:site", "name.familyName"], (True, False, False)),
        ],
    ),
    "masked_phones": (masked_phones, [(False, [False]), (True, [True])]),
    "list_lag": (list_lag, [(0.0, [(False, True)] * 2), (0.5, [(True, False), (False, True)])]),
    "read_delay": (read_delay, [(0, ["Boss"] * 3), (1, ["Engineer", "Boss", "Boss"])]),
    "telephony": (telephony, [(False, [False] * 3), (True, [True] * 3)]),
    "version_place": (version_place, [("both", (True, True)), ("header", (True, False)), ("body", (False, True))]),
    "if_match": (if_match, [("weak", ([200, 200], "Chief")), ("strong", ([412, 200], "Chief"))]),
    "missing_if_match": (missing_if_match, [("accept", [200, 200, 204]), (428, [428, 428, 428])]),
    "request_media_type": (
        request_media_type,
        [
            ("any", [200, 200, 415]),
            ("application/json", [200, 415, 415]),
            ("application/scim+json", [415, 200, 415]),
        ],
    ),
    "refused_as": (
        refused_as,
        [
            ("status", [(400, "detail"), (400, "detail"), (409, "detail")]),
            ("success_false", [(200, "message")] * 3),
            ("problem", [(200, "detail")] * 3),
            ("errors", [(200, "errors")] * 3),
            ("empty_object", [(200, None)] * 3),
        ],
    ),
    "clock_skew": (clock_skew, [(0, [0, 0]), (3600, [4, 4]), (-3600, [-4, -4])]),
    "token_dies_after": (token_dies_after, [(None, [200, 200, 200]), (2, [200, 200, 401])]),
    "write_rights": (write_rights, [("full", [200, 201, 200, 204]), ("none", [200, 403, 403, 403])]),
    "writes_until_503": (
        writes_until_503,
        [
            (None, [200, 200, 201, 201]),
            (1, [200, 503, 503, 503]),
            ({"PATCH": 1}, [200, 503, 201, 201]),
            ({"post": 0, "PATCH": 9}, [200, 200, 503, 503]),
        ],
    ),
}

BESIDES: dict[str, dict[str, Any]] = {
    "page_over_max": {"max_page": 4},
    "total_results": {"max_page": 4},
    "version_place": {"etags": True},
    "if_match": {"etags": True},
    "missing_if_match": {"etags": True},
    "clock_skew": {"rate_limit": "1/60s", "rate_limit_form": "x_ratelimit_reset"},
}
"""Other switches that a probe needs."""

PEOPLE: dict[str, Any] = {"page_over_max": MANY, "slow_page": MANY, "total_results": MANY}
