"""Vectors of the training data, kept on disk so that only new texts are embedded again."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from backstride.embeddings.embedder import SentenceEmbedder
from backstride.embeddings.export import checksum
from backstride.embeddings.graph import WIDTH
from backstride.paths import ROOT

VECTORS = ROOT / ".cache" / "vectors.npz"


def embed_all(
    folder: Path, texts: Sequence[str], file: Path = VECTORS
) -> tuple[NDArray[np.float32], int]:
    """One row a text, as `SentenceEmbedder.embed` makes it, and how many had to be made now.

    A vector is known by the checksum of the model and the text. The file keeps those of the last
    call only, so it does not grow. A file that can't be read is made anew.

    Args:
        folder: the exported sentence model.
        texts: what to embed.
        file: where vectors are kept.
    """
    model = checksum(folder)
    keys = [hashlib.sha256(f"{model}\n{text}".encode()).hexdigest() for text in texts]
    known = _read(file)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        embedder = SentenceEmbedder(folder)
        # Side by side: the model lets other threads run.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            made = pool.map(embedder.embed, missing.values())
            shown = tqdm(made, "Sentence vectors", len(missing), file=sys.stderr, unit="text")
            known.update(zip(missing, shown, strict=True))
        _write(file, {key: known[key] for key in keys})
    return np.array([known[key] for key in keys]).reshape(-1, WIDTH), len(missing)


def _read(file: Path) -> dict[str, NDArray[np.float32]]:
    try:
        with np.load(file) as arrays:
            return dict(zip(arrays["keys"].tolist(), arrays["vectors"], strict=True))
    except (OSError, ValueError, KeyError, EOFError):  # missing, cut short or of another kind
        return {}


def _write(file: Path, vectors: dict[str, NDArray[np.float32]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part.npz")
    np.savez(unfinished, keys=np.array([*vectors]), vectors=np.array([*vectors.values()]))
    unfinished.replace(file)
