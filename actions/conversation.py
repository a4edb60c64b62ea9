"""Between Rasa's tracker and dispatcher and the plain functions of `backstride`."""

from __future__ import annotations

from collections.abc import Iterable

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from backstride.answers import Said
from backstride.guide import load_guide
from backstride.render import Message


def say(dispatcher: CollectingDispatcher, messages: Iterable[Message]) -> None:
    """Send messages in order."""
    for message in messages:
        buttons = [{"title": b.title, "payload": b.payload} for b in message.buttons]
        dispatcher.utter_message(text=message.text, buttons=buttons or None)


def ranked_intents(tracker: Tracker) -> list[str]:
    """Names of the intents of the latest message by falling confidence."""
    ranking = tracker.latest_message.get("intent_ranking") or []
    return [str(intent.get("name")) for intent in ranking]


def said_so_far(tracker: Tracker) -> Said:
    """What has been said, from slots; whatever does not fit the guide counts as not said."""
    guide = load_guide()
    topic, exercise = tracker.get_slot("topic"), tracker.get_slot("exercise")
    parts = tracker.get_slot("said_parts") or []
    answers = tracker.get_slot("answers_given") or 0
    return Said(
        topic=topic if topic in guide.topics else None,
        exercise=exercise if exercise in guide.exercises else None,
        parts=tuple(str(part) for part in parts),
        answers=int(answers),
    )


def said_events(said: Said) -> list[EventType]:
    """The slots that hold what has been said."""
    return [
        SlotSet("topic", said.topic),
        SlotSet("exercise", said.exercise),
        SlotSet("said_parts", list(said.parts)),
        SlotSet("answers_given", said.answers),
    ]
