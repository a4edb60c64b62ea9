"""Which intent a message has: kernel ridge regression over its meaning and its spelling.

Two messages are alike when they are near in meaning, by sentence vectors and peaks (a Gaussian
kernel), and when they share pieces of words and words (a linear kernel on counts weighted by
rarity). The regression weighs every training example; for a new message the linear half folds into
one row of weights a piece, so only its meaning is compared with the examples. No step is random.

A high score is not enough: a message that is far from all examples in scope is declined, however
well its words fit one of them ("core i7" is no core exercise).

`docs/nlu.md` compares this with other models.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray

from backstride.embeddings.embedder import Comparer
from backstride.embeddings.graph import build_comparison
from backstride.spelling_features import Floats, SpellingFeatures

_ROWS = 512  # examples compared at once while training
_DENSE = 1000  # features, the commonest first
_NEAREST = 5  # how far a message is from the examples: the mean cosine of so many
_OUT_OF_SIGHT = 9.0  # more than any two cosines differ
_SMALLEST = 1e-9  # nothing is divided by less
_NUMBERS_FILE = "intents.npz"
_COMPARISON_FILE = "comparison.onnx"
_SPELLING = "of_spelling_"  # what the names of its arrays begin with
OUT_OF_SCOPE = "out_of_scope"
_NEVER_DECLINED = "report_red_flag"


@dataclass(frozen=True)
class Settings:
    """What the regression is made with.

    Attributes:
        nearness: how fast likeness in meaning falls off: it is exp(nearness * (cosine - 1)).
        peaks: weight of the peaks beside the sentence vector.
        pieces: weight of shared pieces of words against meaning.
        words: weight of shared words and pairs of words.
        ridge: how little the regression trusts a single example.
        commonest: pieces and words kept, the commonest first.
    """

    nearness: float = 2.5
    peaks: float = 0.7
    pieces: float = 0.5
    words: float = 0.15
    ridge: float = 0.05
    commonest: int = 20000


@dataclass(frozen=True)
class Calibration:
    """What turns scores into confidences; `benchmarks.nlu.thresholds` measures both.

    Attributes:
        sharpness: a confidence is the softmax of the scores times this.
        strange_below: a message whose nearness to the examples in scope is below is declined.
    """

    sharpness: float
    strange_below: float


@dataclass(frozen=True)
class Meaning:
    """Takes sentence vectors and peaks to rows that are compared, half as long as both.

    Attributes:
        centre: the mean peaks of the examples; what is common to all says nothing.
        axes: the directions in which examples differ most, a column each.
        weight: of the peaks beside the sentence vector.
    """

    centre: Floats
    axes: Floats
    weight: float

    @classmethod
    def learn(cls, vectors: Floats, weight: float) -> Meaning:
        """From the vectors of the examples."""
        width = vectors.shape[1] // 2
        whole = cls(vectors[:, width:].mean(axis=0), np.eye(2 * width, dtype=np.float32), weight)
        joined = whole.of(vectors)
        _, axes = np.linalg.eigh(joined.T @ joined)  # from the least difference to the most
        return cls(whole.centre, np.ascontiguousarray(axes[:, width:]), weight)

    def of(self, vectors: Floats) -> Floats:
        """Rows of unit length."""
        sentences, peaks = np.split(vectors, 2, axis=1)
        joined = np.hstack([sentences, self.weight * _unit(peaks - self.centre)])
        return _unit(joined @ self.axes)


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _SMALLEST)
    return unit


@dataclass(frozen=True)
class IntentModel:
    """A fitted regression.

    Attributes:
        intents: the names, in the order of all columns.
        labels: the intent of each training example.
        comparer: compares the meaning of a text with that of each training example.
        meaning: what takes a vector to that.
        weights: what each example adds to each intent.
        spelling: the features of spelling.
        spelling_weights: what each of these adds to each intent.
        shares: the share of each intent in the training data.
        settings: what it was made with.
    """

    intents: tuple[str, ...]
    labels: NDArray[np.int64]
    comparer: Comparer
    meaning: Meaning
    weights: Floats
    spelling: SpellingFeatures
    spelling_weights: Floats
    shares: Floats
    settings: Settings

    def scores(self, text: str, vector: Floats) -> tuple[Floats, Floats]:
        """How strongly a text calls for each intent (about 0 to 1), and its cosine to each example.

        Args:
            text: the message.
            vector: its sentence vector and peaks, as the embedder makes them.
        """
        cosines: Floats = self._cosines(vector[np.newaxis])[0]
        return self._scores(text, cosines), cosines

    def _cosines(self, vectors: Floats) -> Floats:
        return self.comparer.products(self.meaning.of(vectors))

    def _scores(self, text: str, cosines: Floats) -> Floats:
        likeness = np.exp(self.settings.nearness * (cosines - 1))
        columns, values = self.spelling.row(text)
        scores: Floats = likeness @ self.weights + values @ self.spelling_weights[columns]
        return scores + self.shares

    def nearness(self, cosines: Floats) -> float:
        """How near the nearest examples in scope are."""
        known = cosines - self._far
        # One by one, which takes a sixth of the time of a partition.
        places = []
        for _ in range(min(_NEAREST, self._in_scope)):
            places.append(int(known.argmax()))
            known[places[-1]] = -_OUT_OF_SIGHT
        return float(cosines[places].mean()) if places else 0.0

    @cached_property
    def _far(self) -> Floats:
        """What is taken from the cosine of each example, so that no stranger is the nearest."""
        strange = np.array([name == OUT_OF_SCOPE for name in self.intents])
        return np.where(strange[self.labels], _OUT_OF_SIGHT, 0).astype(np.float32)

    @cached_property
    def _in_scope(self) -> int:
        return int(np.count_nonzero(self._far == 0))

    def rank(self, text: str, vector: Floats, calibration: Calibration) -> list[tuple[str, float]]:
        """All intents with their confidences, the likeliest first: see `rank_each`."""
        return self.rank_each([text], vector[np.newaxis], calibration)[0]

    def rank_each(
        self, texts: Sequence[str], vectors: Floats, calibration: Calibration
    ) -> list[list[tuple[str, float]]]:
        """For each text all intents with their confidences, the likeliest first.

        What is declined for being strange is declined for sure: no doubt about which intent it
        would be, were it in scope, may turn it into a question.
        """
        all_cosines = self._cosines(vectors)
        return [
            self._rank(text, cosines, calibration)
            for text, cosines in zip(texts, all_cosines, strict=True)
        ]

    def _rank(
        self, text: str, cosines: Floats, calibration: Calibration
    ) -> list[tuple[str, float]]:
        confidences = softmax(calibration.sharpness * self._scores(text, cosines))
        order = np.argsort(-confidences)
        names = (self.intents[i] for i in order.tolist())
        ranking = list(zip(names, confidences[order].tolist(), strict=True))
        strange = self.nearness(cosines) < calibration.strange_below
        if strange and ranking[0][0] != _NEVER_DECLINED:
            ranking = [pair for pair in ranking if pair[0] != OUT_OF_SCOPE]
            ranking.insert(0, (OUT_OF_SCOPE, 1.0))
        return ranking

    def save(self, folder: Path) -> None:
        """Write two files without pickled objects: what is compared with, and all other numbers."""
        self.comparer.save(folder / _COMPARISON_FILE)
        np.savez(
            folder / _NUMBERS_FILE,
            intents=np.array(self.intents),
            labels=self.labels,
            centre=self.meaning.centre,
            axes=self.meaning.axes,
            weights=self.weights,
            spelling_weights=self.spelling_weights,
            shares=self.shares,
            settings=np.array([*vars(self.settings).values()], dtype=np.float64),
            **{f"{_SPELLING}{name}": array for name, array in self.spelling.arrays().items()},
        )


def softmax(scores: Floats) -> NDArray[np.float64]:
    """Shares that add up to 1."""
    powers = np.exp(scores.astype(np.float64) - scores.max())
    shares: NDArray[np.float64] = powers / powers.sum()
    return shares


def load_intents(folder: Path) -> IntentModel:
    """What `save` wrote."""
    with np.load(folder / _NUMBERS_FILE) as file:
        arrays: dict[str, Any] = dict(file)
    nearness, peaks, pieces, words, ridge, commonest = arrays["settings"].tolist()
    settings = Settings(nearness, peaks, pieces, words, ridge, int(commonest))
    spelling = {
        name.removeprefix(_SPELLING): array
        for name, array in arrays.items()
        if name.startswith(_SPELLING)
    }
    return IntentModel(
        intents=tuple(str(name) for name in arrays["intents"]),
        labels=arrays["labels"],
        comparer=Comparer(folder / _COMPARISON_FILE),
        meaning=Meaning(arrays["centre"], arrays["axes"], peaks),
        weights=arrays["weights"],
        spelling=SpellingFeatures.of_arrays(spelling),
        spelling_weights=arrays["spelling_weights"],
        shares=arrays["shares"],
        settings=settings,
    )


def fit_intents(
    texts: Sequence[str], names: Sequence[str], vectors: Floats, settings: Settings
) -> IntentModel:
    """The regression for these examples.

    Args:
        texts: the examples.
        names: their intents.
        vectors: a row each, half of it the sentence vector, half the peaks.
        settings: how it is made.
    """
    intents, labels = np.unique(np.array(names), return_inverse=True)
    shares_of_kinds = (settings.pieces, settings.words)
    spelling, rows = SpellingFeatures.learn(texts, shares_of_kinds, settings.commonest)
    meaning = Meaning.learn(vectors, settings.peaks)
    meanings = meaning.of(vectors)
    kernel = _kernel(meanings, rows, settings)
    kernel[np.diag_indices(len(texts))] += settings.ridge
    targets = np.zeros((len(texts), len(intents)), dtype=np.float32)
    targets[np.arange(len(texts)), labels] = 1
    shares = targets.mean(axis=0)
    factor = scipy.linalg.cholesky(kernel, lower=True, overwrite_a=True, check_finite=False)
    weights = scipy.linalg.cho_solve((factor, True), targets - shares, check_finite=False)
    return IntentModel(
        intents=tuple(str(name) for name in intents),
        labels=labels,
        comparer=Comparer(build_comparison(meanings)),
        meaning=meaning,
        weights=weights.astype(np.float32),
        spelling=spelling,
        spelling_weights=(rows.T @ weights).astype(np.float32),
        shares=shares,
        settings=settings,
    )


def _kernel(vectors: Floats, rows: scipy.sparse.csr_matrix, settings: Settings) -> Floats:
    """How alike the examples are; only the lower half is filled in, by blocks of rows."""
    count = len(vectors)
    kernel = np.zeros((count, count), dtype=np.float32, order="F")
    # Nearly all meetings are in a few features, for which a plain product is the faster one.
    order = np.argsort(-np.bincount(rows.indices, minlength=rows.shape[1]), kind="stable")
    common, rare = rows[:, order[:_DENSE]].toarray(), rows[:, order[_DENSE:]]

    def fill(start: int) -> None:
        end = min(start + _ROWS, count)
        block = settings.nearness * (vectors[start:end] @ vectors[:end].T - 1)
        np.exp(block, out=block)
        block += common[start:end] @ common[:end].T
        block += (rare[start:end] @ rare[:end].T).toarray()
        kernel[start:end, :end] = block

    # Side by side: products let other threads run.
    with ThreadPoolExecutor() as pool:
        list(pool.map(fill, range(0, count, _ROWS)))
    return kernel
