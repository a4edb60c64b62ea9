"""How well messages are understood: `make evaluate FILE=questions.jsonl`.

Each line of FILE is one JSON object: `text`, `kind` (`topic`, `red_flag`, `negated`, `oos`,
`dialogue`), `label` (a topic, an intent, or a sign id or a list of them) and `also_ok` (other
accepted labels). A line whose `kind` is empty has not been labelled yet and is left out.

The result is written to `results/`, one line a message, with a picture of the confusions, and a
table is printed. With `--totals` only numbers are printed and nothing is written, so that messages
held back stay unread: `python -m benchmarks.evaluate questions.jsonl --totals`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from backstride.answers import SUGGESTIONS
from backstride.content import read_yaml
from backstride.paths import MODEL, ROOT
from benchmarks.confusions import draw_confusions
from benchmarks.red_flags.report import Seen, report, seen, share

KINDS = ("topic", "red_flag", "negated", "oos", "dialogue")
CONFUSIONS = 10


class InputError(Exception):
    """A line that can't be read. The message names the line and the cure."""


@dataclass(frozen=True)
class Result:
    """One message, what it is, and how it was understood."""

    text: str
    kind: str
    labels: tuple[str, ...]
    also_ok: tuple[str, ...]
    intent: str
    confidence: float
    ranking: tuple[str, ...]
    danger: Seen

    @property
    def accepted(self) -> set[str]:
        """Intents that count as right."""
        names = {*self.labels, *self.also_ok}
        return names | {f"ask_{name}" for name in names}

    @property
    def right(self) -> bool:
        """Whether the intent is one of the accepted ones."""
        return self.intent in self.accepted

    @property
    def offered(self) -> bool:
        """Whether an accepted topic is answered or among the suggestions."""
        shown = [name for name in self.ranking if name.startswith("ask_")][:SUGGESTIONS]
        return self.right or bool(self.accepted & set(shown))


def read(path: Path) -> list[dict[str, Any]]:
    """The labelled messages of a file.

    Raises:
        InputError: naming the line and the cure.
    """
    rows, unlabelled = [], 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}, line {number}: is no JSON ({error}). Correct it.") from None
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise InputError(f"{path}, line {number}: 'text' is missing. Add it.")
        if row.get("kind") == "":
            unlabelled += 1
            continue
        if row.get("kind") not in KINDS:
            known = ", ".join(KINDS)
            raise InputError(f"{path}, line {number}: 'kind' must be one of {known}.")
        rows.append(row)
    if unlabelled:
        print(f"{unlabelled} lines have no 'kind' yet and are left out.")
    if not rows and unlabelled:
        raise InputError(f"{path}: no line is labelled. Fill in 'kind' and 'label'.")
    if not rows:
        raise InputError(f"{path}: holds no message. Put one JSON object on each line.")
    return rows


