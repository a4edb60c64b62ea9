"""Confusions as a picture: what messages are (rows) and what they were taken for (columns)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np


def draw_confusions(pairs: Iterable[tuple[str, str]], path: Path) -> None:
    """Draw the intents that were confused; those always right are left out.

    Args:
        pairs: what each message is and what it was taken for; the same where it was right.
        path: the picture, a PNG file.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    counts = Counter(pairs)
    confused = sorted({name for pair in counts if pair[0] != pair[1] for name in pair})
    matrix = np.array([[counts[(row, column)] for column in confused] for row in confused])
    matrix = matrix.reshape(len(confused), len(confused))
    side = 2.5 + 0.24 * len(confused)
    figure, axes = pyplot.subplots(figsize=(side, side))
    if not confused:
        axes.set_title("nothing was confused")
        matrix = np.zeros((1, 1), dtype=int)
    wrong = matrix * (1 - np.eye(len(matrix), dtype=int))
    axes.imshow(wrong, cmap="Reds", vmin=0, vmax=max(3, wrong.max(initial=0)))
    for row, column in zip(*np.nonzero(matrix), strict=True):
        colour = "#999999" if row == column else "#000000"
        axes.text(
            column, row, str(matrix[row, column]), ha="center", va="center", size=7, color=colour
        )
    names = [name.removeprefix("ask_") for name in confused]
    axes.set_xticks(range(len(names)), names, rotation=90, size=7)
    axes.set_yticks(range(len(names)), names, size=7)
    axes.set(xlabel="taken for", ylabel="is")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80, metadata={"Software": None})
    pyplot.close(figure)
