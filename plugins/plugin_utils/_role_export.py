# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Finds the export that the variables of a role name, and reads it as a roster."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.text import abbreviated
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._sources.read import roster_from

#: The variables that are options of the filter.
_OPTIONS = ("mapping", "defaults", "only", "dates_timezone", "date_format", "delimiter", "encoding")


def with_export(read: Mapping[str, Any], role: str, playbook_dir: str = "") -> dict[str, Any]:
    """Return the variables of a role with the roster of the export that they name.

    A relative path is looked for where Ansible was started, which is what a path on the command line means, and then
    beside the playbook, which is what one in a playbook means. An approved plan needs no export, so none is read then.

    :param read: ``options``, ``problems`` and ``notes``, as the filter role_options returns them.
    :param role: The name of the role, which its variables begin with.
    """
    options, problems = dict(read["options"]), list(read["problems"])
    source, export = options["source"], options["export"]
    if options["approved_digest"] or not (source or export):
        return {**read, "options": options}
    if not (source and export):
        missing, given = ("export", "source") if source else ("source", "export")
        problems.append(f"{role}_{missing} is missing, and {role}_{given} needs it.")
    elif options["users"]:
        problems.append(f"{role}_users and {role}_source both give a roster; give one of them.")
    else:
        options["users"] = _read(options, role, playbook_dir, problems)
    return {**read, "options": options, "problems": problems}


def _read(options: Mapping[str, Any], role: str, playbook_dir: str, problems: list[str]) -> Any:
    given = os.path.expanduser(options["export"])
    places = [os.path.abspath(os.path.join(start, given)) for start in (os.getcwd(), playbook_dir)]
    path = next((place for place in places if os.path.isfile(place)), None)
    if path is None:
        problems.append(
            f"{role}_export: there is no file {' or '.join(dict.fromkeys(places))} on the machine that runs Ansible."
        )
        return []
    try:
        with open(path, "rb") as file:
            octets = file.read()
        return roster_from(octets, options["source"], **{name: options[name] or None for name in _OPTIONS})
    except OSError as error:
        problems.append(f"{role}_export: {path} cannot be read ({abbreviated(error.strerror)}).")
    except EightByEightError as error:
        problems.append(f"{role}_export {path}: {error.message}")
    return []
