# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers whose bodies are written already."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from scim2_server.responses import ScimResponse

GATEWAY_PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>gateway</body></html>\n"


@dataclass
class JSONResponse(ScimResponse):
    """A response whose body is written already."""

    payload: bytes = b""


def page(status: HTTPStatus, text: str) -> ScimResponse:
    """Return a web page."""
    return JSONResponse(status, None, {"Content-Type": "text/html; charset=utf-8"}, text.encode())
