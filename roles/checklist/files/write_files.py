# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write files, each as a whole or not at all: path, mode and text of each, as JSON on standard input.

One process for all of them: with ansible.builtin.copy there are two a file, which together take longer than all else that a role
does. And a file gets its name in one step, so what collects metrics never sees half of one.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path


def write(path: str, mode: str, text: str) -> None:
    """Replace a file; raises OSError when it cannot be written, and leaves what was there."""
    # The name of the draft must not end as that of a file that somebody collects.
    handle, draft = tempfile.mkstemp(dir=Path(path).parent, prefix=".draft-", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "replace"))
            os.fchmod(file.fileno(), int(mode, 8))
        Path(draft).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(draft).unlink()
        raise


def main() -> int:
    """Write all of them; tell of each on standard output, as a loop of ansible.builtin.copy does."""
    results = []
    for entry in json.load(sys.stdin):
        result = {"item": entry["path"], "failed": False}
        try:
            write(entry["path"], entry["mode"], entry["text"])
        except OSError as error:
            result.update(failed=True, msg=f"[Errno {error.errno}] {error.strerror}")
        results.append(result)
    sys.stdout.write(json.dumps(results))
    return any(result["failed"] for result in results)


if __name__ == "__main__":
    sys.exit(main())
