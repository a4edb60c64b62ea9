"""Words of a message: lower case, no accents or apostrophes, with their place in the text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\d+(?:\.\d+)?|[^\W\d_]+(?:['\u2019\u2018\u00b4`][^\W\d_]+)*|[.!?;\n]|[,:=()\u2013\u2014]|(?<=\s)-+(?=\s)"
)
_SENTENCE_ENDS = ".!?;\n"
_COLONS = ":=-\u2013\u2014"  # what an answer follows: "fever: no", "fever - no"
_PAUSES = ",()" + _COLONS
_APOSTROPHES = re.compile(r"['\u2019\u2018\u00b4`]")


@dataclass(frozen=True)
class Tokens:
    """The words of a text.

    Attributes:
        words: normalised words.
        spans: start and end of each word in the text, in characters.
        sentence: the number of the sentence each word stands in.
        pause_before: the words that follow a comma, colon, bracket or dash.
        colon_before: those of them that follow a colon, an equals sign or a dash.
        asked: the numbers of the sentences that end with a question mark.
    """

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    sentence: tuple[int, ...]
    pause_before: frozenset[int]
    colon_before: frozenset[int] = frozenset()
    asked: frozenset[int] = frozenset()


def split_words(text: str) -> Tokens:
    """The words of a text; punctuation only tells sentences and pauses apart."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    sentences: list[int] = []
    pauses: set[int] = set()
    colons: set[int] = set()
    asked: set[int] = set()
    sentence = 0
    for match in _TOKEN.finditer(text):
        found = match.group()
        if found[0] in _PAUSES:
            pauses.add(len(words))
            if found[0] in _COLONS:
                colons.add(len(words))
        elif found in _SENTENCE_ENDS:
            if found == "?" and sentences:
                asked.add(sentences[-1])
            sentence += 1
        else:
            words.append(_plain(found))
            spans.append(match.span())
            sentences.append(sentence)
    return Tokens(
        tuple(words),
        tuple(spans),
        tuple(sentences),
        frozenset(pauses),
        frozenset(colons),
        frozenset(asked),
    )


def _plain(word: str) -> str:
    word = _APOSTROPHES.sub("", word.lower())
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)) or word
