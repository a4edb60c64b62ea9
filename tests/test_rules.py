"""The quick way to a rule's prediction finds what Rasa's own way finds."""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    EntitiesAdded,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.generator import TrainingDataGenerator
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.loading import load_data_from_resource
from rasa.shared.core.training_data.structures import StoryGraph

from backstride.paths import ROOT
from backstride.rasa import rules

CONFIG = {
    "core_fallback_threshold": 0.3,
    "core_fallback_action_name": "utter_technical_problem",
}
SEQUENCES = 1500


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load([ROOT / "domain.yml", ROOT / "data" / "responses"])


@pytest.fixture(scope="module")
def policy(domain: Domain, tmp_path_factory: pytest.TempPathFactory) -> RulePolicy:
    """Rasa's policy, trained on the rules of the project."""
    return _trained(_trackers(ROOT / "data" / "rules", domain), domain, tmp_path_factory)


def _trained(trackers: list[Any], domain: Domain, folders: pytest.TempPathFactory) -> RulePolicy:
    policy = rules.QuickRulePolicy(
        {**RulePolicy.get_default_config(), **CONFIG},
        LocalModelStorage(folders.mktemp("rules")),
        Resource("rules"),
        ExecutionContext(GraphSchema({})),
    )
    policy.train(trackers, domain)
    return policy


def _trackers(path: Path, domain: Domain) -> list[Any]:
    steps = load_data_from_resource(str(path), domain)
    generator = TrainingDataGenerator(
        StoryGraph(steps), domain, augmentation_factor=0, use_story_concatenation=False
    )
    return list(generator.generate())


def _all_of(prediction: PolicyPrediction) -> dict[str, Any]:
    return {**vars(prediction), "events": [event.as_dict() for event in prediction.events]}


def _check(policy: RulePolicy, tracker: DialogueStateTracker, domain: Domain) -> bool:
    """Compare the two ways; whether the quick one had an answer."""
    quick = rules.quick_prediction(policy, tracker, domain)
    if quick is None:
        return False
    stock = RulePolicy.predict_action_probabilities(policy, tracker, domain)
    assert _all_of(quick) == _all_of(stock), [str(event) for event in tracker.events]
    return True


def test_the_shorter_way_is_taken(policy: RulePolicy, domain: Domain) -> None:
    tracker = DialogueStateTracker("short", domain.slots)
    assert isinstance(policy, rules.QuickRulePolicy)
    assert rules.quick_prediction(policy, tracker, domain) is not None
    # What it stands in for: a change of it wants another look at ours.
    source = inspect.getsource(RulePolicy.predict_action_probabilities)
    assert "self._predict(tracker, domain)" in source


def test_it_finds_what_rasa_finds_at_each_step_of_each_story(
    policy: RulePolicy, domain: Domain
) -> None:
    compared = 0
    for tracker in _trackers(ROOT / "tests" / "stories", domain):
        for earlier, _ in tracker.generate_all_prior_trackers():
            assert _check(policy, earlier, domain)
            compared += 1
    assert compared > 500


def test_it_finds_what_rasa_finds_after_any_events(policy: RulePolicy, domain: Domain) -> None:
    quick = 0
    for number in range(SEQUENCES):
        tracker = DialogueStateTracker(str(number), domain.slots)
        for event in _any_events(random.Random(number), domain):
            try:
                tracker.update(event, domain)
            except Exception:  # some events make no sense after some others
                tracker = DialogueStateTracker(str(number), domain.slots)
        quick += _check(policy, tracker, domain)
    assert quick > SEQUENCES / 2


def _any_events(chance: random.Random, domain: Domain) -> Iterator[Event]:
    intents = [*domain.intents, None, "unknown", "restart", "back"]
    actions = ["action_listen"] * 20 + domain.action_names_or_texts
    kinds = ["turn"] * 12 + ["message", "action", "other", "other"]
    for _ in range(chance.randint(0, 12)):
        kind = chance.choice(kinds)
        message = UserUttered(
            chance.choice(["", "ice or heat", None]),
            {"name": chance.choice(intents), "confidence": 1.0},
            chance.choice([[], [{"entity": "red_flag", "value": "RF-01"}]]),
        )
        if kind == "turn":
            yield ActionExecuted("action_listen")
            yield message
            yield DefinePrevUserUtteredFeaturization(False)
            rule = {"ask_myths": "action_answer_topic", "greet": "utter_greet"}
            done = rule.get(str(message.intent_name), "action_answer_topic")
            for action in chance.choice([[], [done], [done, "utter_greet"]]):
                yield ActionExecuted(action)
        elif kind == "message":
            yield message
        elif kind == "action":
            yield ActionExecuted(chance.choice(actions))
        else:
            yield chance.choice(
                [
                    SlotSet("topic", "myths"),
                    BotUttered("Ice or heat."),
                    SessionStarted(),
                    Restarted(),
                    ActionReverted(),
                    UserUtteranceReverted(),
                    DefinePrevUserUtteredFeaturization(chance.random() < 0.5),
                    ActionExecutionRejected("action_answer_topic"),
                    EntitiesAdded([{"entity": "part", "value": "dose"}]),
                    ActionExecuted("..."),
                    ActiveLoop(chance.choice(["some_form", None])),
                ]
            )


def test_a_rule_that_asks_for_more_is_left_to_rasa(
    domain: Domain, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("data")
    (folder / "rules.yml").write_text(
        'version: "3.1"\n'
        "rules:\n"
        "  - rule: at the beginning\n"
        "    conversation_start: true\n"
        "    steps:\n"
        "      - intent: greet\n"
        "      - action: utter_greet\n"
    )
    policy = _trained(_trackers(folder, domain), domain, tmp_path_factory)
    tracker = DialogueStateTracker("someone", domain.slots)
    assert rules.quick_prediction(policy, tracker, domain) is None
