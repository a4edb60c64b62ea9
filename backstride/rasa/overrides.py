"""The places where Rasa is changed from outside, because it offers no setting for them.

Each does what Rasa does, at less cost; only the first changes something. `tests/test_overrides.py`
compares the two, and fails when Rasa changes under them.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from itertools import takewhile
from types import SimpleNamespace
from typing import Any

import rasa.core.actions.action
import rasa.core.processor
import rasa.engine.storage.local_model_storage
from jsonschema import ValidationError
from rasa.core.actions.action import ActionExtractSlots, RemoteAction
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionReverted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    UserUtteranceReverted,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from backstride.rasa.archive import ModelArchive
from backstride.rasa.connections import kept_session

ACTION_SECONDS = 8

_extract_all = ActionExtractSlots.run
_resolve_by_type = Event.resolve_by_type
_apply_all = DialogueStateTracker.applied_events
_BEGINNINGS = (Restarted, SessionStarted)
_UNDOING = (ActionReverted, UserUtteranceReverted, ActiveLoop)
_EMPTY = Domain.empty().as_dict()


def _validate_action_result(_action: RemoteAction, result: Any) -> bool:
    """Whether the action server answered in the right form.

    Raises:
        jsonschema.ValidationError: it did not.
    """
    answer: dict[str, Any] = result if isinstance(result, dict) else {"events": None}
    events, responses = answer.get("events", []), answer.get("responses", [])
    for name, found in (("events", events), ("responses", responses)):
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise ValidationError(f"The action server's {name} are no list of objects.")
    if not all(isinstance(event.get("event"), str) for event in events):
        raise ValidationError("An event of the action server has no name.")
    return True


def _run_graph(
    runner: DaskGraphRunner,
    inputs: dict[str, Any] | None = None,
    targets: list[str] | None = None,
) -> dict[str, Any]:
    """The outputs of the targets: each step once, after the steps that it needs."""
    wanted = tuple(targets or runner._graph_schema.target_names)
    orders: dict[tuple[str, ...], list[str]] = runner.__dict__.setdefault("_orders", {})
    if wanted not in orders:
        orders[wanted] = _in_order(runner._graph_schema.nodes, wanted)
    outputs = {name: (name, value) for name, value in (inputs or {}).items()}
    for name in orders[wanted]:
        if name not in outputs:
            needs = runner._graph_schema.nodes[name].needs.values()
            node = runner._instantiated_nodes[name]
            # What is missing goes in as its name, and the step says so.
            outputs[name] = node(*(outputs.get(need, need) for need in needs))
    return dict(outputs[name] for name in wanted)


def _in_order(nodes: dict[str, Any], wanted: tuple[str, ...]) -> list[str]:
    """What is wanted and what it needs, each after what it needs itself."""
    order: dict[str, None] = {}

    def add(name: str) -> None:
        if name in nodes and name not in order:
            for need in nodes[name].needs.values():
                add(need)
            order[name] = None

    for name in wanted:
        add(name)
    return list(order)


async def _extract_slots(
    action: ActionExtractSlots, output_channel: Any, nlg: Any, tracker: Any, domain: Domain
) -> list[Event]:
    """What Rasa's own way extracts, which looks only at the slots that a message can fill."""
    if ACTION_VALIDATE_SLOT_MAPPINGS not in domain.user_actions:
        fillable = domain.__dict__.get("_with_fillable_slots")
        if fillable is None:
            fillable = copy.copy(domain)
            fillable.slots = [slot for slot in domain.slots if _can_be_filled(slot)]
            domain._with_fillable_slots = fillable
        domain = fillable
    events: list[Event] = await _extract_all(action, output_channel, nlg, tracker, domain)
    return events


def _applied_events(tracker: DialogueStateTracker) -> list[Event]:
    """The events that count: those since the beginning, unless one of them undoes others."""
    kinds = set(map(type, tracker.events))
    if any(issubclass(kind, _UNDOING) for kind in kinds):
        return list(_apply_all(tracker))
    events = list(tracker.events)
    if any(issubclass(kind, _BEGINNINGS) for kind in kinds):
        # Newest first; the beginning itself does not count.
        newest = takewhile(lambda event: not isinstance(event, _BEGINNINGS), reversed(events))
        return list(newest)[::-1]
    return events


def _can_be_filled(slot: Any) -> bool:
    return any(m.get("type") != "custom" or m.get("action") for m in slot.mappings)


def _copy_of(slot: Slot) -> Slot:
    copied = object.__new__(type(slot))
    copied.__dict__.update(slot.__dict__)
    return copied


def _is_empty(domain: Domain) -> bool:
    return bool(domain.as_dict() == _EMPTY)


# What is changed, and to what.
CHANGES: tuple[tuple[Any, str, Any], ...] = (
    # Rasa waits 300 s for an action.
    (rasa.core.actions.action, "DEFAULT_REQUEST_TIMEOUT", ACTION_SECONDS),
    # Rasa compares each event with the schemas of all kinds of events, after a check of these
    # schemas: almost half of a turn. What passes here and has a wrong event in it fails when that
    # is read.
    (RemoteAction, "_validate_action_result", _validate_action_result),
    # Rasa connects anew to the action server for each action.
    (EndpointConfig, "session", kept_session),
    # Dask hands each step through queues, as if there were several workers, and Rasa makes the
    # graph anew each time: three times a turn.
    (DaskGraphRunner, "run", _run_graph),
    # Rasa asks of what kind each event is, half a dozen times a turn.
    (DialogueStateTracker, "applied_events", _applied_events),
    # For each slot Rasa goes through its mappings at each message; most of ours only actions set.
    (ActionExtractSlots, "run", _extract_slots),
    # Rasa copies all slots five times a turn, and Python's own way is made for any object.
    (Slot, "__copy__", _copy_of),
    # Rasa goes through all subclasses for each event that an action returned.
    (Event, "resolve_by_type", staticmethod(lru_cache(maxsize=100)(_resolve_by_type))),
    # Rasa makes an empty domain at each message, to compare the real one with it.
    (Domain, "is_empty", _is_empty),
    # Rasa copies events for its debug log, also when nothing is logged, and nothing else there.
    (rasa.core.processor, "copy", SimpleNamespace(deepcopy=lambda value: value)),
    # Rasa unpacks each model twice, out of a compressed file.
    (rasa.engine.storage.local_model_storage, "TarSafe", ModelArchive),
)
AS_IT_COMES = tuple((place, name, vars(place).get(name)) for place, name, _ in CHANGES)

for _place, _name, _ours in CHANGES:
    setattr(_place, _name, _ours)
