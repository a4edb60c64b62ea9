"""What has been seen lately, so that nothing is answered twice."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable

KEPT = 20_000


class Recent:
    """Remembers the last things it was shown, up to a number and for a time.

    Args:
        seconds: how long; chat services send again what was not confirmed for hours.
    """

    def __init__(self, seconds: float = 24 * 3600, kept: int = KEPT) -> None:
        self._seconds, self._kept = seconds, kept
        self._seen: OrderedDict[Hashable, float] = OrderedDict()

    def has_seen(self, thing: Hashable) -> bool:
        """Whether it was shown before; from now on it was."""
        now = time.monotonic()
        while self._seen and (
            len(self._seen) > self._kept or now - next(iter(self._seen.values())) > self._seconds
        ):
            self._seen.popitem(last=False)
        if thing in self._seen:
            return True
        self._seen[thing] = now
        return False
