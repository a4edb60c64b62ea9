"""How much a sentence sounds like one that tells of a danger sign, learnt from phrasings.

Four views are added up in one logistic regression: the sentence vector (what it means), words and
pairs of words (how people put it), pieces of words (slips of the thumb), and the outline: the words
that say how it is meant, such as "if" or "last year", with a gap for all others. What was learnt
about the mood of one sign so holds for others. Words, pieces and outlines have no list of their
own: each has a place by a checksum.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate, pairwise
from math import sqrt
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from backstride.content import read_yaml
from backstride.paths import GUIDE
from backstride.tokens import split_words

FRAME_WORDS = GUIDE / "frame_words.yml"
_PIECE_BITS = 15
_WORD_PLACES, _PIECE_PLACES, _OUTLINE_PLACES = 1 << 14, 1 << _PIECE_BITS, 1 << 14
_PIECES = (3, 4, 5)  # letters
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2 to the power of 64, divided by the golden ratio
_SPREAD_SHIFT = np.uint64(64 - _PIECE_BITS)
_OUTLINES = (2, 3, 4)  # words and gaps
_GAP, _NUMBER, _START, _END = "_", "#", "<", ">"
_LENGTHS, _LENGTH_STEP = 12, 4  # classes of length, and words from one to the next
_VECTOR_SHARE = 1.5  # the weight of the sentence vector beside each of the others
_STRENGTH = 10.0  # inverse of the regularisation
_CERTAIN = 1e-4  # what is nearer to none or all is taken for this near
Weights = dict[str, NDArray[Any]]
# Of words, of pieces of words, and of the outline.
Places = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def features(
    texts: Sequence[str], vectors: Sequence[NDArray[np.float32]]
) -> scipy.sparse.csr_matrix:
    """One row for each text: vector, words, pieces and outline."""
    dimensions = len(vectors[0])
    columns: list[NDArray[np.int64]] = []
    values: list[NDArray[np.float32]] = []
    ends = [0]
    for text, vector in zip(texts, vectors, strict=True):
        views = [*_views(places_of(text), dimensions)]
        shares = [np.full(len(places), _share(places), dtype=np.float32) for _, places in views]
        values += (_VECTOR_SHARE * vector, *shares)
        columns += (np.arange(dimensions), *(start + places for start, places in views))
        ends.append(ends[-1] + dimensions + sum(map(len, shares)))
    width = dimensions + _WORD_PLACES + _PIECE_PLACES + _OUTLINE_PLACES
    return scipy.sparse.csr_matrix(
        (np.concatenate(values), np.concatenate(columns), ends), shape=(len(texts), width)
    )


def learn(rows: scipy.sparse.csr_matrix, right: Sequence[bool]) -> Weights:
    """Weights that tell the rows of the right texts from the others."""
    from sklearn.linear_model import LogisticRegression

    # The dual problem is solved in half the time; it draws lots, so they are fixed. A thirtieth of
    # this tolerance takes twice as long, and moves no score by more than 0.03.
    model = LogisticRegression(
        C=_STRENGTH,
        class_weight="balanced",
        solver="liblinear",
        dual=True,
        tol=3e-2,
        max_iter=2000,
        random_state=1,
    )
    model.fit(rows, list(right))
    return {
        "coefficients": model.coef_[0].astype(np.float32),
        "intercept": model.intercept_.astype(np.float32),
    }


def nearness(weights: Weights, places: Iterable[Places], vectors: NDArray[np.float32]) -> float:
    """The score of a text and its pieces, from 0 to 1; `places_of` gives the places of each.

    It is halfway between that of the whole, which comes first, and that of the nearest.
    """
    scores = [_score(weights, found, vector) for found, vector in zip(places, vectors, strict=True)]
    return likely((scores[0] + max(scores)) / 2)


def likely(score: float) -> float:
    """A score as a number from 0 to 1."""
    return float(1 / (1 + np.exp(-score)))


def odds(likelihood: float) -> float:
    """The score of a number from 0 to 1; what is certain counts as nearly certain."""
    kept = min(max(likelihood, _CERTAIN), 1 - _CERTAIN)
    return float(np.log(kept / (1 - kept)))


def _score(weights: Weights, found: Places, vector: NDArray[np.float32]) -> float:
    coefficients = weights["coefficients"]
    score = _VECTOR_SHARE * float(vector @ coefficients[: len(vector)])
    for start, places in _views(found, len(vector)):
        score += float(coefficients[start:][places].sum()) * _share(places)
    return score + float(weights["intercept"][0])


def marks(texts: Iterable[str]) -> NDArray[np.int64]:
    """One number for each different row of words, by which the same words are known again."""
    return np.array(sorted({_mark(text) for text in texts}), dtype=np.int64)


def is_marked(known: frozenset[int], text: str) -> bool:
    """Whether the words of this text are among those that `marks` was given."""
    return _mark(text) in known


def _mark(text: str) -> int:
    words = " ".join(split_words(text).words).encode()
    return int.from_bytes(blake2b(words, digest_size=8).digest(), "big", signed=True)


def _views(found: Places, dimensions: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Where each view but the vector begins, and its places."""
    starts = accumulate((dimensions, _WORD_PLACES, _PIECE_PLACES))
    return zip(starts, found, strict=True)


def places_of(text: str) -> Places:
    """The places of words and their next two neighbours, of pieces of words, and of the outline."""
    words = split_words(text).words
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    skips = [f"{a}_{b}" for a, b in zip(words, words[2:], strict=False)]
    return (
        _places((*words, *pairs, *skips), _WORD_PLACES),
        _places_of_pieces(f" {' '.join(words)} "),
        _places(_outline(words, "?" in text), _OUTLINE_PLACES),
    )


def _outline(words: Sequence[str], asks: bool) -> set[str]:
    """What is left when all words but those of frames are gaps."""
    kept = [_START]
    for word in words:
        shown = word if word in frame_words() else _NUMBER if word.isdigit() else _GAP
        if shown != _GAP or kept[-1] != _GAP:
            kept.append(shown)
    kept.append(_END)
    parts = {" ".join(kept[i : i + n]) for n in _OUTLINES for i in range(len(kept) - n + 1)}
    return parts | {f"asks {asks}", f"length {min(_LENGTHS, len(words) // _LENGTH_STEP)}"}


@lru_cache(maxsize=1)
def frame_words() -> frozenset[str]:
    """Words that say how a message is meant."""
    return frozenset(read_yaml(FRAME_WORDS)["frame_words"])


def _places(texts: Iterable[str], places: int) -> NDArray[np.int64]:
    return np.array(sorted({zlib.crc32(text.encode()) % places for text in texts}), dtype=np.int64)


def _places_of_pieces(text: str) -> NDArray[np.int64]:
    """The places of all pieces, without making them: there are hundreds in a message."""
    letters = np.frombuffer(text.encode(), dtype=np.uint8).astype(np.uint64)
    piece = letters  # the letters of one piece as one number
    pieces = []
    for size in range(2, max(_PIECES) + 1):
        piece = (piece[:-1] << np.uint64(8)) | letters[size - 1 :]
        if size in _PIECES:
            pieces.append(piece)
    # The product spreads the numbers evenly, in its highest bits.
    places: NDArray[np.uint64] = np.concatenate(pieces) * _SPREAD >> _SPREAD_SHIFT
    return np.unique(places).astype(np.int64)


def _share(places: NDArray[np.int64]) -> float:
    """What each of these places counts, so that a long text counts no more than a short one."""
    return 1 / sqrt(len(places) or 1)
