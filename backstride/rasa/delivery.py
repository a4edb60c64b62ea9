"""Between a turn of Rasa's and a chat service: turns in order, and sending apart from thinking.

Where a turn sends by itself, a service that is slow or says no ends the turn, and the conversation
is not stored. So a turn writes into an outbox, and the outbox is emptied beside it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage

from backstride.rasa.guard import Handler

logger = logging.getLogger(__name__)

WAITING = 20  # turns of one conversation; a person who writes faster than this is a program
DELIVERY_SECONDS = 120.0
DRAIN_SECONDS = 15.0


class NotSent(Exception):
    """A message did not reach the person. What it says holds no word of the message."""


Send = Callable[[dict[str, Any]], Awaitable[None]]


class Outbox(OutputChannel):
    """Takes what a turn sends, at once and without failing."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self.responses: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    def name(self) -> str:
        """The name that `channel:` in a response refers to."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Put a response of Rasa in the box."""
        self.responses.put_nowait(dict(message))

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Put a text in the box."""
        self.responses.put_nowait({"text": text})


async def converse(
    handler: Handler, channel: str, conversation: str, texts: tuple[str, ...], send: Send
) -> None:
    """One turn for each text, each response sent as soon as it is there.

    Args:
        handler: the guarded handler of messages.
        send: sends one response to the person; it may take its time, and fail.
    """
    outbox = Outbox(channel)
    sending = asyncio.create_task(_empty(outbox, send))
    try:
        for text in texts:
            await handler(UserMessage(text, outbox, conversation, input_channel=channel))
    finally:
        outbox.responses.put_nowait(None)
        await sending


async def _empty(outbox: Outbox, send: Send) -> None:
    while (response := await outbox.responses.get()) is not None:
        try:
            await asyncio.wait_for(send(response), DELIVERY_SECONDS)
        except NotSent as error:
            logger.error("A message was not sent: %s", error)
        except Exception as error:
            # Neither the text nor the error's own words: they may repeat the text.
            logger.error("A message was not sent: %s", type(error).__name__)


class InOrder:
    """Runs the work of each conversation one after the other, and of different ones together."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Task[None]] = {}
        self._waiting: dict[str, int] = {}
        self._running: set[asyncio.Task[None]] = set()

    def start(self, conversation: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Do this work once what came before in the conversation is done.

        Returns:
            False where too much is waiting already: then it is not done.
        """
        waiting = self._waiting.get(conversation, 0)
        if waiting >= WAITING:
            logger.warning("More than %d messages wait in one conversation; one is lost.", WAITING)
            return False
        self._waiting[conversation] = waiting + 1
        task = asyncio.create_task(self._after(self._last.get(conversation), conversation, work))
        self._last[conversation] = task
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return True

    async def finish(self, seconds: float = DRAIN_SECONDS) -> None:
        """Wait for what is running and waiting, but not for ever."""
        if self._running:
            _, left = await asyncio.wait(self._running, timeout=seconds)
            if left:
                logger.error("%d turns were not finished in time.", len(left))

    async def _after(
        self,
        before: asyncio.Task[None] | None,
        conversation: str,
        work: Callable[[], Awaitable[None]],
    ) -> None:
        try:
            if before is not None:
                await asyncio.wait([before])
            await work()
        except Exception as error:
            logger.error("A turn was lost: %s", type(error).__name__)
        finally:
            self._waiting[conversation] -= 1
            if not self._waiting[conversation]:
                del self._waiting[conversation], self._last[conversation]
