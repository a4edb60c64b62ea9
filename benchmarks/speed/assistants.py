"""The two assistants that are measured: Backstride, and the starter that `rasa init` makes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests
import yaml

from backstride.paths import MODEL, ROOT
from backstride.processor import CORE_TYPE, core_type

READY_SECONDS = 300
RASA = str(Path(sys.executable).with_name("rasa"))


@dataclass(frozen=True)
class Assistant:
    """One assistant, and what to ask it.

    Attributes:
        name: as it stands in the tables.
        folder: its project.
        model: its trained model.
        messages: what is sent, by kind: a topic answer, a follow-up, an emergency, a fallback.
        signs_sessions: whether its socket wants an id that it gave itself.
        always_answers: also what it does not understand. The starter learns from a few stories what
            to do then, and after some trainings that is nothing.
    """

    name: str
    folder: Path
    model: Path
    messages: dict[str, str]
    signs_sessions: bool
    always_answers: bool


@dataclass(frozen=True)
class Running:
    """An assistant that answers on `port`, `seconds` after its start."""

    process: subprocess.Popen[bytes]
    port: int
    seconds: float

    @property
    def url(self) -> str:
        """Its REST channel."""
        return f"http://127.0.0.1:{self.port}/webhooks/rest/webhook"

    def ask(self, sender: str, message: str, must_answer: bool = True) -> float:
        """The milliseconds to the answer.

        Raises:
            RuntimeError: an error came, or no answer where there must be one.
        """
        started = time.perf_counter()
        answer = requests.post(self.url, json={"sender": sender, "message": message}, timeout=60)
        milliseconds = (time.perf_counter() - started) * 1000
        if not answer.ok or (must_answer and not answer.json()):
            raise RuntimeError(
                f"No answer to '{message}': {answer.status_code} {answer.text[:200]}"
            )
        return milliseconds

    def memory(self) -> float:
        """Megabytes that its processes hold, what they share counted once."""
        return sum(p.memory_full_info().pss for p in self._processes()) / 1e6

    def cpu_seconds(self) -> float:
        """Seconds of processor time that its processes have used so far."""
        return sum(sum(p.cpu_times()[:2]) for p in self._processes())

    def _processes(self) -> list[psutil.Process]:
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]


def backstride() -> Assistant:
    """The project as it is."""
    return Assistant(
        "Backstride",
        ROOT,
        MODEL,
        {
            "topic": "should i use heat or ice",
            "follow-up": "how often",
            "emergency": "i cant feel it when i wipe",
            "fallback": "xylophone zebra quark",
        },
        signs_sessions=True,
        always_answers=True,
    )


def starter(folder: Path) -> Assistant:
    """The project that `rasa init` makes, with its default pipeline and policies.

    It gets a SQLite tracker store and a socket, as Backstride has, and no action server, as it
    needs none.
    """
    from rasa.cli.scaffold import create_initial_project

    if not (folder / "domain.yml").exists():
        folder.mkdir(parents=True, exist_ok=True)
        create_initial_project(str(folder))
        store = {"tracker_store": {"type": "SQL", "dialect": "sqlite", "db": "starter.db"}}
        (folder / "endpoints.yml").write_text(yaml.safe_dump(store))
        socket_events = {"user_message_evt": "user_uttered", "bot_message_evt": "bot_uttered"}
        channels = {"rest": None, "socketio": {**socket_events, "session_persistence": False}}
        (folder / "credentials.yml").write_text(yaml.safe_dump(channels))
    return Assistant(
        "Starter",
        folder,
        folder / "models" / "starter.tar.gz",
        {
            "topic": "i am sad",
            "follow-up": "yes",
            "emergency": "are you a bot",
            "fallback": "xylophone zebra quark",
        },
        signs_sessions=False,
        always_answers=False,
    )


def train(assistant: Assistant) -> float:
    """Train from nothing; the seconds it took."""
    started = time.monotonic()
    command = [RASA, "train", "--force", "--fixed-model-name", assistant.model.stem.split(".")[0]]
    subprocess.run(
        [*command, "--out", str(assistant.model.parent)],
        check=True,
        cwd=assistant.folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.monotonic() - started


@contextmanager
def running(assistant: Assistant, database: Path, log: Path) -> Iterator[Running]:
    """Start the assistant, wait for its first answer, and stop it in the end.

    Raises:
        RuntimeError: it did not answer in time.
    """
    port, action_port = free_port(), free_port()
    command = [RASA, "run", "--port", str(port), "--interface", "127.0.0.1"]
    command += ["--model", str(assistant.model), "--endpoints", "endpoints.yml"]
    settings = {"PORT": str(port), "ACTION_PORT": str(action_port)}
    if assistant.folder == ROOT:
        command = [sys.executable, "-m", "backstride.supervisor", "run"]
        settings["BACKSTRIDE_DATABASE_URL"] = f"sqlite:///{database}"
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=assistant.folder,
            env=environment() | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, port, assistant.messages["topic"], log)
        yield Running(process, port, time.monotonic() - started)
    finally:
        process.terminate()
        process.wait(60)


def environment() -> dict[str, str]:
    """What both are run with."""
    quiet = {
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    core = core_type()
    if core:  # as `make train` and `make run` do it, here for both
        quiet[CORE_TYPE] = core
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | quiet


def _wait(process: subprocess.Popen[bytes], port: int, message: str, log: Path) -> None:
    url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            answer = requests.post(url, json={"sender": "ready", "message": message}, timeout=10)
            # Backstride's own text for a failed action is no answer yet.
            if answer.ok and answer.json() and "went wrong" not in answer.json()[0]["text"]:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"No answer within {READY_SECONDS} s. Read {log}.")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
