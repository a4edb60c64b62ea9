"""What a Telegram update means, for every kind that a bot can get."""

from __future__ import annotations

from typing import Any

import pytest

from backstride.channels.telegram import (
    COMMANDS,
    MENU,
    InGroup,
    Pressed,
    Said,
    Wordless,
    call_that_marks,
    read_update,
)
from backstride.payloads import DELETE

PRIVATE = {"id": 7, "type": "private"}
GROUP = {"id": -100, "type": "supergroup"}
PERSON = {"id": 7, "is_bot": False, "first_name": "Someone"}


def message(kind: str = "message", **content: Any) -> dict[str, Any]:
    return {"update_id": 1, kind: {"message_id": 2, "from": PERSON, "chat": PRIVATE, **content}}


def test_a_text_is_read_whole() -> None:
    # Rasa's own channel takes "/bot" out of any text.
    assert read_update(message(text="is a foam/bottle roll fine?")) == Said(
        7, ("is a foam/bottle roll fine?",)
    )


def test_an_edited_text_is_read_again_since_a_danger_sign_may_have_come_in() -> None:
    assert read_update(message("edited_message", text="and I can't pee")) == Said(
        7, ("and I can't pee",)
    )


def test_the_words_below_a_picture_are_read() -> None:
    update = message(photo=[{"file_id": "a"}], caption="is this swollen?")
    assert read_update(update) == Said(7, ("is this swollen?",), has_media=True)


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("/start", ("/greet",)),
        ("/start@b_bot", ("/greet",)),
        ("/start poster_3", ("/greet",)),
        ("/help", ("/ask_help",)),
        ("/HELP", ("/ask_help",)),
        ("/restart", (DELETE, "/greet")),
        ("/delete", (DELETE,)),
        ("/help i cant pee", ("i cant pee",)),
        ("/start i cant pee", ("i cant pee",)),
        ("/other", ("/other",)),
        ("/", ("/",)),
    ],
)
def test_a_command_is_what_it_stands_for_and_words_behind_it_are_not_lost(
    text: str, texts: tuple[str, ...]
) -> None:
    assert read_update(message(text=text)) == Said(7, texts)


def test_the_menu_shows_each_command() -> None:
    assert {f"/{name}" for name in MENU} == set(COMMANDS)


@pytest.mark.parametrize(
    "kind",
    ["sticker", "voice", "photo", "video", "video_note", "document", "location", "contact", "poll"],
)
def test_what_holds_no_words_is_wordless(kind: str) -> None:
    assert read_update(message(**{kind: {"file_id": "a"}})) == Wordless(7)


def test_an_edit_without_words_is_ignored() -> None:
    # A live location is edited every few seconds.
    assert read_update(message("edited_message", location={"latitude": 1.0})) is None


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": 1},
        [],
        None,
        "text",
        {"update_id": 1, "message": None},
        {"update_id": 1, "message": {"chat": {"id": True, "type": "private"}, "text": "a"}},
        {"update_id": 1, "message_reaction": {"chat": PRIVATE, "user": PERSON}},
        {"update_id": 1, "inline_query": {"id": "1", "from": PERSON, "query": "x"}},
        {"update_id": 1, "poll_answer": {"poll_id": "1"}},
        message(pinned_message={"message_id": 1}),
        message(text=" \n"),
        message(text="from a bot", **{"from": {"id": 9, "is_bot": True}}),
        {
            "update_id": 1,
            "my_chat_member": {"chat": PRIVATE, "new_chat_member": {"status": "kicked"}},
        },
        {"update_id": 1, "my_chat_member": {"chat": GROUP, "new_chat_member": {"status": "left"}}},
        {"update_id": 1, "callback_query": {"id": "1", "from": PERSON, "game_short_name": "g"}},
        {"update_id": 1, "callback_query": {"id": "1", "inline_message_id": "9", "data": "x"}},
    ],
)
def test_what_asks_for_no_answer_is_ignored(update: object) -> None:
    assert read_update(update) is None


@pytest.mark.parametrize(
    ("update", "may_write"),
    [
        ({"message": {"chat": GROUP, "from": PERSON, "text": "hi"}}, True),
        ({"message": {"chat": {"id": -1, "type": "group"}, "new_chat_members": [PERSON]}}, True),
        ({"channel_post": {"chat": {"id": -5, "type": "channel"}, "text": "hi"}}, False),
        ({"my_chat_member": {"chat": GROUP, "new_chat_member": {"status": "member"}}}, True),
    ],
)
def test_where_more_than_one_person_reads_is_a_group(update: Any, may_write: bool) -> None:
    found = read_update({"update_id": 1, **update})
    assert isinstance(found, InGroup)
    assert found.may_write is may_write


def press(**button: Any) -> dict[str, Any]:
    shown = {
        "message_id": 4,
        "chat": PRIVATE,
        "text": "Choose.",
        "reply_markup": {"inline_keyboard": [[{"text": "Why?", "callback_data": "/why"}]]},
    }
    query = {"id": "11", "from": PERSON, "message": {**shown, **button}, "data": "/why"}
    return {"update_id": 1, "callback_query": query}


def test_a_pressed_button_is_known_by_its_title() -> None:
    pressed = read_update(press())
    assert pressed == Pressed(7, "11", "/why", 4, "Choose.", "Why?")
    assert call_that_marks(pressed) == (
        "editMessageText",
        {
            "chat_id": 7,
            "message_id": 4,
            "text": "Choose.\n\n\u203a Why?",
            "link_preview_options": {"is_disabled": True},
        },
    )


@pytest.mark.parametrize(
    "button",
    [{"text": "x" * 4090}, {"text": None}, {"reply_markup": {"inline_keyboard": [1, [2]]}}],
    ids=["no room", "no text", "no title"],
)
def test_where_the_choice_cannot_be_noted_the_buttons_still_go(button: dict[str, Any]) -> None:
    pressed = read_update(press(**button))
    assert isinstance(pressed, Pressed)
    method, parameters = call_that_marks(pressed)
    assert method == "editMessageReplyMarkup"
    assert parameters["reply_markup"] == {"inline_keyboard": []}
