"""The actions that answer from the guide."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import (
    asked_topic,
    asks_for_more,
    count_in_slot,
    declined_before,
    entity_value,
    intents_of,
    pending_question,
    ranked_intents,
    said_events,
    said_so_far,
    say,
    tells_pain,
    topics_asked,
)
from backstride.answers import (
    Answer,
    acknowledge_pain,
    answer_follow_up,
    asks_more,
    suggest_topics,
    what_next,
)
from backstride.declines import decline, reason_to_decline
from backstride.guide import load_guide
from backstride.language import is_english
from backstride.picks import answer_pick, picked
from backstride.reply import Question, leans_on, reply
from backstride.wording import load_wording


class AnswerTopic(Action):
    """Answers an `ask_<topic>` intent, or shows the exercise that the message names."""

    def name(self) -> str:
        return "action_answer_topic"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        return _answer(dispatcher, tracker, tracker.latest_message)


class AnswerPending(Action):
    """Answers the question that waited while the danger signs were asked about."""

    def name(self) -> str:
        return "action_answer_pending"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        pending = pending_question(tracker)
        if pending is not None:
            return _answer(dispatcher, tracker, pending)
        say(dispatcher, what_next(load_guide(), load_wording()))
        return [SlotSet("misses", 0)]


class FollowUp(Action):
    """Says more on the answer just given."""

    def name(self) -> str:
        return "action_follow_up"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        return _tell(dispatcher, _more(tracker, tracker.latest_message))


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
    """Offers the nearest topics when the message was not understood, or says more when asked."""

    def name(self) -> str:
        return "action_suggest_topics"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        guide, wording, said = load_guide(), load_wording(), said_so_far(tracker)
        text = tracker.latest_message.get("text") or ""
        leans = leans_on(guide, wording, said, ranked_intents(tracker), text)
        if leans or asks_more(wording, said, text) or picked(guide, wording, said, text):
            return _tell(dispatcher, _more(tracker, tracker.latest_message))
        if not is_english(text):
            say(dispatcher, decline(guide, text))
            return [SlotSet("misses", 0)]
        misses = count_in_slot(tracker, "misses")
        ranking = ranked_intents(tracker)
        say(dispatcher, suggest_topics(guide, wording, ranking, misses))
        return [SlotSet("misses", misses + 1)]


class Decline(Action):
    """Says why something is not answered, whom to ask, and what else is here."""

    def name(self) -> str:
        return "action_decline"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        guide, wording, said = load_guide(), load_wording(), said_so_far(tracker)
        text = tracker.latest_message.get("text") or ""
        leans = leans_on(guide, wording, said, ranked_intents(tracker), text)
        if leans and reason_to_decline(text, said.topic) is None:
            return _tell(dispatcher, _more(tracker, tracker.latest_message))
        say(dispatcher, decline(guide, text, said.topic, again=declined_before(tracker)))
        return [SlotSet("misses", 0)]


def _more(tracker: Tracker, message: dict[str, Any]) -> Answer:
    """More on the last answer, or what the words pick from the buttons below it."""
    guide, wording, said = load_guide(), load_wording(), said_so_far(tracker)
    text, part = message.get("text") or "", entity_value(message, "part")
    payload = picked(guide, wording, said, text)
    answer = answer_pick(guide, wording, said, payload) if payload else None
    return answer or answer_follow_up(guide, wording, said, text, part)


def _answer(
    dispatcher: CollectingDispatcher, tracker: Tracker, message: dict[str, Any]
) -> list[EventType]:
    """The answer to one message, which may be an earlier one."""
    if asks_for_more(message):
        return _tell(dispatcher, _more(tracker, message))
    guide, wording, said = load_guide(), load_wording(), said_so_far(tracker)
    topic = asked_topic(message)
    if topic is None and tells_pain(message):
        say(dispatcher, acknowledge_pain(guide, wording, intents_of(message)))
        return [SlotSet("misses", 0)]
    if topic is None:
        near = [name for name in intents_of(message) if name.removeprefix("ask_") in guide.topics]
        messages = (
            suggest_topics(guide, wording, near, misses=0) if near else what_next(guide, wording)
        )
        say(dispatcher, messages)
        return [SlotSet("misses", 0)]
    question = Question(
        topic=topic,
        text=message.get("text") or "",
        exercise=entity_value(message, "exercise"),
        topics=tuple(topics_asked(message)),
        tells_pain=entity_value(message, "tells_pain") is not None,
        corrects=entity_value(message, "corrects") is not None,
    )
    return _tell(dispatcher, reply(guide, wording, question, said))


def _tell(dispatcher: CollectingDispatcher, answer: Answer) -> list[EventType]:
    say(dispatcher, answer.messages)
    return [*said_events(answer), SlotSet("misses", 0)]
