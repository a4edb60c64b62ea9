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


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("Is my Siatica bad?", "Is my sciatica bad?"),
        ("can't, wont; SCIATICA", "can't, wont; SCIATICA"),
        ("sciática 5km siatica2", "sciática 5km siatica2"),
        ("", ""),
    ],
)
def test_a_text_is_mended_where_it_is_misspelt_only(written: str, mended: str) -> None:
    assert Speller(["sciatica", "bad"]).mend_text(written) == mended


def test_swapped_letters_go_before_other_slips() -> None:
    assert Speller(["fever", "ever"]).mended("efver") == "fever"


def test_a_rare_word_with_a_letter_lost_or_doubled_is_a_slip() -> None:
    assert Speller(["pregnant"]).mended("regnant") == "pregnant"
    assert Speller(["penis"]).mended("pennis") == "penis"
    assert Speller(["weak"]).mended("week") == "week"


def test_two_words_that_ran_together_are_set_apart() -> None:
    tokens = split_words("help, icy, cantpee now")
    mended = Speller(["cant", "pee", "help", "now"]).mend(tokens)
    assert mended.words == ("help", "icy", "cant", "pee", "now")
    assert mended.spans[2] == mended.spans[3] == (11, 18)
    assert mended.pause_before == {1, 2}
    assert Speller(["die", "hoo"]).mend(split_words("hoodie")).words == ("hoodie",)
