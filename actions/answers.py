"""The actions that answer from the guide."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import ranked_intents, said_events, said_so_far, say
from backstride.answers import (
    Answer,
    acknowledge_pain,
    answer_exercise,
    answer_follow_up,
    answer_topic,
    suggest_topics,
)
from backstride.guide import load_guide
from backstride.wording import load_wording


class AnswerTopic(Action):
    """Answers an `ask_<topic>` intent, or shows the exercise that the message names."""

    def name(self) -> str:
        return "action_answer_topic"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        guide, wording, said = load_guide(), load_wording(), said_so_far(tracker)
        message = tracker.latest_message
        topic = (message.get("intent") or {}).get("name", "").removeprefix("ask_")
        named = next(tracker.get_latest_entity_values("exercise"), None)
        exercise = guide.exercises.get(str(named)) or guide.exercise_named_in(
            message.get("text") or ""
        )
        if exercise and exercise.topic == topic:
            return _tell(dispatcher, answer_exercise(guide, wording, exercise.id, said))
        return _tell(dispatcher, answer_topic(guide, wording, topic, said))


class FollowUp(Action):
    """Says more on the answer just given."""

    def name(self) -> str:
        return "action_follow_up"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        part = next(tracker.get_latest_entity_values("part"), None)
        text = tracker.latest_message.get("text") or ""
        answer = answer_follow_up(
            load_guide(), load_wording(), said_so_far(tracker), text, str(part) if part else None
        )
        return _tell(dispatcher, answer)


class AcknowledgePain(Action):
    """Replies kindly to a person who tells about their pain."""

    def name(self) -> str:
        return "action_acknowledge_pain"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        say(dispatcher, acknowledge_pain(load_guide(), load_wording(), ranked_intents(tracker)))
        return [SlotSet("misses", 0)]


class SuggestTopics(Action):
    """Offers the nearest topics when the message was not understood."""

    def name(self) -> str:
        return "action_suggest_topics"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        misses: Any = tracker.get_slot("misses") or 0
        ranking = ranked_intents(tracker)
        say(dispatcher, suggest_topics(load_guide(), load_wording(), ranking, int(misses)))
        return [SlotSet("misses", misses + 1)]


def _tell(dispatcher: CollectingDispatcher, answer: Answer) -> list[EventType]:
    say(dispatcher, answer.messages)
    return [*said_events(answer.said), SlotSet("misses", 0)]
