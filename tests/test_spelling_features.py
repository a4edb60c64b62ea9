"""Pieces of words, words and pairs of words as sparse rows."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from backstride.spelling_features import SpellingFeatures, _pieces_of, words_of

SHARES = (0.5, 0.15)
MANY = 1000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Can\u2019t run", ["cant", "run"]),
        ("CAFÉ 5k?!", ["cafe", "5k", "?", "!"]),
        ("", []),
        ("👍🏽 🤷‍♂️", ["👍", "🤷", "♂"]),
    ],
)
def test_words_are_plain(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_pieces_are_two_to_four_letters_within_a_word() -> None:
    listed = [["a", "ice"], [], ["👍"]]
    owners, codes = _pieces_of(listed)
    spelt = [b"".join(_letters(code)).decode("utf-32-le") for code in codes]
    emoji = chr(ord("👍") & 0xFFFF)
    assert Counter(zip(owners.tolist(), spelt, strict=True)) == Counter(
        [(0, p) for p in (" a", "a ", " a ", " i", "ic", "ce", "e ", " ic", "ice", "ce ")]
        + [(0, " ice"), (0, "ice ")]
        + [(2, f" {emoji}"), (2, f"{emoji} "), (2, f" {emoji} ")]
    )


def _letters(code: np.uint64) -> list[bytes]:
    """The letters of a piece, each as four bytes."""
    halves = [(int(code) >> shift) & 0xFFFF for shift in (48, 32, 16, 0)]
    return [half.to_bytes(4, "little") for half in halves if half]


def test_features_of_one_text_only_are_left_out() -> None:
    features, rows = SpellingFeatures.learn(["shoes", "shoes", "marathon"], SHARES, MANY)
    assert features.words == ("shoes",)
    columns, values = features.row("shoes")
    assert values @ values == pytest.approx(sum(SHARES), rel=1e-5)
    assert len(features.row("zzz")[0]) == 0
    row = rows[0].toarray()[0]
    np.testing.assert_array_equal(row[columns], values)
    assert np.count_nonzero(row) == len(columns)
    assert rows[2].nnz == len(features.row("marathon")[0])


def test_the_commonest_are_kept_and_the_rare_weigh_more() -> None:
    texts = ["hot bath", "hot shoes", "hot shoes", "ice ice", "ice bath", "hot"]
    features, _ = SpellingFeatures.learn(texts, SHARES, 3)
    assert features.words == ("hot", "bath", "shoes")  # in four, and in two that came first
    weights = dict(zip(features.words, features.rarity[len(features.pieces) :], strict=True))
    assert weights["hot"] < weights["bath"]
    assert weights["bath"] == pytest.approx(np.log(7 / 3) + 1)


def test_what_comes_twice_in_a_text_counts_more_but_not_double() -> None:
    features, _ = SpellingFeatures.learn(["ice", "bath", "bath", "ice"], SHARES, MANY)
    columns, values = features.row("ice ice bath")
    ice, bath = (
        values[columns == len(features.pieces) + features.words.index(word)].item()
        for word in ("ice", "bath")
    )
    assert ice / bath == pytest.approx(1 + np.log(2))


def test_arrays_hold_all_of_it() -> None:
    features, _ = SpellingFeatures.learn(["hot bath", "hot bath", "ice"], SHARES, MANY)
    again = SpellingFeatures.of_arrays(features.arrays())
    for one, other in zip(features.row("a hot bath"), again.row("a hot bath"), strict=True):
        np.testing.assert_array_equal(one, other)
    assert again.words == features.words
