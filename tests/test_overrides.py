"""What is changed in Rasa is still there to be changed, and still does what it did."""

from __future__ import annotations

import asyncio
import copy
import importlib.util
import inspect
import random
import re
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import rasa.core.actions.action
import rasa.core.processor
from jsonschema import ValidationError
from rasa.core.actions.action import ActionExtractSlots, RemoteAction
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses

from backstride.paths import ROOT
from backstride.rasa import overrides

GOOD = {"events": [{"event": "slot", "name": "topic", "value": "causes"}], "responses": [{}]}


def rasas_own_module(name: str) -> ModuleType:
    """The module once more, as it comes."""
    found = importlib.util.find_spec(name)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


class _Numbers(GraphComponent):
    @classmethod
    def create(cls, *_: Any, **__: Any) -> _Numbers:
        return cls()

    def one(self) -> int:
        return 1

    def two(self, number: int, more: int) -> int:
        return 2 * number + more


def test_the_action_server_is_waited_for_as_long_as_we_say() -> None:
    assert rasa.core.actions.action.DEFAULT_REQUEST_TIMEOUT == overrides.ACTION_SECONDS
    assert "DEFAULT_REQUEST_TIMEOUT" in inspect.getsource(RemoteAction.run)


def test_rasa_still_validates_where_we_do() -> None:
    assert "self._validate_action_result(" in inspect.getsource(RemoteAction.run)
    assert "events" in RemoteAction.action_response_format_spec()["properties"]


def test_a_good_answer_of_the_action_server_passes_and_a_bad_one_does_not() -> None:
    action = RemoteAction("action_x", None)
    assert action._validate_action_result(GOOD)
    for bad in ({"events": "none"}, {"events": [{"no": "event"}]}, {"responses": 1}, []):
        with pytest.raises(ValidationError):
            action._validate_action_result(bad)


def test_the_steps_of_a_graph_run_once_each_in_order_and_one_that_lacks_something_is_told() -> None:
    ran: list[str] = []

    def node(name: str) -> Any:
        def run(*needs: Any) -> tuple[str, Any]:
            ran.append(name)
            return name, [name, *needs]

        return run

    needs = {"a": ["input"], "b": ["a"], "c": ["a", "b", "gone"], "d": ["c"], "unused": []}
    runner = DaskGraphRunner.__new__(DaskGraphRunner)
    runner._graph_schema = SimpleNamespace(
        nodes={name: SimpleNamespace(needs=dict(enumerate(of))) for name, of in needs.items()},
        target_names=["d"],
    )
    runner._instantiated_nodes = {name: node(name) for name in needs}
    a = ("a", ["a", ("input", 1)])
    b = ("b", ["b", a])
    c = ("c", ["c", a, b, "gone"])
    for _ in range(2):
        assert runner.run({"input": 1}) == {"d": ["d", c]}
        assert ran == ["a", "b", "c", "d"]
        ran.clear()
    assert runner.run({"input": 1}, ["b", "a"]) == dict([b, a])


def test_a_real_graph_gives_what_it_gives_in_rasas_own_way(monkeypatch: Any) -> None:
    as_it_comes = rasas_own_module("rasa.engine.runner.dask").DaskGraphRunner.run
    assert "dask.get(run_graph, run_targets)" in inspect.getsource(as_it_comes)
    schema = GraphSchema(
        {
            "number": SchemaNode({}, _Numbers, "create", "one", {}),
            "doubled": SchemaNode(
                {"number": "number", "more": "more"}, _Numbers, "create", "two", {}
            ),
        }
    )
    runner = DaskGraphRunner.create(schema, None, ExecutionContext(schema))
    inputs, targets = {"more": 5}, ["doubled", "number"]
    assert (
        runner.run(inputs, targets)
        == as_it_comes(runner, inputs, targets)
        == {"doubled": 7, "number": 1}
    )


