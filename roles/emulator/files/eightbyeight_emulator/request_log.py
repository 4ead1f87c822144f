# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request log: one JSON line a request, so that tests count requests instead of believing a client."""

from __future__ import annotations

import json
import threading
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

REMEMBERED = 200_000
"""Lines kept in memory; the file, if any, keeps all of them."""

SHORTEST_SECRET = 8
"""Shorter tokens are toys, and replacing a letter or two would only spoil the log."""


def _scrubbed(value: Any, secret: str) -> Any:
    if isinstance(value, str):
        return value.replace(secret, "<token>")
    if isinstance(value, list):
        return [_scrubbed(item, secret) for item in value]
    if isinstance(value, dict):
        return {_scrubbed(key, secret): _scrubbed(item, secret) for key, item in value.items()}
    return value


class RequestLog:
    """Numbers, remembers and writes requests. It never sees a header, so it cannot leak one.

    :param path: Where to append the lines, flushed one by one.
    :param secrets: Texts that never appear in a line. A client that sends a token anywhere but in the
        ``Authorization`` header gives itself away by the marker that replaces it.
    """

    def __init__(self, path: Path | None = None, secrets: tuple[str, ...] = ()) -> None:
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=REMEMBERED)
        self._count = 0
        self._secrets = tuple(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None

    def write(self, entry: dict[str, Any]) -> None:
        """Add one request."""
        with self._lock:
            self._count += 1
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            line = json.dumps({"n": self._count, "time": now, **entry})
            for secret in self._secrets:
                if secret in line or json.dumps(secret)[1:-1] in line:
                    entry = _scrubbed(entry, secret)
                    line = json.dumps({"n": self._count, "time": now, **entry})
            self._lines.append(line)
            if self._file is not None:
                self._file.write(line + "\n")
                self._file.flush()

    def entries(self) -> list[dict[str, Any]]:
        """Return the remembered requests, oldest first."""
        with self._lock:
            return [json.loads(line) for line in self._lines]

    def clear(self) -> None:
        """Forget the remembered requests; the numbering and the file go on."""
        with self._lock:
            self._lines.clear()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
