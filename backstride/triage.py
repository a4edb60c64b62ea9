"""From danger signs to urgency, and to what comes next in the conversation.

All of it is plain functions over what was said and done so far, so that the urgent path needs
neither an action server nor a stored state: what the assistant did is its memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Urgency = Literal["routine", "within_days", "same_day", "emergency", "crisis"]

# From the least to the most urgent. A crisis outranks all.
LEVELS: tuple[Urgency, ...] = ("routine", "within_days", "same_day", "emergency", "crisis")

# Replies that need their own words beside those of their level.
_CHEST = {"RF-18", "RF-19"}  # fact sheet 4.5: sit down and rest until help comes
_ANY_SIGN = "report_red_flag"  # suspected without a sign of its own
_BONE = {"RF-23"}  # fact sheet 1.28: stop running until it is checked
_CRISIS = {"RF-32"}
_CHILD = {"RF-27"}  # fact sheet 1.30: no adult plans under 16

# Signs denied in one message from which it counts as "none of these".
_DENIALS = 2

_ASKED = {
    "utter_check_red_flags": "check",
    "utter_check_again": "check",
    "utter_clarify": "clarify",
    "utter_clarify_again": "clarify_again",
    "utter_clarify_crisis": "crisis",
    "utter_settle": "settle",
}
_ASKED_AGAIN = {
    "check": "utter_check_again",
    "clarify": "utter_clarify_again",
    "crisis": "utter_clarify_crisis",
}
# A question that was passed over, as the question that asks for it again.
_PASSED_OVER = {
    "check": "check",
    "clarify": "clarify",
    "clarify_again": "clarify",
    "crisis": "crisis",
}
_HELD = ("emergency", "crisis")
_MILDER = ("utter_same_day", "utter_within_days", "utter_within_days_bone", "utter_child")
# After these a question that was passed over needs no answer any more.
_CLOSES = (
    "utter_check_clear",
    "utter_clarify_clear",
    "utter_released",
    "utter_seen",
    "utter_crisis",
    "utter_emergency",
    "utter_emergency_chest",
    "utter_emergency_checked",
)
# Questions that are no advice on the back are answered even after an emergency message.
_ALWAYS_ANSWERED = {"ask_privacy", "ask_bot", "ask_human"}
# A turn with one of these answers a pending danger-sign question by going on to something else.
_NOT_UNDERSTOOD = {"nlu_fallback", "out_of_scope", "report_red_flag", "greet", "thank", "follow_up"}


@dataclass(frozen=True)
class Turn:
    """One message of a person and what the assistant did about it.

    Attributes:
        intent: the intent's name.
        present: signs said to be there, by id.
        urgency: the highest level of these.
        suspected: what is in doubt: ids of signs, or any other word when a weaker net fired.
        denied: signs denied, by id.
        hinted: signs if a child was named before, by id.
        reply: "seen" or "misunderstanding" after an urgent message, "sign" for one of those listed.
        asks: intents of all questions in the message, when it holds several.
        child: whether it is about somebody under 16.
        did: names of the actions that ran, in order, `action_listen` left out.
    """

    intent: str
    present: frozenset[str] = frozenset()
    urgency: Urgency = "routine"
    suspected: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    hinted: frozenset[str] = frozenset()
    reply: str | None = None
    asks: frozenset[str] = frozenset()
    child: bool = False
    did: tuple[str, ...] = ()


@dataclass
class State:
    """What the turns so far add up to."""

    held: Urgency = "routine"
    awaiting: str | None = None
    unanswered: str | None = None  # a question on danger signs that was passed over
    cleared: bool = False
    child: bool = False
    child_seen_to: bool = False  # what to do about a child's pain was said
    bone: bool = False
    topic: str | None = None  # the intent of the last question on a topic


def highest(levels: Iterable[Urgency]) -> Urgency:
    """The most urgent of these levels; `routine` when there are none."""
    return max(levels, key=LEVELS.index, default="routine")


def next_steps(
    turns: Sequence[Turn], demanding: Collection[str], earlier: State | None = None
) -> tuple[str, ...]:
    """What to do about the last turn for safety's sake, as names of responses and actions.

    Args:
        turns: the conversation, the newest turn last, its `did` not looked at.
        demanding: intents whose answer means doing something bodily demanding: before the
            first of these the danger signs are asked about.
        earlier: what the turns before these added up to.

    Returns:
        The steps in order; none when the turn is no matter of safety.
    """
    turn, state = turns[-1], replay(turns[:-1], earlier)
    state.child = state.child or turn.child
    if turn.present and (turn.urgency in _HELD or _lets_milder_signs_through(turn, state)):
        return _urgent_messages(turn)
    if turn.reply == "sign":
        return (_yes(state),)
    if state.awaiting:
        answered = _answer(turn, state, demanding)
        if answered is not None:
            return answered
    if state.held in _HELD:
        return _hold(turn, state)
    if state.held == "same_day" and turn.reply == "seen":
        return ("utter_seen",)
    if _pain_of_a_child(turn, state):
        return ("utter_child",)
    if turn.suspected:
        return ("utter_clarify_crisis" if turn.suspected & _CRISIS else "utter_clarify",)
    if _demands(turn, state, demanding):
        withheld = _withheld(state)
        if withheld:
            return (withheld,)
        if not state.cleared:
            return ("utter_check_red_flags",)
    if state.unanswered and turn.intent in ("affirm", "unsure"):
        # It may be a late answer to that question: better asked again than lost.
        return (_ASKED_AGAIN[state.unanswered],)
    return ()


def _pain_of_a_child(turn: Turn, state: State) -> bool:
    """Whether pain is told of a child that was named before, and no sign is in doubt."""
    in_doubt = turn.suspected - {_ANY_SIGN}
    told = bool(turn.hinted & _CHILD) or turn.intent == "describe_pain"
    return state.child and told and not in_doubt and not state.child_seen_to


def _demands(turn: Turn, state: State, demanding: Collection[str]) -> bool:
    """Whether the answer to this message means doing something bodily demanding."""
    if turn.intent == "follow_up":
        return state.topic in demanding
    return turn.intent in demanding or not turn.asks.isdisjoint(demanding)


def _withheld(state: State) -> str | None:
    """What is said in the place of advice that loads the body, after a sign that forbids it."""
    if state.child:
        return "utter_under_16"
    if state.held == "same_day":
        return "utter_same_day_repeat"
    return "utter_within_days_bone" if state.bone else None


def replay(turns: Iterable[Turn], earlier: State | None = None) -> State:
    """What these turns add up to, after what the turns before them added up to."""
    state = replace(earlier) if earlier else State()
    for turn in turns:
        asked, state.awaiting = state.awaiting, None
        if _ends_hold(turn, asked):
            state.held = "routine"
        state.child = state.child or turn.child or bool(turn.present & _CHILD)
        if turn.intent.startswith("ask_"):
            state.topic = turn.intent
        if turn.intent == "describe_pain":
            state.cleared = False  # something new was told: ask again
        for step in turn.did:
            if step.startswith("utter_crisis"):
                state.held = "crisis"
            elif step.startswith("utter_emergency") and state.held != "crisis":
                state.held = "emergency"
            elif step == "utter_same_day":
                state.held = highest((state.held, "same_day"))
            elif step in ("utter_seen", "utter_released"):
                state.held = "routine"
            elif step in ("utter_check_clear", "utter_clarify_clear"):
                # A no to the question about a crisis says nothing about the body.
                state.cleared = state.cleared or asked != "crisis"
            state.child_seen_to = state.child_seen_to or step == "utter_child"
            state.bone = state.bone or step == "utter_within_days_bone"
            if state.held != "routine":
                state.cleared = False  # an urgent sign came up since
            state.awaiting = _ASKED.get(step)
        passed_over = _PASSED_OVER.get(asked or "", state.unanswered)
        closed = state.awaiting or any(step in _CLOSES for step in turn.did)
        state.unanswered = None if closed else passed_over
    return state


def _lets_milder_signs_through(turn: Turn, state: State) -> bool:
    """Whether a sign below an emergency gets its own message: no emergency is open any more."""
    return state.held not in _HELD or turn.reply == "seen" or _denies_all(turn, state.awaiting)


def _ends_hold(turn: Turn, asked: str | None) -> bool:
    """Whether an emergency is over, though what was said next was about a milder sign."""
    over = turn.reply == "seen" or _denies_all(turn, asked)
    return over and any(step in _MILDER for step in turn.did)


def _denies_all(turn: Turn, asked: str | None) -> bool:
    """Whether the question that settles a slip gets a no beside a milder sign."""
    return asked == "settle" and (turn.intent == "deny" or len(turn.denied) >= _DENIALS)


def _urgent_messages(turn: Turn) -> tuple[str, ...]:
    if turn.urgency == "crisis" and turn.present - _CRISIS:
        return ("utter_crisis", "utter_crisis_body")
    return (_urgent_message(turn),)


def _urgent_message(turn: Turn) -> str:
    if turn.urgency == "crisis":
        return "utter_crisis"
    if turn.urgency == "emergency":
        return "utter_emergency_chest" if turn.present & _CHEST else "utter_emergency"
    if turn.urgency == "same_day":
        return "utter_same_day"
    if turn.present & _CHILD:
        return "utter_child"
    return "utter_within_days_bone" if turn.present & _BONE else "utter_within_days"


def _answer(turn: Turn, state: State, demanding: Collection[str]) -> tuple[str, ...] | None:
    """The reaction to an answer of a pending question; None when it was not answered."""
    if turn.intent in ("affirm", "unsure"):
        return (_yes(state),)
    if turn.suspected and state.awaiting == "check":
        return ("utter_clarify_crisis" if turn.suspected & _CRISIS else "utter_clarify",)
    if not turn.suspected and (turn.intent == "deny" or len(turn.denied) >= _DENIALS):
        if state.awaiting == "settle":
            return ("utter_released",)
        clear = "utter_check_clear" if state.awaiting == "check" else "utter_clarify_clear"
        withheld = _withheld(state)
        if state.awaiting == "crisis" and state.topic in demanding and not state.cleared:
            return (clear, withheld or "utter_check_red_flags")
        if withheld is None:
            return (clear, "action_answer_pending")
        return (clear, withheld) if state.topic in demanding else (clear,)
    if state.awaiting in _ASKED_AGAIN and (
        turn.intent in _NOT_UNDERSTOOD or turn.suspected or turn.denied
    ):
        return (_ASKED_AGAIN[state.awaiting],)
    return None


def _yes(state: State) -> str:
    """A yes to danger signs, or "not sure", which counts as one. A crisis stays a crisis."""
    if state.held == "crisis" or state.awaiting == "crisis":
        return "utter_crisis"
    return "utter_emergency_checked"


def _hold(turn: Turn, state: State) -> tuple[str, ...]:
    """After an emergency message there are no tips until the person is seen or it was a slip."""
    if turn.reply == "seen":
        return ("utter_seen",)
    if turn.reply == "misunderstanding" or turn.denied:
        return ("utter_settle",)
    if turn.intent in _ALWAYS_ANSWERED:
        return ()
    return ("utter_crisis_repeat",) if state.held == "crisis" else ("utter_emergency_repeat",)
