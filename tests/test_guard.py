"""The guard around each channel: something always comes out, whatever goes in."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from backstride.payloads import DELETE
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


async def forgotten(conversation: str) -> None:
    pass


def asked_to_delete(text: str, forget: guard.Forget = forgotten) -> list[str]:
    """What the person gets back, from a guard whose conversations can be deleted."""
    channel = CollectingOutputChannel()
    handle = guard.guarded(echo, forget=forget, turn_seconds=0.05)
    asyncio.run(handle(UserMessage(text, channel, "someone")))
    return [said["text"] for said in channel.messages]


@pytest.mark.parametrize(
    "text",
    [
        DELETE,
        "delete this conversation",
        "Delete this conversation!",
        "please delete my data.",
        "delete my chat please",
        "DELETE CHAT",
    ],
)
def test_a_conversation_is_deleted_on_request_and_the_person_is_told(
    wording: Wording, text: str
) -> None:
    deleted = []

    async def forget(conversation: str) -> None:
        deleted.append(conversation)

    assert asked_to_delete(text, forget) == [wording.deleted]
    assert deleted == ["someone"]


@pytest.mark.parametrize(
    "text",
    [
        "delete this conversation, I can't pee",
        "delete my data \u6211\u60f3\u6b7b",
        "can you delete this conversation",
        "delete my pain",
        "/delete_conversation now",
        "/delete_conversation{}",
    ],
)
def test_nothing_else_deletes_a_conversation(text: str) -> None:
    assert asked_to_delete(text)[0].startswith("heard ")


def test_a_conversation_that_cannot_be_deleted_is_not_said_to_be(wording: Wording) -> None:
    async def broken(conversation: str) -> None:
        raise NotImplementedError

    assert asked_to_delete(DELETE, broken) == [wording.not_deleted]


def test_a_deletion_waits_for_the_turn_that_runs_but_not_for_ever(wording: Wording) -> None:
    async def waiting(conversation: str) -> None:
        await asyncio.sleep(60)

    assert asked_to_delete(DELETE, waiting) == [wording.not_deleted]


def test_a_failed_turn_leaves_no_text_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def quoting(message: UserMessage) -> None:
        raise RuntimeError(message.text)

    caplog.set_level(logging.DEBUG)
    sent(quoting, "something private")
    assert "failed: RuntimeError" in caplog.text
    assert "something private" not in caplog.text
