"""Check everything a runner can read: `make check` runs this.

Loading the guide checks its form; here its words are checked: reading grade, no dose of a
medicine, no diagnosis, no promise, no bare "111", no markup that one channel shows raw.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backstride.content import ContentError, read_yaml
from backstride.declines import load_declines
from backstride.guide import Guide, load_guide
from backstride.paths import DATA, GUIDE, ROOT
from backstride.readability import ANSWER_GRADE, EMERGENCY_GRADE, grade
from backstride.render import BUTTONS
from backstride.wording import load_wording

_GRADED_WORDS = 12  # the formula means nothing for a few words
_FORBIDDEN = {
    "names a dose of a medicine. Remove the dose; a pharmacist gives doses": (
        r"\b\d+\s*(?:mg|milligrams?|mcg|micrograms?|g|grams?|ml)\b"
        r"|\b(?:one|two|three|half(?: of)? an?|a quarter of an?|\d+)\s+"
        r"(?:tablets?|pills?|capsules?)\b"
        r"|\btablets?\s+(?:every|a day|twice)\b"
    ),
    "says 'you have' about a condition. Say what the signs can mean instead": (
        r"(?<!\bif )\byou(?: have(?:n['\u2019]t)?|['\u2019]ve(?= (?:got|an?)\b)) "
        r"(?!a fever\b|(?:got )?(?:to|been|had|any|more|asked|questions?|no|the|your|already|one|it"
        r"|this|that|these|those|fever|weak|trouble|lost|thin|pain|back|leg|taken|time)\b)"
        r"(?:an? |got )*"
    ),
    "promises recovery. Say what often happens instead": (
        # What most people can expect is no promise to the reader.
        r"\b(?!(?:people|runners|most|many|some|others|who)\b)\w+(?: will|['\u2019]ll)"
        r"(?: (?:soon|fully|quickly|surely|certainly|definitely|always))?"
        r" (?:heal|recover|get better|go away)\b"
    ),
    "has markup that some channels show raw. Use plain words": r"[*_#`\[\]<>]|https?:|www\.",
    "names 111 without its country. Write 'NHS 111 (UK)' or '111 in New Zealand'": (
        r"(?<!\d[,.])\b111\b(?![,.]\d| (?:in )?New Zealand"
        r"|(?<=NHS 111) (?:\(UK\)|in the UK))"
    ),
}


def main() -> int:
    """Print each fault with file, key and cure; the exit code is 1 when there is one."""
    try:
        guide = load_guide()
        load_wording()
        faults = [*check_texts(guide), *check_responses(DATA / "responses")]
    except ContentError as error:
        faults = str(error).splitlines()
    for fault in faults:
        print(fault)
    if faults:
        print(f"{len(faults)} faults in the guide or the responses.")
        return 1
    print(f"The guide is sound: {len(guide.topics)} topics, {len(guide.exercises)} exercises.")
    return 0


def check_texts(guide: Guide) -> Iterator[str]:
    """Faults in the words of topics, exercises, myths and `wording.yml`."""
    for topic in guide.topics.values():
        passages = {"short": topic.short, **{f"parts.{k}": p for k, p in topic.parts.items()}}
        for key, passage in passages.items():
            yield from check_text(f"guide/topics/{topic.id}.yml: {key}", passage.text)
    for exercise in guide.exercises.values():
        words = exercise.dict(exclude={"id", "aliases", "sources", "topic", "evidence"})
        yield from _check_tree(f"guide/exercises/{exercise.id}.yml", words)
    for myth in guide.myths.values():
        yield from check_text(f"guide/myths.yml: {myth.id}.why", myth.why)
    yield from _check_tree("guide/wording.yml", _without_phrases(read_yaml(GUIDE / "wording.yml")))
    declines = load_declines()
    for reply in (*declines.declined, declines.otherwise):
        yield from check_text("guide/declines.yml: text", reply.text)
    yield from check_text("guide/declines.yml: other_language", declines.other_language)


def check_responses(folder: Path) -> Iterator[str]:
    """Faults in the plain responses; those of danger signs must be easier to read."""
    for path in sorted(folder.glob("*.yml")):
        limit = EMERGENCY_GRADE if path.stem == "danger_signs" else ANSWER_GRADE
        for name, variants in read_yaml(path)["responses"].items():
            where = f"{path.relative_to(ROOT)}: {name}"
            for variant in variants:
                yield from check_text(where, variant["text"], limit)
                if "\n\n" in variant["text"]:
                    yield f"{where}: has a blank line, which channels split. Remove it."
                if len(variant.get("buttons", ())) > BUTTONS:
                    yield f"{where}: has more than {BUTTONS} buttons. Remove some."


def check_text(where: str, text: str, limit: float = ANSWER_GRADE) -> Iterator[str]:
    """Faults in one text.

    Args:
        where: file and key, for the message.
        text: what a runner reads.
        limit: the highest reading grade allowed.
    """
    for cure, pattern in _FORBIDDEN.items():
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            yield f"{where}: '{found.group()}' {cure}."
    if len(text.split()) >= _GRADED_WORDS and (reached := grade(text)) > limit:
        yield (
            f"{where}: reading grade {reached:.1f}, {limit:.0f} is allowed. Use shorter sentences"
            " and plainer words."
        )


def _check_tree(where: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _check_tree(
                f"{where}: {key}" if ":" not in where else f"{where}.{key}", item
            )
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _check_tree(where, item)
    elif isinstance(value, str):
        yield from check_text(where, value)


def _without_phrases(wording: dict[str, Any]) -> dict[str, Any]:
    """The wording without the phrases that people type, which need not be plain."""
    return {key: value for key, value in wording.items() if key not in ("parts", "picks")}


if __name__ == "__main__":
    sys.exit(main())
