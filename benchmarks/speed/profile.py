"""Where the time goes: a start and a turn, by package, as a table and a picture.

    python -m benchmarks.speed.profile

Each is measured twice: with Rasa as it comes, and as Backstride runs it (backstride/rasa/server.py
and backstride/rasa/overrides.py). A sample of the stack is taken at each millisecond of processor
time, so nothing is slowed down, and other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median
from types import FrameType
from typing import Any

from backstride.paths import MODEL, ROOT
from backstride.supervisor import action_command, endpoints_for, wait_for
from benchmarks.speed.assistants import environment, free_port

RESULTS = ROOT / "results"
TURNS = 200
SHOWN = 12  # packages in the picture; the others are one bar
MESSAGES = ("should i use heat or ice", "how often", "do i need a scan", "xylophone")
_PACKAGE = re.compile(r".*/(?:site-packages|dist-packages)/([^/.]+)")
_STANDARD = re.compile(r".*/lib/python3\.\d+/([^/.]+)")
_OURS = re.compile(rf"{re.escape(str(ROOT))}/(backstride/(?:rasa/|embeddings/)?\w+)")

Seconds = dict[str, float]


def main(arguments: list[str]) -> int:
    """Profile in processes of their own, print the table and draw the picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.profile", description=__doc__)
    parser.add_argument("--one", choices=("before", "after"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        print(json.dumps(_profiled(stock=options.one == "before")))
        return 0
    found = {which: _in_a_process_of_its_own(which) for which in ("before", "after")}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "profile.json").write_text(json.dumps(found, indent=1))
    for part in ("start", "turn"):
        print(f"\n{part}, seconds of processor time: before, after")
        before, after = found["before"][part], found["after"][part]
        for name in sorted(before.keys() | after.keys(), key=lambda n: -before.get(n, 0))[:20]:
            print(f"  {name:32} {before.get(name, 0):8.4f} {after.get(name, 0):8.4f}")
        print(f"  {'all':32} {sum(before.values()):8.3f} {sum(after.values()):8.3f}")
    for part in found["after"]["medians"]:
        each = (found[which]["medians"][part] * 1000 for which in ("before", "after"))
        print("\n{}, median milliseconds of processor time: {:.1f}, {:.1f}".format(part, *each))
    _picture(found, RESULTS / "profile.png")
    print(f"\nWritten to {RESULTS.name}/profile.json and .png.")
    return 0


def _in_a_process_of_its_own(which: str) -> dict[str, Seconds]:
    with tempfile.TemporaryDirectory() as folder:
        database = {"BACKSTRIDE_DATABASE_URL": f"sqlite:///{folder}/conversations.db"}
        output = subprocess.run(
            [sys.executable, "-m", "benchmarks.speed.profile", "--one", which],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment() | database,
        ).stdout
    return dict(json.loads(output.splitlines()[-1]))


class Sampler:
    """While it is entered: which package the processor works for."""

    EVERY = 0.001  # seconds of processor time

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def __enter__(self) -> Sampler:
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, self.EVERY, self.EVERY)
        self._began = time.process_time()
        return self

    def __exit__(self, *error: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        self._took = time.process_time() - self._began

    def seconds(self, times: int = 1) -> Seconds:
        """Seconds of processor time by package, for one of so many times."""
        each = self._took / sum(self._seen.values()) / times
        return {name: count * each for name, count in self._seen.items()}

    def _look(self, _: int, frame: FrameType | None) -> None:
        # What is compiled or Python's own counts for whoever called it.
        package = "Python"
        while frame and package == "Python":
            package = _package(frame.f_code.co_filename)
            frame = frame.f_back
        self._seen[package] += 1


def _profiled(stock: bool) -> dict[str, Seconds]:
    """Seconds by package of a start and of a turn, and medians of the parts of a turn."""
    action_port = free_port()
    with Sampler() as start:
        if not stock:
            from backstride.rasa.server import leave_tensorflow_out

            leave_tensorflow_out()
        import rasa.__main__  # noqa: F401

        agent = _loaded(action_port)
    if stock:
        # The model brought our changes with it.
        from rasa.core.policies.rule_policy import RulePolicy

        from backstride.rasa.overrides import AS_IT_COMES
        from backstride.rasa.rules import QuickRulePolicy

        QuickRulePolicy.predict_action_probabilities = RulePolicy.predict_action_probabilities
        for place, name, rasas_own in AS_IT_COMES:
            if rasas_own is None:
                delattr(place, name)
            else:
                setattr(place, name, rasas_own)
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings(logging.ERROR)
    configure_structlog(logging.ERROR)
    actions = subprocess.Popen(action_command(action_port), cwd=ROOT, env=environment())
    try:
        wait_for(f"http://127.0.0.1:{action_port}/health", actions)
        turn, medians = asyncio.run(_turns(agent))
    finally:
        actions.terminate()
        actions.wait(30)
    return {"start": start.seconds(), "turn": turn, "medians": medians}


def _loaded(action_port: int) -> Any:
    from rasa.core.agent import load_agent
    from rasa.core.utils import AvailableEndpoints

    endpoints = AvailableEndpoints.read_endpoints(str(endpoints_for(action_port)))
    return asyncio.run(load_agent(str(MODEL), endpoints=endpoints))


async def _turns(agent: Any) -> tuple[Seconds, Seconds]:
    """Seconds of a turn by package, and the medians of understanding and of the rest of a turn."""
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

    async def turn(number: int) -> float:
        text, sender = MESSAGES[number % len(MESSAGES)], f"talk {number // len(MESSAGES)}"
        before = time.process_time()
        await agent.handle_message(UserMessage(text, CollectingOutputChannel(), sender))
        return time.process_time() - before

    async def understanding(number: int) -> float:
        before = time.process_time()
        await agent.parse_message(MESSAGES[number % len(MESSAGES)])
        return time.process_time() - before

    numbers = range(20, 20 + TURNS)
    for number in range(20):  # the first ones fill caches
        await turn(number)
    whole = median([await turn(number) for number in numbers])
    parsed = median([await understanding(number) for number in numbers])
    with Sampler() as sampler:
        for number in numbers:
            await turn(number + TURNS)
    return sampler.seconds(TURNS), {"understanding": parsed, "rest of the turn": whole - parsed}


def _package(file: str) -> str:
    ours = _OURS.match(file)
    if ours:
        return ours[1].replace("/", ".")
    package = _PACKAGE.match(file)
    if package:
        return package[1]
    return "Python" if _STANDARD.match(file) or file.startswith("<") else Path(file).stem


def _picture(found: dict[str, dict[str, Seconds]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, both = plt.subplots(1, 2, figsize=(12, 5))
    for axes, part, title in zip(both, ("start", "turn"), ("a start", "a turn"), strict=True):
        before, after = found["before"][part], found["after"][part]
        total = Counter(before) | Counter(after)
        names = [name for name, _ in total.most_common(SHOWN)]
        rest = "all others"
        for side in (before, after):
            side[rest] = sum(seconds for name, seconds in side.items() if name not in names)
        names = [*names, rest][::-1]
        places = range(len(names))
        for side, label, shift, colour in (
            (before, "Rasa as it comes", 0.2, "#b9c4cc"),
            (after, "as Backstride runs it", -0.2, "#0c6b67"),
        ):
            values = [side.get(name, 0) for name in names]
            axes.barh([p + shift for p in places], values, 0.4, label=label, color=colour)
        axes.set_yticks(list(places), names)
        axes.set_xlabel("seconds of processor time")
        axes.set_title(title)
    both[1].legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
