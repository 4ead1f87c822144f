# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults: what networks, gateways and rate limiters do to a client, on demand.

A rule says which requests it is for, how many of them it lets pass first (``skip``), how many it spoils
(``times``, ``null`` for all) and what it does (``do`` and its parameters). Rules are tried in order, and the
first that fires is the only one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any

FAULTS: Mapping[str, Mapping[str, Any]] = {
    "rate_limit": {"form": "seconds", "wait": 1, "applied": False},
    "html": {"status": 502, "applied": False},
    "scim_error": {"status": 500, "scimType": None, "detail": "Injected error", "applied": False},
    "false_success": {"form": "success_false", "status": 200, "detail": "Injected error", "applied": False},
    "latency": {"seconds": 1.0},
    "reset_before": {},
    "reset_after": {},
    "truncated": {},
    "truncated_json": {},
    "html_200": {"applied": False},
    "redirect": {"location": "https://login.example.org/", "status": 307, "applied": False},
    "empty": {"applied": True},
    "echo_token": {},
}
"""The faults, with their parameters and defaults.

``rate_limit``: 429; ``form`` is ``seconds`` or ``date`` (Retry-After), ``reset`` (x-ratelimit-reset only) or
``none``; ``wait`` in seconds. ``html``: a gateway's page. ``scim_error``: a SCIM error; with ``status`` 200, one that
claims to be a success. ``false_success``: 200 (``status``) whose body is an error; ``form`` is ``success_false``
({"success": false}), ``problem`` (RFC 7807), ``errors`` ({"errors": [...]}) or ``empty_object``. ``latency``: a slow
but right answer, after ``seconds``. ``reset_before``: the connection is
reset and nothing happened. ``reset_after``: the request is carried out, then the connection is reset. ``truncated``:
carried out, the body stops half-way although Content-Length announced all of it. ``truncated_json``: carried out,
half of the body with a right Content-Length. ``html_200``: a login page of some portal. ``redirect``: to
``location``. ``empty``: 200 with no body. ``echo_token``: a 400 whose detail repeats the bearer token. ``applied``
says whether the request is carried out although its answer is spoiled.
"""

FALSE_SUCCESSES = ("success_false", "problem", "errors", "empty_object")
"""The forms of an error inside an answer of 200."""

FORMS = ("seconds", "date", "reset", "none")
CONDITIONS = frozenset({"method", "path", "filter"})
CONTROLS = frozenset({"on", "skip", "times", "do"})


class FaultError(ValueError):
    """A fault rule that makes no sense."""


@dataclass
class Rule:
    """One fault rule and what is left of it."""

    do: str
    on: dict[str, Any]
    parameters: dict[str, Any]
    skip: int = 0
    times: int | None = 1
    fired: int = field(default=0)

    @classmethod
    def parse(cls, rule: Any) -> Rule:
        """Read one rule, and refuse what would silently never fire."""
        if not isinstance(rule, dict):
            raise FaultError(f"a fault rule is a dict, not {rule!r}")
        if "true" in rule:
            # What YAML 1.1, and so a playbook, reads from an `on` without quotes.
            rule = {("on" if key == "true" else key): value for key, value in rule.items()}
        name = str(rule.get("do"))
        if name not in FAULTS:
            raise FaultError(f"no fault named {name!r}; there are: {', '.join(FAULTS)}")
        on = rule.get("on") or {}
        if not isinstance(on, dict) or set(on) - CONDITIONS:
            raise FaultError(f"`on` of a fault rule takes {', '.join(sorted(CONDITIONS))}, not {on!r}")
        given = {key: value for key, value in rule.items() if key not in CONTROLS}
        unknown = set(given) - set(FAULTS[name])
        if unknown:
            raise FaultError(f"fault {name} has no parameter {', '.join(sorted(unknown))}")
        parameters = {**FAULTS[name], **given}
        if name == "rate_limit" and parameters["form"] not in FORMS:
            raise FaultError(f"`form` of rate_limit is one of {', '.join(FORMS)}")
        if name == "false_success" and parameters["form"] not in FALSE_SUCCESSES:
            raise FaultError(f"`form` of false_success is one of {', '.join(FALSE_SUCCESSES)}")
        if "status" in parameters and parameters["status"] not in set(HTTPStatus):
            raise FaultError(f"`status` of {name} is a status of HTTP, not {parameters['status']!r}")
        methods = on.get("method", "*")
        if not (isinstance(methods, str) or (isinstance(methods, list) and methods)):
            raise FaultError("`method` of a fault rule is an HTTP method or a list of them")
        skip, times = rule.get("skip", 0), rule.get("times", 1)
        if not isinstance(skip, int) or not (times is None or isinstance(times, int)):
            raise FaultError("`skip` is a number; `times` is a number or null")
        return cls(name, on, parameters, skip, times)

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as it was given, with what is left of it."""
        return {
            "on": self.on,
            "skip": self.skip,
            "times": self.times,
            "do": self.do,
            **self.parameters,
            "fired": self.fired,
        }

    def matches(self, method: str, path: str, filter_text: str) -> bool:
        """Tell whether the rule is for a request."""
        wanted = self.on.get("method", "*")
        methods = {str(each).upper() for each in (wanted if isinstance(wanted, list) else [wanted])}
        if methods.isdisjoint({"*", method}):
            return False
        if not fnmatchcase(path, str(self.on.get("path", "*"))):
            return False
        return str(self.on.get("filter") or "") in filter_text

    def take(self) -> bool:
        """Use the rule up by one request, and tell whether it fires."""
        if self.times is not None and self.fired >= self.times:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.fired += 1
        return True


class Faults:
    """The rules in force."""

    def __init__(self, rules: list[Any] | None = None) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self.replace(rules or [])

    def replace(self, rules: Any) -> None:
        """Put these rules in the place of all others."""
        if not isinstance(rules, list):
            raise FaultError("the faults are a list of rules")
        parsed = [Rule.parse(rule) for rule in rules]
        with self._lock:
            self._rules = parsed

    def as_list(self) -> list[dict[str, Any]]:
        """Return the rules and what is left of them."""
        with self._lock:
            return [rule.as_dict() for rule in self._rules]

    def pick(self, method: str, path: str, filter_text: str) -> Rule | None:
        """Return the rule that spoils this request, if any."""
        if not self._rules:
            return None
        with self._lock:
            for rule in self._rules:
                if rule.matches(method, path, filter_text) and rule.take():
                    return rule
        return None
