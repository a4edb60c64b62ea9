"""Rasa NLU component: the intent, from `backstride.intents`."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_NAME_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from threadpoolctl import threadpool_limits

from backstride.guide import load_guide
from backstride.intents import Calibration, IntentModel, Settings, fit_intents, load_intents
from backstride.questions import Piece, Reading, read_pieces
from backstride.rasa.featurizer import (
    MiniLMFeaturizer,
    is_correction,
    mended_text,
    pieces_in,
    vectors_of,
)
from backstride.spelling_features import SpellingFeatures

RANKING = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class MeaningAndSpellingClassifier(IntentClassifier, GraphComponent):
    """Picks the intent; writes `intent` and `intent_ranking` as Rasa's classifiers do."""

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        """A classifier that knows nothing yet."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._model: IntentModel | None = None
        self._topics = frozenset(f"ask_{topic}" for topic in load_guide().topics)

    @classmethod
    def required_components(cls) -> list[type]:
        """It needs the sentence vectors."""
        return [MiniLMFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """See `Calibration`. `benchmarks.nlu.thresholds` measures what stands in config.yml."""
        return {"sharpness": 17.0, "strange_below": 0.0}

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str | None:
        """The code that fits the model, which Rasa does not see: a change trains anew."""
        fits = (fit_intents, SpellingFeatures)
        return "\n".join(Path(inspect.getfile(c)).read_text(encoding="utf-8") for c in fits)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MeaningAndSpellingClassifier:
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
    ) -> MeaningAndSpellingClassifier:
        """A component for answering."""
        # A message is too small to share between cores: waiting for others costs more.
        threadpool_limits(1)
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = load_intents(folder)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the regression to all examples."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        self._model = fit_intents(
            [m.get(TEXT) for m in examples],
            [m.get(INTENT) for m in examples],
            np.stack([vectors_of(m)[0] for m in examples]),
            Settings(),
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank the intents of each message by confidence."""
        assert self._model is not None  # noqa: S101 Rasa trains or loads first
        calibration = Calibration(self._config["sharpness"], self._config["strange_below"])
        for message in messages:
            parts = [text for text, _ in pieces_in(message)]
            ranking, *others = self._model.rank_each(
                [mended_text(message), *parts], vectors_of(message), calibration
            )
            pieces = [Piece(text, *other[0]) for text, other in zip(parts, others, strict=True)]
            if pieces:
                reading = read_pieces(*ranking[0], pieces, self._topics)
                ranking = _with_first(ranking, reading.intent, pieces)
                _add_entities(message, reading)
            if is_correction(message):
                _add_entity(message, "corrects", "yes")
            ranked = [
                {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}
                for name, confidence in ranking
            ]
            message.set("intent", ranked[0], add_to_output=True)
            message.set("intent_ranking", ranked[:RANKING], add_to_output=True)
        return messages


def _with_first(
    ranking: list[tuple[str, float]], first: str, pieces: list[Piece]
) -> list[tuple[str, float]]:
    """The ranking with this intent first, as sure as the surest piece that has it."""
    if ranking[0][0] == first:
        return ranking
    confidence = max(piece.confidence for piece in pieces if piece.intent == first)
    return [(first, confidence), *(pair for pair in ranking if pair[0] != first)]


def _add_entities(message: Message, reading: Reading) -> None:
    """Tell the actions what else the message says; each entity spans all of it."""
    for intent in reading.asks:
        _add_entity(message, "asks", intent.removeprefix("ask_"))
    if reading.tells_pain:
        _add_entity(message, "tells_pain", "yes")


def _add_entity(message: Message, name: str, value: str) -> None:
    entity = {"entity": name, "value": value, "start": 0, "end": len(message.get(TEXT))}
    message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
