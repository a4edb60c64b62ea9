"""How hard a text is to read, with the body and medical words of a published list allowed."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import textstat

from backstride.content import Entry, read_entry
from backstride.paths import GUIDE

ANSWER_GRADE = 8.0
EMERGENCY_GRADE = 6.0


class AllowedWords(Entry):
    """Words that runners know or that the guide explains, though formulas punish them."""

    allowed_words: frozenset[str]


@lru_cache(maxsize=1)
def allowed_words(path: Path = GUIDE / "plain_words.yml") -> frozenset[str]:
    """The published list, lower case.

    Raises:
        ContentError: naming file, key and cure.
    """
    return read_entry(path, AllowedWords).allowed_words


def grade(text: str) -> float:
    """The Flesch-Kincaid school grade of a text, as the library textstat counts it.

    Each allowed word counts as one short word; each list item counts as a sentence.
    """
    sentences = re.sub(r"(?<![.!?:])\n+(?:- )?", ". ", text.strip()).replace("\n- ", " ")
    plain = re.sub(
        r"[A-Za-z-]+",
        lambda match: "back" if match.group().lower() in allowed_words() else match.group(),
        sentences,
    )
    return float(textstat.flesch_kincaid_grade(plain))
