# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The connection options of a task, checked: where the tenant is, the token, and how to talk to it.

The token goes only to https or to a loopback address.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .._base.console import CONSOLE_SCIM
from .._base.names import customer_in, invisible_character
from .._base.text import SHORTEST_SECRET, redact
from .._errors import BadOptionError
from .._resource.names import DEFAULT_EXTENSION_URN
from .limits import DEFAULT_PAGE_SIZE, MAX_PAGE_ENTRIES

#: Where 8x8 serves SCIM today (fact sheet 1.1). Only used to build a URL from a customer id; a given URL is taken as is.
BASE_URL = "https://platform-cloud.8x8.com/udi/customers/{customer_id}/scim/v2"

#: The options, as Ansible's argument specifications have them. None is required: what is missing is reported all together, with
#: where to get it. Without a key, the Administration API is never asked.
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "api_url": {"type": "str"},
    "customer_id": {"type": "str"},
    "api_token": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 30},
    "retry_budget": {"type": "float", "default": 120},
    "extension_urn": {"type": "str", "default": DEFAULT_EXTENSION_URN},
    "page_size": {"type": "int", "default": DEFAULT_PAGE_SIZE},
    "admin_api_key": {"type": "str", "no_log": True},
    "admin_api_url": {"type": "str"},
    "content_type": {"type": "str", "choices": ["auto", "scim", "json"], "default": "auto"},
}
#: Option -> the environment variable that counts where it is not given.
VARIABLES: Mapping[str, str] = {
    name: f"EIGHTBYEIGHT_{name.upper()}"
    for name in ("api_url", "customer_id", "api_token", "admin_api_key", "admin_api_url")
}

#: A day. A longer time is a mistake, and the operating system has a limit too.
_MAX_SECONDS = 86_400


class Connection(NamedTuple):
    """Everything that defines a connection to one tenant.

    :param base_url: The SCIM base URL, without a slash at its end.
    :param token: The static bearer token.
    :param verify: Whether to check certificates, or the CA bundle to check them with.
    :param timeout: Seconds to wait for a connection, and for each part of an answer.
    :param retry_budget: Seconds in all that may go into waiting for a server in trouble.
    :param extension_urn: URN of the 8x8 extension (fact sheet K1).
    :param content_type: ``scim``, ``json``, or ``auto``: the first, and the second where that is refused.
    :param page_size: How many users a page of a listing is asked for.
    :param header: The header that carries the secret, as a bearer token or as it is.
    :param accept: The media types that are asked for. Of SCIM: RFC 7644 section 3.8; a public client shows that 8x8 also takes
        application/json (fact sheet 1.14).
    """

    base_url: str
    token: str
    verify: bool | str = True
    timeout: float = 30.0
    retry_budget: float = 120.0
    extension_urn: str = DEFAULT_EXTENSION_URN
    content_type: str = "auto"
    page_size: int = DEFAULT_PAGE_SIZE
    header: str = "Authorization"
    accept: str = "application/scim+json, application/json"

    def __repr__(self) -> str:
        return f"Connection({self.base_url!r})"

    @property
    def secret_header(self) -> dict[str, str]:
        """The header that carries the secret."""
        return {self.header: f"Bearer {self.token}" if self.header == "Authorization" else self.token}

    def redact(self, text: str) -> str:
        """Strike the token out of a text."""
        return redact(text, self.token)

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Connection:
        """Check the connection options of a module and build the connection from them.

        :raises BadOptionError: When one cannot be right. Nothing has been sent then.
        """
        # Name all that is missing at once; each alone is named where it is read.
        if not any(str(options.get(name) or "").strip() for name in ("api_url", "customer_id", "api_token")):
            raise BadOptionError(
                "api_url and api_token are missing or empty: give them (or customer_id for api_url), or set EIGHTBYEIGHT_API_URL "
                f"and EIGHTBYEIGHT_API_TOKEN. Copy '8x8 URL' and '8x8 API Token' from {CONSOLE_SCIM}."
            )
        page_size = int(options.get("page_size") or DEFAULT_PAGE_SIZE)
        if not 1 <= page_size <= MAX_PAGE_ENTRIES:
            raise BadOptionError(f"page_size must be a number of users from 1 to {MAX_PAGE_ENTRIES}, not {page_size}.")
        return cls(
            token=secret_of("api_token", options, f"Copy '8x8 API Token' from {CONSOLE_SCIM}."),
            extension_urn=_extension_urn(options.get("extension_urn")),
            content_type=options.get("content_type") or "auto",
            page_size=page_size,
            base_url=_base_url(options.get("api_url"), options.get("customer_id")),
            **transport_options(options),
        )


