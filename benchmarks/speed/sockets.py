"""How long a reply takes over a websocket, as the chat in the browser has it."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any

import websockets

from benchmarks.speed.assistants import Assistant, Running

REPLIES = 40
SECONDS = 30.0  # longest wait for one reply
_PING, _PONG, _JOIN, _EVENT, _ANSWER = "2", "3", "40", "42", "43"  # of socket.io's protocol


def over_a_websocket(assistant: Assistant, running: Running) -> list[float]:
    """Milliseconds from sending to the first message back, each in a conversation of its own.

    Raises:
        asyncio.TimeoutError: no answer came.
    """
    return asyncio.run(_replies(assistant, running))


async def _replies(assistant: Assistant, running: Running) -> list[float]:
    return [await asyncio.wait_for(_reply(assistant, running), SECONDS) for _ in range(REPLIES)]


async def _reply(assistant: Assistant, running: Running) -> float:
    address = f"ws://127.0.0.1:{running.port}/socket.io/?EIO=4&transport=websocket"
    async with websockets.connect(address) as socket:  # type: ignore[attr-defined]
        await socket.recv()
        await socket.send(_JOIN)
        await _next(socket, _JOIN)
        message = {"message": assistant.messages["topic"], "message_id": uuid.uuid4().hex}
        if assistant.signs_sessions:
            await socket.send(f'{_EVENT}1["session_request", {{}}]')
            state = json.loads((await _next(socket, _ANSWER)).removeprefix(f"{_ANSWER}1"))
            message["session_id"] = state[0]["session_id"]
        started = time.perf_counter()
        await socket.send(_EVENT + json.dumps(["user_uttered", message]))
        await _next(socket, f'{_EVENT}["bot_uttered"')
        return (time.perf_counter() - started) * 1000


async def _next(socket: Any, beginning: str) -> str:
    """The next packet that begins so."""
    while not (packet := str(await socket.recv())).startswith(beginning):
        if packet == _PING:
            await socket.send(_PONG)
    return packet
