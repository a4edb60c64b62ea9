"""The two places where Rasa is changed from outside, because it offers no setting for them.

`tests/test_overrides.py` fails when Rasa changes under them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import rasa.core.actions.action
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction

ACTION_SECONDS = 8


@lru_cache(maxsize=1)
def _response_validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate_action_result(_action: RemoteAction, result: dict[str, Any]) -> bool:
    """Whether the action server answered in the right form.

    Raises:
        jsonschema.ValidationError: it did not.
    """
    _response_validator().validate(result)
    return True


# Rasa waits 300 s for an action.
rasa.core.actions.action.DEFAULT_REQUEST_TIMEOUT = ACTION_SECONDS
# Rasa checks the schema itself anew at each answer, which took almost half of a turn.
RemoteAction._validate_action_result = _validate_action_result
