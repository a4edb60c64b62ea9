"""One turn at a time in each conversation, over all replicas: locks in Redis.

Rasa's own Redis locks read, change and write back in three steps, so two replicas can both get in,
and they never expire. Here redis-py's lock does it in one step. It is short and renewed while the
turn runs, so the locks of a replica that was killed are free again within seconds.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import redis
import redis.asyncio
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore
from redis.asyncio.lock import Lock
from redis.exceptions import LockError as NotHeld
from redis.exceptions import RedisError

from backstride.metrics import LOCK_ERRORS
from backstride.operator_settings import SettingError, load_settings

logger = logging.getLogger(__name__)

HELD_SECONDS = 10.0
_RENEW_SECONDS = HELD_SECONDS / 4
_POLL_SECONDS = 0.05
_REDIS_SECONDS = 1.0


class ConversationLocks(LockStore):
    """Locks in Redis while it answers; when it does not, each replica locks for itself."""

    def __init__(self, endpoint_config: object = None) -> None:
        """Nothing connects yet.

        Args:
            endpoint_config: what stands in `endpoints.yml`; nothing of it is used.

        Raises:
            SettingError: there is no address of a Redis.
        """
        url = load_settings().redis_url
        if not url:
            raise SettingError(
                "Locks in Redis need its address: set BACKSTRIDE_REDIS_URL, or take lock_store out"
                " of endpoints.yml."
            )
        limits: Any = {"socket_timeout": _REDIS_SECONDS, "socket_connect_timeout": _REDIS_SECONDS}
        self.shared = redis.asyncio.Redis.from_url(url, **limits)
        self._direct = redis.Redis.from_url(url, **limits)
        self._waiting: dict[str, tuple[asyncio.Lock, int]] = {}
        super().__init__()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation; those who wait in this process get it in their order.

        Raises:
            LockError: another replica held it for the whole lifetime.
        """
        async with self._in_order(conversation_id):
            held = await self._acquired(conversation_id, lock_lifetime)
            renewing = asyncio.ensure_future(_renew(held)) if held is not None else None
            try:
                yield TicketLock(conversation_id)
            finally:
                if renewing is not None and held is not None:
                    renewing.cancel()
                    with suppress(asyncio.CancelledError):
                        await renewing
                    await _released(held)

    def check(self) -> None:
        """Ask Redis for a sign of life.

        Raises:
            redis.exceptions.RedisError: there is none.
        """
        self._direct.ping()

    @asynccontextmanager
    async def _in_order(self, conversation_id: str) -> AsyncIterator[None]:
        queue, waiting = self._waiting.get(conversation_id, (asyncio.Lock(), 0))
        self._waiting[conversation_id] = queue, waiting + 1
        try:
            async with queue:
                yield
        finally:
            queue, waiting = self._waiting.pop(conversation_id)
            if waiting > 1:
                self._waiting[conversation_id] = queue, waiting - 1

    async def _acquired(self, conversation_id: str, seconds: float) -> Lock | None:
        name = hashlib.blake2b(conversation_id.encode(errors="replace"), digest_size=16).hexdigest()
        lock = self.shared.lock(
            f"backstride:lock:{name}",
            timeout=HELD_SECONDS,
            sleep=_POLL_SECONDS,
            blocking_timeout=seconds,
            thread_local=False,
        )
        try:
            if await lock.acquire():
                return lock
        except (RedisError, OSError, asyncio.TimeoutError) as error:
            # No lock is no reason to leave a person without an answer.
            _failed("taken", error)
            return None
        raise LockError("Another replica holds the conversation.")


async def _renew(lock: Lock) -> None:
    while True:
        await asyncio.sleep(_RENEW_SECONDS)
        try:
            await lock.reacquire()
        except (RedisError, OSError, asyncio.TimeoutError) as error:
            _failed("renewed", error)


async def _released(lock: Lock) -> None:
    try:
        await lock.release()
    except (NotHeld, RedisError, OSError, asyncio.TimeoutError) as error:
        _failed("released", error)


def _failed(what: str, error: Exception) -> None:
    LOCK_ERRORS.labels(type(error).__name__).inc()
    logger.error("A lock in Redis could not be %s: %s", what, type(error).__name__)
