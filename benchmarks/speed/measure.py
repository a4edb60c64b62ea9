"""What is measured of one running assistant."""

from __future__ import annotations

import shutil
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from benchmarks.speed.assistants import Assistant, Running
from benchmarks.speed.sockets import over_a_websocket

_SCRIPT = Path(__file__).with_name("load.lua")
REPLIES = 40  # of each kind, one after the other
LONG = 520  # messages of the long conversation
USERS = (1, 10, 50, 200)


class MissingTool(Exception):
    """The load tool is not on this machine. The message says how to get it."""


@dataclass
class Measured:
    """All figures of one round; milliseconds where nothing else is said."""

    ready_seconds: float
    memory_at_rest: float
    cold_seconds: float
    memory_after_load: float = 0.0
    cpu_a_reply: float = 0.0
    replies: dict[str, list[float]] = field(default_factory=dict)
    per_second: dict[int, float] = field(default_factory=dict)
    failed: int = 0
    message_5: float = 0.0
    message_500: float = 0.0


def measure(
    assistant: Assistant, running: Running, cold_seconds: float, seconds: float
) -> Measured:
    """One round: replies one by one, a long conversation, then load by many at once.

    Args:
        assistant: what is measured.
        running: it, started.
        cold_seconds: what an earlier start took whose files were not in the system's cache.
        seconds: how long each number of users is kept up.
    """
    figures = Measured(running.seconds, running.memory(), cold_seconds)
    for kind, message in assistant.messages.items():
        figures.replies[kind] = _replies(assistant, running, kind, message)
    figures.replies["topic over a websocket"] = over_a_websocket(assistant, running)
    figures.message_5, figures.message_500 = _long(assistant, running)
    before, replies = running.cpu_seconds(), 0
    for users in USERS:
        done, failed, took = _load(running, assistant.messages["topic"], users, seconds)
        figures.per_second[users] = done / took
        figures.failed += failed
        replies += done
    figures.cpu_a_reply = (running.cpu_seconds() - before) / max(replies, 1) * 1000
    figures.memory_after_load = running.memory()
    return figures


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return quantiles(times, n=20)[-1]


def _replies(assistant: Assistant, running: Running, kind: str, message: str) -> list[float]:
    """Each in a conversation of its own; what must come before it is not counted."""
    times = []
    for _ in range(REPLIES):
        sender = uuid.uuid4().hex
        if kind == "follow-up":
            running.ask(sender, assistant.messages["topic"])
        must_answer = assistant.always_answers or kind != "fallback"
        times.append(running.ask(sender, message, must_answer))
    return times


def _long(assistant: Assistant, running: Running) -> tuple[float, float]:
    """Milliseconds around message 5 and around message 500 of one conversation."""
    sender, message = uuid.uuid4().hex, assistant.messages["topic"]
    times = [running.ask(sender, message) for _ in range(LONG)]
    return median(times[3:12]), median(times[490:LONG])


def _load(running: Running, message: str, users: int, seconds: float) -> tuple[int, int, float]:
    """Replies, failures and seconds of a load by `users` at once, from a process of its own."""
    if shutil.which("wrk") is None:
        raise MissingTool("wrk makes the load and is missing. On Debian: apt-get install wrk")
    command = ["wrk", "--threads", "1", "--connections", str(users), "--timeout", "60s"]
    command += ["--duration", f"{seconds:.0f}s", "--script", str(_SCRIPT), running.url]
    started = time.monotonic()
    output = subprocess.run(
        [*command, "--", message, uuid.uuid4().hex], check=True, capture_output=True, text=True
    ).stdout
    took = time.monotonic() - started
    line = next(line for line in output.splitlines() if line.startswith("RESULT"))
    _, done, failed, *_ = line.split()
    return int(done), int(failed), took
