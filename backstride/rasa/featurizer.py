"""Rasa NLU component: sentence vectors from all-MiniLM-L6-v2.

Misspelt words are mended first, towards the words of the training data: the sentence model splits
a word that it does not know into pieces that mean something else.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from backstride.embeddings.cache import embed_all
from backstride.embeddings.embedder import SentenceEmbedder
from backstride.embeddings.export import MODEL_FILE, TOKENIZER_FILE, checksum, ensure_exported
from backstride.embeddings.graph import DIMENSIONS
from backstride.questions import what_is_meant, whole_and_pieces
from backstride.spelling import Speller
from backstride.spelling_features import common_words

_VECTORS = "sentence_vectors"
_MENDED = "mended_text"
_CORRECTS = "corrects"
_WORDS_FILE = "words.txt"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class MiniLMFeaturizer(GraphComponent):
    """Puts vectors into each message. The model file travels in the model archive."""

    def __init__(self, folder: Path, resource: Resource, words: Iterable[str] = ()) -> None:
        """Load the sentence model from `folder`; mend misspelt words towards `words`."""
        self._folder = folder
        self._resource = resource
        self._embedder = SentenceEmbedder(folder)
        self._speller = Speller(words)

    @classmethod
    def required_components(cls) -> list[type]:
        """None: the sentence model brings its own tokenizer."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Nothing can be set."""
        return {}

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str | None:
        """The exported model: another one makes other vectors."""
        return checksum(ensure_exported())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MiniLMFeaturizer:
        """A component for training, with the exported model."""
        component = cls(ensure_exported(), resource)
        component._model_storage = model_storage
        return component

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> MiniLMFeaturizer:
        """A component for answering, with the model from the archive."""
        with model_storage.read_from(resource) as folder:
            words = (folder / _WORDS_FILE).read_text(encoding="utf-8").split()
            return cls(folder, resource, words)

    def train(self, training_data: TrainingData) -> Resource:
        """Put the model into the archive, and the words that misspelt ones may stand for."""
        words = common_words(m.get(TEXT) for m in training_data.intent_examples if m.get(TEXT))
        with self._model_storage.write_to(self._resource) as folder:
            for name in (MODEL_FILE, TOKENIZER_FILE):
                shutil.copy(self._folder / name, folder / name)
            (folder / _WORDS_FILE).write_text("\n".join(words), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Put the vector of the whole text into each training example."""
        examples = [m for m in training_data.training_examples if m.get(TEXT)]
        vectors, _ = embed_all(self._folder, [m.get(TEXT) for m in examples])
        for message, vector in zip(examples, vectors, strict=True):
            message.set(_VECTORS, _Vectors(vector[np.newaxis]))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Put vectors into each message that has text."""
        for message in messages:
            if text := message.get(TEXT):
                text = self._speller.mend_text(text)
                meant = what_is_meant(text)
                message.set(_MENDED, meant)
                message.set(_CORRECTS, meant != text)
                texts = whole_and_pieces(meant)
                vectors = np.stack([self._embedder.embed(part) for part in texts])
                message.set(_VECTORS, _Vectors(vectors, tuple(texts[1:])))
        return messages


@dataclass(frozen=True)
class _Vectors:
    """Vectors in a message. Rasa wants a fingerprint; that of a bare array takes milliseconds."""

    values: NDArray[np.float32]
    pieces: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """The same for the same numbers."""
        return hashlib.sha256(self.values.tobytes()).hexdigest()


def mended_text(message: Message) -> str:
    """What the person means: without what they take back, and with misspelt words mended."""
    text: str = message.get(_MENDED) or message.get(TEXT)
    return text


def is_correction(message: Message) -> bool:
    """Whether the message takes back the one before, such as "no, I meant ..."."""
    return bool(message.get(_CORRECTS))


def vectors_of(message: Message) -> NDArray[np.float32]:
    """A row for the whole message, then one for each piece if it says several things.

    Each is a sentence vector and its peaks. What matters in a long story may stand in one of its
    sentences.
    """
    vectors: _Vectors = message.get(_VECTORS)
    return vectors.values


def sentence_vectors(message: Message) -> NDArray[np.float32]:
    """The same without the peaks."""
    return vectors_of(message)[:, :DIMENSIONS]


def pieces_in(message: Message) -> list[tuple[str, NDArray[np.float32]]]:
    """The pieces of a message that says several things, each with its vector; else none."""
    vectors: _Vectors = message.get(_VECTORS)
    return list(zip(vectors.pieces, vectors.values[1:], strict=True))
