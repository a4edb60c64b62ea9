"""2,000 updates and 2,000 events of the services' own shapes, with values at random.

The seed is fixed. Shapes are those of the Bot API and the Events API; some values are of the wrong
type, missing, huge or hostile.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from backstride.guide import load_guide
from tests.channels.slack_standin import WebApi
from tests.channels.standin import wait_for
from tests.channels.telegram_standin import BotApi
from tests.server.conftest import Server

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("hooked")]

COUNT = 2000
FORGED = 200
ANSWERED = 200
MARKER = "quokka"  # stands in every text
HEAT = load_guide().topics["heat_or_ice"]
TEXTS = [
    "heat or ice?", "i cant pee", "tell me more", "/start", "/restart", "/ask_causes", "/delete",
    '/follow_up{"part":"why"}', "/" * 50, "\u202eabc", "\x00\x1b[31m", "\U0001f622" * 40,
    "a" * 4096, "null",
    "", " ", "{{7*7}} ${x} <b>", "&lt;!here&gt; <@U1> <https://a|b>", "%s {sign}", "\ud83d",
]  # fmt: skip
ODD = [None, True, False, 0, -1, 2**63, -(2**70), 1.5, "", "x", [], {}, [[]], {"a": {"b": []}}]


class Chaos:
    """Values at random from a fixed seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str:
        return f"{self.random.choice(TEXTS)} {MARKER}{self.random.randrange(99)}"

    def number(self) -> int:
        return self.random.choice([1, 2, 3, 10**6, 10**10, -5, 0])

    def broken(self, value: Any, chance: float = 0.04) -> Any:
        """The value, with a few of its leaves and branches lost or of another type."""
        if self.random.random() < chance:
            return self.random.choice(ODD)
        if isinstance(value, dict):
            kept = {k: v for k, v in value.items() if self.random.random() > chance / 2}
            return {key: self.broken(item, chance) for key, item in kept.items()}
        if isinstance(value, list):
            return [self.broken(item, chance) for item in value]
        return value

    def some(self, **fields: Callable[[], Any]) -> dict[str, Any]:
        """Some of these fields."""
        return {name: make() for name, make in fields.items() if self.random.random() < 0.2}


def updates(seed: int) -> Iterator[object]:
    chaos = Chaos(seed)
    pick = chaos.random.choice

    def user() -> dict[str, Any]:
        return {
            "id": chaos.number(),
            "is_bot": pick([False] * 9 + [True]),
            "first_name": chaos.text(),
        }

    def chat() -> dict[str, Any]:
        kind = pick(["private"] * 8 + ["group", "supergroup", "channel"])
        number = pick(range(900_000, 900_060))
        return {"id": number if kind == "private" else -number, "type": kind, "title": chaos.text()}

    def file() -> dict[str, Any]:
        return {"file_id": "A", "file_unique_id": "B", "width": 1, "duration": 2}

    def message() -> dict[str, Any]:
        content = pick(
            [
                *[{"text": chaos.text()}] * 4,
                {"photo": [file()], "caption": chaos.text()},
                {pick(["sticker", "voice", "video", "document", "animation", "audio"]): file()},
                {"location": {"latitude": 1.0, "longitude": 2.0}},
                {"contact": {"phone_number": "1", "first_name": chaos.text()}},
                {"poll": {"id": "1", "question": chaos.text(), "options": []}},
                {"new_chat_members": [user()]},
                {"left_chat_member": user()},
                {"pinned_message": {"message_id": 1, "date": 0, "text": chaos.text()}},
                {"successful_payment": {"currency": "EUR"}},
                {"web_app_data": {"data": chaos.text(), "button_text": chaos.text()}},
            ]
        )
        extra = chaos.some(
            entities=lambda: [{"type": "bot_command", "offset": 0, "length": 6}],
            reply_to_message=lambda: {"message_id": 1, "text": chaos.text()},
            forward_origin=lambda: {"type": "user", "date": 0, "sender_user": user()},
            edit_date=chaos.number,
            message_thread_id=chaos.number,
            via_bot=user,
        )
        base = {"message_id": chaos.number(), "date": 1_700_000_000, "from": user(), "chat": chat()}
        return {**base, **content, **extra}

    def callback() -> dict[str, Any]:
        data = pick([*TEXTS, "/ask_heat_or_ice", "/affirm"])[:64] + MARKER
        rows = [[{"text": chaos.text(), "callback_data": data}]]
        shown = {**message(), "reply_markup": {"inline_keyboard": rows}}
        return {"id": str(chaos.number()), "from": user(), "message": shown, "data": data}

    def member() -> dict[str, Any]:
        status = pick(["member", "administrator", "left", "kicked", "restricted"])
        return {"chat": chat(), "from": user(), "date": 0, "new_chat_member": {"status": status}}

    kinds: dict[str, Callable[[], dict[str, Any]]] = {
        "message": message,
        "edited_message": message,
        "channel_post": message,
        "edited_channel_post": message,
        "business_message": message,
        "callback_query": callback,
        "my_chat_member": member,
        "chat_member": member,
        "chat_join_request": lambda: {"chat": chat(), "from": user(), "bio": chaos.text()},
        "message_reaction": lambda: {"chat": chat(), "message_id": 1, "new_reaction": []},
        "inline_query": lambda: {"id": "1", "from": user(), "query": chaos.text(), "offset": ""},
        "poll_answer": lambda: {"poll_id": "1", "user": user(), "option_ids": [0]},
        "pre_checkout_query": lambda: {"id": "1", "from": user(), "invoice_payload": chaos.text()},
    }
    often = ["message"] * 2 + ["callback_query"]
    for number in range(COUNT):
        kind = pick([*kinds, *often])
        yield chaos.broken({"update_id": 500_000 + number, kind: kinds[kind]()})


