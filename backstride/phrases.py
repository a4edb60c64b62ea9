"""Where the phrases of the guide stand among the words of a message."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, product

from backstride.tokens import split_words

Place = frozenset[str]  # the words that may stand in one place of a phrase


@dataclass(frozen=True)
class Hit:
    """Where a phrase stands: words `start` to `end` (not included)."""

    start: int
    end: int

    def overlaps(self, other: Hit) -> bool:
        """Whether the two share a word."""
        return self.start < other.end and other.start < self.end


class _Step:
    """A place in phrases that begin alike: the words that lead on, the lists that end here."""

    __slots__ = ("ends", "onward")

    def __init__(self) -> None:
        self.onward: dict[str, tuple[_Step, ...]] = {}
        self.ends: tuple[str, ...] = ()


class Phrasebook:
    """Named lists of phrases, compiled once.

    A tree of steps that phrases with the same beginning share. A place in which any of several
    words may stand is one step that all of them lead to, so that no phrase is ever written out.
    """

    def __init__(self, named: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Compile the phrases; `words` are those of each list."""
        self._start = _Step()
        self.words: dict[str, set[str]] = {}
        known: dict[tuple[int, Place], tuple[_Step, ...]] = {}
        for name, phrases in named:
            self.words[name] = set()
            for phrase in phrases:
                for places in places_of(phrase):
                    self._add(name, places, known)

    def _add(
        self,
        name: str,
        places: Sequence[Place],
        known: dict[tuple[int, Place], tuple[_Step, ...]],
    ) -> None:
        step = self._start
        for place in places:
            key = id(step), place
            if key not in known:
                known[key] = (_Step(),)
                for word in place:
                    step.onward[word] = step.onward.get(word, ()) + known[key]
            (step,) = known[key]
            self.words[name] |= place
        if name not in step.ends:
            step.ends += (name,)

    def find(self, words: Sequence[str]) -> dict[str, list[Hit]]:
        """Where each list has a phrase, in the order of the words."""
        found: dict[str, set[tuple[int, int]]] = {}
        for start in range(len(words)):
            steps: Sequence[_Step] = (self._start,)
            for end in range(start, len(words)):
                word = words[end]
                if len(steps) == 1:  # nearly always
                    steps = steps[0].onward.get(word, ())
                else:
                    steps = [onward for step in steps for onward in step.onward.get(word, ())]
                if not steps:
                    break
                for step in steps:
                    for name in step.ends:
                        found.setdefault(name, set()).add((start, end + 1))
        return {name: [Hit(*place) for place in sorted(places)] for name, places in found.items()}


def places_of(phrase: str) -> list[list[Place]]:
    """The phrase as sequences of places, each with the words that may stand there.

    Options of several words, and none at all, make a sequence of their own.
    """
    parts: list[list[list[Place]]] = []
    # Between the brackets stand plain words, within them options.
    for i, part in enumerate(_ALTERNATIVES.split(phrase)):
        parts.append(_choices(part) if i % 2 else [_one_by_one(part)])
    return [
        places for chosen in product(*parts) if (places := [p for part in chosen for p in part])
    ]


@lru_cache(maxsize=1024)  # the same brackets come back in many phrases
def _choices(inside: str) -> list[list[Place]]:
    """What may stand for two brackets; options of one word share a place."""
    options = [_one_by_one(option) for option in _options(inside)]
    single = frozenset().union(*(option[0] for option in options if len(option) == 1))
    return [*([[single]] if single else []), *(option for option in options if len(option) != 1)]


def _one_by_one(text: str) -> list[Place]:
    # Nearly all are plain words, for which a blank tells as much as the whole rule.
    plain = text.isascii() and text.replace(" ", "").isalpha() and text.islower()
    return [_place(word) for word in (text.split() if plain else split_words(text).words)]


@lru_cache(maxsize=8192)  # one object a word
def _place(word: str) -> Place:
    return frozenset((sys.intern(word),))


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


def reach_of(covers: Iterable[Hit], words: int) -> list[int]:
    """For each of so many words, where the covers end that begin by then; [] without covers."""
    ends = [0] * words
    for cover in covers:
        ends[cover.start] = max(cover.end, ends[cover.start])
    return list(accumulate(ends, max)) if any(ends) else []


def outside(hits: list[Hit], reach: list[int]) -> list[Hit]:
    """The hits that stand inside none of the covers with this reach."""
    return [hit for hit in hits if reach[hit.start] < hit.end] if reach else hits


def longest(hits: list[Hit]) -> list[Hit]:
    """The hits that stand inside no longer one, in the order of the words."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.end > kept[-1].end:
            kept.append(hit)
    return kept


def well_bracketed(phrase: str) -> bool:
    """Whether brackets with options stand between whole words, and none within another."""
    return not _STRAY.search(_WHOLE.sub(" ", phrase))


_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
_WHOLE = re.compile(r"(?<!\S)\([^()]+\)(?!\S)")
_STRAY = re.compile(r"[()|]")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
