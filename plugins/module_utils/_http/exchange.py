# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Sends requests: each when it is its turn, in the form that the server accepts, and again while the retry budget lasts.

GET, PUT, PATCH and DELETE can be repeated without harm, so they are, after 429, 5xx (a 500 can be a rate limit in disguise), a
lost connection, a timeout or a garbled answer. The pause is what the server asks for (``Retry-After`` in seconds or as a date,
else ``x-ratelimit-reset``), else 1, 2, 4 ... 30 seconds with jitter. POST is never repeated here: the caller looks first whether
the user was created.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .._base.clock import Clock
from .._errors import EightByEightError, GaveUpError, History, TransientError
from .._resource.answers import is_failure
from .._resource.spelling import known_names, spelled
from . import transport
from .connection import Connection
from .limits import UnusableAnswerError, memory_of, parse, read_body
from .request import Answer, Request, Response
from .retry import RetryBudget, next_after
from .session import HttpSession, RequestForm

if TYPE_CHECKING:
    import requests

_Client = TypeVar("_Client", bound="Client")

_HEADERS = {"User-Agent": "ansible-collection eightbyeight.scim", "Accept-Encoding": "gzip"}
#: How many refusals of a request cost no retry budget while several workers share a pace. The pace slows down long before.
_SHARED_REPEATS = 20


