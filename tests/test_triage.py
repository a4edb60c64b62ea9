"""What comes next for safety's sake, as plain functions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backstride.triage import Turn, highest, next_steps

DEMANDING = {"ask_keep_running", "ask_mobility"}
NONE = Turn("deny")


def talk(*turns: Turn) -> tuple[str, ...]:
    """The last step of a conversation in which every step asked for was taken."""
    said: list[Turn] = []
    steps: tuple[str, ...] = ()
    for turn in turns:
        steps = next_steps([*said, turn], DEMANDING)
        said.append(Turn(**{**turn.__dict__, "did": steps or ("action_of_another_policy",)}))
    return steps


def sign(level: str, *ids: str) -> Turn:
    return Turn("report_red_flag", present=frozenset(ids or {"RF-02"}), urgency=level)


QUESTION, DEMAND = Turn("ask_causes"), Turn("ask_keep_running")
MAYBE = Turn("ask_causes", suspected=frozenset({"report_red_flag"}))


def test_the_highest_level_wins_and_a_crisis_outranks_all():
    assert highest(["same_day", "emergency", "within_days"]) == "emergency"
    assert highest(["emergency", "crisis"]) == "crisis"
    assert highest([]) == "routine"


@pytest.mark.parametrize(
    ("turn", "step"),
    [
        (sign("crisis", "RF-32"), "utter_crisis"),
        (sign("emergency"), "utter_emergency"),
        (sign("emergency", "RF-18"), "utter_emergency_chest"),
        (sign("same_day", "RF-12"), "utter_same_day"),
        (sign("within_days", "RF-24"), "utter_within_days"),
        (sign("within_days", "RF-23"), "utter_within_days_bone"),
        (sign("within_days", "RF-27"), "utter_child"),
    ],
)
@pytest.mark.parametrize("before", [(), (QUESTION,) * 8, (DEMAND,), (MAYBE,), (sign("same_day"),)])
def test_each_level_gets_its_message_first_wherever_it_comes(turn, step, before):
    assert talk(*before, turn) == (step,)


def test_information_is_given_without_a_check_and_demanding_advice_after_one():
    assert talk(QUESTION) == ()
    assert talk(DEMAND) == ("utter_check_red_flags",)


def test_the_check_is_made_once():
    assert talk(DEMAND, NONE) == ("utter_check_clear", "action_answer_pending")
    assert talk(DEMAND, NONE, DEMAND) == ()
    assert talk(DEMAND, NONE, QUESTION, Turn("ask_mobility")) == ()


def test_the_check_is_made_again_when_something_new_is_told():
    assert talk(DEMAND, NONE, Turn("describe_pain"), DEMAND) == ("utter_check_red_flags",)


@pytest.mark.parametrize("intent", ["affirm", "unsure"])
@pytest.mark.parametrize("asked", [DEMAND, MAYBE])
def test_yes_and_not_sure_both_get_the_emergency_message(asked, intent):
    assert talk(asked, Turn(intent)) == ("utter_emergency_checked",)


@pytest.mark.parametrize("intent", ["nlu_fallback", "out_of_scope", "greet", "follow_up"])
def test_a_check_that_was_not_answered_never_counts_as_none(intent):
    assert talk(DEMAND, Turn(intent)) == ("utter_check_again",)
    assert talk(DEMAND, Turn(intent), DEMAND) == ("utter_check_red_flags",)


def test_a_question_in_the_middle_of_the_check_is_answered_and_the_check_comes_back():
    assert talk(DEMAND, QUESTION) == ()
    assert talk(DEMAND, QUESTION, DEMAND) == ("utter_check_red_flags",)


def test_a_denial_of_one_sign_is_no_denial_of_all():
    one, two = frozenset({"RF-10"}), frozenset({"RF-10", "RF-01"})
    assert talk(DEMAND, Turn("describe_pain", denied=one)) == ("utter_check_again",)
    assert talk(DEMAND, Turn("describe_pain", denied=two))[0] == "utter_check_clear"
    doubtful = Turn("deny", denied=two, suspected=frozenset({"report_red_flag"}))
    assert talk(DEMAND, doubtful) == ("utter_clarify",)


def test_no_fever_but_cannot_pee_is_an_emergency_inside_the_check():
    turn = Turn("report_red_flag", frozenset({"RF-02"}), "emergency", denied=frozenset({"RF-10"}))
    assert talk(DEMAND, turn) == ("utter_emergency",)


def test_a_suspicion_gets_one_question_and_after_a_no_the_answer():
    assert talk(MAYBE) == ("utter_clarify",)
    assert talk(MAYBE, NONE) == ("utter_clarify_clear", "action_answer_pending")
    assert talk(MAYBE, Turn("nlu_fallback")) == ("utter_clarify_again",)
    assert talk(MAYBE, Turn("nlu_fallback"), Turn("nlu_fallback")) == ()


@pytest.mark.parametrize("turn", [QUESTION, DEMAND, Turn("thank"), Turn("follow_up"), MAYBE])
def test_after_an_emergency_there_are_no_tips(turn):
    assert talk(sign("emergency"), turn) == ("utter_emergency_repeat",)
    assert talk(sign("emergency"), turn, turn) == ("utter_emergency_repeat",)
    assert talk(sign("crisis", "RF-32"), turn) == ("utter_crisis_repeat",)


def test_after_an_emergency_privacy_and_who_is_talking_are_still_answered():
    assert talk(sign("emergency"), Turn("ask_privacy")) == ()


def test_somebody_who_has_been_seen_can_go_on():
    seen = Turn("affirm", reply="seen")
    assert talk(sign("emergency"), seen) == ("utter_seen",)
    assert talk(sign("emergency"), seen, QUESTION) == ()
    assert talk(sign("same_day"), DEMAND) == ("utter_same_day_repeat",)
    assert talk(sign("same_day"), DEMAND, seen, DEMAND) == ("utter_check_red_flags",)


def test_a_slip_is_settled_with_one_question():
    slip = Turn("deny", reply="misunderstanding")
    assert talk(sign("emergency"), slip) == ("utter_settle",)
    assert talk(sign("emergency"), slip, NONE) == ("utter_released",)
    assert talk(sign("emergency"), slip, NONE, QUESTION) == ()
    assert talk(sign("emergency"), slip, Turn("unsure")) == ("utter_emergency_checked",)
    assert talk(sign("emergency"), slip, QUESTION) == ("utter_emergency_repeat",)


def test_a_crisis_stays_a_crisis():
    slip = Turn("deny", reply="misunderstanding")
    assert talk(sign("crisis", "RF-32"), sign("emergency"), QUESTION) == ("utter_crisis_repeat",)
    assert talk(sign("crisis", "RF-32"), slip, Turn("affirm")) == ("utter_crisis",)


def test_a_child_gets_no_adult_plan():
    assert talk(sign("within_days", "RF-27"), DEMAND) == ("utter_under_16",)
    assert talk(sign("within_days", "RF-27"), QUESTION) == ()


def test_a_child_without_pain_gets_no_adult_plan_either():
    child = Turn("ask_core_stabilisation", child=True)
    assert talk(replace(DEMAND, child=True)) == ("utter_under_16",)
    assert talk(replace(QUESTION, child=True)) == ()
    assert talk(child, DEMAND) == ("utter_under_16",)


def test_pain_of_a_child_that_was_named_before_is_told_to_a_doctor_once():
    child, pain = Turn("greet", child=True), Turn("nlu_fallback", hinted=frozenset({"RF-27"}))
    suspected = replace(pain, suspected=frozenset({"report_red_flag"}))
    assert talk(child, pain) == talk(child, suspected) == ("utter_child",)
    assert talk(child, pain, replace(pain, intent="ask_posture")) == ()
    assert talk(pain) == ()
    assert talk(child, Turn("describe_pain")) == ("utter_child",)
    in_doubt = replace(pain, suspected=frozenset({"RF-02"}))
    assert talk(child, in_doubt) == ("utter_clarify",)


def test_a_late_yes_to_the_list_is_never_lost():
    late = Turn("affirm", reply="sign")
    assert talk(DEMAND, QUESTION, late) == ("utter_emergency_checked",)
    assert talk(late) == ("utter_emergency_checked",)


def test_a_doubt_about_a_crisis_gets_one_kind_question_and_the_crisis_message():
    doubt = Turn("describe_pain", suspected=frozenset({"RF-32"}))
    assert talk(doubt) == ("utter_clarify_crisis",)
    assert talk(doubt, Turn("affirm")) == ("utter_crisis",)
    assert talk(doubt, Turn("unsure")) == ("utter_crisis",)
    assert talk(doubt, NONE)[0] == "utter_clarify_clear"


def test_a_same_day_sign_in_a_child_is_checked_today():
    assert talk(sign("same_day", "RF-27")) == ("utter_same_day",)
    assert talk(sign("same_day", "RF-27"), DEMAND) == ("utter_under_16",)


def test_follow_ups_do_not_get_round_what_is_withheld():
    more = Turn("follow_up")
    assert talk(DEMAND, NONE, sign("same_day"), more) == ("utter_same_day_repeat",)
    assert talk(sign("within_days", "RF-27"), DEMAND, more) == ("utter_under_16",)
    maybe = Turn("ask_mobility", suspected=frozenset({"report_red_flag"}))
    assert talk(sign("same_day"), maybe, NONE) == ("utter_clarify_clear", "utter_same_day_repeat")


def test_a_possible_bone_injury_stops_running_advice():
    assert talk(sign("within_days", "RF-23"), DEMAND) == ("utter_within_days_bone",)
    assert talk(sign("within_days", "RF-23"), QUESTION) == ()


def test_an_urgent_sign_undoes_an_earlier_clear_check():
    seen = Turn("affirm", reply="seen")
    assert talk(DEMAND, NONE, sign("emergency"), seen, DEMAND) == ("utter_check_red_flags",)


def test_a_milder_sign_after_an_emergency_does_not_soften_it():
    assert talk(sign("emergency"), sign("within_days", "RF-24")) == ("utter_emergency_repeat",)


def test_a_no_to_the_crisis_question_is_no_answer_to_the_check():
    doubt = Turn("ask_keep_running", suspected=frozenset({"RF-32"}))
    assert talk(doubt, NONE) == ("utter_clarify_clear", "utter_check_red_flags")
    assert talk(doubt, NONE, NONE) == ("utter_check_clear", "action_answer_pending")
    assert talk(doubt, Turn("nlu_fallback")) == ("utter_clarify_crisis",)


def test_a_crisis_comes_first_and_the_body_is_not_forgotten():
    assert talk(sign("crisis", "RF-32", "RF-02")) == ("utter_crisis", "utter_crisis_body")
    assert talk(sign("crisis", "RF-32", "RF-02"), QUESTION) == ("utter_crisis_repeat",)


@pytest.mark.parametrize("intent", ["affirm", "unsure"])
def test_a_late_answer_to_a_question_that_was_passed_over_is_asked_for_again(intent):
    doubt = Turn("describe_pain", suspected=frozenset({"RF-32"}))
    late = Turn(intent)
    assert talk(DEMAND, QUESTION, late) == ("utter_check_again",)
    assert talk(MAYBE, QUESTION, QUESTION, late) == ("utter_clarify_again",)
    assert talk(MAYBE, Turn("nlu_fallback"), QUESTION, late) == ("utter_clarify_again",)
    assert talk(doubt, QUESTION, late) == ("utter_clarify_crisis",)
    assert talk(DEMAND, QUESTION, late, late) == ("utter_emergency_checked",)


def test_a_question_that_was_answered_is_not_asked_for_again():
    assert talk(Turn("affirm")) == ()
    assert talk(DEMAND, NONE, QUESTION, Turn("affirm")) == ()
    assert talk(MAYBE, NONE, QUESTION, Turn("unsure")) == ()


def test_a_milder_sign_told_with_the_end_of_an_emergency_gets_its_own_message():
    seen = Turn("report_red_flag", frozenset({"RF-12"}), "same_day", reply="seen")
    assert talk(sign("emergency"), seen) == ("utter_same_day",)
    assert talk(sign("emergency"), seen, DEMAND) == ("utter_same_day_repeat",)
    assert talk(sign("emergency"), seen, QUESTION) == ()
    slip = Turn("deny", reply="misunderstanding")
    two = frozenset({"RF-02", "RF-03"})
    no_but = Turn("report_red_flag", frozenset({"RF-12"}), "same_day", denied=two)
    assert talk(sign("emergency"), slip, no_but) == ("utter_same_day",)
    assert talk(sign("emergency"), slip, no_but, QUESTION) == ()


def test_more_on_demanding_advice_after_a_release_needs_a_new_check():
    seen, more = Turn("affirm", reply="seen"), Turn("follow_up")
    assert talk(DEMAND, NONE, sign("emergency"), seen, more) == ("utter_check_red_flags",)
    assert talk(DEMAND, NONE, Turn("describe_pain"), more) == ("utter_check_red_flags",)
    assert talk(DEMAND, NONE, more) == ()


def test_a_demanding_question_behind_another_needs_the_check_too():
    two = Turn("ask_causes", asks=frozenset({"ask_causes", "ask_keep_running"}))
    assert talk(two) == ("utter_check_red_flags",)
    assert talk(two, NONE) == ("utter_check_clear", "action_answer_pending")
    assert talk(DEMAND, NONE, two) == ()
    assert talk(Turn("ask_causes", asks=frozenset({"ask_causes", "ask_imaging"}))) == ()
