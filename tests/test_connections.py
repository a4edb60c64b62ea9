"""Connections to the action server: kept, and made anew when the other end has closed them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from actions.server import KEPT_SECONDS
from backstride.paths import ROOT
from backstride.rasa import overrides  # noqa: F401 it is put to use there
from backstride.rasa.connections import IDLE_SECONDS, close_connections, rasas_own

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n"


class _Server:
    """Answers so many requests on each connection, then closes it without a word."""

    def __init__(self, requests: int) -> None:
        self.requests, self.connections, self.seen = requests, 0, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        for _ in range(self.requests):
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
            except asyncio.IncompleteReadError:
                break
            length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            self.seen += 1
            if b"x-fail" in head:
                writer.write(OK.replace(b"200 OK", b"500 No"))
            else:
                writer.write(OK)
            writer.write(b'{"events":1}')
            await writer.drain()
        writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[EndpointConfig]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            yield EndpointConfig(f"http://127.0.0.1:{port}/webhook")
        finally:
            await close_connections()
            server.close()


def test_one_connection_serves_many_requests() -> None:
    async def talk(server: _Server) -> None:
        async with server.running() as endpoint:
            for _ in range(3):
                assert await endpoint.request(json={"a": 1}) == {"events": 1}

    server = _Server(requests=10)
    asyncio.run(talk(server))
    assert (server.connections, server.seen) == (1, 3)


def test_a_connection_that_was_closed_at_the_other_end_is_made_anew() -> None:
    async def talk(server: _Server) -> None:
        async with server.running() as endpoint:
            assert await endpoint.request(json={}) == {"events": 1}
            # The closing has not been seen yet when the next request goes out.
            assert await endpoint.request(json={}) == {"events": 1}

    server = _Server(requests=1)
    asyncio.run(talk(server))
    assert (server.connections, server.seen) == (2, 2)


def test_an_answer_that_tells_of_a_fault_is_a_fault() -> None:
    async def talk() -> None:
        async with _Server(requests=1).running() as endpoint:
            with pytest.raises(ClientResponseError):
                await endpoint.request(json={}, headers={"x-fail": "1"})

    asyncio.run(talk())


def test_where_nobody_listens_it_fails_as_with_rasas_own_session() -> None:
    async def talk() -> None:
        endpoint = EndpointConfig("http://127.0.0.1:1/webhook")
        with pytest.raises(aiohttp.ClientConnectorError):
            await endpoint.request(json={})
        async with rasas_own(endpoint) as session:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.post(endpoint.url)
        await close_connections()

    asyncio.run(talk())


def test_a_password_goes_through_rasas_own_session() -> None:
    async def talk() -> None:
        endpoint = EndpointConfig("http://x", basic_auth={"username": "a", "password": "b"})
        async with endpoint.session() as session:
            assert isinstance(session, aiohttp.ClientSession)

    asyncio.run(talk())


def test_the_action_server_keeps_a_connection_longer_than_rasa() -> None:
    assert KEPT_SECONDS > IDLE_SECONDS


def test_a_program_that_ends_without_closing_them_ends_quietly() -> None:
    program = """
        import asyncio
        from rasa.utils.endpoints import EndpointConfig
        from backstride.rasa import overrides
        from tests.test_connections import _Server

        async def talk():
            server = await asyncio.start_server(_Server(1).serve, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            print(await EndpointConfig(f"http://127.0.0.1:{port}/webhook").request(json={}))

        asyncio.run(talk())
    """
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "{'events': 1}"
    assert "Unclosed" not in ended.stderr
