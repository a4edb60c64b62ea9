"""The conversation as turns: from Rasa's events to what triage reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered

from backstride.metrics import FAILED_ACTIONS, FALLBACKS, URGENT
from backstride.triage import State, Turn

# The slot in which the tracker store hands over what came before the turns that it loads.
EARLIER = "earlier"
_FIELDS = frozenset(field.name for field in fields(State))


def earlier_state(events: Iterable[Event]) -> State:
    """What the turns before these events added up to, without what this version does not know."""
    for event in events:
        if isinstance(event, SlotSet) and event.key == EARLIER and isinstance(event.value, dict):
            return State(**{k: v for k, v in event.value.items() if k in _FIELDS})
    return State()


def turns_of(events: Iterable[Event]) -> Iterator[Turn]:
    """The conversation as turns."""
    message: UserUttered | None = None
    did: list[str] = []
    for event in events:
        if isinstance(event, UserUttered):
            if message is not None:
                yield _turn(message, did)
            message, did = event, []
        elif isinstance(event, ActionExecuted) and event.action_name != ACTION_LISTEN_NAME:
            did.append(str(event.action_name))
    if message is not None:
        yield _turn(message, did)


def _turn(message: UserUttered, did: list[str]) -> Turn:
    found: dict[str, list[Any]] = {}
    for entity in message.entities or []:
        found.setdefault(str(entity.get("entity")), []).append(entity.get("value"))
    return Turn(
        intent=str(message.intent_name),
        present=frozenset(map(str, found.get("red_flag", []))),
        urgency=next(iter(found.get("urgency", [])), "routine"),
        suspected=frozenset(map(str, found.get("suspected_red_flag", []))),
        denied=frozenset(map(str, found.get("denied_red_flag", []))),
        hinted=frozenset(map(str, found.get("hinted_red_flag", []))),
        reply=next(iter(found.get("reply", [])), None),
        asks=frozenset(f"ask_{topic}" for topic in found.get("asks", [])),
        child=bool(found.get("child")),
        did=tuple(did),
    )


def count(events: Iterable[Event]) -> None:
    """Count what an operator wants to see of these new events."""
    for event in events:
        if isinstance(event, UserUttered):
            urgency = _turn(event, []).urgency
            if urgency != "routine":
                URGENT.labels(urgency).inc()
        elif isinstance(event, ActionExecuted):
            if event.action_name == "action_suggest_topics":
                FALLBACKS.inc()
            elif event.action_name == "utter_technical_problem":
                FAILED_ACTIONS.inc()
