"""Who is worked on now, and who waits: so many turns at once, and one of each conversation.

Rasa works on every message as soon as it comes. They share one event loop, so with a hundred at
once each takes a hundred times as long, and its time limits run out while nobody works on it. Here
they wait in the order in which they came, and the limits count only the work.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backstride.metrics import WAITING

# As many as keep the server busy while some of them wait for the action server.
AT_ONCE = 16
WAIT_SECONDS = 20.0
MOST_WAITING = 1000


class Busy(Exception):
    """There was no place in time."""


class Places:
    """The places of this process. What is urgent has places of its own."""

    def __init__(
        self,
        at_once: int = AT_ONCE,
        wait_seconds: float = WAIT_SECONDS,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        """All places are free."""
        self._wait_seconds, self._most_waiting = wait_seconds, most_waiting
        self._ordinary, self._urgent = asyncio.Semaphore(at_once), asyncio.Semaphore(at_once)
        self._conversations: dict[str, asyncio.Lock] = {}
        self._of_each: Counter[str] = Counter()
        self._waiting = 0

    def all_taken(self) -> bool:
        """Whether an ordinary message would have to wait."""
        return self._ordinary.locked()

    @asynccontextmanager
    async def one(self, conversation: str, urgent: bool) -> AsyncIterator[None]:
        """Hold a place for a turn of this conversation, once its earlier turns have ended.

        Raises:
            Busy: too many wait, or it took too long.
        """
        if self._waiting >= self._most_waiting and not urgent:
            raise Busy
        places = self._urgent if urgent else self._ordinary
        before = self._conversations.setdefault(conversation, asyncio.Lock())
        self._of_each[conversation] += 1
        try:
            await self._wait(before, places)
            try:
                yield
            finally:
                places.release()
                before.release()
        finally:
            self._of_each[conversation] -= 1
            if not self._of_each[conversation]:
                del self._of_each[conversation], self._conversations[conversation]

    async def _wait(self, before: asyncio.Lock, places: asyncio.Semaphore) -> None:
        if not before.locked() and not places.locked():
            await before.acquire()
            await places.acquire()
            return

        async def both() -> None:
            await before.acquire()
            try:
                await places.acquire()
            except asyncio.CancelledError:
                before.release()
                raise

        self._waiting += 1
        WAITING.set(self._waiting)
        try:
            await asyncio.wait_for(both(), self._wait_seconds)
        except asyncio.TimeoutError:
            raise Busy from None
        finally:
            self._waiting -= 1
            WAITING.set(self._waiting)
