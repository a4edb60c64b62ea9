"""Words that pick one of the buttons just shown."""

from __future__ import annotations

import pytest

from backstride.answers import Said
from backstride.guide import Guide
from backstride.payloads import parse, payload
from backstride.picks import answer_pick, picked
from backstride.wording import Wording

BIRD_DOG = payload("ask_core_stabilisation", {"exercise": "bird_dog"})
SIDE_PLANK = payload("ask_core_stabilisation", {"exercise": "side_plank"})
DEAD_BUG = payload("ask_core_stabilisation", {"exercise": "dead_bug"})
HOW = payload("follow_up", {"part": "how"})
CAUSES, RUN = payload("ask_causes"), payload("ask_keep_running")
OFFERED = (BIRD_DOG, SIDE_PLANK, HOW, CAUSES)


@pytest.mark.parametrize(
    ("text", "payload_picked"),
    [
        ("the first one", BIRD_DOG),
        ("tell me about number two please", SIDE_PLANK),
        ("The 3rd one!", HOW),
        ("and the last one?", CAUSES),
        ("the fourth", CAUSES),
        ("what about the other one", DEAD_BUG),
        ("tell me more", None),
        ("at first it hurt", None),
        ("/follow_up", None),
        ("", None),
    ],
)
def test_words_pick_a_button_by_its_place(
    guide: Guide, wording: Wording, text: str, payload_picked: str | None
) -> None:
    said = Said("core_stabilisation", exercise="bird_dog", offered=OFFERED)
    assert picked(guide, wording, said, text) == payload_picked


@pytest.mark.parametrize("text", ["the second one", "the other one", "the last one"])
def test_nothing_is_picked_where_nothing_was_offered(
    guide: Guide, wording: Wording, text: str
) -> None:
    assert picked(guide, wording, Said("causes"), text) is None
    assert picked(guide, wording, Said("causes", offered=(CAUSES,)), "the second one") is None


def test_a_pick_gets_what_its_button_gets(guide: Guide, wording: Wording) -> None:
    said = Said("core_stabilisation", offered=OFFERED)
    shown = answer_pick(guide, wording, said, SIDE_PLANK)
    assert shown is not None
    assert shown.said.exercise == "side_plank"
    part = answer_pick(guide, wording, said, HOW)
    assert part is not None
    assert part.said.parts == ("how",)
    topic = answer_pick(guide, wording, said, CAUSES)
    assert topic is not None
    assert topic.said.topic == "causes"
    assert answer_pick(guide, wording, said, payload("ask_help")) is None


def test_a_demanding_topic_is_not_reached_around_the_check(guide: Guide, wording: Wording) -> None:
    said = Said("causes", offered=(RUN,))
    offered = answer_pick(guide, wording, said, RUN)
    assert offered is not None
    assert [button.payload for button in offered.messages[-1].buttons] == [RUN]
    assert offered.said == said


def test_a_payload_is_read_as_it_was_written() -> None:
    assert parse(BIRD_DOG) == ("ask_core_stabilisation", {"exercise": "bird_dog"})
    assert parse(CAUSES) == ("ask_causes", {})
    with pytest.raises(ValueError, match="no payload"):
        parse("the second one")


def test_the_other_one_is_the_next_exercise_of_the_topic(guide: Guide, wording: Wording) -> None:
    exercises = guide.topics["core_stabilisation"].exercises
    shown = [exercises[0]]
    for _ in exercises:
        said = Said("core_stabilisation", exercise=shown[-1])
        pick = picked(guide, wording, said, "and the other one?")
        assert pick is not None
        shown.append(parse(pick)[1]["exercise"])
    assert shown == [*exercises, exercises[0]]
