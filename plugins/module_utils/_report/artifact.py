# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What one job of AWX hands on to the next: the plan of a tenant, and after it was applied the plan that puts everything back.

AWX merges the artifacts of all jobs before a job, and of all slices, by their top-level keys: each tenant has one of its own.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._base.text import counted
from .lines import OPERATIONS
from .screen import plan_changes
from .steps import BAD, RosterSteps
from .text import one_line

#: What the names of artifacts begin with; the host follows.
PREFIX = "eightbyeight_plan_"
#: The word that stands for the digest of the artifact in ``roster_approved_digest``.
WORD = "artifact"
#: The largest artifact of a tenant, in bytes of JSON. AWX has no limit, and becomes slow with large ones.
MOST_BYTES = 50_000
#: What is told of people in a plan, in lines and in bytes, beside the plan itself.
_MOST_LINES, _MOST_TOLD = 100, 8_000
#: The largest plan that is read from an artifact. What compresses better than a thousand to one is no plan.
_MOST_UNPACKED = 1000 * MOST_BYTES


class HandedOn(NamedTuple):
    """What the jobs before this one handed on.

    :param digests: The digests of which one is applied, empty where a new plan is made.
    :param content: The plan among them as JSON, or an empty text where it has to be looked for in a file.
    :param digest: The digest of that plan.
    :param problem: Why the artifact cannot be used, or an empty text.
    """

    digests: list[str]
    content: str = ""
    digest: str = ""
    problem: str = ""


def name_for(host: str) -> str:
    """Return the name of the artifact of a host: what cannot stand in a variable becomes ``_``."""
    return PREFIX + re.sub(r"[^A-Za-z0-9_]", "_", host)


def artifact_of(steps: RosterSteps, kind: str) -> dict[str, Any]:
    """Return what this job hands on.

    :param kind: ``plan``, or ``digest`` without the plan and without names of people.
    :returns: ``state`` (``planned`` or ``applied``), ``host``, ``tenant``, ``digest``, ``created``, ``expires``, ``counts``,
        ``text`` (all of it in one line); with ``plan`` also ``people`` (lines about who is changed) and ``plan``, and once it
        was applied ``undo_digest`` and ``undo``. What did not fit is told in ``problem``. Empty where there is no plan.
    """
    if not steps.is_planned or (steps.goes_on and not steps.is_applied):
        return {}
    base: dict[str, Any] = {"state": "planned" if steps.only_tells else "applied", "host": steps.host}
    base |= {name: steps.plan.get(name) for name in ("tenant", "digest", "created", "expires")}
    counts = {name: count for name, count in steps.summary.items() if count}
    base |= {"counts": counts, "text": _text(steps, counts)}
    if steps.undo_digest:
        base["undo_digest"] = steps.undo_digest
    if kind != "plan":
        return base
    if not steps.only_tells:
        return _with(base, "undo", steps.undo if steps.undo_digest else {})
    document = {name: value for name, value in steps.plan.items() if name != "forecast"}
    return _with({**base, "people": _people(steps)}, "plan", document)


def packed(document: Mapping[str, Any]) -> str:
    """Return a plan as text: JSON, compressed by gzip, in base64. The same plan is always the same text."""
    content = json.dumps(document, separators=(",", ":"), ensure_ascii=True).encode()
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def unpacked(text: Any) -> dict[str, Any]:
    """Return the plan that a text holds; an empty one where there is none, or where it is larger than any plan in an artifact."""
    try:
        reader = zlib.decompressobj(wbits=31)
        content = reader.decompress(base64.b64decode(str(text), validate=True), _MOST_UNPACKED)
        document = json.loads(content) if reader.eof else None
    except (ValueError, RecursionError, binascii.Error, zlib.error):
        return {}
    return document if isinstance(document, dict) else {}


def handed_on(given: Any, host: str, approved: Sequence[str], *, plan_only: bool) -> HandedOn:
    """Read what the jobs before this one handed on.

    :param given: The variable that holds the artifact of this host, a dictionary or the same as JSON; blank where there is none.
    :param host: The inventory name.
    :param approved: The digests in ``roster_approved_digest``, among them perhaps WORD.
    :param plan_only: Whether a new plan is made whatever was handed on.
    """
    artifact = _read(given)
    wants = WORD in approved
    digests = [digest for digest in approved if digest != WORD]
    if plan_only and not wants:
        return HandedOn(digests)
    if wants and not artifact:
        return HandedOn(digests, problem=_missing(given, host))
    if artifact and str(artifact.get("host", host)) != host:
        problem = (
            f"The variable {name_for(host)} is that of {one_line(artifact['host'])}, and not of {one_line(host)}. Rename one "
            "of the two hosts."
        )
        return HandedOn(digests, problem=problem) if wants or not digests else HandedOn(digests)
    if artifact and (wants or (not digests and artifact.get("state", "planned") == "planned")):
        if not artifact.get("digest"):
            return HandedOn(digests, problem=f"The variable {name_for(host)} has no digest of a plan.")
        digests.append(str(artifact["digest"]))
    for name in ("plan", "undo"):
        document = unpacked(artifact.get(name)) if artifact.get(name) and digests else {}
        if document.get("digest") in digests:
            return HandedOn(digests, _as_file(document), str(document["digest"]))
    return HandedOn(digests)


