"""Cost that should stay flat: processor time of a reply against what grows with use.

    python -m benchmarks.speed.flat
    python -m benchmarks.speed.flat topics stored

Number of turns, stored conversations and length of the message are measured through a started
server, both of its processes together; the number of topics on models that are trained on made-up
ones. The sizes of a curve take turns, message by message, so that what else the machine does weighs
on all of them alike. Parts that are named are measured anew; the others are kept from the last
time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import mean

import yaml

from backstride.guide import load_guide
from backstride.paths import ROOT
from backstride.wording import plain_words
from benchmarks.speed.assistants import RASA, Running, backstride, environment, running

REPLIES = 60  # of each size
CONVERSATIONS = (10, 100_000)
TURNS = (5, 50, 500)
CHARACTERS = (10, 100, 500, 1000)
TOPICS = (40, 400)
EXAMPLES = 15  # of each made-up topic: the real ones have five times as many
RESULTS = ROOT / "results"
_EVENTS = 8  # of each made-up conversation
_QUESTION = "should i use heat or ice"

Curve = dict[int, float]


def main(arguments: list[str]) -> int:
    """Measure the parts, print the table and draw the picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.flat", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parts = parser.parse_args(arguments).parts or list(PARTS)
    if unknown := set(parts) - PARTS.keys():
        parser.error(f"There is no part '{unknown.pop()}'. The parts are: {', '.join(PARTS)}.")
    RESULTS.mkdir(exist_ok=True)
    kept = RESULTS / "flat.json"
    curves: dict[str, dict[str, float]] = json.loads(kept.read_text()) if kept.exists() else {}
    for part in parts:
        print(f"Measuring {part} ...", flush=True)
        title, measure = PARTS[part]
        curves[title] = {str(size): ms for size, ms in measure().items()}
        kept.write_text(json.dumps(curves, indent=1))
    print("\n".join(_table(curves)))
    _picture(curves, RESULTS / "flat.png")
    print(f"\nWritten to {RESULTS.name}/flat.json and .png.")
    return 0


def conversation_length() -> Curve:
    """The cost of a reply in conversations that had so many turns before."""
    with _server() as (server, _):
        talks = {turns: uuid.uuid4().hex for turns in TURNS}
        for turns, sender in talks.items():
            for _ in range(turns):
                server.ask(sender, _QUESTION)
        return _taking_turns(TURNS, lambda turns: _cost(server, talks[turns], _QUESTION))


def message_length() -> Curve:
    """The cost of the reply to ordinary words of each length."""
    words = "my back has felt a bit stiff since the last long run on the hills in the rain and "
    with _server() as (server, _):
        return _taking_turns(
            CHARACTERS, lambda size: _cost(server, uuid.uuid4().hex, (words * 20)[:size])
        )


def stored() -> Curve:
    """The cost of a reply with so many other conversations in the database."""
    with ExitStack() as open_until_end:
        servers = {}
        for number in CONVERSATIONS:
            servers[number], database = open_until_end.enter_context(_server())
            with sqlite3.connect(database) as direct:
                direct.executemany(
                    "INSERT INTO events (sender_id, type_name, timestamp, data)"
                    " VALUES (?, ?, ?, ?)",
                    _events(number),
                )
        return _taking_turns(
            CONVERSATIONS, lambda number: _cost(servers[number], uuid.uuid4().hex, _QUESTION)
        )