class Client:
    """What the clients of both APIs have in common: each sends the requests of one call.

    :param connection: Where and how.
    :param clock: The clock; by default that of this machine.
    :param session: What the call shares with others.
    :param is_own: Whether it shares that with nobody, and closes the connections when it is left.
    """

    def __init__(self, connection: Connection, clock: Clock | None, session: HttpSession, *, is_own: bool) -> None:
        clock = clock or Clock()
        self.connection = connection
        self._session = session
        self._is_own = is_own
        #: The clock, whose sleep ends when the run is interrupted.
        self.clock = clock if session.pace is None else clock._replace(sleep=session.pace.sleep)
        self.budget = RetryBudget(connection.retry_budget, self.clock)
        #: How many requests were sent on this session, by verb.
        self.sent: Mapping[str, int] = session.sent
        session.prepare(connection)

    def close(self) -> None:
        """Close the connections, where they are this client's own."""
        if self._is_own:
            self._session.close()

    def __enter__(self: _Client) -> _Client:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, keep_retrying: bool = True) -> Answer:
        """Read, and repeat that while the retry budget lasts.

        :param keep_retrying: Whether to go on after a second answer of 5xx; else that is raised.
        :raises EightByEightError: One of the family, see :mod:`_errors`.
        """
        return self._send(Request("GET", path, params), keep_retrying=keep_retrying)

    def _send(self, request: Request, *, keep_retrying: bool = True, retry_lost: bool = True) -> Answer:
        """Send a request that may be repeated, and repeat it while the retry budget lasts.

        :param keep_retrying: As for :meth:`get`.
        :param retry_lost: Whether to repeat it also where it may have been carried out, and not only after a 429.
        :raises EightByEightError: As :meth:`get`. Its history has the outcomes of earlier tries.
        """
        history, repeats = History(), 0
        while True:
            outcome = self._attempt(request)
            if isinstance(outcome, Answer):
                return outcome
            error = outcome.with_history(history)
            gives_up = repeats > 0 and not keep_retrying and (error.status or 0) >= 500
            lost = error.status != 429
            if not isinstance(error, TransientError) or gives_up or (lost and not retry_lost):
                raise error
            self.pause(error, repeats)
            history, repeats = error.history, repeats + 1

    def _send_once(self, request: Request) -> Answer:
        """Send a request, and never again.

        :raises EightByEightError: As :meth:`get`.
        """
        outcome = self._attempt(request)
        if isinstance(outcome, Answer):
            return outcome
        raise outcome

    def pause(self, failure: TransientError, repeats: int) -> None:
        """Wait before a request is sent again, as :meth:`RetryBudget.wait` says.

        Where several clients share a pace, it holds all of them after a 429. That costs no retry budget, unless the
        server accepts nothing at all for so long, or refuses this request alone.
        """
        pace, waited, writes = self._session.pace, self._session.waited, failure.method != "GET"
        if pace is None:
            # The items of a loop wait for the same server.
            self.budget.cap(self.budget.total - waited[writes])
        elif failure.status is not None:
            stalled = pace.stalled_for(write=writes)
            if stalled > self.budget.total:
                # The server has taken nothing for as long as the budget allows, so no other row waits for it again.
                self.budget.cap(0.0)
            shared = failure.status == 429 and stalled + pace.pause_left <= self.budget.total
            if shared and repeats < _SHARED_REPEATS:
                return
        left = self.budget.left
        try:
            self.budget.wait(failure, repeats)
        finally:
            waited[writes] += left - self.budget.left

    def _attempt(self, request: Request) -> Answer | EightByEightError:
        """Send a request in the form that the server takes: 415 and 428 ask for another one, and carry out nothing."""
        content_type = self.connection.content_type
        known = self._session.form
        first = form = known if content_type == "auto" else known._replace(json=content_type == "json")
        while True:
            outcome = self._transmit(request, form)
            status = outcome.status
            other = form.alternative(request, status, content_type)
            if other is None:
                break
            form = other
        if form != first and status is not None and status < 500 and status not in (415, 428, 429):
            # A refusal for another reason, such as the version (412), shows that the content type is right.
            self._session.form = form if status < 300 else self._session.form._replace(json=form.json)
        if isinstance(outcome, Answer):
            self._session.waited[request.writes] = 0.0
        return outcome

    def _transmit(self, request: Request, form: RequestForm) -> Answer | EightByEightError:
        """Send a request in one form, once, when its turn has come."""
        pace = self._session.pace
        if pace is None:
            return self._receive(request, form)
        ticket, outcome = pace.wait(self.budget.total), None
        if ticket is None:
            text = f"8x8 accepts no request for {pace.pause_left:.0f} s, and retry_budget is {self.budget.total:g} s. "
            return request.error(f"{text}Run again later, or raise retry_budget.", "rate_limited", GaveUpError)
        try:
            outcome = self._receive(request, form)
            return outcome
        finally:
            status = None if outcome is None else outcome.status
            asked = outcome.retry_after if isinstance(outcome, TransientError) else None
            pace.report(ticket, status, asked, write=request.writes)

    def _receive(self, request: Request, form: RequestForm) -> Answer | EightByEightError:
        """Send a request in one form, once; never with a token that is refused for good."""
        refusals = self._session.refusals
        if refusals.fatal is not None:
            return refusals.fatal.about(refusals.fatal.message)
        try:
            response = self._response_to(request, request.encoded_body(), form.headers(request))
            answer = _read(response, request, self.connection, self.clock)
        except EightByEightError as error:
            refusals.note_outcome(request, error)
            # The frames below hold the request and the response, and with them the token. A tool that shows an error with all
            # its frames must not find them.
            error.__context__ = None
            return error.with_traceback(None)
        refusals.note_outcome(request, None)
        return answer

    def _response_to(self, request: Request, body: str | None, headers: Mapping[str, str]) -> Response:
        """Send a request once, and receive the response.

        :param headers: Headers of this try, besides those that all have.
        :raises EightByEightError: When none came.
        """
        connection, session, began = self.connection, self._session, self.clock.steady()
        session.count(request)
        try:
            response = session.http.request(
                request.method,
                f"{connection.base_url}{request.path}{request.query}",
                data=body,
                headers={**_HEADERS, "Accept": connection.accept, **headers, **connection.secret_header},
                # Given, so that requests does not look for other credentials in ~/.netrc.
                auth=lambda prepared: prepared,
                timeout=connection.timeout,
                allow_redirects=False,
                verify=connection.verify,
                stream=True,
            )
            session.has_answered = True
            # When the response is read to its end, the connection is already back in the pool.
            with contextlib.closing(response):
                content, flaw = _body_of(response)
        except transport.NO_ANSWER as error:
            from .lost import no_answer  # noqa: PLC0415 - seldom needed

            seconds = self.clock.steady() - began
            raise no_answer(error, connection, request, seconds, answered=session.has_answered) from None
        return Response(response.status_code, response.headers, content, flaw, self.clock.steady() - began)


def _body_of(response: requests.Response) -> tuple[bytes, UnusableAnswerError | None]:
    try:
        return read_body(response), None
    except UnusableAnswerError as flaw:
        return b"", flaw


def _read(response: Response, request: Request, connection: Connection, clock: Clock) -> Answer:
    """Return the answer that a response is.

    :raises EightByEightError: When it is none.
    """
    memory = memory_of(response.content)
    if response.flaw is None:
        try:
            response = response._replace(data=parse(response.content, memory))
        except UnusableAnswerError as flaw:
            response = response._replace(flaw=flaw)
    data = response.data
    whole = response.flaw is None and (isinstance(data, dict) if data is not None else request.writes)
    if not (200 <= response.status < 300 and whole) or is_failure(data or {}):
        from .failures import failure_of  # noqa: PLC0415 - seldom needed

        raise failure_of(response, request, connection, clock)
    if data is not None and request.writes:
        try:
            data = spelled(data, known_names(connection.extension_urn).types)
        except EightByEightError:
            data = None  # It was accepted; its outcome is read from the server.
    etag, wait = response.headers.get("ETag"), next_after(response.headers, clock)
    return Answer(request, response.status, data, response.seconds, memory, etag, wait)
