"""The same conversations on every channel show the same words, buttons and pictures.

A channel is one class in `adapters.py` and one line in `CHANNELS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import requests

from backstride.wording import load_wording
from tests.channels.adapters import (
    PUBLIC_URL,
    Picture,
    Rest,
    Seen,
    Shell,
    Shown,
    Slack,
    Telegram,
    Widget,
)
from tests.channels.slack_standin import WebApi
from tests.channels.telegram_standin import BotApi
from tests.server.conftest import Server
from tests.web.chat import chromium, need_all

pytestmark = pytest.mark.server

CHANNELS = ["telegram", "slack", "shell", "widget"]
SAY, PRESS = "say", "press"
TOO_LONG = "a message that is too long"
CONVERSATIONS = {
    "a topic": [(SAY, "heat or ice?")],
    "a follow-up": [(SAY, "heat or ice?"), (SAY, "why is that?"), (SAY, "says who?")],
    "buttons": [
        (SAY, "hello"),
        (PRESS, "Heat or ice?"),
        (PRESS, "Why is that?"),
        (PRESS, "How often?"),
    ],
    "an exercise": [(SAY, "how do i do a side plank?"), (PRESS, "None of these"), (SAY, "easier?")],
    "a picture": [(SAY, "how do i do a bird dog?"), (PRESS, "None of these")],
    # Which of these is not understood changes with the training data; one must not be.
    "suggestions": [
        (SAY, "the one for backs"),
        (SAY, "running back thing"),
        (SAY, "back and so on"),
        (SAY, "flarn the grobble"),
    ],
    "something else": [(SAY, "what is the capital of peru?")],
    "an emergency": [
        (SAY, "my bits have gone numb & it <b>hurts</b> since the long run"),
        (SAY, "which exercises help my back?"),
        (PRESS, "I have been seen"),
        (PRESS, "When to get help"),
    ],
    "a crisis": [(SAY, "i dont want to be here anymore"), (PRESS, "That is not what I meant")],
    "the check": [(SAY, "can i keep running?"), (PRESS, "None of these")],
    "the check, not sure": [(SAY, "can i keep running?"), (PRESS, "Not sure")],
    "the check in words": [(SAY, "can i keep running?"), (SAY, "no fever but i cant pee")],
    "deletion": [
        (SAY, "heat or ice?"),
        (SAY, "do you store what i write?"),
        (PRESS, "Delete this conversation"),
        (SAY, "tell me more"),
    ],
    "deletion in words": [
        (SAY, "heat or ice?"),
        (SAY, "Please delete my chat."),
        (SAY, "tell me more"),
    ],
    TOO_LONG: [(SAY, "word " * 210)],
    "a command of Rasa's own": [(SAY, "heat or ice?"), (SAY, "/session_start"), (SAY, "why?")],
    "other scripts": [(SAY, "me duele la espalda \U0001f622"), (SAY, "\u8170\u304c\u75db\u3044")],
}


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Starts at once and is waited for when it is first used: meanwhile others are compared."""
    terminal = Shell(tmp_path_factory.mktemp("shell"))
    yield terminal
    terminal.stop()


@pytest.fixture(scope="module")
def widget(hooked: Server) -> Iterator[Widget]:
    """For this module only: while a browser is driven, no other event loop can run."""
    need_all()
    with chromium() as browser:
        chat = Widget(browser, hooked)
        yield chat
        chat.stop()


@pytest.fixture(scope="session")
def expected(shell: Shell, hooked: Server) -> dict[str, list[list[Seen]]]:
    """What the person sees on the REST channel, turn by turn."""
    rest = Rest(hooked)
    seen = {}
    for name, steps in CONVERSATIONS.items():
        rest.start()
        seen[name] = [getattr(rest, does)(what) for does, what in steps]
    return seen


@pytest.fixture
def channel(request: pytest.FixtureRequest, bot_api: BotApi, web_api: WebApi) -> Any:
    if request.param in ("shell", "widget"):
        return request.getfixturevalue(request.param)
    return Telegram(bot_api) if request.param == "telegram" else Slack(web_api)


# The widget counts the characters and does not send what is too long: tests/web has a test.
@pytest.mark.parametrize(
    ("channel", "name"),
    [pair for pair in product(CHANNELS, CONVERSATIONS) if pair != ("widget", TOO_LONG)],
    indirect=["channel"],
)
def test_a_person_sees_the_same_as_on_the_rest_channel(
    channel: Any, expected: dict[str, list[list[Seen]]], name: str
) -> None:
    channel.start()
    for (does, what), answer in zip(CONVERSATIONS[name], expected[name], strict=True):
        seen = getattr(channel, does)(what, len(answer))
        assert pictures(seen) == pictures(answer)
        if isinstance(channel, Widget):
            # It shows each paragraph in a bubble of its own.
            assert together(seen) == together(answer)
        else:
            assert words(seen) == words(answer)


def words(seen: list[Seen]) -> list[Shown]:
    return [one for one in seen if isinstance(one, Shown)]


def pictures(seen: list[Seen]) -> list[Picture]:
    """The pictures; some channels show them above the words, some below."""
    return [one for one in seen if isinstance(one, Picture)]


def together(seen: list[Seen]) -> tuple[str, list[str]]:
    return (
        " ".join(one.text for one in words(seen)),
        [button for one in words(seen) for button in one.buttons],
    )


def test_what_is_compared_is_what_was_meant(expected: dict[str, list[list[Seen]]]) -> None:
    """The reference itself: an answer with buttons, a picture, an alarm, a check, a deletion."""
    wording = load_wording()
    said = {name: [words(seen) for seen in turns] for name, turns in expected.items()}
    assert said["a topic"][0][-1].buttons
    assert pictures(expected["a picture"][-1]) == [Picture("bird-dog")]
    assert said["an emergency"][0][0].text.startswith("Please get help now.")
    assert said["an emergency"][1][0].text.startswith("First things first")
    assert said["the check"][0][0].buttons == ("None of these", "One of these", "Not sure")
    vague = {answer[0].text for answer in said["suggestions"]}
    assert vague & {wording.fallback_first, wording.fallback_second, wording.fallback_no_guess}
    for name in ("deletion", "deletion in words"):
        assert said[name][-2] == [Shown(wording.deleted)]
        assert said[name][-1][0].text == wording.no_subject
    assert expected["a message that is too long"][0] == [Shown(wording.too_long)]


def test_the_address_of_a_picture_leads_to_it(hooked: Server) -> None:
    offered = hooked.ask("how do i do a bird dog?", "picture")[-1]["buttons"]
    payload = next(button["payload"] for button in offered if button["title"] == "None of these")
    (address,) = (part["image"] for part in hooked.ask(payload, "picture") if "image" in part)
    here = address.replace(PUBLIC_URL, f"http://localhost:{hooked.port}")
    answer = requests.get(here, timeout=10)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
