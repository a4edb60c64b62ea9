"""Texts as sparse rows of what is written in them: pieces of words, words and pairs of words.

Both kinds, pieces and words, are weighted by rarity and have a fixed length, so that a long text
counts no more than a short one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

# An emoji is a word too: the sentence model knows none, so to it a thumb up is a thumb down.
_WORD = re.compile("[a-z0-9]+|[?!]|[\u2600-\u27bf\U0001f300-\U0001f3fa\U0001f400-\U0001faff]")
_APOSTROPHES = re.compile(r"['\u2019\u2018\u00b4`]")
_PIECES = (2, 3, 4)  # letters, with a space before a word and after it
_SPACE = ord(" ")
_LETTER_BITS = np.uint64(16)  # enough to tell all letters and emoji of `_WORD` apart
_LETTER_MASK = np.uint64(0xFFFF)
_NO_PIECE = np.uint64(0)
_COMMON = 3
_SMALLEST = 1e-9  # nothing is divided by less


def words_of(text: str) -> list[str]:
    """Lower-case words without accents or apostrophes; ?, ! and an emoji are words too."""
    text = _APOSTROPHES.sub("", text.lower())
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return _WORD.findall(text)


def common_words(texts: Iterable[str]) -> list[str]:
    """The words that stand in the training data too often to be slips."""
    counts = Counter(word for text in texts for word in words_of(text))
    return sorted(word for word, count in counts.items() if count >= _COMMON)


class SpellingFeatures:
    """The columns of a row: pieces of words first, then words and pairs of words.

    Attributes:
        pieces: each piece as a number, in rising order.
        words: words, and pairs of them with a space between.
        rarity: the weight of each column.
        shares: the squared length of a row in pieces, and in words.
    """

    def __init__(
        self,
        pieces: NDArray[np.uint64],
        words: Sequence[str],
        rarity: Floats,
        shares: tuple[float, float],
    ) -> None:
        """Features with these columns."""
        self.pieces = pieces
        self.words = tuple(words)
        self.rarity = rarity
        self.shares = shares
        self._word_columns = {word: len(pieces) + i for i, word in enumerate(self.words)}

    @classmethod
    def learn(
        cls, texts: Sequence[str], shares: tuple[float, float], commonest: int
    ) -> tuple[SpellingFeatures, scipy.sparse.csr_matrix]:
        """Keep what at least two texts share, and how rare it is.

        Args:
            texts: the examples.
            shares: the squared length of a row in pieces, and in words.
            commonest: how many pieces, and how many words, are kept at most.

        Returns:
            the features, and the texts as one matrix, a row each.
        """
        listed = [words_of(text) for text in texts]
        owners, codes = _pieces_of(listed)
        all_pieces, places = np.unique(codes, return_inverse=True)
        pieces, in_texts = _shared(owners, places, len(all_pieces), commonest)
        names: dict[str, int] = {}
        owners, found = _words_of(listed)
        numbers = [names.setdefault(word, len(names)) for word in found]
        words, in_texts_too = _shared(owners, np.array(numbers, np.int64), len(names), commonest)
        rarity = np.log((1 + len(texts)) / (1 + np.concatenate([in_texts, in_texts_too]))) + 1
        all_words = [*names]
        kept = [all_words[i] for i in words.tolist()]
        features = cls(all_pieces[pieces], kept, rarity.astype(np.float32), shares)
        owners, columns, values = features._entries(listed)
        shape = (len(texts), len(rarity))
        return features, scipy.sparse.csr_matrix((values, (owners, columns)), shape=shape)

    def row(self, text: str) -> tuple[Places, Floats]:
        """The columns of a text and their values."""
        _, columns, values = self._entries([words_of(text)])
        return columns, values

    def _entries(self, listed: Sequence[Sequence[str]]) -> tuple[Places, Places, Floats]:
        """For texts as words: which text, which column, and the value there."""
        owners, codes = _pieces_of(listed)
        columns = np.searchsorted(self.pieces, codes)
        known = np.append(self.pieces, _NO_PIECE)[columns] == codes
        word_owners, words = _words_of(listed)
        word_columns = np.array([self._word_columns.get(w, -1) for w in words], np.int64)
        known_words = word_columns >= 0
        owners = np.concatenate([owners[known], word_owners[known_words]])
        columns = np.concatenate([columns[known], word_columns[known_words]])
        owners, columns, counts = _counted(owners, columns, len(self.rarity))
        values = (1 + np.log(counts)) * self.rarity[columns]
        kinds = (columns >= len(self.pieces)).astype(np.int64)  # 0 for a piece, 1 for a word
        groups = 2 * owners + kinds
        lengths = np.sqrt(np.bincount(groups, values * values))
        values *= np.sqrt(self.shares)[kinds] / np.maximum(lengths, _SMALLEST)[groups]
        return owners, columns, values.astype(np.float32)

    def arrays(self) -> dict[str, Any]:
        """All of it as arrays without objects, by name."""
        return {
            "pieces": self.pieces,
            "words": np.array("\n".join(self.words)),
            "rarity": self.rarity,
            "shares": np.array(self.shares),
        }

    @classmethod
    def of_arrays(cls, arrays: dict[str, Any]) -> SpellingFeatures:
        """What `arrays` gave."""
        words = str(arrays["words"]).split("\n")
        piece_share, word_share = arrays["shares"].tolist()
        return cls(arrays["pieces"], words, arrays["rarity"], (piece_share, word_share))


def _pieces_of(listed: Sequence[Sequence[str]]) -> tuple[Places, NDArray[np.uint64]]:
    """All pieces of the words of all texts: which text, and the piece as one number.

    Words stand between two spaces each, so a piece with two spaces in a row belongs to none.
    """
    spaced = [f" {'  '.join(words)} " for words in listed]
    letters = np.frombuffer("".join(spaced).encode("utf-32-le"), np.uint32).astype(np.uint64)
    letters &= _LETTER_MASK
    owners = np.repeat(np.arange(len(spaced)), [len(text) for text in spaced])
    breaks = (letters[:-1] == _SPACE) & (letters[1:] == _SPACE)
    piece, within = letters, np.ones(len(letters), dtype=bool)
    found_owners, found = [], []
    for size in range(2, max(_PIECES) + 1):
        piece = (piece[:-1] << _LETTER_BITS) | letters[size - 1 :]
        within = within[:-1] & ~breaks[size - 2 :]
        found_owners.append(owners[: len(piece)][within])
        found.append(piece[within])
    return np.concatenate(found_owners), np.concatenate(found)


def _words_of(listed: Sequence[Sequence[str]]) -> tuple[Places, list[str]]:
    """All words and pairs of words of all texts: which text, and the words."""
    found = [[*words, *(f"{a} {b}" for a, b in pairwise(words))] for words in listed]
    owners = np.repeat(np.arange(len(found)), [len(words) for words in found])
    return owners, [word for words in found for word in words]


def _shared(
    owners: Places, features: Places, count: int, commonest: int
) -> tuple[Places, NDArray[np.int64]]:
    """Which of `count` features several texts share, in rising order, and how many texts each."""
    _, found, _ = _counted(owners, features, count)
    in_texts = np.bincount(found, minlength=count)
    order = np.argsort(-in_texts, kind="stable")[:commonest]
    kept = np.sort(order[in_texts[order] > 1])
    return kept, in_texts[kept]


def _counted(
    owners: Places, columns: Places, width: int
) -> tuple[Places, Places, NDArray[np.int64]]:
    """Each pair of an owner and a column once, and how often it was there."""
    pairs, counts = np.unique(owners * width + columns, return_counts=True)
    return pairs // width, pairs % width, counts
