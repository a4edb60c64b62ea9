"""What to say: from a topic, an exercise or a follow-up to messages, as plain functions.

An answer always ends with one line on source and evidence and one short disclaimer that
names whom to ask. What was said before decides which disclaimer and which buttons come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from backstride.fitting import fitting_part
from backstride.guide import PARTS, Evidence, Exercise, Guide, Professional, Topic
from backstride.payloads import payload
from backstride.render import Button, Message, Picture, render
from backstride.wording import Wording, plain_words, written_words

SUGGESTIONS = 3
ANSWERED_AT_ONCE = 2
COMMON_NEEDS = ("keep_running", "exercises_overview", "heat_or_ice", "when_to_seek_care")
AFTER_PAIN = ("keep_running", "exercises_overview", "when_to_seek_care", "causes")
_SEEK_CARE = "when_to_seek_care"
_WARNS = "too_much"
_SHOWN_SOURCES = 2
_SOURCES_CHARS = 600  # a longer list of sources goes into a second message
_BARE_NAME_WORDS = 3
_ARTICLES = frozenset({"a", "an", "the"})
# An exercise is shown in these messages. Asked about, it has the parts of a topic and two more.
_EXERCISE_MESSAGES = (
    ("purpose", "start"),
    ("steps",),
    ("dose", "feels_like"),
    ("stop_if", "skip_if"),
)
_EXERCISE_PARTS = {
    "why": ("purpose",),
    "how": ("start", "steps"),
    "how_often": ("dose", "feels_like"),
    "too_much": ("stop_if",),
    "skip": ("skip_if",),
    "evidence": ("evidence",),
    "easier": ("easier",),
    "harder": ("harder",),
}
# Once an exercise was shown; its closing line says how well it is proven.
_SHOWN_PARTS = ("why", "how", "how_often", "too_much", "skip", "evidence")


@dataclass(frozen=True)
class Said:
    """What has been said so far.

    Attributes:
        topic: the topic of the last answer.
        exercise: the exercise that it showed, if any.
        parts: the parts given of either.
        answers: how many answers were given in all.
        offered: payloads of the buttons below the last answer.
        before: the topics of earlier answers.
    """

    topic: str | None = None
    exercise: str | None = None
    parts: tuple[str, ...] = ()
    answers: int = 0
    offered: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    def about(self, topic: str, exercise: str | None = None) -> Said:
        """The same with another subject, of which nothing has been said yet."""
        before = dict.fromkeys(t for t in (*self.before, self.topic) if t and t != topic)
        return Said(topic, exercise, answers=self.answers, before=tuple(before))


@dataclass(frozen=True)
class Answer:
    """Messages to send, and what has been said once they are sent."""

    messages: tuple[Message, ...]
    said: Said


def answer_topic(guide: Guide, wording: Wording, topic_id: str, said: Said) -> Answer:
    """The short answer on a topic."""
    topic = guide.topics[topic_id]
    said = said.about(topic.id)
    buttons = [*_exercise_buttons(guide, topic.exercises[:2])]
    buttons += _part_buttons(wording, topic.parts, said)[: 2 if not buttons else 1]
    buttons += topic_buttons(guide, topic.related)
    closing = _closing(guide, wording, topic.short.sources, topic.evidence, topic.asks, said)
    messages = render(topic.short.paragraphs, buttons[:4], closing=closing)
    return Answer(messages, replace(said, answers=said.answers + 1))


def answer_topics(guide: Guide, wording: Wording, topics: Sequence[str], said: Said) -> Answer:
    """The short answers on several topics that were asked about in one message, in their order.

    More than two would be a lecture: the rest is offered by button.
    """
    answered, rest = topics[:ANSWERED_AT_ONCE], topics[ANSWERED_AT_ONCE:]
    messages: list[Message] = []
    buttons: list[Button] = []
    for topic_id in answered:
        if messages:
            messages += render([wording.next_question.format(title=guide.topics[topic_id].title)])
        answer = answer_topic(guide, wording, topic_id, said)
        said = answer.said
        messages += (replace(message, buttons=()) for message in answer.messages)
        # "How often?" would be about the last of them: only its parts can be asked for.
        buttons = [b for b in buttons if b.payload.startswith("/ask_")][:2]
        buttons += answer.messages[-1].buttons[:3]
    offered = [*topic_buttons(guide, rest), *buttons]
    last = replace(messages[-1], buttons=render([messages[-1].text], offered)[0].buttons)
    return Answer((*messages[:-1], last), said)


def asks_more(wording: Wording, said: Said, text: str) -> bool:
    """Whether the words ask for a part of the last answer, such as "how long" or "and why"."""
    return bool(said.topic and not text.startswith("/") and part_asked(wording, text))


def exercise_asked_for(guide: Guide, wording: Wording, topic_id: str, text: str) -> str | None:
    """The exercise of this topic that a question wants shown, rather than talked about.

    "How do I do a side plank" and "side plank" want it shown; "is the side plank any good" is a
    question on the topic.
    """
    exercise = guide.exercise_named_in(text)
    if text.startswith("/") or exercise is None or exercise.topic != topic_id:
        return None
    words = f" {_without_articles(text)} "
    asked = any(
        f" {_without_articles(phrase.format(name=name))} " in words
        for phrase in wording.show_exercise
        for name in exercise.names
    )
    return exercise.id if asked or len(text.split()) <= _BARE_NAME_WORDS else None


def exercise_part_asked(
    guide: Guide, wording: Wording, topic_id: str, text: str
) -> tuple[str, str] | None:
    """An exercise of this topic and the part of it that the words ask for.

    "Is the side plank safe for everyone" asks who should skip it.
    """
    exercise = guide.exercise_named_in(text)
    part = part_asked(wording, text)
    if text.startswith("/") or exercise is None or exercise.topic != topic_id:
        return None
    return (exercise.id, part) if part in _EXERCISE_PARTS else None


def answer_exercise(guide: Guide, wording: Wording, exercise_id: str, said: Said) -> Answer:
    """How to do one exercise, with when to stop and who should skip it."""
    exercise = guide.exercises[exercise_id]
    said = said.about(exercise.topic, exercise.id)
    lines = _exercise_lines(guide, wording, exercise)
    messages = ["\n".join(lines[field] for field in fields) for fields in _EXERCISE_MESSAGES]
    closing = _closing(guide, wording, exercise.sources, exercise.evidence, "physiotherapist", said)
    said = replace(said, parts=_SHOWN_PARTS, answers=said.answers + 1)
    others = [other for other in guide.topics[exercise.topic].exercises if other != exercise.id]
    buttons = [
        *_part_buttons(wording, _EXERCISE_PARTS, said)[:2],
        *_exercise_buttons(guide, others[:2]),
    ]
    picture = Picture(exercise.picture.file, exercise.picture.alt) if exercise.picture else None
    return Answer(render(messages, buttons, picture=picture, closing=closing), said)


def answer_follow_up(
    guide: Guide, wording: Wording, said: Said, text: str = "", part: str | None = None
) -> Answer:
    """More on the last answer: the part named by a button or by the person's words.

    Words that name no part get the part that they fit, or else the next, of those not said yet.
    Words that name a part which the guide does not have here are told so.
    """
    if said.topic is None:
        return Answer(render([wording.no_subject], topic_buttons(guide, COMMON_NEEDS)), said)
    topic = guide.topics[said.topic]
    exercise = guide.exercises[said.exercise] if said.exercise else None
    parts = _exercise_parts(guide, wording, exercise) if exercise else _topic_parts(topic)
    part = part or part_asked(wording, text)
    if part == "sources":
        return Answer(_sources_messages(guide, wording, topic, exercise, said), said)
    if part in wording.parts and part not in parts:
        return Answer(_nothing_on_that(guide, wording, topic, exercise, said), said)
    if part not in parts:
        unsaid = [key for key in _in_order(parts) if key not in said.parts]
        if not unsaid:
            title = exercise.name if exercise else topic.title
            buttons = topic_buttons(guide, topic.related)
            return Answer(render([wording.all_said.format(title=title)], buttons), said)
        # Danger signs are not read out because of one word that they share with a question.
        part = fitting_part({k: parts[k] for k in unsaid if k != _WARNS}, text) or unsaid[0]
    sources = exercise.sources if exercise else topic.parts[part].sources
    evidence = exercise.evidence if exercise else topic.evidence
    closing = _closing(guide, wording, sources, evidence, topic.asks, said)
    said = replace(said, parts=(*said.parts, part), answers=said.answers + 1)
    buttons = [
        *_part_buttons(wording, parts, said)[:2],
        *topic_buttons(guide, topic.related)[:2],
    ]
    return Answer(render(parts[part], buttons, closing=closing), said)


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
            *topic_buttons(guide, guesses or COMMON_NEEDS[:2]),
            Button("What can you do?", payload("ask_help")),
            Button("Talk to a person", payload("ask_human")),
        ]
        return render([wording.fallback_second], way_out)
    if not guesses:
        return render([wording.fallback_no_guess], topic_buttons(guide, COMMON_NEEDS))
    return render([wording.fallback_first], topic_buttons(guide, guesses))


def with_sympathy(wording: Wording, answer: Answer) -> Answer:
    """The answer, after a word on the pain that was told along with the question."""
    return Answer((*render([wording.pain_told]), *answer.messages), answer.said)


def with_correction(wording: Wording, answer: Answer) -> Answer:
    """The answer, after a word on having been put right."""
    return Answer((*render([wording.corrected]), *answer.messages), answer.said)


def acknowledge_pain(guide: Guide, wording: Wording, ranking: Sequence[str]) -> tuple[Message, ...]:
    """A kind first reply to somebody who tells about their pain, leading on by buttons."""
    near = [name.removeprefix("ask_") for name in ranking[:3]]
    topics = [name for name in near if name in guide.topics][:1]
    buttons = topic_buttons(guide, dict.fromkeys([*AFTER_PAIN[:3], *topics, AFTER_PAIN[3]]))
    return render([*wording.pain_first, wording.pain_next], buttons[:4])


def what_next(guide: Guide, wording: Wording) -> tuple[Message, ...]:
    """An invitation to ask, with the commonest needs as buttons."""
    return render([wording.what_next], topic_buttons(guide, COMMON_NEEDS))


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
    if said.parts and not exercise and said.parts[-1] in topic.parts:
        ids = tuple(dict.fromkeys([*ids, *topic.parts[said.parts[-1]].sources]))
    listed = [f"{guide.sources[i].cited}, {guide.sources[i].where}" for i in ids]
    first, *more = _joined(listed, _SOURCES_CHARS)
    return render(
        [
            wording.sources_answer.format(sources=first),
            *(wording.sources_more.format(sources=sources) for sources in more),
            wording.sources_reviewed,
        ],
        topic_buttons(guide, topic.related),
    )


def _joined(items: Sequence[str], limit: int) -> list[str]:
    """Items joined by semicolons, in as many texts as keep each within the limit."""
    texts = [items[0]]
    for item in items[1:]:
        if len(f"{texts[-1]}; {item}") > limit:
            texts.append(item)
        else:
            texts[-1] += f"; {item}"
    return texts


def _nothing_on_that(
    guide: Guide, wording: Wording, topic: Topic, exercise: Exercise | None, said: Said
) -> tuple[Message, ...]:
    """Says that the guide lacks what was asked for, and leads on."""
    text = wording.nothing_on_that.format(
        title=exercise.name if exercise else topic.title,
        professional=wording.professionals[topic.asks],
    )
    first, *more = topic.related
    topics = [other for other in dict.fromkeys([first, _SEEK_CARE, *more]) if other != topic.id]
    buttons = [
        *_exercise_buttons(guide, () if exercise else topic.exercises[:2]),
        *_part_buttons(wording, _EXERCISE_PARTS if exercise else topic.parts, said)[:1],
        *topic_buttons(guide, topics[:2]),
    ]
    return render([text], buttons)


def _topic_parts(topic: Topic) -> dict[str, tuple[str, ...]]:
    """The messages of each part of a topic."""
    return {key: passage.paragraphs for key, passage in topic.parts.items()}


def _exercise_parts(
    guide: Guide, wording: Wording, exercise: Exercise
) -> dict[str, tuple[str, ...]]:
    """The message of each part of an exercise, so that follow-ups work as on a topic."""
    lines = _exercise_lines(guide, wording, exercise)
    return {
        key: ("\n".join(lines[field] for field in fields),)
        for key, fields in _EXERCISE_PARTS.items()
    }


def _exercise_lines(guide: Guide, wording: Wording, exercise: Exercise) -> dict[str, str]:
    """What an exercise says, by field, each as it stands in a message."""
    return {
        "purpose": f"{exercise.name}. {exercise.purpose}",
        "start": f"Start: {exercise.start}",
        "steps": "\n".join(f"- {step}" for step in exercise.steps),
        "dose": f"How much: {exercise.dose}",
        "feels_like": f"What it feels like: {exercise.feels_like}",
        "stop_if": f"When to stop: {exercise.stop_if}",
        "skip_if": f"Who should skip it: {exercise.skip_if}",
        "easier": f"Easier: {exercise.easier}",
        "harder": f"Harder: {exercise.harder}",
        "evidence": wording.exercise_evidence.format(
            name=exercise.name,
            evidence=wording.evidence[exercise.evidence],
            sources="; ".join(guide.sources[source].cited for source in exercise.sources),
        ),
    }


def part_asked(wording: Wording, text: str) -> str | None:
    """The part that the words point to; the longest phrase found wins."""
    words = f" {plain_words(text)} "
    found = [
        (len(phrase), key)
        for key, part in wording.parts.items()
        for phrase in map(written_words, part.asked)
        if f" {phrase} " in words
    ]
    return max(found)[1] if found else None


def _without_articles(text: str) -> str:
    return " ".join(word for word in plain_words(text).split() if word not in _ARTICLES)


def _in_order(parts: Mapping[str, object]) -> Iterator[str]:
    order = dict.fromkeys((*PARTS, *_EXERCISE_PARTS))
    return (key for key in order if key in parts)


def _part_buttons(wording: Wording, parts: Mapping[str, object], said: Said) -> list[Button]:
    return [
        Button(wording.parts[key].title, payload("follow_up", {"part": key}))
        for key in _in_order(parts)
        if key not in said.parts
    ]


def topic_buttons(guide: Guide, topics: Sequence[str] | Mapping[str, None]) -> list[Button]:
    """Buttons that ask about these topics."""
    return [Button(guide.topics[topic].title, payload(f"ask_{topic}")) for topic in topics]


def _exercise_buttons(guide: Guide, exercises: Sequence[str]) -> list[Button]:
    return [
        Button(
            guide.exercises[id_].name,
            payload(f"ask_{guide.exercises[id_].topic}", {"exercise": id_}),
        )
        for id_ in exercises
    ]
