"""An emergency stays one however it is written; and nothing a person types breaks the matcher."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstride.red_flags import Detector, detector
from backstride.triage import highest

BASE = [
    ("RF-01", "I have gone numb between my legs"),
    ("RF-01", "my groin is numb since last night"),
    ("RF-01", "I can't feel my crotch when I sit down"),
    ("RF-02", "I can't pee since this morning"),
    ("RF-02", "my bladder is full but nothing comes out"),
    ("RF-02", "I am leaking urine since my back went"),
    ("RF-03", "I have lost control of my bowels"),
    ("RF-03", "I pooed myself without noticing"),
    ("RF-04", "my penis has gone numb"),
    ("RF-05", "both my legs are numb and weak"),
    ("RF-05", "I have pins and needles down both legs"),
    ("RF-06", "I can't lift my foot and it slaps the ground"),
    ("RF-08", "I was hit by a car and my back hurts"),
    ("RF-08", "I fell off a ladder and now my back is in agony"),
    ("RF-10", "I have a fever and back pain"),
    ("RF-10", "my temperature is 39 and my back aches"),
    ("RF-18", "I have chest pain going into my left arm"),
    ("RF-18", "I'm struggling to breathe"),
    ("RF-19", "sudden terrible pain in my stomach and back and I nearly fainted"),
    ("RF-22", "my pee is brown like cola after the marathon"),
    ("RF-26", "I'm pregnant and bleeding"),
    ("RF-29", "one side of my face is drooping"),
    ("RF-29", "my speech is slurred"),
    ("RF-30", "I am vomiting blood"),
    ("RF-32", "I want to kill myself"),
    ("RF-32", "I don't want to live any more"),
]
OPENINGS = [
    "hi, ",
    "Hello there! ",
    "good morning, ",
    "Hey Backstride, ",
    "please help, ",
    "sorry to bother you, ",
    "sorry for the long message. ",
    "quick question: ",
    "thanks for your help so far. ",
    "I hope you can help me, ",
]
FILLERS = [
    "I run thirty miles a week.",
    "I am training for a marathon in October.",
    "My shoes are quite new.",
    "The weather was lovely on Sunday!",
    "My physio gave me some stretches.",
    "I sit at a desk all day.",
    "I am 38 and run with a club.",
]
DENIALS = [
    ("RF-10", "no fever"),
    ("RF-18", "no chest pain"),
    ("RF-12", "I have never had cancer"),
    ("RF-21", "there is no blood in my urine"),
]
QUESTIONS = [
    "can I still run tomorrow?",
    "which stretches help?",
    "should I use heat or ice?",
    "is that normal?",
    "what should I do?",
    "how long does it last?",
    "am I being silly?",
]
ENDINGS = st.text(alphabet=" .,!?…-)", max_size=8)

base = st.sampled_from(BASE)
repeatable = settings(derandomize=True, deadline=None, max_examples=150)


def alarm(signs: Detector, text: str) -> dict[str, str]:
    """What is present in the text, with its level."""
    return {f.sign: f.level for f in signs.find(text) if f.status == "present"}


def raised(text: str) -> bool:
    present = alarm(detector(), text)
    return highest(present.values()) in ("emergency", "crisis")  # type: ignore[arg-type]


@pytest.mark.parametrize(("sign", "text"), BASE)
def test_each_base_message_is_an_emergency(sign: str, text: str) -> None:
    assert alarm(detector(), text).get(sign) in ("emergency", "crisis")


@repeatable
@given(message=base, upper=st.lists(st.booleans(), min_size=80, max_size=80))
def test_letter_case_does_not_matter(message: tuple[str, str], upper: list[bool]) -> None:
    text = message[1]
    mixed = "".join(c.upper() if u else c for c, u in zip(text, upper, strict=False))
    assert raised(mixed)
    assert raised(text.upper())


@repeatable
@given(message=base, ending=ENDINGS)
def test_punctuation_at_the_end_does_not_matter(message: tuple[str, str], ending: str) -> None:
    assert raised(message[1] + ending)


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize(("sign", "text"), BASE)
def test_politeness_before_it_does_not_matter(sign: str, text: str, opening: str) -> None:
    assert alarm(detector(), opening + text).get(sign) in ("emergency", "crisis")


@pytest.mark.parametrize("filler", FILLERS)
@pytest.mark.parametrize(("sign", "text"), BASE)
def test_a_sentence_before_or_after_it_does_not_matter(sign: str, text: str, filler: str) -> None:
    for whole in (f"{filler} {text}", f"{text}. {filler}", f"{filler} {text}. {filler}"):
        assert alarm(detector(), whole).get(sign) in ("emergency", "crisis"), whole


@pytest.mark.parametrize(("other", "denial"), DENIALS)
@pytest.mark.parametrize(("sign", "text"), BASE)
def test_a_denial_of_another_sign_does_not_matter(
    sign: str, text: str, other: str, denial: str
) -> None:
    if other != sign:
        whole = f"{denial} but {text}"
        assert alarm(detector(), whole).get(sign) in ("emergency", "crisis"), whole


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(("sign", "text"), BASE)
def test_a_question_after_it_does_not_matter(sign: str, text: str, question: str) -> None:
    for link in (". ", ", ", " - ", "\n"):
        whole = text + link + question
        assert alarm(detector(), whole).get(sign) in ("emergency", "crisis"), whole


@repeatable
@given(
    message=base,
    opening=st.sampled_from(["", *OPENINGS]),
    before=st.lists(st.sampled_from(FILLERS), max_size=3),
    after=st.lists(st.sampled_from(FILLERS), max_size=3),
    question=st.sampled_from(["", *QUESTIONS]),
    ending=ENDINGS,
)
def test_all_of_it_together_does_not_matter(
    message: tuple[str, str],
    opening: str,
    before: list[str],
    after: list[str],
    question: str,
    ending: str,
) -> None:
    parts = [*before, opening + message[1] + ".", *after, question]
    assert raised(" ".join(filter(None, parts)) + ending)


NAMED = [
    "numbness between the legs",
    "foot drop",
    "chest pain",
    "bladder leakage",
    "night sweats",
    "blood in the urine",
    "weakness in both legs",
]
named = pytest.mark.parametrize("sign", NAMED)


def alarmed(text: str) -> bool:
    return any(finding.status == "present" for finding in detector().find(text))


def status_of_all(text: str) -> set[str]:
    return {finding.status for finding in detector().find(text)}


@named
@pytest.mark.parametrize(
    "frame",
    [
        "what percentage of slipped discs lead to {}",
        "Why would a disc cause {}?",
        "list the causes of {}",
        "how is {} diagnosed",
        "do most people with a slipped disc get {}?",
        "we have a lecture on {} tomorrow",
        "the leaflet lists {} as a red flag, how come",
        "Do women get {} more than men?",
        "who is most at risk of {}",
        "at what age is {} most common",
    ],
)
def test_a_general_question_about_a_sign_raises_no_alarm(frame: str, sign: str) -> None:
    assert not alarmed(frame.format(sign))


@named
@pytest.mark.parametrize("frame", ["what is {}", "how common is {} in runners", "definition of {}"])
def test_a_plain_question_of_knowledge_is_not_even_asked_about(frame: str, sign: str) -> None:
    assert status_of_all(frame.format(sign)) == {"general"}


@named
@pytest.mark.parametrize(
    "frame",
    [
        "If I ever get {}, who do I call?",
        "I worry that one day I'll have {}",
        "At what point would {} become an emergency?",
        "how would I know if I had {}",
        "If one of my runners had {}, what should I do as a coach?",
        "I had {} in 2015, all sorted",
        "My wife had {} when she was pregnant, she's fine now",
        "Two summers ago I had {}. They scanned me and it was fine.",
    ],
)
def test_a_sign_that_is_supposed_or_over_raises_no_alarm(frame: str, sign: str) -> None:
    assert not alarmed(frame.format(sign))


@named
@pytest.mark.parametrize(
    "frame",
    [
        "not experiencing {}",
        "no weight loss, fever or {}",
        "{}: nil",
        "{}? Nope.",
        "GP asked about {} and I said no",
        "negative for {}",
        "denies fever, trauma, {}",
        "Any {}? Not that I've noticed.",
    ],
)
def test_a_sign_is_denied_in_many_ways(frame: str, sign: str) -> None:
    assert status_of_all(frame.format(sign)) == {"denied"}


@named
@pytest.mark.parametrize(
    "frame",
    [
        "I have {}, what should I do",
        "is it normal to have {} since Tuesday",
        "{} started last week",
        "I ran a marathon in 2019 and today I have {}",
        "I had {} two years ago and now it's back",
        "I read your list and I have {}",
        "what does it mean that I have {}",
        "my doctor said it was nothing but I have {}",
        "no fever but {}",
        "is it the disc? I have {}",
    ],
)
def test_a_sign_that_is_there_raises_the_alarm_whatever_stands_around_it(
    frame: str, sign: str
) -> None:
    assert alarmed(frame.format(sign))


def typos(word: str) -> Iterator[str]:
    """The word with two neighbours swapped, one letter dropped, or one doubled."""
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]
        yield word[: i + 1] + word[i:]
        if i and word[i - 1] != word[i]:
            yield word[: i - 1] + word[i] + word[i - 1] + word[i + 1 :]


def test_nearly_every_single_typo_leaves_the_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    tried, silent = 0, []
    for _, text in BASE:
        for word in re.finditer(r"[a-z]{5,}", text):
            for wrong in sorted(set(typos(word[0])) - {word[0]}):
                typed = text[: word.start()] + wrong + text[word.end() :]
                tried += 1
                if not raised(typed):
                    silent.append(typed)
    with capsys.disabled():
        print(f"\ntypos: {tried - len(silent)} of {tried} leave the alarm", *silent, sep="\n  ")
    assert tried > 800
    assert len(silent) <= 0.05 * tried


WORDS = """
numb groin not no my is i can't pee fever but and , . chest pain years ago what if legs
"""
words = st.sampled_from(WORDS.split())
# Anything, and much that looks like danger signs; never a lone half of a surrogate pair.
anything = st.one_of(
    st.text(max_size=2000, alphabet=st.characters(blacklist_categories=["Cs"])),
    st.lists(words, max_size=400).map(" ".join).map(lambda text: text[:2000]),
)


@settings(derandomize=True, deadline=None, max_examples=250)
@given(text=anything)
def test_any_text_is_read_without_harm_and_twice_the_same(text: str) -> None:
    signs = detector()
    findings = signs.find(text)
    assert findings == signs.find(text)
    assert len({f.sign for f in findings}) == len(findings)
    for finding in findings:
        assert 0 <= finding.start < finding.end <= len(text)
        assert text[finding.start : finding.end].strip()
    assert signs.reply_in(text) in (None, "seen", "misunderstanding")


def test_a_detector_made_anew_finds_the_same() -> None:
    fresh = Detector(detector().data)
    for _, text in BASE:
        assert fresh.find(text) == detector().find(text)
