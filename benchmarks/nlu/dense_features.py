"""Our featurizer, giving Rasa's own classifiers the dense features that they read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from backstride.rasa.featurizer import MiniLMFeaturizer, sentence_vectors


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class MiniLMDenseFeaturizer(MiniLMFeaturizer, DenseFeaturizer):
    """Adds the vector of the whole message as a dense sentence feature."""

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing can be set."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Features of all training examples."""
        for message in super().process_training_data(training_data).training_examples:
            _add(message)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Features of each message."""
        for message in super().process(messages):
            _add(message)
        return messages


def _add(message: Message) -> None:
    if message.get(TEXT):
        vector: NDArray[np.float32] = sentence_vectors(message)[:1]
        message.add_features(
            Features(vector, FEATURE_TYPE_SENTENCE, TEXT, MiniLMDenseFeaturizer.__name__)
        )
