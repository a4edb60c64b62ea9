"""Where the time goes: a start and a turn, by package, as a table and a picture.

    python -m benchmarks.speed.profile

Each is measured twice: with Rasa as it comes, and as Backstride runs it (backstride/rasa/server.py
and backstride/rasa/overrides.py). The profiler itself slows Python down, so shares count here and
not seconds; `make bench` has the seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import logging
import pstats
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from backstride.paths import MODEL, ROOT
from backstride.supervisor import action_command, endpoints_for, wait_for
from benchmarks.speed.assistants import environment, free_port

RESULTS = ROOT / "results"
TURNS = 100
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
        print(f"\n{part}, seconds under the profiler: before, after")
        before, after = found["before"][part], found["after"][part]
        for name in sorted(before.keys() | after.keys(), key=lambda n: -before.get(n, 0))[:20]:
            print(f"  {name:32} {before.get(name, 0):8.3f} {after.get(name, 0):8.3f}")
        print(f"  {'all':32} {sum(before.values()):8.3f} {sum(after.values()):8.3f}")
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


def _profiled(stock: bool) -> dict[str, Seconds]:
    """Seconds by package of a start, and of one turn in the middle of a conversation."""
    start = cProfile.Profile()
    start.enable()
    if not stock:
        from backstride.rasa.server import leave_tensorflow_out

        leave_tensorflow_out()
    import rasa.__main__  # noqa: F401
    from rasa.core.actions.action import RemoteAction
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings(logging.ERROR)
    configure_structlog(logging.ERROR)
    as_it_comes = RemoteAction._validate_action_result
    action_port = free_port()
    agent = _loaded(action_port)
    start.disable()
    if stock:
        RemoteAction._validate_action_result = as_it_comes
    actions = subprocess.Popen(action_command(action_port), cwd=ROOT, env=environment())
    try:
        wait_for(f"http://127.0.0.1:{action_port}/health", actions)
        turn = asyncio.run(_turns(agent))
    finally:
        actions.terminate()
        actions.wait(30)
    return {
        "start": by_package(start),
        "turn": {name: seconds / TURNS for name, seconds in by_package(turn).items()},
    }


def _loaded(action_port: int) -> Any:
    from rasa.core.agent import load_agent
    from rasa.core.utils import AvailableEndpoints

    endpoints = AvailableEndpoints.read_endpoints(str(endpoints_for(action_port)))
    return asyncio.run(load_agent(str(MODEL), endpoints=endpoints))


async def _turns(agent: Any) -> cProfile.Profile:
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

    profile = cProfile.Profile()
    for number in range(TURNS + 10):
        if number == 10:  # the first ones fill caches
            profile.enable()
        text = MESSAGES[number % len(MESSAGES)]
        await agent.handle_message(UserMessage(text, CollectingOutputChannel(), "profiled"))
    profile.disable()
    return profile


def by_package(profile: cProfile.Profile) -> Seconds:
    """Seconds of each package's own code; what is built in counts for whoever called it."""
    found: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if file != "~" or not callers:
            found[_package(file)] += own
            continue
        for (caller, _, _), (_, _, share, _) in callers.items():
            found[_package(caller)] += share
    return dict(found)


def _package(file: str) -> str:
    ours = _OURS.match(file)
    if ours:
        return ours[1].replace("/", ".")
    package = _PACKAGE.match(file)
    if package:
        return package[1]
    if file.startswith("<frozen importlib"):
        return "Python (imports)"
    if _STANDARD.match(file) or file.startswith(("<", "~")):
        return "Python"
    return Path(file).parts[0]  # of compiled code the file is named below its package


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
        axes.set_xlabel("seconds under the profiler")
        axes.set_title(title)
    both[0].legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
