"""Each fault of Rasa's own Telegram channel, by name, on the real server with its real client."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from backstride.guide import load_guide
from backstride.rasa.telegram import TelegramChannel
from backstride.settings import TelegramSettings
from backstride.wording import load_wording
from tests.channels.standin import wait_for
from tests.channels.telegram_standin import TOKEN, BotApi
from tests.server.conftest import Server

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("hooked")]

HEAT = load_guide().topics["heat_or_ice"]
WORDING = load_wording()
HEADER = "X-Telegram-Bot-Api-Secret-Token"
_chats = itertools.count(5000)


@pytest.fixture
def chat() -> int:
    return next(_chats)


def texts(shown: list[dict[str, Any]]) -> list[str]:
    return [message.get("text", "") for message in shown]


def sends_to(api: BotApi, chat: int) -> list[dict[str, Any]]:
    return [given for given in api.calls_of("sendMessage") if given["chat_id"] == chat]


def stays_silent(api: BotApi, chat: int, seconds: float = 0.15) -> bool:
    before = len(api.shown(chat))
    time.sleep(seconds)
    return len(api.shown(chat)) == before


def post(server: Server, body: str, **headers: str) -> requests.Response:
    address = f"http://localhost:{server.port}/webhooks/telegram/webhook"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(address, data=body, headers=named, timeout=30)


def test_the_webhook_is_registered_with_a_secret_and_only_what_is_read(bot_api: BotApi) -> None:
    assert bot_api.webhook["url"] == "https://backstride.example/webhooks/telegram/webhook"
    assert len(bot_api.webhook["secret_token"]) == 64
    assert "message" in bot_api.webhook["allowed_updates"]
    assert "message_reaction" not in bot_api.webhook["allowed_updates"]


def test_no_update_is_answered_500_event_loop_is_closed(bot_api: BotApi, chat: int) -> None:
    for count in (1, 2, 3):
        assert bot_api.say(chat, "/help") == 200
        assert len(bot_api.wait_for(chat, count)) == count


def test_an_answer_comes_whole_with_buttons_below(bot_api: BotApi, chat: int) -> None:
    bot_api.say(chat, "heat or ice?")
    shown = bot_api.wait_for(chat, len(HEAT.short.paragraphs) + 1)
    assert texts(shown)[0] == HEAT.short.paragraphs[0]
    assert "Evidence:" in texts(shown)[-1]
    assert shown[-1]["reply_markup"]["inline_keyboard"]


@pytest.mark.parametrize(
    "headers", [{}, {HEADER: ""}, {HEADER: "wrong"}, {HEADER: "\u00e9" * 64}], ids=repr
)
def test_a_forged_update_is_refused(
    hooked: Server, bot_api: BotApi, chat: int, headers: dict[str, str]
) -> None:
    update = {"update_id": 1, "message": bot_api.message(chat, text="heat or ice?")}
    encoded = {name: value.encode() for name, value in headers.items()}
    address = f"http://localhost:{hooked.port}/webhooks/telegram/webhook"
    assert requests.post(address, json=update, headers=encoded, timeout=30).status_code == 403
    assert stays_silent(bot_api, chat)


def test_get_me_is_asked_once_and_not_at_every_update(bot_api: BotApi, chat: int) -> None:
    bot_api.say(chat, "/help")
    bot_api.wait_for(chat, 1)
    assert len(bot_api.calls_of("getMe")) == 1


def test_a_stranger_cannot_register_the_webhook_again(hooked: Server, bot_api: BotApi) -> None:
    registered = len(bot_api.calls_of("setWebhook"))
    for path in ("set_webhook", "set_webhook/", "webhook"):
        address = f"http://localhost:{hooked.port}/webhooks/telegram/{path}"
        assert requests.get(address, timeout=30).status_code in (404, 405)
    assert len(bot_api.calls_of("setWebhook")) == registered


IGNORED = {
    "a block": {"my_chat_member": {"chat": {"id": 4999, "type": "private"}, "date": 1,
                "new_chat_member": {"status": "kicked"}, "old_chat_member": {"status": "member"}}},
    "a reaction": {"message_reaction": {"chat": {"id": 4999, "type": "private"}, "message_id": 1,
                   "date": 1, "old_reaction": [], "new_reaction": [{"type": "emoji"}]}},
    "nothing": {},
    "an inline query": {"inline_query": {"id": "1", "query": "x", "offset": ""}},
    "a pinned message": {"message": {"message_id": 1, "date": 1, "pinned_message": {},
                         "chat": {"id": 4999, "type": "private"}}},
    "a message without a chat": {"message": {"message_id": 1, "text": "x"}},
}  # fmt: skip


@pytest.mark.parametrize("content", IGNORED.values(), ids=IGNORED)
def test_what_asks_for_no_answer_gets_200_and_none(bot_api: BotApi, content: Any) -> None:
    assert bot_api.deliver(**content) == 200
    assert not bot_api.shown(4999)


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "{}", "7"])
def test_a_body_that_is_no_update_gets_200(hooked: Server, bot_api: BotApi, body: str) -> None:
    secret = bot_api.webhook["secret_token"]
    assert post(hooked, body, X_Telegram_Bot_Api_Secret_Token=secret).status_code == 200


def test_an_edited_caption_is_read_and_not_answered_500(bot_api: BotApi, chat: int) -> None:
    photo = bot_api.message(chat, photo=[{"file_id": "a"}], caption="heat or ice?")
    assert bot_api.deliver(edited_message=photo) == 200
    expected = len(HEAT.short.paragraphs) + 2
    shown = texts(bot_api.wait_for(chat, expected))
    assert shown[0] == HEAT.short.paragraphs[0]
    assert shown[-1] == WORDING.only_words


@pytest.mark.parametrize("kind", ["sticker", "voice", "photo", "location"])
def test_what_holds_no_words_is_answered_politely(bot_api: BotApi, chat: int, kind: str) -> None:
    assert bot_api.deliver(message=bot_api.message(chat, **{kind: {"file_id": "a"}})) == 200
    assert texts(bot_api.wait_for(chat, 1)) == [WORDING.only_words]


def test_an_update_that_comes_twice_is_answered_once(bot_api: BotApi, chat: int) -> None:
    update = {"update_id": 77_001, "message": bot_api.message(chat, text="/help")}
    assert [bot_api.deliver_again(update) for _ in range(3)] == [200, 200, 200]
    bot_api.wait_for(chat, 1)
    assert stays_silent(bot_api, chat)
    assert len(bot_api.shown(chat)) == 1


def test_the_update_is_confirmed_before_the_turn_so_that_a_slow_one_is_not_sent_again(
    bot_api: BotApi, chat: int
) -> None:
    bot_api.fail_next("sendMessage", chat, code=429, retry_after=1)
    started = time.monotonic()
    assert bot_api.say(chat, "/help") == 200
    assert time.monotonic() - started < 0.5
    bot_api.wait_for(chat, 1)


def test_a_pressed_button_stops_spinning_and_goes(bot_api: BotApi, chat: int) -> None:
    bot_api.say(chat, "heat or ice?")
    count = len(bot_api.wait_for(chat, len(HEAT.short.paragraphs) + 1))
    answered = len(bot_api.calls_of("answerCallbackQuery"))
    assert bot_api.press(chat, "Why is that?") == 200
    shown = bot_api.wait_for(chat, count + 2)
    assert len(bot_api.calls_of("answerCallbackQuery")) == answered + 1
    assert "reply_markup" not in shown[count - 1]
    assert texts(shown)[count - 1].endswith("\n\n\u203a Why is that?")
    assert texts(shown)[count] == HEAT.parts["why"].paragraphs[0]


def test_a_button_pressed_twice_in_haste_is_answered_once(bot_api: BotApi, chat: int) -> None:
    bot_api.say(chat, "/start")
    (greeting,) = bot_api.wait_for(chat, 1)
    data = greeting["reply_markup"]["inline_keyboard"][2][0]["callback_data"]
    for _ in range(2):
        bot_api.press_button(chat, dict(greeting), data)
    count = len(HEAT.short.paragraphs) + 2
    bot_api.wait_for(chat, count)
    assert stays_silent(bot_api, chat)
    assert len(bot_api.shown(chat)) == count


def test_a_button_whose_press_cannot_be_confirmed_is_still_answered(
    bot_api: BotApi, chat: int
) -> None:
    bot_api.say(chat, "/start")
    (greeting,) = bot_api.wait_for(chat, 1)
    for method in ("answerCallbackQuery", "editMessageText"):
        bot_api.fail_next(method, code=400)
    bot_api.press_button(chat, greeting, "/ask_heat_or_ice")
    assert texts(bot_api.wait_for(chat, 2))[1] == HEAT.short.paragraphs[0]


def test_start_greets_once(bot_api: BotApi, chat: int) -> None:
    bot_api.say(chat, "/start")
    assert texts(bot_api.wait_for(chat, 1))[0].startswith("Hi, I am Backstride.")
    assert stays_silent(bot_api, chat)


def test_restart_forgets_and_greets_once(bot_api: BotApi, chat: int) -> None:
    bot_api.say(chat, "heat or ice?")
    count = len(bot_api.wait_for(chat, len(HEAT.short.paragraphs) + 1))
    bot_api.say(chat, "/restart")
    shown = texts(bot_api.wait_for(chat, count + 2))[count:]
    assert shown[0] == WORDING.deleted
    assert shown[1].startswith("Hi, I am Backstride.")
    bot_api.say(chat, "tell me more")
    assert texts(bot_api.wait_for(chat, count + 3))[-1] == WORDING.no_subject


def test_the_menu_of_commands_is_set(bot_api: BotApi) -> None:
    ((menu),) = bot_api.calls_of("setMyCommands")
    assert [entry["command"] for entry in menu["commands"]] == [
        "start",
        "help",
        "restart",
        "delete",
    ]


def test_the_word_bot_behind_a_slash_stays_in_a_text(bot_api: BotApi, chat: int) -> None:
    # Read as "ice" when "/bot" is taken out.
    bot_api.say(chat, "are you a human/bot or a doctor?")
    assert texts(bot_api.wait_for(chat, 1))[0].startswith("I am a computer program")


def test_a_429_is_obeyed(bot_api: BotApi, chat: int) -> None:
    bot_api.fail_next("sendMessage", chat, code=429, retry_after=2)
    started = time.monotonic()
    bot_api.say(chat, "heat or ice?")
    count = len(HEAT.short.paragraphs) + 1
    shown = texts(bot_api.wait_for(chat, count))
    assert time.monotonic() - started >= 2
    assert shown[: count - 1] == list(HEAT.short.paragraphs)


@pytest.mark.parametrize(
    "fault", [{"code": 500}, {"html": True}, {"hang_up": True}], ids=["500", "html", "hang up"]
)
def test_a_passing_fault_of_telegram_costs_no_answer(
    bot_api: BotApi, chat: int, fault: dict[str, Any]
) -> None:
    bot_api.fail_next("sendMessage", chat, **fault)
    bot_api.say(chat, "/help")
    assert bot_api.wait_for(chat, 1)


def test_a_message_that_telegram_refuses_costs_neither_the_turn_nor_the_conversation(
    bot_api: BotApi, chat: int
) -> None:
    bot_api.fail_next("sendMessage", chat, code=400)  # the first paragraph is lost
    bot_api.say(chat, "heat or ice?")
    count = len(bot_api.wait_for(chat, len(HEAT.short.paragraphs)))
    bot_api.say(chat, "why is that?")
    assert HEAT.parts["why"].paragraphs[0] in texts(bot_api.wait_for(chat, count + 2))


def test_buttons_that_telegram_refuses_leave_the_words(bot_api: BotApi, chat: int) -> None:
    bot_api.fail_next("sendMessage", chat, code=400)
    bot_api.say(chat, "/help")
    (shown,) = bot_api.wait_for(chat, 1)
    assert "reply_markup" not in shown


def test_a_person_who_blocked_the_bot_breaks_nothing(bot_api: BotApi, chat: int) -> None:
    bot_api.blocked.add(chat)
    assert bot_api.say(chat, "heat or ice?") == 200
    wait_for(lambda: len(sends_to(bot_api, chat)) > len(HEAT.short.paragraphs))
    bot_api.blocked.discard(chat)
    bot_api.say(chat, "why is that?")
    assert HEAT.parts["why"].paragraphs[0] in texts(bot_api.wait_for(chat, 2))


def test_a_message_that_is_too_long_gets_a_kind_reply(bot_api: BotApi, chat: int) -> None:
    bot_api.say(chat, "word " * 700)
    assert texts(bot_api.wait_for(chat, 1)) == [WORDING.too_long]


def test_a_command_of_rasas_own_is_read_as_words(
    hooked: Server, bot_api: BotApi, chat: int
) -> None:
    for count, text in enumerate(["/help", "/session_start", "/back", "/help"]):
        bot_api.say(chat, text)
        bot_api.wait_for(chat, count + 1)
    wait_for(lambda: len(events(hooked, chat, "user")) == 4)
    assert len(events(hooked, chat, "session_started")) == 1
    assert not events(hooked, chat, "rewind")


def test_a_group_is_declined_once_and_left(bot_api: BotApi) -> None:
    group = {"id": -4242, "type": "supergroup", "title": "Runners"}
    added = {"chat": group, "new_chat_member": {"status": "member"}, "date": 1}
    assert bot_api.deliver(my_chat_member=added) == 200
    for _ in range(3):
        message = {**bot_api.message(1, text="/help@b_bot"), "chat": group}
        assert bot_api.deliver(message=message) == 200
    wait_for(lambda: -4242 in bot_api.left)
    assert stays_silent(bot_api, -4242)
    assert texts(bot_api.shown(-4242)) == [WORDING.only_in_private]
    assert bot_api.left.count(-4242) == 1


def test_messages_sent_in_a_hurry_are_answered_in_their_order(bot_api: BotApi, chat: int) -> None:
    bot_api.say(chat, "/ask_heat_or_ice")
    bot_api.say(chat, "why is that?")
    bot_api.say(chat, "/help")
    wait_for(lambda: "I answer questions" in "".join(texts(bot_api.shown(chat)[-1:])))
    shown = texts(bot_api.shown(chat))
    assert shown[0] == HEAT.short.paragraphs[0]
    assert shown[len(HEAT.short.paragraphs) + 1] == HEAT.parts["why"].paragraphs[0]


def events(server: Server, chat: int, kind: str) -> list[Any]:
    """The stored events of this kind in a chat's conversation."""
    told = hmac.new(b"a key that only tests use", f"telegram\0{chat}".encode(), hashlib.sha256)
    find = "SELECT data FROM events WHERE sender_id = ? AND type_name = ?"
    with sqlite3.connect(server.log.parent / "conversations.db") as database:
        return list(database.execute(find, [f"telegram-{told.hexdigest()[:32]}", kind]))


