"""Telegram: an answer as calls of its Bot API, and an update as what a person did.

Texts go out plain, without a parse mode: nothing in them can be taken for markup, and Telegram's
apps make web addresses and phone numbers live by themselves. The limits are those of the Bot API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backstride.channels.text import shortened, split, utf16_length, with_bullets
from backstride.payloads import DELETE

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
CALLBACK_BYTES = 64
BUTTON_CHARS = 64  # of its own the API has no limit; longer ones are cut off on a phone
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
COMMANDS = {
    "/start": ("/greet",),
    "/help": ("/ask_help",),
    "/restart": (DELETE, "/greet"),
    "/delete": (DELETE,),
}
MENU = {
    "start": "Say hello",
    "help": "What I can do",
    "restart": "Delete this conversation and start again",
    "delete": "Delete this conversation",
}

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Said:
    """A person wrote something, as one or more texts for the assistant."""

    chat: int
    texts: tuple[str, ...]
    has_media: bool = False


@dataclass(frozen=True)
class Pressed:
    """A person pressed a button below a message."""

    chat: int
    callback: str
    data: str
    message: int
    message_text: str
    title: str


@dataclass(frozen=True)
class Wordless:
    """A person sent something that holds no words: a sticker, a voice message, a place."""

    chat: int


@dataclass(frozen=True)
class InGroup:
    """Something happened where more than one person reads."""

    chat: int
    may_write: bool


Update = Said | Pressed | Wordless | InGroup


def calls_for(response: Mapping[str, Any]) -> list[Call]:
    """A response of Rasa as calls of the Bot API; the chat is still to be put in."""
    texts = split(with_bullets(_text(response.get("text"))), TEXT_LIMIT, utf16_length)
    calls: list[Call] = [("sendMessage", _message(text)) for text in texts]
    keyboard = _keyboard(response.get("buttons"))
    if calls and keyboard:
        calls[-1][1]["reply_markup"] = {"inline_keyboard": keyboard}
    image = _text(response.get("image"))
    if image:
        photo = {"photo": image}
        if caption := shortened(_text(response.get("alt")), CAPTION_LIMIT, utf16_length):
            photo["caption"] = caption
        # Before the words: the buttons stay at the end.
        calls.insert(0, ("sendPhoto", photo))
    return calls


def plain_call_for(call: Call) -> Call | None:
    """The same as words alone, for when Telegram refuses a picture or a button."""
    method, parameters = call
    if method == "sendPhoto":
        caption = parameters.get("caption", "")
        return "sendMessage", _message(f"{caption}\n{parameters['photo']}".strip()[:TEXT_LIMIT])
    if "reply_markup" in parameters:
        return "sendMessage", _message(parameters["text"])
    return None


def call_that_marks(pressed: Pressed) -> Call:
    """Takes the buttons off a message once one was pressed, and notes which below its text."""
    where = {"chat_id": pressed.chat, "message_id": pressed.message}
    text = f"{pressed.message_text}\n\n\u203a {pressed.title}"
    if pressed.message_text and pressed.title and utf16_length(text) <= TEXT_LIMIT:
        return "editMessageText", {**where, **_message(text)}
    return "editMessageReplyMarkup", {**where, "reply_markup": {"inline_keyboard": []}}


def read_update(update: object) -> Update | None:
    """What a person did; nothing for what asks for no answer, or is not as Telegram sends it."""
    update = _object(update)
    if "callback_query" in update:
        return _pressed(_object(update["callback_query"]))
    for kind in ("message", "edited_message", "channel_post", "edited_channel_post"):
        if kind in update:
            return _said(_object(update[kind]), edited=kind == "edited_message")
    if "my_chat_member" in update:
        return _added(_object(update["my_chat_member"]))
    return None


def _said(message: dict[str, Any], edited: bool) -> Update | None:
    chat = _object(message.get("chat"))
    number = _number(chat.get("id"))
    if number is None or _object(message.get("from")).get("is_bot") is True:
        return None
    if chat.get("type") != "private":
        return InGroup(number, may_write=chat.get("type") in ("group", "supergroup"))
    text = _text(message.get("text")) or _text(message.get("caption"))
    if text.strip():
        return Said(number, _as_texts(text), has_media="caption" in message)
    # What holds no words but comes from a person has one of these.
    media = _MEDIA.intersection(message)
    return Wordless(number) if media and not edited else None


def _pressed(query: dict[str, Any]) -> Update | None:
    message = _object(query.get("message"))
    chat = _object(message.get("chat"))
    number, place = _number(chat.get("id")), _number(message.get("message_id"))
    callback, data = query.get("id"), query.get("data")
    if number is None or place is None or not isinstance(callback, str):
        return None
    if chat.get("type") != "private":
        return InGroup(number, may_write=False)
    if not isinstance(data, str):
        return None
    rows = _object(message.get("reply_markup")).get("inline_keyboard")
    buttons = (
        _object(button)
        for row in (rows if isinstance(rows, list) else [])
        for button in (row if isinstance(row, list) else [])
    )
    titles = (
        _text(button.get("text")) for button in buttons if button.get("callback_data") == data
    )
    text = _text(message.get("text"))
    return Pressed(number, callback, data, place, text, next(titles, ""))


def _added(change: dict[str, Any]) -> Update | None:
    """The assistant was put into a group; when a person blocks it, there is nothing to say."""
    chat = _object(change.get("chat"))
    number = _number(chat.get("id"))
    status = _object(change.get("new_chat_member")).get("status")
    if number is None or chat.get("type") == "private" or status not in ("member", "administrator"):
        return None
    return InGroup(number, may_write=chat.get("type") in ("group", "supergroup"))


def _as_texts(text: str) -> tuple[str, ...]:
    """A command of the menu as what it stands for; words behind it are read instead of it."""
    first, _, rest = text.strip().partition(" ")
    command = first.split("@")[0].lower()
    if command not in COMMANDS:
        return (text,)
    # A link such as t.me/bot?start=poster puts one word behind the command.
    if rest.strip() and not (command == "/start" and " " not in rest.strip()):
        return (rest.strip(),)
    return COMMANDS[command]


def _message(text: str) -> dict[str, Any]:
    return {"text": text, "link_preview_options": {"is_disabled": True}}


def _keyboard(buttons: object) -> list[list[dict[str, str]]]:
    """One button a row, so that no title is cut off on a phone."""
    rows = []
    for button in buttons if isinstance(buttons, list) else []:
        title = shortened(_text(_object(button).get("title")), BUTTON_CHARS, utf16_length)
        data = _text(_object(button).get("payload")) or title
        if len(data.encode()) > CALLBACK_BYTES:
            # The title is read as if it had been typed.
            data = title.encode()[:CALLBACK_BYTES].decode(errors="ignore")
        if title:
            rows.append([{"text": title, "callback_data": data}])
    return rows


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


_MEDIA = frozenset(
    "animation audio contact dice document game live_photo location paid_media photo poll sticker"
    " story venue video video_note voice".split()
)
