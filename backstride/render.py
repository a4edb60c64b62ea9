"""An answer as short messages and buttons that survive every channel.

Every channel of Rasa splits a text at blank lines, some drop all buttons when there are more
than five, and none agrees with another on markup. So: a message is one paragraph of plain
text, buttons hang on the last one, and there are never more than five.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

BUTTONS = 5
MESSAGE_CHARS = 1000
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Button:
    """A quick reply: what it shows and what pressing it sends."""

    title: str
    payload: str


@dataclass(frozen=True)
class Picture:
    """A file of `guide/pictures`, and what it shows in words."""

    file: str
    alt: str


@dataclass(frozen=True)
class Message:
    """One paragraph of plain text, with buttons below it or none.

    `closing` says that its first line names the sources. Channels that know no better show the
    text alone.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    picture: Picture | None = None
    closing: bool = False


def render(
    paragraphs: Iterable[str],
    buttons: Sequence[Button] = (),
    picture: Picture | None = None,
    closing: str | None = None,
) -> tuple[Message, ...]:
    """Paragraphs as messages, the buttons on the last one; equal buttons are shown once.

    Args:
        paragraphs: what is said.
        buttons: quick replies below the last message.
        picture: shown with the first message, where the channel can.
        closing: one more paragraph at the end: its first line names the sources.

    Raises:
        ValueError: there is nothing to say, or a paragraph is too long for a chat message.
    """
    said = [*paragraphs, closing] if closing else [*paragraphs]
    texts = [text for text in map(_clean, said) if text]
    if not texts:
        raise ValueError("An answer without a word can't be sent.")
    for text in texts:
        if len(text) > MESSAGE_CHARS:
            raise ValueError(f"A paragraph has {len(text)} characters: '{text[:60]}...'")
    unique = tuple(dict.fromkeys(buttons))[:BUTTONS]
    messages = [Message(text) for text in texts[:-1]]
    messages.append(Message(texts[-1], unique, closing=closing is not None))
    messages[0] = replace(messages[0], picture=picture)
    return tuple(messages)


def _clean(paragraph: str) -> str:
    lines = (_CONTROL.sub(" ", line).strip() for line in paragraph.split("\n"))
    return "\n".join(line for line in lines if line)
