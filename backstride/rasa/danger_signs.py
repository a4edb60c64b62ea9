"""Rasa NLU component: danger signs, last in the pipeline so that nothing overrides them.

Three nets. The matcher (`backstride.red_flags`) alone raises the alarm: it sets the intent and
one entity a sign. Where it is silent but the trained intent or nearness to known phrasings of
danger signs fires, the message is marked as suspected and one question will settle it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_NAME_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from backstride.rasa.featurizer import MiniLMFeaturizer, sentence_vectors
from backstride.red_flags import Finding, detector, quoted
from backstride.triage import highest

RED_FLAG_INTENT = "report_red_flag"
_RANKING = "intent_ranking"
_FILE = "nearness.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class DangerSigns(GraphComponent):
    """Adds the entities `red_flag`, `denied_red_flag`, `suspected_red_flag` and `urgency`.

    Beside these: `sign`, the person's own words for what was found, and `reply`, when the
    person says that they have been seen or were misunderstood.
    """

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        """A component whose third net is still empty."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._weights: dict[str, NDArray[Any]] = {}
        self._detector = detector()

    @classmethod
    def required_components(cls) -> list[type]:
        """It needs the sentence vectors; the intent it reads is there only when answering."""
        return [MiniLMFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`suspect_at`: the nearness, from 0 to 1, from which a message is suspected."""
        return {"suspect_at": 0.5}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DangerSigns:
        """A component for training."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DangerSigns:
        """A component for answering."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as weights:
            component._weights = dict(weights)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn how near a sentence is to danger signs, from all examples."""
        from sklearn.linear_model import LogisticRegression

        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        vectors = np.stack([sentence_vectors(message)[0] for message in examples])
        dangerous = [message.get(INTENT) == RED_FLAG_INTENT for message in examples]
        model = LogisticRegression(C=10.0, max_iter=500).fit(vectors, dangerous)
        self._weights = {
            "coefficients": model.coef_[0].astype(np.float32),
            "intercept": model.intercept_.astype(np.float32),
        }
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(folder / _FILE, **self._weights)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing after it learns from its entities."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Mark each message that has text and is no button press."""
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/"):
                self._mark(message, text)
        return messages

    def _mark(self, message: Message, text: str) -> None:
        findings = self._detector.find(text)
        present = [finding for finding in findings if finding.status == "present"]
        denied = [finding for finding in findings if finding.status == "denied"]
        entities = list(message.get(ENTITIES, []))
        entities += [_entity("red_flag", f.sign, f.start, f.end) for f in present]
        entities += [_entity("denied_red_flag", f.sign, f.start, f.end) for f in denied]
        # Rasa wants a place for each entity: what sums up the message stands at its first sign.
        if present:
            level = highest(finding.level for finding in present)
            entities.append(_entity("urgency", level, present[0].start, present[0].end))
            words = quoted(text, present)
            entities.append(_entity("sign", words, present[0].start, present[0].end))
            self._override_intent(message)
        elif doubts := self._doubts(message, text, findings):
            entities += [_entity("suspected_red_flag", doubt, 0, len(text)) for doubt in doubts]
        elif denied:
            self._take_back_intent(message)
        if reply := self._detector.reply_in(text):
            entities.append(_entity("reply", reply, 0, len(text)))
        message.set(ENTITIES, entities, add_to_output=True)

    def _doubts(self, message: Message, text: str, findings: Sequence[Finding]) -> list[str]:
        """Signs in doubt, or the intent's name when only the weaker nets fire."""
        doubtful = [f.sign for f in findings if f.status == "doubtful" and f.level in _ASK_ABOUT]
        if doubtful:
            return doubtful
        intent = (message.get(INTENT) or {}).get(INTENT_NAME_KEY)
        denied = any(finding.status == "denied" for finding in findings)
        fires = (
            (intent == RED_FLAG_INTENT and not denied)
            or (intent == "deny" and self._detector.excepts(text))
            or self._nearness(message) >= self._config["suspect_at"]
        )
        return [RED_FLAG_INTENT] if fires else []

    def _nearness(self, message: Message) -> float:
        vectors = sentence_vectors(message)
        scores = vectors @ self._weights["coefficients"] + self._weights["intercept"]
        return float(1 / (1 + np.exp(-scores.max())))

    @staticmethod
    def _take_back_intent(message: Message) -> None:
        """A message that only denies signs reports none, whatever its words taught the model."""
        others = [i for i in message.get(_RANKING, []) if i[INTENT_NAME_KEY] != RED_FLAG_INTENT]
        if others and (message.get(INTENT) or {}).get(INTENT_NAME_KEY) == RED_FLAG_INTENT:
            message.set(INTENT, others[0], add_to_output=True)
            message.set(_RANKING, others, add_to_output=True)

    @staticmethod
    def _override_intent(message: Message) -> None:
        intent = {INTENT_NAME_KEY: RED_FLAG_INTENT, PREDICTED_CONFIDENCE_KEY: 1.0}
        others = [i for i in message.get(_RANKING, []) if i[INTENT_NAME_KEY] != RED_FLAG_INTENT]
        message.set(INTENT, intent, add_to_output=True)
        message.set(_RANKING, [intent, *others], add_to_output=True)


_ASK_ABOUT = ("emergency", "crisis")


def _entity(name: str, value: str, start: int, end: int) -> dict[str, Any]:
    return {
        "entity": name,
        "value": value,
        "start": start,
        "end": end,
        "extractor": DangerSigns.__name__,
    }
