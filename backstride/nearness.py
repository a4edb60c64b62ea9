"""How much a sentence sounds like one that tells of a danger sign, learnt from phrasings.

Three views are added up in one logistic regression: the sentence vector (what it means), words and
pairs of words (how people put it), and pieces of words (slips of the thumb). Words and pieces have
no list of their own: each has a place by its checksum.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from backstride.tokens import split_words

_WORD_PLACES, _PIECE_PLACES = 1 << 14, 1 << 15
_PIECES = (3, 4, 5)  # letters
_VECTOR_SHARE = 1.5  # the weight of the sentence vector beside the two others
_STRENGTH = 10.0  # inverse of the regularisation
Weights = dict[str, NDArray[Any]]
Places = tuple[NDArray[np.int64], NDArray[np.int64]]  # of words, and of pieces of words


def features(
    texts: Sequence[str], vectors: Sequence[NDArray[np.float32]]
) -> scipy.sparse.csr_matrix:
    """One row for each text: vector, words and pieces."""
    rows = [_row(text, vector) for text, vector in zip(texts, vectors, strict=True)]
    columns, values = zip(*rows, strict=True)
    ends = np.cumsum([0, *map(len, columns)])
    width = len(vectors[0]) + _WORD_PLACES + _PIECE_PLACES
    return scipy.sparse.csr_matrix(
        (np.concatenate(values), np.concatenate(columns), ends), shape=(len(rows), width)
    )


def learn(rows: scipy.sparse.csr_matrix, right: Sequence[bool]) -> Weights:
    """Weights that tell the rows of the right texts from the others."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=_STRENGTH, class_weight="balanced", solver="liblinear", max_iter=2000
    )
    model.fit(rows, list(right))
    return {
        "coefficients": model.coef_[0].astype(np.float32),
        "intercept": model.intercept_.astype(np.float32),
    }


def nearness(weights: Weights, places: Iterable[Places], vectors: NDArray[np.float32]) -> float:
    """The highest score of some texts, from 0 to 1; `places_of` gives the places of each."""
    coefficients = weights["coefficients"]
    best = -np.inf
    for (words, pieces), vector in zip(places, vectors, strict=True):
        score = _VECTOR_SHARE * float(vector @ coefficients[: len(vector)])
        for start, found in ((len(vector), words), (len(vector) + _WORD_PLACES, pieces)):
            score += float(coefficients[start:][found].sum()) * _share(found)
        best = max(best, score)
    return float(1 / (1 + np.exp(-(best + weights["intercept"][0]))))


def marks(texts: Iterable[str]) -> NDArray[np.int64]:
    """One number for each different row of words, by which the same words are known again."""
    return np.array(sorted({_mark(text) for text in texts}), dtype=np.int64)


def is_marked(known: frozenset[int], text: str) -> bool:
    """Whether the words of this text are among those that `marks` was given."""
    return _mark(text) in known


def _mark(text: str) -> int:
    words = " ".join(split_words(text).words).encode()
    return int.from_bytes(blake2b(words, digest_size=8).digest(), "big", signed=True)


def _row(text: str, vector: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The columns of a text and their values."""
    words, pieces = places_of(text)
    start = len(vector)
    columns = (np.arange(start), start + words, start + _WORD_PLACES + pieces)
    shares = (np.full(len(places), _share(places)) for places in (words, pieces))
    values = np.concatenate([_VECTOR_SHARE * vector, *shares]).astype(np.float32)
    return np.concatenate(columns), values


def places_of(text: str) -> Places:
    """The places of the words, neighbours and next neighbours, and of the pieces of words."""
    words = split_words(text).words
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    skips = [f"{a}_{b}" for a, b in zip(words, words[2:], strict=False)]
    whole = f" {' '.join(words)} "
    pieces = {whole[i : i + n] for n in _PIECES for i in range(len(whole) - n + 1)}
    return _places((*words, *pairs, *skips), _WORD_PLACES), _places(pieces, _PIECE_PLACES)


def _places(texts: Iterable[str], places: int) -> NDArray[np.int64]:
    return np.array(sorted({zlib.crc32(text.encode()) % places for text in texts}), dtype=np.int64)


def _share(places: NDArray[np.int64]) -> float:
    """What each of these places counts, so that a long text counts no more than a short one."""
    return 1 / sqrt(len(places) or 1)
