"""Between Rasa's tracker and dispatcher and the plain functions of `backstride`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from backstride.answers import Answer, Said
from backstride.guide import load_guide
from backstride.payloads import is_offered
from backstride.render import Message
from backstride.wording import load_wording

_ASKED = 0.25  # an intent less certain than this is no question to come back to
_PENDING_TURNS = 6


def say(dispatcher: CollectingDispatcher, messages: Iterable[Message]) -> None:
    """Send messages in order."""
    for message in messages:
        buttons = [{"title": b.title, "payload": b.payload} for b in message.buttons]
        # Channels that know none of this leave it out.
        metadata: dict[str, Any] = {"closing": True} if message.closing else {}
        if message.picture is not None:
            metadata["picture"] = {"file": message.picture.file, "alt": message.picture.alt}
        more = {"metadata": metadata} if metadata else {}
        dispatcher.utter_message(text=message.text, buttons=buttons or None, **more)


def ranked_intents(tracker: Tracker) -> list[str]:
    """Names of the intents of the latest message by falling confidence."""
    return intents_of(tracker.latest_message)


def asked_topic(message: dict[str, Any]) -> str | None:
    """The topic that a message asks about.

    Behind an intent that was put before it, such as a suspected danger sign, a topic counts only
    when it is likely enough.
    """
    for rank, intent in enumerate([message.get("intent") or {}, *_ranking(message)]):
        topic = str(intent.get("name")).removeprefix("ask_")
        if str(intent.get("name")).startswith("ask_") and topic in load_guide().topics:
            return topic if rank == 0 or intent.get("confidence", 0) >= _ASKED else None
    return None


def tells_pain(message: dict[str, Any]) -> bool:
    """Whether a message describes pain, also behind a danger sign that was only suspected."""
    likeliest = (name for name in intents_of(message) if name != "report_red_flag")
    return next(likeliest, None) == "describe_pain"


def topics_asked(message: dict[str, Any]) -> list[str]:
    """The topics of all questions in a message that holds several, in their order."""
    topics = load_guide().topics
    values = (e.get("value") for e in message.get("entities") or [] if e.get("entity") == "asks")
    return list(dict.fromkeys(v for v in values if isinstance(v, str) and v in topics))


def asks_for_more(message: dict[str, Any]) -> bool:
    """Whether a message is a follow-up on the last answer."""
    return (message.get("intent") or {}).get("name") == "follow_up"


def pending_question(tracker: Tracker) -> dict[str, Any] | None:
    """The last message before this one that asked about a topic or for more, or may have."""
    said = [event for event in tracker.events if event.get("event") == "user"]
    for event in reversed(said[-_PENDING_TURNS:-1]):
        message: dict[str, Any] = event.get("parse_data") or {}
        if asks_for_more(message) or any(
            str(intent.get("name")).startswith("ask_") for intent in _ranking(message)
        ):
            return {**message, "text": event.get("text")}
    return None


def intents_of(message: dict[str, Any]) -> list[str]:
    """Names of the intents of a message by falling confidence."""
    return [str(intent.get("name")) for intent in _ranking(message)]


def _ranking(message: dict[str, Any]) -> list[dict[str, Any]]:
    return message.get("intent_ranking") or [message.get("intent") or {}]


def entity_value(message: dict[str, Any], name: str) -> str | None:
    """The value of an entity of the message, if it is a text."""
    values = (e.get("value") for e in message.get("entities") or [] if e.get("entity") == name)
    return next((value for value in values if isinstance(value, str)), None)


def said_so_far(tracker: Tracker) -> Said:
    """What has been said, from slots; whatever does not fit the guide counts as not said."""
    guide = load_guide()
    topic, exercise = tracker.get_slot("topic"), tracker.get_slot("exercise")
    parts: Any = tracker.get_slot("said_parts")
    return Said(
        topic=topic if isinstance(topic, str) and topic in guide.topics else None,
        exercise=exercise if isinstance(exercise, str) and exercise in guide.exercises else None,
        parts=tuple(map(str, parts)) if isinstance(parts, list) else (),
        answers=count_in_slot(tracker, "answers_given"),
        offered=_offered(tracker),
        before=_topics_before(tracker),
    )


def _topics_before(tracker: Tracker) -> tuple[str, ...]:
    topics: Any = tracker.get_slot("topics_before")
    listed = topics if isinstance(topics, list) else []
    return tuple(t for t in listed if isinstance(t, str) and t in load_guide().topics)


def declined_before(tracker: Tracker) -> bool:
    """Whether the message before the latest one was declined."""
    said = [i for i, event in enumerate(tracker.events) if event.get("event") == "user"]
    if len(said) < 2:
        return False
    between = tracker.events[said[-2] : said[-1]]
    return any(event.get("name") == "action_decline" for event in between)


def _offered(tracker: Tracker) -> tuple[str, ...]:
    offered: Any = tracker.get_slot("offered")
    payloads = offered if isinstance(offered, list) else []
    guide, wording = load_guide(), load_wording()
    return tuple(p for p in payloads if isinstance(p, str) and is_offered(p, guide, wording))


def count_in_slot(tracker: Tracker, slot: str) -> int:
    """The number that a slot counts; whatever is not a count is 0."""
    value: Any = tracker.get_slot(slot)
    return max(value, 0) if isinstance(value, int) else 0


def said_events(answer: Answer) -> list[EventType]:
    """The slots that hold what has been said once this answer is sent."""
    said = answer.said
    return [
        SlotSet("offered", [button.payload for button in answer.messages[-1].buttons]),
        SlotSet("topic", said.topic),
        SlotSet("topics_before", list(said.before)),
        SlotSet("exercise", said.exercise),
        SlotSet("said_parts", list(said.parts)),
        SlotSet("answers_given", said.answers),
    ]
