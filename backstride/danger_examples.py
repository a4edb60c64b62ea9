"""Labelled messages that tell of a danger sign or only sound like it: `data/danger_signs`.

`no_signs.yml` lists what is no sign by reason. Each other file holds messages of writers of its
own, one JSON object a line, so that what is learnt from the others can be tried on strangers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backstride.content import ContentError, read_yaml, shown
from backstride.paths import DATA
from backstride.questions import whole_and_pieces

FOLDER = DATA / "danger_signs"
NO_SIGNS = FOLDER / "no_signs.yml"
_KINDS = ("red_flag", "negated", "topic")
_CRISIS = "crisis"


@dataclass(frozen=True)
class Example:
    """One message.

    Attributes:
        text: the message.
        danger: whether it tells of a danger sign that is there now.
        crisis: whether it tells of a crisis.
        writers: the file that it stands in.
    """

    text: str
    danger: bool
    crisis: bool
    writers: str

    def parts(self) -> list[str]:
        """What is learnt from it: where there is no sign, none of its pieces tells of one."""
        return [self.text] if self.danger else whole_and_pieces(self.text)


def message_files() -> list[Path]:
    """The files with messages of different writers."""
    return sorted(FOLDER.glob("*.jsonl"))


def read_examples() -> list[Example]:
    """All messages.

    Raises:
        ContentError: naming file, line and cure.
    """
    listed = [text for texts in read_yaml(NO_SIGNS).values() for text in texts]
    return [
        *(Example(text, False, False, NO_SIGNS.stem) for text in listed),
        *(example for path in message_files() for example in _read(path)),
    ]


def _read(path: Path) -> Iterator[Example]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            text, kind = str(row["text"]), row["kind"]
        except (ValueError, KeyError, TypeError):
            kind = None
        if kind not in _KINDS:
            raise ContentError(
                f"{shown(path)}, line {number}: expected an object with 'text' and 'kind',"
                f" one of {', '.join(_KINDS)}. Correct it."
            )
        yield Example(text, kind == "red_flag", row.get("urgency") == _CRISIS, path.stem)
