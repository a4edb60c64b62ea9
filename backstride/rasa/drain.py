"""Turns in flight: counted, and waited for before the server stops.

Each channel's turns run through the guard, and the guard counts them here, so one wait covers all
channels, also those that answer their request before the turn ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from backstride.metrics import RUNNING

_POLL_SECONDS = 0.05
_AFTER_SECONDS = 0.2  # for a channel to send what the last turn said


class Turns:
    """The turns that this process is at work on."""

    def __init__(self) -> None:
        self.running = 0
        self.draining = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count a turn while it runs."""
        self.running += 1
        RUNNING.set(self.running)
        try:
            yield
        finally:
            self.running -= 1
            RUNNING.set(self.running)

    async def finish(self, seconds: float) -> bool:
        """Take no new ones, and wait for those in flight; whether all ended in time."""
        self.draining = True
        deadline = time.monotonic() + seconds
        while self.running and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_SECONDS)
        await asyncio.sleep(_AFTER_SECONDS)
        return not self.running


turns = Turns()
