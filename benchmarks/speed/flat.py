"""Cost that should stay flat: the time of a reply against what grows with use.

    python -m benchmarks.speed.flat

Conversation length, stored conversations and message length are measured through the started
server; the number of topics on a model that is trained on made-up ones.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import yaml

from backstride.guide import load_guide
from backstride.paths import ROOT
from backstride.wording import plain_words
from benchmarks.speed.assistants import RASA, Running, backstride, environment, running

REPLIES = 30
CONVERSATIONS = (10, 100_000)
TURNS = (5, 50, 500)
CHARACTERS = (10, 100, 500, 1000)
TOPICS = (40, 400)
EXAMPLES = 40  # of each made-up topic
_EVENTS = 8  # of each made-up conversation

Curve = dict[int, float]


def main() -> int:
    """Measure, print and write the curves."""
    curves = {"topics": topics()}
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "conversations.db"
        log = ROOT / "results" / "flat.log"
        log.parent.mkdir(exist_ok=True)
        with running(backstride(), database, log) as server:
            curves["turns of the conversation"] = conversation_length(server)
            curves["characters of the message"] = message_length(server)
            curves["stored conversations"] = stored(server, database)
    for name, curve in curves.items():
        growth = curve[max(curve)] / curve[min(curve)]
        shown = ", ".join(f"{size:,}: {ms:.1f} ms" for size, ms in curve.items())
        print(f"{name:28} {shown}   (x {growth:.2f})")
    (ROOT / "results" / "flat.json").write_text(json.dumps(curves))
    return 0


def conversation_length(server: Running) -> Curve:
    """Milliseconds of a reply at each of these turns of one conversation."""
    sender, times = uuid.uuid4().hex, []
    for _ in range(max(TURNS) + 10):
        times.append(server.ask(sender, "should i use heat or ice"))
    return {turn: median(times[max(turn - 4, 0) : turn + 5]) for turn in TURNS}


def message_length(server: Running) -> Curve:
    """Milliseconds of the reply to ordinary words of each length."""
    words = "my back has felt a bit stiff since the last long run on the hills in the rain and "
    return {size: _reply(server, (words * 20)[:size]) for size in CHARACTERS}


def stored(server: Running, database: Path) -> Curve:
    """Milliseconds of a reply with so many other conversations in the database."""
    curve = {}
    for wanted in CONVERSATIONS:
        with sqlite3.connect(database) as direct:
            held = direct.execute("SELECT count(DISTINCT sender_id) FROM events").fetchone()[0]
            direct.executemany(
                "INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (?, ?, ?, ?)",
                _events(max(wanted - held, 0)),
            )
        curve[wanted] = _reply(server, "should i use heat or ice")
    return curve


def topics() -> Curve:
    """Milliseconds to understand a message with so many topics."""
    return {count: asyncio.run(_understand(count)) for count in TOPICS}


def _reply(server: Running, message: str) -> float:
    return median(server.ask(uuid.uuid4().hex, message) for _ in range(REPLIES))


def _events(conversations: int) -> Iterator[tuple[str, str, float, str]]:
    data = json.dumps({"event": "slot", "name": "topic", "value": "causes", "timestamp": 1.0})
    for _ in range(conversations):
        sender = uuid.uuid4().hex
        for _ in range(_EVENTS):
            yield sender, "slot", time.time(), data


async def _understand(count: int) -> float:
    from rasa.core.agent import Agent

    with tempfile.TemporaryDirectory() as folder:
        model = _trained(Path(folder), count)
        agent = Agent.load(str(model))
        times = []
        for text in _made_up(random.Random(1), 50):
            started = time.perf_counter()
            await agent.parse_message(text)
            times.append((time.perf_counter() - started) * 1000)
        return median(times[5:])


def _trained(folder: Path, count: int) -> Path:
    """A model of the real pipeline on so many made-up topics, beside the real dialogue intents."""
    chance = random.Random(count)
    data = folder / "data"
    shutil.copytree(ROOT / "data" / "nlu" / "dialogue", data)
    nlu = [
        {
            "intent": f"ask_made_up_{number}",
            "examples": "".join(f"- {text}\n" for text in _made_up(chance, EXAMPLES)),
        }
        for number in range(count)
    ]
    (data / "made_up.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}))
    subprocess.run(
        [
            RASA,
            "train",
            "nlu",
            "--nlu",
            str(data),
            "--config",
            "config.yml",
            "--out",
            str(folder),
            "--fixed-model-name",
            "made_up",
        ],
        check=True,
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return folder / "made_up.tar.gz"


def _made_up(chance: random.Random, count: int) -> list[str]:
    """Strings of words from the real questions: their meaning does not matter for the time."""
    words = sorted(
        word
        for topic in load_guide().topics.values()
        for word in plain_words(topic.question + " " + topic.short.text).split()
    )
    return [" ".join(chance.choices(words, k=chance.randint(4, 12))) for _ in range(count)]


if __name__ == "__main__":
    sys.exit(main())
