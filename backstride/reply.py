"""The reply to a question, given what was said before: the whole answer, a part or an exercise."""

from __future__ import annotations

from collections.abc import Sequence
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
    exercise_part_asked,
    part_asked,
    with_correction,
    with_sympathy,
)
from backstride.fitting import fitting_part, knows_all
from backstride.guide import Guide
from backstride.wording import Wording

NOT_UNDERSTOOD = ("out_of_scope", "nlu_fallback")


@dataclass(frozen=True)
class Question:
    """What a message asks.

    Attributes:
        topic: the topic it is about.
        text: its words, or the payload of a button.
        exercise: the exercise that a button asks for.
        topics: all topics in their order, when it asks about several.
        tells_pain: whether it tells of pain beside the question.
        corrects: whether it takes back the message before.
    """

    topic: str
    text: str = ""
    exercise: str | None = None
    topics: tuple[str, ...] = ()
    tells_pain: bool = False
    corrects: bool = False


def reply(guide: Guide, wording: Wording, question: Question, said: Said) -> Answer:
    """The answer to a question on a topic."""
    answer = _answer(guide, wording, question, said)
    if question.tells_pain:
        return with_sympathy(wording, answer)
    return with_correction(wording, answer) if question.corrects else answer


def _answer(guide: Guide, wording: Wording, question: Question, said: Said) -> Answer:
    topic, text = question.topic, question.text
    if len(question.topics) > 1:
        return answer_topics(guide, wording, question.topics, said)
    exercise = question.exercise if question.exercise in guide.exercises else None
    exercise = exercise or exercise_asked_for(guide, wording, topic, text)
    if exercise:
        return answer_exercise(guide, wording, exercise, said)
    if asked := exercise_part_asked(guide, wording, topic, text):
        exercise, part = asked
        return answer_follow_up(guide, wording, said.about(topic, exercise), part=part)
    if _repeats(guide, wording, question, said):
        # The subject again in other words: the same short answer would be no answer.
        return answer_follow_up(guide, wording, said, text)
    if topic in said.before and part_asked(wording, text) in guide.topics[topic].parts:
        # Back to an earlier subject with a question of its own: "how long does it last".
        return answer_follow_up(guide, wording, said.about(topic), text)
    return answer_topic(guide, wording, topic, said)


def leans_on(guide: Guide, wording: Wording, said: Said, ranking: Sequence[str], text: str) -> bool:
    """Whether words that were not understood are about the last answer all the same.

    They are when more on it is the likeliest of what can be answered, and when they ask for a part
    without naming a thing that the guide does not know, or name what a part is about.

    Args:
        guide: the guide.
        wording: the words around it.
        said: what has been said.
        ranking: intents by falling confidence.
        text: the words.
    """
    likeliest = next((name for name in ranking if name not in NOT_UNDERSTOOD), None)
    if said.topic is None or likeliest not in ("follow_up", f"ask_{said.topic}"):
        return False
    if asks_more(wording, said, text):
        return knows_all(text)
    parts = {key: p.paragraphs for key, p in guide.topics[said.topic].parts.items()}
    return fitting_part(parts, text) is not None


def _repeats(guide: Guide, wording: Wording, question: Question, said: Said) -> bool:
    """Whether a typed question comes back to the last answer while there is more to say on it."""
    if question.topic != said.topic or question.text.startswith("/"):
        return False
    if asks_more(wording, said, question.text):
        return True
    return said.exercise is None and not set(guide.topics[question.topic].parts) <= set(said.parts)
