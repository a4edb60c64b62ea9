"""The guard around each channel: something always comes out, whatever goes in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from backstride.rasa import guard
from backstride.wording import Wording


def sent(handler: guard.Handler, text: Any, turn_seconds: float = 5) -> list[str]:
    """The texts that the person gets back."""
    channel = CollectingOutputChannel()
    message = UserMessage("", channel, "someone")
    message.text = text
    asyncio.run(guard.guarded(handler, turn_seconds)(message))
    return [said["text"] for said in channel.messages]


async def echo(message: UserMessage) -> None:
    await message.output_channel.send_response("someone", {"text": f"heard {message.text}"})


async def silent(message: UserMessage) -> None:
    pass


async def failing(message: UserMessage) -> None:
    raise RuntimeError


async def endless(message: UserMessage) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("why\x07 that", "why that"),
        ("/ask_causes", "/ask_causes"),
        ("/restart", "restart"),
        ('/affirm{"reply":{"x":1}}', "affirm reply : x :1"),
    ],
)
def test_what_goes_in_is_clean(text: str, heard: str) -> None:
    assert [" ".join(said.split()) for said in sent(echo, text)] == [f"heard {heard}"]


@pytest.mark.parametrize("handler", [silent, failing, endless])
def test_a_turn_that_says_nothing_gets_the_safe_text(
    wording: Wording, handler: guard.Handler
) -> None:
    assert sent(handler, "heat or ice", turn_seconds=0.05) == [wording.technical_problem]


def test_a_failure_while_cleaning_gets_the_safe_text(
    wording: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise TypeError

    monkeypatch.setattr(guard, "is_offered", broken)
    assert sent(echo, "/ask_causes") == [wording.technical_problem]


@pytest.mark.parametrize("text", ["", " \n", None, 7, ["back"], "/{}"])
def test_a_message_without_a_word_is_asked_for_one(wording: Wording, text: Any) -> None:
    assert sent(echo, text) == [wording.no_text]


def test_a_message_that_is_too_long_is_asked_to_be_shorter(wording: Wording) -> None:
    assert sent(echo, "x" * (guard.MESSAGE_CHARS + 1)) == [wording.too_long]
