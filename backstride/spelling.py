"""Mend misspelt words towards a given vocabulary.

Only words that are neither in the vocabulary nor in the English dictionary of pyspellchecker
are touched, so that "week" never becomes "weak".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from spellchecker import SpellChecker

from backstride.tokens import Tokens

_SHORTEST, _LONGEST = 4, 24
_PLAIN_WORD = re.compile(r"(?<![\w'\u2019])[A-Za-z]+(?![\w'\u2019])")
_LONG = 8  # words of at least this many letters may have two slips


class Speller:
    """Finds the vocabulary word that a misspelt word means, by deletions (as SymSpell does)."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        """Index `vocabulary` (lower-case words)."""
        self._vocabulary = frozenset(vocabulary)
        self._by_deletion: defaultdict[str, set[str]] = defaultdict(set)
        for word in self._vocabulary:
            if len(word) >= _SHORTEST and word.isalpha():
                for key in _deletions(word, 2 if len(word) >= _LONG else 1):
                    self._by_deletion[key].add(word)

    def mend(self, tokens: Tokens) -> Tokens:
        """The tokens with misspelt words replaced; nothing else changes."""
        return replace(tokens, words=tuple(map(self.mended, tokens.words)))

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
        if word in _english():
            return word
        return self._closest(word) or word

    @lru_cache(maxsize=4096)  # noqa: B019 one speller lives as long as the process
    def _closest(self, word: str) -> str | None:
        for shorter in (re.sub(r"(.)\1\1+", r"\1\1", word), re.sub(r"(.)\1+", r"\1", word)):
            if shorter in self._vocabulary:
                return shorter
        slips = 2 if len(word) >= _LONG else 1
        found = {w for key in _deletions(word, slips) for w in self._by_deletion.get(key, ())}
        near = [
            (distance, w[0] != word[0], -len(w), w)
            for w in found
            if (distance := _distance(w, word)) <= slips
        ]
        return min(near)[3] if near else None


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    return frozenset(SpellChecker().word_frequency.dictionary)


def _deletions(word: str, most: int) -> set[str]:
    found = {word}
    for _ in range(most):
        found |= {w[:i] + w[i + 1 :] for w in found for i in range(len(w))}
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
