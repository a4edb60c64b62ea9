"""Nearness learns from phrasings, and a long text is as near as its nearest sentence."""

from __future__ import annotations

import numpy as np
import pytest

from backstride.nearness import Weights, learn, nearness

NUMB = ["my groin is numb", "numb groin since monday", "groin gone numb", "so numb in the groin"]
FINE = ["which shoes to buy", "shoes for trails", "how many miles a week", "a plan for ten miles"]


def vector(text: str) -> np.ndarray:
    return np.array([text.count("numb"), 1.0], dtype=np.float32)


def near(weights: Weights, *texts: str) -> float:
    return nearness(weights, texts, np.stack([vector(text) for text in texts]))


@pytest.fixture(scope="module")
def weights() -> Weights:
    texts = [*NUMB, *FINE]
    return learn(texts, [vector(t) for t in texts], [True] * len(NUMB) + [False] * len(FINE))


def test_what_was_learnt_is_near_and_the_rest_is_far(weights: Weights) -> None:
    assert near(weights, "the groin feels numb today") > 0.5
    assert near(weights, "a plan and shoes for the week") < 0.5


def test_a_slip_of_the_thumb_stays_near(weights: Weights) -> None:
    assert near(weights, "my groyn is nummb") > near(weights, "my shoes are muddy")


def test_the_nearest_sentence_counts(weights: Weights) -> None:
    parts = ["which shoes to buy", "my groin is numb"]
    assert near(weights, *parts) == max(near(weights, part) for part in parts)


def test_a_text_without_words_is_read_without_harm(weights: Weights) -> None:
    assert 0 <= near(weights, "?!") <= 1
