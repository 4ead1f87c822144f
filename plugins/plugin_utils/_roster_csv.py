# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Writes users as CSV in the format of a roster. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.csv_table import escape_formula, table
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import ATTRIBUTES
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.failed import cell

COLUMNS = ("user_name", *ATTRIBUTES, "active")


def users_csv(users: Iterable[Mapping[str, Any]]) -> str:
    """Return users as a roster that changes nothing.

    A missing value is ``~``, which means no change. An empty cell would clear a value that is set after the export. If
    a spreadsheet would run a cell as a formula, the cell is made harmless and an empty column ``reason`` comes first.
    It tells the roster to restore the cell.

    :param users: Users as ``eightbyeight_user_info`` returns them.
    """
    rows = [[cell(user.get(name) or (False if name == "active" else None)) for name in COLUMNS] for user in users]
    if any(escape_formula(text) != text for row in rows for text in row):
        return table(("reason", *COLUMNS), (["", *row] for row in rows))
    return table(COLUMNS, rows)
