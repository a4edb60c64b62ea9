"""What is said: for every topic and exercise, for follow-ups, guesses and first words of pain."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from backstride.answers import (
    SUGGESTIONS,
    Answer,
    Said,
    acknowledge_pain,
    answer_exercise,
    answer_follow_up,
    answer_topic,
    answer_topics,
    exercise_asked_for,
    suggest_topics,
    what_next,
    with_sympathy,
)
from backstride.guide import PARTS, Guide
from backstride.payloads import PAYLOAD_BYTES, is_offered
from backstride.render import Message
from backstride.wording import Wording

SHOWN_PARTS = ("why", "how", "how_often", "too_much", "skip", "evidence")
EXERCISE_MESSAGES = 5
PROFESSIONAL = re.compile(r"doctor|physio|pharmacist|midwife|maternity team", re.IGNORECASE)


def assert_sendable(guide: Guide, wording: Wording, messages: Sequence[Message]) -> None:
    """Every channel can send these, and every button leads somewhere."""
    for message in messages:
        assert message.text.strip()
        assert len(message.text) <= 1000
        assert "\n\n" not in message.text
    assert [message.buttons for message in messages[:-1]] == [()] * (len(messages) - 1)
    buttons = messages[-1].buttons
    assert 2 <= len(buttons) <= 5
    assert len({button.title for button in buttons}) == len(buttons)
    for button in buttons:
        assert len(button.payload.encode()) <= PAYLOAD_BYTES
        assert is_offered(button.payload, guide, wording), button.payload


def assert_closed(wording: Wording, answer: Answer, evidence: str) -> None:
    """The last message is one line on source and evidence and the only disclaimer."""
    text = "\n".join(message.text for message in answer.messages)
    known = {
        variant.format(professional=professional)
        for variants in wording.disclaimers.dict().values()
        for variant in variants
        for professional in wording.professionals.values()
    }
    source_line, disclaimer = answer.messages[-1].text.split("\n")
    assert re.match(r"Source: \S.+\. Evidence: ", source_line)
    assert wording.evidence[evidence] in source_line
    assert text.count("Evidence: ") == 1
    assert [line for line in text.split("\n") if line in known] == [disclaimer]
    assert PROFESSIONAL.search(disclaimer)


def disclaimer_of(answer: Answer) -> str:
    return answer.messages[-1].text.split("\n")[-1]


def said_text(answer: Answer) -> str:
    return "\n".join(message.text for message in answer.messages)


def payloads(messages: Sequence[Message]) -> list[str]:
    return [button.payload for button in messages[-1].buttons]


# Topics


def test_a_topic_is_answered_with_its_short_answer(
    guide: Guide, wording: Wording, topic_id: str
) -> None:
    topic = guide.topics[topic_id]
    answer = answer_topic(guide, wording, topic_id, Said())
    assert_sendable(guide, wording, answer.messages)
    assert_closed(wording, answer, topic.evidence)
    assert tuple(message.text for message in answer.messages[:-1]) == topic.short.paragraphs
    assert guide.sources[topic.short.sources[0]].cited in answer.messages[-1].text
    assert answer.said == Said(topic=topic_id, answers=1)


def test_the_first_answer_has_the_first_disclaimer(
    guide: Guide, wording: Wording, topic_id: str
) -> None:
    professional = wording.professionals[guide.topics[topic_id].asks]
    first = [v.format(professional=professional) for v in wording.disclaimers.first]
    assert disclaimer_of(answer_topic(guide, wording, topic_id, Said())) in first


def test_two_answers_in_a_row_never_have_the_same_disclaimer(
    guide: Guide, wording: Wording, topic_id: str
) -> None:
    own = getattr(wording.disclaimers, guide.topics[topic_id].asks)
    said, before = Said(), ""
    for number in range(8):
        answer = answer_topic(guide, wording, topic_id, said)
        said, disclaimer = answer.said, disclaimer_of(answer)
        assert disclaimer != before
        assert disclaimer in own or number == 0
        before = disclaimer


def test_a_topic_leads_on_to_its_exercises_a_part_and_another_topic(
    guide: Guide, wording: Wording, topic_id: str
) -> None:
    topic = guide.topics[topic_id]
    offered = payloads(answer_topic(guide, wording, topic_id, Said()).messages)
    for exercise in topic.exercises[:2]:
        assert f'/ask_{guide.exercises[exercise].topic}{{"exercise":"{exercise}"}}' in offered
    assert any(payload.startswith("/follow_up") for payload in offered)
    assert any(payload in offered for payload in (f"/ask_{other}" for other in topic.related))


# Taken for each other in the development messages.
MISTAKEN = [
    ("causes", "risk_factors"),
    ("causes", "symptoms"),
    ("keep_running", "return_to_run"),
    ("low_impact", "return_to_run"),
    ("prevention", "risk_factors"),
    ("stress_pain_science", "sleep_mattress"),
]


@pytest.mark.parametrize(("one", "other"), [*MISTAKEN, *((b, a) for a, b in MISTAKEN)])
def test_a_topic_taken_for_another_is_one_press_away(
    guide: Guide, wording: Wording, one: str, other: str
) -> None:
    assert f"/ask_{other}" in payloads(answer_topic(guide, wording, one, Said()).messages)


def test_a_new_topic_forgets_what_was_said_about_the_last_one(
    guide: Guide, wording: Wording
) -> None:
    said = Said(topic="core_stabilisation", exercise="side_plank", parts=("how",), answers=4)
    answer = answer_topic(guide, wording, "heat_or_ice", said)
    assert answer.said == Said(topic="heat_or_ice", answers=5, before=("core_stabilisation",))


# Exercises


def test_an_exercise_is_shown_with_when_to_stop_and_who_should_skip_it(
    guide: Guide, wording: Wording, exercise_id: str
) -> None:
    exercise = guide.exercises[exercise_id]
    answer = answer_exercise(guide, wording, exercise_id, Said())
    assert_sendable(guide, wording, answer.messages)
    assert_closed(wording, answer, exercise.evidence)
    text = said_text(answer)
    for field in ("name", "purpose", "start", "dose", "feels_like", "stop_if", "skip_if"):
        assert getattr(exercise, field) in text, field
    assert text.count("\n- ") == len(exercise.steps)
    assert all(f"- {step}" in text for step in exercise.steps)
    assert len(answer.messages) <= EXERCISE_MESSAGES
    assert answer.said == Said(
        topic=exercise.topic, exercise=exercise_id, parts=SHOWN_PARTS, answers=1
    )


def test_an_exercise_never_offers_itself_or_what_was_just_said(
    guide: Guide, wording: Wording, exercise_id: str
) -> None:
    offered = payloads(answer_exercise(guide, wording, exercise_id, Said()).messages)
    assert not any(f'"{exercise_id}"' in payload for payload in offered)
    parts = [payload for payload in offered if payload.startswith("/follow_up")]
    assert parts == ['/follow_up{"part":"easier"}', '/follow_up{"part":"harder"}']


@pytest.mark.parametrize(
    "text",
    [
        "side plank",
        "Side plank?",
        "how do i do a side plank",
        "show me the side-plank pls",
        "how to side plank properly",
    ],
)
def test_a_question_how_to_do_an_exercise_wants_it_shown(
    guide: Guide, wording: Wording, text: str
) -> None:
    assert exercise_asked_for(guide, wording, "core_stabilisation", text) == "side_plank"


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("core_stabilisation", "is the side plank any good for runners"),
        ("exercises_overview", "how heavy should squats be"),
        ("core_stabilisation", "how do i know if side planks help"),
        ("core_stabilisation", "how often should i do side planks"),
        ("core_stabilisation", "how do i train my core"),
        ("mobility", "how do i do a side plank"),
        ("core_stabilisation", '/ask_core_stabilisation{"exercise":"side_plank"}'),
        ("core_stabilisation", ""),
    ],
    ids=[
        "about it",
        "how heavy",
        "how do i know",
        "how often",
        "no exercise",
        "another topic",
        "button",
        "no words",
    ],
)
def test_any_other_question_does_not_want_an_exercise_shown(
    guide: Guide, wording: Wording, topic: str, text: str
) -> None:
    assert exercise_asked_for(guide, wording, topic, text) is None


# Follow-ups


def test_a_button_gets_its_part_of_the_answer(
    guide: Guide, wording: Wording, topic_id: str
) -> None:
    topic = guide.topics[topic_id]
    for key, passage in topic.parts.items():
        answer = answer_follow_up(guide, wording, Said(topic=topic_id, answers=1), part=key)
        assert_sendable(guide, wording, answer.messages)
        assert_closed(wording, answer, topic.evidence)
        assert tuple(message.text for message in answer.messages[:-1]) == passage.paragraphs
        assert f'/follow_up{{"part":"{key}"}}' not in payloads(answer.messages)
        assert answer.said == Said(topic=topic_id, parts=(key,), answers=2)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("how exactly", "how"),
        ("how do i do that?", "how"),
        ("ok so what should i do", "how"),
        ("show me", "how"),
        ("why tho", "why"),
        ("WHY???", "why"),
        ("but why is that", "why"),
        ("how come", "why"),
        ("how does that work", "why"),
        ("how often", "how_often"),
        ("how often should I do it", "how_often"),
        ("and for how long", "how_often"),
        ("how many times a day", "how_often"),
        ("can i do that every day", "how_often"),
        ("how do i know its too much", "too_much"),
        ("when should i stop", "too_much"),
        ("what if it hurts", "too_much"),
        ("what if it makes it worse", "too_much"),
        ("can you overdo it", "too_much"),
        ("isnt that dangerous", "skip"),
        ("Isn't that dangerous?", "skip"),
        ("isn’t that dangerous", "skip"),
        ("is it safe for me", "skip"),
        ("any risks with that", "skip"),
        ("who shouldn't do that", "skip"),
        ("what about at night", "at_night"),
        ("can i do it in bed", "at_night"),
        ("is that proven", "evidence"),
        ("whats the evidence", "evidence"),
        ("show me the research", "evidence"),
        ("does it really work", "evidence"),
        ("are you sure", "evidence"),
        ("how sure are you about that", "evidence"),
        ("isnt that risky", "skip"),
        ("is that ok for everyone", "skip"),
        ("whats the downside", "skip"),
        ("twice a day?", "how_often"),
        ("is once a day enough", "how_often"),
        ("what about when i sleep", "at_night"),
        ("walk me through it", "how"),
    ],
)
def test_words_pick_the_part_that_they_point_to(
    guide: Guide, wording: Wording, text: str, part: str
) -> None:
    answer = answer_follow_up(guide, wording, Said(topic="heat_or_ice", answers=1), text)
    assert answer.said.parts == (part,)
    assert answer.messages[0].text == guide.topics["heat_or_ice"].parts[part].paragraphs[0]


@pytest.mark.parametrize(
    "text",
    ["did what you said last night", "somehow", "a nightmare", "researchers", "stopping", ""],
)
def test_a_phrase_inside_other_words_picks_no_part(
    guide: Guide, wording: Wording, text: str
) -> None:
    said = Said(topic="heat_or_ice", parts=("how", "why", "how_often"), answers=4)
    answer = answer_follow_up(guide, wording, said, text)
    assert answer.said.parts[3:] == ("too_much",)  # the next one in order


def test_tell_me_more_walks_through_all_parts_once_and_then_says_so(
    guide: Guide, wording: Wording, topic_id: str
) -> None:
    topic = guide.topics[topic_id]
    answer = answer_topic(guide, wording, topic_id, Said())
    for _ in topic.parts:
        answer = answer_follow_up(guide, wording, answer.said, "tell me more")
        assert_sendable(guide, wording, answer.messages)
    assert list(answer.said.parts) == [part for part in PARTS if part in topic.parts]

    last = answer_follow_up(guide, wording, answer.said, "tell me more")
    assert last.messages[0].text == wording.all_said.format(title=topic.title)
    assert payloads(last.messages) == [f"/ask_{other}" for other in topic.related]
    assert last.said == answer.said
    assert_sendable(guide, wording, last.messages)


def test_a_part_can_be_asked_for_again_after_everything_was_said(
    guide: Guide, wording: Wording
) -> None:
    topic = guide.topics["heat_or_ice"]
    said = Said(topic="heat_or_ice", parts=tuple(topic.parts), answers=9)
    answer = answer_follow_up(guide, wording, said, "sorry, how often was that")
    assert answer.messages[0].text == topic.parts["how_often"].paragraphs[0]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "at_night"),
        ("and at night?", None),
        ("what about when i sleep", None),
        ("", "easier"),
        ("is there an easier version", None),
    ],
)
def test_a_part_that_the_topic_lacks_is_said_to_be_missing(
    guide: Guide, wording: Wording, text: str, part: str | None
) -> None:
    said = Said(topic="imaging", answers=1)
    assert "at_night" not in guide.topics["imaging"].parts
    answer = answer_follow_up(guide, wording, said, text, part)
    (message,) = answer.messages
    assert message.text.startswith('My guide has nothing on that for "')
    assert "/ask_when_to_seek_care" in payloads(answer.messages)
    assert answer.said == said
    assert_sendable(guide, wording, answer.messages)


def test_an_easier_version_of_a_topic_leads_to_its_exercises(
    guide: Guide, wording: Wording
) -> None:
    said = Said(topic="core_stabilisation", answers=1)
    answer = answer_follow_up(guide, wording, said, "is there an easier version")
    exercise = guide.topics["core_stabilisation"].exercises[0]
    assert f'/ask_core_stabilisation{{"exercise":"{exercise}"}}' in payloads(answer.messages)


def test_a_part_that_nobody_knows_gets_the_next_one(guide: Guide, wording: Wording) -> None:
    said = Said(topic="imaging", answers=1)
    answer = answer_follow_up(guide, wording, said, part="nonsense")
    assert len(answer.said.parts) == 1
    assert_sendable(guide, wording, answer.messages)


def test_two_follow_ups_in_a_row_have_different_disclaimers(
    guide: Guide, wording: Wording, topic_id: str
) -> None:
    first = answer_topic(guide, wording, topic_id, Said())
    second = answer_follow_up(guide, wording, first.said)
    third = answer_follow_up(guide, wording, second.said)
    lines = [disclaimer_of(answer) for answer in (first, second, third)]
    assert len(set(lines)) == 3


@pytest.mark.parametrize("text", ["how often", "tell me more", "says who", ""])
def test_a_follow_up_on_nothing_asks_for_a_question(
    guide: Guide, wording: Wording, text: str
) -> None:
    answer = answer_follow_up(guide, wording, Said(), text)
    assert [message.text for message in answer.messages] == [wording.no_subject]
    assert answer.said == Said()
    assert_sendable(guide, wording, answer.messages)


# Sources


@pytest.mark.parametrize(
    "text",
    [
        "says who?",
        "Who says that",
        "whats your source",
        "where did you get that from",
        "according to who",
        "got a link",
    ],
)
def test_words_that_ask_for_sources_get_them(guide: Guide, wording: Wording, text: str) -> None:
    answer = answer_follow_up(guide, wording, Said(topic="heat_or_ice", answers=1), text)
    for source in guide.topics["heat_or_ice"].short.sources:
        assert guide.sources[source].cited in answer.messages[0].text
        assert guide.sources[source].where in answer.messages[0].text


def test_who_says_so_lists_the_sources_of_what_was_said_and_that_no_clinician_has_reviewed_it(
    guide: Guide, wording: Wording, topic_id: str
) -> None:
    topic = guide.topics[topic_id]
    for part, passage in topic.parts.items():
        said = Said(topic=topic_id, parts=(part,), answers=2)
        answer = answer_follow_up(guide, wording, said, part="sources")
        assert_sendable(guide, wording, answer.messages)
        for source in {*topic.short.sources, *passage.sources}:
            assert guide.sources[source].where in said_text(answer), source
        assert len(answer.messages) <= 3
        assert max(len(message.text) for message in answer.messages) < 700
        assert answer.messages[-1].text == wording.sources_reviewed
        assert answer.said == said
    assert "No clinician has reviewed" in wording.sources_reviewed


def test_who_says_so_after_an_exercise_lists_its_sources(
    guide: Guide, wording: Wording, exercise_id: str
) -> None:
    said = answer_exercise(guide, wording, exercise_id, Said()).said
    answer = answer_follow_up(guide, wording, said, "says who")
    assert_sendable(guide, wording, answer.messages)
    for source in guide.exercises[exercise_id].sources:
        assert guide.sources[source].cited in answer.messages[0].text


# Follow-ups on an exercise


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("is there an easier one", "easier"),
        ("thats too hard", "easier"),
        ("i cant do it", "easier"),
        ("i'm a beginner", "easier"),
        ("can i make it harder", "harder"),
        ("too easy", "harder"),
        ("how often", "dose"),
        ("how many reps", "dose"),
        ("what if it hurts", "stop_if"),
        ("isnt that dangerous", "skip_if"),
        ("why", "purpose"),
        ("how do i do it again", "start"),
    ],
)
def test_words_after_an_exercise_get_that_part_of_it(
    guide: Guide, wording: Wording, text: str, field: str
) -> None:
    said = answer_exercise(guide, wording, "side_plank", Said()).said
    answer = answer_follow_up(guide, wording, said, text)
    assert getattr(guide.exercises["side_plank"], field) in answer.messages[0].text
    assert answer.said.exercise == "side_plank"


@pytest.mark.parametrize("text", ["is that proven", "any studies on that"])
def test_an_exercise_is_asked_whether_it_is_proven(
    guide: Guide, wording: Wording, exercise_id: str, text: str
) -> None:
    exercise = guide.exercises[exercise_id]
    said = answer_exercise(guide, wording, exercise_id, Said()).said
    answer = answer_follow_up(guide, wording, said, text)
    assert_sendable(guide, wording, answer.messages)
    assert_closed(wording, answer, exercise.evidence)
    assert wording.evidence[exercise.evidence] in answer.messages[0].text
    for source in exercise.sources:
        assert guide.sources[source].cited in answer.messages[0].text


def test_what_an_exercise_has_no_part_for_is_said_to_be_missing(
    guide: Guide, wording: Wording, exercise_id: str
) -> None:
    said = answer_exercise(guide, wording, exercise_id, Said()).said
    answer = answer_follow_up(guide, wording, said, "what about at night")
    (message,) = answer.messages
    name = guide.exercises[exercise_id].name
    assert message.text.startswith(f'My guide has nothing on that for "{name}"')
    assert answer.said == said
    assert_sendable(guide, wording, answer.messages)


def test_a_part_of_an_exercise_is_one_message(
    guide: Guide, wording: Wording, exercise_id: str
) -> None:
    said = answer_exercise(guide, wording, exercise_id, Said()).said
    for part in (*SHOWN_PARTS, "easier", "harder"):
        answer = answer_follow_up(guide, wording, said, part=part)
        assert len(answer.messages) == 2, part
        assert_sendable(guide, wording, answer.messages)


def test_tell_me_more_after_an_exercise_gives_easier_harder_and_then_an_end(
    guide: Guide, wording: Wording, exercise_id: str
) -> None:
    exercise = guide.exercises[exercise_id]
    answer = answer_exercise(guide, wording, exercise_id, Said())
    for text in (exercise.easier, exercise.harder):
        answer = answer_follow_up(guide, wording, answer.said, "tell me more")
        assert text in answer.messages[0].text
        assert_sendable(guide, wording, answer.messages)
        assert_closed(wording, answer, exercise.evidence)
    assert answer.said.parts == (*SHOWN_PARTS, "easier", "harder")
    last = answer_follow_up(guide, wording, answer.said, "tell me more")
    assert last.messages[0].text == wording.all_said.format(title=exercise.name)


# Messages that were not understood


def test_a_first_miss_offers_the_nearest_topics_in_their_order(
    guide: Guide, wording: Wording
) -> None:
    ranking = ["nlu_fallback", "ask_posture", "greet", "ask_help", "ask_imaging", "ask_myths"]
    messages = suggest_topics(guide, wording, ranking, misses=0)
    assert messages[-1].text == wording.fallback_first
    assert payloads(messages) == ["/ask_posture", "/ask_imaging", "/ask_myths"]
    assert_sendable(guide, wording, messages)


def test_there_are_at_most_three_suggestions(guide: Guide, wording: Wording) -> None:
    ranking = [f"ask_{topic}" for topic in guide.topics]
    messages = suggest_topics(guide, wording, ranking, misses=0)
    assert payloads(messages) == [f"/{intent}" for intent in ranking[:3]]
    assert SUGGESTIONS == 3


def test_a_single_guess_is_offered_alone(guide: Guide, wording: Wording) -> None:
    messages = suggest_topics(guide, wording, ["ask_posture", "deny"], misses=0)
    assert payloads(messages) == ["/ask_posture"]


@pytest.mark.parametrize("misses", [1, 2, 7])
@pytest.mark.parametrize(
    "ranking", [[], ["ask_posture"], ["ask_posture", "ask_myths", "ask_causes"]]
)
def test_a_further_miss_gives_a_way_out(
    guide: Guide, wording: Wording, misses: int, ranking: list[str]
) -> None:
    messages = suggest_topics(guide, wording, ranking, misses)
    assert messages[-1].text == wording.fallback_second
    assert payloads(messages)[-2:] == ["/ask_help", "/ask_human"]
    assert len(payloads(messages)) > 2
    assert_sendable(guide, wording, messages)


@pytest.mark.parametrize(
    "ranking",
    [
        [],
        ["nlu_fallback", "greet", "deny"],
        ["ask_help", "ask_bot"],
        ["ask_", "ask_nothing", "None"],
    ],
    ids=["empty", "dialogue only", "no topic", "unknown names"],
)
def test_without_a_topic_in_the_ranking_common_ones_are_offered(
    guide: Guide, wording: Wording, ranking: list[str]
) -> None:
    messages = suggest_topics(guide, wording, ranking, misses=0)
    assert messages[-1].text == wording.fallback_no_guess
    assert "/ask_when_to_seek_care" in payloads(messages)
    assert_sendable(guide, wording, messages)


def test_unknown_names_in_the_ranking_are_ignored(guide: Guide, wording: Wording) -> None:
    ranking = ["ask_nothing", "posture", "ask_imaging", "ask_", "ask_myths"]
    messages = suggest_topics(guide, wording, ranking, misses=0)
    assert payloads(messages) == ["/ask_imaging", "/ask_myths"]


# Somebody tells about their pain


@pytest.mark.parametrize(
    "ranking",
    [
        [],
        ["describe_pain", "greet", "deny"],
        ["describe_pain", "ask_nothing", "nlu_fallback"],
        ["describe_pain", "ask_neck_pain", "ask_posture"],
        ["describe_pain", "ask_keep_running", "ask_causes"],
    ],
    ids=["no ranking", "dialogue only", "unknown names", "topics", "topics offered anyway"],
)
def test_pain_is_acknowledged_and_leads_on_to_help(
    guide: Guide, wording: Wording, ranking: list[str]
) -> None:
    messages = acknowledge_pain(guide, wording, ranking)
    assert [m.text for m in messages] == [*wording.pain_first, wording.pain_next]
    assert "/ask_when_to_seek_care" in payloads(messages)
    assert len(payloads(messages)) == 4
    assert_sendable(guide, wording, messages)


def test_after_pain_the_nearest_topic_is_offered(guide: Guide, wording: Wording) -> None:
    messages = acknowledge_pain(guide, wording, ["describe_pain", "ask_neck_pain", "ask_posture"])
    assert "/ask_neck_pain" in payloads(messages)
    assert "/ask_posture" not in payloads(messages)


def test_somebody_without_a_pending_question_is_asked_for_one(
    guide: Guide, wording: Wording
) -> None:
    messages = what_next(guide, wording)
    assert [message.text for message in messages] == [wording.what_next]
    assert_sendable(guide, wording, messages)


def test_two_questions_are_answered_in_their_order(guide: Guide, wording: Wording) -> None:
    answer = answer_topics(guide, wording, ["heat_or_ice", "sleep_mattress", "causes"], Said())
    assert_sendable(guide, wording, answer.messages)
    texts = [message.text for message in answer.messages]
    first = texts.index(guide.topics["heat_or_ice"].short.paragraphs[0])
    second = texts.index(guide.topics["sleep_mattress"].short.paragraphs[0])
    assert first == 0 < second
    assert guide.topics["sleep_mattress"].title in texts[second - 1]
    assert answer.said.topic == "sleep_mattress"
    assert answer.said.answers == 2
    assert payloads(answer.messages)[0] == "/ask_causes"
    assert not any(message.buttons for message in answer.messages[:-1])


def test_pain_told_with_a_question_is_acknowledged_first(guide: Guide, wording: Wording) -> None:
    answer = answer_topic(guide, wording, "imaging", Said())
    kind = with_sympathy(wording, answer)
    assert [message.text for message in kind.messages[:1]] == [wording.pain_told]
    assert kind.messages[1:] == answer.messages
