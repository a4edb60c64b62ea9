"""An answer as short messages and buttons that survive every channel.

Every channel of Rasa splits a text at blank lines, some drop all buttons when there are more
than five, and none agrees with another on markup. So: a message is one paragraph of plain
text, buttons hang on the last one, and there are never more than five.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BUTTONS = 5
MESSAGE_CHARS = 1000
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Button:
    """A quick reply: what it shows and what pressing it sends."""

    title: str
    payload: str


@dataclass(frozen=True)
class Message:
    """One paragraph of plain text, with buttons below it or none."""

    text: str
    buttons: tuple[Button, ...] = ()


def render(paragraphs: Iterable[str], buttons: Sequence[Button] = ()) -> tuple[Message, ...]:
    """Paragraphs as messages, the buttons on the last one; equal buttons are shown once.

    Raises:
        ValueError: there is nothing to say, or a paragraph is too long for a chat message.
    """
    texts = [text for text in (_clean(paragraph) for paragraph in paragraphs) if text]
    if not texts:
        raise ValueError("An answer without a word can't be sent.")
    for text in texts:
        if len(text) > MESSAGE_CHARS:
            raise ValueError(f"A paragraph has {len(text)} characters: '{text[:60]}...'")
    unique = tuple(dict.fromkeys(buttons))[:BUTTONS]
    return (*(Message(text) for text in texts[:-1]), Message(texts[-1], unique))


def _clean(paragraph: str) -> str:
    lines = (_CONTROL.sub(" ", line).strip() for line in paragraph.split("\n"))
    return "\n".join(line for line in lines if line)
