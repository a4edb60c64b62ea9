"""Rate limits: a person who sends too much is slowed down, and danger signs get through."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from limits import parse
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from backstride.rasa import guard
from backstride.rate_limits import URGENT_FACTOR, RateLimits
from backstride.wording import Wording

RATE = parse("3/minute")


def test_each_key_has_a_rate_of_its_own() -> None:
    limits = RateLimits()
    assert [limits.allows("address", "a", RATE) for _ in range(5)] == [True] * 3 + [False] * 2
    assert limits.allows("address", "b", RATE)
    assert limits.allows("conversation", "a", RATE)


def test_without_its_redis_it_counts_in_memory() -> None:
    limits = RateLimits("redis://127.0.0.1:1/0")
    assert [limits.allows("address", "a", RATE) for _ in range(4)] == [True] * 3 + [False]


@pytest.fixture
def three_a_minute(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("BACKSTRIDE_CONVERSATION_RATE", "3/minute")
    guard.rate_limits.cache_clear()
    yield
    guard.rate_limits.cache_clear()


def answers(texts: list[str], outside: bool = True) -> list[str]:
    """The first words back for each of these, sent one after the other."""

    async def heard(message: UserMessage) -> None:
        await message.output_channel.send_response("someone", {"text": "heard"})

    async def talk() -> list[str]:
        guard.from_outside.set(outside)
        handle, said = guard.guarded(heard), []
        for text in texts:
            channel = CollectingOutputChannel()
            await handle(UserMessage(text, channel, "someone"))
            said.append(channel.messages[0]["text"])
        return said

    return asyncio.run(talk())


@pytest.mark.usefixtures("three_a_minute")
def test_too_many_messages_get_a_polite_answer(wording: Wording) -> None:
    assert answers(["hello"] * 5) == ["heard"] * 3 + [wording.too_many] * 2


@pytest.mark.usefixtures("three_a_minute")
def test_a_danger_sign_gets_through_the_limit_but_not_for_ever(wording: Wording) -> None:
    heard = answers(["hello"] * 3 + ["i cant pee"] * (3 * URGENT_FACTOR + 1))
    assert heard == ["heard"] * (3 + 3 * URGENT_FACTOR) + [wording.too_many]


@pytest.mark.usefixtures("three_a_minute")
def test_what_comes_from_this_computer_is_not_counted() -> None:
    assert answers(["hello"] * 10, outside=False) == ["heard"] * 10
