"""A message as the things that it says one after the other: "heat or ice, and can I run?"."""

from __future__ import annotations

import re

PIECES = 6
_SHORTEST = 3  # words: fewer say too little alone
_ASKS = (
    r"(?:what|which|who|whom|whose|when|where|why|how|can|could|should|shall|is|are|am|do|does|did"
    r"|will|would|has|have|may|any)"
)
_BREAK = re.compile(
    # The end of a sentence, or a word that leads to the next question.
    r"(?<=[.!?;])\s+|\n+"
    r"|[,\s]+(?:and|also|plus|or|but)(?:\s+(?:also|then))?\s+(?=" + _ASKS + r"\b)"
    r"|,\s+(?=" + _ASKS + r"\b)",
    re.IGNORECASE,
)


def pieces_of(text: str) -> list[str]:
    """What a message says, piece by piece in its order, at most six.

    A piece of one or two words goes with the one after it, at the end with the one before. A
    message that says one thing is one piece.
    """
    pieces: list[str] = []
    for piece in (part.strip() for part in _BREAK.split(text)):
        if not piece:
            continue
        if pieces and len(pieces[-1].split()) < _SHORTEST:
            pieces[-1] += " " + piece
        else:
            pieces.append(piece)
    if len(pieces) > 1 and len(pieces[-1].split()) < _SHORTEST:
        last = pieces.pop()
        pieces[-1] += " " + last
    return pieces[:PIECES]
