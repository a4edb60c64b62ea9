"""Slack: an answer as messages of blocks, and an event as what a person did.

Three characters mean something to Slack and are escaped; web addresses it makes live by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backstride.channels.text import shortened, split, with_bullets

SECTION_LIMIT = 3000
BLOCKS = 50  # in one message
BUTTONS_IN_BLOCK = 5
TITLE_CHARS = 75
VALUE_CHARS = 2000
ALT_CHARS = 2000
FALLBACK_CHARS = 3000  # what notifications and screen readers get
_READ_SUBTYPES = frozenset({None, "file_share", "thread_broadcast", "me_message"})
# <https://a.example|label>, <@U123>, <#C123|name>, <!here>
_REFERENCE = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True)
class Said:
    """A person wrote something."""

    channel: str
    user: str
    text: str
    thread: str | None
    has_media: bool = False


@dataclass(frozen=True)
class Pressed:
    """A person pressed a button below a message."""

    channel: str
    user: str
    data: str
    thread: str | None
    message: str
    title: str
    blocks: tuple[dict[str, Any], ...]
    text: str


@dataclass(frozen=True)
class Wordless:
    """A person sent something that holds no words."""

    channel: str
    user: str
    thread: str | None


@dataclass(frozen=True)
class Mentioned:
    """Somebody called the assistant where more than one person reads."""

    channel: str
    user: str
    text: str
    thread: str | None  # the thread that the call stands in or begins


Event = Said | Pressed | Wordless | Mentioned


def messages_for(response: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A response of Rasa as arguments of `chat.postMessage`; the channel is still to be put in."""
    text = with_bullets(_text(response.get("text")))
    blocks: list[dict[str, Any]] = []
    image, alt = _text(response.get("image")), _text(response.get("alt"))
    if image:
        shown = shortened(alt, ALT_CHARS) or "Picture"
        blocks.append({"type": "image", "image_url": image, "alt_text": shown})
    blocks += [
        {"type": "section", "text": {"type": "mrkdwn", "text": escaped(part)}}
        for part in split(text, SECTION_LIMIT, _escaped_length)
    ]
    blocks += _action_blocks(response.get("buttons"))
    summary = escaped(shortened(text or alt, FALLBACK_CHARS, _escaped_length)) or "Picture"
    return [
        {"text": summary, "blocks": blocks[start : start + BLOCKS]}
        for start in range(0, len(blocks), BLOCKS)
    ]


def plain_message_for(message: Mapping[str, Any]) -> dict[str, Any]:
    """The same as words alone, for when Slack refuses the blocks."""
    texts = [block["text"]["text"] for block in message["blocks"] if block["type"] == "section"]
    return {"text": "\n".join(texts) or message["text"]}


def without_buttons(pressed: Pressed) -> dict[str, Any]:
    """A message as arguments of `chat.update`, its buttons gone, with the one that was pressed."""
    blocks = [block for block in pressed.blocks if block.get("type") != "actions"]
    if pressed.title:
        chosen = f"\u203a {shortened(pressed.title, TITLE_CHARS)}"
        element = {"type": "plain_text", "text": chosen, "emoji": False}
        blocks.append({"type": "context", "elements": [element]})
    return {"ts": pressed.message, "text": pressed.text, "blocks": blocks[:BLOCKS]}


def escaped(text: str) -> str:
    """The text with the three characters replaced that mean something to Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped_length(text: str) -> int:
    return len(escaped(text))


def unescaped(text: str) -> str:
    """What a person typed, from what Slack makes of it: `&amp;`, `<https://...|label>`."""

    def shown(reference: re.Match[str]) -> str:
        target, label = reference.groups()
        if target.startswith(("@", "!subteam")):
            return label or ""
        return label or re.sub(r"^(?:mailto:|tel:|[#!])", "", target)

    # References first: what is escaped is no reference.
    text = _REFERENCE.sub(shown, text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def read_event(body: object) -> Event | None:
    """What a person did; nothing for what asks for no answer, or is not as Slack sends it."""
    event = _object(_object(body).get("event"))
    if event.get("type") == "app_mention":
        return _mentioned(event)
    if event.get("type") != "message" or event.get("channel_type") != "im":
        return None
    thread = _text(event.get("thread_ts")) or None
    if event.get("subtype") == "message_changed":
        # A change is read like a message, but not one that only adds a preview of a link.
        before, event = (
            _object(event.get("previous_message")),
            {
                **_object(event.get("message")),
                "channel": event.get("channel"),
            },
        )
        thread = _text(event.get("thread_ts")) or None
        if before.get("text") == event.get("text"):
            return None
    channel, user = _text(event.get("channel")), _text(event.get("user"))
    if not channel or not user or event.get("bot_id") or event.get("hidden") is True:
        return None
    if user == "USLACKBOT" or event.get("subtype") not in _READ_SUBTYPES:
        return None
    text, has_media = unescaped(_text(event.get("text"))), bool(event.get("files"))
    if text.strip():
        return Said(channel, user, text, thread, has_media)
    return Wordless(channel, user, thread) if has_media else None


def read_press(payload: object) -> Event | None:
    """What a person pressed; nothing for what is not one of our buttons."""
    payload = _object(payload)
    actions = payload.get("actions")
    action = _object(actions[0]) if isinstance(actions, list) and actions else {}
    container, message = _object(payload.get("container")), _object(payload.get("message"))
    channel = _text(_object(payload.get("channel")).get("id")) or _text(container.get("channel_id"))
    user, data = _text(_object(payload.get("user")).get("id")), _text(action.get("value"))
    place = _text(message.get("ts")) or _text(container.get("message_ts"))
    if payload.get("type") != "block_actions" or action.get("type") != "button":
        return None
    if not (channel and user and data and place):
        return None
    blocks = message.get("blocks")
    return Pressed(
        channel,
        user,
        data,
        _text(message.get("thread_ts")) or _text(container.get("thread_ts")) or None,
        place,
        _text(_object(action.get("text")).get("text")),
        tuple(_object(block) for block in blocks) if isinstance(blocks, list) else (),
        _text(message.get("text")),
    )


def _mentioned(event: dict[str, Any]) -> Event | None:
    channel, user = _text(event.get("channel")), _text(event.get("user"))
    if not channel or not user or event.get("bot_id"):
        return None
    text = unescaped(_text(event.get("text"))).strip()
    thread = _text(event.get("thread_ts")) or _text(event.get("ts")) or None
    return Mentioned(channel, user, text, thread)


def _action_blocks(buttons: object) -> list[dict[str, Any]]:
    elements = []
    for number, button in enumerate(buttons if isinstance(buttons, list) else []):
        title = shortened(_text(_object(button).get("title")), TITLE_CHARS)
        value = _text(_object(button).get("payload")) or title
        if title:
            elements.append(
                {
                    "type": "button",
                    "action_id": f"choice-{number}",
                    "text": {"type": "plain_text", "text": title, "emoji": False},
                    # A payload that is too long is none of ours; the title is read instead.
                    "value": value if len(value) <= VALUE_CHARS else title,
                }
            )
    return [
        {"type": "actions", "elements": elements[start : start + BUTTONS_IN_BLOCK]}
        for start in range(0, len(elements), BUTTONS_IN_BLOCK)
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
