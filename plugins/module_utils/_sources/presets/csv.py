# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A table of any other system, with a mapping for its columns.

Without a mapping, columns with the names of our own attributes are read, as in files of this collection. Names, email address,
title, department and phone number are also read from columns with their common names in English, German, French, Spanish and
Dutch, because these are clear. The login name and ``active`` always need the name of the attribute, or a mapping.
"""

from __future__ import annotations

from ..._rows.cells import LEAVE_ALONE
from ..preset import BOOLEANS, Preset, Status
from ..settings import ATTRIBUTES

#: Attribute -> common names of its column in other tables.
_COMMON_NAMES = {
    "given_name": ("first name", "Vorname", "Prénom", "Nombre", "Voornaam"),
    "family_name": ("last name", "surname", "Nachname", "Familienname", "Nom de famille", "Apellidos", "Achternaam"),
    "email": ("E-Mail", "email address", "E-Mail-Adresse", "Adresse e-mail", "Correo electrónico"),
    "title": ("job title", "Position", "Poste", "Puesto", "Functie"),
    "department": ("Abteilung", "Département", "Departamento", "Afdeling"),
    "mobile": ("mobile phone", "Mobiltelefon", "Handy", "Portable", "Móvil"),
}

PRESET = Preset(
    name="csv",
    fields={name: (name, *_COMMON_NAMES.get(name, ())) for name in ATTRIBUTES if name != "active"},
    statuses=(
        Status(
            ("active",),
            {
                **BOOLEANS,
                **dict.fromkeys(("on", "active", "enabled", "aktiv", "actif", "activo", "actief"), True),
                **dict.fromkeys(("off", "inactive", "disabled", "inaktiv", "inactif", "inactivo", "inactief"), False),
            },
        ),
    ),
    is_table=True,
    envelopes=("list",),
    only_in_ours=("state", "user_id", "phone_numbers"),
    leave_alone=LEAVE_ALONE,
)
