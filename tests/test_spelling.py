"""Misspelt words are mended towards a vocabulary, and good English is left alone."""

from __future__ import annotations

import pytest

from backstride.spelling import Speller
from backstride.tokens import split_words


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(["numb", "weak", "groin", "bladder", "numbness", "shoulder", "fever", "feel"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nubm", "numb"),
        ("nmub", "numb"),
        ("numbb", "numb"),
        ("groyn", "groin"),
        ("grooin", "groin"),
        ("fevr", "fever"),
        ("bladdr", "bladder"),
        ("shoudler", "shoulder"),
        ("feeeeel", "feel"),
        ("nummmmb", "numb"),
        pytest.param("nunmbmess", "numbness", id="two slips in a long word"),
    ],
)
def test_a_misspelt_word_is_mended(speller: Speller, typed: str, meant: str) -> None:
    assert speller.mended(typed) == meant


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("numb", id="known"),
        pytest.param("week", id="English, near weak"),
        pytest.param("never", id="English, near fever"),
        pytest.param("feet", id="English, near feel"),
        pytest.param("nmb", id="too short"),
        pytest.param("grxyn", id="two slips in a short word"),
        pytest.param("38.5", id="a number"),
        pytest.param("zzzzzzzz", id="near nothing"),
        pytest.param("", id="nothing"),
    ],
)
def test_other_words_stay(speller: Speller, word: str) -> None:
    assert speller.mended(word) == word


def test_the_first_letter_decides_between_two_equally_near_words() -> None:
    assert Speller(["zarkle", "yarkle"]).mended("yarkl") == "yarkle"
    assert Speller(["zarkle", "zarkly"]).mended("zarklx") == "zarkle"  # then the alphabet


def test_mending_changes_words_and_nothing_else(speller: Speller) -> None:
    tokens = split_words("my groyn, is nubm. yes")
    mended = speller.mend(tokens)
    assert mended.words == ("my", "groin", "is", "numb", "yes")
    assert (mended.spans, mended.sentence) == (tokens.spans, tokens.sentence)
    assert mended.pause_before == tokens.pause_before


def test_a_speller_without_words_mends_nothing() -> None:
    assert Speller([]).mended("groyn") == "groyn"
