"""Hostile requests over the public routes, made from a seed so that a failure can be repeated."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterator
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
    {"X-Telegram-Bot-Api-Secret-Token": "wrong"},
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


def attacks(number: int, seed: int = 1) -> Iterator[Attack]:
    """So many requests; the same for the same seed. Some come twice, as a replay."""
    chance = random.Random(seed)
    last: Attack | None = None
    for _ in range(number):
        if last is not None and chance.random() < 0.05:
            yield last
            continue
        last = _attack(chance)
        yield last


def _attack(chance: random.Random) -> Attack:
    # Most aim at the route that takes messages.
    path = PATHS[0] if chance.random() < 0.5 else chance.choice([*PATHS, *TRICKS])
    method = "POST" if chance.random() < 0.7 else chance.choice(METHODS)
    headers = dict(chance.choice(HEADERS))
    return Attack(method, path, headers, _body(chance) if method != "GET" else b"")


def _body(chance: random.Random) -> bytes:
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
    message = json.dumps({"sender": _sender(chance), "message": _message(chance), **_more(chance)})
    if kind == 4:
        return message[: chance.randrange(len(message))].encode()
    return message.encode("utf-8", "surrogatepass")


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
