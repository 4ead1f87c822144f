# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Finds directories that are deleted when a job of AWX ends, and warns about them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.text import one_line

#: The path of the job directory inside a container.
_IN_CONTAINER = "/runner"
#: One of these files exists in a container.
_CONTAINER_FILES = ("/run/.containerenv", "/.dockerenv")


def job_directory(
    directory: str,
    environment: Mapping[str, str] | None = None,
    is_mount: Callable[[str], bool] = os.path.ismount,
    exists: Callable[[str], bool] = os.path.exists,
) -> str:
    """Return the job directory that contains a directory and is deleted with the job; empty when none does.

    AWX makes a directory for each job, names it in ``AWX_PRIVATE_DATA_DIR`` and removes it afterwards. In a container
    it is ``/runner``, and everything else that is not mounted from outside goes, too.

    :param directory: An absolute path. It does not need to exist.
    :param environment: Environment variables; by default those of this process.
    :param is_mount: Whether something is mounted at a path.
    :param exists: Whether there is a file.
    """
    job = (os.environ if environment is None else environment).get("AWX_PRIVATE_DATA_DIR", "").strip()
    if not job:
        return ""
    path = Path(os.path.realpath(directory))
    job_directories = [Path(os.path.realpath(name)) for name in (job, _IN_CONTAINER)]
    for place in (path, *path.parents):
        if place in job_directories:
            return str(place)
        if is_mount(str(place)) and str(place) != "/":
            return ""
    return "/" if any(exists(file) for file in _CONTAINER_FILES) else ""


def lost_in_job(variable: str, path: str, what: str) -> str:
    """Return a warning that AWX deletes a file or directory of a role when the job ends; empty when it stays.

    :param variable: The variable with the path.
    :param path: The absolute path on this machine.
    :param what: What the role writes there.
    """
    job = job_directory(path)
    if not job:
        return ""
    return (
        f"{one_line(path)} is in the directory of this job ({one_line(job)}) and is deleted with it: {what}. Set "
        f"{variable} to persistent storage to keep that."
    )
