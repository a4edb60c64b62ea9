"""A guard around each channel: what goes in is clean, and something always comes out.

Without it Rasa reads any slash command, takes text of any length, and stays silent when an
action or a channel fails.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage
from sanic import Sanic

from backstride.guide import load_guide
from backstride.payloads import as_plain_text, asks_to_delete, is_offered
from backstride.rasa.conversations import forget
from backstride.red_flags import detector
from backstride.wording import load_wording

logger = logging.getLogger(__name__)

TURN_SECONDS = 20.0
MESSAGE_CHARS = 1000
_CONTROL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+"
)

Handler = Callable[[UserMessage], Awaitable[Any]]
Forget = Callable[[str], Awaitable[None]]


class _Counting(OutputChannel):
    """Passes everything on to the real channel and counts what was sent."""

    def __init__(self, channel: OutputChannel) -> None:
        self._channel = channel
        self.sent = 0

    def name(self) -> str:
        return str(self._channel.name())

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        await self._channel.send_response(recipient_id, message)
        self.sent += 1

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._channel, attribute)


async def forget_stored(conversation: str) -> None:
    """Delete a conversation of this server, once no turn of it is running."""
    agent = Sanic.get_app().ctx.agent
    async with agent.lock_store.lock(conversation):
        await forget(agent, conversation)


def guarded(
    handler: Handler, turn_seconds: float = TURN_SECONDS, forget: Forget = forget_stored
) -> Handler:
    """Rasa's message handler, wrapped: clean text in, never silence out.

    Args:
        handler: what Rasa hands to a channel's `blueprint`.
        turn_seconds: how long one turn may take before the safe text is sent.
        forget: deletes the conversation with this id.
    """
    wording = load_wording()

    async def handle(message: UserMessage) -> None:
        channel, sender = message.output_channel, message.sender_id
        counting = _Counting(channel)
        safe_text = wording.technical_problem
        try:
            text = clean(message.text)
            if not text:
                safe_text = wording.no_text
            elif asks_to_delete(text, wording):
                # No turn of Rasa's: it would store the conversation again.
                safe_text = wording.not_deleted
                await asyncio.wait_for(forget(sender), turn_seconds)
                safe_text = wording.deleted
            elif len(text) > MESSAGE_CHARS and not (
                text := detector().excerpt(text, MESSAGE_CHARS)
            ):
                safe_text = wording.too_long
            else:
                # Of a text that is too long only what names a danger sign goes on.
                message.text, message.output_channel = text, counting
                await asyncio.wait_for(handler(message), turn_seconds)
        except Exception as error:
            # The text and the frames stay out of the log: they are health talk.
            logger.error("A turn failed: %s", type(error).__name__)
        if not counting.sent:
            await channel.send_text_message(sender, safe_text)

    return handle


def clean(text: object) -> str:
    """The person's text without control characters and without slash commands of their own."""
    if not isinstance(text, str):
        return ""
    text = _CONTROL.sub(" ", text).strip()
    if text.startswith("/") and not is_offered(text, load_guide(), load_wording()):
        return as_plain_text(text)
    return text
