"""The guide: topics, exercises, myths and their sources, loaded once and validated as a whole.

Each statement carries ids of `guide/sources.yml`; nothing here adds a medical word of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, validator

from backstride.content import (
    ContentError,
    Entry,
    at_least,
    parse_entry,
    read_entry,
    read_yaml,
    shown,
    without_doubles,
)
from backstride.paths import GUIDE

Evidence = Literal["strong", "moderate", "limited", "conflicting", "expert_opinion"]
Professional = Literal["doctor", "physiotherapist", "pharmacist", "midwife", "sports_doctor"]

# What a person may ask for next, in the order in which "tell me more" gives it.
PARTS = ("how", "why", "how_often", "too_much", "skip", "at_night", "evidence")

SHORT_ANSWER_CHARS = 600
PART_CHARS = 650
TITLE_CHARS = 24
QUESTION_CHARS = 60
ALT_CHARS = 200
PICTURE_BYTES = 60_000
EXERCISE_TEXT_CHARS = 450  # two of an exercise's texts share a message of 1000 characters


class Source(Entry):
    """Where a statement comes from, and how it was checked before it was written down."""

    name: str = Field(..., max_length=150)
    where: str = Field(..., max_length=300)
    seen: Literal["read", "part", "copy", "known"]
    year: int | None = None

    @property
    def cited(self) -> str:
        """Name and year as a runner reads them."""
        return f"{self.name} ({self.year})" if self.year else self.name


class Passage(Entry):
    """Some paragraphs with the sources they rest on."""

    text: str
    sources: tuple[str, ...]

    _cited = at_least(1, "sources")

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Each paragraph is a message of its own, so lines within one are joined."""
        return paragraphs_of(self.text)


class Topic(Entry):
    """What the guide says on one topic: the short answer, then parts to ask for next."""

    id: str
    title: str = Field(..., max_length=TITLE_CHARS)
    question: str = Field(..., max_length=QUESTION_CHARS)
    asks: Professional
    checks_red_flags: bool
    evidence: Evidence
    short: Passage
    parts: dict[str, Passage]
    exercises: tuple[str, ...] = ()
    myths: tuple[str, ...] = ()
    related: tuple[str, ...]
    reviewed: str | None = Field(...)

    _leads_on = at_least(2, "related")
    _listed_once = without_doubles("exercises", "myths", "related")
    _says_more = at_least(4, "parts")

    @validator("short")
    def _short_is_short(cls, short: Passage) -> Passage:
        return _within(short, SHORT_ANSWER_CHARS, "the short answer")

    @validator("parts")
    def _parts_are_short(cls, parts: dict[str, Passage]) -> dict[str, Passage]:
        for unknown in parts.keys() - set(PARTS):
            raise ValueError(f"unknown part '{unknown}'. Known parts: {', '.join(PARTS)}")
        for required in ("why", "evidence"):
            if required not in parts:
                raise ValueError(f"the part '{required}' is missing. Add it")
        for name, part in parts.items():
            _within(part, PART_CHARS, f"the part '{name}'")
        return parts


class ExercisePicture(Entry):
    """A drawing in `guide/pictures`, and what it shows for those who can't see it."""

    file: str
    alt: str = Field(..., max_length=ALT_CHARS)

    @validator("file")
    def _is_there(cls, file: str) -> str:
        if not re.fullmatch(r"[a-z0-9-]+\.(?:svg|png|webp)", file):
            raise ValueError(
                f"'{file}' is no name of a picture. Use small letters, digits and -, and end it"
                " with .svg, .png or .webp"
            )
        path = GUIDE / "pictures" / file
        if not path.is_file():
            raise ValueError(f"guide/pictures/{file} does not exist. Add it, or correct the name")
        if path.stat().st_size > PICTURE_BYTES:
            raise ValueError(
                f"guide/pictures/{file} has more than {PICTURE_BYTES} bytes. Make it smaller"
            )
        if path.suffix == ".svg" and not path.with_suffix(".png").is_file():
            raise ValueError(
                f"guide/pictures/{path.stem}.png is missing: Telegram and Slack show no drawing."
                " Run 'make screenshots', which makes it from the drawing"
            )
        return file


