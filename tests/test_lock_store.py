"""Locks in Redis: one turn at a time in a conversation, whichever replica it comes to."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator

import pytest

from backstride.operator_settings import SettingError
from backstride.rasa import lock_store
from backstride.rasa.lock_store import ConversationLocks
from backstride.rate_limits import RateLimits
from tests.services import Service, redis_server
from tests.test_rate_limits import RATE


@pytest.fixture(scope="module")
def redis() -> Iterator[tuple[Service, str]]:
    with redis_server() as running:
        yield running


@pytest.fixture
def replica(
    redis: tuple[Service, str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], ConversationLocks]:
    """Makes the locks of one more replica."""
    monkeypatch.setenv("BACKSTRIDE_REDIS_URL", redis[1])
    return ConversationLocks


async def turn(locks: ConversationLocks, seconds: float, seen: list[str], name: str) -> None:
    async with locks.lock("someone"):
        seen.append(f"{name} in")
        await asyncio.sleep(seconds)
        seen.append(f"{name} out")


def run(*turns: Awaitable[None]) -> None:
    async def together() -> None:
        await asyncio.wait_for(asyncio.gather(*turns), 20)

    asyncio.run(together())


def test_turns_of_two_replicas_do_not_overlap(replica: Callable[[], ConversationLocks]) -> None:
    replicas, seen = [replica(), replica()], []
    run(*(turn(replicas[i % 2], 0.02, seen, str(i)) for i in range(20)))
    assert len(seen) == 40
    assert all(seen[i].split()[0] == seen[i + 1].split()[0] for i in range(0, 40, 2))


def test_turns_of_one_replica_keep_their_order(replica: Callable[[], ConversationLocks]) -> None:
    locks, seen = replica(), []
    run(*(turn(locks, 0, seen, str(i)) for i in range(20)))
    assert seen[::2] == [f"{i} in" for i in range(20)]
    assert not locks._waiting


def test_other_conversations_do_not_wait(replica: Callable[[], ConversationLocks]) -> None:
    async def two() -> None:
        locks = replica()
        async with locks.lock("a"):
            await asyncio.wait_for(turn(locks, 0, [], "b"), 2)

    run(two())


def test_a_long_turn_keeps_its_lock(
    replica: Callable[[], ConversationLocks], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_store, "HELD_SECONDS", 0.4)
    monkeypatch.setattr(lock_store, "_RENEW_SECONDS", 0.1)
    seen: list[str] = []

    async def later() -> None:
        await asyncio.sleep(0.1)
        await turn(replica(), 0, seen, "second")

    run(turn(replica(), 1.2, seen, "first"), later())
    assert seen == ["first in", "first out", "second in", "second out"]


def test_the_lock_of_a_killed_replica_is_free_soon(
    replica: Callable[[], ConversationLocks], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_store, "HELD_SECONDS", 0.5)

    async def killed() -> None:
        # What is left of it: a lock that nobody renews or releases.
        assert await replica()._acquired("someone", 1) is not None
        await turn(replica(), 0, [], "next")

    run(killed())


def test_without_its_redis_each_replica_locks_for_itself(
    redis: tuple[Service, str], replica: Callable[[], ConversationLocks]
) -> None:
    service, url = redis
    locks, seen, limits = replica(), [], RateLimits(url)
    assert limits.allows("address", "a", RATE)

    async def through_a_restart() -> None:
        await turn(locks, 0, seen, "before")
        service.stop(signal.SIGKILL)
        with pytest.raises(Exception, match="Connection"):
            locks.check()
        await asyncio.gather(*(turn(locks, 0.02, seen, f"without {i}") for i in range(3)))
        assert [limits.allows("address", "a", RATE) for _ in range(4)] == [True] * 3 + [False]
        service.start()
        await turn(locks, 0, seen, "after")
        locks.check()

    run(through_a_restart())
    assert seen[-2:] == ["after in", "after out"]
    assert seen[2:8:2] == ["without 0 in", "without 1 in", "without 2 in"]
    assert all(seen[i].rsplit(" ", 1)[0] == seen[i + 1].rsplit(" ", 1)[0] for i in range(0, 10, 2))


def test_rates_are_counted_over_all_replicas(redis: tuple[Service, str]) -> None:
    one, other = RateLimits(redis[1]), RateLimits(redis[1])
    assert [x.allows("conversation", "b", RATE) for x in (one, other, one, other)] == [
        True,
        True,
        True,
        False,
    ]


def test_without_an_address_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKSTRIDE_REDIS_URL", raising=False)
    with pytest.raises(SettingError, match="BACKSTRIDE_REDIS_URL"):
        ConversationLocks()
