"""The report on danger signs counts what it says it counts."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.red_flags.report import Seen, report
from benchmarks.red_flags.thresholds import Scored, asks, lowest

SIGN = Seen(
    text="can't pee",
    kind="red_flag",
    why="red_flag",
    labels=("RF-02",),
    urgency="emergency",
    present=("RF-02",),
    level="emergency",
    suspected=False,
    matcher={"RF-02": "present"},
    intent=False,
    near=False,
)
ASKED = replace(SIGN, present=(), level=None, suspected=True, matcher={}, near=True, text="hm")
MISSED = replace(ASKED, suspected=False, near=False, text="quite unnoticed")
LOWER = replace(SIGN, level="same_day", text="too mild")
FALSE = replace(SIGN, kind="negated", why="denied", labels=(), urgency=None, text="no trouble")


def test_signs_are_counted_by_notice_alarm_and_level() -> None:
    lines = "\n".join(report([SIGN, ASKED, MISSED, LOWER, FALSE]))
    assert "emergency or crisis noticed                   3 of    4" in lines
    assert "emergency or crisis, alarm at once            2 of    4" in lines
    assert "alarm, but less urgent than it is             1 of    4" in lines


def test_misses_and_too_mild_answers_are_quoted() -> None:
    lines = list(report([SIGN, ASKED, MISSED, LOWER]))
    assert "  missed RF-02 (emergency): quite unnoticed" in lines
    assert "  under-triaged RF-02 (same_day, not emergency): too mild" in lines


def test_what_one_net_caught_alone_is_told() -> None:
    assert "\ncaught by one net alone: matcher 2, nearness 1" in report([SIGN, ASKED, LOWER])


def test_alarms_for_nothing_are_told_by_their_reason() -> None:
    lines = "\n".join(report([FALSE, replace(FALSE, present=(), suspected=True)]))
    assert "denied            1/2     50.0%      1/2     50.0%" in lines


def scored(danger: float, intent: str = "ask_causes", crisis: float = 0.0) -> Scored:
    return Scored("red_flag", "", False, False, False, intent, danger, crisis)


def test_a_question_is_asked_from_each_threshold_on() -> None:
    at = {"crisis_at": 0.3, "suspect_at": 0.8, "agree_at": 0.4}
    assert asks(scored(0.8), at) and not asks(scored(0.79), at)
    assert asks(scored(0.4, "report_red_flag"), at) and not asks(scored(0.4), at)
    assert asks(scored(0.0, crisis=0.3), at)
    assert not asks(replace(scored(0.9), found=True), at)


def test_the_lowest_threshold_within_the_limits_is_taken() -> None:
    assert lowest(lambda at: at >= 0.42) == 0.42
