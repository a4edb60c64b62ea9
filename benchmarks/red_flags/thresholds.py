"""From which nearness a message is suspected: `python -m benchmarks.red_flags.thresholds`.

Reads `fit.jsonl`, which nothing else is trained or tuned on, ordinary questions of
`benchmarks/nlu/dev.jsonl`, and the trained model, and prints the three thresholds for the component
DangerSigns in `config.yml`. Each is the lowest, so the most watchful, that keeps the questions
asked for nothing within their limits.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backstride.paths import MODEL, ROOT

FIT = Path(__file__).with_name("fit.jsonl")
ORDINARY_TOO = ROOT / "benchmarks" / "nlu" / "dev.jsonl"
# The most questions for nothing, once each threshold is added to those before it: on ordinary
# messages that were written to look like danger signs, on other ordinary ones, on general ones.
# Most of what they allow is left to two nets that agree: one question more finds most there.
LIMITS = {
    "crisis_at": (0.025, 0.015, 0.05),
    "suspect_at": (0.05, 0.0235, 0.13),
    "agree_at": (0.075, 0.045, 0.15),
}


@dataclass(frozen=True)
class Scored:
    """One message: what it is, what the matcher said, and how near it came."""

    kind: str
    why: str
    crisis: bool
    found: bool
    denied: bool
    intent: str
    danger: float
    near_crisis: float


async def score(rows: Iterable[dict[str, Any]]) -> list[Scored]:
    """Each message through the trained model."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    agent = Agent.load(str(MODEL))
    scored = []
    for row in rows:
        parsed = await agent.parse_message(row["text"])
        nets = parsed["nets"]
        statuses = set(nets["matcher"].values())
        scored.append(
            Scored(
                kind=row["kind"],
                why=row.get("why") or ("ordinary" if row["kind"] == "topic" else ""),
                crisis="RF-32" in row["label"],
                found=bool(statuses & {"present", "doubtful"}),
                denied="denied" in statuses,
                intent=nets["intent"],
                danger=nets["danger"],
                near_crisis=nets["crisis"],
            )
        )
    return scored


def lowest(within: Callable[[float], bool]) -> float:
    """The lowest threshold, in steps of a hundredth, from which on the limits hold."""
    best = 0.99
    for hundredths in range(99, 0, -1):
        if not within(hundredths / 100):
            break
        best = hundredths / 100
    return best


def thresholds(scored: list[Scored]) -> dict[str, float]:
    """The three thresholds, one after the other."""
    groups = [
        [s for s in scored if s.why == "ordinary"],
        [s for s in scored if s.why == "elsewhere"],
        [s for s in scored if s.why in ("general", "hypothetical")],
    ]
    chosen = dict.fromkeys(LIMITS, 2.0)

    def within(name: str, at: float) -> bool:
        tried = {**chosen, name: at}
        return all(share(g, tried) <= m for g, m in zip(groups, LIMITS[name], strict=True))

    for name in LIMITS:
        chosen[name] = lowest(lambda at, name=name: within(name, at))  # type: ignore[misc]
    return chosen


def share(scored: list[Scored], at: dict[str, float]) -> float:
    """The share of messages that get a question with these thresholds."""
    return sum(asks(s, at) for s in scored) / max(1, len(scored))


def asks(scored: Scored, at: dict[str, float]) -> bool:
    """Whether the weaker nets ask a question about the message."""
    agrees = scored.intent == "report_red_flag" and not scored.denied
    near = scored.danger >= at["suspect_at"] or (agrees and scored.danger >= at["agree_at"])
    return not scored.found and (near or scored.near_crisis >= at["crisis_at"])


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Print the thresholds and what they do."""
    logging.disable(logging.WARNING)
    rows = _read(FIT)
    rows += [{**r, "why": "elsewhere"} for r in _read(ORDINARY_TOO) if r["kind"] != "red_flag"]
    scored = asyncio.run(score(rows))
    at = thresholds(scored)
    for name, value in at.items():
        print(f"    {name}: {value}")
    kinds = {
        "danger signs that the matcher missed": [
            s for s in scored if s.kind == "red_flag" and not s.found
        ],
        "crises that the matcher missed": [s for s in scored if s.crisis and not s.found],
        "ordinary": [s for s in scored if s.why == "ordinary"],
        "ordinary, of another benchmark": [s for s in scored if s.why == "elsewhere"],
        "general, supposed": [s for s in scored if s.why in ("general", "hypothetical")],
        "denied, past, idiom, look-alike": [
            s for s in scored if s.why in ("denied", "past", "idiom", "lookalike")
        ],
    }
    for name, group in kinds.items():
        print(f"{name:40} {share(group, at):6.1%} of {len(group)} get a question")


if __name__ == "__main__":
    main()
