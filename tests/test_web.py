"""The plain parts of the web channel: ids, origins, missed messages, files, messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from backstride.settings import SettingsError
from backstride.web import missed
from backstride.web.access import (
    allowed_origins,
    conversation_of,
    is_allowed,
    new_id,
)
from backstride.web.files import PICTURES, file_answer, picture_path
from backstride.web.messages import messages_for_web, urgency_of
from backstride.web.missed import Recent, RecentConversations
from tests.test_wiring import RESPONSES

SECRET = b"s" * 40


# Ids


def test_an_id_opens_its_conversation_and_only_with_the_same_secret() -> None:
    signed = new_id(SECRET)
    assert conversation_of(SECRET, signed) == signed.split(".")[0]
    assert conversation_of(b"another", signed) is None


def test_a_changed_id_opens_nothing() -> None:
    signed = new_id(SECRET)
    for place in range(len(signed)):
        changed = signed[:place] + ("A" if signed[place] != "A" else "B") + signed[place + 1 :]
        # The last character of a signature carries bits that are not used.
        assert place == len(signed) - 1 or conversation_of(SECRET, changed) is None
    assert conversation_of(SECRET, signed + "\n") is None


# Origins


def test_origins_are_read_as_browsers_send_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "BACKSTRIDE_ORIGINS",
        "https://www.example.org/, http://localhost:8080 https://Example.COM:443\nhttps://[::1]:1",
    )
    assert allowed_origins() == {
        "https://www.example.org",
        "http://localhost:8080",
        "https://example.com",
        "https://[::1]:1",
    }
    monkeypatch.delenv("BACKSTRIDE_ORIGINS")
    assert allowed_origins() == frozenset()


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.example.org",
        "example.org",
        "https://example.org/page",
        "https://a@example.org",
        "ftp://example.org",
        "null",
        "https://",
        "https://example.org:port",
        "https://example.org?x",
    ],
)
def test_what_is_no_exact_origin_is_refused(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKSTRIDE_ORIGINS", origin)
    with pytest.raises(SettingsError, match="BACKSTRIDE_ORIGINS"):
        allowed_origins()


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),  # no browser
        ("https://www.example.org", True),
        ("https://www.example.org.evil.example", False),
        ("https://wwwXexample.org", False),
        ("http://www.example.org", False),
        ("https://chat.example.org", True),  # its own page
        ("http://chat.example.org", True),  # behind a proxy the scheme is not known
        ("https://chat.example.org:444", False),
        ("file://chat.example.org", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_exact_origins_and_our_own_are_let_in(origin: str | None, allowed: bool) -> None:
    listed = {"https://www.example.org"}
    assert is_allowed(origin, "chat.example.org", listed) is allowed


# What was missed


def message(number: int) -> dict[str, str]:
    return {"id": f"m{number}", "from": "bot", "text": str(number)}


def test_messages_are_numbered_and_the_rest_is_given() -> None:
    recent = Recent()
    for number in range(1, 5):
        recent.add(message(number))
    assert [m["seq"] for m in recent.after(recent.log, 2)] == [3, 4]
    assert recent.after(recent.log, 4) == []
    # A browser that saw another numbering, or none, gets all.
    assert len(recent.after("another", 3)) == len(recent.after(None, None)) == 4


def test_only_the_newest_messages_are_kept_and_numbers_go_on() -> None:
    recent = Recent()
    for number in range(1, missed.KEPT_MESSAGES + 11):
        recent.add(message(number))
    assert [recent.messages[0]["seq"], recent.messages[-1]["seq"]] == [11, 110]


def test_what_is_cleared_is_gone_and_the_answer_says_so_once() -> None:
    recent = Recent()
    for number in range(3):
        recent.add({"id": f"m{number}", "from": "user", "text": "mine"})
    recent.turns["m2"] = None  # type: ignore[assignment]
    recent.clear()
    assert [message["id"] for message in recent.messages] == ["m2"]
    assert "clears" not in recent.add({"id": "m3", "from": "user", "text": "mine"})
    assert recent.add({"id": "b1", "from": "bot", "text": "gone"})["clears"] is True
    assert "clears" not in recent.add({"id": "b2", "from": "bot", "text": "hello"})
    assert recent.messages[-1]["seq"] == 6


def test_old_conversations_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(missed.time, "monotonic", lambda: now)
    conversations = RecentConversations()
    conversations.of("old").add(message(1))
    now += missed.KEPT_SECONDS - 1
    conversations.of("new").add(message(1))
    now += 2
    conversations.drop_old()
    assert conversations.known("old") is None
    assert conversations.known("new") is not None


def test_the_number_of_conversations_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed, "KEPT_CONVERSATIONS", 3)
    conversations = RecentConversations()
    for name in "abcabd":
        conversations.of(name)
    assert len(conversations) == 3
    assert conversations.known("c") is None


# Files


def test_a_file_is_sent_once_and_then_only_confirmed(tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    file.write_text("<svg/>", encoding="utf-8")
    first = file_answer(file)
    assert (first.status, first.body) == (200, b"<svg/>")
    etag = first.headers["ETag"]
    assert file_answer(file, etag).status == 304
    assert file_answer(file, f'"x", W/{etag}').status == 304
    file.write_text("<svg></svg>", encoding="utf-8")
    assert file_answer(file, etag).body == b"<svg></svg>"


def test_a_page_can_run_nothing_but_our_script(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_text("<p>", encoding="utf-8")
    policy = file_answer(file).headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy


@pytest.mark.parametrize("name", ["a.yml", "a.py", "a", ".html", "missing.svg"])
def test_other_kinds_of_files_are_not_served(tmp_path: Path, name: str) -> None:
    if name != "missing.svg":
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert file_answer(tmp_path / name).status == 404


def test_a_name_does_not_lead_out_of_the_pictures() -> None:
    assert picture_path("../../config.yml") == PICTURES / "config.yml"
    assert picture_path("/etc/passwd") == PICTURES / "passwd"


# Messages


def test_paragraphs_become_messages_with_the_buttons_on_the_last() -> None:
    sent = messages_for_web(
        {
            "text": "One.\n\nTwo.",
            "buttons": [{"title": "T", "payload": "/p"}],
            "metadata": {"closing": True, "picture": {"file": "a.svg", "alt": "A"}},
        }
    )
    assert [part["text"] for part in sent] == ["One.", "Two."]
    assert sent[0]["picture"] == {"src": "/widget/pictures/a.svg", "alt": "A"}
    assert "closing" not in sent[0]
    assert sent[1]["closing"] is True
    assert sent[1]["quick_replies"] == [{"content_type": "text", "title": "T", "payload": "/p"}]
    assert len({part["id"] for part in sent}) == 2


@pytest.mark.parametrize(
    "odd", [{}, {"text": None}, {"text": "  "}, {"text": "", "metadata": "x"}, {"text": "\n\n"}]
)
def test_a_message_without_words_is_none(odd: dict[str, object]) -> None:
    assert messages_for_web(odd) == []


@pytest.mark.parametrize("response", sorted(RESPONSES))
def test_each_urgent_response_is_shown_as_urgent(response: str) -> None:
    """Whatever tells people to get help now or today, by its text, and nothing milder."""
    text = " ".join(variant["text"] for variant in RESPONSES[response])
    if "get help now" in text.lower() or text.startswith("Call your local emergency number"):
        assert urgency_of(response) == "emergency"
    elif "Samaritans" in text:
        assert urgency_of(response) == "crisis"
    elif "checked today" in text:
        assert urgency_of(response) == "same_day"
    elif response not in ("utter_crisis_body", "utter_seen", "utter_released"):
        assert urgency_of(response) is None


def test_found_help_ends_what_is_urgent() -> None:
    assert urgency_of("utter_seen") == urgency_of("utter_released") == "over"
    assert urgency_of("utter_crisis_body") == "crisis"
