"""Each fault of Rasa's own Slack channel, by name, on the real server with Slack's own SDK."""

from __future__ import annotations

import itertools
import json
import sqlite3
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from backstride.guide import load_guide
from backstride.rasa.slack import SlackChannel
from backstride.settings import SlackSettings
from backstride.wording import load_wording
from tests.channels.slack_standin import SIGNING_SECRET, TOKEN, WebApi
from tests.channels.standin import wait_for
from tests.server.conftest import Server

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("hooked")]

HEAT = load_guide().topics["heat_or_ice"]
WORDING = load_wording()
_channels = itertools.count(5000)


@pytest.fixture
def channel() -> str:
    return f"D{next(_channels)}"


def sections(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in message.get("blocks", ()) if block["type"] == "section"]


def texts(shown: list[dict[str, Any]]) -> list[str]:
    return ["\n".join(b["text"]["text"] for b in sections(message)) for message in shown]


def stays_silent(api: WebApi, channel: str, seconds: float = 0.15) -> bool:
    before = len(api.shown(channel))
    time.sleep(seconds)
    return len(api.shown(channel)) == before


@pytest.mark.parametrize(
    "forgery",
    [{"secret": "another"}, {"age": 301}, {"age": -301}],
    ids=["another secret", "sent again later", "from the future"],
)
def test_a_forged_or_old_event_is_refused(
    web_api: WebApi, channel: str, forgery: dict[str, Any]
) -> None:
    body = json.dumps(web_api.event(channel, text="heat or ice?"))
    assert web_api.post(body, "application/json", **forgery).status_code == 403
    assert stays_silent(web_api, channel)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=\u00e9"},
        {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "9" * 400},
    ],
    ids=lambda headers: repr(headers)[:50],
)
def test_a_broken_signature_is_refused_and_not_answered_500(
    web_api: WebApi, channel: str, headers: dict[str, str]
) -> None:
    body = json.dumps(web_api.event(channel, text="heat or ice?"))
    encoded: Any = {name: value.encode() for name, value in headers.items()}
    assert web_api.post(body, "application/json", **encoded).status_code == 403


def test_the_address_is_confirmed_with_the_challenge_itself(web_api: WebApi) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"})
    answer = web_api.post(body, "application/json")
    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc"})
    assert web_api.post(body, "application/json", secret="other").status_code == 403  # noqa: S106


def test_an_answer_comes_whole_with_buttons_below(web_api: WebApi, channel: str) -> None:
    assert web_api.say(channel, "heat or ice?") == 200
    shown = web_api.wait_for(channel, len(HEAT.short.paragraphs) + 1)
    assert texts(shown)[0] == HEAT.short.paragraphs[0]
    assert "Evidence:" in texts(shown)[-1]
    assert shown[-1]["blocks"][-1]["type"] == "actions"
    assert all(b["text"]["type"] == "mrkdwn" for message in shown for b in sections(message))


def test_the_event_is_confirmed_at_once(web_api: WebApi, channel: str) -> None:
    web_api.fail_next("chat.postMessage", channel, retry_after=1)
    started = time.monotonic()
    assert web_api.say(channel, "help") == 200
    assert time.monotonic() - started < 0.5
    web_api.wait_for(channel, 1)


@pytest.mark.parametrize("reason", ["http_timeout", "http_error", "connection_failed"])
def test_an_event_that_is_sent_again_for_any_reason_is_answered_once(
    web_api: WebApi, channel: str, reason: str
) -> None:
    event = web_api.event(channel, text="what can you do?")
    assert web_api.deliver(event) == 200
    for number in ("1", "2", "3"):
        retry = {"X_Slack_Retry_Num": number, "X_Slack_Retry_Reason": reason}
        assert web_api.deliver(event, **retry) == 200
    web_api.wait_for(channel, 1)
    assert stays_silent(web_api, channel)
    assert len(web_api.shown(channel)) == 1


def test_an_event_whose_first_try_was_lost_is_answered(web_api: WebApi, channel: str) -> None:
    event = web_api.event(channel, text="what can you do?")
    assert web_api.deliver(event, X_Slack_Retry_Num="1", X_Slack_Retry_Reason="http_error") == 200
    assert web_api.wait_for(channel, 1)


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "application/json;charset=UTF-8", "APPLICATION/JSON", ""],
)
def test_a_charset_in_the_content_type_does_not_drop_the_event(
    web_api: WebApi, channel: str, content_type: str
) -> None:
    body = json.dumps(web_api.event(channel, text="what can you do?"))
    assert web_api.post(body, content_type).status_code == 200
    assert web_api.wait_for(channel, 1)


def test_a_press_with_a_charset_is_read(web_api: WebApi, channel: str) -> None:
    web_api.say(channel, "hello")
    (greeting,) = web_api.wait_for(channel, 1)
    press = web_api.block_actions(channel, greeting, greeting["blocks"][1]["elements"][2])
    form = urlencode({"payload": json.dumps(press)})
    answer = web_api.post(form, "application/x-www-form-urlencoded; charset=utf-8")
    assert answer.status_code == 200
    assert texts(web_api.wait_for(channel, 2))[1] == HEAT.short.paragraphs[0]


