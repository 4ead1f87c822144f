# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task files of the guide on follow-ups against stand-ins: a webhook and ServiceNow. Jira is in tests/awx, with its collection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from matrix import collection_tree
from ticket_desk import Desk, is_opened_once, open_desk, run_followups, task_file


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as running:
        yield running


def test_a_message_to_a_webhook(desk: Desk, tmp_path: Path) -> None:
    status, output = run_followups(desk, tmp_path, str(collection_tree()), task_file("Send a message"))
    assert status == 0, output
    assert "WARNING" not in output
    assert desk.tickets == [{"text": "8x8, ada@example.org: assign license, assign profile"}]


def test_an_incident_whose_reply_was_lost_is_found_again(desk: Desk, tmp_path: Path) -> None:
    tasks = task_file("Look for an incident that is open already")
    (ticket,) = is_opened_once(desk, tmp_path, str(collection_tree()), tasks)
    assert ticket["short_description"] == "8x8, ada@example.org: assign license, assign profile"
    assert ticket["description"] == 'SCIM cannot, "really".\nSCIM cannot, "really".\nAdmin Console > Home > Users'
    assert ticket["correlation_id"].startswith("8x8-")
