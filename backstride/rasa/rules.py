"""Rasa's rule policy, without going through the whole conversation for each prediction.

Rasa makes the states of all turns, then tries each rule on each of them, twice a turn. Our rules
ask for an intent and the action before, over two states at most. So here the newest states are
enough, and a table has the rule. Where a rule asks for more, or a form is active, Rasa's own way is
taken. `tests/test_rules.py` compares the two.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from typing import Any

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RULES_NOT_IN_STORIES, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import RULE_SNIPPET_ACTION_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

# The action before, and the intent of the message before.
_State = tuple[str | None, str | None]
# States, the newest last, with the rule and the action that follows.
_Table = dict[tuple[_State, ...], tuple[str, str]]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, True)
class QuickRulePolicy(RulePolicy):
    """Rasa's rule policy, trained as it is; only its predictions take a shorter way."""

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """What Rasa's rule policy predicts."""
        prediction = quick_prediction(self, tracker, domain)
        if prediction is None:
            prediction = super().predict_action_probabilities(
                tracker, domain, rule_only_data, **kwargs
            )
        return prediction


def quick_prediction(
    policy: RulePolicy, tracker: DialogueStateTracker, domain: Domain
) -> PolicyPrediction | None:
    """What Rasa's rule policy predicts, or nothing where only Rasa's own way tells."""
    table = _table_of(policy)
    if not table or tracker.active_loop_name:
        return None
    if policy._find_action_from_default_actions(tracker)[0]:
        return None
    longest = max(map(len, table))
    states = _newest_states(tracker.applied_events(), longest)
    if states is None:
        return None
    for length in range(len(states), 0, -1):
        found = table.get(states[-length:])
        if found is not None:
            rule, action = found
            probabilities = policy._prediction_result(action, tracker, domain)
            return policy._rule_prediction(probabilities, rule)
    # No rule begins with the beginning of a conversation, so none of them is what Rasa would name
    # as the source of this prediction: the states of the whole conversation.
    return policy._rule_prediction(policy._default_predictions(domain), "")


def _table_of(policy: RulePolicy) -> _Table:
    """The rules by their states; none when one of them asks for more than ours do."""
    known: _Table | None = policy.__dict__.get("_backstride_table")
    if known is None:
        known = policy._backstride_table = _table(policy.lookup)
    return known


def _table(lookup: dict[str, Any]) -> _Table:
    table: _Table = {}
    for rule, action in lookup.get(RULES, {}).items():
        states = json.loads(rule)
        if not all(map(_is_plain, states)):
            return {}
        table[tuple((s["prev_action"]["action_name"], s["user"]["intent"]) for s in states)] = (
            rule,
            action,
        )
    sources = lookup.get(RULES_NOT_IN_STORIES, [])
    known = lookup.get(RULES, {})
    return table if all(s in known or not s.startswith("[") for s in sources) else {}


def _is_plain(state: dict[str, Any]) -> bool:
    """Whether a rule's state asks for an action and an intent, and for nothing else."""
    return (
        state.keys() == {"prev_action", "user"}
        and state["prev_action"].keys() == {"action_name"}
        and state["user"].keys() == {"intent"}
        and RULE_SNIPPET_ACTION_NAME not in state["prev_action"].values()
        and all(isinstance(v, str) and v for s in state.values() for v in s.values())
    )


def _newest_states(events: Iterable[Event], most: int) -> tuple[_State, ...] | None:
    """The newest states; none for a piece of a rule, which is no conversation."""
    states: deque[tuple[ActionExecuted | None, UserUttered | None]] = deque(maxlen=most)
    action: ActionExecuted | None = None
    message: UserUttered | None = None
    for event in events:
        if isinstance(event, ActionExecuted):
            if event.action_name == RULE_SNIPPET_ACTION_NAME:
                return None
            states.append((action, message))
            action = event
        elif isinstance(event, UserUttered):
            message = event
    states.append((action, message))
    return tuple(
        (
            action.action_name if action else None,
            message.as_sub_state().get("intent") if message else None,
        )
        for action, message in states
    )
