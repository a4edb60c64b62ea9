"""The words the assistant adds around the guide's answers, from `guide/wording.yml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field, validator

from backstride.content import Entry, at_least, read_entry
from backstride.guide import TITLE_CHARS, Evidence, Professional
from backstride.paths import GUIDE


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


class Wording(Entry):
    """Everything in `guide/wording.yml`; the file says what each is for."""

    evidence: dict[Evidence, str]
    source_line: str
    sources_answer: str
    sources_reviewed: str
    disclaimers: Disclaimers
    professionals: dict[Professional, str]
    parts: dict[str, Part]
    all_said: str
    no_subject: str
    fallback_first: str
    fallback_second: str
    fallback_no_guess: str
    pain_first: tuple[str, ...]
    pain_next: str
    no_text: str
    too_long: str
    technical_problem: str

    @validator("evidence")
    def _every_strength(cls, evidence: dict[Evidence, str]) -> dict[Evidence, str]:
        missing = {"strong", "moderate", "limited", "conflicting", "expert_opinion"} - set(evidence)
        if missing:
            raise ValueError(f"{', '.join(sorted(missing))} is missing. Add a line for it")
        return evidence


@lru_cache(maxsize=1)
def load_wording(path: Path = GUIDE / "wording.yml") -> Wording:
    """The wording, validated.

    Raises:
        ContentError: naming file, key and cure.
    """
    return read_entry(path, Wording)
