"""Whether a message is in English, by the commonest words of a few languages.

The words are in `guide/languages.yml`. What holds no such word, such as a name or a slip, counts
as English: the reply to it can then only be less fitting, not wrong.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from pydantic import validator

from backstride.content import Entry, read_entry
from backstride.paths import GUIDE

_FEWEST = 2  # words of another language before it can be one
_WORD = re.compile(r"[^\W\d_]+")


class Languages(Entry):
    """Everything in `guide/languages.yml`: the commonest words of each language."""

    english: frozenset[str]
    others: dict[str, frozenset[str]]

    @validator("english", pre=True)
    def _split(cls, words: object) -> object:
        return words.split() if isinstance(words, str) else words

    @validator("others", pre=True)
    def _split_each(cls, others: object) -> object:
        if not isinstance(others, dict):
            return others
        return {name: cls._split(words) for name, words in others.items()}


@lru_cache(maxsize=1)
def load_languages(path: Path = GUIDE / "languages.yml") -> Languages:
    """The words of each language, validated.

    Raises:
        ContentError: naming file, key and cure.
    """
    return read_entry(path, Languages)


def is_english(text: str) -> bool:
    """Whether the text is more likely English than in another language."""
    letters = [letter for letter in text if letter.isalpha()]
    if sum("LATIN" in unicodedata.name(letter, "") for letter in letters) * 2 < len(letters):
        return False
    languages = load_languages()
    words = _WORD.findall(_without_accents(text.lower().replace("'", "").replace("\u2019", "")))
    english = sum(word in languages.english for word in words)
    other = max(sum(word in common for word in words) for common in languages.others.values())
    return other < _FEWEST or other <= english


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
