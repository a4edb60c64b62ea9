"""A guard around each channel: what goes in is clean, and something always comes out.

Without it Rasa reads any slash command, takes text of any length, and stays silent when an
action or a channel fails.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import structlog
from rasa.core.channels.channel import OutputChannel, UserMessage
from sanic import Sanic

from backstride import metrics
from backstride.guide import load_guide
from backstride.payloads import as_plain_text, asks_to_delete, is_offered
from backstride.pictures import with_picture
from backstride.rasa.conversations import forget
from backstride.rasa.drain import turns
from backstride.rasa.places import Busy, Places
from backstride.rasa.tracker_store import watched_store
from backstride.rate_limits import RateLimits, wider
from backstride.red_flags import detector
from backstride.server_settings import load_settings
from backstride.wording import load_wording

logger = logging.getLogger(__name__)
_turns_log = structlog.get_logger(__name__)

TURN_SECONDS = 20.0
MESSAGE_CHARS = 1000
SENDER_CHARS = 200  # the database has room for 255

# Whether this message came from outside, and so counts for the rate limits. What our own programs
# send from this computer does not.
from_outside: ContextVar[bool] = ContextVar("from_outside", default=False)
_CONTROL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+"
)

# Reads long texts, one after the other.
_READER = ThreadPoolExecutor(1, "long-texts")

# Of all channels together.
_PLACES = Places()

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
        if "picture" in (message.get("metadata") or ()):
            message = with_picture(message, load_settings().public_url)
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
    handler: Handler,
    turn_seconds: float = TURN_SECONDS,
    forget: Forget = forget_stored,
    places: Places = _PLACES,
) -> Handler:
    """Rasa's message handler, wrapped: clean text in, never silence out.

    Args:
        handler: what Rasa hands to a channel's `blueprint`.
        turn_seconds: how long one turn may take before the safe text is sent; not counted is the
            time before it has a place.
        forget: deletes the conversation with this id.
        places: how many turns are worked on at once, over all channels.
    """
    wording = load_wording()
    detector()  # made now, and not in somebody's turn

    async def handle(message: UserMessage) -> None:
        channel, sender = message.output_channel, message.sender_id
        counting = _Counting(channel)
        safe_text, outcome, failures = wording.technical_problem, "failed", []
        turn, started = secrets.token_hex(4), time.monotonic()
        with turns.one(), structlog.contextvars.bound_contextvars(turn=turn):
            try:
                text = clean(message.text)
                if not is_sender(sender):
                    outcome = "bad_sender"
                elif not text:
                    safe_text, outcome = wording.no_text, "no_text"
                elif from_outside.get() and not _within_rate(sender, text):
                    safe_text, outcome = wording.too_many, "too_many"
                elif asks_to_delete(text, wording):
                    # No turn of Rasa's: it would store the conversation again.
                    safe_text, outcome = wording.not_deleted, "not_deleted"
                    await asyncio.wait_for(forget(sender), turn_seconds)
                    safe_text, outcome = wording.deleted, "deleted"
                elif len(text) > MESSAGE_CHARS and not (
                    text := await asyncio.wait_for(_about_danger_signs(text), turn_seconds)
                ):
                    safe_text, outcome = wording.too_long, "too_long"
                else:
                    # Of a text that is too long only what names a danger sign goes on.
                    message.text, message.output_channel = text, counting
                    urgent = places.all_taken() and _is_urgent(text)
                    async with places.one(sender, urgent):
                        with watched_store() as failures:
                            await asyncio.wait_for(handler(message), turn_seconds)
                    outcome = "answered" if counting.sent else "silent"
            except Busy:
                outcome = "busy"
            except Exception as error:
                # The text and the frames stay out of the log: they are health talk.
                logger.error("Turn %s failed: %s", turn, type(error).__name__)
            if not counting.sent:
                await channel.send_text_message(sender, safe_text)
            if failures:
                # Rasa goes on without a memory: the person must know, after what is urgent.
                outcome = "without_memory"
                await channel.send_text_message(sender, wording.memory_failed)
            _note(outcome, time.monotonic() - started, str(channel.name()))

    return handle


def is_sender(sender: object) -> bool:
    """Whether this can be the id of a conversation."""
    return isinstance(sender, str) and 0 < len(sender) <= SENDER_CHARS and sender.isprintable()


async def _about_danger_signs(text: str) -> str:
    """What a text that is too long says about danger signs, while others get their answers."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_READER, detector().excerpt, text, MESSAGE_CHARS)


def _within_rate(sender: str, text: str) -> bool:
    """Whether the conversation may have one more turn; danger signs have a wider limit."""
    rate = load_settings().conversation_rate
    if rate_limits().allows("conversation", sender, rate):
        return True
    return _is_urgent(text) and rate_limits().allows("urgent", sender, wider(rate))


def _is_urgent(text: str) -> bool:
    """Whether a text names an emergency or a crisis, as far as the matcher sees."""
    if text.startswith("/"):
        return False  # of our own buttons, and none of them names a danger sign
    found = detector().find(text[: 2 * MESSAGE_CHARS])
    return any(f.status != "denied" and f.level in ("emergency", "crisis") for f in found)


@lru_cache(maxsize=1)
def rate_limits() -> RateLimits:
    """The limits of this process, or in Redis those of all replicas."""
    return RateLimits(load_settings().redis_url)


def _note(outcome: str, seconds: float, channel: str) -> None:
    """Count the turn, and log it without a word of it."""
    metrics.TURNS.labels(outcome).inc()
    metrics.TURN_SECONDS.observe(seconds)
    if outcome in ("bad_sender", "too_many", "too_long", "no_text", "busy"):
        metrics.REFUSED.labels(outcome).inc()
    _turns_log.info(
        "turn.ended", outcome=outcome, milliseconds=round(seconds * 1000), channel=channel
    )


def clean(text: object) -> str:
    """The person's text without control characters and without slash commands of their own."""
    if not isinstance(text, str):
        return ""
    text = _CONTROL.sub(" ", text).strip()
    if text.startswith("/") and not is_offered(text, load_guide(), load_wording()):
        return as_plain_text(text)
    return text
