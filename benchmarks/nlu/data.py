"""The training examples and the development messages, with their vectors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from backstride.embeddings.cache import embed_all
from backstride.embeddings.export import ensure_exported
from backstride.paths import DATA, ROOT

HERE = Path(__file__).parent
DEVELOPMENT = (HERE / "dev.jsonl",)
# Held out once and counted too often since. Thresholds are set with them too; models are not
# compared on them.
COUNTED_OFTEN = tuple(HERE / f"dev_{part}.jsonl" for part in ("more", "scope", "situations"))
_VECTORS = ROOT / ".cache" / "development_vectors.npz"


@dataclass(frozen=True)
class Labelled:
    """One development message, its intent, and all intents that count as right."""

    text: str
    kind: str
    label: str
    accepted: frozenset[str]
    part: str


def examples() -> tuple[list[str], list[str]]:
    """All training examples: texts and intents."""
    texts, intents = [], []
    for path in sorted((DATA / "nlu").rglob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines() if "intent" in block else ():
                if line.strip().startswith("- "):
                    texts.append(line.strip()[2:].strip())
                    intents.append(block["intent"])
    return texts, intents


def development(files: Sequence[Path] = DEVELOPMENT) -> list[Labelled]:
    """The messages that models are compared and thresholds are set with."""
    messages = []
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            names = {row["label"], *row["also_ok"]}
            accepted = frozenset(names | {f"ask_{name}" for name in names})
            label = f"ask_{row['label']}" if row["kind"] == "topic" else row["label"]
            messages.append(Labelled(row["text"], row["kind"], label, accepted, path.stem))
    return messages


def vectors(texts: Sequence[str], training: bool) -> NDArray[np.float32]:
    """Sentence vectors and peaks, from the disk where they are known."""
    folder = ensure_exported()
    return embed_all(folder, texts)[0] if training else embed_all(folder, texts, _VECTORS)[0]
