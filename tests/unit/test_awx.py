# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is compared with AWX, and what is sent to its modules."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.filter import awx_changes, awx_objects
from ansible_collections.eightbyeight.scim.plugins.plugin_utils import _awx

TYPE = {
    "name": "8x8 SCIM",
    "kind": "cloud",
    "inputs": {"fields": [{"id": "api_url"}, {"id": "api_token", "secret": True}]},
}
CREDENTIAL = {"name": "8x8 tenant", "organization": "Default", "credential_type": "8x8 SCIM", "update_secrets": False}
TEMPLATE = {"name": "8x8 audit", "organization": "Default", "description": "Counts", "playbook": "audit.yml"}
WORKFLOW = {
    "name": "8x8 roster",
    "organization": "Default",
    "workflow_nodes": [
        {"identifier": "plan", "unified_job_template": {"name": "8x8 plan", "organization": {"name": "Default"}}},
        {"identifier": "approve", "unified_job_template": {"type": "workflow_approval"}},
    ],
}


def wanted(settings: dict[str, Any] | None = None, **lists: Any) -> list[dict[str, Any]]:
    return _awx.wanted_objects({f"controller_{name}": given for name, given in lists.items()}, settings or {})


def stored(one: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an object as AWX lists it after it was put in place."""
    owner = {"organization": {"name": one["owner"]}}
    return {
        "name": one["name"],
        "description": one["description"],
        "kind": one["owner"],
        "summary_fields": owner,
        **more,
    }


def test_the_order_is_that_in_which_the_objects_need_each_other() -> None:
    made = wanted(workflows=[WORKFLOW], templates=[TEMPLATE], credentials=[CREDENTIAL], credential_types=[TYPE])
    assert [one["kind"] for one in made] == ["credential_type", "credential", "job_template", "workflow_job_template"]


@pytest.mark.parametrize("kind", [kind.name for kind in _awx.KINDS])
def test_an_object_is_known_by_its_digest_and_its_owner(kind: str) -> None:
    known = next(one for one in _awx.KINDS if one.name == kind)
    (one,) = _awx.wanted_objects({known.variable: [{"name": "A", known.owner: "cloud", "description": "B"}]}, {})
    there = {
        "name": "A",
        "description": one["description"],
        "kind": "cloud",
        "summary_fields": {known.owner: {"name": "cloud"}},
    }
    assert _awx.changes([one], {kind: [there]}) == []
    assert [change.operation for change in _awx.changes([one], {})] == ["created"]
    for other in ({"description": "B"}, {"description": "B [eightbyeight.scim 0123456789abcdef]"}):
        assert [change.operation for change in _awx.changes([one], {kind: [{**there, **other}]})] == ["updated"]
    elsewhere = {**there, "kind": "net", "summary_fields": {known.owner: {"name": "another"}}}
    assert [change.operation for change in _awx.changes([one], {kind: [elsewhere]})] == ["created"]


def test_the_digest_is_written_last_where_a_module_sends_several_requests() -> None:
    (change,) = _awx.changes(wanted(templates=[TEMPLATE]), {})
    assert change.arguments["description"] == "Counts"
    assert change.seal["description"].startswith("Counts [eightbyeight.scim ")
    assert set(change.seal) == {"name", "organization", "description"}
    (change,) = _awx.changes(wanted(inventories=[{"name": "A"}]), {})
    assert change.arguments["description"].startswith("[eightbyeight.scim ")
    assert change.seal == {}


def test_nodes_of_before_are_removed_from_a_workflow_that_is_there() -> None:
    made = wanted(workflows=[WORKFLOW])
    assert _awx.changes(made, {})[0].arguments["destroy_current_nodes"] is False
    there = stored(made[0], description="")
    assert _awx.changes(made, {"workflow_job_template": [there]})[0].arguments["destroy_current_nodes"] is True


def test_the_same_data_in_another_order_has_the_same_digest() -> None:
    (one,), (other,) = wanted(templates=[TEMPLATE]), wanted(templates=[dict(reversed(TEMPLATE.items()))])
    assert one["digest"] == other["digest"]
    (changed,) = wanted(templates=[{**TEMPLATE, "forks": 5}])
    assert changed["digest"] != one["digest"]


@pytest.mark.parametrize(
    ("there", "given", "update", "sent"),
    [
        (None, {"api_url": "u", "api_token": "t"}, False, {"api_url": "u", "api_token": "t"}),
        ({"api_url": "u", "api_token": "$encrypted$"}, {"api_url": "u", "api_token": "t"}, False, None),
        ({"api_url": "u", "api_token": "$encrypted$"}, {"api_url": "u"}, False, None),
        ({"api_url": "u", "api_token": "$encrypted$"}, {"api_url": "u"}, True, None),
        ({"api_url": "u"}, {"api_url": "u", "api_token": "t"}, False, {"api_url": "u", "api_token": "t"}),
        (
            {"api_url": "u", "api_token": "$encrypted$"},
            {"api_url": "u", "api_token": "t"},
            True,
            {"api_url": "u", "api_token": "t"},
        ),
    ],
)
def test_a_secret_is_written_when_it_is_missing_or_asked_for(
    there: dict[str, str] | None, given: dict[str, str], update: bool, sent: dict[str, str] | None
) -> None:
    objects = wanted(credential_types=[TYPE], credentials=[{**CREDENTIAL, "inputs": given}])[1:]
    assert "t" not in objects[0]["arguments"]["inputs"].values()
    found = {} if there is None else {"credential": [stored(objects[0], inputs=there)]}
    changes = _awx.changes(objects, found, update_secrets=update)
    assert [change.arguments["inputs"] for change in changes] == ([] if sent is None else [sent])
    assert all(change.arguments["update_secrets"] is update for change in changes)


def test_a_moved_customer_keeps_the_stored_secret() -> None:
    objects = wanted(
        credential_types=[TYPE], credentials=[{**CREDENTIAL, "inputs": {"api_url": "new", "api_token": "t"}}]
    )[1:]
    there = stored(objects[0], description="", inputs={"api_url": "old", "api_token": "$encrypted$"})
    (change,) = _awx.changes(objects, {"credential": [there]})
    assert change.arguments["inputs"] == {"api_url": "new", "api_token": "$encrypted$"}


def test_all_inputs_of_an_unknown_type_are_secret() -> None:
    (one,) = wanted(credentials=[{**CREDENTIAL, "inputs": {"api_url": "u"}}])
    assert one["arguments"]["inputs"] == {}
    assert one["secrets"] == {"api_url": "u"}


def test_settings_reach_the_objects_that_they_are_for() -> None:
    made = wanted(
        {
            "organization": "Telephony",
            "project_url": "https://git.example.org/a.git",
            "project_branch": "stable",
            "execution_environment": "EE",
            "webhook_url": "https://hooks.example.org",
        },
        projects=[{"name": "P", "scm_type": "git", "organization": "Default"}, {"name": "M", "scm_type": "manual"}],
        notifications=[
            {"name": "N", "notification_type": "webhook", "notification_configuration": {"url": "x", "a": 1}}
        ],
        templates=[TEMPLATE, {**TEMPLATE, "name": "Own", "execution_environment": "Mine"}],
        workflows=[WORKFLOW],
    )
    by_name = {one["name"]: one["arguments"] for one in made}
    assert by_name["P"]["scm_url"] == "https://git.example.org/a.git"
    assert by_name["P"]["scm_branch"] == "stable"
    assert by_name["P"]["organization"] == by_name["8x8 audit"]["organization"] == "Telephony"
    assert "scm_url" not in by_name["M"]
    assert by_name["N"]["notification_configuration"] == {"url": "https://hooks.example.org", "a": 1}
    assert by_name["8x8 audit"]["execution_environment"] == "EE"
    assert by_name["Own"]["execution_environment"] == "Mine"
    nodes = by_name["8x8 roster"]["workflow_nodes"]
    assert nodes[0]["unified_job_template"]["organization"] == {"name": "Telephony"}
    assert nodes[1] == WORKFLOW["workflow_nodes"][1]
    assert WORKFLOW["workflow_nodes"][0]["unified_job_template"]["organization"]["name"] == "Default"  # type: ignore[index]


def test_two_objects_of_one_name_have_two_keys() -> None:
    made = wanted(templates=[TEMPLATE, {**TEMPLATE, "organization": "Other"}])
    assert [one["key"] for one in made] == ["job_template 8x8 audit of Default", "job_template 8x8 audit of Other"]


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ({"controller_projects": "x"}, "controller_projects must be a list of dictionaries."),
        ({"controller_projects": {"name": "x"}}, "controller_projects must be a list of dictionaries."),
        (
            {"controller_hosts": [{"name": "a"}, {"name": " "}, 3]},
            "controller_hosts has entries without a name: number 2, 3.",
        ),
        ({"controller_hosts": [{"name": "a"}, {"name": "a"}]}, "controller_hosts has 'a' twice."),
    ],
)
def test_lists_that_cannot_be_used_are_told(lists: dict[str, Any], told: str) -> None:
    assert told in awx_objects.awx_objects(lists)["problems"]
    assert awx_objects.awx_objects(lists)["objects"] == []


def test_a_missing_collection_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (problem,) = awx_objects.awx_objects({})["problems"]
    assert "ansible-galaxy collection install 'awx.awx:>=24.6.1'" in problem
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert awx_objects.awx_objects({"controller_templates": [TEMPLATE]})["problems"] == []


def test_awx_is_asked_once_for_each_kind() -> None:
    asked = _awx.questions(wanted(templates=[TEMPLATE, {**TEMPLATE, "name": "B"}], credential_types=[TYPE]))
    assert [(one["endpoint"], one["query_params"]["name__in"]) for one in asked] == [
        ("credential_types", "8x8 SCIM"),
        ("job_templates", "8x8 audit,B"),
    ]


def test_what_is_to_be_done_is_told_without_a_secret() -> None:
    objects = wanted(
        credential_types=[TYPE],
        credentials=[{**CREDENTIAL, "inputs": {"api_token": "made-up"}}],
        projects=[{"name": "P", "scm_type": "git", "scm_url": "https://git.example.com/x.git"}],
    )
    told = awx_changes.awx_changes(objects, {"credential_type": [stored(objects[0])]}, "no")
    assert told["lines"] == [
        "2 to be created, 0 to be updated, 1 unchanged",
        "credential 8x8 tenant: to be created",
        "project P: to be created",
    ]
    assert told["by_kind"] == {"credential": ["credential 8x8 tenant"], "project": ["project P"]}
    assert told["summary"] == ["The project P has an example as its address. Give awx_project_url."]
    assert "made-up" not in str([told["lines"], told["summary"], told["operations"]])
    assert told["arguments"]["credential 8x8 tenant"]["inputs"] == {"api_token": "made-up"}
    (bare,) = wanted(credentials=[CREDENTIAL])
    assert "has no token yet" in awx_changes.awx_changes([bare], {})["summary"][0]
