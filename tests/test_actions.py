"""The actions: what they say, what they remember, and that nothing from outside breaks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rasa_sdk import Action

from actions.answers import (
    AcknowledgePain,
    AnswerPending,
    AnswerTopic,
    Decline,
    FollowUp,
    SuggestTopics,
)
from backstride.guide import Guide
from backstride.wording import Wording

Run = Callable[..., tuple[list[dict[str, Any]], list[dict[str, Any]]]]
CALLS: list[tuple[Action, dict[str, Any]]] = [
    (AnswerTopic(), {"text": "heat or ice?", "intent": "ask_heat_or_ice"}),
    (AnswerPending(), {"text": "none of these", "intent": "deny"}),
    (FollowUp(), {"text": "how often", "intent": "follow_up"}),
    (AcknowledgePain(), {"text": "my back hurts", "intent": "describe_pain"}),
    (SuggestTopics(), {"text": "zebra", "intent": "nlu_fallback"}),
    (Decline(), {"text": "what marathon pace", "intent": "out_of_scope"}),
]
each_action = pytest.mark.parametrize(
    ("action", "message"), CALLS, ids=[action.name() for action, _ in CALLS]
)


def slots_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    assert {event["event"] for event in events} == {"slot"}
    return {event["name"]: event["value"] for event in events}


def payloads(messages: list[dict[str, Any]]) -> list[str]:
    return [button["payload"] for button in messages[-1]["buttons"]]


@each_action
def test_each_action_speaks_and_leaves_an_event(
    run_action: Run, action: Action, message: dict[str, Any]
) -> None:
    messages, events = run_action(action, **message)
    assert messages
    assert all(said["text"] for said in messages)
    assert slots_of(events)


SOUND = {"topic": "heat_or_ice", "said_parts": ["how"], "answers_given": 2, "misses": 1}
ODD = [None, "nothing", 7, -1, 0.5, True, [], [1], {}, {"a": 1}]
SLOTS = (
    "topic",
    "exercise",
    "said_parts",
    "topics_before",
    "offered",
    "answers_given",
    "misses",
)


@each_action
@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_faulty_slot_never_breaks_an_action(
    run_action: Run, action: Action, message: dict[str, Any], slot: str, value: Any
) -> None:
    messages, events = run_action(action, **message, slots={**SOUND, slot: value})
    assert messages
    assert events


@each_action
def test_a_message_without_a_word_never_breaks_an_action(
    run_action: Run, action: Action, message: dict[str, Any]
) -> None:
    messages, events = run_action(action, intent=message["intent"], text="")
    assert messages
    assert events


# Answers


def test_a_topic_is_answered_and_remembered(run_action: Run, guide: Guide) -> None:
    messages, events = run_action(
        AnswerTopic(), "heat or ice", "ask_heat_or_ice", slots={"answers_given": 3, "misses": 2}
    )
    assert messages[0]["text"] == guide.topics["heat_or_ice"].short.paragraphs[0]
    assert slots_of(events) == {
        "topic": "heat_or_ice",
        "exercise": None,
        "said_parts": [],
        "topics_before": [],
        "answers_given": 4,
        "offered": payloads(messages),
        "misses": 0,
    }


def test_buttons_hang_on_the_last_message_only(run_action: Run) -> None:
    messages, _ = run_action(AnswerTopic(), "heat or ice", "ask_heat_or_ice")
    assert not any(message["buttons"] for message in messages[:-1])
    assert all(set(button) == {"title", "payload"} for button in messages[-1]["buttons"])


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ('/ask_core_stabilisation{"exercise":"side_plank"}', {"exercise": "side_plank"}),
        ("how do i do a side plank", {}),
    ],
    ids=["button", "words"],
)
def test_an_exercise_is_shown_and_remembered(
    run_action: Run, guide: Guide, text: str, entities: dict[str, str]
) -> None:
    messages, events = run_action(AnswerTopic(), text, "ask_core_stabilisation", entities)
    assert messages[0]["text"].startswith(guide.exercises["side_plank"].name)
    slots = slots_of(events)
    assert slots["topic"] == "core_stabilisation"
    assert slots["exercise"] == "side_plank"
    assert slots["answers_given"] == 1


@pytest.mark.parametrize("value", ["nothing", "", None, 7, ["side_plank"], {"a": 1}], ids=repr)
def test_an_unknown_exercise_gets_the_answer_on_the_topic(
    run_action: Run, guide: Guide, value: Any
) -> None:
    messages, events = run_action(
        AnswerTopic(), "/ask_core_stabilisation", "ask_core_stabilisation", {"exercise": value}
    )
    short = guide.topics["core_stabilisation"].short
    assert messages[0]["text"] == short.paragraphs[0]
    assert slots_of(events)["exercise"] is None


@pytest.mark.parametrize("intent", [None, "greet", "ask_help", "ask_nothing", "ask_"])
def test_an_intent_without_a_topic_is_asked_for_a_question(
    run_action: Run, wording: Wording, intent: str | None
) -> None:
    messages, events = run_action(AnswerTopic(), "hm", intent, slots={"misses": 1})
    assert [message["text"] for message in messages] == [wording.what_next]
    assert slots_of(events) == {"misses": 0}


# The question that waited


def heard(text: str, intent: str, confidence: float = 0.9) -> dict[str, Any]:
    """A message of the person as it stands in the tracker."""
    understood = {"intent": {"name": intent, "confidence": confidence}, "entities": []}
    return {"event": "user", "text": text, "parse_data": understood}


def test_the_question_that_waited_is_answered(run_action: Run, guide: Guide) -> None:
    events = [
        heard("what about posture", "ask_posture"),
        heard("can i stretch", "ask_mobility"),
        heard("hm", "unsure"),
        heard("none of these", "deny"),
    ]
    messages, returned = run_action(AnswerPending(), "none of these", "deny", events=events)
    assert messages[0]["text"] == guide.topics["mobility"].short.paragraphs[0]
    assert slots_of(returned)["topic"] == "mobility"


def test_an_exercise_that_waited_is_shown(run_action: Run, guide: Guide) -> None:
    asked = heard("how do i do a side plank", "ask_core_stabilisation")
    events = [asked, heard("none of these", "deny")]
    messages, returned = run_action(AnswerPending(), "none of these", "deny", events=events)
    assert messages[0]["text"].startswith(guide.exercises["side_plank"].name)
    assert slots_of(returned)["exercise"] == "side_plank"


@pytest.mark.parametrize(
    "events",
    [
        [],
        [heard("none", "deny")],
        [heard("hi", "greet"), heard("none", "deny")],
        [{"event": "user", "text": "posture?"}, heard("none", "deny")],
        [heard("posture?", "ask_posture"), *[heard("no", "deny")] * 9],
    ],
    ids=["nothing", "only this", "no question", "not understood", "long ago"],
)
def test_without_a_question_that_waited_the_person_is_asked_for_one(
    run_action: Run, wording: Wording, events: list[dict[str, Any]]
) -> None:
    messages, returned = run_action(AnswerPending(), "none", "deny", events=events)
    assert [message["text"] for message in messages] == [wording.what_next]
    assert slots_of(returned) == {"misses": 0}


def test_pain_that_waited_behind_a_suspected_sign_is_acknowledged(
    run_action: Run, wording: Wording
) -> None:
    waited = heard("dull ache since monday", "report_red_flag")
    waited["parse_data"]["intent_ranking"] = [
        {"name": "report_red_flag", "confidence": 0.6},
        {"name": "describe_pain", "confidence": 0.8},
        {"name": "ask_symptoms", "confidence": 0.2},
    ]
    messages, returned = run_action(
        AnswerPending(), "none", "deny", events=[waited, heard("none", "deny")]
    )
    assert messages[-1]["text"] == wording.pain_next
    assert slots_of(returned) == {"misses": 0}


def test_a_guess_behind_a_suspected_sign_is_offered_and_not_answered(
    run_action: Run, guide: Guide, wording: Wording
) -> None:
    waited = heard("hunched over and it burns", "report_red_flag")
    waited["parse_data"]["intent_ranking"] = [
        {"name": "report_red_flag", "confidence": 0.6},
        {"name": "ask_posture", "confidence": 0.1},
    ]
    messages, _ = run_action(
        AnswerPending(), "none", "deny", events=[waited, heard("none", "deny")]
    )
    assert [message["text"] for message in messages] == [wording.fallback_first]
    assert [b["title"] for b in messages[0]["buttons"]] == [guide.topics["posture"].title]


# Follow-ups


@pytest.mark.parametrize(
    ("text", "entities"),
    [("how often", {}), ('/follow_up{"part":"how_often"}', {"part": "how_often"})],
    ids=["words", "button"],
)
def test_a_follow_up_says_the_part_asked_for_and_remembers_it(
    run_action: Run, guide: Guide, text: str, entities: dict[str, str]
) -> None:
    slots = {"topic": "heat_or_ice", "said_parts": ["how"], "answers_given": 2, "misses": 1}
    messages, events = run_action(FollowUp(), text, "follow_up", entities, slots)
    part = guide.topics["heat_or_ice"].parts["how_often"]
    assert messages[0]["text"] == part.paragraphs[0]
    after = slots_of(events)
    assert after["topic"] == "heat_or_ice"
    assert after["said_parts"] == ["how", "how_often"]
    assert after["answers_given"] == 3
    assert after["misses"] == 0


@pytest.mark.parametrize("value", ["nothing", "", None, 7, ["how"], {"a": 1}], ids=repr)
def test_an_unknown_part_gets_the_next_one(run_action: Run, value: Any) -> None:
    slots = {"topic": "heat_or_ice", "said_parts": ["how"], "answers_given": 2}
    _, events = run_action(FollowUp(), "tell me more", "follow_up", {"part": value}, slots)
    assert slots_of(events)["said_parts"] == ["how", "why"]


def test_a_follow_up_on_nothing_asks_for_a_question(run_action: Run, wording: Wording) -> None:
    messages, events = run_action(FollowUp(), "how often", "follow_up")
    assert [message["text"] for message in messages] == [wording.no_subject]
    assert slots_of(events)["topic"] is None


@pytest.mark.parametrize("topic", ["nothing", "", 7, True])
def test_a_subject_that_is_not_in_the_guide_counts_as_none(
    run_action: Run, wording: Wording, topic: Any
) -> None:
    messages, _ = run_action(FollowUp(), "how often", "follow_up", slots={"topic": topic})
    assert [message["text"] for message in messages] == [wording.no_subject]


@pytest.mark.parametrize("text", ["tell me more", "why", "says who"])
def test_parts_that_the_topic_does_not_have_never_break_a_follow_up(
    run_action: Run, text: str
) -> None:
    slots = {"topic": "heat_or_ice", "said_parts": ["nothing", "harder"], "answers_given": 2}
    messages, events = run_action(FollowUp(), text, "follow_up", slots=slots)
    assert messages
    assert events


# Pain and misses


def test_pain_is_acknowledged_and_ends_a_row_of_misses(run_action: Run, wording: Wording) -> None:
    ranking = ["describe_pain", "ask_neck_pain", "ask_posture"]
    messages, events = run_action(
        AcknowledgePain(), "my neck hurts", "describe_pain", slots={"misses": 2}, ranking=ranking
    )
    assert messages[-1]["text"] == wording.pain_next
    assert "/ask_neck_pain" in payloads(messages)
    assert slots_of(events) == {"misses": 0}


def test_misses_in_a_row_are_counted_and_lead_to_a_way_out(
    run_action: Run, wording: Wording
) -> None:
    ranking = ["nlu_fallback", "ask_posture", "ask_myths"]
    first, events = run_action(SuggestTopics(), "zebra", "nlu_fallback", ranking=ranking)
    assert first[-1]["text"] == wording.fallback_first
    assert payloads(first) == ["/ask_posture", "/ask_myths"]
    assert slots_of(events) == {"misses": 1}

    second, events = run_action(
        SuggestTopics(), "zebra", "nlu_fallback", slots=slots_of(events), ranking=ranking
    )
    assert second[-1]["text"] == wording.fallback_second
    assert "/ask_human" in payloads(second)
    assert slots_of(events) == {"misses": 2}


@pytest.mark.parametrize("ranking", [None, [], [{}], [{"name": None}]], ids=repr)
def test_a_ranking_without_names_never_breaks_an_action(
    run_action: Run, wording: Wording, ranking: Any
) -> None:
    class Ranked(SuggestTopics):
        async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
            tracker.latest_message["intent_ranking"] = ranking
            return await super().run(dispatcher, tracker, domain)

    messages, _ = run_action(Ranked(), "zebra", "nlu_fallback")
    assert messages[-1]["text"] == wording.fallback_no_guess


def test_a_pick_among_the_buttons_is_followed(run_action: Run, guide: Guide) -> None:
    _, events = run_action(AnswerTopic(), "core work?", "ask_core_stabilisation")
    slots = slots_of(events)
    second = guide.topics["core_stabilisation"].exercises[1]
    for action, intent in ((FollowUp(), "follow_up"), (SuggestTopics(), "nlu_fallback")):
        _, events = run_action(action, "the second one", intent, slots=slots)
        assert slots_of(events)["exercise"] == second


def test_more_that_waited_for_the_check_is_said(run_action: Run, guide: Guide) -> None:
    earlier = {"intent": {"name": "follow_up"}, "intent_ranking": [{"name": "follow_up"}]}
    said = [
        {"event": "user", "text": "how often", "parse_data": earlier},
        {"event": "user", "text": "none of these", "parse_data": {"intent": {"name": "deny"}}},
    ]
    messages, _ = run_action(
        AnswerPending(), "none of these", "deny", slots={"topic": "mobility"}, events=said
    )
    assert messages[0]["text"] == guide.topics["mobility"].parts["how_often"].paragraphs[0]


def test_a_question_in_another_language_is_told_so(run_action: Run) -> None:
    for action in (Decline(), SuggestTopics()):
        messages, _ = run_action(action, "puedo correr con dolor de espalda", "out_of_scope")
        assert "simple English" in messages[0]["text"]