def _as_file(document: Mapping[str, Any]) -> str:
    # Templates of ansible-core 2.16 make a dictionary of a text that begins with a brace.
    return "\n" + json.dumps(document, indent=1) + "\n"


def _missing(given: Any, host: str) -> str:
    what = "does not hold an artifact of the role roster" if given else "is not there"
    return (
        f"roster_approved_digest is {WORD!r}, and the variable {name_for(host)} {what}. Run the job that makes the plan "
        "before this one in the same workflow, with roster_plan_only and roster_artifact, for the same hosts."
    )


def _read(given: Any) -> dict[str, Any]:
    if isinstance(given, str) and given.strip():
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return {}
    return dict(given) if isinstance(given, Mapping) else {}


def _text(steps: RosterSteps, counts: Mapping[str, int]) -> str:
    """Return the artifact in one line, for a message."""
    if steps.only_tells:
        told = ", ".join(f"{verb} {counts[name]}" for name, verb in OPERATIONS.items() if name in counts)
        others = "".join(f", {count} {name}" for name, count in counts.items() if name in BAD)
        what = f"would {told}{others}" if told else f"nothing to change{others}"
        return f"{one_line(steps.host)}: {what}; {steps.plan.get('digest')}, expires {steps.plan.get('expires')}"
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if name in (*OPERATIONS, *BAD, "skipped"))
    return f"{one_line(steps.host)}: {told or 'nothing was changed'}"


def _people(steps: RosterSteps) -> list[str]:
    lines: list[str] = []
    told = plan_changes(steps)
    for line in told:
        if len(lines) == _MOST_LINES or sum(len(other.encode()) for other in lines) + len(line.encode()) > _MOST_TOLD:
            return [*lines, f"and {counted(len(told) - len(lines), 'line')} more, see the job"]
        lines.append(line)
    return lines


def _with(base: dict[str, Any], name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Add a plan where it fits, else say that it does not."""
    if not document:
        return base
    full = {**base, name: packed(document)}
    size = len(json.dumps(full).encode())
    if size <= MOST_BYTES:
        return full
    what = "The plan" if name == "plan" else "The undo plan"
    problem = (
        f"{what} is too large for an artifact: {size // 1000} kB compressed, and at most {MOST_BYTES // 1000} kB fit. "
        "It is in a file in roster_plan_dir. The job that applies it needs the same directory, on storage that outlives a job."
    )
    return {**base, "problem": problem}


def lost_files(directory: str, job: str, kind: str, artifact: Mapping[str, Any], *, plan_only: bool) -> list[str]:
    """Warn about files that are lost with the job, in lines for the screen.

    :param directory: The directory of the role.
    :param job: The directory of the job that holds it, empty where none does.
    :param kind: ``roster_artifact``.
    :param artifact: What is handed on.
    """
    if not job:
        return []
    keeps = "Name storage that outlives the job in roster_plan_dir to keep them."
    where = f"{one_line(directory)} is in the directory of this job ({one_line(job)}) and goes with it"
    if plan_only:
        if artifact.get("plan"):
            return [f"{where}. The plan itself is passed on in the artifact {name_for(str(artifact.get('host')))}."]
        return [
            f"{where}: the plan, too. Set roster_artifact to plan, or name storage that outlives the job in roster_plan_dir."
        ]
    undo = "The undo plan is put into the artifact if it fits. " if kind == "plan" else ""
    return [f"{where}: undo, journal, evidence, report and checklists. {undo}{keeps}"]


def unreachable(job: str, kind: str, artifact: Mapping[str, Any], *, plan_only: bool) -> str:
    """Say why the job that applies a plan could not get it, or return an empty text."""
    if plan_only and kind == "plan" and job and artifact.get("problem"):
        return (
            f"{artifact['problem']} Here it is in the directory of this job, and is lost with it. Nothing was changed."
        )
    return ""
