"""Connections to the action server that are kept: Rasa opens and closes one for each action."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

import ujson
from aiohttp import (
    ClientConnectorError,
    ClientOSError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerDisconnectedError,
    TCPConnector,
)
from rasa.utils.endpoints import DEFAULT_REQUEST_TIMEOUT, EndpointConfig

IDLE_SECONDS = 60.0  # less than the action server keeps them

rasas_own = EndpointConfig.session
_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, ClientSession] = WeakKeyDictionary()


class _Kept:
    """What Rasa takes for a session of its own: it stays open when Rasa closes it."""

    def __init__(self, headers: dict[str, Any]) -> None:
        self._headers = headers

    async def __aenter__(self) -> _Kept:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Leave the connections open."""

    @asynccontextmanager
    async def request(self, method: str, url: str, **more: Any) -> AsyncIterator[ClientResponse]:
        """Send a request, once more when a kept connection had been closed at the other end."""
        more["headers"] = {**self._headers, **more.get("headers", {})}
        try:
            response = await _session().request(method, url, **more)
        except ClientConnectorError:
            raise
        except (ServerDisconnectedError, ClientOSError):
            # An action of ours only reads, so it may run twice.
            response = await _session().request(method, url, **more)
        async with response:
            yield response


def kept_session(endpoint: EndpointConfig) -> Any:
    """A session on kept connections; Rasa's own one where there is a password."""
    return rasas_own(endpoint) if endpoint.basic_auth else _Kept(endpoint.headers)


def _session() -> ClientSession:
    loop = asyncio.get_running_loop()
    session = _sessions.get(loop)
    if session is None or session.closed:
        session = _sessions[loop] = ClientSession(
            connector=TCPConnector(keepalive_timeout=IDLE_SECONDS),
            json_serialize=ujson.dumps,
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
        )
    return session


@atexit.register
def _close_what_is_left() -> None:
    """Of programs other than the server; without it aiohttp complains of each."""
    for session in _sessions.values():
        if session.connector is not None:
            session.connector._close()


async def close_connections() -> None:
    """Close those of this event loop."""
    session = _sessions.pop(asyncio.get_running_loop(), None)
    if session is not None:
        await session.close()
