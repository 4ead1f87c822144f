# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user of the project, as the documentation of django-scim2 makes one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django_scim.models import AbstractSCIMUserMixin


class User(AbstractUser, AbstractSCIMUserMixin):  # type: ignore[misc]
    """A user of Django with what SCIM needs beside it."""

    @property
    def scim_groups(self) -> Any:
        """The groups, which nobody is in."""
        return self.groups
