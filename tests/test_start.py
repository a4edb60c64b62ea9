"""What is checked before the server starts."""

from __future__ import annotations

import asyncio

import pytest
import rasa.core.lock_store

from backstride.rasa.drain import Turns
from backstride.rasa.operations import check_secret, check_times
from backstride.server_settings import load_settings
from backstride.settings import SettingsError


def test_a_conversation_is_locked_for_longer_than_a_turn_may_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check_times()
    monkeypatch.setattr(rasa.core.lock_store, "LOCK_LIFETIME", 20)
    with pytest.raises(SettingsError, match="Set TICKET_LOCK_LIFETIME to more than 20"):
        check_times()


def test_replicas_without_a_common_key_do_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKSTRIDE_SECRET", raising=False)
    monkeypatch.delenv("BACKSTRIDE_SECRET_FILE", raising=False)
    replica = load_settings({"BACKSTRIDE_REDIS_URL": "redis://127.0.0.1:1/0"})
    with pytest.raises(SettingsError, match="Set BACKSTRIDE_SECRET to the same"):
        check_secret(replica)
    check_secret(load_settings({}))
    monkeypatch.setenv("BACKSTRIDE_SECRET", "a key that only tests use")
    check_secret(replica)


def test_the_stop_waits_for_turns_in_flight_and_not_for_ever() -> None:
    async def stop(turn_seconds: float, patience: float) -> bool:
        turns = Turns()

        async def turn() -> None:
            with turns.one():
                await asyncio.sleep(turn_seconds)

        running = asyncio.ensure_future(turn())
        await asyncio.sleep(0)
        ended = await turns.finish(patience)
        assert turns.draining
        running.cancel()
        return ended

    assert asyncio.run(stop(turn_seconds=0.2, patience=5))
    assert not asyncio.run(stop(turn_seconds=5, patience=0.2))
