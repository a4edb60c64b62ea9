"""Button payloads: the only slash commands that a person may send.

Rasa lets anybody set any intent and entity with `/intent{"entity": "value"}`. Only what the
assistant's own buttons can offer is let through; the rest is read as plain text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from backstride.guide import Guide
from backstride.wording import Wording

PAYLOAD_BYTES = 64  # Telegram's limit for callback data, the smallest of all channels
PLAIN_INTENTS = frozenset(
    {"greet", "goodbye", "affirm", "deny", "unsure", "ask_help", "ask_human", "ask_privacy"}
)
_COMMAND = re.compile(r"/(?P<intent>[a-z_]+)(?P<entities>\{.*\})?", re.DOTALL)


def payload(intent: str, entities: Mapping[str, str] | None = None) -> str:
    """The payload of a button.

    Raises:
        ValueError: it is longer than the smallest channel allows.
    """
    text = f"/{intent}"
    if entities:
        text += json.dumps(dict(entities), separators=(",", ":"))
    if len(text.encode()) > PAYLOAD_BYTES:
        raise ValueError(f"The payload {text} has more than {PAYLOAD_BYTES} bytes. Shorten the id.")
    return text


def parse(text: str) -> tuple[str, dict[str, str]]:
    """The intent and the entities of a payload that `payload` made.

    Raises:
        ValueError: it is no payload.
    """
    command = _COMMAND.fullmatch(text)
    if command is None:
        raise ValueError(f"'{text}' is no payload of a button.")
    return command["intent"], json.loads(command["entities"] or "{}")


def is_offered(text: str, guide: Guide, wording: Wording) -> bool:
    """Whether this text is a payload that one of our own buttons carries."""
    command = _COMMAND.fullmatch(text)
    if command is None:
        return False
    intent = command["intent"]
    try:
        entities = json.loads(command["entities"] or "{}")
        # What our buttons write, and nothing that only means the same.
        if text != payload(intent, entities):
            return False
    except (ValueError, RecursionError):
        return False
    topic = intent.removeprefix("ask_")
    match list(entities.items()):
        case []:
            return intent in PLAIN_INTENTS or (intent.startswith("ask_") and topic in guide.topics)
        case [("part", part)]:
            return intent == "follow_up" and isinstance(part, str) and part in wording.parts
        case [("exercise", exercise)]:
            known = guide.exercises.get(exercise) if isinstance(exercise, str) else None
            return known is not None and intent == f"ask_{known.topic}"
    return False


def as_plain_text(text: str) -> str:
    """A slash command that we do not offer, turned into words that the model can read."""
    return re.sub(r"[/{}\[\]\"]+", " ", text).strip()
