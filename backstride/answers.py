"""What to say: from a topic, an exercise or a follow-up to messages, as plain functions.

An answer always ends with one line on source and evidence and one short disclaimer that
names whom to ask. What was said before decides which disclaimer and which buttons come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from backstride.guide import PARTS, Evidence, Exercise, Guide, Passage, Professional, Topic
from backstride.payloads import payload
from backstride.render import Button, Message, render
from backstride.wording import Wording

SUGGESTIONS = 3
COMMON_NEEDS = ("keep_running", "exercises_overview", "heat_or_ice", "when_to_seek_care")
AFTER_PAIN = ("keep_running", "exercises_overview", "when_to_seek_care", "causes")
_SHOWN_SOURCES = 2
_EXERCISE_PARTS = ("easier", "harder")  # beside those that topics have too


@dataclass(frozen=True)
class Said:
    """What has been said so far: the subject of the last answer and the parts given of it."""

    topic: str | None = None
    exercise: str | None = None
    parts: tuple[str, ...] = ()
    answers: int = 0


@dataclass(frozen=True)
class Answer:
    """Messages to send, and what has been said once they are sent."""

    messages: tuple[Message, ...]
    said: Said


def answer_topic(guide: Guide, wording: Wording, topic_id: str, said: Said) -> Answer:
    """The short answer on a topic."""
    topic = guide.topics[topic_id]
    said = Said(topic=topic.id, answers=said.answers)
    buttons = [*_exercise_buttons(guide, topic.exercises[:2])]
    buttons += _part_buttons(wording, topic.parts, said)[: 2 if not buttons else 1]
    buttons += _topic_buttons(guide, topic.related)
    closing = _closing(guide, wording, topic.short.sources, topic.evidence, topic.asks, said)
    messages = render([*topic.short.paragraphs, closing], buttons[:4])
    return Answer(messages, replace(said, answers=said.answers + 1))


def answer_exercise(guide: Guide, wording: Wording, exercise_id: str, said: Said) -> Answer:
    """How to do one exercise, with when to stop and who should skip it."""
    exercise = guide.exercises[exercise_id]
    said = Said(topic=exercise.topic, exercise=exercise.id, answers=said.answers)
    parts = _exercise_parts(exercise)
    shown = ("why", "how", "how_often", "too_much", "skip")
    paragraphs = [text for key in shown for text in parts[key].paragraphs]
    closing = _closing(guide, wording, exercise.sources, exercise.evidence, "physiotherapist", said)
    said = replace(said, parts=shown, answers=said.answers + 1)
    others = [other for other in guide.topics[exercise.topic].exercises if other != exercise.id]
    buttons = [*_part_buttons(wording, parts, said)[:2], *_exercise_buttons(guide, others[:2])]
    return Answer(render([*paragraphs, closing], buttons), said)


def answer_follow_up(
    guide: Guide, wording: Wording, said: Said, text: str = "", part: str | None = None
) -> Answer:
    """More on the last answer: the part named by a button or by the person's words.

    Words that name no part get the next part that was not said yet.
    """
    if said.topic is None:
        return Answer(render([wording.no_subject], _topic_buttons(guide, COMMON_NEEDS)), said)
    topic = guide.topics[said.topic]
    exercise = guide.exercises[said.exercise] if said.exercise else None
    parts = _exercise_parts(exercise) if exercise else dict(topic.parts)
    part = part or _part_asked(wording, text, parts)
    if part == "sources":
        return Answer(_sources_messages(guide, wording, topic, exercise, said), said)
    if part is None or part not in parts:
        unsaid = [key for key in _in_order(parts) if key not in said.parts]
        if not unsaid:
            title = exercise.name if exercise else topic.title
            buttons = _topic_buttons(guide, topic.related)
            return Answer(render([wording.all_said.format(title=title)], buttons), said)
        part = unsaid[0]
    passage = parts[part]
    evidence = exercise.evidence if exercise else topic.evidence
    closing = _closing(guide, wording, passage.sources, evidence, topic.asks, said)
    said = replace(said, parts=(*said.parts, part), answers=said.answers + 1)
    buttons = [
        *_part_buttons(wording, parts, said)[:2],
        *_topic_buttons(guide, topic.related)[:2],
    ]
    return Answer(render([*passage.paragraphs, closing], buttons), said)


def suggest_topics(
    guide: Guide, wording: Wording, ranking: Sequence[str], misses: int
) -> tuple[Message, ...]:
    """What to say when the message was not understood.

    Args:
        ranking: intents by falling confidence, as Rasa ranks them.
        misses: how many messages in a row were not understood before this one.
    """
    guesses = [name.removeprefix("ask_") for name in ranking if name.startswith("ask_")]
    guesses = [name for name in guesses if name in guide.topics][:SUGGESTIONS]
    if misses:
        way_out = [
            *_topic_buttons(guide, guesses or COMMON_NEEDS[:2]),
            Button("What can you do?", payload("ask_help")),
            Button("Talk to a person", payload("ask_human")),
        ]
        return render([wording.fallback_second], way_out)
    if not guesses:
        return render([wording.fallback_no_guess], _topic_buttons(guide, COMMON_NEEDS))
    return render([wording.fallback_first], _topic_buttons(guide, guesses))


def acknowledge_pain(guide: Guide, wording: Wording, ranking: Sequence[str]) -> tuple[Message, ...]:
    """A kind first reply to somebody who tells about their pain, leading on by buttons."""
    near = [name.removeprefix("ask_") for name in ranking[:3]]
    topics = [name for name in near if name in guide.topics][:1]
    buttons = _topic_buttons(guide, dict.fromkeys([*AFTER_PAIN[:3], *topics, AFTER_PAIN[3]]))
    return render([*wording.pain_first, wording.pain_next], buttons[:4])


def _closing(
    guide: Guide,
    wording: Wording,
    sources: Sequence[str],
    evidence: Evidence,
    asks: Professional,
    said: Said,
) -> str:
    cited = " and ".join(guide.sources[source].cited for source in sources[:_SHOWN_SOURCES])
    line = wording.source_line.format(sources=cited, evidence=wording.evidence[evidence])
    variants = (
        wording.disclaimers.first if said.answers == 0 else getattr(wording.disclaimers, asks)
    )
    disclaimer = variants[said.answers % len(variants)]
    return f"{line}\n{disclaimer.format(professional=wording.professionals[asks])}"


def _sources_messages(
    guide: Guide, wording: Wording, topic: Topic, exercise: Exercise | None, said: Said
) -> tuple[Message, ...]:
    ids = exercise.sources if exercise else topic.short.sources
    if said.parts and not exercise:
        ids = tuple(dict.fromkeys([*ids, *topic.parts[said.parts[-1]].sources]))
    listed = "; ".join(f"{guide.sources[i].cited}, {guide.sources[i].where}" for i in ids)
    return render(
        [wording.sources_answer.format(sources=listed), wording.sources_reviewed],
        _topic_buttons(guide, topic.related),
    )


def _exercise_parts(exercise: Exercise) -> dict[str, Passage]:
    """An exercise in the same parts as a topic, so that follow-ups work alike."""
    steps = "\n".join(f"- {step}" for step in exercise.steps)
    texts = {
        "why": f"{exercise.name}. {exercise.purpose}",
        "how": f"Start: {exercise.start}\n\n{steps}",
        "how_often": f"How much: {exercise.dose}\n\nWhat it feels like: {exercise.feels_like}",
        "too_much": f"When to stop: {exercise.stop_if}",
        "skip": f"Who should skip it: {exercise.skip_if}",
        "easier": f"Easier: {exercise.easier}",
        "harder": f"Harder: {exercise.harder}",
    }
    return {key: Passage(text=text, sources=exercise.sources) for key, text in texts.items()}


def _part_asked(wording: Wording, text: str, parts: Mapping[str, Passage]) -> str | None:
    """The part that the words point to; the longest phrase found wins."""
    words = f" {_plain(text)} "
    known = {key: part for key, part in wording.parts.items() if key in parts or key == "sources"}
    found = [
        (len(phrase), key)
        for key, part in known.items()
        for phrase in map(_plain, part.asked)
        if f" {phrase} " in words
    ]
    return max(found)[1] if found else None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower().replace("'", "").replace("\u2019", "")))


def _in_order(parts: Mapping[str, Passage]) -> Iterator[str]:
    order = (*PARTS, *_EXERCISE_PARTS)
    return (key for key in order if key in parts)


def _part_buttons(wording: Wording, parts: Mapping[str, Passage], said: Said) -> list[Button]:
    return [
        Button(wording.parts[key].title, payload("follow_up", {"part": key}))
        for key in _in_order(parts)
        if key not in said.parts
    ]


def _topic_buttons(guide: Guide, topics: Sequence[str] | Mapping[str, None]) -> list[Button]:
    return [Button(guide.topics[topic].title, payload(f"ask_{topic}")) for topic in topics]


def _exercise_buttons(guide: Guide, exercises: Sequence[str]) -> list[Button]:
    return [
        Button(
            guide.exercises[id_].name,
            payload(f"ask_{guide.exercises[id_].topic}", {"exercise": id_}),
        )
        for id_ in exercises
    ]
