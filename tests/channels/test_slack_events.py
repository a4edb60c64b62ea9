"""What a Slack event or press means, for every kind that an app can get."""

from __future__ import annotations

from typing import Any

import pytest

from backstride.channels.slack import (
    Mentioned,
    Pressed,
    Said,
    Wordless,
    read_event,
    read_press,
    unescaped,
    without_buttons,
)


def event(**content: Any) -> dict[str, Any]:
    base = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "ts": "5.1"}
    return {"type": "event_callback", "event": {**base, **content}}


def press(**content: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": "U1"},
        "channel": {"id": "D1"},
        "container": {"message_ts": "5.1", "channel_id": "D1"},
        "message": {"ts": "5.1", "text": "Choose.", "blocks": [{"type": "section"}]},
        "actions": [{"type": "button", "value": "/why", "text": {"text": "Why?"}}],
        **content,
    }


def test_a_direct_message_is_read() -> None:
    assert read_event(event(text="heat or ice?")) == Said("D1", "U1", "heat or ice?", None)


def test_a_message_in_a_thread_is_answered_there() -> None:
    assert read_event(event(text="why?", thread_ts="4.1")) == Said("D1", "U1", "why?", "4.1")


def test_words_beside_a_file_are_read() -> None:
    update = event(text="is this swollen?", subtype="file_share", files=[{"id": "F1"}])
    assert read_event(update) == Said("D1", "U1", "is this swollen?", None, has_media=True)


def test_a_file_alone_is_wordless() -> None:
    update = event(text="", subtype="file_share", files=[{"id": "F1"}])
    assert read_event(update) == Wordless("D1", "U1", None)


def changed(before: str, after: str, **message: Any) -> dict[str, Any]:
    return event(
        subtype="message_changed",
        user=None,
        message={"user": "U1", "text": after, "type": "message", **message},
        previous_message={"user": "U1", "text": before},
    )


def test_an_edited_text_is_read_again_since_a_danger_sign_may_have_come_in() -> None:
    assert read_event(changed("my back", "I can't pee")) == Said("D1", "U1", "I can't pee", None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"event": None},
        {"event": []},
        event(text=""),
        event(text="hi", channel_type="channel"),
        event(text="hi", channel_type="mpim"),
        event(text="hi", channel_type=None),
        event(text="hi", bot_id="B1"),
        event(text="hi", user="USLACKBOT"),
        event(text="hi", user=None),
        event(text="hi", hidden=True),
        event(subtype="message_deleted", previous_message={"text": "a"}),
        event(subtype="channel_join", text="<@U1> has joined"),
        changed("a", "a"),  # a preview of a link was added
        changed("a", "b", bot_id="B1"),  # our own, its buttons removed
        event(type="reaction_added", reaction="thumbsup"),
        event(type="app_home_opened", tab="messages"),
    ],
)
def test_what_asks_for_no_answer_is_ignored(body: object) -> None:
    assert read_event(body) is None


def test_a_mention_belongs_to_its_thread_or_begins_one() -> None:
    mention = {"type": "app_mention", "channel": "C1", "text": "<@UBOT> heat or ice?"}
    assert read_event(event(**mention)) == Mentioned("C1", "U1", "heat or ice?", "5.1")
    assert read_event(event(**mention, thread_ts="4.1")) == Mentioned(
        "C1", "U1", "heat or ice?", "4.1"
    )
    assert read_event(event(**mention, bot_id="B1")) is None


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("heat &amp; ice", "heat & ice"),
        ("pain &lt;3 days &gt; 1", "pain <3 days > 1"),
        ("&amp;lt;", "&lt;"),
        ("see <https://example.org/a?b=1&amp;c=2|example.org>", "see example.org"),
        ("see <https://example.org/a?b=1&amp;c=2>", "see https://example.org/a?b=1&c=2"),
        ("<mailto:a@example.org|a@example.org>", "a@example.org"),
        ("call <tel:+49123|+49 123>", "call +49 123"),
        ("<@U123> hello", " hello"),
        ("<@U123|anna> hello", "anna hello"),
        ("in <#C1|running>", "in running"),
        ("<!here> hello", "here hello"),
        ("a < b", "a < b"),
        ("", ""),
    ],
)
def test_a_text_is_read_as_it_was_typed(text: str, typed: str) -> None:
    assert unescaped(text) == typed


def test_a_pressed_button_is_read() -> None:
    pressed = read_press(press())
    assert isinstance(pressed, Pressed)
    assert (pressed.data, pressed.title, pressed.message) == ("/why", "Why?", "5.1")


def test_a_press_in_a_thread_is_answered_there() -> None:
    pressed = read_press(press(message={"ts": "5.1", "thread_ts": "4.1"}))
    assert isinstance(pressed, Pressed)
    assert pressed.thread == "4.1"


def test_the_buttons_go_and_the_choice_is_noted() -> None:
    blocks = [{"type": "section"}, {"type": "actions"}, {"type": "actions"}]
    pressed = read_press(press(message={"ts": "5.1", "text": "Choose.", "blocks": blocks}))
    assert isinstance(pressed, Pressed)
    updated = without_buttons(pressed)
    assert [block["type"] for block in updated["blocks"]] == ["section", "context"]
    assert updated["blocks"][1]["elements"][0]["text"] == "\u203a Why?"


@pytest.mark.parametrize(
    "payload",
    [
        {},
        None,
        [],
        press(type="view_submission"),
        press(type="shortcut"),
        press(actions=[]),
        press(actions=None),
        press(actions=[{"type": "radio_buttons", "selected_option": {"value": "a"}}]),
        press(actions=[{"type": "checkboxes", "selected_options": []}]),
        press(actions=[{"type": "button", "url": "https://example.org"}]),
        press(user=None),
        press(channel=None, container=None),
        press(message=None, container={"channel_id": "D1"}),
    ],
)
def test_a_press_of_anything_else_is_ignored(payload: object) -> None:
    assert read_press(payload) is None
