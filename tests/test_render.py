"""Messages survive every channel: one paragraph each, at most five buttons, plain text."""

from __future__ import annotations

import pytest

from backstride.render import BUTTONS, MESSAGE_CHARS, Button, Message, render


def button(number: int) -> Button:
    return Button(f"Title {number}", f"/payload_{number}")


def test_each_paragraph_is_a_message_and_the_last_one_has_the_buttons() -> None:
    assert render(["One.", "Two."], [button(1), button(2)]) == (
        Message("One."),
        Message("Two.", (button(1), button(2))),
    )


def test_a_message_needs_no_buttons() -> None:
    assert render(["One."]) == (Message("One.", ()),)


def test_there_are_never_more_buttons_than_every_channel_shows() -> None:
    (message,) = render(["One."], [button(n) for n in range(9)])
    assert message.buttons == tuple(button(n) for n in range(BUTTONS))
    assert BUTTONS == 5


def test_equal_buttons_are_shown_once_in_their_first_place() -> None:
    (message,) = render(["One."], [button(1), button(2), button(1)])
    assert message.buttons == (button(1), button(2))


def test_a_double_does_not_push_out_another_button() -> None:
    (message,) = render(["One."], [button(1), *(button(n) for n in range(1, 6))])
    assert len(message.buttons) == 5


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        ("  One.  ", "One."),
        ("One.\n\n\nTwo.", "One.\nTwo."),
        ("One.\n  \t \nTwo.", "One.\nTwo."),
        ("One.\r\n\r\nTwo.", "One.\nTwo."),
        ("List:\n- a\n- b", "List:\n- a\n- b"),
        ("One\u2028\u2029two.", "One  two."),
        ("A\x00b\x1bc\x85d", "A b c d"),
        ("Naïve – “it’s” 30 °C 👍", "Naïve – “it’s” 30 °C 👍"),
    ],
)
def test_a_text_has_no_blank_line_and_no_control_character(paragraph: str, text: str) -> None:
    assert render([paragraph]) == (Message(text),)


def test_an_empty_paragraph_is_left_out_and_the_buttons_stay() -> None:
    assert render(["One.", " \n\n "], [button(1)]) == (Message("One.", (button(1),)),)


@pytest.mark.parametrize("paragraphs", [[], [""], [" \n \x00 "]])
def test_an_answer_without_a_word_is_refused(paragraphs: list[str]) -> None:
    with pytest.raises(ValueError, match="without a word"):
        render(paragraphs, [button(1)])


def test_a_paragraph_too_long_for_a_chat_message_is_refused() -> None:
    assert render(["x" * MESSAGE_CHARS])
    with pytest.raises(ValueError, match=f"has {MESSAGE_CHARS + 1} characters"):
        render(["x" * (MESSAGE_CHARS + 1)])