def test_escaped_characters_are_read_as_they_were_typed(
    web_api: WebApi, channel: str, hooked: Server
) -> None:
    web_api.say(channel, "is heat & ice <okapi> the same?")
    web_api.wait_for(channel, 1)
    find = "SELECT data FROM events WHERE type_name = 'user' AND data LIKE '%okapi%'"
    with sqlite3.connect(hooked.log.parent / "conversations.db") as database:
        ((data,),) = wait_for(lambda: list(database.execute(find)))
    assert json.loads(data)["text"] == "is heat & ice <okapi> the same?"


@pytest.mark.parametrize("kind", ["channel", "group", "mpim"])
def test_only_direct_messages_are_answered(web_api: WebApi, channel: str, kind: str) -> None:
    event = web_api.event(channel, text="heat or ice?", channel_type=kind)
    assert web_api.deliver(event) == 200
    assert stays_silent(web_api, channel)


def test_a_mention_that_also_comes_as_a_message_makes_no_two_replies(
    web_api: WebApi, channel: str
) -> None:
    mention = {"text": "<@UBOT> heat or ice?", "ts": "9.1", "channel_type": "channel"}
    for kind in ("app_mention", "message"):
        assert web_api.deliver(web_api.event(channel, type=kind, **mention)) == 200
    wait_for(lambda: [told for told in web_api.ephemeral if told["channel"] == channel])
    assert stays_silent(web_api, channel)
    assert [told["text"] for told in web_api.ephemeral if told["channel"] == channel] == [
        WORDING.only_in_private
    ]
    assert not web_api.shown(channel)


def test_a_reply_in_a_thread_stays_in_the_thread(web_api: WebApi, channel: str) -> None:
    web_api.say(channel, "what can you do?", thread_ts="4.1")
    web_api.say(channel, "hello")
    shown = web_api.wait_for(channel, 2)
    assert [message.get("thread_ts") for message in shown] == ["4.1", None]


def test_a_pressed_button_works_and_goes(web_api: WebApi, channel: str) -> None:
    web_api.say(channel, "heat or ice?")
    count = len(web_api.wait_for(channel, len(HEAT.short.paragraphs) + 1))
    assert web_api.press(channel, "Why is that?") == 200
    shown = web_api.wait_for(channel, count + 2)
    assert texts(shown)[count] == HEAT.parts["why"].paragraphs[0]
    assert [block["type"] for block in shown[count - 1]["blocks"]] == ["section", "context"]
    assert shown[count - 1]["blocks"][1]["elements"][0]["text"] == "\u203a Why is that?"


def test_a_button_pressed_twice_in_haste_is_answered_once(web_api: WebApi, channel: str) -> None:
    web_api.say(channel, "hello")
    (greeting,) = web_api.wait_for(channel, 1)
    press = web_api.block_actions(channel, greeting, greeting["blocks"][1]["elements"][2])
    assert [web_api.deliver(press) for _ in range(2)] == [200, 200]
    count = len(HEAT.short.paragraphs) + 2
    web_api.wait_for(channel, count)
    assert stays_silent(web_api, channel)
    assert len(web_api.shown(channel)) == count


def test_buttons_that_cannot_be_removed_still_work(web_api: WebApi, channel: str) -> None:
    web_api.say(channel, "hello")
    web_api.wait_for(channel, 1)
    web_api.fail_next("chat.update", channel, error="cant_update_message")
    web_api.press(channel, "Heat or ice?")
    assert texts(web_api.wait_for(channel, 2))[1] == HEAT.short.paragraphs[0]


@pytest.mark.parametrize(
    "form",
    [
        {"command": "/backstride", "text": "heat or ice?", "user_id": "U1", "channel_id": "C1"},
        {"payload": json.dumps({"type": "shortcut", "callback_id": "x"})},
        {"payload": json.dumps({"type": "view_submission", "view": {}})},
        {"payload": json.dumps({"type": "block_actions", "actions": [{"type": "checkboxes"}]})},
        {"payload": json.dumps({"type": "block_actions", "actions": [{"type": "radio_buttons"}]})},
        {"payload": json.dumps({"type": "block_actions", "actions": [{"type": "button"}]})},
        {"payload": "{"},
        {"ssl_check": "1"},
        {},
    ],
    ids=lambda form: str(form)[:60],
)  # fmt: skip
def test_a_slash_command_or_another_control_is_not_answered_500(
    web_api: WebApi, form: dict[str, str]
) -> None:
    answer = web_api.post(urlencode(form), "application/x-www-form-urlencoded")
    assert answer.status_code == 200
    if "command" in form:
        assert answer.json()["text"] == WORDING.only_in_private


