"""Rasa policy: danger signs first, and an answer for every action that failed.

The decisions are `backstride.triage.next_steps`; this class only reads the tracker. It wins
over every other policy, needs no action server for the urgent path, and answers in the place
of an action that left nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, DEFAULT_ACTION_NAMES
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    DefinePrevUserUtteredFeaturization,
    Event,
    UserUttered,
)
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

import backstride.rasa.overrides  # noqa: F401 loaded with the model, in each process
from backstride.guide import load_guide
from backstride.rasa.turns import earlier_state, turns_of
from backstride.triage import next_steps

FAILED = "utter_technical_problem"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, False)
class SafetyPolicy(Policy):
    """Predicts the steps that safety asks for, and nothing else."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> None:
        """Read from the guide which topics mean doing something demanding."""
        super().__init__(config, model_storage, resource, execution_context, **kwargs)
        topics = load_guide().topics.values()
        self._demanding = frozenset(f"ask_{topic.id}" for topic in topics if topic.checks_red_flags)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Before every other policy."""
        return {"priority": 100, "max_history": None}

    def train(
        self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any
    ) -> Resource:
        """Nothing is learnt."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The next step, or no opinion."""
        events = list(tracker.applied_events())
        step = failed_action_answer(events, domain)
        if step is None:
            turns = list(turns_of(events))
            earlier = earlier_state(events)
            steps = next_steps(turns, self._demanding, earlier) if turns else ()
            if steps:
                done = len(turns[-1].did)
                step = steps[done] if done < len(steps) else ACTION_LISTEN_NAME
        probabilities = self._default_predictions(domain)
        if step is not None:
            probabilities[domain.index_for_action(step)] = 1.0
        return self._prediction(probabilities, is_no_user_prediction=step is not None)


def failed_action_answer(events: Iterable[Event], domain: Domain) -> str | None:
    """What to say when the last action failed: Rasa goes on as if it had run.

    Every action of ours leaves at least one event behind; one that left none has failed.
    """
    newest: Event | None = None
    action: str | None = None
    channel: str | None = None
    for event in events:
        if isinstance(event, UserUttered):
            channel = event.input_channel
        if isinstance(event, ActionExecuted):
            action = str(event.action_name)
        if not isinstance(event, DefinePrevUserUtteredFeaturization):
            newest = event
    if action == FAILED and not isinstance(newest, UserUttered):
        return str(ACTION_LISTEN_NAME)
    # Test stories come through no channel, and no action runs in them.
    if channel is None or not isinstance(newest, ActionExecuted) or action is None:
        return None
    custom = action in domain.user_actions and not action.startswith("utter_")
    return FAILED if custom and action not in DEFAULT_ACTION_NAMES else None
