"""Rasa NLU component: logistic regression over sentence, word and character features.

Rasa's own LogisticRegressionClassifier takes raw counts beside unit vectors, so that the
counts drown the embedding, and its regularisation can't be set. Here the counts are weighted
by rarity and scaled, and only the weights of the fitted model are kept: a server multiplies
two matrices and needs no scikit-learn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_FILE = "weights.npz"
_RANKING = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceClassifier(IntentClassifier, GraphComponent):
    """Picks the intent; writes `intent` and `intent_ranking` as Rasa's classifiers do."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
    ) -> None:
        """A classifier that knows nothing yet."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._weights: dict[str, NDArray[Any]] = {}

    @classmethod
    def required_components(cls) -> list[type]:
        """It needs features."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`regularisation` is scikit-learn's C; `count_scale` weighs counts against the vector."""
        return {"regularisation": 10.0, "count_scale": 0.6, "sharpness": 1.0}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceClassifier:
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
    ) -> SentenceClassifier:
        """A component for answering."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as weights:
            component._weights = dict(weights)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model and keep its weights."""
        from sklearn.linear_model import LogisticRegression

        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        counts = scipy.sparse.vstack([_counts(message) for message in examples])
        documents = np.bincount(counts.indices, minlength=counts.shape[1])
        self._weights["rarity"] = np.log((1 + len(examples)) / (1 + documents)) + 1
        features = scipy.sparse.vstack([self._features(message) for message in examples])
        model = LogisticRegression(C=self._config["regularisation"], max_iter=500)
        model.fit(features, [message.get(INTENT) for message in examples])
        self._weights |= {
            "coefficients": model.coef_.T.astype(np.float32),
            "intercepts": model.intercept_.astype(np.float32),
            "intents": model.classes_.astype(str),
        }
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(folder / _FILE, **self._weights)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank the intents of each message by confidence."""
        for message in messages:
            confidences = self._confidences(message)
            best = np.argsort(-confidences)[:_RANKING]
            ranking = [
                {
                    INTENT_NAME_KEY: str(self._weights["intents"][i]),
                    PREDICTED_CONFIDENCE_KEY: float(confidences[i]),
                }
                for i in best
            ]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _confidences(self, message: Message) -> NDArray[np.float64]:
        weights = self._weights
        scores = self._features(message) @ weights["coefficients"] + weights["intercepts"]
        scores = np.asarray(scores).ravel() * self._config["sharpness"]
        powers = np.exp(scores - scores.max())
        confidences: NDArray[np.float64] = powers / powers.sum()
        return confidences

    def _features(self, message: Message) -> scipy.sparse.csr_matrix:
        counts = _counts(message).astype(np.float64)
        counts.data = (1 + np.log(counts.data)) * self._weights["rarity"][counts.indices]
        length = np.sqrt((counts.data**2).sum()) or 1.0
        vector = message.get_dense_features(TEXT)[1].features
        scale = self._config["count_scale"] / length
        return scipy.sparse.hstack([scipy.sparse.csr_matrix(vector), counts * scale], format="csr")


def _counts(message: Message) -> scipy.sparse.csr_matrix:
    return scipy.sparse.csr_matrix(message.get_sparse_features(TEXT)[1].features)
