# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Writes a page as one HTML file that loads nothing else.

It has its own environment of Jinja, because ``ansible.builtin.template`` does not escape HTML. The content security
policy of the page allows only its own style and script, by their hashes. So no script in a name of a user can run.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.page import Page

_FILES = Path(__file__).parent / "_html"


def page_html(page: Page) -> str:
    """Return a page as HTML."""
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(_FILES),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    style = _text("page.css")
    notice = "\n".join(f" * {line}".rstrip() for line in _text("tablesort.LICENSE.txt").splitlines())
    script = "\n".join([f"/*! tablesort\n{notice}\n */", _text("tablesort.min.js"), _text("page.js")])
    policy = f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'"
    text = environment.get_template("page.html.j2").render(
        # These are files of this collection, without data of users.
        page=page,
        policy=policy,
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
    )
    return f"{text}\n"


def _text(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
