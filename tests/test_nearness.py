"""Nearness learns from phrasings, and a long text is as near as its nearest sentence."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
from rasa.shared.nlu.training_data.message import Message

from backstride.danger_examples import message_files, read_examples
from backstride.nearness import (
    Weights,
    features,
    is_marked,
    learn,
    likely,
    marks,
    nearness,
    odds,
    places_of,
)
from backstride.questions import whole_and_pieces
from backstride.rasa import danger_signs
from backstride.rasa.danger_signs import DangerSigns
from backstride.tokens import split_words

NUMB = ["my groin is numb", "numb groin since monday", "groin gone numb", "so numb in the groin"]
FINE = ["which shoes to buy", "shoes for trails", "how many miles a week", "a plan for ten miles"]


def vector(text: str) -> np.ndarray:
    return np.array([text.count("numb"), 1.0], dtype=np.float32)


def near(weights: Weights, *texts: str) -> float:
    return nearness(weights, map(places_of, texts), np.stack([vector(text) for text in texts]))


@pytest.fixture(scope="module")
def weights() -> Weights:
    texts = [*NUMB, *FINE]
    rows = features(texts, [vector(t) for t in texts])
    return learn(rows, [True] * len(NUMB) + [False] * len(FINE))


def test_what_was_learnt_is_near_and_the_rest_is_far(weights: Weights) -> None:
    assert near(weights, "the groin feels numb today") > 0.5
    assert near(weights, "a plan and shoes for the week") < 0.5


def test_a_slip_of_the_thumb_stays_near(weights: Weights) -> None:
    assert near(weights, "my groyn is nummb") > near(weights, "my shoes are muddy")


def test_the_whole_and_the_nearest_piece_count_alike(weights: Weights) -> None:
    whole, far, nearest = "which shoes to buy. my groin is numb", "which shoes", "my groin is numb"
    score = (odds(near(weights, whole)) + odds(near(weights, nearest))) / 2
    assert near(weights, whole, far, nearest) == pytest.approx(likely(score))
    assert near(weights, whole, far, nearest) > near(weights, whole)


def test_what_was_learnt_about_the_mood_of_one_sign_holds_for_others() -> None:
    told = ["i have gripp", "my throb has begun", "i have splat now", "my clunk has come back"]
    asked = [
        "what if i had gripp",
        "can you have throb",
        "what if i get splat",
        "can clunk come back",
    ]
    texts = [*told, *asked]
    weights = learn(features(texts, [np.zeros(2, np.float32)] * 8), [True] * 4 + [False] * 4)
    fresh = {
        t: nearness(weights, [places_of(t)], np.zeros((1, 2)))
        for t in ("i have womp", "what if i had womp")
    }
    assert fresh["i have womp"] > 0.5 > fresh["what if i had womp"]


def test_a_text_without_words_is_read_without_harm(weights: Weights) -> None:
    assert 0 <= near(weights, "?!") <= 1


def test_the_same_words_are_known_again_and_others_are_not() -> None:
    known = frozenset(marks(["Goodbye!", "thanks, that is all"]).tolist())
    assert is_marked(known, "goodbye") and is_marked(known, "THANKS that is all :)")
    assert not is_marked(known, "goodbye to all of you")


def test_known_words_quieten_nearness_and_never_an_exception_to_a_no() -> None:
    component = DangerSigns({}, None, None)
    exception = "none of these except the last one"
    near = {"intent": "goodbye", "danger": 0.9, "crisis": 0.9}
    assert component._doubts(near, "goodbye", [], []) == ["RF-32"]
    component._harmless = frozenset(marks(["goodbye", exception]).tolist())
    assert component._doubts(near, "goodbye", [], []) == []
    assert component._doubts({**near, "intent": "deny"}, exception, [], []) == ["report_red_flag"]


@pytest.mark.parametrize(
    ("confidence", "intent"), [(0.6, "ask_myths"), (0.1, "ask_myths"), (0.05, "nlu_fallback")]
)
def test_what_steps_up_for_a_sign_that_was_taken_back_must_be_likely_enough(
    confidence: float, intent: str
) -> None:
    component = DangerSigns({"unsure_below": 0.35}, None, None)
    ranking = [
        {"name": "report_red_flag", "confidence": 0.8},
        {"name": "ask_myths", "confidence": confidence},
        *({"name": f"ask_{number}", "confidence": 0.03} for number in range(4)),
    ]
    message = Message({"intent": ranking[0], "intent_ranking": ranking})
    component._take_back_intent(message)
    assert message.get("intent")["name"] == intent
    likelihoods = [i["confidence"] for i in message.get("intent_ranking")]
    assert sum(likelihoods[intent == "nlu_fallback" :]) == pytest.approx(1)


def test_an_intent_of_another_kind_is_not_taken_back() -> None:
    component = DangerSigns({"unsure_below": 0.35}, None, None)
    ranking = [{"name": "greet", "confidence": 0.3}, {"name": "report_red_flag", "confidence": 0.2}]
    message = Message({"intent": ranking[0], "intent_ranking": ranking})
    component._take_back_intent(message)
    assert message.get("intent") == ranking[0]


def test_rasa_trains_it_anew_when_what_it_learns_from_or_with_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unchanged = DangerSigns.fingerprint_addon({})
    assert DangerSigns.fingerprint_addon({}) == unchanged
    for name in ("NO_SIGNS", "FRAME_WORDS"):
        copy = tmp_path / name
        copy.write_text(getattr(danger_signs, name).read_text("utf-8") + "  - a new one\n", "utf-8")
        with monkeypatch.context() as changed:
            changed.setattr(danger_signs, name, copy)
            assert DangerSigns.fingerprint_addon({}) != unchanged
    with monkeypatch.context() as changed:
        changed.setattr(danger_signs, "message_files", lambda: message_files()[1:])
        assert DangerSigns.fingerprint_addon({}) != unchanged
    real = inspect.getfile
    for code in (learn, split_words, whole_and_pieces, read_examples):
        edited = tmp_path / "code.py"
        edited.write_text(Path(inspect.getfile(code)).read_text("utf-8") + "# new\n", "utf-8")
        with monkeypatch.context() as changed:
            changed.setattr(
                inspect, "getfile", lambda c, e=edited, code=code: e if c is code else real(c)
            )
            assert DangerSigns.fingerprint_addon({}) != unchanged, code.__name__


@pytest.mark.parametrize(("danger", "intent"), [(0.8, "ask_myths"), (0.95, "report_red_flag")])
def test_a_question_leaves_what_else_the_message_may_be_about(
    monkeypatch: pytest.MonkeyPatch, danger: float, intent: str
) -> None:
    component = DangerSigns({**DangerSigns.get_default_config(), "suspect_at": 0.1}, None, None)
    nets = {"intent": "report_red_flag", "confidence": 0.5, "danger": danger, "crisis": 0.0}
    monkeypatch.setattr(component, "_nets", lambda message: nets)
    ranking = [
        {"name": "report_red_flag", "confidence": 0.5},
        {"name": "ask_myths", "confidence": 0.4},
    ]
    text = "is it true that cracking joints is bad"
    message = Message({"text": text, "intent": ranking[0], "intent_ranking": ranking})
    component._mark(message, text)
    # Either way the question is asked.
    assert [e["entity"] for e in message.get("entities")] == ["suspected_red_flag"]
    assert message.get("intent")["name"] == intent
    assert message.get("intent_ranking")[0]["name"] == intent
