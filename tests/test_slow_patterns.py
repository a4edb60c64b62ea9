"""No message, however unlucky, keeps the matcher busy for long."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from statistics import median
from time import process_time
from types import FrameType
from typing import Any

import pytest

from backstride.phrases import places_of
from backstride.red_flags import Detector, detector

MESSAGES = 300
LONGEST = 1000  # characters of a message that the channels let through
TWICE_THAT = 2000
LIMIT_MS = 100
TALK = """
hello my lower back hurts since my long run on sunday and i wonder whether it is ok to keep going
or rest a few days because the marathon is in three weeks it aches when i sit at work no fever or
numb legs but stiff in the morning and better once i walk about
"""
GLUE = ["no", "not", "and", "or", ",", ",", ".", "my", "i", "but", "the"]


def vocabulary(signs: Detector) -> list[list[str]]:
    """Kinds of phrases that the matcher looks for."""
    data = signs.data
    return [
        *(list(phrases) for phrases in data.groups.values()),
        *(list(phrases) for _, phrases in data.context.named_phrases() if phrases),
    ]


def message(kinds: list[list[str]], chance: random.Random, chars: int) -> str:
    """A text of exactly this length; a few kinds of phrases come back again and again."""
    few = chance.sample(kinds, chance.choice([1, 3, 8, 40, len(kinds)]))
    glue = chance.choice([0.0, 0.2, 0.5])
    parts: list[str] = []
    while sum(map(len, parts)) + len(parts) <= chars:
        if chance.random() < glue:
            parts.append(chance.choice(GLUE))
        else:
            places = places_of(chance.choice(chance.choice(few)))[0]
            parts.append(" ".join(min(place) for place in places))
    return " ".join(parts)[:chars]


def work(call: Callable[[], Any]) -> int:
    """How many functions of the matcher run: the same on every machine."""
    calls = 0

    def count(frame: FrameType, event: str, _: Any) -> None:
        nonlocal calls
        calls += event == "call" and "backstride" in frame.f_code.co_filename

    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(None)
    return calls


def milliseconds(signs: Detector, text: str) -> float:
    signs._message.cache_clear()  # as if the message were new
    start = process_time()
    signs.find(text)
    return (process_time() - start) * 1000


def best_of_3(signs: Detector, text: str) -> float:
    """The best of three tries, and on a busy machine of up to twelve."""
    best = min(milliseconds(signs, text) for _ in range(3))
    for _ in range(9):
        if best < LIMIT_MS / 2:
            break
        best = min(best, milliseconds(signs, text))
    return best


@pytest.fixture(scope="module")
def signs() -> Detector:
    signs = detector()
    signs.find("I have a fevr")  # reads the dictionary
    return signs


def slowest(signs: Detector, texts: list[str]) -> tuple[float, str]:
    """The slowest text: all are timed once, the ten slowest again."""
    ranked = sorted(texts, key=lambda text: milliseconds(signs, text), reverse=True)
    return max((best_of_3(signs, text), text) for text in ranked[:10])


@pytest.mark.parametrize("chars", [LONGEST, TWICE_THAT])
def test_the_slowest_of_many_random_messages_is_fast(
    signs: Detector, capsys: pytest.CaptureFixture[str], chars: int
) -> None:
    chance = random.Random(20240611)
    kinds = vocabulary(signs)
    texts = [message(kinds, chance, chars) for _ in range(MESSAGES)]
    took, text = slowest(signs, texts)
    signs._message.cache_clear()
    calls = work(lambda: signs.find(text))
    with capsys.disabled():
        print(f"\nslowest of {MESSAGES} of {chars} characters: {took:.1f} ms, {calls} calls")
    assert took < LIMIT_MS, text


@pytest.mark.parametrize(
    "piece",
    [
        "numb leg ",
        "numb groin ",
        "numb numb numb groin groin groin ",
        "pale bk pain ",
        "rip bk pain ",
        "no numb groin and not numb groin, ",
        "no ",
        "no, ",
        "a, ",
        "pregnant bleeding pain baby weeks ",
        "chest pain tight breath left arm ",
        "my back pain hurts cancer fever steroids months cough sudden ",
        "nummb groyn ",
        "qwzxk ",
        "x",
        "'",
        "é",
    ],
)
def test_a_piece_said_over_and_over_is_fast(signs: Detector, piece: str) -> None:
    text = (piece * LONGEST)[:LONGEST]
    assert best_of_3(signs, text) < LIMIT_MS


def test_the_work_grows_with_the_message(signs: Detector) -> None:
    short, long = (("my foot is numb. " * 200)[:chars] for chars in (500, 2000))
    # Four times the text.
    assert work(lambda: signs.find(long)) <= 6 * work(lambda: signs.find(short))


def random_word(chance: random.Random, letters: int) -> str:
    """A word that is new to the speller, so that nothing is remembered from an earlier try."""
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=letters))


@pytest.mark.parametrize("letters", [4, 9, 30])
def test_misspelt_words_never_seen_before_are_fast(signs: Detector, letters: int) -> None:
    chance = random.Random(7)
    count = LONGEST // (letters + 1)
    texts = [" ".join(random_word(chance, letters) for _ in range(count)) for _ in range(3)]
    assert min(milliseconds(signs, text) for text in texts) < LIMIT_MS


def test_one_endless_word_is_fast(signs: Detector) -> None:
    chance = random.Random(5)
    texts = [random_word(chance, LONGEST) for _ in range(2)]
    assert min(milliseconds(signs, text) for text in texts) < LIMIT_MS


def test_what_ordinary_lengths_take(signs: Detector, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(11)
    took = {}
    for name, count in (("15 words", 15), ("1,000 characters", 190)):
        texts = [" ".join(chance.choices(TALK.split(), k=count)) for _ in range(50)]
        took[name] = median(best_of_3(signs, text) for text in texts)
    with capsys.disabled():
        print("\nmedian:", ", ".join(f"{name} {ms:.2f} ms" for name, ms in took.items()))
    assert took["15 words"] < LIMIT_MS / 4
