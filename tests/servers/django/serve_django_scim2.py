# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve django-scim2 in a project as small as it can be: ``serve_django_scim2.py PORT TOKEN``, with its database in ``DATABASE``."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import wsgiref.simple_server
from collections.abc import Callable
from contextlib import closing
from socketserver import ThreadingMixIn
from types import SimpleNamespace
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

PORT, TOKEN = int(sys.argv[1]), sys.argv[2]
DATABASE = os.environ["DATABASE"]


class _Server(ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_words: object) -> None:
        pass


def by_token(respond: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let in whoever has the token: the middleware of the project."""

    def responded(request: Any) -> Any:
        known = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        request.user = SimpleNamespace(is_authenticated=known)
        return respond(request)

    return responded


def stored() -> list[dict[str, Any]]:
    """Return the users as the database has them, in SCIM's words."""
    with closing(sqlite3.connect(DATABASE)) as database:
        database.row_factory = sqlite3.Row
        rows = database.execute("SELECT * FROM accounts_user ORDER BY id").fetchall()
    return [
        {
            "id": row["scim_id"],
            "userName": row["username"],
            "externalId": row["scim_external_id"],
            "name": {"givenName": row["first_name"], "familyName": row["last_name"]},
            "emails": [{"value": row["email"]}],
            "active": bool(row["is_active"]),
        }
        for row in rows
    ]


def main() -> None:
    """Make the database, and serve until the process is ended."""
    settings.configure(
        SECRET_KEY=TOKEN,
        ALLOWED_HOSTS=["*"],
        APPEND_SLASH=False,
        USE_TZ=True,
        ROOT_URLCONF="accounts.urls",
        AUTH_USER_MODEL="accounts.User",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "accounts", "django_scim"],
        MIDDLEWARE=[f"{__name__}.by_token", "django_scim.middleware.SCIMAuthCheckMiddleware"],
        SCIM_SERVICE_PROVIDER={
            "NETLOC": f"127.0.0.1:{PORT}",
            "SCHEME": "http",
            "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "Token", "description": "A token"}],
        },
        LOGGING={"version": 1, "disable_existing_loggers": True, "root": {"handlers": []}},
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    application = get_wsgi_application()
    heard: list[str] = []

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] != "/state":
            heard.append(environ["REQUEST_METHOD"])
            return application(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"users": stored(), "heard": heard}).encode()]

    wsgiref.simple_server.make_server(
        "127.0.0.1", PORT, served, server_class=_Server, handler_class=_Quiet
    ).serve_forever()


if __name__ == "__main__":
    main()
