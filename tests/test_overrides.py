"""What is changed in Rasa is still there to be changed, and still does what it did."""

from __future__ import annotations

import inspect

import dask
import pytest
import rasa.core.actions.action
import rasa.engine.runner.dask
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.engine.runner.dask import DaskGraphRunner

from backstride.rasa import overrides

GOOD = {"events": [{"event": "slot", "name": "topic", "value": "causes"}], "responses": [{}]}


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


def test_rasa_runs_its_graphs_with_what_we_put_there() -> None:
    assert "dask.get(run_graph, run_targets)" in inspect.getsource(DaskGraphRunner.run)


def test_the_plain_way_finds_what_dask_finds() -> None:
    graph = {"a": 1, "b": (lambda a: a + 1, "a"), "c": (lambda a, b: [a, b], "a", "b")}
    for wanted in (["c"], ["b", "c"]):
        assert rasa.engine.runner.dask.dask.get(graph, wanted) == dask.get(graph, wanted)
    with pytest.raises(ZeroDivisionError):
        rasa.engine.runner.dask.dask.get({"a": (lambda: 1 / 0,)}, ["a"])
