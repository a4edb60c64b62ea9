"""Examples may turn an alarm into a question and a doubt into an alarm, and nothing else."""

from __future__ import annotations

import pytest

from backstride.judgement import Limits, danger_of, judged
from backstride.red_flags import Finding, detector

LIMITS = Limits(alarm_at=0.4, raise_at=0.9, crisis_raise_at=0.7, suspect_at=0.3, crisis_at=0.3)


def status(said: str, danger: float, crisis: float = 0.0, **more: object) -> str:
    finding = Finding("RF-01", more.pop("level", "emergency"), said, 0, 4, **more)
    return judged([finding], danger, crisis, LIMITS)[0].status


def test_an_alarm_that_examples_speak_against_becomes_a_question() -> None:
    assert status("present", 0.39) == "doubtful"
    assert status("present", 0.4) == "present"


def test_a_plain_statement_needs_no_other_opinion() -> None:
    assert status("present", 0.0, plain=True) == "present"


def test_a_doubt_that_examples_clear_up_raises_the_alarm() -> None:
    assert status("doubtful", 0.9) == "present"
    assert status("doubtful", 0.89, crisis=1.0) == "doubtful"


def test_a_doubt_about_a_crisis_is_cleared_up_by_examples_of_a_crisis_alone() -> None:
    assert status("doubtful", 1.0, crisis=0.69, level="crisis") == "doubtful"
    assert status("doubtful", 0.39, crisis=1.0, level="crisis") == "doubtful"
    assert status("doubtful", 0.4, crisis=0.7, level="crisis") == "present"


def test_words_of_the_subject_raise_the_alarm_of_a_crisis_that_examples_are_sure_of() -> None:
    assert status("hinted", 0.4, crisis=0.7, level="crisis") == "present"
    assert status("hinted", 0.4, crisis=0.69, level="crisis") == "hinted"
    assert status("hinted", 1.0, crisis=1.0) == "hinted"


@pytest.mark.parametrize("said", ["denied", "general"])
def test_what_is_denied_or_asked_in_general_stays_so(said: str) -> None:
    assert status(said, 1.0, crisis=1.0) == said


def test_the_trained_intent_counts_beside_nearness() -> None:
    assert danger_of(0.5, 0.5) == pytest.approx(0.5)
    assert danger_of(0.5, 0.0) < 0.5 < danger_of(0.5, 1.0)
    assert danger_of(0.9, 0.0) > danger_of(0.1, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "I can't pee",
        "hello, my groin is numb and I have lower back pain",
        "I have chest pain spreading into my arm, please help",
        "I have a fever and back pain, can I still run tomorrow?",
        "The weather was lovely on Sunday! I'm struggling to breathe. My shoes are quite new.",
    ],
)
def test_the_speaker_says_it_plainly(text: str) -> None:
    assert any(finding.plain for finding in detector().find(text))


@pytest.mark.parametrize(
    "text",
    [
        "If I can't pee what then",
        "I can't pee?",
        "I had a numb groin years ago",
        "He cannot pee",
        "My friend asked whether I have chest pain",
        "I can't pee. " + "We like to run a lot on hills " * 6,
    ],
)
def test_what_may_be_meant_otherwise_is_not_plain(text: str) -> None:
    assert not any(finding.plain for finding in detector().find(text))