async def understand(rows: Iterable[dict[str, Any]]) -> tuple[list[Result], list[float]]:
    """Each message through the trained model, with the milliseconds it took."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)  # by default it prints each message
    agent = Agent.load(str(MODEL))
    thresholds = _thresholds()
    results, times = [], []
    for row in rows:
        started = time.perf_counter()
        parsed = await agent.parse_message(row["text"])
        times.append((time.perf_counter() - started) * 1000)
        results.append(_result(row, parsed, thresholds))
    return results, times


def _thresholds() -> dict[str, float]:
    """From which nearness a message is suspected, as the model is set."""
    pipeline = read_yaml(ROOT / "config.yml")["pipeline"]
    settings = next(step for step in pipeline if step["name"].endswith("DangerSigns"))
    return {key: value for key, value in settings.items() if key.endswith("_at")}


def _result(row: dict[str, Any], parsed: dict[str, Any], thresholds: dict[str, float]) -> Result:
    label = row.get("label") or []
    return Result(
        text=row["text"],
        kind=row["kind"],
        labels=tuple([label] if isinstance(label, str) else label),
        also_ok=tuple(row.get("also_ok") or ()),
        intent=parsed["intent"]["name"],
        confidence=round(parsed["intent"]["confidence"], 4),
        ranking=tuple(i["name"] for i in parsed["intent_ranking"] if i["name"] != "nlu_fallback"),
        danger=seen(row, parsed, thresholds),
    )


def _line(result: Result) -> dict[str, Any]:
    """What is written about one message."""
    danger = asdict(result.danger)
    matcher = danger["matcher"]
    return {
        **{key: value for key, value in asdict(result).items() if key != "danger"},
        "urgency": danger["urgency"],
        "red_flags": danger["present"],
        "suspected": danger["suspected"],
        "denied": [sign for sign, status in matcher.items() if status == "denied"],
        "level": danger["level"],
    }


def table(results: list[Result], quoting: bool = True) -> Iterator[str]:
    """The lines of the printed table, with messages that went wrong if they may be read."""
    kinds = {kind: [r for r in results if r.kind == kind] for kind in KINDS}
    topic = kinds["topic"]
    yield from share("topic right at once", [r.right for r in topic])
    yield from share("topic answered or suggested", [r.offered for r in topic])
    yield from share("topic taken for something else, declined", _declined(topic))
    declined = [r.right or r.intent in ("out_of_scope", "nlu_fallback") for r in kinds["oos"]]
    yield from share("out of scope declined", declined)
    yield from share("dialogue intent right", [r.right for r in kinds["dialogue"]])
    yield from report([r.danger for r in results], quoting)
    if quoting:
        yield from _confusions([*topic, *kinds["dialogue"], *kinds["oos"]])


def _declined(topic: list[Result]) -> list[bool]:
    return [r.intent == "out_of_scope" and not r.right for r in topic]


def _confusions(results: list[Result]) -> Iterator[str]:
    wrong = Counter((r.labels[0], r.intent) for r in results if r.labels and not r.right)
    if wrong:
        yield "\nworst confusions (what it is -> what it was taken for)"
    for (label, intent), count in wrong.most_common(CONFUSIONS):
        yield f"  {count} x {label} -> {intent}"
        for r in results:
            if r.labels and r.labels[0] == label and r.intent == intent and not r.right:
                yield f"      {r.confidence:.2f}  {r.text[:110]}"


def confused(results: list[Result]) -> Iterator[tuple[str, str]]:
    """What each message is and what it was taken for, for the picture."""
    for r in results:
        if r.kind in ("topic", "dialogue", "oos") and r.labels:
            intent = r.labels[0] if r.kind != "topic" else f"ask_{r.labels[0].removeprefix('ask_')}"
            yield intent, intent if r.right else r.intent


def main(arguments: list[str]) -> int:
    """Evaluate one file; the exit code is 1 when it can't be read."""
    totals = "--totals" in arguments
    arguments = [argument for argument in arguments if argument != "--totals"]
    if len(arguments) != 1:
        print("Name the file: make evaluate FILE=questions.jsonl")
        return 1
    path = Path(arguments[0])
    logging.disable(logging.WARNING)
    try:
        rows = read(path)
    except (InputError, OSError) as error:
        print(error)
        return 1
    results, times = asyncio.run(understand(rows))
    print(f"{len(results)} messages, {median(times):.1f} ms each (median).")
    print("\n".join(table(results, quoting=not totals)))
    if not totals:
        _write(results, path)
    return 0


def _write(results: list[Result], path: Path) -> None:
    """One line a message, and the picture, beside each other."""
    written = ROOT / "results" / f"{path.stem}.results.jsonl"
    written.parent.mkdir(exist_ok=True)
    lines = (json.dumps(_line(r), ensure_ascii=False) for r in results)
    written.write_text("\n".join(lines) + "\n", encoding="utf-8")
    picture = written.with_name(f"{path.stem}.confusions.png")
    draw_confusions(confused(results), picture)
    print(f"\nWritten to {written}, the confusions drawn in {picture}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
