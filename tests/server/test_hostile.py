"""Whatever comes in, the server stands, tells nothing, and answers the next person at once."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import requests
import socketio
from yarl import URL

from tests.channels import slack_standin, telegram_standin
from tests.channels.slack_standin import WebApi
from tests.channels.telegram_standin import BotApi
from tests.server.conftest import Server, start
from tests.server.hostile import MARKER, Attack, attacks, web_message

pytestmark = pytest.mark.server

# `make hostile` sends all of them.
NUMBER = int(os.environ.get("HOSTILE_REQUESTS") or 2_000)
AT_ONCE = 16
CHATS = 20  # of the attacker's own: one alone is busy most of the time
SIGNED = ("/webhooks/telegram/webhook", "/webhooks/slack/webhook")
LEAKS = ("Traceback", "rasa/core", "site-packages", "root:x:0", "sqlalchemy", "tracker_store:")


SECRET = "a key that nobody else knows, " * 2
PRIVATE = "quetzalcoatl"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with all channels on."""
    bot_api, web_api = BotApi(), WebApi()
    bot_api.start()
    web_api.start()
    running = start(
        tmp_path_factory.mktemp("target") / "log.txt",
        BACKSTRIDE_SECRET=SECRET,
        BACKSTRIDE_TELEGRAM_TOKEN=telegram_standin.TOKEN,
        BACKSTRIDE_TELEGRAM_API=bot_api.url,
        BACKSTRIDE_TELEGRAM_WEBHOOK_URL="https://backstride.example",
        BACKSTRIDE_SLACK_TOKEN=slack_standin.TOKEN,
        BACKSTRIDE_SLACK_API=web_api.url,
        BACKSTRIDE_SLACK_SIGNING_SECRET=slack_standin.SIGNING_SECRET,
    )
    yield running
    running.stop()
    bot_api.stop()
    web_api.stop()


async def send(session: aiohttp.ClientSession, port: int, attack: Attack) -> tuple[int, str]:
    """The status and the text of the answer; 0 when the connection was closed, -1 without any."""
    url = URL(f"http://127.0.0.1:{port}{attack.path}", encoded=True)
    try:
        async with session.request(
            attack.method, url, headers=attack.headers, data=attack.body, allow_redirects=False
        ) as answer:
            return answer.status, (await answer.read()).decode("utf-8", "replace")
    except asyncio.TimeoutError:
        return -1, ""
    except (aiohttp.ClientError, ConnectionError, ValueError):
        return 0, ""


async def send_all(port: int, sessions: list[str]) -> list[tuple[Attack, int, str]]:
    limit, found = asyncio.Semaphore(AT_ONCE), []
    timeout = aiohttp.ClientTimeout(total=30)
    # Each on a connection of its own, so that a request is blamed for its own fault only.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(
        timeout=timeout, connector=connector, auto_decompress=False
    ) as session:

        async def one(attack: Attack) -> None:
            async with limit:
                found.append((attack, *await send(session, port, attack)))

        await asyncio.gather(*map(one, attacks(NUMBER, sessions)))
    return found


async def send_events(port: int, session_id: str, number: int) -> Counter[str]:
    """Hostile events over the chat's socket; how they were answered."""
    chance, told = random.Random(2), Counter[str]()
    client = socketio.AsyncClient()
    await client.connect(f"http://127.0.0.1:{port}", transports=["polling"])
    for _ in range(number):
        name = chance.choice(["session_request", "user_uttered", "delete_conversation", "x"])
        data = web_message(chance, session_id)
        if chance.random() < 0.1:
            data = chance.choice([None, 7, "x", [], [[]]])  # type: ignore[assignment]
        if not client.connected:
            await client.connect(f"http://127.0.0.1:{port}", transports=["polling"])
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        await client.emit(name, data, callback=lambda *it, told=answer: told.set_result(it))
        if name == "x":
            continue  # no such event, no answer
        (result,) = await asyncio.wait_for(answer, 30)
        assert not any(leak in str(result) for leak in (*LEAKS, PRIVATE, SECRET))
        told[result.get("error", "taken")] += 1
    await client.disconnect()
    return told


def chat_id(target: Server) -> str:
    """The id of a new chat."""
    answer = requests.post(f"http://127.0.0.1:{target.port}/widget/chat", json={}, timeout=10)
    return str(answer.json()["session_id"])


def test_hostile_requests_break_nothing_and_learn_nothing(
    target: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = (SECRET, telegram_standin.TOKEN, slack_standin.TOKEN, slack_standin.SIGNING_SECRET)
    target.ask(f"my {PRIVATE} hurts", "somebody else")
    started = time.monotonic()
    found = asyncio.run(send_all(target.port, [chat_id(target) for _ in range(CHATS)]))
    events = asyncio.run(send_events(target.port, chat_id(target), NUMBER // 10))
    seconds = time.monotonic() - started
    asked = time.monotonic()
    assert "Evidence:" in target.ask("heat or ice?", "afterwards")[-1]["text"]
    answered = time.monotonic() - asked
    statuses = Counter(status for _, status, _ in found)
    with capsys.disabled():
        told = ", ".join(
            f"{n} times {status or 'closed'}" for status, n in sorted(statuses.items())
        )
        print(f"\n{len(found)} hostile requests in {seconds:.0f} s: {told}")
        print(f"{sum(events.values())} hostile events over the socket: {dict(events)}")
    assert len(found) == NUMBER
    assert [(a.method, a.path, a.headers, a.body[:200]) for a, s, _ in found if s == -1] == []
    assert [(a.method, a.path, a.headers, a.body[:200]) for a, s, _ in found if s >= 500] == []
    assert [
        (a.path, text[:200])
        for a, _, text in found
        if any(leak in text for leak in (*LEAKS, *secrets, PRIVATE))
    ] == []
    forged = {s for a, s, _ in found if a.path in SIGNED and a.method == "POST"}
    assert forged <= {0, 400, 401, 403, 413}
    log = target.log.read_text()
    assert not [word for word in (MARKER, PRIVATE) if word in log.lower()]
    assert not [one for one in secrets if one in log]
    assert "Traceback" not in log
    assert answered < 1.0
    # They did reach the assistant, on each way.
    reached = Counter(a.path for a, status, text in found if status == 200 and "text" in text)
    assert reached["/webhooks/rest/webhook"] > NUMBER / 20
    assert reached["/widget/chat"] > NUMBER / 200
    assert events["taken"] > NUMBER / 100


def test_two_requests_in_one_are_not_mixed(target: Server, tmp_path: Path) -> None:
    """A length and chunks at once, as in request smuggling: refused, and the line is closed."""

    async def answer_to_both() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
        writer.write(
            b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        try:
            return await asyncio.wait_for(reader.read(100_000), 3)
        except asyncio.TimeoutError:
            return b""
        finally:
            writer.close()

    answer = asyncio.run(answer_to_both())
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1
