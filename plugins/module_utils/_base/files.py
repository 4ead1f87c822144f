# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Files that hold people's data: written whole or not at all, for their owner alone.

Failures are raised as :class:`OSError`. The caller words the message, and knows what the file is to the user.
"""

from __future__ import annotations

import contextlib
import os
import tempfile


def replace_file(path: str, content: bytes, *, durable: bool = True) -> None:
    """Write a file as a whole or not at all. Only its owner can read it.

    A file that is there is replaced, not written to. So nobody can make this write somewhere else by a symbolic link.

    :param durable: Whether it is to be there after a power failure too.
    :raises OSError: When it cannot be written; the file that was there is unchanged.
    """
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), prefix=".eightbyeight-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise
