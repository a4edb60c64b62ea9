"""Sentences to vectors: all-MiniLM-L6-v2 on ONNX Runtime, one thread, nothing fetched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from backstride.embeddings.export import MODEL_FILE, TOKENIZER_FILE
from backstride.embeddings.graph import TOKENS


class EmbedderError(Exception):
    """The exported model can't be loaded. The message names the cure."""


class SentenceEmbedder:
    """Embeds one text at a time: no padding, and the same vector whatever is around a text."""

    def __init__(self, folder: Path) -> None:
        """Load model and tokenizer from `folder`.

        Raises:
            EmbedderError: a file is missing or damaged.
        """
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
            self._session = _session(str(folder / MODEL_FILE))
        except Exception as error:
            raise EmbedderError(
                f"The sentence model in {folder} can't be loaded ({type(error).__name__})."
                " Run 'rm -rf .cache models .rasa && make train' to make it anew."
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKENS)

    def embed(self, text: str) -> NDArray[np.float32]:
        """The sentence vector, of unit length, and then the peaks: see `graph`."""
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int32)
        vector: NDArray[np.float32] = self._session.run(None, {"input_ids": ids})[0][0]
        return vector


class Comparer:
    """The products of vectors with many others, in 8 bits."""

    def __init__(self, graph: bytes | Path) -> None:
        """Load what `build_comparison` made, or the file that it was written to."""
        self._graph = graph
        self._session = _session(graph if isinstance(graph, bytes) else str(graph))

    def save(self, path: Path) -> None:
        """Write the graph to a file."""
        made = self._graph if isinstance(self._graph, bytes) else self._graph.read_bytes()
        path.write_bytes(made)

    def products(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """A row for each vector: one number for each of the others, for unit vectors the cosine."""
        # One by one: the scale of a row must not depend on the others.
        rows = [self._session.run(None, {"vectors": row[np.newaxis]})[0] for row in vectors]
        found: NDArray[np.float32] = np.concatenate(rows)
        return found


def _session(model: str | bytes) -> onnxruntime.InferenceSession:
    """One thread: a message is too small to share between cores."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