class Exercise(Entry):
    """One exercise, with everything a person needs to do it and to know when not to."""

    id: str
    name: str = Field(..., max_length=TITLE_CHARS)
    aliases: tuple[str, ...]
    topic: str
    purpose: str = Field(..., max_length=EXERCISE_TEXT_CHARS)
    start: str = Field(..., max_length=EXERCISE_TEXT_CHARS)
    steps: tuple[str, ...]
    dose: str = Field(..., max_length=EXERCISE_TEXT_CHARS)
    feels_like: str = Field(..., max_length=EXERCISE_TEXT_CHARS)
    stop_if: str = Field(..., max_length=EXERCISE_TEXT_CHARS)
    skip_if: str = Field(..., max_length=EXERCISE_TEXT_CHARS)
    easier: str = Field(..., max_length=EXERCISE_TEXT_CHARS)
    harder: str = Field(..., max_length=EXERCISE_TEXT_CHARS)
    picture: ExercisePicture | None = None
    evidence: Evidence
    sources: tuple[str, ...]
    reviewed: str | None = Field(...)

    _complete = at_least(2, "steps")
    _cited = at_least(1, "sources")

    @validator("steps")
    def _steps_are_short(cls, steps: tuple[str, ...]) -> tuple[str, ...]:
        length = sum(map(len, steps))
        if length > EXERCISE_TEXT_CHARS:
            raise ValueError(
                f"have {length} characters together, {EXERCISE_TEXT_CHARS} are allowed."
                " Shorten them"
            )
        return steps

    @property
    def names(self) -> tuple[str, ...]:
        """What people may call it."""
        return (self.name, *self.aliases)


class Myth(Entry):
    """A common belief with what is known about it."""

    id: str
    myth: str
    verdict: str
    why: str = Field(..., max_length=300)
    topic: str
    sources: tuple[str, ...]
    reviewed: str | None = Field(...)

    _cited = at_least(1, "sources")


LinkedT = TypeVar("LinkedT", Topic, Exercise)


@dataclass(frozen=True)
class Guide:
    """The whole guide, by id. Every link in it leads somewhere."""

    topics: Mapping[str, Topic]
    exercises: Mapping[str, Exercise]
    myths: Mapping[str, Myth]
    sources: Mapping[str, Source]

    def exercise_named_in(self, text: str) -> Exercise | None:
        """The exercise whose name or alias stands in the text; the longest name wins."""
        words = f" {_words(text)} "
        named = [(len(name), one) for name, one in self._exercise_names if name in words]
        return max(named, key=lambda found: found[0])[1] if named else None

    @cached_property
    def _exercise_names(self) -> list[tuple[str, Exercise]]:
        """Each name as it stands among other words, with a space on both sides."""
        exercises = self.exercises.values()
        return [(f" {_words(name)} ", one) for one in exercises for name in one.names]


@lru_cache(maxsize=1)
def load_guide(folder: Path = GUIDE) -> Guide:
    """The guide in `folder`, validated.

    Raises:
        ContentError: a file is faulty, an id is used twice, or a link leads nowhere.
    """
    guide = Guide(
        topics=_folder_of(folder / "topics", Topic),
        exercises=_folder_of(folder / "exercises", Exercise),
        myths=_myths(folder / "myths.yml"),
        sources=_sources(folder / "sources.yml"),
    )
    faults = list(_dangling(guide))
    if faults:
        raise ContentError("\n".join(faults))
    return guide


def paragraphs_of(text: str) -> tuple[str, ...]:
    """Paragraphs of a text, lines joined except in a list (lines that start with '- ')."""
    parts = (part.strip() for part in re.split(r"\n\s*\n", text))
    return tuple(re.sub(r"\s*\n(?!- )\s*", " ", part) for part in parts if part)


