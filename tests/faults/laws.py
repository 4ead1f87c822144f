# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold after every run, one function a law, judged by what the tenant holds and the requests that reached it."""

from __future__ import annotations

from collections.abc import Callable

from laws_run import (
    always_ends_with_an_outcome,
    check_mode_only_reads,
    check_mode_predicts,
    only_refusals_are_remembered,
    partial_success_is_complete,
    requests_are_counted,
    success_is_true,
    summary_adds_up,
    the_journal_knows,
    the_second_run_is_silent,
    the_token_is_nowhere,
    what_is_hopeless_ends,
)
from laws_tenant import (
    dates_are_kept,
    heals,
    limits_are_kept,
    looked_before_sent_again,
    no_old_name_travels,
    no_removal_from_an_incomplete_list,
    nobody_twice,
    nothing_unmanaged_is_lost,
    strangers_are_untouched,
    the_protected_are_untouched,
    undo_puts_back,
    who_left_stays_out,
)
from runner import Seen

Law = Callable[[Seen, "list[Seen]"], "list[str] | None"]

LAWS: tuple[Law, ...] = (
    always_ends_with_an_outcome,
    nobody_twice,
    looked_before_sent_again,
    nothing_unmanaged_is_lost,
    no_old_name_travels,
    who_left_stays_out,
    dates_are_kept,
    no_removal_from_an_incomplete_list,
    success_is_true,
    only_refusals_are_remembered,
    what_is_hopeless_ends,
    partial_success_is_complete,
    summary_adds_up,
    requests_are_counted,
    check_mode_only_reads,
    check_mode_predicts,
    the_protected_are_untouched,
    strangers_are_untouched,
    limits_are_kept,
    the_journal_knows,
    undo_puts_back,
    heals,
    the_second_run_is_silent,
    the_token_is_nowhere,
)
