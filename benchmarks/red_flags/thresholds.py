"""What examples may change of the matcher's word: `python -m benchmarks.red_flags.thresholds`.

Each file of `data/danger_signs` is by writers of its own. Nearness is learnt from all files but one
and then judges that one, so every message is judged by what strangers wrote. With these judgements
the script chooses the five numbers of the component DangerSigns, each as watchful as the limits
below allow, writes them into `config.yml`, and prints what they come to on the files left out. It
prints no message. `dev.jsonl` is judged by all files.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backstride.content import read_yaml
from backstride.danger_examples import Example, message_files, read_examples
from backstride.embeddings.cache import embed_all
from backstride.embeddings.export import ensure_exported
from backstride.embeddings.graph import DIMENSIONS
from backstride.intents import Calibration, Settings, fit_intents
from backstride.judgement import Limits, danger_of, judged
from backstride.nearness import Weights, features, learn, nearness, places_of
from backstride.paths import DATA, ROOT
from backstride.questions import what_is_meant, whole_and_pieces
from backstride.rasa.classifier import RANKING
from backstride.red_flags import Finding, detector
from backstride.spelling import Speller
from backstride.spelling_features import common_words
from benchmarks.nlu.data import examples, vectors
from benchmarks.nlu.thresholds import CONFIG, stated, written

HERE = Path(__file__).parent
DEVELOPMENT = HERE / "dev.jsonl"
ELSEWHERE = ROOT / "benchmarks" / "nlu" / "dev.jsonl"
_VECTORS = ROOT / ".cache" / "threshold_vectors.npz"
_SIGN = "report_red_flag"
# What may be chosen: hundredths, and near certainty thousandths. More than 1 means never.
_STEPS = (*(n / 100 for n in range(1, 100)), *(n / 1000 for n in range(991, 1000)))
_NEVER = 1.01
_NONE = Limits(0, _NEVER, _NEVER, _NEVER, _NEVER)

# The largest shares that get an alarm, or that `raise_at` adds: of messages that deny, suppose or
# remember a sign, and of ordinary ones. They hold in each file that is left out. Below the floors
# of docs/safety.md, as new writers are stranger than these.
ALARMS = (0.04, 0.005)
RAISED = (0.01, 0.0)
# The largest share of alarms on signs that may become a question. `alarm_at` is the highest that
# keeps it: strangers write other things, and few signs lie near it.
PRICE = 0.035
# The largest shares of ordinary messages that get a question: of those written beside danger
# signs, and of those of another benchmark.
QUESTIONS = {"crisis_at": (0.03, 0.015), "suspect_at": (0.08, 0.05)}


@dataclass(frozen=True)
class Judged:
    """One message: what it is, what the matcher found, and how likely it tells of a sign.

    Attributes:
        group: the file that it stands in.
        kind: `red_flag`, `negated` or `topic`.
        urgency: how urgent its sign is.
        found: what the matcher found.
        danger: how likely it tells of a sign, judged by what others wrote.
        crisis: how likely it tells of a crisis.
    """

    group: str
    kind: str
    urgency: str | None
    found: tuple[Finding, ...]
    danger: float
    crisis: float

    def alarms(self, limits: Limits) -> bool:
        """Whether a sign is said to be there."""
        return any(f.status == "present" for f in self.after(limits))

    def noticed(self, limits: Limits) -> bool:
        """Alarm, or one question."""
        doubts = any(
            after.status == "doubtful"
            and (before.status == "present" or after.level in ("emergency", "crisis"))
            for before, after in zip(self.found, self.after(limits), strict=True)
        )
        near = self.danger >= limits.suspect_at or self.crisis >= limits.crisis_at
        return self.alarms(limits) or doubts or near

    def after(self, limits: Limits) -> tuple[Finding, ...]:
        """The findings after examples were heard."""
        return judged(self.found, self.danger, self.crisis, limits)


def choose(messages: Sequence[Judged]) -> Limits:
    """The most watchful limits that keep alarms and questions for nothing in bounds."""
    limits = replace(_NONE, alarm_at=1.0)

    def settle(name: str, within: Callable[[Limits], bool]) -> None:
        nonlocal limits
        limits = replace(limits, **{name: lowest(lambda at: within(replace(limits, **{name: at})))})

    settle("alarm_at", lambda tried: _alarms_within(messages, tried, ALARMS))
    limits = replace(limits, alarm_at=max(limits.alarm_at, _affordable(messages)))

    def raises_little(tried: Limits) -> bool:
        more = [m for m in messages if m.alarms(tried) and not m.alarms(limits)]
        return _within(more, messages, RAISED)

    for name in ("raise_at", "crisis_raise_at"):
        settle(name, raises_little)
    for name, most in QUESTIONS.items():
        settle(name, lambda tried, most=most: _questions_within(messages, tried, most))
    return limits


def lowest(within: Callable[[float], bool]) -> float:
    """The lowest threshold from which on the limits hold."""
    best = _NEVER
    for at in reversed(_STEPS):
        if not within(at):
            break
        best = at
    return best


def _affordable(messages: Sequence[Judged]) -> float:
    """The highest `alarm_at` that turns few of the alarms on signs into questions."""
    signs = [m for m in messages if m.kind == "red_flag" and m.alarms(_NONE)]

    def lost(at: float) -> int:
        return sum(not m.alarms(replace(_NONE, alarm_at=at)) for m in signs)

    return max((at for at in _STEPS if lost(at) <= PRICE * len(signs)), default=0.0)


def _alarms_within(messages: Sequence[Judged], limits: Limits, most: tuple[float, float]) -> bool:
    return _within([m for m in messages if m.alarms(limits)], messages, most)


def _within(some: Sequence[Judged], messages: Sequence[Judged], most: tuple[float, float]) -> bool:
    """Whether in each file these are no more than the shares of its messages of both kinds."""
    groups = {m.group for m in messages}
    return all(
        sum(m.group == group and m.kind == kind for m in some)
        <= share * sum(m.group == group and m.kind == kind for m in messages)
        for kind, share in zip(("negated", "topic"), most, strict=True)
        for group in groups
    )


def _questions_within(
    messages: Sequence[Judged], limits: Limits, most: tuple[float, float]
) -> bool:
    beside = [m for m in messages if m.kind == "topic" and m.group != ELSEWHERE.parent.name]
    elsewhere = [m for m in messages if m.kind == "topic" and m.group == ELSEWHERE.parent.name]
    return all(
        sum(m.noticed(limits) and not m.alarms(limits) for m in group) <= share * len(group)
        for group, share in zip((beside, elsewhere), most, strict=True)
    )


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """All labelled messages, each with the name of its file."""
    for path in (*message_files(), DEVELOPMENT):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path.stem, json.loads(line)
    for line in ELSEWHERE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["kind"] != "red_flag":
            yield ELSEWHERE.parent.name, {**row, "kind": "topic"}


def confidences(texts: Sequence[str], known: dict[str, NDArray[np.float32]]) -> list[float]:
    """How sure the trained intent is that each message tells of a sign."""
    told, intents = examples()
    model = fit_intents(told, intents, vectors(told, training=True), Settings())
    numbers = stated(CONFIG.read_text(encoding="utf-8"))
    calibration = Calibration(numbers["sharpness"], numbers["strange_below"])
    rankings = (model.rank(text, known[text], calibration)[:RANKING] for text in texts)
    return [dict(ranking).get(_SIGN, 0.0) for ranking in rankings]


def judge() -> list[Judged]:
    """All labelled messages, each judged by what other files hold."""
    speller = Speller(common_words(example.text for example in _training()))
    labelled = list(rows())
    parts = [whole_and_pieces(what_is_meant(speller.mend_text(r["text"]))) for _, r in labelled]
    learnt = [*_training(), *read_examples()]
    pairs = [
        (part, example)
        for example in learnt
        for part in (example.parts() if example.writers else [example.text])
    ]
    wanted = [*(part for part, _ in pairs), *(part for found in parts for part in found)]
    embedded, _ = embed_all(ensure_exported(), wanted, _VECTORS)
    known = dict(zip(wanted, embedded, strict=True))
    table = features([part for part, _ in pairs], embedded[: len(pairs), :DIMENSIONS])
    intent = confidences([found[0] for found in parts], known)
    found = [detector().find(row["text"]) for _, row in labelled]
    result: list[Judged] = []
    for left_out in dict.fromkeys(group for group, _ in labelled):
        others = np.array([example.writers != left_out for _, example in pairs])
        weights = [
            learn(table[others], np.array(right)[others].tolist())
            for right in ([e.danger for _, e in pairs], [e.crisis for _, e in pairs])
        ]
        for number, (group, row) in enumerate(labelled):
            if group == left_out:
                near = _near(weights, parts[number], known)
                danger = danger_of(near[0], intent[number])
                urgency = row.get("urgency")
                judgement = Judged(group, row["kind"], urgency, found[number], danger, near[1])
                result.append(judgement)
    return result


def _training() -> list[Example]:
    """The training examples of all intents."""
    return [
        Example(line.strip()[2:].strip(), block["intent"] == _SIGN, _tells_crisis(block), "")
        for path in sorted((DATA / "nlu").rglob("*.yml"))
        for block in read_yaml(path)["nlu"]
        if "intent" in block
        for line in block["examples"].splitlines()
        if line.strip().startswith("- ")
    ]


def _tells_crisis(block: dict[str, Any]) -> bool:
    return bool((block.get("metadata") or {}).get("crisis"))


def _near(
    weights: Sequence[Weights], parts: Sequence[str], known: dict[str, NDArray[np.float32]]
) -> list[float]:
    vectors = np.stack([known[part][:DIMENSIONS] for part in parts])
    return [nearness(each, map(places_of, parts), vectors) for each in weights]


def table(messages: Sequence[Judged], limits: Limits) -> Iterator[str]:
    """For each file what is noticed and what raises the alarm."""
    urgent = ("emergency", "crisis")
    kinds: dict[str, Callable[[Judged], bool]] = {
        "urgent": lambda m: m.urgency in urgent,
        "crisis": lambda m: m.urgency == "crisis",
        "any sign": lambda m: m.kind == "red_flag",
        "negated": lambda m: m.kind == "negated",
        "ordinary": lambda m: m.kind == "topic",
    }
    yield f"{'left out':10} {'':10} alarm       alarm or question"
    for group in dict.fromkeys(m.group for m in messages):
        for name, belongs in kinds.items():
            some = [m for m in messages if m.group == group and belongs(m)]
            if some:
                alarms = sum(m.alarms(limits) for m in some)
                noticed = sum(m.noticed(limits) for m in some)
                n = len(some)
                yield f"{group:10} {name:10} {alarms:4} / {n:4}  {noticed:4} / {n:4}"


def main(arguments: Sequence[str]) -> int:
    """Write the limits, or with `--check` only print them."""
    messages = judge()
    limits = choose(messages)
    numbers = {name: float(value) for name, value in vars(limits).items()}
    for name, value in numbers.items():
        print(f"    {name}: {value:g}")
    print(*table(messages, limits), sep="\n")
    print("\nalarm_at   at once: urgent, any sign   for nothing: negated, ordinary")
    for at in (0.0, *_STEPS[9:99:10], 0.99):
        print(_trade(messages, replace(limits, alarm_at=at)))
    if "--check" not in arguments:
        CONFIG.write_text(written(CONFIG.read_text(encoding="utf-8"), numbers), encoding="utf-8")
    return 0


def _trade(messages: Sequence[Judged], limits: Limits) -> str:
    """One row of the trade-off between alarms at once and alarms for nothing."""
    trained = {path.stem for path in message_files()}
    some = [m for m in messages if m.group in trained]
    counts = []
    for belongs in (
        lambda m: m.urgency in ("emergency", "crisis"),
        lambda m: m.kind == "red_flag",
        lambda m: m.kind == "negated",
        lambda m: m.kind == "topic",
    ):
        chosen = [m for m in some if belongs(m)]
        counts.append(f"{sum(m.alarms(limits) for m in chosen) / len(chosen):7.1%}")
    return f"{limits.alarm_at:8.2f}   " + "  ".join(counts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
