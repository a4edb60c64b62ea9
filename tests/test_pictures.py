"""Channels that fetch a picture get its address, in a format that they can show."""

from __future__ import annotations

import asyncio

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from backstride.pictures import with_picture
from backstride.rasa import guard

MESSAGE = {"text": "Like this.", "metadata": {"picture": {"file": "bird-dog.svg", "alt": "A dog"}}}


def test_a_drawing_is_given_by_the_address_of_its_copy() -> None:
    given = with_picture(MESSAGE, "https://chat.example.org")
    assert given["image"] == "https://chat.example.org/widget/pictures/bird-dog.png"
    assert given["alt"] == "A dog"
    assert given["text"] == MESSAGE["text"]


@pytest.mark.parametrize("metadata", [None, {}, {"closing": True}, {"picture": "bird-dog.svg"}])
def test_a_message_without_a_picture_stays_as_it_is(metadata: object) -> None:
    message = {"text": "hello", "metadata": metadata}
    assert with_picture(message, "https://chat.example.org") == message


@pytest.mark.parametrize("url", ["", "https://chat.example.org/back"])
def test_each_channel_gets_the_address_when_there_is_a_public_one(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    async def shows(message: UserMessage) -> None:
        await message.output_channel.send_response("someone", dict(MESSAGE))

    monkeypatch.setenv("BACKSTRIDE_PUBLIC_URL", url)
    channel = CollectingOutputChannel()
    asyncio.run(guard.guarded(shows)(UserMessage("a bird dog", channel, "someone")))
    images = [said["image"] for said in channel.messages if "image" in said]
    assert images == ([f"{url}/widget/pictures/bird-dog.png"] if url else [])
