"""Many people at once, or few for long: `python -m benchmarks.load`, `... --minutes 30`.

Each person asks about other topics than the next, so that an answer meant for somebody else is
seen. Beside the many, somebody new has an emergency each second. It counts errors, lost and
mixed-up answers, and measures the time and the memory.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from backstride.guide import Topic, load_guide
from backstride.paths import ROOT
from backstride.wording import load_wording
from benchmarks.speed.assistants import Running, backstride, running

TOPICS = [topic for topic in load_guide().topics.values() if not topic.checks_red_flags]
SAMPLE_SECONDS = 60.0
DANGER_SIGN, ALARM = "i cant feel it when i wipe", "Please get help now."


@dataclass
class Found:
    """What came out."""

    counted: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    emergencies: list[float] = field(default_factory=list)  # milliseconds
    memory: list[float] = field(default_factory=list)


def is_about(topic: Topic, answer: list[dict[str, Any]]) -> bool:
    """Whether an answer is of this topic."""
    parts = [topic.short, *topic.parts.values()]
    known = {paragraph for part in parts for paragraph in part.paragraphs}
    return any(message.get("text") in known for message in answer)


async def person(
    session: aiohttp.ClientSession, url: str, number: int, turns: int, pause: float, found: Found
) -> None:
    """One conversation."""
    chance = random.Random(number)
    for topic in chance.sample(TOPICS, min(turns, len(TOPICS))):
        await asyncio.sleep(chance.uniform(0, 2 * pause))
        started = time.perf_counter()
        message = {"sender": f"load-{number}", "message": f"/ask_{topic.id}"}
        try:
            async with session.post(url, json=message) as answered:
                answer = await answered.json()
        except Exception as error:
            found.counted[f"error: {type(error).__name__}"] += 1
            continue
        found.milliseconds.append((time.perf_counter() - started) * 1000)
        if answered.status != 200:
            found.counted[f"status {answered.status}"] += 1
        elif not answer or any(part["recipient_id"] != f"load-{number}" for part in answer):
            found.counted["lost or somebody else's"] += 1
        elif is_about(topic, answer):
            found.counted["right"] += 1
        elif answer[0]["text"] == load_wording().technical_problem:
            found.counted["told to try again"] += 1
        else:
            found.counted["not about the question"] += 1


async def emergencies(session: aiohttp.ClientSession, url: str, found: Found) -> None:
    """Somebody new with a danger sign each second, until it is cancelled."""
    for number in itertools.count():
        await asyncio.sleep(1)
        started = time.perf_counter()
        message = {"sender": f"urgent-{number}", "message": DANGER_SIGN}
        try:
            async with session.post(url, json=message) as answered:
                answer = await answered.json()
        except Exception as error:
            found.counted[f"emergency, error: {type(error).__name__}"] += 1
            continue
        right = answered.status == 200 and answer and answer[0]["text"].startswith(ALARM)
        found.counted["emergency answered" if right else "emergency missed"] += 1
        found.emergencies.append((time.perf_counter() - started) * 1000)


async def crowd(server: Running, people: int, turns: int, pause: float, found: Found) -> None:
    """So many conversations at the same time."""
    limit = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=limit, timeout=timeout) as session:
        urgent = asyncio.create_task(emergencies(session, server.url, found))
        talks = (person(session, server.url, n, turns, pause, found) for n in range(people))
        await asyncio.gather(*talks)
        urgent.cancel()


async def soak(server: Running, people: int, minutes: float, found: Found) -> None:
    """Conversations that begin and end all the time, with the memory each minute."""
    ends = time.monotonic() + minutes * 60
    numbers = iter(range(1_000_000))
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(timeout=timeout) as session:

        async def one_after_the_other() -> None:
            while time.monotonic() < ends:
                await person(session, server.url, next(numbers), 20, 0.5, found)

        async def watch() -> None:
            while time.monotonic() < ends:
                await asyncio.sleep(min(SAMPLE_SECONDS, max(ends - time.monotonic(), 0)))
                found.memory.append(round(server.memory()))

        await asyncio.gather(watch(), *(one_after_the_other() for _ in range(people)))


def main(arguments: list[str]) -> int:
    """Start a server of its own, put load on it, print and write what came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two messages")
    parser.add_argument("--minutes", type=float, help="soak for so long instead")
    options = parser.parse_args(arguments)
    found = Found()
    name, results = "soak" if options.minutes else "load", ROOT / "results"
    results.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        log = results / f"{name}-log.txt"
        with running(backstride(), Path(folder) / "load.db", log) as server:
            before = server.memory()
            started = time.monotonic()
            if options.minutes:
                asyncio.run(soak(server, options.people, options.minutes, found))
            else:
                talk = crowd(server, options.people, options.turns, options.pause, found)
                asyncio.run(talk)
            seconds, after = time.monotonic() - started, server.memory()
    quantiles = statistics.quantiles(found.milliseconds, n=100)
    result = {
        "people": options.people,
        "seconds": round(seconds),
        "messages": sum(found.counted.values()),
        "per second": round(sum(found.counted.values()) / seconds, 1),
        **found.counted,
        "median ms": round(quantiles[49]),
        "95th percentile ms": round(quantiles[94]),
        "slowest ms": round(max(found.milliseconds)),
        **(_of_emergencies(found.emergencies) if found.emergencies else {}),
        "memory before, after, MB": [round(before), round(after)],
        "memory each minute, MB": found.memory,
    }
    text = json.dumps(result, indent=2)
    (results / f"{name}.json").write_text(text, encoding="utf-8")
    print(text)
    return 0 if set(found.counted) <= {"right", "emergency answered"} else 1


def _of_emergencies(milliseconds: list[float]) -> dict[str, int]:
    return {
        "emergencies, median ms": round(statistics.median(milliseconds)),
        "emergencies, slowest ms": round(max(milliseconds)),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
