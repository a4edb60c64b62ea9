"""Texts cut to what a chat service takes."""

from __future__ import annotations

import re
from collections.abc import Callable

_BREAKS = ("\n\n", "\n", ". ", " ")
_ITEM = re.compile(r"^- ", re.MULTILINE)


def utf16_length(text: str) -> int:
    """The length in UTF-16 units, in which Telegram counts: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int, length: Callable[[str], int] = len) -> list[str]:
    """The text in parts within the limit, cut at a paragraph, a line, a sentence or a word.

    A text without a word gives no part.
    """
    parts = []
    rest = text.strip()
    while rest:
        fits = _longest_start(rest, limit, length)
        if fits < len(rest):
            fits = _last_break(rest[: fits + 1]) or fits
        parts.append(rest[:fits].rstrip())
        rest = rest[fits:].lstrip()
    return parts


def shortened(text: str, limit: int, length: Callable[[str], int] = len) -> str:
    """The text in one line; what is too long ends in an ellipsis."""
    text = " ".join(text.split())
    if length(text) <= limit:
        return text
    return text[: _longest_start(text, limit - 1, length)].rstrip() + "\u2026"


def with_bullets(text: str) -> str:
    """The text with a dot in front of each item of a list, as chat services show lists."""
    return _ITEM.sub("\u2022 ", text)


def _longest_start(text: str, limit: int, length: Callable[[str], int]) -> int:
    """How many characters from the start stay within the limit; at least one."""
    if length(text) <= limit:
        return len(text)
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(text[:middle]) <= limit else (low, middle - 1)
    return low


def _last_break(text: str) -> int:
    """Where to cut, and not too early: the last break of the best kind in the second half."""
    for mark in _BREAKS:
        place = text.rfind(mark)
        if place + len(mark) > len(text) // 2:
            # The mark of a sentence stays, blanks go.
            return place + len(mark.rstrip())
    return 0
