"""Turns run in order, and a service that fails costs a message and never a conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from backstride.rasa import delivery
from backstride.rasa.delivery import InOrder, Outbox, converse


def test_work_of_one_conversation_runs_in_order_and_of_two_side_by_side() -> None:
    done = []

    def work(name: str, seconds: float) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await asyncio.sleep(seconds)
            done.append(name)

        return run

    async def scene() -> None:
        turns = InOrder()
        turns.start("a", work("a1", 0.05))
        turns.start("a", work("a2", 0.0))
        turns.start("b", work("b1", 0.01))
        await turns.finish()

    asyncio.run(scene())
    assert done == ["b1", "a1", "a2"]


def test_work_that_fails_does_not_stop_what_comes_after(caplog: pytest.LogCaptureFixture) -> None:
    done = []

    async def broken() -> None:
        raise RuntimeError("something private")

    async def good() -> None:
        done.append(1)

    async def scene() -> None:
        turns = InOrder()
        turns.start("a", broken)
        turns.start("a", good)
        await turns.finish()

    asyncio.run(scene())
    assert done == [1]
    assert "RuntimeError" in caplog.text
    assert "something private" not in caplog.text


def test_more_than_can_wait_is_refused_and_later_work_is_taken_again() -> None:
    async def scene() -> tuple[list[bool], bool]:
        async def work() -> None:
            await asyncio.sleep(0)

        turns = InOrder()
        taken = [turns.start("a", work) for _ in range(delivery.WAITING + 3)]
        await turns.finish()
        return taken, turns.start("a", work)

    taken, later = asyncio.run(scene())
    assert taken == [True] * delivery.WAITING + [False] * 3
    assert later


def test_nothing_is_kept_of_a_conversation_that_rests() -> None:
    async def scene() -> InOrder:
        async def work() -> None:
            pass

        turns = InOrder()
        for number in range(100):
            turns.start(str(number), work)
        await turns.finish()
        return turns

    turns = asyncio.run(scene())
    assert not turns._last and not turns._waiting and not turns._running


def test_finishing_gives_up_on_what_takes_too_long(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async def work() -> None:
            await asyncio.sleep(60)

        turns = InOrder()
        turns.start("a", work)
        await turns.finish(0.05)

    asyncio.run(scene())
    assert "1 turns were not finished in time" in caplog.text


async def two_answers(message: UserMessage) -> None:
    for number in (1, 2):
        await message.output_channel.send_response("x", {"text": f"{message.text} {number}"})


def test_each_answer_is_sent_as_soon_as_it_is_there() -> None:
    sent: list[str] = []

    async def slow_turn(message: UserMessage) -> None:
        await message.output_channel.send_response("x", {"text": "first"})
        await asyncio.sleep(0.05)
        assert sent == ["first"]
        await message.output_channel.send_response("x", {"text": "second"})

    async def send(response: dict[str, Any]) -> None:
        sent.append(response["text"])

    asyncio.run(converse(slow_turn, "telegram", "c", ("hi",), send))
    assert sent == ["first", "second"]


def test_an_answer_that_cannot_be_sent_costs_neither_the_turn_nor_the_next_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    sent: list[str] = []

    async def send(response: dict[str, Any]) -> None:
        if response["text"] == "hi 1":
            raise ConnectionError(response["text"])
        sent.append(response["text"])

    asyncio.run(converse(two_answers, "telegram", "c", ("hi", "you"), send))
    assert sent == ["hi 2", "you 1", "you 2"]
    assert "A message was not sent: ConnectionError" in caplog.text
    assert "hi 1" not in caplog.text


def test_sending_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "DELIVERY_SECONDS", 0.02)
    sent = []

    async def send(response: dict[str, Any]) -> None:
        if response["text"] == "hi 1":
            await asyncio.sleep(60)
        sent.append(response["text"])

    asyncio.run(converse(two_answers, "telegram", "c", ("hi",), send))
    assert sent == ["hi 2"]


def test_what_was_said_before_a_turn_failed_is_still_sent() -> None:
    sent = []

    async def failing(message: UserMessage) -> None:
        await message.output_channel.send_response("x", {"text": "said"})
        raise RuntimeError

    async def send(response: dict[str, Any]) -> None:
        sent.append(response["text"])

    with pytest.raises(RuntimeError):
        asyncio.run(converse(failing, "telegram", "c", ("hi",), send))
    assert sent == ["said"]


def test_the_outbox_goes_by_the_name_that_responses_use() -> None:
    assert Outbox("slack").name() == "slack"
