"""The thresholds of config.yml, from data: `python -m benchmarks.nlu.thresholds`.

Trains the intent model, lets it read the development messages, and writes into config.yml:

- `sharpness`: what makes confidences mean most (least mean log loss). Each half of the messages
  also gets one of its own: where they differ much, the number means little.
- `strange_below`: nearness to the examples in scope below which a message is declined. The highest
  at which at most 1 in 200 rightly understood messages in scope is declined.
- `threshold`: confidence below which the bot asks instead of answering. The highest at which at
  most 1 in 200 rightly understood messages is asked about. `unsure_below` is the same number, for
  what is left once a danger sign was taken back.

`--check` writes nothing and fails where config.yml is further off than `TOLERANCE`: a few new
examples need no new thresholds. Otherwise a reliability plot goes to docs/pictures.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from backstride.intents import OUT_OF_SCOPE, Settings, fit_intents, softmax
from backstride.paths import ROOT
from backstride.spelling import Speller
from backstride.spelling_features import common_words
from benchmarks.nlu.data import COUNTED_OFTEN, DEVELOPMENT, development, examples, vectors

CONFIG = ROOT / "config.yml"
PICTURE = ROOT / "docs" / "pictures" / "reliability.png"
PRICE = 0.005  # share of rightly understood messages that a threshold may cost
TOLERANCE = {"sharpness": 3.0, "strange_below": 0.03, "threshold": 0.08, "unsure_below": 0.08}
_SHARPNESS = np.arange(4, 40, 0.5)
_BINS = np.linspace(0, 1, 11)


@dataclass(frozen=True)
class Read:
    """What the model makes of the development messages.

    Attributes:
        scores: one row a message.
        nearness: to the examples in scope.
        accepted: which intents count as right, one row a message.
        parts: the file each message is from.
        in_scope: messages that are to be answered.
        declined: the column of `out_of_scope`.
    """

    scores: NDArray[np.float32]
    nearness: NDArray[np.float64]
    accepted: NDArray[np.bool_]
    parts: NDArray[np.str_]
    in_scope: NDArray[np.bool_]
    declined: int

    def confidences(self, sharpness: float) -> NDArray[np.float64]:
        """One row a message."""
        return np.array([softmax(sharpness * row) for row in self.scores])

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the highest score is an accepted one."""
        best = self.scores.argmax(axis=1)
        right: NDArray[np.bool_] = self.accepted[np.arange(len(best)), best]
        return right


def read_development() -> Read:
    """Train, and read all development messages."""
    texts, intents = examples()
    model = fit_intents(texts, intents, vectors(texts, training=True), Settings())
    messages = development((*DEVELOPMENT, *COUNTED_OFTEN))
    speller = Speller(common_words(texts))
    mended = [speller.mend_text(m.text) for m in messages]
    found = vectors(mended, training=False)
    pairs = [model.scores(text, vector) for text, vector in zip(mended, found, strict=True)]
    return Read(
        scores=np.array([scores for scores, _ in pairs]),
        nearness=np.array([model.nearness(cosines) for _, cosines in pairs]),
        accepted=np.array([[name in m.accepted for name in model.intents] for m in messages]),
        parts=np.array([m.part for m in messages]),
        in_scope=np.array([m.kind in ("topic", "dialogue") for m in messages]),
        declined=model.intents.index(OUT_OF_SCOPE),
    )


def sharpness(read: Read, among: NDArray[np.bool_] | None = None) -> float:
    """What gives the accepted intents the most confidence, over all messages or some."""
    chosen = slice(None) if among is None else among

    def loss(candidate: float) -> float:
        given = (read.confidences(candidate) * read.accepted).sum(axis=1)
        return float(-np.log(np.maximum(given[chosen], 1e-9)).mean())

    return float(min(_SHARPNESS, key=loss))


def thresholds(read: Read) -> dict[str, float]:
    """The numbers by their names in config.yml."""
    sharp = sharpness(read)
    best = read.scores.argmax(axis=1)
    answered = read.right & read.in_scope & (best != read.declined)
    threshold = _highest(read.confidences(sharp).max(axis=1)[answered])
    return {
        "sharpness": sharp,
        "strange_below": _highest(read.nearness[answered]),
        "threshold": threshold,
        "unsure_below": threshold,
    }


def _highest(values: NDArray[np.float64]) -> float:
    """The highest threshold, in hundredths, that at most `PRICE` of the values fall below."""
    allowed = np.sort(values)[int(PRICE * len(values))]
    return float(np.floor(allowed * 100) / 100)


def stated(config: str) -> dict[str, float]:
    """The numbers that stand in config.yml."""
    numbers: dict[str, float] = {}
    for component in yaml.safe_load(config)["pipeline"]:
        numbers |= {name: float(component[name]) for name in TOLERANCE if name in component}
    return numbers


def far_off(numbers: dict[str, float], config: str) -> list[str]:
    """The names whose number in config.yml is too far from the measured one."""
    found = stated(config)
    return [
        name
        for name, number in numbers.items()
        if name not in found or abs(found[name] - number) > TOLERANCE[name]
    ]


def written(config: str, numbers: dict[str, float]) -> str:
    """The text of config.yml with these numbers in it."""
    for name, number in numbers.items():
        config, count = re.subn(rf"(?m)^(\s+{name}:) .*$", rf"\g<1> {number:g}", config)
        if count != 1:
            raise ValueError(f"config.yml: '{name}' must stand there once, not {count} times.")
    return config


def reliability(read: Read, sharp: float) -> list[tuple[int, float, float]]:
    """For each tenth of confidence: how many messages, mean confidence, share that was right."""
    confidence = read.confidences(sharp).max(axis=1)
    tenths = np.clip(np.digitize(confidence, _BINS) - 1, 0, len(_BINS) - 2)
    rows = []
    for tenth in range(len(_BINS) - 1):
        inside = tenths == tenth
        if inside.any():
            rows.append(
                (
                    int(inside.sum()),
                    float(confidence[inside].mean()),
                    float(read.right[inside].mean()),
                )
            )
    return rows


def draw(rows: Sequence[tuple[int, float, float]], path: Path) -> None:
    """The reliability as a picture."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(4.5, 4.5))
    axes.plot([0, 1], [0, 1], color="#999999", linestyle=":")
    axes.plot([r[1] for r in rows], [r[2] for r in rows], marker="o", color="#1f5f8b")
    for count, mean, share in rows:
        axes.annotate(str(count), (mean, share), textcoords="offset points", xytext=(5, -12))
    axes.set(xlabel="confidence", ylabel="share that was right", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title("Reliability, with the number of messages")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80, metadata={"Software": None})
    pyplot.close(figure)


def main(arguments: Sequence[str]) -> int:
    """Write the thresholds, or with `--check` compare them."""
    read = read_development()
    numbers = thresholds(read)
    for part in sorted(set(read.parts.tolist())):
        print(f"sharpness on {part}: {sharpness(read, read.parts == part):g}")
    for name, number in numbers.items():
        print(f"{name}: {number:g}")
    print("\nmessages  confidence  right")
    rows = reliability(read, numbers["sharpness"])
    for count, mean, share in rows:
        print(f"{count:8}  {mean:10.2f}  {share:5.2f}")
    config = CONFIG.read_text(encoding="utf-8")
    if "--check" in arguments:
        wrong = far_off(numbers, config)
        if wrong:
            names = ", ".join(wrong)
            print(f"config.yml is off: {names}. Run 'python -m benchmarks.nlu.thresholds'.")
        return int(bool(wrong))
    CONFIG.write_text(written(config, numbers), encoding="utf-8")
    draw(rows, PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
