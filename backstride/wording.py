"""The words the assistant adds around the guide's answers, from `guide/wording.yml`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from pydantic import Field, validator
from pydantic.fields import ModelField

from backstride.content import Entry, at_least, read_entry
from backstride.guide import PARTS, SHORT_ANSWER_CHARS, TITLE_CHARS, Evidence, Professional
from backstride.paths import GUIDE

# What the code fills into a text; every other text is said as it stands.
_PLACEHOLDERS = {
    "source_line": ("sources", "evidence"),
    "sources_answer": ("sources",),
    "sources_more": ("sources",),
    "exercise_evidence": ("name", "evidence", "sources"),
    "all_said": ("title",),
    "next_question": ("title",),
    "nothing_on_that": ("title", "professional"),
    "show_exercise": ("name",),
}


def _fillable(text: str, placeholders: Iterable[str]) -> str:
    """The text, if it is short enough for a message and each placeholder in it is known."""
    if len(text) > SHORT_ANSWER_CHARS:
        raise ValueError(
            f"has {len(text)} characters, {SHORT_ANSWER_CHARS} are allowed. Shorten it"
        )
    try:
        text.format(**dict.fromkeys(placeholders, ""))
    except (LookupError, ValueError, AttributeError):
        known = ", ".join(f"{{{name}}}" for name in placeholders) or "none"
        raise ValueError(
            f"'{text}' has a placeholder that nothing fills. Known here: {known}. Correct its"
            " spelling"
        ) from None
    return text


def _exactly(field: str, keys: Iterable[str]) -> Any:
    """A validator: this mapping has each of these keys and no other."""

    def complete(value: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(value) - set(keys))
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is unknown. Known keys: {', '.join(keys)}")
        missing = [key for key in keys if key not in value]
        if missing:
            raise ValueError(f"{', '.join(missing)} is missing. Add a line for it")
        return value

    reusable: Callable[..., Any] = validator(field, allow_reuse=True)
    return reusable(complete)


PICKS = ("1", "2", "3", "4", "last", "other")
OTHER_PARTS = ("easier", "harder", "sources")  # beside those of a topic


class Part(Entry):
    """A part of an answer that a person may ask for: its button and the words that mean it."""

    title: str = Field(..., max_length=TITLE_CHARS)
    asked: tuple[str, ...]

    _asked_for = at_least(1, "asked")


class Disclaimers(Entry):
    """Variants of the short line that names whom to ask, by professional."""

    first: tuple[str, ...]
    doctor: tuple[str, ...]
    physiotherapist: tuple[str, ...]
    pharmacist: tuple[str, ...]
    midwife: tuple[str, ...]
    sports_doctor: tuple[str, ...]

    _said = at_least(1, "first")
    _varied = at_least(2, "doctor", "physiotherapist", "pharmacist", "midwife", "sports_doctor")

    @validator("*", each_item=True)
    def _said_without_failing(cls, text: str) -> str:
        return _fillable(text, ("professional",))


class Wording(Entry):
    """Everything in `guide/wording.yml`; the file says what each is for."""

    evidence: dict[str, str]
    source_line: str
    sources_answer: str
    sources_more: str
    sources_reviewed: str
    disclaimers: Disclaimers
    professionals: dict[str, str]
    parts: dict[str, Part]
    show_exercise: tuple[str, ...]
    exercise_evidence: str
    picks: dict[str, tuple[str, ...]]
    picked: str
    all_said: str
    nothing_on_that: str
    no_subject: str
    fallback_first: str
    fallback_second: str
    fallback_no_guess: str
    pain_first: tuple[str, ...]
    pain_next: str
    pain_told: str
    corrected: str
    next_question: str
    what_next: str
    no_text: str
    too_long: str
    technical_problem: str
    delete_asked: tuple[str, ...]
    deleted: str
    not_deleted: str
    only_words: str
    only_in_private: str
    memory_failed: str
    too_many: str

    _every_strength = _exactly("evidence", get_args(Evidence))
    _every_professional = _exactly("professionals", get_args(Professional))
    _every_part = _exactly("parts", (*PARTS, *OTHER_PARTS))
    _every_pick = _exactly("picks", PICKS)
    _asked_for = at_least(1, "show_exercise", "pain_first", "delete_asked")

    @validator("*")
    def _said_without_failing(cls, value: Any, field: ModelField) -> Any:
        texts = value.values() if isinstance(value, dict) else value
        for text in [texts] if isinstance(texts, str) else texts:
            if isinstance(text, str):
                _fillable(text, _PLACEHOLDERS.get(field.name, ()))
        return value


def plain_words(text: str) -> str:
    """The words of a text in lower case, without apostrophes, a space between them."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower().replace("'", "").replace("\u2019", "")))


@lru_cache(maxsize=4096)
def written_words(text: str) -> str:
    """`plain_words` of a text of the guide, kept. What a person typed may not be kept."""
    return plain_words(text)


@lru_cache(maxsize=1)
def load_wording(path: Path = GUIDE / "wording.yml") -> Wording:
    """The wording, validated.

    Raises:
        ContentError: naming file, key and cure.
    """
    return read_entry(path, Wording)
