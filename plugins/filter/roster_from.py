# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: roster_from
short_description: A roster from an export of another system
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Turns the export of an identity provider, a directory or an HR system into rows for
    M(eightbyeight.scim.eightbyeight_roster), and reports all errors together, by row and column.
  - An attribute that is not in the export is left out. A person without a status gets no RV(ignore:active), so the person
    stays as active or inactive as before.
  - If an export cannot contain everybody, RV(_value.partial) says why, and M(eightbyeight.scim.eightbyeight_roster) then
    refuses O(eightbyeight.scim.eightbyeight_roster#module:unlisted=deactivate).
  - A row that is not a person, such as a guest or the account of a computer, is left out and reported. A row that may be a
    person and cannot be read is left out and reported too, and makes the export partial, so that nobody is deactivated
    because of it. A phone number that cannot be right is left alone and reported, and the person stays.
  - No value is cut, and nothing is guessed. If there are two ways to read the export, it is refused, and the message says
    which option decides.
positional: source, mapping, defaults, only, dates_timezone, date_format, delimiter, encoding
options:
  _input:
    description:
      - The export. This is the list or object that an API or a module returned, a list of such objects for several pages, or
        a text of CSV or JSON.
      - It can also be the whole result of M(ansible.builtin.slurp). You need this if a file is not UTF-8, because other ways
        to read it damage its letters, and if RV(_value.problems) must have the row numbers of a spreadsheet. The results of
        C(community.general.read_csv), M(ansible.builtin.uri) (of several pages as a list), C(community.general.ldap_search) and
        C(microsoft.ad.object_info) can be used as they are.
      - Numbers of columns with the same name, and of short rows, are lost in C(community.general.read_csv), so give the text.
    type: raw
    required: true
  source:
    description:
      - The source of the export. V(entra_csv) is the download of Microsoft Entra ID, C(Get-MgUser | Export-Csv), and the
        export of the Microsoft 365 admin center. V(entra_graph) is Microsoft Graph and C(az ad user list).
      - V(google_csv) is the download of Google's Admin console, V(google_api) its Directory API and GAM.
      - V(workday_raas) needs a mapping. V(csv) is any other table.
    type: str
    required: true
    choices:
      - entra_csv
      - entra_graph
      - okta_api
      - google_csv
      - google_api
      - onelogin_api
      - scim
      - ldap
      - active_directory
      - bamboohr
      - personio
      - workday_raas
      - csv
  mapping:
    description:
      - Attribute of a row -> column, or a list of columns, of which the first with a value counts. It replaces the default
        mapping of the O(source) for this attribute; an empty column leaves an attribute out.
      - Instead of a column, a dictionary with C(column); C(format), see O(date_format); C(empty), V(leave) or V(clear),
        which clears the attribute if the cell is empty; and C(true) and C(false), lists of the values that mean active or
        not. Without C(column), the column of the O(source) is used.
      - Names of columns are compared without case, blanks, signs and tags in brackets. A nested value is C(profile.costCenter),
        an entry of a list C(phones[type=work].value).
    type: dict
    default: {}
  defaults:
    description: Attribute of a row -> value for each row that has none, such as one site for all.
    type: dict
    default: {}
  only:
    description:
      - Column -> value or list of values, compared without case. Only rows with one of these values are read, so that one
        export serves several tenants. A row in which the column is empty is reported, because it may belong to any tenant.
    type: dict
    default: {}
  dates_timezone:
    description:
      - The time zone to which times in UTC are converted, an IANA name. The same as
        O(eightbyeight.scim.eightbyeight_roster#module:dates_timezone).
    type: str
    default: UTC
  date_format:
    description:
      - The format of dates that do not begin with the year, as C(%d/%m/%Y), C(dd/mm/yyyy) or C(d/m/y), or a list of such
        forms. A date such as C(01/02/2026) is refused without it.
    type: raw
  delimiter:
    description: The character between the columns of a text. By default it is detected from the names of the columns.
    type: str
  encoding:
    description:
      - The encoding of a file that is neither UTF-8 nor UTF-16, such as V(cp1252). Only for a result of
        M(ansible.builtin.slurp).
    type: str
seealso:
  - module: eightbyeight.scim.eightbyeight_roster
  - plugin: eightbyeight.scim.roster
    plugin_type: role
"""

EXAMPLES = r"""
- name: See what a download of Entra ID would change
  eightbyeight.scim.eightbyeight_roster:
    users: "{{ export | eightbyeight.scim.roster_from('entra_csv', defaults={'site': 'London'}) }}"
  check_mode: true
  vars:
    # In a playbook: the result of ansible.builtin.slurp, or lookup('ansible.builtin.file', 'users.csv')
    export: |
      userPrincipalName,surname,mail,givenName,jobTitle,accountEnabled
      ada@example.org,Lovelace,ada@example.org,Ada,Analyst,True

- name: Read an HR export with names of its own
  ansible.builtin.debug:
    msg: "{{ export | eightbyeight.scim.roster_from('csv', mapping=mapping, only={'Land': ['GB']}) }}"
  vars:
    export: |
      E-Mail;Vorname;Nachname;Status;Austritt;Land
      ada@example.org;Ada;Lovelace;aktiv;31.12.2026;GB
      jan@example.org;Jan;Jansen;aktiv;;NL
    mapping:
      user_name: E-Mail
      active: Status
      ends: {column: Austritt, format: "%d.%m.%Y"}

- name: Keep the phone of people on unpaid leave, who are suspended in Okta
  ansible.builtin.debug:
    msg: "{{ users | eightbyeight.scim.roster_from('okta_api', mapping={'active': {'true': ['SUSPENDED']}}) }}"
  vars:
    users:
      - id: 00u1
        status: SUSPENDED
        profile: {login: ada@example.org, email: ada@example.org, firstName: Ada, lastName: Lovelace}
"""

RETURN = r"""
_value:
  description: The roster. Give all of it to O(eightbyeight.scim.eightbyeight_roster#module:users).
  type: dict
  contains:
    users:
      description: The rows, as in O(eightbyeight.scim.eightbyeight_roster#module:users).
      type: list
      elements: dict
    used:
      description: The columns that were read.
      type: list
      elements: str
    ignored:
      description: The other columns of the export.
      type: list
      elements: str
    problems:
      description:
        - All problems. C(row) is the row number of a spreadsheet if the export is the text of a table, else the position
          from 1; C(column) and C(message).
      type: list
      elements: dict
    partial:
      description: Why this export cannot contain everybody. Null if nothing in the export says so.
      type: str
"""

import functools
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._sources.read import roster_from as read


@functools.wraps(read)
def roster_from(*arguments: Any, **named: Any) -> dict[str, Any]:
    """Return the roster that an export stands for."""
    try:
        return read(*arguments, **named)
    except EightByEightError as error:
        raise AnsibleFilterError(f"roster_from: {error.message}") from None


class FilterModule:
    """The filter roster_from."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"roster_from": roster_from}
