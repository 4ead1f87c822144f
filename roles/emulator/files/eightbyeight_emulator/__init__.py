# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator of the 8x8 SCIM 2.0 API: the tenant in a box.

It is scim2-server with the deviations of 8x8 as a profile, every unknown of that API as a switch, faults on
demand and a log of every request. Start it with ``python eightbyeight_emulator --help``, or in a test::

    with Emulator(switches={"filter": "refused"}) as tenant:
        requests.get(f"{tenant.url}/Users", headers={"Authorization": f"Bearer {tenant.token}"})
"""

from .emulator import Emulator
from .faults import FAULTS, FaultError
from .switches import SWITCHES, SwitchError

__all__ = ["FAULTS", "SWITCHES", "Emulator", "FaultError", "SwitchError"]
