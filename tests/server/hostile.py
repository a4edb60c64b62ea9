"""Hostile requests over the public routes, made from a seed so that a failure can be repeated."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MARKER = "zanzibar"
PATHS = [
    "/webhooks/rest/webhook",
    "/webhooks/rest/webhook?stream=true",
    "/webhooks/rest/",
    "/webhooks/telegram/webhook",
    "/webhooks/slack/webhook",
    "/webhooks/facebook/webhook",
    "/socket.io/",
    "/socket.io/?EIO=4&transport=polling",
    "/socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAA",
    "/socket.io/?EIO=99&transport=carrier-pigeon",
    "/widget/",
    "/widget/chat",
    "/widget/delete",
    "/widget/backstride.js",
    "/widget/page/demo.html",
    "/widget/pictures/bird-dog.svg",
    "/",
    "/version",
    "/live",
    "/ready",
    "/metrics",
    "/conversations/someone/tracker",
    "/model",
    "/model/parse",
    "/status",
    "/domain",
]
TRICKS = [
    "/../../../../etc/passwd",
    "/widget/../../credentials.yml",
    "/widget/%2e%2e/%2e%2e/endpoints.yml",
    "/widget/..%2f..%2fstore%2fconversations.db",
    "/widget/%252e%252e/store",
    "//etc/passwd",
    "/widget//etc/passwd",
    "/widget/\\..\\..\\domain.yml",
    "/widget/page/..%2f..%2f..%2f.env",
    "/widget/pictures/%2e%2e%2f%2e%2e%2fsources.yml",
    "/widget/pictures/../../store/conversations.db",
    "/%00",
    "/widget/%00.js",
    "/%ff%fe",
    "/" + "a" * 4000,
    "/;/..;/",
    "/.git/config",
    "/.env",
]
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]
TEXTS = [
    "\x00",
    "\ud800",
    "\u202e" + MARKER + "\u202c",
    "e\u0301" * 200,
    "\U0001f469\u200d\U0001f4bb" * 100,
    "a\u0300\u0301\u0302" * 300,
    "\ufeff",
    "{{7*7}} ${jndi:ldap://127.0.0.1/a} %s%n {topic}",
    "' OR 1=1; DROP TABLE events; --",
    "<script>alert(1)</script>",
    "/restart",
    "/session_start",
    '/ask_causes{"part": {"$ne": 1}}',
    "/" * 500,
    "/ask_causes@0.01",
    "((((" * 250,
    "not " * 300,
    "no no no, i cant pee " * 40,
    "a" * 9_999,
    "my back hurts. " * 3_000,
]
HEADERS: list[dict[str, str]] = [
    {},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": "203.0.113.7, 127.0.0.1", "Forwarded": "for=127.0.0.1"},
    {"Host": "evil.example"},
    {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    {"Content-Type": "text/plain"},
    {"Content-Type": "multipart/form-data; boundary=x"},
    {"Content-Encoding": "gzip"},
    {"Transfer-Encoding": "identity"},
    {"X-Http-Method-Override": "DELETE"},
    {"Cookie": "a=b; " * 200},
    {"X-Long": "x" * 7_000},
    {"Upgrade": "websocket", "Connection": "Upgrade"},
    {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "0"},
    {"X-Slack-Signature": "v0=" + "0" * 64, "X-Slack-Request-Timestamp": "9999999999"},
    {"X-Slack-Signature": "v1=\u00e9", "X-Slack-Request-Timestamp": "now"},
    {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"},
    {"X-Telegram-Bot-Api-Secret-Token": "wrong"},
    {"X-Telegram-Bot-Api-Secret-Token": ""},
    {"Accept": "text/html"},
    {"Range": "bytes=0-0,-1"},
    {"Expect": "100-continue"},
]


@dataclass(frozen=True)
class Attack:
    """One request."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def attacks(number: int, sessions: Sequence[str], seed: int = 1) -> Iterator[Attack]:
    """So many requests; the same for the same seed. Some come twice, as a replay.

    Args:
        number: how many.
        sessions: the ids of chats of the attacker's own.
    """
    chance = random.Random(seed)
    last: Attack | None = None
    for _ in range(number):
        if last is not None and chance.random() < 0.05:
            yield last
            continue
        last = _attack(chance, chance.choice(sessions))
        yield last


def _attack(chance: random.Random, session: str) -> Attack:
    # Most aim at the routes that take messages.
    path = chance.choice(TAKING) if chance.random() < 0.6 else chance.choice([*PATHS, *TRICKS])
    method = "POST" if chance.random() < 0.7 else chance.choice(METHODS)
    headers = dict(chance.choice(HEADERS))
    return Attack(method, path, headers, _body(chance, path, session) if method != "GET" else b"")


