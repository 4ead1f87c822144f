# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The event source ``user_changes``: polls a tenant, and sends events to the queue of a rule engine. It needs no Ansible.

It never returns, because the engine ends when one of its sources ends. Blocking calls run in a thread, because the engine and
its other sources share the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import os
import random
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .._base.clock import Clock
from .._files import check_path, file_lock
from .options import FEEDBACK_QUEUE, LOG, Options, read_options
from .poll import Poller
from .state import State, StateFile
from .tenant import Tenant

#: The part of the interval by which a poll is earlier or later, so that sources that start together do not poll together.
_JITTER = 0.1
#: Seconds to wait for an acknowledgement before the event is sent again.
_ACK_TIMEOUT = 120.0
#: Seconds between two checks whether the engine has taken an event.
_QUEUE_CHECK_INTERVAL = 0.02
#: Seconds to wait for a source that is ending and still has the state file.
_LOCK_TIMEOUT = 15.0

_Result = TypeVar("_Result")


class StoppedError(Exception):
    """The source ends, so no call waits any longer."""


async def watch(queue: Any, arguments: Mapping[str, Any]) -> None:
    """Poll the tenant and send events, until the task is canceled.

    :param queue: Receives events with ``await queue.put(event)``.
    :param arguments: The arguments of the source, and the queue of acknowledgements if the engine has one.
    :raises EightByEightError: When an argument or the state file is wrong. No request was sent before.
    """
    options = read_options(arguments, os.environ)
    feedback = arguments.get(FEEDBACK_QUEUE)
    if options.feedback and feedback is None:
        LOG.warning(
            "%s: feedback is true, but this ansible-rulebook does not pass on acknowledgements. That needs release 1.3 or later, "
            "and --persistence-id. Events count as acknowledged when the engine takes them.",
            options.tenant,
        )
    stopped = threading.Event()
    clock = Clock(sleep=lambda seconds: _sleep(stopped, seconds))
    try:
        with await asyncio.to_thread(_lock_state_file, options, clock):
            await _poll_forever(Delivery(queue, feedback, stopped), options, clock)
    finally:
        stopped.set()


async def _in_thread(stopped: threading.Event, work: Callable[..., _Result], *arguments: Any) -> _Result:
    """Run a blocking call in a thread. A canceled task waits for the call to end, because the call may use the state file."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stopped.set()
        await asyncio.gather(task, return_exceptions=True)
        raise


def _sleep(stopped: threading.Event, seconds: float) -> None:
    if stopped.wait(seconds):
        raise StoppedError("The event source ends.")


def _lock_state_file(options: Options, clock: Clock) -> contextlib.AbstractContextManager[object]:
    """Lock the state file against other sources.

    :raises EightByEightError: When another source has locked it, or its folder is missing or cannot be written to.
    """
    path, lock = options.state_file, contextlib.ExitStack()
    if path:
        check_path("state_file", path)
        busy = f"state_file: another source uses {path}. Give each source a state_file of its own."
        lock.enter_context(file_lock("state_file", path, _LOCK_TIMEOUT, clock, busy))
    return lock


async def _poll_forever(delivery: Delivery, options: Options, clock: Clock) -> None:
    file = StateFile(options.state_file, options.tenant)
    stopped = delivery.stopped
    state = await _in_thread(stopped, file.load)
    tenant = Tenant(options, clock)
    poller = Poller(options, tenant, clock)
    try:
        state = await delivery.send(state, file)
        while True:
            after = await _in_thread(stopped, _poll_once, poller, file, state)
            state = await delivery.send(after, file)
            await asyncio.sleep(options.interval * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311
    finally:
        tenant.close()


def _poll_once(poller: Poller, file: StateFile, before: State) -> State:
    """Poll once, and save the new state before its events are sent."""
    try:
        after = poller.poll(before)
    except StoppedError:
        raise
    except Exception as error:  # noqa: BLE001 - the engine ends when a source does
        # A traceback may show data of people.
        LOG.error("The poll failed by a fault of this collection: %s. It goes on.", type(error).__name__)  # noqa: TRY400
        return before
    if after != before:
        file.save(after)
    return after


class Delivery:
    """Sends events, one after the other. The next one waits until the engine has taken the last one.

    :param queue: The queue of the engine.
    :param feedback: The queue of acknowledgements, or None.
    :param stopped: Is set when the source ends.
    """

    def __init__(self, queue: Any, feedback: Any, stopped: threading.Event) -> None:
        self.stopped = stopped
        self._queue = queue
        self._feedback = feedback
        self._offered = False

    async def send(self, state: State, file: StateFile) -> State:
        """Send the pending events, and return the state without them."""
        for event in state.pending:
            try:
                await self._send_event(event)
            except asyncio.CancelledError:
                # The engine may have taken it since the last check.
                if self._feedback is None and self._offered and not self._is_full():
                    file.acknowledge(event)
                raise
            await _in_thread(self.stopped, file.acknowledge, event)
            # The engine gets its turn here.
            await asyncio.sleep(0)
        return state._replace(pending=())

    async def _send_event(self, event: Mapping[str, Any]) -> None:
        self._offered = False
        while True:
            # A filter of the engine changes the event that it gets.
            await self._queue.put(copy.deepcopy(event))
            self._offered = True
            if self._feedback is None:
                # The queue does not report when the engine takes an event.
                while self._is_full():  # noqa: ASYNC110
                    await asyncio.sleep(_QUEUE_CHECK_INTERVAL)
                return
            if await self._is_acknowledged(event["meta"]["uuid"]):
                return
            LOG.warning("The engine did not acknowledge an event in %g s. It is sent once more.", _ACK_TIMEOUT)

    def _is_full(self) -> bool:
        """Say whether the event is still in the queue of the engine, which holds one."""
        inner = getattr(self._queue, "queue", self._queue)
        full = getattr(inner, "full", None)
        return callable(full) and full() is True

    async def _is_acknowledged(self, uuid: str) -> bool:
        """Wait for the acknowledgement of an event, and say whether it came. Late ones of other events are ignored."""
        with contextlib.suppress(asyncio.TimeoutError):
            while True:
                answer = await asyncio.wait_for(self._feedback.get(), _ACK_TIMEOUT)
                other = answer.get("meta", {}).get("uuid", uuid) if isinstance(answer, Mapping) else uuid
                if other == uuid:
                    return True
        return False
