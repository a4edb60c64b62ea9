"""What a runner may never read is found, with file and cure; harmless neighbours are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from backstride import check_guide
from backstride.check_guide import check_responses, check_text, check_texts
from backstride.content import ContentError
from backstride.guide import Guide
from backstride.paths import DATA
from backstride.readability import ANSWER_GRADE, EMERGENCY_GRADE, allowed_words, grade

WHERE = "guide/topics/heat_or_ice.yml: short"
HARD = (
    "Comprehensive multidisciplinary rehabilitation programmes demonstrate considerable"
    " superiority over conventional physiological interventions administered individually."
)
MIDDLING = (
    "Go to the hospital this evening if your temperature is high, because an infection can"
    " become serious within hours. Somebody should travel with you."
)


@pytest.mark.parametrize(
    ("text", "found", "cure"),
    [
        ("Take 400 mg with food.", "400 mg", "Remove the dose"),
        ("Take 400mg with food.", "400mg", "Remove the dose"),
        ("Take two tablets at night.", "two tablets", "Remove the dose"),
        ("A tablet every few hours.", "tablet every", "Remove the dose"),
        ("It means you have a slipped disc.", "you have a ", "Say what the signs can mean"),
        ("So you have sciatica.", "you have ", "Say what the signs can mean"),
        ("Your back will heal.", "back will heal", "Say what often happens"),
        ("The pain will go away.", "pain will go away", "Say what often happens"),
        ("You will recover.", "You will recover", "Say what often happens"),
        ("Call 111 today.", "111", "Write 'NHS 111 (UK)'"),
        ("Call 111 in the UK.", "111", "Write 'NHS 111 (UK)'"),
        ("Keep **moving**.", "*", "Use plain words"),
        ("- _Rest_ is out.", "_", "Use plain words"),
        ("See [the guide].", "[", "Use plain words"),
        ("See https://nhs.uk.", "https:", "Use plain words"),
        ("See www.nhs.uk.", "www.", "Use plain words"),
    ],
)
def test_a_forbidden_text_is_found_with_place_and_cure(text: str, found: str, cure: str) -> None:
    (fault,) = check_text(WHERE, text)
    assert fault.startswith(f"{WHERE}: '{found}' ")
    assert cure in fault


@pytest.mark.parametrize(
    "text",
    [
        "Stand up often if you have to sit.",
        "If you have any doubt, ask.",
        "If you have pain at night, ask.",
        "Call NHS 111 (UK) today.",
        "Call 111 in New Zealand.",
        "In pooled studies it was 1110 people.",
        "Keep it on for 15 to 20 minutes.",
        "Run 400 metres, then walk.",
        "It often heals within weeks.",
        "A pharmacist can tell which tablets are safe.",
        "Walk (slowly) & keep on: it's fine - mostly.",
    ],
)
def test_a_harmless_text_is_not_found(text: str) -> None:
    assert list(check_text(WHERE, text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "You've got a slipped disc.",
        "You'll recover.",
        "Your disc will heal.",
        "Take 1 g of paracetamol.",
        "Take half a tablet.",
        "You have a back strain.",
        "You\u2019ve got a slipped disc.",
        "Call NHS 111 today.",
        "You will soon heal.",
    ],
)
def test_a_forbidden_text_in_other_words_is_found_too(text: str) -> None:
    assert list(check_text(WHERE, text)) != []


@pytest.mark.parametrize(
    "text",
    [
        "If you have a fever, get help.",
        "It followed 1,111 runners.",
        "Once you have a fever, get help.",
        "You've got to rest.",
        "If you have osteoporosis, ask.",
        "Call NHS 111 in the UK.",
        "Most people will recover.",
    ],
)
def test_a_harmless_text_with_an_article_or_a_separator_is_not_found(text: str) -> None:
    assert list(check_text(WHERE, text)) == []


def test_a_hard_text_is_found_with_its_grade_and_the_limit() -> None:
    (fault,) = check_text(WHERE, HARD)
    assert fault.startswith(f"{WHERE}: reading grade ")
    assert f"{ANSWER_GRADE:.0f} is allowed. Use shorter sentences" in fault


def test_a_few_words_have_no_grade() -> None:
    assert list(check_text(WHERE, "Multidisciplinary rehabilitation programmes")) == []


def test_an_allowed_word_reads_like_a_short_one() -> None:
    assert "physiotherapist" in allowed_words()
    assert grade("Ask a physiotherapist today.") == grade("Ask a back today.")


def test_the_items_of_a_list_read_like_sentences() -> None:
    listed = grade("Get help for:\n- a numb leg\n- a weak foot\n- a high fever")
    assert listed < grade("Get help for: a numb leg, a weak foot, a high fever")


# Responses


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(check_guide, "ROOT", tmp_path)
    return tmp_path


def faults_of(folder: Path, variant: dict[str, Any], file: str = "conversation") -> list[str]:
    responses = {"responses": {"utter_x": [{"text": "Fine."}, variant]}}
    (folder / f"{file}.yml").write_text(yaml.safe_dump(responses), encoding="utf-8")
    return list(check_responses(folder))


def buttons(count: int) -> list[dict[str, str]]:
    return [{"title": str(n), "payload": "/greet"} for n in range(count)]


def test_a_sound_response_has_no_fault(folder: Path) -> None:
    assert faults_of(folder, {"text": "One line.\nNext line.", "buttons": buttons(5)}) == []


def test_a_forbidden_word_in_any_variant_of_a_response_is_found(folder: Path) -> None:
    (fault,) = faults_of(folder, {"text": "Call 111."})
    assert fault.startswith("conversation.yml: utter_x: '111' ")


def test_a_blank_line_in_a_response_is_found(folder: Path) -> None:
    (fault,) = faults_of(folder, {"text": "One.\n\nTwo."})
    assert fault == "conversation.yml: utter_x: has a blank line, which channels split. Remove it."


def test_six_buttons_in_a_response_are_found(folder: Path) -> None:
    (fault,) = faults_of(folder, {"text": "Pick.", "buttons": buttons(6)})
    assert fault == "conversation.yml: utter_x: has more than 5 buttons. Remove some."


def test_a_text_for_danger_signs_must_be_easier_than_others(folder: Path) -> None:
    assert EMERGENCY_GRADE < grade(MIDDLING) <= ANSWER_GRADE
    assert faults_of(folder, {"text": MIDDLING}) == []
    (fault,) = faults_of(folder, {"text": MIDDLING}, file="danger_signs")
    assert "danger_signs.yml: utter_x: reading grade" in fault
    assert f"{EMERGENCY_GRADE:.0f} is allowed" in fault


# The whole


def test_the_real_guide_and_responses_have_no_faults(guide: Guide) -> None:
    assert [*check_texts(guide), *check_responses(DATA / "responses")] == []


def test_each_kind_of_entry_is_checked(guide: Guide) -> None:
    topic, exercise = guide.topics["heat_or_ice"], guide.exercises["side_plank"]
    myth = guide.myths["M1"]
    dose = {"text": "Take 400 mg.", "sources": ("SEED",)}
    part = topic.parts["how"].copy(update=dose)
    broken = Guide(
        topics={topic.id: topic.copy(update={"parts": {**topic.parts, "how": part}})},
        exercises={exercise.id: exercise.copy(update={"steps": ("Take 400 mg.",)})},
        myths={myth.id: myth.copy(update={"why": "Take 400 mg."})},
        sources=guide.sources,
    )
    places = [fault.split(": '")[0] for fault in check_texts(broken)]
    assert places == [
        "guide/topics/heat_or_ice.yml: parts.how",
        "guide/exercises/side_plank.yml: steps",
        "guide/myths.yml: M1.why",
    ]


def test_the_words_around_the_answers_are_checked_but_not_what_people_type(
    guide: Guide, guide_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = guide_folder / "wording.yml"
    wording = yaml.safe_load(path.read_text(encoding="utf-8"))
    wording["disclaimers"]["pharmacist"][1] = "Take 400 mg."
    wording["parts"]["how"]["asked"].append("400 mg")
    path.write_text(yaml.safe_dump(wording), encoding="utf-8")
    monkeypatch.setattr(check_guide, "GUIDE", guide_folder)
    (fault,) = check_texts(guide)
    assert fault.startswith("guide/wording.yml: disclaimers.pharmacist: '400 mg' ")


def test_the_check_passes_for_the_real_guide(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_guide.main() == 0
    assert "The guide is sound: 40 topics" in capsys.readouterr().out


def test_the_check_fails_and_prints_each_fault_of_a_broken_guide(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Guide:
        raise ContentError("a.yml: id: is missing.\nb.yml: id: is missing.")

    monkeypatch.setattr(check_guide, "load_guide", broken)
    assert check_guide.main() == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == ["a.yml: id: is missing.", "b.yml: id: is missing."]
    assert printed[2].startswith("2 faults")
