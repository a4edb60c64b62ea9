"""A clear emergency raises the alarm at once through the trained model, whatever is around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from rasa.core.agent import Agent

from backstride.paths import MODEL
from backstride.triage import highest
from tests.test_red_flag_properties import BASE, DENIALS, FILLERS, OPENINGS, QUESTIONS

Level = Callable[[str], str]


@pytest.fixture(scope="module")
def level() -> Level:
    """How urgent the answer to a message is."""
    if not MODEL.exists():
        pytest.fail("There is no model. Run 'make train'.")
    agent = Agent.load(str(MODEL))

    def urgency(text: str) -> str:
        parsed = asyncio.run(agent.parse_message(text))
        return highest(e["value"] for e in parsed["entities"] if e["entity"] == "urgency")

    return urgency


@pytest.mark.parametrize(("number", "text"), [(i, text) for i, (_, text) in enumerate(BASE)])
def test_the_alarm_is_raised_at_once_whatever_stands_around_it(
    level: Level, number: int, text: str
) -> None:
    def turn(options: list[str]) -> str:
        return options[number % len(options)]

    wholes = [
        text,
        text.upper() + "!!",
        turn(OPENINGS) + text,
        f"{turn(FILLERS)} {text}. {turn(FILLERS[3:])}",
        f"{turn([denial for _, denial in DENIALS])} but {text}",
        f"{text}, {turn(QUESTIONS)}",
        f"{text}. {turn(QUESTIONS[4:])}",
    ]
    calm = [whole for whole in wholes if level(whole) not in ("emergency", "crisis")]
    assert calm == []
