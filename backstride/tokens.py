"""Words of a message: lower case, no accents or apostrophes, with their place in the text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_TOKEN = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:['\u2019\u2018\u00b4`][^\W\d_]+)*|[.!?;\n]|[,:]")
_SENTENCE_ENDS = ".!?;\n"
_APOSTROPHES = re.compile(r"['\u2019\u2018\u00b4`]")


@dataclass(frozen=True)
class Tokens:
    """The words of a text.

    Attributes:
        words: normalised words.
        spans: start and end of each word in the text, in characters.
        sentence: the number of the sentence each word stands in.
        comma_before: the words that follow a comma or a colon.
    """

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    sentence: tuple[int, ...]
    comma_before: frozenset[int]


def split_words(text: str) -> Tokens:
    """The words of a text; punctuation only tells sentences and commas apart."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    sentences: list[int] = []
    commas: set[int] = set()
    sentence = 0
    for match in _TOKEN.finditer(text):
        found = match.group()
        if found in ",:":
            commas.add(len(words))
        elif found in _SENTENCE_ENDS:
            sentence += 1
        else:
            words.append(_plain(found))
            spans.append(match.span())
            sentences.append(sentence)
    return Tokens(tuple(words), tuple(spans), tuple(sentences), frozenset(commas))


def _plain(word: str) -> str:
    word = _APOSTROPHES.sub("", word.casefold())
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)) or word