def _within(passage: Passage, limit: int, what: str) -> Passage:
    if len(passage.text) > limit:
        raise ValueError(
            f"{what} has {len(passage.text)} characters, {limit} are allowed. Shorten it, or move"
            " detail to another part"
        )
    return passage


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _folder_of(folder: Path, schema: type[LinkedT]) -> dict[str, LinkedT]:
    entries: dict[str, LinkedT] = {}
    for path in sorted(folder.glob("*.yml")):
        entry = read_entry(path, schema)
        if entry.id != path.stem:
            raise ContentError(
                f"{shown(path)}: id: is '{entry.id}', but the file is named '{path.stem}'."
                " Give both the same name."
            )
        entries[entry.id] = entry
    if not entries:
        raise ContentError(f"{shown(folder)}: holds no entry. Restore it from version control.")
    return entries


def _myths(path: Path) -> dict[str, Myth]:
    myths: dict[str, Myth] = {}
    for number, data in enumerate(_listed(path, "myths", list), start=1):
        id_ = data.get("id") if isinstance(data, dict) else None
        myth = parse_entry(data, Myth, f"{shown(path)}: {id_ or f'entry {number}'}")
        if myth.id in myths:
            raise ContentError(f"{shown(path)}: id: '{myth.id}' is used twice. Rename one.")
        myths[myth.id] = myth
    return myths


def _sources(path: Path) -> dict[str, Source]:
    return {
        # An id without keys is an entry that lacks them all.
        id_: parse_entry({} if data is None else data, Source, f"{shown(path)}: {id_}")
        for id_, data in _listed(path, "sources", dict).items()
    }


def _listed(path: Path, key: str, kind: type[Any]) -> Any:
    """What stands under the only key of a file that holds many entries."""
    content = read_yaml(path)
    if not isinstance(content, dict) or list(content) != [key]:
        raise ContentError(f"{shown(path)}: expected one key, '{key}', with the entries under it.")
    if not isinstance(content[key], kind) or not content[key]:
        shape = "a list, each entry with '- id: ...'" if kind is list else "ids with keys"
        raise ContentError(
            f"{shown(path)}: {key}: expected {shape} under it. Add them, or restore the file from"
            " version control."
        )
    return content[key]


def _dangling(guide: Guide) -> Iterator[str]:
    """A line for each link that leads nowhere."""
    for topic in guide.topics.values():
        file = f"guide/topics/{topic.id}.yml"
        passages = {"short": topic.short, **{f"parts.{k}": p for k, p in topic.parts.items()}}
        for key, passage in passages.items():
            yield from _unknown(f"{file}: {key}.sources", passage.sources, guide.sources)
        yield from _unknown(f"{file}: exercises", topic.exercises, guide.exercises)
        yield from _unknown(f"{file}: myths", topic.myths, guide.myths)
        yield from _unknown(f"{file}: related", topic.related, guide.topics)
        if topic.id in topic.related:
            yield f"{file}: related: names the topic itself. Remove '{topic.id}'."
    for exercise in guide.exercises.values():
        file = f"guide/exercises/{exercise.id}.yml"
        yield from _unknown(f"{file}: sources", exercise.sources, guide.sources)
        yield from _unknown(f"{file}: topic", (exercise.topic,), guide.topics)
    for myth in guide.myths.values():
        file = f"guide/myths.yml: {myth.id}"
        yield from _unknown(f"{file}: sources", myth.sources, guide.sources)
        yield from _unknown(f"{file}: topic", (myth.topic,), guide.topics)


def _unknown(where: str, ids: tuple[str, ...], known: Mapping[str, object]) -> Iterator[str]:
    for missing in ids:
        if missing not in known:
            yield f"{where}: '{missing}' does not exist. Add it, or correct the spelling."
