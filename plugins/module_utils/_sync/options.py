# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads and checks the options of ``eightbyeight_roster``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.text import abbreviated
from .._errors import BadOptionError
from .files import check_writable
from .limits import Limits, read_limits
from .planfile import read_duration
from .protected import Protected

MAX_WORKERS = 64
_FILE_OPTIONS = ("plan_file", "undo_file", "journal_file", "failed_file")


class RosterOptions(NamedTuple):
    """The checked options. The documentation of the module describes them.

    :param check_mode: Whether to stop before the first write.
    :param given: The options as given.
    :param limits: The limits of the task, without defaults.
    :param valid: For how many seconds a new plan may be applied.
    """

    check_mode: bool
    given: Mapping[str, Any]
    limits: Limits
    protected: Protected
    valid: int
    unlisted: str
    workers: int
    canary: int

    @classmethod
    def read(cls, options: Mapping[str, Any], *, check_mode: bool) -> RosterOptions:
        """Read and check the options.

        :raises BadOptionError: When one is wrong, or a file cannot be written.
        """
        _check_numbers(options)
        _check_plan(options)
        check_writable(options, _FILE_OPTIONS)
        return cls(
            check_mode,
            options,
            read_limits(options.get("limits")),
            Protected(options.get("protected") or []),
            read_duration(options.get("plan_valid_for") or "24h"),
            options.get("unlisted") or "ignore",
            options["concurrency"],
            options.get("canary") or 0,
        )

    def path(self, name: str) -> str | None:
        """Return the path of a file; None when it is not given."""
        return self.given.get(name) or None

    @property
    def makes_plan_file(self) -> bool:
        """Whether this run makes a plan for another run to apply."""
        return bool(self.check_mode and self.path("plan_file"))

    @property
    def outputs(self) -> tuple[Sequence[str], Collection[str] | None]:
        """The options of the files that this run writes, and the events that it adds to the journal (None for all).

        In check mode, a run with a plan file notes in the journal who was changed by others, and any other run writes only the
        failed rows.
        """
        if not self.check_mode:
            return _FILE_OPTIONS, None
        return (
            (("plan_file", "journal_file", "failed_file"), ("seen",))
            if self.makes_plan_file
            else (("failed_file",), ())
        )


def _check_numbers(options: Mapping[str, Any]) -> None:
    for name, least, most in (
        ("concurrency", 1, MAX_WORKERS),
        ("requests_per_minute", 1, 1_000_000),
        ("max_failures", 1, None),
        ("canary", 0, None),
    ):
        value = options.get(name)
        if value is not None and (value < least or (most is not None and value > most)):
            limit = f"from {least} to {most}" if most is not None else f"{least} or more"
            raise BadOptionError(f"{name} must be {limit}, not {abbreviated(value)}.")


def _check_plan(options: Mapping[str, Any]) -> None:
    """Refuse options for making a plan when one is applied, and the reverse."""
    if not options.get("apply_plan"):
        if options.get("plan_digest"):
            raise BadOptionError("plan_digest approves a plan, so it needs apply_plan.")
        return
    if options.get("unlisted", "ignore") != "ignore":
        raise BadOptionError("unlisted decides what a plan contains, so it cannot be combined with apply_plan.")
    if options.get("as_of"):
        raise BadOptionError("as_of is part of a plan, so it cannot be combined with apply_plan.")
