"""Confusions as a picture: what messages are (rows) and what they were taken for (columns)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np


def draw_confusions(pairs: Iterable[tuple[str, str]], path: Path) -> None:
    """Draw all intents that occur, with what was right in grey on the diagonal.

    Args:
        pairs: what each message is and what it was taken for; the same where it was right.
        path: the picture, a PNG file.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    counts = Counter(pairs)
    # Topics first, then the rest of a conversation.
    occurring = {name for pair in counts for name in pair}
    intents = sorted(occurring, key=lambda name: (not name.startswith("ask_"), name))
    matrix = np.array([[counts[(row, column)] for column in intents] for row in intents])
    matrix = matrix.reshape(len(intents), len(intents))
    side = 2.5 + 0.24 * len(intents)
    figure, axes = pyplot.subplots(figsize=(side, side))
    if not intents:
        axes.set_title("there is no message")
        matrix = np.zeros((1, 1), dtype=int)
    wrong = matrix * (1 - np.eye(len(matrix), dtype=int))
    darkest = max(3, wrong.max(initial=0))
    axes.imshow(wrong, cmap="Reds", vmin=0, vmax=darkest)
    for row, column in zip(*np.nonzero(matrix), strict=True):
        dark = 2 * wrong[row, column] > darkest
        colour = "#999999" if row == column else "#ffffff" if dark else "#000000"
        axes.text(
            column, row, str(matrix[row, column]), ha="center", va="center", size=7, color=colour
        )
    names = [name.removeprefix("ask_") for name in intents]
    # Thin lines lead the eye from a number to its names.
    axes.set_xticks(np.arange(len(names)) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(names)) - 0.5, minor=True)
    axes.grid(which="minor", color="#e6e6e6", linewidth=0.5)
    axes.tick_params(which="minor", length=0)
    axes.set_xticks(range(len(names)), names, rotation=90, size=7)
    axes.set_yticks(range(len(names)), names, size=7)
    axes.tick_params(top=True, labeltop=True, right=True, labelright=True)
    for label in axes.get_xticklabels():
        label.set_rotation(90)
    axes.set(xlabel="taken for", ylabel="is")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80, metadata={"Software": None})
    pyplot.close(figure)
