"""`make bench`: Backstride and the stock starter in turn, on this machine, in several rounds."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from backstride.paths import ROOT
from benchmarks.speed.assistants import Assistant, backstride, running, starter, train
from benchmarks.speed.files import environment_folder, forget_files, installed_megabytes
from benchmarks.speed.measure import Measured, MissingTool, measure
from benchmarks.speed.report import Rows, picture, rows, table

CACHE = ROOT / ".cache" / "starter"


def main(arguments: list[str]) -> int:
    """Measure, print the table and write it to `results/`."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15, help="of load, for each number")
    parser.add_argument(
        "--skip-training", action="store_true", help="with the models that are there"
    )
    options = parser.parse_args(arguments)
    assistants = (starter(CACHE), backstride())
    fixed: Rows = []
    if not options.skip_training or not assistants[0].model.exists():
        seconds = [_say(f"Training {a.name}", train(a), "s") for a in assistants]
        fixed.append(("training from nothing", "s", seconds[0], seconds[1]))
    sizes = [a.model.stat().st_size / 1e6 for a in assistants]
    fixed.append(("model", "MB", sizes[0], sizes[1]))
    fixed.append(("installed packages", "MB", installed_megabytes("rasa"), installed_megabytes()))
    measured: dict[str, list[Measured]] = {a.name: [] for a in assistants}
    try:
        for number in range(1, options.rounds + 1):
            for assistant in assistants:
                print(f"Round {number} of {options.rounds}: {assistant.name} ...", flush=True)
                measured[assistant.name].append(_round(assistant, options.seconds))
    except MissingTool as error:
        print(error)
        return 1
    found = rows(*measured.values(), fixed)
    lines = list(table(found))
    results = ROOT / "results"
    results.mkdir(exist_ok=True)
    (results / "speed.md").write_text("\n".join(lines) + "\n")
    raw = {name: [asdict(m) for m in rounds] for name, rounds in measured.items()}
    (results / "speed.json").write_text(json.dumps(raw))
    picture(found, results / "speed.png")
    print("\n".join(lines))
    failed = sum(m.failed for rounds in measured.values() for m in rounds)
    print(f"\n{failed} requests failed. Written to results/speed.md, .json and .png.")
    return 1 if failed else 0


def _round(assistant: Assistant, seconds: float) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        log = ROOT / "results" / f"speed-{assistant.name.lower()}.log"
        log.parent.mkdir(exist_ok=True)
        database = Path(folder) / "conversations.db"
        forget_files([environment_folder(), assistant.folder])
        with running(assistant, database, log) as server:
            cold_seconds = server.seconds
        with running(assistant, database, log) as server:
            return measure(assistant, server, cold_seconds, seconds)


def _say(what: str, figure: float, unit: str) -> float:
    print(f"{what}: {figure:.0f} {unit}", flush=True)
    return figure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
