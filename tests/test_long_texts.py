"""A text that is too long is searched for danger signs in bounded time, and nobody waits."""

from __future__ import annotations

import asyncio
import time

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from backstride.rasa import guard
from backstride.red_flags import detector

CHARS = 1_000
SLOW = "my back hurts. " * 3_000


def test_the_time_grows_with_the_length_and_not_with_its_square() -> None:
    detector().excerpt("hello " * 300, CHARS)
    started = time.process_time()
    detector().excerpt(SLOW, CHARS)
    assert time.process_time() - started < 3  # it was 6 s in one piece


@pytest.mark.parametrize("before", range(700, 1_100, 20))
def test_a_sign_is_found_wherever_a_piece_ends(before: int) -> None:
    text = (
        ("nice weather today " * 100)[:before] + " i cant pee since monday. " + "and so on " * 100
    )
    assert "cant pee" in detector().excerpt(text, CHARS)


def test_others_are_answered_while_a_long_text_is_read() -> None:
    async def echo(message: UserMessage) -> None:
        await message.output_channel.send_response("someone", {"text": "heard"})

    async def seconds_of_a_short_turn() -> float:
        handle = guard.guarded(echo)
        long = asyncio.ensure_future(handle(UserMessage(SLOW, CollectingOutputChannel(), "a")))
        await asyncio.sleep(0.05)
        started = time.monotonic()
        await handle(UserMessage("hello", CollectingOutputChannel(), "b"))
        seconds = time.monotonic() - started
        assert not long.done()
        await long
        return seconds

    detector()
    assert asyncio.run(seconds_of_a_short_turn()) < 0.3