def test_a_message_fills_the_same_slots_as_in_rasas_own_way() -> None:
    domain = Domain.load(ROOT / "domain.yml")
    entities = [{"entity": "sign", "value": "numb"}, {"entity": "topic", "value": "myths"}]
    tracker = DialogueStateTracker.from_events(
        "someone",
        [ActionExecuted("action_listen"), UserUttered("x", {"name": "greet"}, entities)],
        domain.slots,
    )
    action = ActionExtractSlots(None)
    for extract in (ActionExtractSlots.run, overrides._extract_all):
        events = asyncio.run(extract(action, None, None, tracker, domain))
        assert events == [SlotSet("sign", "numb")]
    assert len(domain.slots) > 5  # and not only those that a message can fill
    source = inspect.getsource(overrides._extract_all)
    assert "for mapping in slot.mappings" in source
    assert "if should_fill_custom_slot" in source


def test_a_copy_of_a_slot_is_like_it_and_apart_from_it() -> None:
    for slot in Domain.load(ROOT / "domain.yml").slots:
        slot.value = ["before"]
        copied = copy.copy(slot)
        assert type(copied) is type(slot)
        assert vars(copied) == vars(slot)
        assert vars(copied)["_value"] is vars(slot)["_value"]
        copied.value = ["after"]
        assert slot.value == ["before"]
        for kind in type(slot).__mro__[:-1]:  # all but `object` itself
            assert not vars(kind).get("__slots__")
            assert not {"__getstate__", "__reduce__", "__reduce_ex__"} & vars(kind).keys()


def test_each_event_has_the_class_that_rasa_finds() -> None:
    kinds = [kind.type_name for kind in all_subclasses(Event)]
    assert "user" in kinds
    for kind in [*kinds, "topic"]:
        assert Event.resolve_by_type(kind) is overrides._resolve_by_type(kind)
    assert Event.resolve_by_type("new", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="Unknown event"):
        Event.resolve_by_type("new")


def test_only_an_empty_domain_is_empty() -> None:
    assert "Domain.empty().as_dict()" in inspect.getsource(
        rasas_own_module("rasa.shared.core.domain").Domain.is_empty
    )
    assert Domain.empty().is_empty()
    assert Domain.from_dict({}).is_empty()
    assert not Domain.from_dict({"intents": ["greet"]}).is_empty()


def test_rasa_copies_only_for_its_debug_log_where_it_no_longer_copies() -> None:
    source = Path(rasa.core.processor.__file__).read_text()
    copied = re.findall(r"\bcopy\.\w+", source)
    in_logs = "".join(re.findall(r"structlogger\.debug\((.*?)\n        +\)\n", source, re.DOTALL))
    assert copied == re.findall(r"\bcopy\.\w+", in_logs) == ["copy.deepcopy"] * len(copied)


def test_the_events_that_count_are_those_that_rasa_finds() -> None:
    source = inspect.getsource(overrides._apply_all)
    assert set(re.findall(r"isinstance\(\w+, \(?([\w, ]+)\)", source)) == {
        "ActiveLoop", "Restarted, SessionStarted", "ActionReverted", "UserUtteranceReverted",
        "ActionExecuted",
    }  # fmt: skip
    kinds = [
        *[ActionExecuted("action_listen"), UserUttered("ice"), BotUttered("ice"), SlotSet("a")] * 5,
        *[ActionExecuted("form"), SessionStarted(), Restarted()] * 2,
        *[ActionReverted(), UserUtteranceReverted(), ActiveLoop("form"), ActiveLoop(None)],
    ]
    undone = 0
    for number in range(1000):
        chance = random.Random(number)
        tracker = DialogueStateTracker("someone", [])
        tracker.events.extend(chance.choices(kinds, k=chance.randint(0, 12)))
        stock = overrides._apply_all(tracker)
        assert tracker.applied_events() == stock
        undone += stock != list(tracker.events)
    assert 100 < undone < 900
