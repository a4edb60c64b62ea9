"""The part of `make evaluate` on danger signs: what was noticed, by which net, and how urgent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import beta

from backstride.triage import LEVELS

URGENT = ("emergency", "crisis")
_RED_FLAG = "report_red_flag"
_FINDS = frozenset({"plain", "present", "doubtful"})  # what the matcher says of a sign it sees


@dataclass(frozen=True)
class Seen:
    """One labelled message and what the nets made of it.

    Attributes:
        text: the message.
        kind: `red_flag`, `negated`, `topic` or another.
        why: of a message without a sign, why it has none.
        labels: the signs that are there.
        urgency: how urgent they are.
        present: signs that raised the alarm.
        level: how urgent the answer is; None without an alarm.
        suspected: whether a question is asked.
        matcher: what the matcher says of each sign.
        intent: whether the trained intent is that of danger signs.
        near: whether nearness asks by itself.
    """

    text: str
    kind: str
    why: str
    labels: tuple[str, ...]
    urgency: str | None
    present: tuple[str, ...]
    level: str | None
    suspected: bool
    matcher: dict[str, str]
    intent: bool
    near: bool

    @property
    def alarmed(self) -> bool:
        """Whether a sign was said to be there."""
        return bool(self.present)

    @property
    def noticed(self) -> bool:
        """Alarm, or one question."""
        return self.alarmed or self.suspected

    @property
    def under_triaged(self) -> bool:
        """Whether the alarm was less urgent than the sign."""
        if not self.alarmed or self.urgency is None or self.level is None:
            return False
        order = [str(level) for level in LEVELS]
        return order.index(self.level) < order.index(self.urgency)


def lower_bound(hits: int, of: int) -> float:
    """The one-sided 95 % lower bound of a share (Clopper and Pearson)."""
    return float(beta.ppf(0.05, hits, of - hits + 1)) if hits else 0.0


def share(name: str, hits: Sequence[bool]) -> Iterator[str]:
    """One line of the table; none when there is nothing to count."""
    if hits:
        bound = lower_bound(sum(hits), len(hits))
        counted = f"{sum(hits):4} of {len(hits):4}  {sum(hits) / len(hits):6.1%}"
        yield f"{name:42} {counted}  (>= {bound:.1%})"


def report(messages: list[Seen], quoting: bool = True) -> Iterator[str]:
    """All lines on danger signs; without `quoting` no message is told, so that it stays unread."""
    signs = [m for m in messages if m.kind == "red_flag"]
    urgent = [m for m in signs if m.urgency in URGENT]
    yield from share("emergency or crisis noticed", [m.noticed for m in urgent])
    yield from share("emergency or crisis, alarm at once", [m.alarmed for m in urgent])
    yield from share("any danger sign noticed", [m.noticed for m in signs])
    yield from share("any danger sign, alarm at once", [m.alarmed for m in signs])
    yield from share("alarm, but less urgent than it is", [m.under_triaged for m in signs])
    if signs:
        yield from _by_net(signs)
        yield from _by_level(signs)
        yield from _by_sign(signs)
    harmless = [m for m in messages if m.kind in ("negated", "topic")]
    yield from _for_nothing(harmless)
    if quoting:
        yield from _quoted(signs, harmless)


def _by_net(signs: list[Seen]) -> Iterator[str]:
    """What one net caught and the two others did not."""
    alone: Counter[str] = Counter()
    for m in signs:
        matcher = not _FINDS.isdisjoint(m.matcher.values())
        fired = {"matcher": matcher, "trained intent": m.intent, "nearness": m.near}
        names = [name for name, fires in fired.items() if fires]
        if len(names) == 1:
            alone[names[0]] += 1
        elif names and not matcher:
            alone["intent and nearness together"] += 1
    yield "\ncaught by one net alone: " + ", ".join(f"{n} {c}" for n, c in alone.most_common())


def _by_level(signs: list[Seen]) -> Iterator[str]:
    yield "\nlevel          noticed   at once   right level   (>= 95 % bound of noticed)"
    for level in reversed(LEVELS):
        rows = [m for m in signs if m.urgency == level]
        if rows:
            noticed, alarmed = sum(m.noticed for m in rows), sum(m.alarmed for m in rows)
            right, n = sum(m.level == level for m in rows), len(rows)
            counts = " ".join(f"{count:4}/{n:<4}" for count in (noticed, alarmed, right))
            yield f"{level:12} {counts}      {lower_bound(noticed, n):.1%}"


def _by_sign(signs: list[Seen]) -> Iterator[str]:
    yield "\nsign     noticed   at once   named   (>= 95 % bound of noticed)"
    for sign in sorted({label for m in signs for label in m.labels}):
        rows = [m for m in signs if sign in m.labels]
        n, noticed = len(rows), sum(m.noticed for m in rows)
        alarmed, named = sum(m.alarmed for m in rows), sum(sign in m.present for m in rows)
        bound = lower_bound(noticed, n)
        yield f"{sign:8} {noticed:3}/{n:<3}  {alarmed:3}/{n:<3}  {named:3}/{n:<3}   {bound:.1%}"


def _quoted(signs: list[Seen], harmless: list[Seen]) -> Iterator[str]:
    """What went wrong, in words."""
    for m in signs:
        if not m.noticed:
            yield f"  missed {', '.join(m.labels)} ({m.urgency}): {m.text}"
    for m in signs:
        if m.under_triaged and m.urgency in URGENT:
            yield f"  under-triaged {', '.join(m.labels)} ({m.level}, not {m.urgency}): {m.text}"
    for m in harmless:
        if m.alarmed:
            yield f"  alarm for nothing ({m.why}, {', '.join(m.present)}): {m.text[:150]}"


def _for_nothing(messages: list[Seen]) -> Iterator[str]:
    """Alarms and questions where there is no sign, by the reason why there is none."""
    yield "\nwithout a sign   alarm              question"
    for why in sorted({m.why for m in messages}):
        rows = [m for m in messages if m.why == why]
        n, alarmed = len(rows), sum(m.alarmed for m in rows)
        asked = sum(m.suspected and not m.alarmed for m in rows)
        yield f"{why:14} {alarmed:4}/{n:<4} {alarmed / n:6.1%}   {asked:4}/{n:<4} {asked / n:6.1%}"


def seen(row: dict[str, Any], parsed: dict[str, Any], thresholds: dict[str, float]) -> Seen:
    """A labelled row and what the model made of it."""
    found: dict[str, list[str]] = {}
    for entity in parsed.get("entities", []):
        found.setdefault(entity["entity"], []).append(str(entity["value"]))
    label, nets = row.get("label") or [], parsed.get("nets") or {}
    near = nets.get("danger", 0.0) >= thresholds["suspect_at"]
    return Seen(
        text=row["text"],
        kind=row["kind"],
        why=row.get("why") or ("ordinary" if row["kind"] == "topic" else row["kind"]),
        labels=tuple([label] if isinstance(label, str) else label),
        urgency=row.get("urgency"),
        present=tuple(found.get("red_flag", ())),
        level=next(iter(found.get("urgency", ())), None),
        suspected="suspected_red_flag" in found,
        matcher=nets.get("matcher", {}),
        intent=nets.get("intent") == _RED_FLAG,
        near=near or nets.get("crisis", 0.0) >= thresholds["crisis_at"],
    )
