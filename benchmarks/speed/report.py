"""The table and the picture of the rounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.speed.measure import USERS, Measured, p95

Rows = list[tuple[str, str, float, float]]


def rows(starter: Sequence[Measured], ours: Sequence[Measured], fixed: Rows) -> Rows:
    """Name, unit, the starter's figure and ours; each the median over the rounds.

    Args:
        starter: the starter's rounds.
        ours: Backstride's rounds.
        fixed: rows that do not change from round to round.
    """
    found: Rows = list(fixed)

    def add(name: str, unit: str, of: Sequence[float], us: Sequence[float]) -> None:
        found.append((name, unit, median(of), median(us)))

    def row(name: str, unit: str, attribute: str) -> None:
        add(name, unit, *([getattr(m, attribute) for m in side] for side in (starter, ours)))

    row("ready", "s", "ready_seconds")
    row("ready, files not in the cache", "s", "cold_seconds")
    row("memory at rest", "MB", "memory_at_rest")
    row("memory after load", "MB", "memory_after_load")
    for kind in ours[0].replies:
        sides = [[m.replies[kind] for m in side] for side in (starter, ours)]
        add(f"{kind}, median", "ms", *([median(times) for times in side] for side in sides))
        add(f"{kind}, 95th percentile", "ms", *([p95(times) for times in side] for side in sides))
    for users in USERS:
        name = f"replies at {users} users at once" if users > 1 else "replies at 1 user"
        add(name, "/s", *([m.per_second[users] for m in side] for side in (starter, ours)))
    row("message 5 of one conversation", "ms", "message_5")
    row("message 500 of one conversation", "ms", "message_500")
    row("processor time a reply under load", "ms", "cpu_a_reply")
    return found


def table(found: Rows) -> Iterator[str]:
    """The rows as a Markdown table."""
    yield "| what | unit | starter | Backstride | ratio |"
    yield "|---|---|---:|---:|---:|"
    for name, unit, of, us in found:
        yield f"| {name} | {unit} | {of:.4g} | {us:.4g} | {us / of:.2f} |"


def picture(found: Rows, path: Path) -> None:
    """The ratios as bars: below 1 is less than the starter."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    names = [name for name, *_ in found][::-1]
    ratios = [us / of for _, _, of, us in found][::-1]
    figure, axes = plt.subplots(figsize=(8, 0.32 * len(found) + 1))
    axes.barh(names, ratios, color="#2f6f8f")
    axes.axvline(1, color="#444444", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("Backstride / starter (log scale; 1 = the same)")
    for place, ratio in enumerate(ratios):
        axes.annotate(f" {ratio:.2f}", (ratio, place), va="center", fontsize=8)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
