"""Danger signs in plain wording: found, denied, in doubt, and how urgent.

A phrase marked `missed` is a fair one that the matcher gets wrong; it fails as soon as that is
mended, so that the mark goes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from backstride.content import ContentError
from backstride.paths import GUIDE
from backstride.phrases import Hit, Phrasebook
from backstride.red_flags import Detector, Finding, detector, load_red_flags, quoted
from backstride.triage import highest


@pytest.fixture(scope="module")
def signs() -> Detector:
    return detector()


def missed(*values: str) -> Any:
    return pytest.param(*values, marks=pytest.mark.xfail(strict=True, reason="matcher"))


def found(signs: Detector, text: str) -> dict[str, str]:
    """The status of each sign in the text."""
    return {finding.sign: finding.status for finding in signs.find(text)}


def level(signs: Detector, text: str, sign: str | None = None) -> str:
    """The level of one sign that is present, or the highest of all that are."""
    present = [f for f in signs.find(text) if f.status == "present"]
    return highest(f.level for f in present if sign in (None, f.sign))


PLAIN = [
    ("RF-01", "I have gone numb between my legs"),
    ("RF-01", "my genitals are tingling since this morning"),
    ("RF-01", "I can't feel the toilet paper when I wipe"),
    ("RF-02", "I can't pee"),
    ("RF-02", "my bladder is full but nothing comes out"),
    ("RF-02", "I have started leaking urine since my back went"),
    ("RF-02", "I can no longer pee"),
    ("RF-03", "I have lost control of my bowels"),
    ("RF-03", "I pooed myself without noticing"),
    ("RF-03", "I can't feel when I need to poo any more"),
    ("RF-04", "since my back pain started I can't get an erection"),
    ("RF-04", "my penis has gone numb"),
    ("RF-04", "I can't orgasm since my back went"),
    ("RF-05", "both my legs are numb"),
    ("RF-05", "I have pins and needles down both legs"),
    ("RF-05", "my sciatica has moved to both sides"),
    ("RF-05", "my sciatica was on one side and now it is in both legs"),
    ("RF-06", "I can't lift my foot"),
    ("RF-06", "my left leg is getting weaker every day"),
    ("RF-06", "my right arm suddenly went numb"),
    ("RF-07", "I am unsteady on my feet"),
    ("RF-07", "my hands are clumsy and I keep dropping things"),
    ("RF-07", "I have a tight band around my chest and my legs feel heavy"),
    ("RF-08", "I was hit by a car and my back hurts"),
    ("RF-08", "I fell off a ladder and now my back is in agony"),
    ("RF-08", "I came off my bike at speed and landed on my back"),
    ("RF-09", "I have osteoporosis and my back hurts after I tripped"),
    ("RF-09", "I'm 74 and after a small fall my back is agony"),
    ("RF-09", "I have been on steroid tablets for months and now my back hurts"),
    ("RF-10", "I have a fever and back pain"),
    ("RF-10", "my temperature is 39 and my back aches"),
    ("RF-10", "I can't stop shivering and my back hurts"),
    ("RF-11", "my immune system is weak because of my medicine"),
    ("RF-11", "I inject heroin and my back hurts"),
    ("RF-11", "I had a bad chest infection last week and now I have back pain"),
    ("RF-12", "I had breast cancer five years ago and now my back hurts"),
    ("RF-12", "I have prostate cancer"),
    ("RF-12", "I was treated for lymphoma and have new back pain"),
    ("RF-13", "I am losing weight without trying"),
    ("RF-13", "I wake up drenched in sweat every night"),
    ("RF-13", "I have lost a stone and I'm not dieting"),
    ("RF-14", "the pain wakes me up every night"),
    ("RF-14", "my back pain is worse when I lie down"),
    ("RF-14", "the pain is constant and nothing eases it"),
    ("RF-15", "there is a lump on my spine"),
    ("RF-15", "I have a swelling on my lower back"),
    ("RF-15", "my back has changed shape and is suddenly bent"),
    ("RF-16", "my back hurts when I cough"),
    ("RF-16", "sneezing sends a sharp pain through my back"),
    ("RF-16", "the pain gets worse when I strain on the toilet"),
    ("RF-17", "I have pain between my shoulder blades"),
    ("RF-17", "the pain is high up in my back"),
    ("RF-17", "my upper back hurts between the shoulders"),
    ("RF-18", "I have chest pain"),
    ("RF-18", "I'm struggling to breathe"),
    ("RF-18", "my chest feels tight and my left arm aches"),
    ("RF-19", "I can feel a heartbeat in my tummy"),
    ("RF-19", "sudden terrible pain in my stomach and back and I nearly fainted"),
    ("RF-19", "I have terrible back pain and I'm pale, sweaty and faint"),
    ("RF-20", "it burns when I pee"),
    ("RF-20", "my pee is cloudy and smells"),
    ("RF-20", "I'm peeing every half hour and my side hurts below the ribs"),
    ("RF-21", "there is blood in my pee"),
    ("RF-21", "terrible pain in waves from my side down to my groin"),
    ("RF-21", "I think I have a kidney stone"),
    ("RF-22", "my pee is brown like cola after the marathon"),
    ("RF-22", "since the ultra my urine is dark brown"),
    ("RF-22", "my thighs are swollen and hugely painful since the race and I can hardly pee"),
    ("RF-23", "it hurts deep in my hip when I hop on one leg"),
    ("RF-23", "my periods have stopped"),
    ("RF-23", "deep pain in my groin with every step when I run"),
    ("RF-24", "my back is stiff for over an hour every morning"),
    ("RF-24", "I wake at 4am with back pain and it eases when I move"),
    ("RF-24", "my back gets worse with rest and better when I move, for months now"),
    ("RF-25", "my eye is red and painful"),
    ("RF-25", "my sight is blurred"),
    ("RF-25", "light hurts my eyes and one is bloodshot"),
    ("RF-26", "I'm pregnant and bleeding"),
    ("RF-26", "I'm 34 weeks pregnant and my waters broke"),
    ("RF-26", "I'm pregnant and my baby is moving less"),
    ("RF-27", "my 12 year old son has back pain"),
    ("RF-27", "my daughter is 9 and limps and her back hurts"),
    ("RF-27", "I'm 14 and my back hurts when I run"),
    ("RF-28", "my calf is swollen and hot"),
    ("RF-28", "my left calf is red, warm and tender after a long flight"),
    ("RF-28", "my leg is swollen and I have not twisted it"),
    ("RF-28", "one of my legs is swollen and red"),
    ("RF-29", "one side of my face is drooping"),
    ("RF-29", "my speech is slurred"),
    ("RF-29", "I suddenly have the worst headache of my life"),
    ("RF-29", "my face isn't moving on one side"),
    ("RF-30", "my poo is black since I took ibuprofen"),
    ("RF-30", "I am vomiting blood"),
    ("RF-30", "I took too many painkillers"),
    ("RF-31", "I had an epidural two days ago and now my legs are weak"),
    ("RF-31", "my back pain got much worse after my spinal injection last week"),
    ("RF-31", "I take blood thinners and my back suddenly hurts"),
    ("RF-32", "I want to kill myself"),
    ("RF-32", "I don't want to live any more"),
    ("RF-32", "I have been cutting myself"),
    ("RF-32", "I think about hurting myself"),
    ("RF-01", "reduced pinprick S3-5, low back pain"),
    ("RF-02", "not peed for 18 hours"),
    ("RF-02", "post void residual 480 ml"),
    ("RF-05", "I can't feel anything below my waist"),
    ("RF-06", "new EHL weakness on the left"),
    ("RF-06", "I can't tiptoe on the left"),
    ("RF-15", "egg sized thing next to L3"),
    ("RF-30", "I've taken way more codeine than I should"),
]


def test_every_sign_has_three_plain_phrasings(signs: Detector) -> None:
    listed = [case[0] for case in PLAIN if type(case) is tuple]  # the others are missed
    assert set(listed) == set(signs.signs)
    assert all(listed.count(sign) >= 3 for sign in signs.signs)


@pytest.mark.parametrize(("sign", "text"), PLAIN)
def test_a_plain_phrasing_is_found(signs: Detector, sign: str, text: str) -> None:
    assert found(signs, text).get(sign) == "present"


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("RF-01", "I have no numbness between my legs"),
        ("RF-01", "my groin is not numb"),
        ("RF-01", "my groin isn't numb but my back is stiff"),
        ("RF-02", "my bladder is fine"),
        ("RF-02", "my pee is normal"),
        ("RF-05", "I don't have any weakness in my legs"),
        ("RF-05", "both legs are fine"),
        ("RF-10", "my temperature is normal"),
        ("RF-10", "without any fever"),
        ("RF-12", "I have never had cancer"),
        ("RF-18", "no chest pain"),
        ("RF-18", "I never had chest pain"),
        ("RF-21", "there is no blood in my pee"),
        ("RF-01", "numb groin? no"),
        ("RF-10", "fever: no"),
        ("RF-10", "My mum keeps asking have I got a fever. I haven't."),
        ("RF-05", "she tested my legs for weakness and there wasn't any"),
        ("RF-06", "Any leg gone weak or funny, no."),
        ("RF-18", "no pain in the chest when running"),
        ("RF-19", "no one in my family has had an aneurysm"),
    ],
)
def test_a_sign_is_denied_before_after_or_inside(signs: Detector, sign: str, text: str) -> None:
    assert found(signs, text).get(sign) == "denied"


@pytest.mark.parametrize(
    "text",
    [
        "no numbness between the legs, no trouble peeing, no fever, no chest pain",
        "no numb groin, fever, chest pain or trouble peeing",
        "I don't have a fever, chest pain, trouble peeing or numbness in my groin",
        "Numb groin: no. Trouble peeing: no. Fever: no. Chest pain: no.",
    ],
)
def test_a_list_of_denials_denies_each(signs: Detector, text: str) -> None:
    statuses = found(signs, text)
    assert [statuses.get(s) for s in ("RF-01", "RF-02", "RF-10", "RF-18")] == ["denied"] * 4


@pytest.mark.parametrize(
    ("denied", "present", "text"),
    [
        ("RF-10", "RF-02", "no fever but can't pee"),
        ("RF-10", "RF-02", "no fever but I can't pee"),
        ("RF-10", "RF-02", "no fever. can't pee"),
        ("RF-10", "RF-02", "no fever, I can't pee"),
        ("RF-10", "RF-02", "I cannot pee and I have no fever"),
        ("RF-10", "RF-01", "I have no fever, just numbness between my legs"),
        ("RF-10", "RF-01", "I don't have fever or chills, my groin is numb though"),
        ("RF-01", "RF-02", "my groin isn't numb but I can't pee"),
        ("RF-18", "RF-05", "no chest pain, but both legs are weak"),
        ("RF-10", "RF-02", "no fever, can't pee"),
        ("RF-10", "RF-02", "no fever and can't pee"),
        missed("RF-05", "RF-01", "the numbness is not in my legs but in my groin"),
        ("RF-05", "RF-01", "no numbness in my legs, but in my groin"),
    ],
)
def test_a_denial_of_one_sign_is_none_of_the_next(
    signs: Detector, denied: str, present: str, text: str
) -> None:
    statuses = found(signs, text)
    assert (statuses.get(denied), statuses.get(present)) == ("denied", "present")


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("RF-01", "not numb anywhere except my groin"),
        ("RF-18", "none of these apart from the chest pain"),
        ("RF-01", "no, my groin is numb"),
        ("RF-01", "not only is my groin numb, I can't pee"),
        ("RF-02", "no change, still can't pee"),
        ("RF-01", "I can no longer feel my groin"),
        ("RF-01", "I have no feeling between my legs"),
        ("RF-01", "I don't know why but my groin is numb"),
        ("RF-01", "nothing helps, numb groin"),
        ("RF-18", "never been this scared, chest pain"),
        ("RF-18", "my chest pain has not gone away"),
        ("RF-01", "not being funny, can't feel my crotch"),
        ("RF-01", "never mind the stretch, can't feel my crotch"),
        ("RF-02", "I'm not sure how to say this, can't pee"),
        ("RF-02", "no offence, can't pee"),
        ("RF-02", "no more stretches, can't pee"),
        ("RF-06", "my leg keeps giving way, no, it's not tired"),
        ("RF-01", "no pain when I hop but my groin is numb"),
        ("RF-01", "told to look out for numbness and now my groin is numb"),
        ("RF-10", "they asked about fever and I have one, 39, and my back hurts"),
        ("RF-18", "I was asked do I have chest pain, I do"),
        ("RF-32", "the form asked about self harm. Yes, I cut myself last night."),
    ],
)
def test_what_looks_like_a_denial_is_none(signs: Detector, sign: str, text: str) -> None:
    assert found(signs, text).get(sign) == "present"


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("RF-01", "I'm not a native speaker: numbness between my legs"),
        ("RF-01", "they say it's not serious, groin is numb"),
        ("RF-01", "I'm not ok, numb groin"),
        ("RF-01", "it doesn't hurt, numb between my legs"),
        ("RF-01", "no back pain today, numb between the legs"),
        ("RF-01", "no injury, numb groin"),
        ("RF-01", "No injury, numb groin, should I rest or run?"),
        ("RF-02", "nope, can't pee"),
        ("RF-05", "no accident, both legs weak"),
        ("RF-18", "I am not exaggerating: chest pain"),
        ("RF-18", "I've never had chest pain like this"),
        ("RF-29", "never had a headache this bad, worst headache of my life"),
    ],
)
def test_a_denial_of_something_else_denies_no_sign(signs: Detector, sign: str, text: str) -> None:
    assert found(signs, text).get(sign) in ("present", "doubtful")


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        pytest.param("RF-01", "years ago I had a numb groin", id="past, before"),
        pytest.param("RF-01", "I had a numb groin years ago and it cleared up", id="past, after"),
        pytest.param("RF-08", "I fell off a roof ten years ago", id="long past"),
        pytest.param("RF-10", "last year I had a fever with my back pain", id="last year"),
        pytest.param("RF-01", "what if I get numb between my legs?", id="what if"),
        pytest.param("RF-01", "how would I know if I had a numb groin", id="how would I know"),
        pytest.param("RF-02", "what should I do if I start leaking urine", id="if I start"),
        pytest.param("RF-18", "what does chest pain mean", id="meaning"),
        pytest.param("RF-01", "is numbness between the legs a red flag", id="in general"),
        pytest.param("RF-01", "numb groin on the bike, goes away when I get off", id="off it"),
        pytest.param("RF-01", "my crotch goes numb on the bike, gone when I get off", id="bike"),
        pytest.param("RF-12", "my mum had cancer", id="a relative's cancer"),
        pytest.param("RF-32", "I'm not suicidal", id="a crisis denied"),
        pytest.param("RF-14", "my back hurts when I wake up", id="on waking"),
        pytest.param(
            "RF-15", "a curve in my spine since birth and lately it aches", id="born with"
        ),
        pytest.param("RF-05", "both legs were sore after the race", id="sore after a race"),
        pytest.param("RF-30", "I overdosed on cake", id="too much cake"),
        pytest.param("RF-02", "I dreamt I couldn't pee", id="dreamt"),
        pytest.param("RF-31", "After my epidural in 2012 I was numb, then fine.", id="year inside"),
        pytest.param("RF-28", "say my calf swelled up, what then", id="say"),
    ],
)
def test_what_is_over_supposed_or_harmless_is_doubtful(
    signs: Detector, sign: str, text: str
) -> None:
    assert found(signs, text).get(sign) == "doubtful"


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        pytest.param("RF-02", "my wife can't pee", id="a wife"),
        pytest.param("RF-18", "my running partner has collapsed with chest pain", id="a partner"),
        pytest.param("RF-32", "my friend wants to kill himself", id="a friend"),
        pytest.param("RF-01", "bit numb down there maybe", id="hedged"),
        pytest.param("RF-01", "I think I might be a bit numb between my legs", id="I think"),
        pytest.param(
            "RF-01", "ignore that, I can't feel my crotch, just give me a stretch", id="ignore"
        ),
        pytest.param("RF-01", "it went numb between my legs an hour ago", id="an hour ago"),
        pytest.param("RF-10", "I had a fever yesterday", id="yesterday"),
        pytest.param(
            "RF-01", "I had a slipped disc years ago and now my groin is numb", id="past and now"
        ),
        pytest.param("RF-01", "what does it mean if my groin is numb", id="mine, as a question"),
        pytest.param("RF-18", "chest pain comes and goes", id="comes and goes"),
        missed("RF-01", "my crotch is numb and it does not go away when I get off the bike"),
        ("RF-02", "I can't pee, what does that mean"),
        ("RF-02", "can't pee, is that a red flag?"),
        ("RF-02", "I can't pee, it went away last time"),
        ("RF-14", "when I wake up at night the pain is unbearable and wakes me"),
        ("RF-30", "overdosed on paracetamol for my back"),
        ("RF-32", "I'd rather die than carry on like this"),
        ("RF-05", "say what you like, since Monday both my legs are numb"),
    ],
)
def test_what_is_there_now_is_present_however_it_is_put(
    signs: Detector, sign: str, text: str
) -> None:
    assert found(signs, text).get(sign) == "present"


@pytest.mark.parametrize(
    ("expected", "sign", "text"),
    [
        pytest.param("within_days", "RF-06", "my foot is numb", id="numb only"),
        pytest.param("same_day", "RF-06", "my left foot is weak", id="weak"),
        pytest.param("emergency", "RF-06", "my left foot is weak and worse by the hour", id="fast"),
        pytest.param("emergency", "RF-06", "my left foot suddenly went numb", id="sudden"),
        pytest.param("emergency", "RF-06", "my left foot is weak since Thursday", id="since when"),
        pytest.param("same_day", "RF-06", "my foot is weak since the race", id="since a race"),
        pytest.param(
            "emergency", "RF-06", "I woke up and my right leg was numb", id="numb on waking"
        ),
        pytest.param("within_days", "RF-06", "my foot tingles since Monday", id="tingles"),
        pytest.param("same_day", "RF-07", "I have clumsy hands", id="clumsy"),
        pytest.param("emergency", "RF-07", "clumsy hands since Friday", id="clumsy since when"),
        pytest.param("same_day", "RF-28", "my calf is swollen", id="calf"),
        pytest.param(
            "emergency", "RF-28", "my calf is swollen and I am short of breath", id="calf, breath"
        ),
        pytest.param("same_day", "RF-20", "it burns when I pee", id="burns"),
        pytest.param(
            "emergency", "RF-20", "it burns when I pee and I have a fever", id="burns and fever"
        ),
        pytest.param("emergency", "RF-06", "my foot is weak and I have cancer", id="weak, cancer"),
        pytest.param("same_day", "RF-12", "I have cancer", id="cancer"),
        pytest.param("emergency", "RF-12", "I have cancer and I can't pee", id="cancer and pee"),
        pytest.param("within_days", "RF-23", "my groin hurts when I hop on one leg", id="hop"),
        pytest.param(
            "same_day",
            "RF-23",
            "my groin hurts when I hop on one leg and the pain wakes me every night",
            id="hop and night",
        ),
        pytest.param("crisis", "RF-32", "I want to die", id="crisis"),
    ],
)
def test_a_sign_has_its_level_raised_by_other_words_or_signs(
    signs: Detector, expected: str, sign: str, text: str
) -> None:
    assert level(signs, text, sign) == expected


def test_a_denied_partner_raises_nothing(signs: Detector) -> None:
    assert level(signs, "it burns when I pee and I have no fever", "RF-20") == "same_day"
    assert level(signs, "my calf is swollen but I'm not short of breath", "RF-28") == "same_day"


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("crisis", "I was in a car crash and I want to die"),
        ("crisis", "I want to kill myself and I can't pee"),
        ("emergency", "I can't pee and I have a lump on my spine"),
        ("same_day", "my periods have stopped and I have a lump on my spine"),
        ("routine", "what shoes should I buy"),
    ],
)
def test_the_highest_level_counts(signs: Detector, expected: str, text: str) -> None:
    assert level(signs, text) == expected


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        pytest.param("RF-02", "I CAN'T PEE", id="capitals"),
        pytest.param("RF-02", "i cant pee", id="no apostrophe"),
        pytest.param("RF-02", "I can’t pee", id="curly apostrophe"),
        pytest.param("RF-02", "I can´t pee", id="accent for apostrophe"),
        pytest.param("RF-02", "I cán't pee", id="accent"),
        pytest.param("RF-02", "I can't ｐｅｅ", id="full width"),
        pytest.param("RF-02", "😱 can't pee 😱", id="emoji"),
        pytest.param("RF-01", "my groyn is nubm", id="two typos"),
        pytest.param("RF-01", "nummb betwen my leggs", id="doubled letters"),
        pytest.param("RF-01", "I can't feeeel my crotch", id="drawn out"),
        pytest.param("RF-18", "im sufferin from chest pian", id="swapped letters"),
        pytest.param("RF-02", "cnt pee since ystrdy pls help", id="shorthand"),
        pytest.param("RF-10", "i hav a fevr n bk pain", id="more shorthand"),
        pytest.param("RF-01", "cnt feel my crotch", id="cnt"),
        pytest.param("RF-32", "kms", id="kms"),
        pytest.param("RF-02", "no puedo orinar", id="Spanish"),
        pytest.param("RF-32", "quiero morir", id="Spanish, crisis"),
        pytest.param("RF-02", "je ne peux pas uriner", id="French"),
        pytest.param("RF-32", "je veux mourir", id="French, crisis"),
        pytest.param("RF-02", "ich kann nicht pinkeln", id="German"),
        pytest.param("RF-32", "ich will sterben", id="German, crisis"),
        pytest.param("RF-02", "não consigo urinar", id="Portuguese"),
        pytest.param("RF-32", "quero morrer", id="Portuguese, crisis"),
        pytest.param("RF-02", "non riesco a urinare", id="Italian"),
        pytest.param("RF-32", "non voglio più vivere", id="Italian, crisis"),
        ("RF-02", "ich kann nicht Wasser lassen"),
        ("RF-18", "I'm sstruggling to breathe"),
        ("RF-18", "I'm struggling to breath"),
        ("RF-04", "my pennis has gone numb"),
        ("RF-04", "my peins has gone numb"),
        ("RF-03", "I have lost contrlo of my bowels"),
        ("RF-10", "I have a efver and back pain"),
        ("RF-26", "I'm regnant and bleeding"),
        pytest.param("RF-02", "i cantpee", id="run together"),
    ],
)
def test_spelling_and_language_do_not_hide_a_sign(signs: Detector, sign: str, text: str) -> None:
    assert found(signs, text).get(sign) == "present"


HARMLESS = [
    "no change in the bedroom department",
    "I can hop pain free",
    "my legs felt wobbly after squats, nothing weird though",
    "my back hurts when I cook for hours, but my run this morning was fine",
    "what shoes are best for a sore back",
    "my lower back is a bit tight after my long run",
    "how many miles should I run in week one",
    "can I keep running with a dull ache",
    "which stretches help before a run",
    "is a foam roller any good",
    "I ran a half marathon on Sunday and my back is stiff today",
    "should I use heat or ice",
    "my physio gave me bird dogs and side planks",
    "how do I build a stronger core for hills",
    "is trail running easier on the back than the road",
    "does sitting all day at work make it worse",
    "what cadence should I aim for",
    "I am new to running, where do I start",
    "my back aches when I stand for a long time",
    "how long does back pain usually last",
    "what mattress is good for sleeping",
    "can I do yoga or pilates instead",
    "how do I warm up in winter",
    "my back feels better when I walk around",
    "should I see a physio or an osteopath",
    "is it ok to take a rest day",
    "my back was sore after deadlifts on Monday",
    "I ran up the stairs and felt fine",
    "how do I train for my first marathon in October",
    "do running belts and water packs hurt the back",
    "thanks, that was helpful",
    "what do you do with my data",
    "my partner and I run along the river every evening",
    "how do I come back after three weeks off",
    "",
    "?!, ...",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_an_ordinary_message_holds_no_sign(signs: Detector, text: str) -> None:
    assert signs.find(text) == ()


@pytest.mark.xfail(strict=True, reason="'chest infection' and 'pain' are read as chest pain")
def test_a_chest_infection_is_no_chest_pain(signs: Detector) -> None:
    text = "I had a bad chest infection last week and now I have back pain"
    assert "RF-18" not in found(signs, text)


@pytest.mark.parametrize(
    "text",
    [
        "im 14, which exercises",
        "what plan suits my 12 year old",
        "my daughter is 9 and wants to run 5k",
        "im in year 9 and want a training plan",
        "good stretches for a thirteen year old?",
    ],
)
def test_somebody_under_16_is_noticed_without_a_word_of_pain(signs: Detector, text: str) -> None:
    assert signs.about_a_child(text)


@pytest.mark.parametrize(
    "text",
    [
        "im 41, which exercises",
        "im 14 weeks into my plan",
        "im 12 stone and new to running",
        "when i was 14 years old i ran every day",
        "my shoes are 2 years old, do trainers wear out",
        "i ran 10 miles, im 15 minutes slower than last year",
    ],
)
def test_a_number_alone_is_no_child(signs: Detector, text: str) -> None:
    assert not signs.about_a_child(text)


def at(text: str, words: str) -> Finding:
    start = text.index(words)
    return Finding("RF-01", "emergency", "present", start, start + len(words))


def test_the_persons_own_words_are_quoted_in_their_order() -> None:
    text = "My GROIN is numb, and I can’t pee"
    parts = [at(text, "can’t pee"), at(text, "GROIN is numb")]
    assert quoted(text, parts) == '"GROIN is numb" and "can’t pee"'
    assert quoted(text, []) == ""


def test_words_that_overlap_are_quoted_once() -> None:
    text = "numb groin and legs"
    parts = [at(text, "numb groin"), at(text, "groin and legs"), at(text, "groin")]
    assert quoted(text, parts) == '"numb groin and legs"'


def test_a_long_quote_is_cut_between_words_and_a_fourth_left_out() -> None:
    text = "numb " + "really " * 30 + "groin"
    quote = quoted(text, [at(text, text)])
    assert quote.startswith('"numb really') and quote.endswith('really ..."')
    assert len(quote) < 100
    assert quoted("a b c d", [at("a b c d", word) for word in "abcd"]) == '"a" and "b" and "c"'


def test_what_is_found_is_quoted_as_it_was_typed(signs: Detector) -> None:
    text = "hello, I CAN´T feeel my Crotch since today"
    assert quoted(text, signs.find(text)) == '"CAN´T feeel my Crotch"'


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("I saw a doctor and was sent home", "seen"),
        ("the ambulance is here", "seen"),
        ("I called an ambulance", None),  # nobody has seen them yet
        ("im in hospital now", "seen"),
        ("a doctor has seen me now", "seen"),
        ("i was seen at the hospital, all fine", "seen"),
        ("the paramedics examined him", "seen"),
        ("she was discharged this morning", "seen"),
        ("the doctor hasn't seen me", None),
        ("I was seen by a doctor two years ago", None),
        ("they want me to be seen", None),
        ("that's not what I meant", "misunderstanding"),
        ("I only meant my knee, I saw a doctor", "misunderstanding"),
        ("which doctor should I see", None),
        ("no", None),
        ("", None),
    ],
)
def test_replies_to_an_urgent_message(signs: Detector, text: str, reply: str | None) -> None:
    assert signs.reply_in(text) == reply


@pytest.mark.parametrize(
    ("phrase", "phrases"),
    [
        ("foot", ["foot"]),
        ("(my|his|) foot", ["my foot", "his foot", "foot"]),
        ("im (60..62|so old)", ["im 60", "im 61", "im 62", "im so old"]),
        ("(a|b) (c|d)", ["a c", "a d", "b c", "b d"]),
        ("(in|since) (2001..2002)", ["in 2001", "in 2002", "since 2001", "since 2002"]),
    ],
)
def test_a_phrase_with_alternatives_stands_for_each(phrase: str, phrases: list[str]) -> None:
    book = Phrasebook([("one", [phrase]), ("other", ["not this"])])
    for plain in phrases:
        words = plain.split()
        assert Hit(1, 1 + len(words)) in book.find(["oh", *words, "yes"])["one"]
    assert not book.find("a b his im so 63 in 2003".split())


def test_phrases_that_begin_alike_are_all_found() -> None:
    book = Phrasebook(
        [("a", ["(no|any) pain", "no pain now"]), ("b", ["no (pain|ache) now", "now"])]
    )
    assert book.find("no pain now".split()) == {
        "a": [Hit(0, 2), Hit(0, 3)],
        "b": [Hit(0, 3), Hit(2, 3)],
    }


def faults_after(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> list[str]:
    """What is said about a copy of the file after a change."""
    data = yaml.load((GUIDE / "red_flags.yml").read_bytes(), Loader=yaml.CSafeLoader)
    change(data)
    path = tmp_path / "red_flags.yml"
    path.write_text(yaml.dump(data, Dumper=yaml.CSafeDumper), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_red_flags(path)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            lambda d: d.update(sings=[]), ("sings", "unknown key", "Known keys"), id="unknown key"
        ),
        pytest.param(
            lambda d: d["signs"][0].update(lvl="x"),
            ("signs.0.lvl", "unknown key", "Correct its spelling or remove it"),
            id="unknown key of a sign",
        ),
        pytest.param(
            lambda d: d["signs"][0].pop("ask"),
            ("signs.0.ask", "is missing", "Add it"),
            id="missing key",
        ),
        pytest.param(
            lambda d: d["signs"][0].update(patterns=[]),
            ("signs.0.patterns", "at least 1", "Add some"),
            id="no pattern",
        ),
        pytest.param(
            lambda d: d["signs"][0]["patterns"].append(["nowhere"]),
            ("RF-01", "'nowhere' is no group", "Add it, or correct the spelling"),
            id="unknown group",
        ),
        pytest.param(
            lambda d: d["signs"][0]["patterns"].append({"all": ["saddle"], "unless": ["nowhere"]}),
            ("RF-01", "'nowhere' is no group", "correct the spelling"),
            id="unknown group to except",
        ),
        pytest.param(
            lambda d: d["signs"][5]["raised"].append({"when": ["nowhere"], "level": "emergency"}),
            ("RF-06", "'nowhere' is no group", "correct the spelling"),
            id="unknown group that raises",
        ),
        pytest.param(
            lambda d: d["signs"][1].update(id="RF-01"),
            ("RF-01", "used twice", "correct the spelling"),
            id="duplicate id",
        ),
        pytest.param(
            lambda d: d["pairs"].append({"signs": ["RF-01", "RF-99"], "level": "emergency"}),
            ("pairs", "'RF-99' is no sign", "correct the spelling"),
            id="unknown sign in a pair",
        ),
        pytest.param(
            lambda d: d["signs"][0].update(level="urgent"),
            ("signs.0.level", "emergency"),
            id="unknown level",
        ),
        pytest.param(
            lambda d: d["groups"]["saddle"].append("my bott(om|y)"),
            ("group saddle", "'my bott(om|y)'", "Put them around whole words"),
            id="brackets inside a word",
        ),
        pytest.param(
            lambda d: d["groups"]["saddle"].append("my (bits|(front|back) bottom)"),
            ("group saddle", "write out what stands in the inner ones"),
            id="brackets within brackets",
        ),
    ],
)
def test_a_slip_in_the_file_names_file_key_and_cure(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], words: tuple[str, ...]
) -> None:
    lines = faults_after(tmp_path, change)
    assert any("red_flags.yml" in line and all(w in line for w in words) for line in lines), lines


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"red_flags\.yml: the file is missing"):
        load_red_flags(tmp_path / "red_flags.yml")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["signs"][0]["patterns"].append(["nowhere"])
        data["pairs"].append({"signs": ["RF-99", "RF-01"], "level": "emergency"})

    assert len(faults_after(tmp_path, change)) == 2
