"""Mend misspelt words towards a given vocabulary.

Words of the vocabulary and of the English dictionary of pyspellchecker are left alone, so that
"week" never becomes "weak"; only the rarest of them count as slips when a letter is lost.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backstride.tokens import Tokens

_SHORTEST, _LONGEST = 4, 24
_PLAIN_WORD = re.compile(r"(?<![\w'\u2019])[A-Za-z]+(?![\w'\u2019])")
_RARE, _SURE = 50, 6  # uses in the dictionary's source; letters
_HALF = 3  # letters of each of two words that ran together, at least
# With these the words of a thumb in a hurry run together: "cantpee".
_FIRST_HALVES = frozenset(
    "cant cannot couldnt dont doesnt didnt wont havent both back chest lower upper lost".split()
)
# Ordinary words that the dictionary lacks and that stand near a word of the vocabulary.
_NO_SLIPS = frozenset(
    "peroneal rumour rumours favourite favour litre litres hoodie hola messi abdominals gaun"
    " efter myelopathy ivdd eumenorrhoeic eumenorrheic babinski".split()
)
_LONG = 8  # words of at least this many letters may have two slips


class Speller:
    """Finds the vocabulary word that a misspelt word means, by deletions (as SymSpell does)."""

    def __init__(self, vocabulary: Iterable[str], others: Iterable[str] = ()) -> None:
        """Index `vocabulary` (lower-case words); `others` are no slips either."""
        _english()  # read now, not with somebody's first message
        self._vocabulary = frozenset(vocabulary)
        self._no_slips = _NO_SLIPS.union(others)
        self._by_deletion: dict[str, tuple[str, ...]] = {}
        for word in self._vocabulary:
            if len(word) >= _SHORTEST and word.isalpha():
                alone = (word,)  # most keys lead to one word: they share it
                for key in _deletions(word, 2 if len(word) >= _LONG else 1):
                    known = self._by_deletion.get(key)
                    self._by_deletion[key] = (*known, word) if known else alone

    def mend(self, tokens: Tokens) -> Tokens:
        """The tokens with misspelt words replaced, and two words that ran together set apart."""
        words = [self.mended(word) for word in tokens.words]
        if all(word in self._vocabulary or not self._halves(word) for word in words):
            return replace(tokens, words=tuple(words))
        return _apart(tokens, words, [self._halves(word) for word in words])

    def mend_text(self, text: str) -> str:
        """The text with misspelt words replaced; the rest stays as it was written."""
        return _PLAIN_WORD.sub(lambda found: self._mended_as_written(found.group()), text)

    def _mended_as_written(self, word: str) -> str:
        mended = self.mended(word.lower())
        return word if mended == word.lower() else mended

    def mended(self, word: str) -> str:
        """The word itself, or the vocabulary word it most likely stands for."""
        if word in self._vocabulary or not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha():
            return word
        if word in self._no_slips:
            return word
        use = _use(word)
        if use == "none":
            return self._closest(word) or word
        return (self._letter_lost(word) or word) if use == "rare" else word

    @lru_cache(maxsize=4096)  # noqa: B019 one speller lives as long as the process
    def _halves(self, word: str) -> int:
        """Where an unknown word falls into two words of the vocabulary; 0 when it does not."""
        known = self._vocabulary
        if word in known or not 2 * _HALF <= len(word) <= _LONGEST or not word.isalpha():
            return 0
        if _use(word) != "none":
            return 0
        cuts = range(_HALF, len(word) - _HALF + 1)
        return next((i for i in cuts if word[:i] in _FIRST_HALVES and word[i:] in known), 0)

    @lru_cache(maxsize=4096)  # noqa: B019 one speller lives as long as the process
    def _letter_lost(self, word: str) -> str | None:
        """The word that a rare English word is with a letter lost or doubled: "regnant"."""
        single = re.sub(r"(.)\1", r"\1", word)
        if single != word and single in self._vocabulary:
            return single
        longer = sorted(w for w in self._by_deletion.get(word, ()) if len(w) == len(word) + 1)
        return longer[0] if longer else None

    @lru_cache(maxsize=4096)  # noqa: B019 one speller lives as long as the process
    def _closest(self, word: str) -> str | None:
        for shorter in (re.sub(r"(.)\1\1+", r"\1\1", word), re.sub(r"(.)\1+", r"\1", word)):
            if shorter in self._vocabulary:
                return shorter
        slips = 2 if len(word) >= _LONG else 1
        found = {w for key in _deletions(word, slips) for w in self._by_deletion.get(key, ())}
        near = [
            (distance, sorted(w) != sorted(word), w[0] != word[0], -len(w), w)
            for w in found
            if (distance := _distance(w, word)) <= slips
        ]
        return min(near)[4] if near else None


def _apart(tokens: Tokens, words: list[str], halves: list[int]) -> Tokens:
    """The tokens, with the words cut that have halves; both halves stand where the word stood."""
    cut: list[str] = []
    origin: list[int] = []
    for i, (word, at) in enumerate(zip(words, halves, strict=True)):
        cut += [word[:at], word[at:]] if at else [word]
        origin += [i, i] if at else [i]

    def moved(before: frozenset[int]) -> frozenset[int]:
        return frozenset(origin.index(i) for i in before if i < len(words))

    return replace(
        tokens,
        words=tuple(cut),
        spans=tuple(tokens.spans[i] for i in origin),
        sentence=tuple(tokens.sentence[i] for i in origin),
        pause_before=moved(tokens.pause_before),
        colon_before=moved(tokens.colon_before),
    )


@lru_cache(maxsize=4096)
def _use(word: str) -> Literal["none", "rare", "common"]:
    """Whether a word of some length is English, and is hardly used and long enough for a slip."""
    words, rare = _english()
    written = word.encode()
    place = int(words.searchsorted(written))
    if place == len(words) or words[place] != written:
        return "none"
    return "rare" if rare[place] else "common"


@lru_cache(maxsize=1)
def _english() -> tuple[NDArray[np.bytes_], NDArray[np.bool_]]:
    """The words of the dictionary in order, and which are rare; those of a length that is mended.

    In arrays they take a tenth of the memory of sets. The file is read without its package's
    checker, whose counts take as long again and are not needed.
    """
    packed = (files("spellchecker") / "resources" / "en.json.gz").read_bytes()
    counts: dict[str, int] = json.loads(gzip.decompress(packed))
    words = sorted(w for w in counts if _SHORTEST <= len(w) <= _LONGEST and w.isalpha())
    rare = [counts[word] <= _RARE and len(word) >= _SURE for word in words]
    return np.array([word.encode() for word in words]), np.array(rare)


def _deletions(word: str, most: int) -> set[str]:
    """The word with none, one or two of its letters left out, at most so many."""
    places = range(len(word))
    found = {word, *(word[:i] + word[i + 1 :] for i in places)}
    if most > 1:
        found.update(
            word[:i] + word[i + 1 : j] + word[j + 1 :] for i in places for j in places[i + 1 :]
        )
    return found


def _distance(a: str, b: str) -> int:
    """Damerau's distance: letters left out, added, changed, or two neighbours swapped."""
    previous: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, previous, row = previous, row, [i, *([0] * len(b))]
        for j, y in enumerate(b, 1):
            row[j] = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                row[j] = min(row[j], before[j - 2] + 1)
    return row[len(b)]
