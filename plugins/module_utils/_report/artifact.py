# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The artifact that one AWX job passes to the next: the plan of a tenant, or the undo plan after the plan was applied.

AWX merges the artifacts of all earlier jobs, and of all slices, by their top-level keys. So each tenant has its own key.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._base.json_text import read_object
from .._base.text import counted
from .screen import counts_text, plan_changes
from .steps import RosterSteps
from .text import one_line

#: The name of an artifact is this prefix and the host.
PREFIX = "eightbyeight_plan_"
#: The word in ``roster_approved_digest`` that means: the digest in the artifact.
ARTIFACT_WORD = "artifact"
#: The largest artifact of a tenant, in bytes of JSON. AWX has no limit, but large artifacts make it slow.
MOST_BYTES = 50_000
#: The most lines about people that are added to the plan.
_MOST_LINES = 100
#: The largest plan that is read from an artifact. No plan compresses better than a thousand to one.
_MOST_UNPACKED = 1000 * MOST_BYTES


class ReceivedPlan(NamedTuple):
    """The plan from an earlier job.

    :param digests: The approved digests; empty when a new plan is to be made.
    :param content: The approved plan as JSON; empty when it must be read from a file.
    :param digest: The digest of that plan.
    :param problem: Why the artifact cannot be used; empty when it can.
    """

    digests: list[str]
    content: str = ""
    digest: str = ""
    problem: str = ""


def name_for(host: str) -> str:
    """Return the name of the artifact of a host. Characters that a variable name cannot have become ``_``."""
    return PREFIX + re.sub(r"[^A-Za-z0-9_]", "_", host)


def artifact_of(steps: RosterSteps, kind: str) -> dict[str, Any]:
    """Return the artifact of this job.

    :param kind: ``plan``, or ``digest`` to leave out the plan and all names of people.
    :returns: ``state`` (``planned`` or ``applied``), ``host``, ``tenant``, ``digest``, ``created``, ``expires``, ``counts`` and
        ``text`` (a summary in one line). With ``plan`` also ``people`` (lines about who is changed) and ``plan``, or after the
        plan was applied ``undo_digest`` and ``undo``. ``problem`` says what did not fit. Empty when there is no plan.
    """
    if not steps.is_planned or (steps.will_apply and not steps.is_applied):
        return {}
    base: dict[str, Any] = {"state": "planned" if steps.is_preview else "applied", "host": steps.host}
    base |= {name: steps.plan.get(name) for name in ("tenant", "digest", "created", "expires")}
    counts = {name: count for name, count in steps.summary.items() if count}
    base |= {"counts": counts, "text": _summary_text(steps)}
    if steps.undo_digest:
        base["undo_digest"] = steps.undo_digest
    if kind != "plan":
        return base
    if not steps.is_preview:
        return _with_plan(base, "undo", steps.undo if steps.undo_digest else {})
    document = {name: value for name, value in steps.plan.items() if name != "forecast"}
    return _with_plan({**base, "people": _people(steps)}, "plan", document)


def packed(document: Mapping[str, Any]) -> str:
    """Return a plan as text: JSON, compressed by gzip, in base64. The same plan is always the same text."""
    content = json.dumps(document, separators=(",", ":"), ensure_ascii=True).encode()
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def unpacked(text: Any) -> dict[str, Any]:
    """Return the plan in a text; empty when the text has no plan, or one that is too large."""
    try:
        reader = zlib.decompressobj(wbits=31)
        content = reader.decompress(base64.b64decode(str(text), validate=True), _MOST_UNPACKED)
    except (ValueError, zlib.error):
        return {}
    return read_object(content) if reader.eof else {}


