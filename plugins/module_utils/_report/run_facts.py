# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Who ran a role, when, where and with which versions, for the pages and records of a run. Pure."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .._base.clock import read_stamp, stamp_of
from .text import one_line

#: The time in the names of files of the role.
_FILE_STAMP = "%Y%m%dT%H%M%S.%fZ"
#: The variables that AWX and Automation Platform set for a job, without their prefix ``awx_`` or ``tower_``.
_JOB = ("user_name", "job_id", "job_template_name", "workflow_job_id", "workflow_job_name")


class RunFacts(NamedTuple):
    """One run of a role.

    :param started: In UTC.
    :param finished: In UTC, just before the report is written.
    :param user: Who ran it: the user that AWX names, or else the user who is logged in.
    :param job: The number and the name of the job in AWX or Automation Platform.
    :param workflow: The number and the name of the workflow that the job belongs to.
    :param versions: Name of a software -> its version.
    """

    started: str = ""
    finished: str = ""
    user: str = ""
    job: str = ""
    workflow: str = ""
    versions: Mapping[str, str] = MappingProxyType({})

    @property
    def seconds(self) -> float | None:
        """How long it took in seconds; None when that is not known."""
        began, ended = read_stamp(self.started), read_stamp(self.finished)
        return None if began is None or ended is None else max((ended - began).total_seconds(), 0)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> RunFacts:
        """Read the facts of a run.

        :param given: ``started`` and ``finished``, in the format of file names or of plans; ``user``; ``versions``; and
            ``job``, the variables that AWX sets for each job (``awx_job_id`` and so on, see the documentation of ansible/awx).
        """
        job: Mapping[str, Any] = given.get("job") or {}
        names = {name: job.get(f"awx_{name}") or job.get(f"tower_{name}") for name in _JOB}
        return cls(
            started=_stamp(given.get("started")),
            finished=_stamp(given.get("finished")),
            user=one_line(names["user_name"] or given.get("user")),
            job=_numbered(names["job_id"], names["job_template_name"]),
            workflow=_numbered(names["workflow_job_id"], names["workflow_job_name"]),
            versions={
                one_line(name): one_line(value) for name, value in (given.get("versions") or {}).items() if value
            },
        )


def _numbered(number: Any, name: Any) -> str:
    if not number:
        return ""
    return f"{one_line(number)} ({one_line(name)})" if name else one_line(number)


def _stamp(given: Any) -> str:
    text = str(given or "")
    with contextlib.suppress(ValueError):
        return stamp_of(dt.datetime.strptime(text, _FILE_STAMP).replace(tzinfo=dt.timezone.utc))
    return text
