# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""scim2-tester, an independent judge of SCIM servers, finds what deviations.py says and nothing else."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from deviations import CONFORMING, DEVIATIONS
from eightbyeight_emulator import SWITCHES, Emulator
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server
from tenant_client import TOKEN

# One site: the tester sets a site twice, at random, and 8x8 allows that only when both are the same.
SEED = {"sites": [{"name": "London", "locale": "en-GB", "timezone": "Europe/London"}], "people": []}
FINE = (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE)


def failures(switches: dict[str, Any]) -> dict[tuple[str, str | None], str]:
    """Return what the tester holds against a tenant: (check, attribute) to its words."""
    random.seed(8)
    found = {}
    # Names that the tester makes up are longer than the Administration API takes.
    with Emulator(SEED, TOKEN, {"discovery": True, "lengths": "any", **switches}) as tenant:
        client = WSGISCIMClient(
            tenant.application,
            base_url=f"http://localhost{tenant.application.base_path}",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        results = check_server(client)
    assert len(results) > 50, "the tester went through all of its checks"
    for result in results:
        assert result.title
        if result.status not in FINE:
            named = re.search(r"attribute '([^']+)'", result.reason or "")
            attribute = named[1] if named and result.title.endswith("_attribute") else None
            found[result.title, attribute] = result.reason or ""
    return found


def differences(found: dict[tuple[str, str | None], str], listed: set[tuple[str, str | None]]) -> list[str]:
    """Return what is only found or only listed, in words."""
    surprises = [f"not a listed deviation: {key}: {found[key]}" for key in found.keys() - listed]
    return surprises + [f"listed, but it passes: {key}" for key in listed - found.keys()]


def test_default_profile() -> None:
    """On its defaults the tenant deviates in every listed way and in no other."""
    listed = {(deviation.check, deviation.attribute) for deviation in DEVIATIONS}
    assert differences(failures({}), listed) == []


def test_as_conforming_as_can_be() -> None:
    """With every switch at the RFC's side, only what 8x8 documents without doubt is left."""
    listed = {(deviation.check, deviation.attribute) for deviation in DEVIATIONS if not deviation.switches}
    assert differences(failures(CONFORMING), listed) == []


@pytest.mark.parametrize("name", ["object_deletion", "object_query_with_attributes"])
def test_a_deviation_goes_with_its_switch(name: str) -> None:
    """The switches that an entry names are the ones that cure it, alone."""
    (deviation,) = [deviation for deviation in DEVIATIONS if deviation.check == name]
    assert (deviation.check, deviation.attribute) not in failures(deviation.switches)


def test_list_is_in_order() -> None:
    """No entry twice, each with a source and a reason, and only switches that exist."""
    keys = [(deviation.check, deviation.attribute) for deviation in DEVIATIONS]
    assert len(keys) == len(set(keys))
    for deviation in DEVIATIONS:
        assert deviation.source and deviation.why
        assert set(deviation.switches) <= set(SWITCHES)
        assert all(CONFORMING[name] == value for name, value in deviation.switches.items())