def events(seed: int) -> Iterator[tuple[str, str]]:
    """Bodies with their content types."""
    chaos = Chaos(seed)
    pick = chaos.random.choice

    def channel() -> str:
        return pick(["D", "D", "D", "C"]) + f"fuzz{chaos.random.randrange(60)}"

    def message() -> dict[str, Any]:
        subtypes = [
            "file_share",
            "message_changed",
            "message_deleted",
            "bot_message",
            "channel_join",
        ]
        return {
            "type": "message",
            "channel": channel(),
            "channel_type": pick(["im", "im", "im", "channel", "group", "mpim"]),
            "user": f"U{chaos.random.randrange(9)}",
            "text": chaos.text(),
            "ts": f"17{chaos.random.randrange(10**8)}.0001",
            **chaos.some(
                subtype=lambda: pick(subtypes),
                thread_ts=lambda: "1700000000.1",
                bot_id=lambda: "B1",
                files=lambda: [{"id": "F1", "title": chaos.text()}],
                message=lambda: {"user": "U1", "text": chaos.text()},
                previous_message=lambda: {"user": "U1", "text": chaos.text()},
                blocks=lambda: [{"type": "rich_text", "elements": []}],
                edited=lambda: {"user": "U1", "ts": "1.1"},
            ),
        }

    def other() -> dict[str, Any]:
        kinds = ["app_mention", "app_home_opened", "reaction_added", "team_join", "link_shared"]
        return {**message(), "type": pick(kinds), "tab": "home"}

    def press() -> dict[str, Any]:
        kinds = ["button", "button", "button", "radio_buttons", "checkboxes", "static_select"]
        value = pick([*TEXTS, "/ask_heat_or_ice", "/affirm"]) + MARKER
        action = {"type": pick(kinds), "action_id": "choice-0", "value": value}
        place = {"ts": f"1.{chaos.random.randrange(10**6)}", "text": chaos.text()}
        return {
            "type": pick(["block_actions"] * 4 + ["view_submission", "shortcut", "message_action"]),
            "user": {"id": "U1"},
            "channel": {"id": channel()},
            "container": {"message_ts": place["ts"], "channel_id": channel()},
            "message": {**place, "blocks": [{"type": "section"}, {"type": "actions"}]},
            "actions": [{**action, "text": {"type": "plain_text", "text": chaos.text()}}],
        }

    for number in range(COUNT):
        if pick([True, True, False]):
            event = pick([message, message, other])()
            body = {"type": "event_callback", "event_id": f"Fuzz{number}", "event": event}
            yield json.dumps(chaos.broken(body)), "application/json"
        else:
            form = pick([{"payload": json.dumps(chaos.broken(press()))}, {"command": chaos.text()}])
            yield urlencode(form, errors="replace"), "application/x-www-form-urlencoded"


def rests(calls: list[Any]) -> Callable[[], bool]:
    """Whether nothing has been sent for a while."""
    seen: list[int] = []

    def condition() -> bool:
        seen.append(len(calls))
        return len(seen) > 5 and len(set(seen[-5:])) == 1

    return condition


def check_log(server: Server) -> None:
    log = server.log.read_text()
    assert MARKER not in log
    assert "Traceback" not in log
    assert "A turn was lost" not in log
    assert "A turn failed" not in log
    assert "was not sent" not in log


def test_two_thousand_updates_of_telegram(hooked: Server, bot_api: BotApi) -> None:
    person = 899_999
    bot_api.say(person, "heat or ice?")
    shown = len(bot_api.wait_for(person, len(HEAT.short.paragraphs) + 1))
    sent = len(bot_api.calls_of("sendMessage"))
    address = f"http://localhost:{hooked.port}/webhooks/telegram/webhook"
    secret = {"X-Telegram-Bot-Api-Secret-Token": bot_api.webhook["secret_token"]}
    session = requests.Session()

    def post(update: object, headers: dict[str, str] = secret) -> int:
        return session.post(address, json=update, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(post, updates(seed=6)))
        forged = Counter(pool.map(lambda u: post(u, {}), list(updates(seed=7))[:FORGED]))
    assert statuses == {200: COUNT}
    assert forged == {403: FORGED}
    wait_for(rests(bot_api.calls), seconds=120, every=0.2)
    assert len(bot_api.calls_of("sendMessage")) - sent > ANSWERED  # it was not all ignored
    bot_api.say(person, "why is that?")
    after = [message["text"] for message in bot_api.wait_for(person, shown + 1)]
    assert after[shown] == HEAT.parts["why"].paragraphs[0]
    check_log(hooked)


def test_two_thousand_events_of_slack(hooked: Server, web_api: WebApi) -> None:
    person = "D899999"
    web_api.say(person, "heat or ice?")
    shown = len(web_api.wait_for(person, len(HEAT.short.paragraphs) + 1))

    sent = len(web_api.calls_of("chat.postMessage"))

    def post(request: tuple[str, str]) -> int:
        return web_api.post(*request).status_code

    def forge(request: tuple[str, str]) -> int:
        return web_api.post(*request, secret="another").status_code  # noqa: S106

    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(post, events(seed=6)))
        forged = Counter(pool.map(forge, list(events(seed=7))[:FORGED]))
    assert statuses == {200: COUNT}
    assert forged == {403: FORGED}
    wait_for(rests(web_api.calls), seconds=120, every=0.2)
    assert len(web_api.calls_of("chat.postMessage")) - sent > ANSWERED
    web_api.say(person, "why is that?")
    after = [message["text"] for message in web_api.wait_for(person, shown + 1)]
    assert after[shown] == HEAT.parts["why"].paragraphs[0]
    check_log(hooked)
