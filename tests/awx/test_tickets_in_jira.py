# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task file of the guide on follow-ups that opens an issue in Jira, with community.general as it is installed here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from objects import tree
from ticket_desk import is_opened_once, open_desk, task_file


@pytest.mark.parametrize("cloud", [{}, {"jira_search": "/rest/api/3/search/jql"}], ids=["data center", "cloud"])
def test_an_issue_whose_reply_was_lost_is_found_again(tmp_path: Path, cloud: dict[str, Any]) -> None:
    with open_desk() as desk:
        (ticket,) = is_opened_once(desk, tmp_path, tree(), task_file("Look for an issue that is open already"), **cloud)
    fields = ticket["fields"]
    assert fields["summary"] == "8x8, ada@example.org: assign license, assign profile"
    assert fields["project"] == {"key": "HELP"}
    assert fields["labels"][0].startswith("8x8-")
    assert fields["description"].splitlines()[-1] == "Admin Console > Home > Users"
