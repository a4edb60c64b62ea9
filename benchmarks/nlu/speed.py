"""How long a message takes through the whole NLU pipeline: `python -m benchmarks.nlu.speed`.

One core, the trained model, messages of 15 words from the development set (parts of longer ones,
cut after the fifteenth word), and what each component takes. Memory is what the process has
grown by from before the model was loaded until all messages were read.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from backstride.paths import MODEL
from benchmarks.nlu.data import development

WORDS = 15
_ROUNDS = 3


def messages() -> list[str]:
    """The first fifteen words of each development message that has so many."""
    words = [m.text.split()[:WORDS] for m in development()]
    return [" ".join(w) for w in words if len(w) == WORDS]


def megabytes() -> float:
    """What this process holds in memory."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


async def measure() -> tuple[list[float], dict[str, list[float]]]:
    """Milliseconds of each message, and of each component."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    from backstride.rasa.classifier import MeaningAndSpellingClassifier
    from backstride.rasa.danger_signs import DangerSigns
    from backstride.rasa.featurizer import MiniLMFeaturizer

    configure_structlog(logging.ERROR)
    parts: dict[str, list[float]] = {}
    for component in (MiniLMFeaturizer, MeaningAndSpellingClassifier, DangerSigns):
        parts[component.__name__] = []
        component.process = _timed(component.process, parts[component.__name__])
    before = megabytes()
    agent = Agent.load(str(MODEL))
    texts = messages()
    for text in texts:  # warm up
        await agent.parse_message(text)
    for times in parts.values():
        times.clear()
    whole, busy = [], []
    for _ in range(_ROUNDS):
        for text in texts:
            started, processor = time.perf_counter(), time.process_time()
            await agent.parse_message(text)
            whole.append((time.perf_counter() - started) * 1000)
            busy.append((time.process_time() - processor) * 1000)
    print(f"processor time of a message: median {median(busy):.1f} ms")
    print(f"memory: +{megabytes() - before:.0f} MB for the model and {len(texts)} messages")
    return whole, parts


def _timed(process: Any, times: list[float]) -> Any:
    def timed(*arguments: Any, **named: Any) -> Any:
        started = time.perf_counter()
        result = process(*arguments, **named)
        times.append((time.perf_counter() - started) * 1000)
        return result

    return timed


def main() -> int:
    """Measure and print."""
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})  # one core
    logging.disable(logging.WARNING)
    whole, parts = asyncio.run(measure())
    whole.sort()
    print(
        f"whole pipeline, {WORDS} words: median {median(whole):.1f} ms,"
        f" 95th percentile {whole[int(0.95 * len(whole))]:.1f} ms"
    )
    for name, times in parts.items():
        print(f"  {name}: {median(times):.2f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
