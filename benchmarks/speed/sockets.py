"""How long a reply takes over a websocket, as the chat in the browser has it."""

from __future__ import annotations

import asyncio
import time
import uuid

import socketio

from benchmarks.speed.assistants import Assistant, Running

REPLIES = 40
SECONDS = 30.0  # longest wait for one reply


def over_a_websocket(assistant: Assistant, running: Running) -> list[float]:
    """Milliseconds from sending to the first message back, each in a conversation of its own.

    Raises:
        asyncio.TimeoutError: no answer came.
    """
    return asyncio.run(_replies(assistant, running))


async def _replies(assistant: Assistant, running: Running) -> list[float]:
    return [await _reply(assistant, running) for _ in range(REPLIES)]


async def _reply(assistant: Assistant, running: Running) -> float:
    client = socketio.AsyncClient(reconnection=False)
    answered = asyncio.Event()
    client.on("bot_uttered", lambda *_: answered.set())
    await client.connect(
        f"http://127.0.0.1:{running.port}", transports=["websocket"], wait_timeout=int(SECONDS)
    )
    try:
        message = {"message": assistant.messages["topic"], "message_id": uuid.uuid4().hex}
        if assistant.signs_sessions:
            session = await client.call("session_request", {})
            message["session_id"] = session["session_id"]
        started = time.perf_counter()
        await client.emit("user_uttered", message)
        await asyncio.wait_for(answered.wait(), SECONDS)
        return (time.perf_counter() - started) * 1000
    finally:
        await client.disconnect()
