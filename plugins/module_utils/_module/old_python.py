# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Ends a module with an error if Python is too old to compile its other code. Works with Python 2.7 and later.

The modules import this first, and everything else in their main(). So this file has no annotations and no f-strings,
and imports only the empty results.
"""

import json
import os
import sys

from .._base import empty

OLDEST = (3, 9)


def refuse_old_python(name):  # type: (str) -> None
    """End the process with a failure if Python is too old. The result has the keys of every other outcome.

    :param name: The name of the module's empty result in empty.py.
    """
    if sys.version_info[:2] >= OLDEST:
        return
    wanted = "%d.%d" % OLDEST
    found = "%d.%d" % tuple(sys.version_info[:2])
    message = (
        "eightbyeight.scim needs Python %s or newer where its modules run, and %s on %s is Python %s. Install a newer one there, "
        "with requests and pydantic, and name it in ansible_python_interpreter; or run the task on the controller "
        "(delegate_to: localhost)." % (wanted, sys.executable, os.uname()[1], found)
    )
    error = dict.fromkeys(("status", "scim_type", "detail", "method", "path"))
    error.update(kind="wrong_python")
    sys.stdout.write(json.dumps(dict(getattr(empty, name), failed=True, msg=message, error=error)))
    raise SystemExit(1)
