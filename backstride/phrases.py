"""Where the phrases of the guide stand among the words of a message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from backstride.tokens import split_words


@dataclass(frozen=True)
class Hit:
    """Where a phrase stands: words `start` to `end` (not included)."""

    start: int
    end: int

    def overlaps(self, other: Hit) -> bool:
        """Whether the two share a word."""
        return self.start < other.end and other.start < self.end


class Phrasebook:
    """Named lists of phrases, compiled once."""

    def __init__(self, named: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Compile the phrases; `words` are those of each list."""
        self._vocab = Vocab()
        self._matcher = PhraseMatcher(self._vocab)
        self.words: dict[str, set[str]] = {}
        for name, phrases in named:
            split = [
                split_words(plain).words for phrase in phrases for plain in alternatives(phrase)
            ]
            self.words[name] = {word for phrase in split for word in phrase}
            self._matcher.add(name, [Doc(self._vocab, words=phrase) for phrase in split if phrase])

    def find(self, words: Sequence[str]) -> dict[str, list[Hit]]:
        """Where each list has a phrase, in the order of the words."""
        found: dict[str, list[Hit]] = {}
        for key, start, end in self._matcher(Doc(self._vocab, words=list(words))):
            found.setdefault(self._vocab.strings[key], []).append(Hit(start, end))
        return found


def outside(hits: list[Hit], covers: list[Hit]) -> list[Hit]:
    """The hits that stand inside none of the covers."""
    if not hits or not covers:
        return hits
    ends: dict[int, int] = {}
    for cover in covers:
        ends[cover.start] = max(cover.end, ends.get(cover.start, 0))
    reach = list(accumulate((ends.get(i, 0) for i in range(max(h.end for h in hits))), max))
    return [hit for hit in hits if reach[hit.start] < hit.end]


def longest(hits: list[Hit]) -> list[Hit]:
    """The hits that stand inside no longer one, in the order of the words."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.end > kept[-1].end:
            kept.append(hit)
    return kept


def alternatives(phrase: str) -> list[str]:
    """All phrases that one with alternatives stands for.

    "(my|his|) foot" is "my foot", "his foot" and "foot"; "im (60..61|old)" is "im 60", "im 61" and
    "im old".
    """
    found = _ALTERNATIVES.search(phrase)
    if found is None:
        return [phrase]
    options: list[str] = []
    for option in found[1].split("|"):
        numbers = _RANGE.fullmatch(option)
        if numbers:
            options += map(str, range(int(numbers[1]), int(numbers[2]) + 1))
        else:
            options.append(option)
    start, end = phrase[: found.start()], phrase[found.end() :]
    return [whole for option in options for whole in alternatives(f"{start}{option}{end}")]


_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
