# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compile what is imported from zip files once. Python does that by itself for all other files.

Ansible packs each module and the code it needs into such a file, and compiling is a third of the start of a module, of which the
tests have some two thousand. Python runs this when it starts with this folder in ``PYTHONPATH``, and ``EIGHTBYEIGHT_COMPILED``
names the folder of what is compiled.
"""

from __future__ import annotations

import marshal
import os
import zipimport
from importlib.util import MAGIC_NUMBER, source_hash
from types import CodeType

compile_source = zipimport._compile_source  # type: ignore[attr-defined]


def compiled(path: str, source: bytes) -> CodeType:
    """Return the code of a source, from the file that is named after its contents and this Python, if there is one."""
    file = os.path.join(os.environ["EIGHTBYEIGHT_COMPILED"], (MAGIC_NUMBER + source_hash(source)).hex())
    if os.path.exists(file):
        with open(file, "rb") as known:
            return marshal.load(known)
    code = compile_source(path, source)
    # In one step, for others may be at the same file.
    part = f"{file}.{os.getpid()}"
    with open(part, "wb") as known:
        marshal.dump(code, known)
    os.replace(part, file)
    return code


if "EIGHTBYEIGHT_COMPILED" in os.environ:
    zipimport._compile_source = compiled  # type: ignore[attr-defined]
