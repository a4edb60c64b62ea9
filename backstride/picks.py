"""Words that pick one of the buttons just shown: "the second one", "the other one"."""

from __future__ import annotations

from backstride.answers import (
    Answer,
    Said,
    answer_exercise,
    answer_follow_up,
    answer_topic,
    topic_buttons,
)
from backstride.guide import Guide
from backstride.payloads import parse, payload
from backstride.render import render
from backstride.wording import Wording, plain_words


def picked(guide: Guide, wording: Wording, said: Said, text: str) -> str | None:
    """The payload of the button that the words pick; None when they pick none."""
    words = f" {plain_words(text)} "
    picks = (
        place
        for place, phrases in wording.picks.items()
        if any(f" {phrase} " in words for phrase in phrases)
    )
    place = next(picks, None)
    if text.startswith("/") or place is None:
        return None
    offered = said.offered
    if place == "last":
        return offered[-1] if offered else None
    if place == "other":
        return _other_exercise(guide, said)
    return offered[int(place) - 1] if len(offered) >= int(place) else None


def _other_exercise(guide: Guide, said: Said) -> str | None:
    """The exercise after the one just shown, among those of its topic."""
    if said.exercise is None or said.topic is None:
        return None
    exercises = guide.topics[said.topic].exercises
    after = exercises[(exercises.index(said.exercise) + 1) % len(exercises)]
    return payload(f"ask_{said.topic}", {"exercise": after}) if after != said.exercise else None


def answer_pick(guide: Guide, wording: Wording, said: Said, pick: str) -> Answer | None:
    """The answer that a button leads to; None for a button that leads to no answer of the guide.

    A topic that needs the danger signs to be asked about first is only offered: pressing its
    button asks about them.
    """
    intent, entities = parse(pick)
    topic = intent.removeprefix("ask_")
    if intent == "follow_up":
        return answer_follow_up(guide, wording, said, part=entities.get("part"))
    if topic not in guide.topics:
        return None
    if topic != said.topic and guide.topics[topic].checks_red_flags:
        return Answer(render([wording.picked], topic_buttons(guide, [topic])), said)
    if entities.get("exercise") in guide.exercises:
        return answer_exercise(guide, wording, entities["exercise"], said)
    return answer_topic(guide, wording, topic, said)
