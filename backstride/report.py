"""A page for the operator, from the stored conversations: counts and plots, and no text of theirs.

`make report` writes `results/report.html`.
"""

from __future__ import annotations

import html
import io
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import matplotlib

from backstride.guide import load_guide
from backstride.paths import ROOT

matplotlib.use("svg")
from matplotlib import pyplot

matplotlib.rcParams["svg.fonttype"] = "none"  # words stay words, also for a screen reader

PAGE = ROOT / "results" / "report.html"
_SHOWN = 20  # topics
_LEVELS = ("emergency", "crisis", "same_day", "within_days")
_FAILED = "utter_technical_problem"
_SUGGESTING = "action_suggest_topics"


@dataclass
class Summary:
    """What the conversations of some time amount to."""

    conversations: int = 0
    messages: int = 0
    topics: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    not_understood: int = 0
    suggestions_taken: int = 0
    failed: int = 0
    lengths: Counter[int] = field(default_factory=Counter)  # messages of a conversation
    seconds: list[float] = field(default_factory=list)


def summed(conversations: Iterable[Sequence[Mapping[str, Any]]]) -> Summary:
    """Sum up conversations, each the list of its stored events."""
    summary = Summary()
    topics = load_guide().topics
    for events in conversations:
        turns = list(_turns(events))
        if not turns:
            continue
        summary.conversations += 1
        summary.messages += len(turns)
        summary.lengths[len(turns)] += 1
        for turn in turns:
            topic = turn.intent.removeprefix("ask_")
            if topic in topics:
                summary.topics[topic] += 1
            if turn.level in _LEVELS:
                summary.levels[turn.level] += 1
            summary.not_understood += _SUGGESTING in turn.actions
            summary.failed += _FAILED in turn.actions
            if turn.seconds is not None:
                summary.seconds.append(turn.seconds)
        summary.suggestions_taken += sum(
            _SUGGESTING in before.actions and after.pressed for before, after in pairwise(turns)
        )
    return summary


@dataclass
class _Turn:
    intent: str
    level: str
    pressed: bool
    said_at: float
    actions: set[str] = field(default_factory=set)
    seconds: float | None = None


def _turns(events: Sequence[Mapping[str, Any]]) -> Iterable[_Turn]:
    turn: _Turn | None = None
    for event in events:
        if event["event"] == "user":
            if turn is not None:
                yield turn
            message = event.get("parse_data") or {}
            entities = message.get("entities") or []
            levels = [e.get("value") for e in entities if e.get("entity") == "urgency"]
            turn = _Turn(
                intent=str((message.get("intent") or {}).get("name")),
                level=str(next(iter(levels), "routine")),
                pressed=str(event.get("text")).startswith("/"),
                said_at=float(event["timestamp"]),
            )
        elif turn is not None and event["event"] == "action":
            turn.actions.add(str(event.get("name")))
        elif turn is not None and event["event"] == "bot":
            turn.seconds = float(event["timestamp"]) - turn.said_at
    if turn is not None:
        yield turn


def page(summary: Summary) -> str:
    """The summary as one HTML page with nothing to load."""
    titles = {topic.id: topic.title for topic in load_guide().topics.values()}
    asked = [(titles[name], n) for name, n in summary.topics.most_common(_SHOWN)]
    levels = [(level.replace("_", " "), summary.levels[level]) for level in _LEVELS]
    longest = max(summary.lengths, default=1)
    # How many conversations have at least so many messages: where people leave.
    staying = [
        (str(turns), sum(n for length, n in summary.lengths.items() if length >= turns))
        for turns in range(1, min(longest, _SHOWN) + 1)
    ]
    share = summary.not_understood / summary.messages if summary.messages else 0.0
    taken = summary.suggestions_taken / summary.not_understood if summary.not_understood else 0.0
    rows = [
        ("conversations", str(summary.conversations)),
        ("messages", str(summary.messages)),
        ("messages not understood", f"{summary.not_understood} ({share:.1%})"),
        ("suggestions taken after that", f"{summary.suggestions_taken} ({taken:.0%})"),
        ("answers that failed", str(summary.failed)),
        ("time to the last words of an answer, median", _seconds(summary.seconds, 49)),
        ("the same, 95th percentile", _seconds(summary.seconds, 94)),
    ]
    table = "".join(f"<tr><th>{html.escape(a)}<td>{html.escape(b)}" for a, b in rows)
    plots = "".join(
        f"<h2>{html.escape(title)}</h2>{_bars(bars)}"
        for title, bars in (
            ("Topics asked", asked),
            ("Messages with a danger sign, by level", levels),
            ("Conversations with at least so many messages", staying),
        )
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Backstride: report</title>'
        "<style>body{font:1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
        "th{text-align:left;font-weight:normal;padding-right:2rem}svg{max-width:100%;height:auto}"
        f"</style><h1>Report</h1><table>{table}</table>{plots}</html>"
    )


def _seconds(values: Sequence[float], percentile: int) -> str:
    if len(values) < 2:
        return "-"
    return f"{statistics.quantiles(values, n=100, method='inclusive')[percentile]:.2f} s"


def _bars(bars: Sequence[tuple[str, int]]) -> str:
    if not any(number for _, number in bars):
        return "<p>None.</p>"
    figure, axes = pyplot.subplots(figsize=(8, 0.6 + 0.3 * len(bars)))
    names, numbers = zip(*bars, strict=True)
    drawn = axes.barh(range(len(bars)), numbers, color="#1f6f78")
    axes.bar_label(drawn, padding=3)
    axes.set_yticks(range(len(bars)), names)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
    return out.getvalue()[out.getvalue().index("<svg") :]


def main() -> int:
    """Write the page from the store that the server uses; the exit code."""
    from backstride.rasa.tracker_store import ConversationStore, StoreUnreachable

    try:
        store = ConversationStore()
    except StoreUnreachable as error:
        print(error, file=sys.stderr)
        return 1
    summary = summed(store.exported(one.sender_id) for one in store.listed())
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(summary), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {summary.conversations} conversations")
    return 0


if __name__ == "__main__":
    sys.exit(main())
