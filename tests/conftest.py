"""What the unit tests share: the real guide, a copy to break, and a way to run one action."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from backstride.guide import Guide, load_guide
from backstride.paths import GUIDE
from backstride.wording import Wording, load_wording


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `topic_id` or `exercise_id` runs for each file of that folder."""
    for name in ("topic", "exercise"):
        if f"{name}_id" in metafunc.fixturenames:
            files = sorted((GUIDE / f"{name}s").glob("*.yml"))
            metafunc.parametrize(f"{name}_id", [path.stem for path in files])


@pytest.fixture(scope="session")
def guide() -> Guide:
    return load_guide()


@pytest.fixture(scope="session")
def wording() -> Wording:
    return load_wording()


@pytest.fixture
def guide_folder(tmp_path: Path) -> Path:
    """A copy of the guide to break."""
    return Path(shutil.copytree(GUIDE, tmp_path / "guide"))


@pytest.fixture
def run_action() -> Callable[..., tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """Run one action as the action server does; returns its messages and its events."""

    def run(
        action: Action,
        text: str = "",
        intent: str | None = None,
        entities: Mapping[str, Any] | None = None,
        slots: Mapping[str, Any] | None = None,
        ranking: Sequence[str] = (),
        events: Sequence[Mapping[str, Any]] = (),
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": 1.0},
            "entities": [{"entity": k, "value": v} for k, v in (entities or {}).items()],
            "intent_ranking": [{"name": name, "confidence": 0.1} for name in ranking],
        }
        tracker = Tracker(
            "someone", dict(slots or {}), message, list(events), False, None, {}, None
        )
        dispatcher = CollectingDispatcher()
        returned = asyncio.run(action.run(dispatcher, tracker, {}))
        return dispatcher.messages, returned

    return run
