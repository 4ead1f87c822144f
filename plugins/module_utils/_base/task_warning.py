# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A warning as a value, so that the same one about many users can be given once."""

from __future__ import annotations

from typing import NamedTuple


class TaskWarning(NamedTuple):
    """A warning about one user.

    :param kind: What it is about, the same for everybody: ``not_stored``, ``changed_unasked``, ``changed_meanwhile``,
        ``stays_inactive``, ``active_unknown`` or ``versions_ignored``.
    :param text: It begins with the user's name.
    """

    kind: str
    text: str
