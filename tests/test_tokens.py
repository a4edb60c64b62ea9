"""Words of a message and their places in it."""

from __future__ import annotations

import pytest

from backstride.tokens import split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("My GROIN", ["my", "groin"], id="capitals"),
        pytest.param("can't can’t can´t can`t", ["cant"] * 4, id="apostrophes"),
        pytest.param("'numb' down-there", ["numb", "down", "there"], id="quotes and hyphens"),
        pytest.param("não più ärger", ["nao", "piu", "arger"], id="accents"),
        pytest.param("ｐｅｅ", ["pee"], id="full width"),
        pytest.param("38.5°C, 39", ["38.5", "c", "39"], id="numbers"),
        pytest.param("37yo", ["37", "yo"], id="a number with letters"),
        pytest.param("боль 痛", ["боль", "痛"], id="other scripts"),
        pytest.param("😱 _ … ()", [], id="no words"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_words_are_lower_case_and_plain(text: str, words: list[str]) -> None:
    assert list(split_words(text).words) == words


def test_each_word_knows_its_place_in_the_text() -> None:
    text = "  I CAN´T, feel\tmy naïve Crotch!"
    tokens = split_words(text)
    assert [text[a:b] for a, b in tokens.spans] == ["I", "CAN´T", "feel", "my", "naïve", "Crotch"]


def test_sentences_and_commas_are_told_apart() -> None:
    tokens = split_words("no, fever. numb; legs\nyes 38.5 now")
    assert tokens.words == ("no", "fever", "numb", "legs", "yes", "38.5", "now")
    assert tokens.sentence == (0, 0, 1, 2, 3, 3, 3)
    assert tokens.pause_before == {1}


def test_a_row_of_marks_ends_a_sentence_somewhere() -> None:
    first, second = split_words("help?!... now").sentence
    assert first < second
