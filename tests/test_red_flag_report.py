"""The report on danger signs counts what it says it counts."""

from __future__ import annotations

from dataclasses import replace

from backstride.judgement import Limits
from backstride.red_flags import Finding
from benchmarks.red_flags.report import Seen, report
from benchmarks.red_flags.thresholds import Judged, choose, lowest

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


def judged(
    kind: str, danger: float, status: str = "present", crisis: float = 0.0, group: str = "a"
) -> Judged:
    found = (Finding("RF-02", "emergency", status, 0, 1),) if status else ()
    return Judged(group, kind, None, found, danger, crisis)


def test_the_limits_are_the_most_watchful_that_spare_those_without_a_sign() -> None:
    messages = [
        *(judged("red_flag", 0.21) for _ in range(10)),
        *(judged("negated", 0.2) for _ in range(20)),
        *(judged("negated", 0.8, "doubtful") for _ in range(20)),
        *(judged("negated", 0.3, "") for _ in range(60)),
        *(judged("topic", 0.4, "", 0.35) for _ in range(10)),
        *(judged("topic", 0.1, "") for _ in range(90)),
        *(judged("topic", 0.1, "", group="nlu") for _ in range(9)),
    ]
    chosen = choose(messages)
    assert chosen == Limits(0.21, 0.81, 0.01, 0.41, 0.36)
    assert messages[0].alarms(chosen)
    assert not any(m.alarms(chosen) for m in messages if m.kind != "red_flag")


def test_alarms_for_nothing_are_bounded_in_each_file_by_itself() -> None:
    calm = [judged("negated", 0.1, "", group="calm") for _ in range(1000)]
    wild = [judged("negated", 0.6, group="wild") for _ in range(10)]
    signs = [judged("red_flag", danger / 100, group="calm") for danger in range(100)]
    assert choose([*calm, *wild, *signs]).alarm_at == 0.61


def test_few_alarms_on_signs_are_given_for_what_strangers_may_write() -> None:
    signs = [judged("red_flag", danger / 100) for danger in range(1, 101)]
    assert choose([*signs, judged("negated", 0.0, "")]).alarm_at == 0.04


def test_without_quoting_no_message_is_told() -> None:
    lines = "\n".join(report([SIGN, MISSED, LOWER, FALSE], quoting=False))
    assert "any danger sign noticed" in lines
    assert not any(m.text in lines for m in (SIGN, MISSED, LOWER, FALSE))


def test_the_lowest_threshold_within_the_limits_is_taken() -> None:
    assert lowest(lambda at: at >= 0.42) == 0.42