def _body(chance: random.Random, path: str, session: str) -> bytes:
    kind = chance.randrange(10)
    if kind == 0:
        return chance.randbytes(chance.randrange(2_000))
    if kind == 1:
        return b"[" * chance.choice([10, 1_000, 100_000])
    if kind == 2:
        return b'{"sender": "a", "message": "' + b"x" * chance.choice([20_000, 400_000]) + b'"}'
    if kind == 3:
        return chance.choice(
            [b"", b"null", b"{}", b"[]", b'"x"', b"{", b"\xff\xfe{}", b"NaN", b"1e999"]
        )
    content = CONTENT.get(path, _rest)(chance, session)
    message = json.dumps({**content, **_more(chance)})
    if kind == 4:
        return message[: chance.randrange(len(message))].encode()
    return message.encode("utf-8", "surrogatepass")


def _rest(chance: random.Random, session: str) -> dict[str, object]:
    return {"sender": _sender(chance), "message": _message(chance)}


def web_message(chance: random.Random, session: str) -> dict[str, object]:
    """What the chat sends, with values that it never would."""
    conversation, _, signature = session.partition(".")
    forged = [
        None,
        "",
        "web-" + "A" * 24 + "." + signature,
        conversation + "." + "A" * 43,
        session + "\x00",
        session.upper(),
        "hostile-abc",
        ["a"],
        {"$ne": ""},
        "x" * 10_000,
    ]
    ids = ["m1", "m2", "", None, 7, "x" * 65, "\u202e", {"a": 1}]
    return {
        "session_id": session if chance.random() < 0.4 else chance.choice(forged),
        "message": _message(chance),
        "message_id": chance.choice(ids) if chance.random() < 0.5 else str(chance.random()),
        "title": chance.choice([None, "x" * 5_000, 7, f"<b>{MARKER}</b>", "\ud800"]),
        "silent": chance.choice([True, False, "yes", None]),
        "log": chance.choice([None, "l", 7, ["a"]]),
        "seen": chance.choice([None, -1, 0, 10**30, "7", 1.5, []]),
    }


def _update(chance: random.Random, session: str) -> dict[str, object]:
    person = {"id": chance.choice([7, -7, "7", None, 10**30]), "is_bot": False}
    message = {
        "message_id": 1,
        "chat": {"id": chance.choice([7, "7", None]), "type": "private"},
        "from": person,
        "text": _message(chance),
    }
    kind = chance.choice(["message", "edited_message", "callback_query", "my_chat_member"])
    return {"update_id": chance.choice([1, 2, None, "x"]), kind: message}


def _event(chance: random.Random, session: str) -> dict[str, object]:
    event = {
        "type": chance.choice(["message", "app_mention", "app_home_opened", None]),
        "channel": chance.choice(["D1", "C1", None, 7]),
        "channel_type": chance.choice(["im", "channel", None]),
        "user": "U1",
        "text": _message(chance),
        "ts": "1.0",
    }
    kinds = ["event_callback", "url_verification", "block_actions", None]
    return {
        "type": chance.choice(kinds),
        "challenge": f"{MARKER}<script>",
        "event_id": chance.choice(["E1", None, 7]),
        "event": event,
    }


CONTENT = {
    "/widget/chat": web_message,
    "/widget/delete": web_message,
    "/webhooks/telegram/webhook": _update,
    "/webhooks/slack/webhook": _event,
}
# The routes that take messages; Rasa's own twice as often.
TAKING = [PATHS[0], *CONTENT, PATHS[0]]


def _sender(chance: random.Random) -> object:
    return chance.choice(
        [
            "hostile-" + "".join(chance.choices(string.ascii_lowercase, k=3)),
            "x" * 201,
            "x" * 100_000,
            "a\x00b",
            "../../store",
            "default",
            "",
            None,
            7,
            {"$gt": ""},
            ["a"],
            "\u202e",
            "' OR ''='",
            True,
        ]
    )


def _message(chance: random.Random) -> object:
    if chance.random() < 0.7:
        return f"{MARKER} {chance.choice(TEXTS)}"
    return chance.choice([None, 7, -1e308, True, [], {}, [[]] * 50, {"text": MARKER}, MARKER])


def _more(chance: random.Random) -> dict[str, object]:
    return chance.choice(
        [
            {},
            {"input_channel": MARKER},
            {"metadata": {MARKER: [MARKER] * 10}},
            {"metadata": MARKER},
            {"stream": True},
            {"sender_id": "someone else"},
            {"__proto__": {"a": 1}},
        ]
    )