@pytest.mark.parametrize("body", ["{", "[]", "null", "7", "", "{}", '{"type": "event_callback"}'])
def test_a_signed_body_that_is_no_event_gets_200(web_api: WebApi, body: str) -> None:
    assert web_api.post(body, "application/json").status_code == 200


def test_a_file_is_answered_politely(web_api: WebApi, channel: str) -> None:
    event = web_api.event(channel, text="", subtype="file_share", files=[{"id": "F1"}])
    assert web_api.deliver(event) == 200
    assert texts(web_api.wait_for(channel, 1)) == [WORDING.only_words]


def test_the_apps_own_messages_are_not_answered(web_api: WebApi, channel: str) -> None:
    assert web_api.deliver(web_api.event(channel, text="heat or ice?", bot_id="B1")) == 200
    assert stays_silent(web_api, channel)


def test_what_only_classic_apps_may_send_is_not_sent(web_api: WebApi, channel: str) -> None:
    web_api.say(channel, "hello")
    web_api.wait_for(channel, 1)
    given = next(c for c in web_api.calls_of("chat.postMessage") if c["channel"] == channel)
    assert "as_user" not in given
    assert given["unfurl_links"] in (False, "False", "false", "0")


def test_a_429_is_obeyed(web_api: WebApi, channel: str) -> None:
    web_api.fail_next("chat.postMessage", channel, retry_after=2)
    started = time.monotonic()
    web_api.say(channel, "heat or ice?")
    shown = web_api.wait_for(channel, len(HEAT.short.paragraphs) + 1)
    assert time.monotonic() - started >= 2
    assert texts(shown)[:-1] == list(HEAT.short.paragraphs)


def test_a_passing_fault_of_slack_costs_no_answer(web_api: WebApi, channel: str) -> None:
    web_api.fail_next("chat.postMessage", channel, html=True)
    web_api.say(channel, "hello")
    assert web_api.wait_for(channel, 1)


def test_an_error_in_the_background_costs_neither_the_turn_nor_the_conversation(
    hooked: Server, web_api: WebApi, channel: str
) -> None:
    web_api.fail_next("chat.postMessage", channel, error="missing_scope")
    web_api.say(channel, "heat or ice?")
    count = len(web_api.wait_for(channel, len(HEAT.short.paragraphs)))
    web_api.say(channel, "why is that?")
    assert HEAT.parts["why"].paragraphs[0] in texts(web_api.wait_for(channel, count + 2))
    assert "A message was not sent: Slack answered missing_scope" in hooked.log.read_text()


def test_blocks_that_slack_refuses_leave_the_words(web_api: WebApi, channel: str) -> None:
    web_api.fail_next("chat.postMessage", channel, error="invalid_blocks")
    web_api.say(channel, "what can you do?")
    (shown,) = web_api.wait_for(channel, 1)
    assert "blocks" not in shown
    assert shown["text"].startswith("I answer questions about back pain")


def test_a_message_that_is_too_long_gets_a_kind_reply(web_api: WebApi, channel: str) -> None:
    web_api.say(channel, "word " * 700)
    assert texts(web_api.wait_for(channel, 1)) == [WORDING.too_long]


@pytest.mark.parametrize("how", ["delete this conversation", "the button"])
def test_a_deleted_conversation_leaves_nothing_in_the_store(
    hooked: Server, web_api: WebApi, channel: str, how: str
) -> None:
    marker = f"zebra{channel}"
    find = ("SELECT 1 FROM events WHERE data LIKE ?", [f"%{marker}%"])
    with sqlite3.connect(hooked.log.parent / "conversations.db") as database:
        web_api.say(channel, f"do you store what i write? {marker}")
        web_api.wait_for(channel, 1)
        wait_for(lambda: list(database.execute(*find)))
        if how == "the button":
            web_api.press(channel, "Delete this conversation")
        else:
            web_api.say(channel, how)
        assert texts(web_api.wait_for(channel, 2))[-1] == WORDING.deleted
        assert not list(database.execute(*find))


def test_a_private_talk_and_one_in_a_channel_are_two_conversations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[str] = []
    settings = SlackSettings(TOKEN, SIGNING_SECRET, None, True, "http://127.0.0.1:9/")
    app = SlackChannel(settings)
    monkeypatch.setattr(
        app._turns, "start", lambda conversation, work: started.append(conversation)
    )
    private = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "a"}
    public = {"type": "app_mention", "channel": "C1", "user": "U1", "text": "a", "ts": "1.1"}
    for number, event in enumerate([private, public, {**public, "user": "U2"}]):
        app.receive({"type": "event_callback", "event_id": f"E{number}", "event": event})
    assert len(set(started)) == 3


def test_neither_token_nor_text_is_in_the_log(
    hooked: Server, web_api: WebApi, channel: str
) -> None:
    web_api.say(channel, "my private zebra crossing")
    web_api.wait_for(channel, 1)
    log = hooked.log.read_text()
    assert TOKEN not in log
    assert SIGNING_SECRET not in log
    assert "zebra" not in log
    assert "Traceback" not in log
