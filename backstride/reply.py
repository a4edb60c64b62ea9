"""The reply to a question, given what was said before: the whole answer, a part or an exercise."""

from __future__ import annotations

from dataclasses import dataclass

from backstride.answers import (
    Answer,
    Said,
    answer_exercise,
    answer_follow_up,
    answer_topic,
    answer_topics,
    asks_more,
    exercise_asked_for,
    with_sympathy,
)
from backstride.guide import Guide
from backstride.wording import Wording


@dataclass(frozen=True)
class Question:
    """What a message asks.

    Attributes:
        topic: the topic it is about.
        text: its words, or the payload of a button.
        exercise: the exercise that a button asks for.
        topics: all topics in their order, when it asks about several.
        tells_pain: whether it tells of pain beside the question.
    """

    topic: str
    text: str = ""
    exercise: str | None = None
    topics: tuple[str, ...] = ()
    tells_pain: bool = False


def reply(guide: Guide, wording: Wording, question: Question, said: Said) -> Answer:
    """The answer to a question on a topic."""
    answer = _answer(guide, wording, question, said)
    return with_sympathy(wording, answer) if question.tells_pain else answer


def _answer(guide: Guide, wording: Wording, question: Question, said: Said) -> Answer:
    topic, text = question.topic, question.text
    if len(question.topics) > 1:
        return answer_topics(guide, wording, question.topics, said)
    exercise = question.exercise if question.exercise in guide.exercises else None
    exercise = exercise or exercise_asked_for(guide, wording, topic, text)
    if exercise:
        return answer_exercise(guide, wording, exercise, said)
    if _repeats(guide, wording, question, said):
        # The subject again in other words: the same short answer would be no answer.
        return answer_follow_up(guide, wording, said, text)
    return answer_topic(guide, wording, topic, said)


def _repeats(guide: Guide, wording: Wording, question: Question, said: Said) -> bool:
    """Whether a typed question comes back to the last answer while there is more to say on it."""
    if question.topic != said.topic or question.text.startswith("/"):
        return False
    if asks_more(wording, said, question.text):
        return True
    return said.exercise is None and not set(guide.topics[question.topic].parts) <= set(said.parts)
