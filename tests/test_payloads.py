"""Only what our own buttons carry is let through as a command; the rest is plain text."""

from __future__ import annotations

import pytest

from backstride.guide import Guide
from backstride.payloads import PAYLOAD_BYTES, PLAIN_INTENTS, as_plain_text, is_offered, payload
from backstride.wording import Wording


def test_a_payload_is_an_intent_with_compact_entities() -> None:
    assert payload("greet") == "/greet"
    assert payload("follow_up", {"part": "how"}) == '/follow_up{"part":"how"}'


def test_a_payload_longer_than_the_smallest_channel_allows_is_refused() -> None:
    longest = "a" * (PAYLOAD_BYTES - 1)
    assert len(payload(longest)) == PAYLOAD_BYTES == 64
    with pytest.raises(ValueError, match="more than 64 bytes"):
        payload(longest + "a")


def test_the_limit_of_a_payload_counts_bytes_and_not_characters() -> None:
    with pytest.raises(ValueError, match="more than 64 bytes"):
        payload("é" * 32)


def test_each_topic_is_offered(guide: Guide, wording: Wording, topic_id: str) -> None:
    assert is_offered(payload(f"ask_{topic_id}"), guide, wording)


def test_each_exercise_is_offered_under_its_own_topic_only(
    guide: Guide, wording: Wording, exercise_id: str
) -> None:
    own = guide.exercises[exercise_id].topic
    offered = [
        topic
        for topic in guide.topics
        if is_offered(payload(f"ask_{topic}", {"exercise": exercise_id}), guide, wording)
    ]
    assert offered == [own]


@pytest.mark.parametrize("intent", sorted(PLAIN_INTENTS))
def test_a_quick_reply_is_offered(guide: Guide, wording: Wording, intent: str) -> None:
    assert is_offered(f"/{intent}", guide, wording)


@pytest.mark.parametrize(
    "text",
    [
        '/nonsense{"a":1}',
        "/nonsense",
        "/restart",
        "/session_start",
        "/back",
        "/nlu_fallback",
        "/report_red_flag",
        "/describe_pain",
        "/out_of_scope",
        "/follow_up",
        "/follow_up{}",
        "/ask_",
        "/ask_nothing",
        "/heat_or_ice",
        "/ASK_HEAT_OR_ICE",
        "/ask_heat_or_ice@0.1",
        "/ask_causes@0.1",
        "/ask_causes ",
        "/ask_causes\n",
        " /ask_causes",
        "//ask_causes",
        "/ask_causes/ask_causes",
        "ask_causes",
        "/",
        "",
        '/ask_causes{"topic":"myths"}',
        '/ask_causes{"part":"how"}',
        '/ask_heat_or_ice{"exercise":"side_plank"}',
        '/ask_core_stabilisation{"exercise":"nothing"}',
        '/ask_core_stabilisation{"exercise":["side_plank"]}',
        '/ask_core_stabilisation{"exercise":{"side_plank":1}}',
        '/ask_core_stabilisation{"exercise":"side_plank","part":"how"}',
        '/greet{"exercise":"side_plank"}',
        '/follow_up{"part":"nothing"}',
        '/follow_up{"part":{"x":1}}',
        '/follow_up{"part":["how"]}',
        '/follow_up{"part":null}',
        '/follow_up{"part":1}',
        '/follow_up{"part":NaN}',
        '/follow_up{"part":"how","exercise":"side_plank"}',
        '/affirm{"reply":"misunderstanding"}',
        '/deny{"reply":"seen"}',
        '/greet{"reply":"seen"}',
        '/follow_up{"part":"how"',
        '/follow_up{"part":"how"}}',
        "/follow_up{part:how}",
        '/follow_up["how"]',
        '/follow_up{"part":' + "[" * 100_000 + "]" * 100_000 + "}",
        "/follow_up" + '{"part":' * 100_000 + "1" + "}" * 100_000,
        '/follow_up{"part":' + "9" * 100_000 + "}",
    ],
    ids=lambda text: repr(text[:60]),
)
def test_any_other_command_is_refused(guide: Guide, wording: Wording, text: str) -> None:
    assert not is_offered(text, guide, wording)


@pytest.mark.parametrize(
    "text",
    [
        '/follow_up{"part":' + " " * 60 + '"how"}',
        '/follow_up{"part":{"x":1},"part":"how"}',
        "/ask_causes{}",
    ],
    ids=["longer than 64 bytes", "entity twice", "empty entities"],
)
def test_a_command_that_no_button_writes_in_this_way_is_refused(
    guide: Guide, wording: Wording, text: str
) -> None:
    assert not is_offered(text, guide, wording)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("/restart", "restart"),
        ('/nonsense{"a":["b"]}', "nonsense a : b"),
        ("/ heat or ice?", "heat or ice?"),
        ("either/or", "either or"),
        ("/", ""),
    ],
)
def test_a_refused_command_becomes_words(command: str, text: str) -> None:
    assert as_plain_text(command) == text
