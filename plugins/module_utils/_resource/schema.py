# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Moved to validation. To be removed as soon as nobody imports it from here."""

from __future__ import annotations

from . import validation

__all__ = ("validation",)