def received_plan(given: Any, host: str, approved: Sequence[str], *, plan_only: bool) -> ReceivedPlan:
    """Read the artifact that an earlier job passed on.

    :param given: The artifact of this host, as a dictionary or as JSON; blank when there is none.
    :param host: The inventory name.
    :param approved: The digests in ``roster_approved_digest``, or ARTIFACT_WORD.
    :param plan_only: Whether to make a new plan even if an artifact was passed on.
    """
    artifact = _read(given)
    wants = ARTIFACT_WORD in approved
    digests = [digest for digest in approved if digest != ARTIFACT_WORD]
    if plan_only and not wants:
        return ReceivedPlan(digests)
    if wants and not artifact:
        return ReceivedPlan(digests, problem=_missing_problem(given, host))
    if artifact and str(artifact.get("host", host)) != host:
        problem = (
            f"The variable {name_for(host)} belongs to the host {one_line(artifact['host'])}, not to {one_line(host)}. Rename "
            "one of the two hosts."
        )
        return ReceivedPlan(digests, problem=problem) if wants or not digests else ReceivedPlan(digests)
    if artifact and (wants or (not digests and artifact.get("state", "planned") == "planned")):
        if not artifact.get("digest"):
            return ReceivedPlan(digests, problem=f"The variable {name_for(host)} does not have the digest of a plan.")
        digests.append(str(artifact["digest"]))
    for name in ("plan", "undo"):
        document = unpacked(artifact.get(name)) if artifact.get(name) and digests else {}
        if document.get("digest") in digests:
            return ReceivedPlan(digests, _as_file(document), str(document["digest"]))
    return ReceivedPlan(digests)


def _as_file(document: Mapping[str, Any]) -> str:
    # ansible-core 2.16 turns a template result that begins with a brace into a dictionary.
    return "\n" + json.dumps(document, indent=1) + "\n"


def _missing_problem(given: Any, host: str) -> str:
    what = "does not hold an artifact of the role roster" if given else "is not defined"
    return (
        f"roster_approved_digest is {ARTIFACT_WORD!r}, and the variable {name_for(host)} {what}. Run the job that makes the plan "
        "before this one in the same workflow, with roster_plan_only and roster_artifact, for the same hosts."
    )


def _read(given: Any) -> dict[str, Any]:
    if isinstance(given, str):
        return read_object(given)
    return dict(given) if isinstance(given, Mapping) else {}


def _summary_text(steps: RosterSteps) -> str:
    """Return a summary of the artifact in one line."""
    text = f"{one_line(steps.host)}: {counts_text(steps)}"
    return f"{text}; {steps.plan.get('digest')}, expires {steps.plan.get('expires')}" if steps.is_preview else text


def _people(steps: RosterSteps) -> list[str]:
    lines = plan_changes(steps)
    more = len(lines) - _MOST_LINES
    rest = [f"and {counted(more, 'line')} more, see the output of the job"] if more > 0 else []
    return lines[:_MOST_LINES] + rest


def _with_plan(base: dict[str, Any], name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Add a plan if it fits, or else the problem that it does not fit."""
    if not document:
        return base
    full = {**base, name: packed(document)}
    size = len(json.dumps(full).encode())
    if size <= MOST_BYTES:
        return full
    what = "The plan" if name == "plan" else "The undo plan"
    problem = (
        f"{what} is too large for an artifact: {size // 1000} kB compressed, and the limit is {MOST_BYTES // 1000} kB. "
        "It is in a file in roster_plan_dir. The job that applies it needs the same directory on persistent storage."
    )
    return {**base, "problem": problem}


def job_directory_notes(
    steps: RosterSteps, kind: str, artifact: Mapping[str, Any], directory: str, job: str
) -> tuple[list[str], str]:
    """Return lines about files that are deleted with the job, and why the job that applies the plan cannot get the plan.

    :param kind: The value of ``roster_artifact``.
    :param artifact: The artifact of this job.
    :param directory: The plan directory of the role.
    :param job: The job directory that contains it; empty when none does.
    """
    problems = [str(artifact["problem"])] if artifact.get("problem") else []
    if not (job and steps.is_planned):
        return problems, ""
    where = f"{one_line(directory)} is in the directory of this job ({one_line(job)}) and is deleted with it"
    if not steps.is_preview:
        undo = "The undo plan is also in the artifact if it fits. " if kind == "plan" else ""
        keeps = "Set roster_plan_dir to persistent storage to keep them."
        note = f"{where}, with the undo plan, journal, evidence, report and checklists. {undo}{keeps}"
    elif artifact.get("plan"):
        note = f"{where}. The plan is also in the artifact {name_for(steps.host)}, for the next job."
    else:
        note = f"{where}, with the plan. Set roster_artifact to plan, or set roster_plan_dir to persistent storage."
    if problems and steps.plan_only:
        return [note], f"{problems[0]} Now it is in the job directory and is deleted with it. Nothing was changed."
    return [note, *problems], ""
