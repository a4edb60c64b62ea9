"""The places where Rasa is changed from outside, because it offers no setting for them.

`tests/test_overrides.py` fails when Rasa changes under them.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import dask.core
import rasa.core.actions.action
import rasa.engine.runner.dask
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import RulePolicy

from backstride.rasa.rules import predict_action_probabilities

ACTION_SECONDS = 8


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


# Rasa waits 300 s for an action.
rasa.core.actions.action.DEFAULT_REQUEST_TIMEOUT = ACTION_SECONDS
# Rasa compares each event with the schemas of all kinds of events, after a check of these schemas:
# almost half of a turn. What passes here and has a wrong event in it fails when that is read.
RemoteAction._validate_action_result = _validate_action_result
# Dask hands each step through queues, as if there were several workers. Its plain way runs the same
# steps one after the other, in a tenth of the time: three times a turn.
rasa.engine.runner.dask.dask = SimpleNamespace(get=dask.core.get)
# The same predictions from the newest states alone.
RulePolicy.predict_action_probabilities = predict_action_probabilities
