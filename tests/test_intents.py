"""The intent model on a few made-up examples: no sentence model is needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from backstride.intents import (
    Calibration,
    IntentModel,
    Settings,
    fit_intents,
    load_intents,
)
from backstride.spelling_features import SpellingFeatures

EXAMPLES = [
    ("is ice good for it", "ask_heat_or_ice"),
    ("ice or a hot bath", "ask_heat_or_ice"),
    ("how long do i ice it", "ask_heat_or_ice"),
    ("which shoes are best", "ask_shoes_surface"),
    ("are old shoes bad", "ask_shoes_surface"),
    ("shoes for wide feet", "ask_shoes_surface"),
    ("weather in rome", "out_of_scope"),
    ("tell me a joke", "out_of_scope"),
    ("i can't feel my feet", "report_red_flag"),
]
TEXTS = [text for text, _ in EXAMPLES]
NAMES = [name for _, name in EXAMPLES]
ALWAYS = Calibration(sharpness=10, strange_below=-1)


def _vectors(names: list[str]) -> NDArray[np.float32]:
    """One direction an intent, and a little of its own for each text."""
    kinds = sorted(set(NAMES))
    vectors = np.eye(128, dtype=np.float32)[[kinds.index(name) for name in names]]
    vectors += 0.3 * np.eye(128, dtype=np.float32)[10 : 10 + len(names)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.hstack([vectors, vectors])  # the sentence vectors, and the same as peaks


VECTORS = _vectors(NAMES)
FAR = np.tile(np.eye(128, dtype=np.float32)[100], 2)


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return fit_intents(TEXTS, NAMES, VECTORS, Settings())


def test_each_example_is_known_again(model: IntentModel) -> None:
    for (text, name), vector in zip(EXAMPLES, VECTORS, strict=True):
        assert model.rank(text, vector, ALWAYS)[0][0] == name


def test_spelling_decides_where_the_meaning_is_unknown(model: IntentModel) -> None:
    assert model.rank("ice", FAR, ALWAYS)[0][0] == "ask_heat_or_ice"
    assert model.rank("shoez", FAR, ALWAYS)[0][0] == "ask_shoes_surface"


def test_confidences_add_up_to_one_and_fall(model: IntentModel) -> None:
    ranking = model.rank("shoes", VECTORS[3], ALWAYS)
    confidences = [confidence for _, confidence in ranking]
    assert sum(confidences) == pytest.approx(1)
    assert confidences == sorted(confidences, reverse=True)
    assert {name for name, _ in ranking} == set(NAMES)


def test_what_is_far_from_all_examples_is_declined(model: IntentModel) -> None:
    strict = Calibration(sharpness=10, strange_below=0.2)
    declined = model.rank("shoes", FAR, strict)
    assert declined[0] == ("out_of_scope", 1.0)
    assert declined[1][0] == "ask_shoes_surface"
    assert [name for name, _ in declined].count("out_of_scope") == 1
    assert model.rank("shoes", VECTORS[3], strict)[0][0] == "ask_shoes_surface"


def test_a_danger_sign_is_never_declined_for_being_strange(model: IntentModel) -> None:
    strict = Calibration(sharpness=10, strange_below=1.1)
    assert model.rank(TEXTS[-1], VECTORS[-1], strict)[0][0] == "report_red_flag"


def test_the_fit_is_the_solution_of_the_ridge_equation(model: IntentModel) -> None:
    kinds = (model.settings.pieces, model.settings.words)
    rows = SpellingFeatures.learn(TEXTS, kinds, model.settings.commonest)[1].toarray()
    sentences, peaks = np.split(VECTORS, 2, axis=1)
    peaks = peaks - peaks.mean(axis=0)
    peaks /= np.linalg.norm(peaks, axis=1, keepdims=True)
    weight = model.settings.peaks**2
    # No axis is lost: there are fewer examples than axes.
    cosines = (sentences @ sentences.T + weight * peaks @ peaks.T) / (1 + weight)
    kernel = np.exp(model.settings.nearness * (cosines - 1)) + rows @ rows.T
    targets = np.array([[name == intent for intent in model.intents] for name in NAMES])
    residual = kernel @ model.weights + model.settings.ridge * model.weights + model.shares
    np.testing.assert_allclose(residual, targets, atol=1e-4)


def test_a_saved_model_gives_the_same_scores(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = load_intents(tmp_path)
    for text, vector in zip([*TEXTS, "new words, é & ?"], [*VECTORS, FAR], strict=True):
        np.testing.assert_array_equal(model.scores(text, vector)[0], loaded.scores(text, vector)[0])


def test_two_trainings_give_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        fit_intents(TEXTS, NAMES, VECTORS, Settings()).save(tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["comparison.onnx", "intents.npz"]
    with (
        np.load(tmp_path / "one" / "intents.npz") as one,
        np.load(tmp_path / "two" / "intents.npz") as two,
    ):
        assert one.files == two.files
        for key in one.files:
            np.testing.assert_array_equal(one[key], two[key])
    graphs = [(tmp_path / name / "comparison.onnx").read_bytes() for name in ("one", "two")]
    assert graphs[0] == graphs[1]


def test_texts_ranked_together_are_ranked_as_alone(model: IntentModel) -> None:
    together = model.rank_each(TEXTS, VECTORS, ALWAYS)
    alone = [model.rank(t, v, ALWAYS) for t, v in zip(TEXTS, VECTORS, strict=True)]
    for ranking, other in zip(together, alone, strict=True):
        assert [name for name, _ in ranking] == [name for name, _ in other]
        assert dict(ranking) == pytest.approx(dict(other), abs=1e-6)


def test_nearness_is_the_mean_of_the_five_nearest_in_scope(model: IntentModel) -> None:
    cosines = np.linspace(-1, 1, len(TEXTS), dtype=np.float32)
    in_scope = [c for c, name in zip(cosines, NAMES, strict=True) if name != "out_of_scope"]
    assert model.nearness(cosines) == pytest.approx(np.mean(sorted(in_scope)[-5:]))
    assert cosines.min() >= -1  # what was given is left as it was


def test_a_thumb_up_is_not_a_thumb_down_though_both_have_the_same_meaning() -> None:
    texts, names = ["👍", "👍👍", "👎", "👎👎"], ["affirm", "affirm", "deny", "deny"]
    vector = VECTORS[0]
    model = fit_intents(texts, names, np.stack([vector] * 4), Settings())
    ranked = [model.rank(text, vector, Calibration(10, 0))[0][0] for text in ("👍🏽", "👎")]
    assert ranked == ["affirm", "deny"]
