"""What a question gets, given what was said before."""

from __future__ import annotations

import pytest

from backstride.answers import Said, answer_follow_up, answer_topic
from backstride.guide import Guide
from backstride.reply import Question, reply
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
