"""The real servers, started once as `make run` starts them, on free ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from backstride.paths import MODEL, ROOT

START_SECONDS = 120


@dataclass
class Server:
    process: subprocess.Popen[str]
    port: int
    action_port: int
    log: Path
    database: Path | None = None

    def post(self, **request: Any) -> requests.Response:
        url = f"http://localhost:{self.port}/webhooks/rest/webhook"
        return requests.post(url, timeout=30, **request)

    def ask(self, message: object, sender: str) -> list[dict[str, Any]]:
        answer = self.post(json={"sender": sender, "message": message})
        assert answer.status_code == 200
        return answer.json()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


NO_CHANNELS = {
    "BACKSTRIDE_TELEGRAM_TOKEN": "",
    "BACKSTRIDE_TELEGRAM_WEBHOOK_URL": "",
    "BACKSTRIDE_SLACK_TOKEN": "",
    "BACKSTRIDE_SLACK_APP_TOKEN": "",
    "BACKSTRIDE_SLACK_SIGNING_SECRET": "",
}  # a developer's own tokens stay out of the tests


def start(log: Path, **settings: str) -> Server:
    """Both servers as `make run` starts them, with these environment variables."""
    port, action_port = free_port(), free_port()
    database = log.parent / "conversations.db"
    process = subprocess.Popen(
        [sys.executable, "-m", "backstride.supervisor", "run"],
        cwd=ROOT,
        env={
            **os.environ,
            **NO_CHANNELS,
            "BACKSTRIDE_SECRET": "a key that only tests use",
            "PORT": str(port),
            "ACTION_PORT": str(action_port),
            "BACKSTRIDE_DATABASE_URL": f"sqlite:///{database}",
            **settings,
        },
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
        text=True,
    )
    server = Server(process, port, action_port, log, database)
    deadline = time.monotonic() + START_SECONDS
    while "Backstride is ready" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            server.stop()
            pytest.fail(f"The servers did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.2)
    return server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not MODEL.exists():
        pytest.fail("There is no trained model. Run 'make test', which trains it first.")
    running = start(tmp_path_factory.mktemp("server") / "log.txt")
    yield running
    running.stop()


@pytest.fixture
def ask(server: Server, request: pytest.FixtureRequest) -> Callable[..., list[dict[str, Any]]]:
    """Ask within a conversation of this test's own."""
    return lambda message: server.ask(message, sender=f"{request.node.name}-{time.time_ns()}"[:200])


@pytest.fixture
def talk(server: Server, request: pytest.FixtureRequest) -> Callable[..., list[dict[str, Any]]]:
    """Say several things in one conversation of this test's own."""
    sender = f"{request.node.name}-{time.time_ns()}"[:200]
    return lambda message: server.ask(message, sender)