def topics() -> Curve:
    """The cost of understanding a message with so many topics."""
    from backstride.rasa.server import leave_tensorflow_out

    leave_tensorflow_out()
    from rasa.core.agent import Agent
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings(logging.ERROR)
    configure_structlog(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        agents = {number: Agent.load(str(_trained(Path(folder), number))) for number in TOPICS}
    chance = random.Random(1)

    def understand(number: int) -> float:
        (text,) = _made_up(chance, 1)
        started = time.process_time()
        asyncio.run(agents[number].parse_message(text))
        return (time.process_time() - started) * 1000

    return _taking_turns(TOPICS, understand)


PARTS: Mapping[str, tuple[str, Callable[[], Curve]]] = {
    "topics": ("topics", topics),
    "stored": ("stored conversations", stored),
    "turns": ("turns before", conversation_length),
    "length": ("characters of the message", message_length),
}


@contextmanager
def _server() -> Iterator[tuple[Running, Path]]:
    """A server, and the database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "conversations.db"
        with running(backstride(), database, RESULTS / "flat.log") as server:
            yield server, database


def _cost(server: Running, sender: str, message: str) -> float:
    """Milliseconds of processor time that the answer took."""
    before = server.cpu_seconds()
    server.ask(sender, message)
    return (server.cpu_seconds() - before) * 1000


def _taking_turns(sizes: tuple[int, ...], milliseconds: Callable[[int], float]) -> Curve:
    """The mean of each size; the first few of each fill caches."""
    rounds = [{size: milliseconds(size) for size in sizes} for _ in range(REPLIES + 5)][5:]
    return {size: mean(each[size] for each in rounds) for size in sizes}


def _events(conversations: int) -> Iterator[tuple[str, str, float, str]]:
    data = json.dumps({"event": "slot", "name": "topic", "value": "causes", "timestamp": 1.0})
    for _ in range(conversations):
        sender = uuid.uuid4().hex
        for _ in range(_EVENTS):
            yield sender, "slot", time.time(), data


def _trained(folder: Path, count: int) -> Path:
    """A model of the real pipeline on so many made-up topics, beside the real dialogue intents."""
    chance = random.Random(count)
    data = folder / f"data-{count}"
    shutil.copytree(ROOT / "data" / "nlu" / "dialogue", data)
    nlu = [
        {
            "intent": f"ask_made_up_{number}",
            "examples": "".join(f"- {text}\n" for text in _made_up(chance, EXAMPLES)),
        }
        for number in range(count)
    ]
    (data / "made_up.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}))
    command = [RASA, "train", "nlu", "--nlu", str(data), "--config", "config.yml"]
    subprocess.run(
        [*command, "--out", str(folder), "--fixed-model-name", f"made_up_{count}"],
        check=True,
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return folder / f"made_up_{count}.tar.gz"


def _made_up(chance: random.Random, count: int) -> list[str]:
    """Strings of words from the real questions: their meaning does not matter for the time."""
    words = sorted(
        word
        for topic in load_guide().topics.values()
        for word in plain_words(topic.question + " " + topic.short.text).split()
    )
    return [" ".join(chance.choices(words, k=chance.randint(4, 12))) for _ in range(count)]


def _table(curves: dict[str, dict[str, float]]) -> Iterator[str]:
    """The curves as they stand in docs/performance.md."""
    yield "| what grows | ms | over its range |"
    yield "|---|---|---:|"
    for title, curve in curves.items():
        shown = ", ".join(f"{int(size):,}: {ms:.1f}" for size, ms in curve.items())
        first, last = next(iter(curve.values())), list(curve.values())[-1]
        yield f"| {title} | {shown} | {last / first:.2f} |"


def _picture(curves: dict[str, dict[str, float]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, each = plt.subplots(1, len(curves), figsize=(3 * len(curves), 3), squeeze=False)
    for axes, (title, curve) in zip(each[0], curves.items(), strict=True):
        sizes = [f"{int(size):,}" for size in curve]
        axes.plot(sizes, list(curve.values()), marker="o", color="#0c6b67")
        limit = 1.5 * next(iter(curve.values()))
        axes.axhline(limit, color="#b9c4cc", linestyle="--")  # half as much again: the floor
        axes.set_ylim(0, 1.2 * max(limit, *curve.values()))
        axes.set_xlabel(title)
    each[0][0].set_ylabel("milliseconds of processor time")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
