# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  given_name:
    description:
      - First name. Required to create; cannot be cleared.
    type: str
  family_name:
    description:
      - Last name. Required to create; cannot be cleared.
    type: str
  email:
    description:
      - The work e-mail address. Required to create; cannot be cleared. 8x8 supports no other type of address. Other
        addresses are left alone.
    type: str
  external_id:
    description:
      - The id in your own directory. An empty text clears it. Quote it, because YAML removes zeros at the beginning.
    type: str
  title:
    description:
      - Job title. An empty text clears it.
    type: str
  department:
    description:
      - Department. An empty text clears it.
    type: str
  site:
    description:
      - The exact name of a site in Admin Console, with case.
      - 8x8 lets SCIM set it once. If another one is already set, the task fails and changes nothing, and
        RV(ignore:manual_actions) says what to do.
      - 8x8 gives a license only to a user who has a site.
    type: str
  locale:
    description:
      - Language, such as V(en-GB). An empty text clears it; then 8x8 uses the language of the site.
    type: str
  timezone:
    description:
      - Time zone, such as V(Europe/London). An empty text clears it.
    type: str
  phone_numbers:
    description:
      - Personal contact numbers, the whole list. An empty list clears them. SCIM cannot set the 8x8 line itself.
      - Numbers of other types are left alone.
    type: list
    elements: dict
    suboptions:
      type:
        description:
          - The type of the number.
        type: str
        choices: [work, mobile]
        required: true
      value:
        description:
          - The number to store. Quote it, because YAML reads V(+442079460000) as a number without a plus.
        type: str
        required: true
notes:
  - An attribute that is left out or null is left alone. No attribute has a default.
  - A number for a phone number or an identifier, and a boolean or a number with a decimal point for any text, is refused,
    because YAML has already changed what you wrote. Quote such values.
"""