def transport_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return how to talk to any API of 8x8: ``verify``, ``timeout`` and ``retry_budget``.

    :raises BadOptionError: When one cannot be right.
    """
    timeout, budget = float(options["timeout"]), float(options["retry_budget"])
    if not 0 < timeout <= _MAX_SECONDS:
        raise BadOptionError(
            f"timeout must be a number of seconds above 0, and at most {_MAX_SECONDS}, not {timeout:g}."
        )
    if not 0 <= budget <= _MAX_SECONDS:
        raise BadOptionError(f"retry_budget must be a number of seconds, from 0 to {_MAX_SECONDS}, not {budget:g}.")
    verify: bool | str = bool(options["validate_certs"])
    if ca_path := options.get("ca_path"):
        if not os.path.exists(ca_path):
            raise BadOptionError(f"ca_path: there is no file or folder {ca_path}.")
        verify = verify and str(ca_path)
    return {"verify": verify, "timeout": timeout, "retry_budget": budget}


def _extension_urn(given: str | None) -> str:
    urn = (given or "").strip()
    if not urn.lower().startswith("urn:"):
        raise BadOptionError(f"extension_urn must be a URN such as {DEFAULT_EXTENSION_URN}.")
    if odd := invisible_character(urn):
        raise BadOptionError(f"extension_urn contains the invisible character {odd}. Remove it.")
    return urn


def secret_of(name: str, options: Mapping[str, Any], hint: str) -> str:
    """Return a secret as it is sent.

    :param name: Its option.
    :param hint: Where to find it.
    :raises BadOptionError: When it is missing or cannot be one, or stands in another option too.
    """
    # Never show the value, not even a part of it: this message is not scrubbed everywhere it may go.
    secret, what = str(options.get(name) or "").strip(), name.rpartition("_")[2]
    if not secret:
        raise BadOptionError(f"{name} is missing or empty: give it, or set {VARIABLES[name]}. {hint}")
    if not re.fullmatch(r"[\x21-\x7e]+", secret):
        raise BadOptionError(
            f"{name} contains white space or characters that no {what} has. Paste the {what} alone, without the word "
            "Bearer and without line breaks."
        )
    check_secret_place(options, name)
    return secret


def check_secret_place(options: Mapping[str, Any], name: str) -> None:
    """Refuse a secret that was also given where it would be shown, logged or sent as something else.

    :param name: Its option.
    """
    secret, what = str(options.get(name) or "").strip(), name.rpartition("_")[2]
    place = None if len(secret) < SHORTEST_SECRET else _place_of(secret, {**options, name: None})
    if place:
        raise BadOptionError(f"The API {what} stands in {place}, where others would see it. Give it in {name} alone.")


def _place_of(token: str, value: Any, depth: int = 5) -> str | None:
    """Return where in a value a text is, in words, or None. The depth is limited, because YAML can contain itself."""
    if isinstance(value, str):
        return "" if token in value else None
    if not depth or not isinstance(value, (Mapping, list, tuple)):
        return None
    for name, part in value.items() if isinstance(value, Mapping) else enumerate(value, start=1):
        if isinstance(name, str) and token in name:
            return "a key"
        place = _place_of(token, part, depth - 1)
        if place is not None:
            return f"{name}, {place}" if place else str(name)
    return None


def _base_url(api_url: str | None, customer_id: str | None) -> str:
    hint = f"Copy '8x8 URL' from {CONSOLE_SCIM}."
    if not api_url:
        customer_id = (customer_id or "").strip()
        if not customer_id:
            raise BadOptionError(
                f"api_url is missing: give it, or customer_id, or set EIGHTBYEIGHT_API_URL or EIGHTBYEIGHT_CUSTOMER_ID. {hint}"
            )
        if not re.fullmatch(r"[A-Za-z0-9_-]+", customer_id):
            raise BadOptionError(f"customer_id must consist of letters and digits, or give api_url instead. {hint}")
        return BASE_URL.format(customer_id=customer_id)
    url = address_of("api_url", api_url, "api_token", hint)
    named = customer_in(f"{urlsplit(url).path}/", None)
    if customer_id and named and named != customer_id.strip():
        # One of them may be a forgotten environment variable that names the wrong tenant.
        raise BadOptionError(
            f"customer_id is {customer_id.strip()}, and api_url names the customer {named}. Give only one of them, or the "
            "same customer in both; look at EIGHTBYEIGHT_API_URL and EIGHTBYEIGHT_CUSTOMER_ID in the environment too."
        )
    return url


def address_of(name: str, given: str, secret: str, hint: str) -> str:
    """Return an address to which a secret may be sent, without a slash at its end.

    :param name: The option.
    :param secret: The option of the secret.
    :param hint: Where to find the address.
    :raises BadOptionError: When it is none.
    """
    url = given.strip().rstrip("/")
    if odd := invisible_character(url):
        raise BadOptionError(f"{name} contains the invisible character {odd}. Remove it.")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise BadOptionError(f"{name} is not a URL. {hint}") from None
    what = secret.rpartition("_")[2]
    if "@" in parts.netloc:
        raise BadOptionError(f"{name} must not contain a user name or password; the {what} goes into {secret}. {hint}")
    if parts.scheme not in ("http", "https") or not host or re.search(r"\s", url):
        raise BadOptionError(f"{name} must be a whole URL that starts with https://. {hint}")
    if parts.query or parts.fragment:
        raise BadOptionError(f"{name} must end before any ? or #. {hint}")
    last = parts.path.rsplit("/", 1)[-1]
    if last.lower() == "users":
        scim = "SCIM " if name == "api_url" else ""
        raise BadOptionError(f"{name} must be the {scim}base URL, without /{last} at its end.")
    if parts.scheme == "http" and not is_loopback(host):
        raise BadOptionError(
            f"{name} must start with https://: the API {what} is never sent in the clear, except to this machine. {hint}"
        )
    return f"{parts.scheme}{url[len(parts.scheme) :]}"  # urlsplit makes the scheme lower case


def is_loopback(host: str) -> bool:
    """Say whether the name of a host or its address is this machine's own."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
