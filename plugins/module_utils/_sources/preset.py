# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What is known of the exports of one kind of system. Data only: each preset is a file of its own, with its sources.

Names of columns are compared without case, blanks and signs, see :mod:`_sources.columns`. A part of a name in brackets chooses
an entry of a list: ``phones[type=work].value``, ``emails[primary].value``, and ``emails[].value`` for the only entry.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

#: How booleans are written: JSON, Python and PowerShell (True), spreadsheets (TRUE, and as Excel translates it: WAHR, VRAI,
#: VERDADERO, VERO, WAAR), Microsoft's template for bulk creation (Yes, No), and numbers.
BOOLEANS: Mapping[str, bool] = MappingProxyType(
    {
        **dict.fromkeys(
            ("true", "yes", "1", "wahr", "vrai", "verdadero", "vero", "waar", "ja", "oui", "sí", "si"), True
        ),
        **dict.fromkeys(("false", "no", "0", "falsch", "faux", "falso", "onwaar", "nein", "non", "nee"), False),
    }
)
#: The same, where the column says that somebody may not log in.
INVERTED: Mapping[str, bool] = MappingProxyType({word: not value for word, value in BOOLEANS.items()})


class Status(NamedTuple):
    """A column that says whether somebody may log in. A person is active where all such columns of a source say so.

    :param columns: Its names.
    :param words: What its values mean, in lower case; None for one that says nothing.
    :param disabling_bits: Where it is a number instead: the bits of which any one disables the account.
    """

    columns: tuple[str, ...]
    words: Mapping[str, bool | None] = BOOLEANS
    disabling_bits: int = 0


class Stranger(NamedTuple):
    """What tells a row that is no person of ours.

    :param columns: The names of the column.
    :param why: A sentence without its end.
    :param equals: The values of such a row, in lower case.
    :param contains: A text that is part of it.
    :param ends_with: A text at its end.
    :param bits: Bits of a number of which any one tells.
    """

    columns: tuple[str, ...]
    why: str
    equals: tuple[str, ...] = ()
    contains: str = ""
    ends_with: str = ""
    bits: int = 0


class Preset(NamedTuple):
    """One kind of export.

    :param fields: attribute of a row -> columns, of which the first that holds something counts.
    :param by_presence: Attributes for which the first column that the export has counts, even where it is empty.
    :param statuses: The columns that say whether somebody is active.
    :param all_statuses: Whether somebody is active only where each of these columns is there and says so.
    :param expects_status: Why an export without any of them cannot be believed to be everybody; empty where it may.
    :param is_table: Whether it comes as a table, in which spreadsheets may have changed values.
    :param short_rows: Whether null in it is a cell that its row did not have: nothing but a reader of CSV makes such a list.
    :param sparse: Whether an attribute that has no value is left out of each record, so that a column of a mapping may be
        missing.
    :param envelopes: The names under which an answer holds its records.
    :param next_page: Paths of which any one, where it holds something, tells that there is a next page.
    :param totals: Paths that hold the number of all records.
    :param unwrap: The name under which each record holds its values; those are in ``value`` then (Personio).
    :param date_forms: column -> form of its dates, see :mod:`_sources.dates`.
    :param strangers: Rows that are no person of ours.
    :param expects_word: A word that the first status column of a whole export has, and why its absence counts.
    :param scopes: Columns that only a part of the people has, and what that part is.
    :param cut_at: A number of records at which servers cut, and why.
    :param needs_mapping: Whether nothing can be read without a mapping, as its names are each customer's own.
    :param only_in_ours: Attributes whose columns count only in a table of our own form, which has a column ``user_name``.
    :param leave_alone: A cell that leaves an attribute alone, in the form that our own files have.
    """

    name: str
    fields: Mapping[str, tuple[str, ...]]
    by_presence: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    all_statuses: bool = False
    expects_status: str = ""
    is_table: bool = False
    short_rows: bool = False
    sparse: bool = False
    envelopes: tuple[str, ...] = ()
    next_page: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    unwrap: str = ""
    date_forms: Mapping[str, Any] = MappingProxyType({})
    strangers: tuple[Stranger, ...] = ()
    expects_word: tuple[str, str] = ("", "")
    scopes: tuple[tuple[str, str], ...] = ()
    cut_at: tuple[int, str] = (0, "")
    needs_mapping: bool = False
    only_in_ours: tuple[str, ...] = ()
    leave_alone: str = ""

    @staticmethod
    def is_ours(names: Container[str]) -> bool:
        """Say whether columns are those of a table in our own form."""
        return "user_name" in names
