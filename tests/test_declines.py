"""What is said to a message that the guide has nothing on."""

from __future__ import annotations

from pathlib import Path

import pytest

from backstride.content import ContentError
from backstride.declines import decline, load_declines
from backstride.guide import Guide
from backstride.paths import GUIDE


def reply_to(guide: Guide, text: str) -> str:
    return decline(guide, text)[0].text


@pytest.mark.parametrize(
    ("text", "part", "topic"),
    [
        ("how many ibuprofen can i take before a race", "A pharmacist", "medication"),
        ("What's the dose of Naproxen?", "A pharmacist", "medication"),
        ("my knee hurts on the downhills", "another part of the body", "radiating_leg_pain"),
        ("what marathon pace for 3:30", "running coach", "keep_running"),
        ("which gels should i take", "dietitian", "keep_running"),
        ("diagnose me", "Only somebody who examines you", "symptoms"),
        ("why wont you tell me", "each sentence there has a source", "when_to_seek_care"),
        ("you are useless", "sorry", "when_to_seek_care"),
        ("how many runners were at the start", "I can't help with that one", "causes"),
        ("zebra", "I can't help with that one", "causes"),
        ("", "I can't help with that one", "causes"),
        ("puedo correr con dolor de espalda", "112 in Europe", "when_to_seek_care"),
    ],
)
def test_the_reply_says_why_and_leads_on(guide: Guide, text: str, part: str, topic: str) -> None:
    (message,) = decline(guide, text)
    assert part in message.text
    assert message.buttons[0].payload == f"/ask_{topic}"


def test_a_dose_asked_for_without_its_name_is_known_by_what_was_said_before(guide: Guide) -> None:
    (after,) = decline(guide, "how many can i take a day", topic="medication")
    (without,) = decline(guide, "how many can i take a day", topic="heat_or_ice")
    assert "how much of a medicine" in after.text
    assert "how much of a medicine" not in without.text


def test_the_second_time_in_a_row_it_says_something_else(guide: Guide) -> None:
    assert decline(guide, "zebra", again=True)[0].text != decline(guide, "zebra")[0].text


def test_a_word_inside_another_word_decides_nothing(guide: Guide) -> None:
    assert reply_to(guide, "who wrote kneecapped") == load_declines().otherwise.text


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("otherwise:", "otherwize:", "otherwize: unknown key"),
        ("topics: [medication,", "topics: [medicine,", "'medicine' is no topic"),
        ("with: [ibuprofen", "wiht: [ibuprofen", "wiht: unknown key"),
    ],
)
def test_a_faulty_file_is_named_with_the_cure(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    text = (GUIDE / "declines.yml").read_text()
    assert old in text
    (tmp_path / "declines.yml").write_text(text.replace(old, new))
    with pytest.raises(ContentError, match=fault):
        load_declines(tmp_path / "declines.yml")
