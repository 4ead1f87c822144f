# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The form of presets. A preset describes the exports of one kind of system. It is data in its own file, with sources.

Column names are compared without case, blanks and signs, see :mod:`_sources.columns`. Brackets choose an entry of a list:
``phones[type=work].value``, ``emails[primary].value``, and ``emails[].value`` for the only entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

#: How booleans are written: JSON, Python and PowerShell (True), spreadsheets (TRUE, and as Excel translates it: WAHR, VRAI,
#: VERDADERO, VERO, WAAR), Microsoft's template for bulk creation (Yes, No), and numbers.
BOOLEANS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "1", "wahr", "vrai", "verdadero", "vero", "waar", "ja", "oui", "sí", "si"), True),
    **dict.fromkeys(("false", "no", "0", "falsch", "faux", "falso", "onwaar", "nein", "non", "nee"), False),
}
#: The same for columns that say that somebody must not log in.
INVERTED: Mapping[str, bool] = {word: not value for word, value in BOOLEANS.items()}


class Status(NamedTuple):
    """A column that says whether somebody can log in. A person is active if all such columns say so.

    :param columns: The names of the column.
    :param words: Value in lower case -> active; None for a value that says nothing.
    :param disabling_bits: If the value is a number: each of these bits disables the account.
    """

    columns: tuple[str, ...]
    words: Mapping[str, bool | None] = BOOLEANS
    disabling_bits: int = 0


class Exclusion(NamedTuple):
    """A rule for rows that are not people of the company, such as guests and computers.

    :param columns: The names of the column.
    :param why: The reason, as the beginning of a message.
    :param pattern: A regular expression that is found in a value of such a row, in lower case.
    :param bits: If the value is a number: each of these bits marks such a row.
    """

    columns: tuple[str, ...]
    why: str
    pattern: str | None = None
    bits: int = 0


class Preset(NamedTuple):
    """One kind of export.

    :param fields: Attribute of a row -> columns. The first one with a value is used. Without any, a mapping is required, because
        each customer has different column names.
    :param by_presence: Attributes for which the first existing column is used, even if it is empty.
    :param statuses: The columns that say whether somebody is active.
    :param all_statuses: Whether somebody is active only if all of these columns exist and say so.
    :param expects_status: Why an export without any of them is partial; empty when it is not.
    :param is_table: Whether it is a table, in which spreadsheets may have changed values.
    :param short_rows: Whether null is a cell that its row did not have, because only a CSV reader makes such a list.
    :param whole_records: Whether records have attributes without a value too. Otherwise a column of a mapping may be missing.
    :param envelopes: The keys under which an answer has its records.
    :param next_page: Paths. If one of them has a value, there is a next page.
    :param totals: Paths of the total number of records.
    :param reshape: Returns a record with its values where the columns of this preset look for them.
    :param after_end: Columns in which a midnight is the one after the last day, see :mod:`_sources.dates`.
    :param exclusions: Rules for rows that are not people of the company.
    :param expects_word: A value that the first status column of a complete export has, and why a missing one is suspicious.
    :param scopes: Columns that only some exports have, and which part of the people these exports contain.
    :param cut_at: A number of records at which servers cut off, and why.
    :param only_in_ours: Attributes that are only read from tables in our own format, which has a column ``user_name``.
    :param leave_alone: A value that means "do not change", in our own format.
    """

    name: str
    fields: Mapping[str, tuple[str, ...]]
    by_presence: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    all_statuses: bool = False
    expects_status: str = ""
    is_table: bool = False
    short_rows: bool = False
    whole_records: bool = False
    envelopes: tuple[str, ...] = ()
    next_page: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    reshape: Callable[[Mapping[Any, Any]], Mapping[Any, Any]] | None = None
    after_end: tuple[str, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    expects_word: tuple[str, str] = ("", "")
    scopes: tuple[tuple[str, str], ...] = ()
    cut_at: tuple[int, str] = (0, "")
    only_in_ours: tuple[str, ...] = ()
    leave_alone: str = ""
