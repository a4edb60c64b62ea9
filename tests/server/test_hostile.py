"""Whatever comes in, the server stands, tells nothing, and answers the next person at once."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from tests.server.conftest import Server, start
from tests.server.hostile import MARKER, Attack, attacks

pytestmark = pytest.mark.server

# `make hostile` sends all of them.
NUMBER = int(os.environ.get("HOSTILE_REQUESTS") or 2_000)
AT_ONCE = 16
LEAKS = ("Traceback", "rasa/core", "site-packages", "root:x:0", "sqlalchemy", "tracker_store:")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start(tmp_path_factory.mktemp("target") / "log.txt")
    yield running
    running.stop()


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


async def send_all(port: int) -> list[tuple[Attack, int, str]]:
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

        await asyncio.gather(*map(one, attacks(NUMBER)))
    return found


def test_hostile_requests_break_nothing_and_learn_nothing(
    target: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    found = asyncio.run(send_all(target.port))
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
    assert len(found) == NUMBER
    assert [(a.method, a.path, a.headers, a.body[:200]) for a, s, _ in found if s == -1] == []
    assert [(a.method, a.path, a.headers, a.body[:200]) for a, s, _ in found if s >= 500] == []
    assert [
        (a.path, text[:200]) for a, _, text in found if any(leak in text for leak in LEAKS)
    ] == []
    log = target.log.read_text()
    assert MARKER not in log.lower()
    assert "Traceback" not in log
    assert answered < 1.0
    assert statuses[200] > NUMBER / 10  # they did reach the assistant


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
