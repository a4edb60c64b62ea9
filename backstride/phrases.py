"""Where the phrases of the guide stand among the words of a message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, product
from math import prod

from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from backstride.tokens import split_words

_WRITTEN_OUT = 1000  # phrases that one with alternatives may be written out as


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
        """Compile the phrases; `words` are those of each list.

        What a phrase stands for is written out, as that is found fastest; where that would be very
        much, one place stands for all its words.
        """
        self._vocab = Vocab()
        self._matcher = PhraseMatcher(self._vocab)
        self._patterns = Matcher(self._vocab)
        self.words: dict[str, set[str]] = {}
        for name, phrases in named:
            few = [phrase for phrase in phrases if _count(phrase) <= _WRITTEN_OUT]
            many = [phrase for phrase in phrases if _count(phrase) > _WRITTEN_OUT]
            split = [split_words(plain).words for phrase in few for plain in alternatives(phrase)]
            self._matcher.add(name, [Doc(self._vocab, words=phrase) for phrase in split if phrase])
            places = [pattern for phrase in many for pattern in _places(phrase)]
            if places:
                self._patterns.add(name, [[{"ORTH": {"IN": p}} for p in x] for x in places])
            self.words[name] = {word for phrase in split for word in phrase}
            self.words[name] |= {word for pattern in places for place in pattern for word in place}

    def find(self, words: Sequence[str]) -> dict[str, list[Hit]]:
        """Where each list has a phrase, in the order of the words."""
        found: dict[str, list[Hit]] = {}
        doc = Doc(self._vocab, words=list(words))
        for key, start, end in sorted({*self._matcher(doc), *self._patterns(doc)}, key=_by_place):
            found.setdefault(self._vocab.strings[key], []).append(Hit(start, end))
        return found


def _by_place(match: tuple[int, int, int]) -> tuple[int, int]:
    return match[1], match[2]


def _count(phrase: str) -> int:
    """How many phrases one with alternatives stands for."""
    return prod(len(_options(found)) for found in _ALTERNATIVES.findall(phrase))


def _places(phrase: str) -> list[list[list[str]]]:
    """The phrase as sequences of places, each with the words that may stand there.

    Options of several words make a sequence of their own.
    """
    parts: list[list[list[list[str]]]] = []
    # Between the brackets stand plain words, within them options.
    for i, part in enumerate(_ALTERNATIVES.split(phrase)):
        if i % 2 == 0:
            parts.append([[[word] for word in split_words(part).words]])
            continue
        options = [split_words(option).words for option in _options(part)]
        single = sorted({option[0] for option in options if len(option) == 1})
        several = [[[word] for word in option] for option in options if len(option) > 1]
        left_out: list[list[list[str]]] = [[]] if () in options else []
        parts.append([*([[single]] if single else []), *several, *left_out])
    return [[place for part in chosen for place in part] for chosen in product(*parts)]


def _options(inside: str) -> list[str]:
    """The options between two brackets, numbers written out."""
    options: list[str] = []
    for option in inside.split("|"):
        numbers = _RANGE.fullmatch(option)
        if numbers:
            options += map(str, range(int(numbers[1]), int(numbers[2]) + 1))
        else:
            options.append(option)
    return options


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
    start, end = phrase[: found.start()], phrase[found.end() :]
    return [
        whole for option in _options(found[1]) for whole in alternatives(f"{start}{option}{end}")
    ]


_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
