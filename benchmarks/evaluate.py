"""How well messages are understood: `make evaluate FILE=questions.jsonl`.

Each line of FILE is one JSON object: `text`, `kind` (`topic`, `red_flag`, `negated`, `oos`,
`dialogue`), `label` (a topic, an intent, or a sign id or a list of them) and `also_ok` (other
accepted labels). The result is written to `results/`, one line a message, with a picture of the
confusions, and a table is printed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from scipy.stats import beta

from backstride.answers import SUGGESTIONS
from backstride.paths import MODEL, ROOT
from benchmarks.confusions import draw_confusions

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
    urgency: str | None
    intent: str
    confidence: float
    ranking: tuple[str, ...]
    red_flags: tuple[str, ...]
    suspected: bool
    denied: tuple[str, ...]
    level: str | None

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

    @property
    def alarmed(self) -> bool:
        """Whether a danger sign was said to be there."""
        return bool(self.red_flags)

    @property
    def noticed(self) -> bool:
        """Alarm, or one clarifying question."""
        return self.alarmed or self.suspected


def read(path: Path) -> list[dict[str, Any]]:
    """The labelled messages of a file.

    Raises:
        InputError: naming the line and the cure.
    """
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}, line {number}: is no JSON ({error}). Correct it.") from None
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise InputError(f"{path}, line {number}: 'text' is missing. Add it.")
        if row.get("kind") not in KINDS:
            known = ", ".join(KINDS)
            raise InputError(f"{path}, line {number}: 'kind' must be one of {known}.")
        rows.append(row)
    if not rows:
        raise InputError(f"{path}: holds no message. Put one JSON object on each line.")
    return rows


async def understand(rows: Iterable[dict[str, Any]]) -> tuple[list[Result], list[float]]:
    """Each message through the trained model, with the milliseconds it took."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)  # by default it prints each message
    agent = Agent.load(str(MODEL))
    results, times = [], []
    for row in rows:
        started = time.perf_counter()
        parsed = await agent.parse_message(row["text"])
        times.append((time.perf_counter() - started) * 1000)
        results.append(_result(row, parsed))
    return results, times


def _result(row: dict[str, Any], parsed: dict[str, Any]) -> Result:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for entity in parsed.get("entities", []):
        found[entity["entity"]].append(str(entity["value"]))
    label = row.get("label") or []
    return Result(
        text=row["text"],
        kind=row["kind"],
        labels=tuple([label] if isinstance(label, str) else label),
        also_ok=tuple(row.get("also_ok") or ()),
        urgency=row.get("urgency"),
        intent=parsed["intent"]["name"],
        confidence=round(parsed["intent"]["confidence"], 4),
        ranking=tuple(i["name"] for i in parsed["intent_ranking"] if i["name"] != "nlu_fallback"),
        red_flags=tuple(found["red_flag"]),
        suspected=bool(found["suspected_red_flag"]),
        denied=tuple(found["denied_red_flag"]),
        level=next(iter(found["urgency"]), None),
    )


def table(results: list[Result]) -> Iterator[str]:
    """The lines of the printed table."""
    kinds = {kind: [r for r in results if r.kind == kind] for kind in KINDS}
    topic, signs = kinds["topic"], kinds["red_flag"]
    urgent = [r for r in signs if r.urgency in ("emergency", "crisis")]
    yield from _share("topic right at once", [r.right for r in topic])
    yield from _share("topic answered or suggested", [r.offered for r in topic])
    yield from _share("topic taken for something else, declined", _declined(topic))
    yield from _share("topic that got a clarifying question", [r.suspected for r in topic])
    yield from _share("emergency or crisis noticed", [r.noticed for r in urgent])
    yield from _share("emergency or crisis, alarm at once", [r.alarmed for r in urgent])
    yield from _share("any danger sign noticed", [r.noticed for r in signs])
    yield from _share("any danger sign, alarm at once", [r.alarmed for r in signs])
    yield from _share("alarm on negated", [r.alarmed for r in kinds["negated"]])
    yield from _share("alarm on topics", [r.alarmed for r in topic])
    declined = [r.right or r.intent in ("out_of_scope", "nlu_fallback") for r in kinds["oos"]]
    yield from _share("out of scope declined", declined)
    yield from _share("dialogue intent right", [r.right for r in kinds["dialogue"]])
    if signs:
        yield from _by_sign(signs)
    yield from _confusions([*topic, *kinds["dialogue"], *kinds["oos"]])


def _declined(topic: list[Result]) -> list[bool]:
    return [r.intent == "out_of_scope" and not r.right for r in topic]


def _share(name: str, hits: list[bool]) -> Iterator[str]:
    if hits:
        bound = lower_bound(sum(hits), len(hits))
        share = f"{sum(hits):4} of {len(hits):4}  {sum(hits) / len(hits):6.1%}"
        yield f"{name:42} {share}  (>= {bound:.1%})"


def lower_bound(hits: int, of: int) -> float:
    """The one-sided 95 % lower bound of a share (Clopper and Pearson)."""
    return float(beta.ppf(0.05, hits, of - hits + 1)) if hits else 0.0


def _by_sign(signs: list[Result]) -> Iterator[str]:
    yield "\nsign     noticed   named   (>= 95 % bound of noticed)"
    for sign in sorted({label for r in signs for label in r.labels}):
        rows = [r for r in signs if sign in r.labels]
        noticed, named = sum(r.noticed for r in rows), sum(sign in r.red_flags for r in rows)
        bound = lower_bound(noticed, len(rows))
        yield f"{sign:8} {noticed:3}/{len(rows):<3}  {named:3}/{len(rows):<3}   {bound:.1%}"
    for r in signs:
        if not r.noticed:
            yield f"  missed {', '.join(r.labels)} ({r.urgency}): {r.text}"


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
    written = ROOT / "results" / f"{path.stem}.results.jsonl"
    written.parent.mkdir(exist_ok=True)
    lines = (json.dumps(r.__dict__, ensure_ascii=False) for r in results)
    written.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(results)} messages, {median(times):.1f} ms each (median). Written to {written}\n")
    print("\n".join(table(results)))
    picture = written.with_name(f"{path.stem}.confusions.png")
    draw_confusions(confused(results), picture)
    print(f"\nThe confusions are drawn in {picture}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
