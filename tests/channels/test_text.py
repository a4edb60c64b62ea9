"""Texts are cut at the best place, within the limit, and nothing of them is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstride.channels.text import shortened, split, utf16_length, with_bullets


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" \n ", []),
        ("short", ["short"]),
        ("one two three four", ["one two", "three four"]),
        ("First one. And two", ["First one.", "And two"]),
        ("line one\nline two", ["line one", "line two"]),
        ("para\n\nb c d e f g", ["para", "b c d e f", "g"]),
        ("abcdefghijklmno", ["abcdefghij", "klmno"]),
    ],
)
def test_a_text_is_cut_at_the_best_place(text: str, parts: list[str]) -> None:
    assert split(text, 10) == parts


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(2, 50))
def test_parts_are_within_the_limit_and_nothing_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit, utf16_length)
    assert all(1 <= utf16_length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(3, 50))
def test_a_shortened_text_is_within_the_limit(text: str, limit: int) -> None:
    assert utf16_length(shortened(text, limit, utf16_length)) <= limit


def test_what_is_cut_off_is_marked() -> None:
    assert shortened("one two three", 8) == "one two\u2026"
    assert shortened("one two", 8) == "one two"


def test_an_emoji_counts_as_two() -> None:
    assert utf16_length("a\U0001f642") == 3


def test_items_of_a_list_get_a_dot() -> None:
    assert (
        with_bullets("Any of:\n- one\n- two - three") == "Any of:\n\u2022 one\n\u2022 two - three"
    )