def stored(server: Server, words: str) -> int:
    """How many stored events hold these words."""
    with sqlite3.connect(server.log.parent / "conversations.db") as database:
        found = database.execute("SELECT count(*) FROM events WHERE data LIKE ?", [f"%{words}%"])
        return int(found.fetchone()[0])


@pytest.mark.parametrize("how", ["/delete", "delete this conversation", "the button"])
def test_a_deleted_conversation_leaves_nothing_in_the_store(
    hooked: Server, bot_api: BotApi, chat: int, how: str
) -> None:
    marker = f"zebra{chat}"
    bot_api.say(chat, f"do you store what i write? {marker}")
    bot_api.wait_for(chat, 1)
    wait_for(lambda: stored(hooked, marker))
    if how == "the button":
        bot_api.press(chat, "Delete this conversation")
    else:
        bot_api.say(chat, how)
    assert texts(bot_api.wait_for(chat, 2))[-1] == WORDING.deleted
    assert stored(hooked, marker) == 0


def test_the_store_knows_nobody_by_their_telegram_id(
    hooked: Server, bot_api: BotApi, chat: int
) -> None:
    bot_api.say(chat * 1_000_003, "/help")
    bot_api.wait_for(chat * 1_000_003, 1)
    with sqlite3.connect(hooked.log.parent / "conversations.db") as database:
        wait_for(
            lambda: list(database.execute("SELECT 1 FROM events WHERE sender_id LIKE 'tele%'"))
        )
        rows = [str(row) for row in database.execute("SELECT * FROM events")]
    assert not [row for row in rows if str(chat * 1_000_003) in row or "Someone" in row]


@pytest.fixture
def unstarted(monkeypatch: pytest.MonkeyPatch) -> Iterator[TelegramChannel]:
    monkeypatch.setenv("BACKSTRIDE_SECRET", "a key that only tests use")
    yield TelegramChannel(TelegramSettings(TOKEN, None, "http://127.0.0.1:9"))


def test_an_intent_triggered_from_outside_does_not_fail_with_a_running_event_loop(
    unstarted: TelegramChannel,
) -> None:
    # Rasa then collects the answers in place of sending them: whose chat it is, is not kept.
    assert unstarted.get_output_channel() is None


def test_neither_token_nor_text_is_in_the_log(hooked: Server, bot_api: BotApi, chat: int) -> None:
    bot_api.say(chat, "my private zebra crossing")
    bot_api.wait_for(chat, 1)
    log = hooked.log.read_text()
    assert TOKEN not in log
    assert TOKEN.split(":")[1] not in log
    assert bot_api.webhook["secret_token"] not in log
    assert "zebra" not in log
    assert "Traceback" not in log
