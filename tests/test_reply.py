"""What a question gets, given what was said before."""

from __future__ import annotations

import pytest

from backstride.answers import Said, answer_follow_up, answer_topic
from backstride.guide import Guide
from backstride.reply import Question, leans_on, reply
from backstride.wording import Wording


def test_a_question_gets_the_short_answer(guide: Guide, wording: Wording) -> None:
    answer = reply(guide, wording, Question("causes", "why does it hurt"), Said())
    assert answer == answer_topic(guide, wording, "causes", Said())


def test_the_same_subject_in_other_words_gets_more_and_not_the_same(
    guide: Guide, wording: Wording
) -> None:
    said = answer_topic(guide, wording, "sleep_mattress", Said()).said
    answers = []
    for text in ("which pillow", "and the slats", "a topper then"):
        answer = reply(guide, wording, Question("sleep_mattress", text), said)
        said = answer.said
        answers.append(answer.messages[0].text)
    assert len(set(answers)) == 3
    assert guide.topics["sleep_mattress"].short.paragraphs[0] not in answers


def test_a_button_pressed_again_gets_its_answer_again(guide: Guide, wording: Wording) -> None:
    said = answer_topic(guide, wording, "causes", Said()).said
    again = reply(guide, wording, Question("causes", "/ask_causes"), said)
    assert again == answer_topic(guide, wording, "causes", said)


def test_when_all_was_said_the_short_answer_comes_again(guide: Guide, wording: Wording) -> None:
    said = Said("causes", parts=tuple(guide.topics["causes"].parts), answers=9)
    answer = reply(guide, wording, Question("causes", "what is behind it"), said)
    assert answer == answer_topic(guide, wording, "causes", said)


def test_words_that_point_to_a_part_get_it(guide: Guide, wording: Wording) -> None:
    said = answer_topic(guide, wording, "heat_or_ice", Said()).said
    answer = reply(guide, wording, Question("heat_or_ice", "how long is heat on"), said)
    assert answer == answer_follow_up(guide, wording, said, part="how_often")


@pytest.mark.parametrize(
    "question",
    [
        Question("core_stabilisation", "show me the bird dog"),
        Question("core_stabilisation", "/x", exercise="bird_dog"),
    ],
)
def test_an_exercise_that_is_asked_for_is_shown(
    guide: Guide, wording: Wording, question: Question
) -> None:
    said = answer_topic(guide, wording, "core_stabilisation", Said()).said
    assert reply(guide, wording, question, said).said.exercise == "bird_dog"


def test_an_unknown_exercise_gets_the_topic(guide: Guide, wording: Wording) -> None:
    question = Question("core_stabilisation", "core?", exercise="backflip")
    answer = reply(guide, wording, question, Said())
    assert answer == answer_topic(guide, wording, "core_stabilisation", Said())


def test_pain_is_acknowledged_and_both_questions_answered(guide: Guide, wording: Wording) -> None:
    question = Question("imaging", topics=("imaging", "recovery_time"), tells_pain=True)
    texts = [message.text for message in reply(guide, wording, question, Said()).messages]
    assert texts[0] == wording.pain_told
    assert guide.topics["imaging"].short.paragraphs[0] == texts[1]
    assert guide.topics["recovery_time"].short.paragraphs[0] in texts


def test_the_same_subject_gets_the_part_that_its_words_fit(guide: Guide, wording: Wording) -> None:
    said = answer_topic(guide, wording, "shoes_surface", Said()).said
    answer = reply(guide, wording, Question("shoes_surface", "do insoles do any good"), said)
    assert answer.said.parts == ("skip",)
    assert "insoles" in answer.messages[0].text


def test_an_earlier_subject_gets_the_part_asked_for_and_not_all_again(
    guide: Guide, wording: Wording
) -> None:
    said = answer_topic(guide, wording, "radiating_leg_pain", Said()).said
    said = answer_topic(guide, wording, "keep_running", said).said
    again = reply(guide, wording, Question("radiating_leg_pain", "how long does it last"), said)
    assert again.said.parts == ("how_often",)
    whole = reply(guide, wording, Question("radiating_leg_pain", "tell me about sciatica"), said)
    assert whole.said.parts == ()


def test_a_correction_is_thanked_for(guide: Guide, wording: Wording) -> None:
    answer = reply(guide, wording, Question("causes", "no, i meant why", corrects=True), Said())
    assert answer.messages[0].text == wording.corrected
    plain = reply(guide, wording, Question("causes", "no, i meant why"), Said())
    assert answer.messages[1:] == plain.messages


@pytest.mark.parametrize(
    ("ranking", "text", "leans"),
    [
        (["out_of_scope", "ask_return_to_run"], "how much each week", True),
        (["nlu_fallback", "follow_up"], "how many km each week", True),
        (["nlu_fallback", "out_of_scope", "follow_up"], "what about hills", True),
        (["out_of_scope", "follow_up"], "how often should i prune my roses", False),
        (["out_of_scope", "ask_causes"], "how much each week", False),
        (["out_of_scope", "follow_up"], "and the zebra", False),
        (["out_of_scope"], "how much each week", False),
    ],
)
def test_words_that_lean_on_the_last_answer(
    guide: Guide, wording: Wording, ranking: list[str], text: str, leans: bool
) -> None:
    said = Said("return_to_run", answers=1)
    assert leans_on(guide, wording, said, ranking, text) is leans
    assert not leans_on(guide, wording, Said(), ranking, text)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("is the side plank safe for everyone", "skip"),
        ("how many bird dogs a day", "how_often"),
        ("is the dead bug proven", "evidence"),
    ],
)
def test_a_part_of_an_exercise_can_be_asked_for_by_its_name(
    guide: Guide, wording: Wording, text: str, part: str
) -> None:
    answer = reply(guide, wording, Question("core_stabilisation", text), Said())
    assert answer.said.exercise is not None
    assert answer.said.parts == (part,)
