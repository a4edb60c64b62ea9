"""Rasa NLU component: the intent, from the nearest examples and a logistic regression.

Two views of a message are averaged. Its nearest training examples vote, near in meaning (sentence
vectors) and in spelling (character n-grams, weighted by rarity): this keeps rare phrasings, which
a linear model smooths away. A logistic regression over the sentence vectors sees what the examples
of an intent have in common. `benchmarks/nlu` compares this with other pipelines.

Only arrays are kept: a server multiplies matrices and needs no scikit-learn.
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

_ARRAYS = "arrays.npz"
_SPELLINGS = "spellings.npz"
_RANKING = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NearestExamplesClassifier(IntentClassifier, GraphComponent):
    """Picks the intent; writes `intent` and `intent_ranking` as Rasa's classifiers do."""

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        """A classifier that knows nothing yet."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._arrays: dict[str, NDArray[Any]] = {}
        self._spellings: scipy.sparse.csr_matrix = None

    @classmethod
    def required_components(cls) -> list[type]:
        """It needs dense and sparse features."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """How the two views are made.

        `neighbours` vote with weight exp(similarity / `softness`), where similarity is that of
        meaning plus `spelling_weight` times that of spelling. `regularisation` is scikit-learn's
        C. `sharpness` above 1 raises confidence to the hit rate measured on unseen messages.
        """
        return {
            "neighbours": 20,
            "softness": 0.08,
            "spelling_weight": 0.6,
            "regularisation": 10.0,
            "sharpness": 1.0,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NearestExamplesClassifier:
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
    ) -> NearestExamplesClassifier:
        """A component for answering."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            with np.load(folder / _ARRAYS) as arrays:
                component._arrays = dict(arrays)
            component._spellings = scipy.sparse.load_npz(folder / _SPELLINGS)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the examples and fit the regression."""
        from sklearn.linear_model import LogisticRegression

        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        counts = scipy.sparse.vstack([_counts(message) for message in examples], format="csr")
        documents = np.bincount(counts.indices, minlength=counts.shape[1])
        rarity = np.log((1 + len(examples)) / (1 + documents)) + 1
        vectors = np.vstack([_vector(message) for message in examples])
        names = np.array([message.get(INTENT) for message in examples])
        model = LogisticRegression(
            C=self._config["regularisation"], max_iter=300, tol=1e-3, random_state=0
        ).fit(vectors, names)
        self._arrays = {
            "rarity": rarity.astype(np.float32),
            "vectors": vectors.astype(np.float32),
            "labels": np.searchsorted(model.classes_, names),
            "coefficients": model.coef_.T.astype(np.float32),
            "intercepts": model.intercept_.astype(np.float32),
            "intents": model.classes_.astype(str),
        }
        self._spellings = _scaled(counts, rarity)
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(folder / _ARRAYS, **self._arrays)
            scipy.sparse.save_npz(folder / _SPELLINGS, self._spellings)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank the intents of each message by confidence."""
        for message in messages:
            confidences = self._confidences(message)
            best = np.argsort(-confidences)[:_RANKING]
            ranking = [
                {
                    INTENT_NAME_KEY: str(self._arrays["intents"][i]),
                    PREDICTED_CONFIDENCE_KEY: float(confidences[i]),
                }
                for i in best
            ]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _confidences(self, message: Message) -> NDArray[np.float64]:
        vector = _vector(message)
        regression = _softmax(vector @ self._arrays["coefficients"] + self._arrays["intercepts"])
        mean = (self._votes(message, vector) + regression) / 2
        sharp: NDArray[np.float64] = np.power(mean, self._config["sharpness"])
        confidences: NDArray[np.float64] = sharp / sharp.sum()
        return confidences

    def _votes(self, message: Message, vector: NDArray[np.float32]) -> NDArray[np.float64]:
        spelling = _scaled(_counts(message), self._arrays["rarity"])
        similarity = self._arrays["vectors"] @ vector
        similarity += (
            self._config["spelling_weight"] * (self._spellings @ spelling.T).toarray().ravel()
        )
        count = min(self._config["neighbours"], len(similarity))
        nearest = np.argpartition(-similarity, count - 1)[:count]
        weights = _softmax(similarity[nearest] / self._config["softness"])
        votes = np.zeros(len(self._arrays["intents"]))
        np.add.at(votes, self._arrays["labels"][nearest], weights)
        return votes


def _softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    powers = np.exp(np.asarray(scores, dtype=np.float64) - scores.max())
    shares: NDArray[np.float64] = powers / powers.sum()
    return shares


def _vector(message: Message) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = message.get_dense_features(TEXT)[1].features[0]
    return vector


def _counts(message: Message) -> scipy.sparse.csr_matrix:
    return scipy.sparse.csr_matrix(message.get_sparse_features(TEXT)[1].features)


def _scaled(counts: scipy.sparse.csr_matrix, rarity: NDArray[Any]) -> scipy.sparse.csr_matrix:
    """Each row as a unit vector of logarithmic counts weighted by rarity."""
    scaled = counts.astype(np.float32)
    scaled.data = (1 + np.log(scaled.data)) * rarity[scaled.indices].astype(np.float32)
    lengths = np.sqrt(np.asarray(scaled.multiply(scaled).sum(axis=1))).ravel()
    return scipy.sparse.csr_matrix(
        scipy.sparse.diags(1 / np.where(lengths > 0, lengths, 1)) @ scaled, dtype=np.float32
    )
