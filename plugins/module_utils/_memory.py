# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a tenant would not take as given, remembered from run to run.

8x8 may normalize or drop a value and still answer 200. Without a memory, the next run would see the same difference and
send the same PUT, for ever. So when an answer differs from the plan, one small file for that user keeps, for each such
attribute, a fingerprint of the wish and one of what the server made of it. As long as neither changes, the difference is
known to be the server's will. The file holds no values, no names and no token; deleting it makes the next run ask again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping

#: Names the folder, for containers whose home does not last.
STATE_DIR_VARIABLE = "EIGHTBYEIGHT_STATE_DIR"
_DEFAULT_STATE_DIR = os.path.join("~", ".ansible", "eightbyeight.scim")


class Memory:
    """The remembered answers of one tenant.

    :param base_url: The tenant.
    :param folder: Where to keep them; by default what the environment variable says, else below the home.
    """

    def __init__(self, base_url: str, folder: str | None = None) -> None:
        root = folder or os.environ.get(STATE_DIR_VARIABLE) or os.path.expanduser(_DEFAULT_STATE_DIR)
        self._folder = os.path.join(root, "declined", hashlib.sha256(base_url.encode()).hexdigest()[:16])

    def recall(self, user_id: str) -> dict[str, tuple[str, str]]:
        """Return attribute -> (fingerprint of the wish, fingerprint of what came of it)."""
        try:
            with open(self._path(user_id), encoding="ascii") as file:
                known = json.load(file)
            return {str(name): (str(wish), str(result)) for name, (wish, result) in known.items()}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return {}

    def keep(self, user_id: str, declined: Mapping[str, tuple[str, str]]) -> bool:
        """Replace what is remembered of a user.

        :returns: Whether that worked. It is no reason to fail: the next run then sends one PUT more.
        """
        path = self._path(user_id)
        if not declined:
            with contextlib.suppress(OSError):
                os.unlink(path)
            return True
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    json.dump({name: list(pair) for name, pair in declined.items()}, file)
                os.replace(draft, path)
            except OSError:
                os.unlink(draft)
                raise
        except OSError:
            return False
        return True

    def _path(self, user_id: str) -> str:
        name = hashlib.sha256(user_id.encode(errors="surrogatepass")).hexdigest()[:32]
        return os.path.join(self._folder, f"{name}.json")
