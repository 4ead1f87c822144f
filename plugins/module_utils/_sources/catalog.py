# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The presets by their names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .preset import Preset
from .presets.active_directory import PRESET as ACTIVE_DIRECTORY
from .presets.bamboohr import PRESET as BAMBOOHR
from .presets.csv import PRESET as CSV
from .presets.entra_csv import PRESET as ENTRA_CSV
from .presets.entra_graph import PRESET as ENTRA_GRAPH
from .presets.google_api import PRESET as GOOGLE_API
from .presets.google_csv import PRESET as GOOGLE_CSV
from .presets.ldap import PRESET as LDAP
from .presets.okta_api import PRESET as OKTA_API
from .presets.onelogin_api import PRESET as ONELOGIN_API
from .presets.personio import PRESET as PERSONIO
from .presets.scim import PRESET as SCIM
from .presets.workday_raas import PRESET as WORKDAY_RAAS

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            ENTRA_CSV,
            ENTRA_GRAPH,
            OKTA_API,
            GOOGLE_CSV,
            GOOGLE_API,
            ONELOGIN_API,
            SCIM,
            LDAP,
            ACTIVE_DIRECTORY,
            BAMBOOHR,
            PERSONIO,
            WORKDAY_RAAS,
            CSV,
        )
    }
)
