"""What the matcher found and what was learnt from examples, put together.

The matcher knows the words of a sign; examples know better how a message is meant. So a sign that
it finds raises the alarm unless examples speak against it, and a sign that it doubts does where
they speak clearly for it. They never make less than a question of what it found, and never change
a plain statement (`Finding.plain`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from backstride.nearness import likely, odds
from backstride.red_flags import Finding

# What the trained intent counts beside nearness. With 0.4, most is found for the same number of
# questions on the messages of writers who were left out of training.
_INTENT_SHARE = 0.4
_OPEN = ("hinted", "doubtful")


@dataclass(frozen=True)
class Limits:
    """Likelihoods, from 0 to 1, that decide.

    Attributes:
        alarm_at: below it a sign that was found gets a question in place of the alarm.
        raise_at: from it on a sign in doubt raises the alarm.
        crisis_raise_at: the same for thoughts of suicide, by the likelihood of a crisis, where a
            sign is as likely as an alarm needs; words of the subject are enough of a doubt there.
        suspect_at: from it on a message in which no sign was found gets a question.
        crisis_at: the same for the question about a crisis, by the likelihood of a crisis.
    """

    alarm_at: float
    raise_at: float
    crisis_raise_at: float
    suspect_at: float
    crisis_at: float


def danger_of(near: float, intent: float) -> float:
    """How likely a message tells of a sign that is there now.

    Args:
        near: its nearness to messages that do.
        intent: the confidence of the trained intent that it does.
    """
    return likely(odds(near) + _INTENT_SHARE * odds(intent))


def judged(
    findings: Iterable[Finding], danger: float, crisis: float, limits: Limits
) -> tuple[Finding, ...]:
    """The findings, with "present" and "doubtful" as they are after examples were heard.

    Args:
        findings: what the matcher found.
        danger: how likely the message tells of a sign that is there now.
        crisis: how likely it tells of a crisis.
        limits: from which likelihood what follows.
    """
    return tuple(_judged(finding, danger, crisis, limits) for finding in findings)


def _judged(finding: Finding, danger: float, crisis: float, limits: Limits) -> Finding:
    if finding.status == "present" and not finding.plain and danger < limits.alarm_at:
        return replace(finding, status="doubtful")
    if finding.level == "crisis":
        sure = crisis >= limits.crisis_raise_at and danger >= limits.alarm_at
    else:
        sure = danger >= limits.raise_at and finding.status == "doubtful"
    return replace(finding, status="present") if sure and finding.status in _OPEN else finding
