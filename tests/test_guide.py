"""Facts about the real guide."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from backstride.content import read_yaml
from backstride.guide import Guide, paragraphs_of
from backstride.paths import ROOT

# Names that the outside relies on: each topic id is also an intent `ask_<id>`.
_TOPICS = """
    causes anatomy facet_joint_syndrome disc_problems biologic_injections symptoms
    radiating_leg_pain risk_factors keep_running heat_or_ice mobility exercises_overview
    chin_tucks thoracic_extension mckenzie core_stabilisation running_form posture
    desk_ergonomics lifting_technique deadlift warm_up professional_treatment imaging
    procedures sleep_mattress low_impact stress_pain_science neck_pain when_to_seek_care
    prevention myths recovery_time medication shoes_surface return_to_run bone_stress
    pregnancy young_runners older_runners
"""
_DIALOGUE = """
    describe_pain report_red_flag greet goodbye thank affirm deny unsure ask_bot ask_human
    ask_help ask_privacy follow_up out_of_scope
"""
TOPICS, DIALOGUE = set(_TOPICS.split()), set(_DIALOGUE.split())
OVERLAPPING = [
    ("anatomy", "facet_joint_syndrome"),
    ("bone_stress", "keep_running"),
    ("bone_stress", "older_runners"),
    ("bone_stress", "when_to_seek_care"),
    ("causes", "risk_factors"),
    ("chin_tucks", "neck_pain"),
    ("deadlift", "lifting_technique"),
    ("desk_ergonomics", "posture"),
    ("disc_problems", "biologic_injections"),
    ("disc_problems", "imaging"),
    ("disc_problems", "radiating_leg_pain"),
    ("exercises_overview", "core_stabilisation"),
    ("exercises_overview", "mobility"),
    ("heat_or_ice", "medication"),
    ("imaging", "professional_treatment"),
    ("keep_running", "low_impact"),
    ("keep_running", "return_to_run"),
    ("mckenzie", "radiating_leg_pain"),
    ("mobility", "warm_up"),
    ("prevention", "risk_factors"),
    ("procedures", "biologic_injections"),
    ("procedures", "professional_treatment"),
    ("recovery_time", "keep_running"),
    ("running_form", "posture"),
    ("running_form", "shoes_surface"),
    ("stress_pain_science", "sleep_mattress"),
    ("symptoms", "causes"),
    ("symptoms", "radiating_leg_pain"),
]


def test_the_guide_has_the_forty_topics_that_others_rely_on(guide: Guide) -> None:
    assert set(guide.topics) == TOPICS
    assert len(TOPICS) == 40


def test_the_domain_has_an_intent_for_each_topic_and_for_the_rest_of_a_conversation() -> None:
    intents = read_yaml(ROOT / "domain.yml")["intents"]
    assert Counter(intents) == Counter({*DIALOGUE, *(f"ask_{topic}" for topic in TOPICS)})


def test_no_entry_claims_a_review_that_has_not_happened(guide: Guide) -> None:
    entries = [*guide.topics.values(), *guide.exercises.values(), *guide.myths.values()]
    assert [entry.id for entry in entries if entry.reviewed] == []


def test_each_topic_leads_on_to_two_to_four_others(guide: Guide, topic_id: str) -> None:
    related = guide.topics[topic_id].related
    assert 2 <= len(related) <= 4
    assert len(set(related)) == len(related)


def test_each_topic_is_led_to_by_another(guide: Guide, topic_id: str) -> None:
    assert any(topic_id in topic.related for topic in guide.topics.values())


@pytest.mark.parametrize(("one", "other"), OVERLAPPING)
def test_topics_that_overlap_lead_to_each_other(guide: Guide, one: str, other: str) -> None:
    assert other in guide.topics[one].related
    assert one in guide.topics[other].related


def test_an_exercise_is_shown_by_the_topic_that_teaches_it(guide: Guide, exercise_id: str) -> None:
    assert exercise_id in guide.topics[guide.exercises[exercise_id].topic].exercises


def test_a_myth_is_shown_by_the_topic_that_answers_it(guide: Guide) -> None:
    astray = [m.id for m in guide.myths.values() if m.id not in guide.topics[m.topic].myths]
    assert astray == []


def test_an_exercise_is_found_by_its_name_and_by_each_alias(guide: Guide, exercise_id: str) -> None:
    exercise = guide.exercises[exercise_id]
    for name in (exercise.name, *exercise.aliases):
        for text in (name, name.upper(), f"so how do i do {name}?", f"{name}, after a run"):
            assert guide.exercise_named_in(text) == exercise, text


def test_no_two_exercises_share_a_name(guide: Guide) -> None:
    names = Counter(
        name
        for exercise in guide.exercises.values()
        for name in {re.sub(r"\W+", " ", n.lower()) for n in (exercise.name, *exercise.aliases)}
    )
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize(
    "text", ["", "?!", "the squatters", "a visit to cambridges", "cobras", "deadbugged", "plank"]
)
def test_an_exercise_is_not_found_inside_other_words(guide: Guide, text: str) -> None:
    assert guide.exercise_named_in(text) is None


def test_the_longest_name_in_a_text_wins(guide: Guide) -> None:
    found = guide.exercise_named_in("are bridges or side bridges better")
    assert found == guide.exercises["side_plank"]


def test_a_source_is_cited_with_its_year_if_it_has_one(guide: Guide) -> None:
    dated = next(source for source in guide.sources.values() if source.year)
    undated = next(source for source in guide.sources.values() if not source.year)
    assert dated.cited == f"{dated.name} ({dated.year})"
    assert undated.cited == undated.name


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("One\nline.\n\nNext.", ("One line.", "Next.")),
        ("Three:\n- a\n- b\n  goes on\n- c", ("Three:\n- a\n- b goes on\n- c",)),
        ("One.\n \t\n\n\nNext.\n", ("One.", "Next.")),
        ("  \n\n ", ()),
    ],
)
def test_lines_of_a_paragraph_are_joined_and_lists_stay(
    text: str, paragraphs: tuple[str, ...]
) -> None:
    assert paragraphs_of(text) == paragraphs
