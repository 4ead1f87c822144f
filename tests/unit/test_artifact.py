# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one job of AWX hands on to the next, and what goes with a job."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.filter.artifact_plan import artifact_plan
from ansible_collections.eightbyeight.scim.plugins.filter.roster_artifact import roster_artifact
from ansible_collections.eightbyeight.scim.plugins.module_utils._report import artifact
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import planfile
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._job import job_directory

TENANT = "https://platform-cloud.8x8.com/udi/customers/0012J00000000000N1/scim/v2"


def plan_of(count: int, extra: str = "") -> dict[str, Any]:
    """Return a plan that creates so many people."""
    rows = []
    for number in range(count):
        name = f"person{number}{extra}@example.org"
        after = {"user_name": name, "given_name": f"Given{number * 7919 % 1013}", "email": name}
        rows.append(
            {"row": number, "user_name": name, "id": None, "operation": "created", "before": None, "after": after}
        )
    return planfile.document(TENANT, rows, 1_800_000_000, users=40, complete=True)


def steps_of(plan: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what the role collected when it made a plan."""
    results = [
        {
            "user_name": row["user_name"],
            "operation": row["operation"],
            "status": "planned",
            "changes": {"after": row["after"]},
        }
        for row in plan["rows"]
    ]
    summary = {"created": len(results), "deactivated": 0, "unchanged": 37}
    planned = {
        "plan": {"digest": plan["digest"]},
        "results": results,
        "summary": summary,
        "complete": True,
        "changed": True,
    }
    return {"host": "north", "plan_only": True, "planned": planned, "plan": plan, **more}


def applied_steps(plan: dict[str, Any], undo: dict[str, Any]) -> dict[str, Any]:
    results = [{"user_name": row["user_name"], "operation": "created", "status": "done"} for row in plan["rows"]]
    summary = {"created": len(results), "failed": 0}
    content = base64.b64encode(json.dumps(undo).encode()).decode()
    steps = steps_of(plan, plan_only=False, approved=True)
    return {**steps, "applied": {"results": results, "summary": summary, "changed": True}, "undo": {"content": content}}


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("north", "eightbyeight_plan_north"),
        ("north-2.example.org", "eightbyeight_plan_north_2_example_org"),
        ("Nörd", "eightbyeight_plan_N_rd"),
    ],
)
def test_the_key_is_one_that_a_variable_may_have(host: str, name: str) -> None:
    assert list(roster_artifact({**steps_of(plan_of(1)), "host": host}, "digest")["data"]) == [name]


def test_a_digest_names_nobody() -> None:
    made = roster_artifact(steps_of(plan_of(3)), "digest")["data"]["eightbyeight_plan_north"]
    assert made["digest"] == plan_of(3)["digest"]
    assert made["counts"] == {"created": 3, "unchanged": 37}
    assert made["expires"] == "2027-01-16T08:00:00Z"
    assert made["state"] == "planned"
    assert made["text"].startswith("north: would create 3; sha256:")
    assert "person" not in json.dumps(made)


def test_a_plan_says_whom_it_changes_and_travels_with_it() -> None:
    plan = plan_of(3)
    made = roster_artifact(steps_of({**plan, "forecast": {"requests": 9}}), "plan")["data"]["eightbyeight_plan_north"]
    assert made["people"] == [f"person{number}@example.org: create" for number in range(3)]
    assert json.loads(gzip.decompress(base64.b64decode(made["plan"]))) == plan
    read = artifact_plan(made, "north")
    assert read["digests"] == [plan["digest"]]
    content = json.loads(read["content"])
    assert planfile.digest(content) == plan["digest"], "nothing but the plan, so that its digest holds"
    assert artifact_plan(json.dumps(made), "north") == read, "the same as text"
    assert made["plan"] == artifact.packed(plan)


def test_many_people_are_named_as_far_as_they_fit() -> None:
    made = roster_artifact(steps_of(plan_of(300)), "plan")["data"]["eightbyeight_plan_north"]
    assert made["people"][-1] == "and 200 lines more, see the output of the job"
    assert len(made["people"]) == 101


def test_a_plan_that_is_too_large_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWX_PRIVATE_DATA_DIR", raising=False)
    steps = steps_of(plan_of(6000))
    made = roster_artifact(steps, "plan", str(tmp_path))
    (one,) = made["data"].values()
    assert "plan" not in one
    assert len(json.dumps(one)) < artifact.MOST_BYTES
    assert "too large for an artifact" in one["problem"]
    assert made["notes"] == [one["problem"]]
    assert made["problem"] == "", "the file stays where it is"
    monkeypatch.setenv("AWX_PRIVATE_DATA_DIR", str(tmp_path))
    lost = roster_artifact(steps, "plan", str(tmp_path / "plans"))
    assert "too large" in lost["problem"]
    assert "is deleted with it" in lost["problem"]


def test_a_plan_that_just_fits_is_within_the_limit() -> None:
    sizes = {}
    for count in range(100, 3000, 100):
        (one,) = roster_artifact(steps_of(plan_of(count)), "plan")["data"].values()
        sizes[count] = len(json.dumps(one)) if "plan" in one else 0
        assert len(json.dumps(one).encode()) <= artifact.MOST_BYTES
    assert max(sizes.values()) > 40_000, "the limit was reached"


def test_what_puts_everything_back_is_handed_on_after_it_was_applied() -> None:
    plan, undo = plan_of(2), plan_of(1, "-undo")
    (made,) = roster_artifact(applied_steps(plan, undo), "plan")["data"].values()
    assert made["state"] == "applied"
    assert made["undo_digest"] == undo["digest"]
    assert "plan" not in made
    assert made["text"] == "north: 2 created"
    assert artifact_plan(made, "north")["digests"] == [], "what was applied is not applied again"
    read = artifact_plan(made, "north", [undo["digest"]])
    assert read["digest"] == undo["digest"]
    assert json.loads(read["content"]) == undo
    (bare,) = roster_artifact(applied_steps(plan, undo), "digest")["data"].values()
    assert "undo" not in bare


@pytest.mark.parametrize("change", [{"planned": {"msg": "no"}}, {"plan_only": False}])
def test_where_there_is_no_plan_nothing_is_handed_on(change: dict[str, Any]) -> None:
    assert roster_artifact({**steps_of(plan_of(1)), **change}, "plan")["data"] == {}


def test_without_the_option_nothing_is_handed_on() -> None:
    assert roster_artifact(steps_of(plan_of(1)))["data"] == {}


def test_a_plan_of_before_is_not_taken_where_a_new_one_is_made() -> None:
    (made,) = roster_artifact(steps_of(plan_of(1)), "plan")["data"].values()
    assert artifact_plan(made, "north", [], True) == {"digests": [], "content": "", "digest": "", "problem": ""}
    assert artifact_plan("", "north")["digests"] == []
    assert artifact_plan("", "north", ["sha256:1"])["digests"] == ["sha256:1"]


@pytest.mark.parametrize("given", ["", None, "no json", [1]])
def test_the_word_needs_an_artifact(given: Any) -> None:
    read = artifact_plan(given, "north", ["artifact"])
    assert read["digests"] == []
    assert "the variable eightbyeight_plan_north" in read["problem"]
    assert "roster_plan_only and roster_artifact" in read["problem"]


def test_an_artifact_of_another_host_is_refused() -> None:
    (made,) = roster_artifact(steps_of(plan_of(1)), "plan")["data"].values()
    assert "belongs to the host north" in artifact_plan(made, "nor-th")["problem"]


def test_an_approved_digest_finds_its_plan_in_the_artifact_and_no_other() -> None:
    plan = plan_of(1)
    (made,) = roster_artifact(steps_of(plan), "plan")["data"].values()
    assert artifact_plan(made, "north", [plan["digest"]])["digest"] == plan["digest"]
    other = artifact_plan(made, "north", ["sha256:" + "0" * 64])
    assert other["digests"] == ["sha256:" + "0" * 64]
    assert other["content"] == ""
    assert "does not have the digest" in artifact_plan({"host": "north"}, "north", ["artifact"])["problem"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "###",
        "eA==",
        base64.b64encode(gzip.compress(b"[1]")).decode(),
        base64.b64encode(gzip.compress(b"{}")[:-9]).decode(),
    ],
)
def test_what_is_no_plan_is_none(text: str) -> None:
    assert artifact.unpacked(text) == {}


def test_a_text_that_unpacks_to_more_than_any_plan_is_none() -> None:
    assert artifact.unpacked(base64.b64encode(gzip.compress(b" " * 60_000_000 + b"{}")).decode()) == {}


@pytest.mark.parametrize(
    ("directory", "environment", "mounts", "marks", "lost"),
    [
        ("/tmp/awx_7/project/plans", {"AWX_PRIVATE_DATA_DIR": "/tmp/awx_7"}, [], [], "/tmp/awx_7"),
        ("/runner/project/plans", {"AWX_PRIVATE_DATA_DIR": "/tmp/awx_7"}, ["/runner"], [], "/runner"),
        ("/runner/project/plans", {"AWX_PRIVATE_DATA_DIR": "/tmp/awx_7"}, ["/runner/project/plans"], [], ""),
        ("/var/lib/plans", {"AWX_PRIVATE_DATA_DIR": "/tmp/awx_7"}, [], [], ""),
        ("/var/lib/plans", {"AWX_PRIVATE_DATA_DIR": "/tmp/awx_7"}, [], ["/run/.containerenv"], "/"),
        ("/var/lib/plans", {"AWX_PRIVATE_DATA_DIR": "/tmp/awx_7"}, ["/var/lib"], ["/run/.containerenv"], ""),
        ("/tmp/awx_7/project/plans", {}, [], ["/run/.containerenv"], ""),
        ("/tmp/awx_7/project/plans", {"AWX_PRIVATE_DATA_DIR": " "}, [], [], ""),
    ],
)
def test_what_goes_with_a_job_is_known(
    directory: str, environment: dict[str, str], mounts: list[str], marks: list[str], lost: str
) -> None:
    found = job_directory(directory, environment, lambda path: path in [*mounts, "/"], lambda path: path in marks)
    assert found == lost


@pytest.mark.parametrize(
    ("kind", "steps", "told"),
    [
        ("plan", steps_of(plan_of(1)), "The plan is also in the artifact eightbyeight_plan_north"),
        ("digest", steps_of(plan_of(1)), "Set roster_artifact to plan"),
        ("", steps_of(plan_of(1)), "Set roster_artifact to plan"),
        ("plan", steps_of(plan_of(1), plan_only=False), "also in the artifact if it fits"),
        (
            "",
            steps_of(plan_of(1), plan_only=False),
            "undo plan, journal, evidence, report and checklists. Set roster_plan_dir to persistent storage",
        ),
    ],
)
def test_what_goes_with_the_job_is_told_before_anything_is_applied(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, steps: dict[str, Any], told: str
) -> None:
    monkeypatch.setenv("AWX_PRIVATE_DATA_DIR", str(tmp_path))
    (note,) = roster_artifact(steps, kind, str(tmp_path / "plans"))["notes"]
    assert told in note
    assert "roster_plan_dir" in note or "artifact" in note
    monkeypatch.delenv("AWX_PRIVATE_DATA_DIR")
    assert roster_artifact(steps, kind, str(tmp_path / "plans"))["notes"] == []
