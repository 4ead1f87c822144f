# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws about a run: what it says is so, what it does is said, and nothing else comes of it.

A law says nothing (None) where it does not apply, else everything that breaks it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from oracle import (
    active,
    differing,
    excuse,
    folded,
    is_plain_roster,
    name_of,
    not_as_given,
    of_name,
    reported,
    satisfied,
    stopped_early,
    target,
)
from runner import Seen
from worlds import READ_ONLY_TOKEN, TOKEN, WRONG_TOKEN


def always_ends_with_an_outcome(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """No exception gets out, nothing hangs, and only a kill ends a run early."""
    if seen.crash:
        return [seen.crash.strip().splitlines()[-1]]
    if seen.world.kind == "roster" and (seen.step.name != "apply" or (seen.folder / "plan").exists()):
        # Nothing that is drawn is a wrong option: such a run would do nothing, and every law hold.
        wrong = [outcome for outcome in seen.outcomes if outcome.result.get("error", {}).get("kind") == "bad_option"]
        if wrong:
            return [str(wrong[0].result["msg"])]
    return [] if seen.finished or seen.killed else ["it ended without a word"]


def success_is_true(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """What is reported as done, or as needing nothing, is so in the tenant."""
    if seen.step.check or seen.step.name == "undo" or not seen.outcomes:
        return None
    world = seen.world
    rows = {folded(row["user_name"]): row for row in world.wanted}
    told = {name: (operation, status) for name, operation, status, _changed in reported(seen)}
    if is_plain_roster(seen) and not stopped_early(seen):
        told = {**dict.fromkeys(rows, ("unchanged", "unchanged")), **told}
    breaches = []
    for name, (operation, status) in told.items():
        if status not in ("done", "unchanged"):
            continue
        now, was = of_name(seen.after, name), of_name(seen.before, name)
        if now is not None and not now["visible"]:
            continue  # nobody who asks can know about a user of Admin Console
        if name in rows:
            # A plan that was made before may hold less than the row.
            asked = _planned(seen, name) if seen.step.name == "apply" else rows[name]
            lacks = None if asked is None else satisfied(world, asked, now, was)
            if lacks:
                breaches.append(f"reported as {operation}, but {lacks}")
        elif operation == "deactivated" and active(now):
            breaches.append(f"{name} is reported as deactivated, and is active")
        # Somebody whom lists do not show yet may be created once more, and a spoiled answer hide that it was refused.
        hidden = (
            any(name in world.switches for name in ("consistency_delay", "list_lag"))
            or world.switch("create_inactive_duplicate") == "reactivate"
        )
        if operation == "created" and was is not None and not hidden:
            breaches.append(f"{name} is reported as created, and was there before")
        # Whom lists or reads still show as before may be changed once more.
        late = any(name in world.switches for name in ("change_delay", "list_lag", "read_delay"))
        if operation == "activated" and ((active(was) and not late) or not active(now)):
            breaches.append(f"{name} is reported as activated, and was active before or is not now")
        if operation == "deactivated" and not active(was) and not world.parallel and not late:
            breaches.append(f"{name} is reported as deactivated, and was not active before")
    return breaches


def _planned(seen: Seen, name: str) -> dict[str, Any] | None:
    """Return what a plan that was applied says of somebody, as a row; None where it says nothing."""
    for entry in (entry for outcome in seen.outcomes for entry in outcome.result["results"]):
        if folded(entry["user_name"]) == name and entry["status"] == "done" and entry["changes"]:
            after = entry["changes"]["after"]
            empty = {key: [] if key == "phone_numbers" else "" for key, value in after.items() if value is None}
            return {"user_name": entry["user_name"], **after, **empty}
    return None


def only_refusals_are_remembered(seen: Seen, history: list[Seen]) -> list[str] | None:
    """What is remembered as not taken is what this tenant makes something else of: no wish is dropped by mistake."""
    world = seen.world
    if any(each.step.name == "undo" for each in (*history, seen)):
        return None  # an undo has wishes of its own
    rows = {folded(row["user_name"]): row for row in world.wanted}
    breaches = []
    for user in seen.after.values():
        row = rows.get(name_of(user))
        file = f"{hashlib.sha256(user['id'].encode()).hexdigest()[:32]}.json"
        for path in (seen.folder / "state" / "declined").glob(f"*/{file}"):
            entries = json.loads(path.read_text(encoding="utf-8"))
            # With a stamp it counts only until the user changes.
            names = [name for name, (_wish, _result, _at, stamp) in entries.items() if stamp is None]
            breaches += [
                f"{name} of {name_of(user)} is remembered as not taken, and this tenant takes it"
                for name in names
                if row is not None
                and name in row
                and not not_as_given(world, row, name)
                # A number that is never shown as given looks like one that was not taken.
                and not (name == "phone_numbers" and world.switch("masked_phones"))
            ]
    return breaches


def what_is_hopeless_ends(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """A run that cannot succeed ends: after a few requests without a token or a right, and within its budget otherwise."""
    positions, world = seen.positions, seen.world
    if seen.step.name == "undo" or not seen.outcomes or seen.step.token != TOKEN or seen.step.wrong_customer:
        return None
    several = world.options.get("concurrency", 1)
    budget = {**world.options, **seen.step.options}["retry_budget"]
    breaches = []
    if world.kind == "roster":
        dead = [entry for entry in seen.log if entry["status"] in (401, 403) and entry["fault"] is None]
        if positions.get("token_dies_after") is not None and len(dead) > 1 + several:
            breaches.append(f"{len(dead)} requests after the token died")
        refused = [entry for entry in seen.writes if entry["status"] == 403 and entry["fault"] is None]
        if positions.get("write_rights") == "none" and len(refused) > 1 + several:
            breaches.append(f"{len(refused)} writes without the right to")
    if world.parallel or "rate_limit" in positions or seen.step.faults:
        return breaches  # the clock is another one, or each fault costs some of it
    most = (budget + 5) * (1 if world.kind == "roster" else len(seen.calls)) + 30
    if isinstance(positions.get("writes_until_503"), int) and seen.seconds > most:
        breaches.append(f"it took {seen.seconds:.0f} s, with a retry_budget of {budget}")
    return breaches


def partial_success_is_complete(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Whoever changed in the tenant is reported as changed, or as failed: nobody changes in silence."""
    if not seen.finished:
        return None
    told: dict[str, set[str]] = {}
    for name, _operation, status, _changed in reported(seen):
        told.setdefault(name, set()).add(status)
    breaches = []
    for key in differing(seen.before, seen.after):
        name = name_of(seen.after.get(key) or seen.before[key])
        if not told.get(name, set()) & {"done", "failed"}:
            breaches.append(f"{name} changed, and is reported as {sorted(told.get(name, {'nothing'}))}")
    return breaches


def summary_adds_up(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """The counts are those of the results, and something changed exactly when a result says so."""
    if seen.world.kind != "roster" or not seen.outcomes:
        return None
    breaches = []
    for outcome in seen.outcomes:
        result = outcome.result
        counts: dict[str, int] = {}
        for entry in result["results"]:
            word = entry["operation"] if entry["status"] in ("done", "planned") else entry["status"]
            counts[word] = counts.get(word, 0) + 1
        for word, number in result["summary"].items():
            if word not in ("unchanged", "inactive") and counts.get(word, 0) != number:
                breaches.append(f"summary says {number} {word}, the results {counts.get(word, 0)}")
        done = [entry for entry in result["results"] if entry["status"] in ("done", "planned")]
        if done and not result["changed"]:
            breaches.append("something is done, and changed is false")
        if outcome.failed and "msg" not in result:
            breaches.append("it failed without a message")
    return breaches


def requests_are_counted(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """The requests that a roster says it sent are those that arrived."""
    if seen.world.kind != "roster" or not seen.finished or not seen.outcomes or seen.step.wrong_customer:
        return None
    told: dict[str, int] = {}
    for outcome in seen.outcomes:
        for verb, number in outcome.result["requests"].items():
            told[verb] = told.get(verb, 0) + number
    arrived: dict[str, int] = {}
    for entry in seen.log:
        arrived[entry["method"]] = arrived.get(entry["method"], 0) + 1
    return [] if told == arrived else [f"told {told}, arrived {arrived}"]


def check_mode_only_reads(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Check mode sends nothing but GET, and changes nothing."""
    if not seen.step.check:
        return None
    breaches = [f"{entry['method']} {entry['path']} in check mode" for entry in seen.writes]
    return breaches + [f"{key} changed in check mode" for key in differing(seen.before, seen.after)]


def check_mode_predicts(seen: Seen, history: list[Seen]) -> list[str] | None:
    """Where nothing goes wrong, the real run does what check mode said."""
    if seen.step.name != "heal" or not history or history[-1].step.name != "check" or not history[-1].step.clean:
        return None
    world, check = seen.world, history[-1]
    if check.positions != seen.positions or not seen.finished or not check.finished:
        return None
    failed = {name for name, _operation, status, _changed in reported(seen) if status == "failed"}
    foretold = {
        name: operation for name, operation, status, _changed in reported(check) if status in ("done", "planned")
    }
    real = {name: operation for name, operation, status, _changed in reported(seen) if status == "done"}
    breaches = [
        f"{name}: check mode says {foretold.get(name)}, the real run {real.get(name)}"
        for name in sorted({*foretold, *real} - failed)
        if foretold.get(name) != real.get(name)
    ]
    for name in failed:
        row = next((row for row in world.wanted if folded(row["user_name"]) == name), None)
        if row is not None and not excuse(world, row, of_name(seen.before, name)) and name not in foretold:
            breaches.append(f"{name} failed, and check mode did not see it coming")
    return breaches


def the_journal_knows(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Everybody about whom something was sent stands in the journal first, also when the process dies at once."""
    if not seen.world.options.get("journal_file") or not seen.writes:
        return None
    path = seen.folder / "journal"
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    added = text[len(seen.files.get("journal", "")) :]
    noted = set()
    for line in added.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # torn by a kill
        if entry["event"] == "sent":
            noted.add(folded(entry["user_name"]))
    missing = {name for entry in seen.writes for name in [target(seen, entry)] if name} - noted
    return [f"{name} was written to, and is not in the journal" for name in sorted(missing)]


def the_second_run_is_silent(seen: Seen, history: list[Seen]) -> list[str] | None:
    """A run after one that went well sends no write, and reports no change."""
    if seen.step.name != "again":
        return None
    # Whom the run before did not come to, because everybody was refused, is not as wanted either.
    bad = ("failed", "refused", "skipped")
    failed = {name for name, _operation, status, _changed in reported(history[-1]) if status in bad}
    breaches = []
    for entry in seen.writes:
        name = target(seen, entry)
        if name not in failed:
            breaches.append(f"{entry['method']} for {name}, who was as wanted")
    breaches += [
        f"{name}: {operation} once more" for name, operation, status, _changed in reported(seen) if status == "done"
    ]
    if any(outcome.result["changed"] for outcome in seen.outcomes):
        breaches.append("changed is true")
    return breaches


def _forms(token: str) -> Iterator[str]:
    yield token
    yield quote(token, safe="")
    yield json.dumps(token)[1:-1]
    # At whatever place of a longer text it may stand.
    for shift in range(3):
        text = base64.b64encode(b"x" * shift + token.encode()).decode()
        yield text[4 if shift else 0 : -4]


def the_token_is_nowhere(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """The token is in no result, no file and no part of a request but its header."""
    texts = {"the result": json.dumps([outcome._asdict() for outcome in seen.outcomes], default=str)}
    texts |= {
        str(path.relative_to(seen.folder)): path.read_text(encoding="utf-8", errors="replace")
        for path in seen.folder.rglob("*")
        if path.is_file()
    }
    secrets = [form for token in (TOKEN, READ_ONLY_TOKEN, WRONG_TOKEN) for form in _forms(token)]
    breaches = [f"a token is in {where}" for where, text in texts.items() if any(form in text for form in secrets)]
    if any("<token>" in json.dumps(entry) for entry in seen.log):
        breaches.append("a token is in a request, outside of its header")
    return breaches
