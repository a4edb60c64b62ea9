"""The operator's page: counts of what happened, and not a word of anybody's."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from backstride.guide import load_guide
from backstride.report import page, summed


def said(text: str, intent: str, at: float, level: str | None = None) -> dict[str, Any]:
    entities = [{"entity": "urgency", "value": level}] if level else []
    message = {"intent": {"name": intent}, "entities": entities, "text": text}
    return {"event": "user", "text": text, "timestamp": at, "parse_data": message}


def did(name: str, at: float) -> list[dict[str, Any]]:
    return [
        {"event": "action", "name": name, "timestamp": at},
        {"event": "bot", "text": "kilimanjaro", "timestamp": at},
    ]


CONVERSATIONS = [
    [
        said("zanzibar", "nlu_fallback", 10),
        *did("action_suggest_topics", 10.5),
        said("/ask_causes", "ask_causes", 20),
        *did("action_answer_topic", 20.1),
        said("zanzibar", "report_red_flag", 30, "emergency"),
        *did("utter_emergency", 30.2),
    ],
    [
        said("zanzibar", "nlu_fallback", 10),
        *did("action_suggest_topics", 10.1),
        said("zanzibar", "ask_causes", 20),
        *did("utter_technical_problem", 28),
    ],
    [{"event": "session_started", "timestamp": 1}],
]


def test_it_counts_what_happened() -> None:
    summary = summed(CONVERSATIONS)
    assert (summary.conversations, summary.messages) == (2, 5)
    assert summary.topics == {"causes": 2}
    assert summary.levels == {"emergency": 1}
    assert (summary.not_understood, summary.suggestions_taken, summary.failed) == (2, 1, 1)
    assert summary.lengths == {3: 1, 2: 1}
    assert [round(seconds, 1) for seconds in summary.seconds] == [0.5, 0.1, 0.2, 0.1, 8.0]


def test_the_page_has_the_counts_and_no_text_of_theirs() -> None:
    text = page(summed(CONVERSATIONS))
    assert "zanzibar" not in text
    assert "kilimanjaro" not in text
    assert load_guide().topics["causes"].title in text
    assert "2 (40.0%)" in text
    assert "1 (50%)" in text
    assert "http-equiv" not in text
    assert "<script" not in text
    assert "src=" not in text
    for drawing in text.split("<svg")[1:]:
        ElementTree.fromstring("<svg" + drawing.split("</svg>")[0] + "</svg>")  # noqa: S314 ours


def test_an_empty_store_gives_a_page_too() -> None:
    assert "None." in page(summed([]))
