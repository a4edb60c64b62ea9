"""How much one person or one address may send, counted in memory, or in Redis for replicas."""

from __future__ import annotations

import hashlib
import logging
import time

from limits import RateLimitItem
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from backstride.metrics import LOCK_ERRORS

logger = logging.getLogger(__name__)

URGENT_FACTOR = 5  # an urgent message still gets through a limit this much wider
_REDIS_SECONDS = 0.25
_RETRY_SECONDS = 5.0


class RateLimits:
    """Counts in Redis while it answers, and in memory otherwise."""

    def __init__(self, redis_url: str | None = None) -> None:
        """Connect when there is an address; the connection itself is made at the first use."""
        # The limiters hold their storage weakly.
        self._storages = MemoryStorage(), _redis(redis_url) if redis_url else None
        memory, shared = self._storages
        self._memory = FixedWindowRateLimiter(memory)
        self._shared = FixedWindowRateLimiter(shared) if shared is not None else None
        self._shared_again = 0.0

    def allows(self, kind: str, key: str, rate: RateLimitItem) -> bool:
        """Whether one more message fits the rate; it counts when it does.

        Args:
            kind: what is counted, such as "address".
            key: whose it is. Only a hash of it is kept.
            rate: how many within which time.
        """
        hashed = hashlib.blake2b(key.encode(errors="replace"), digest_size=12).hexdigest()
        if self._shared is not None and time.monotonic() >= self._shared_again:
            try:
                return bool(self._shared.hit(rate, kind, hashed))
            except Exception as error:
                # A limit is no reason to leave a person without an answer.
                self._shared_again = time.monotonic() + _RETRY_SECONDS
                LOCK_ERRORS.labels(type(error).__name__).inc()
                logger.error("Rate limits are counted in memory: %s", type(error).__name__)
        return bool(self._memory.hit(rate, kind, hashed))


def wider(rate: RateLimitItem) -> RateLimitItem:
    """The rate within which urgent messages still get through."""
    return type(rate)(rate.amount * URGENT_FACTOR, rate.multiples)


def _redis(url: str) -> Storage:
    storage: Storage = storage_from_string(
        url, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS
    )
    return storage
