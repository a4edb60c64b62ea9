"""The ONNX graph of all-MiniLM-L6-v2: six layers of BERT, then what a text comes to.

That is its sentence vector, as published (the mean over its tokens, of unit length), and its peaks:
the highest that each number gets at any token. A word that the mean drowns in a long message shows
in them.

One text at a time goes in, without padding, so there is no mask. ONNX Runtime's fused operators
(domain `com.microsoft`) take the place of dozens of small ones. With 8-bit weights, each token
and each block of 64 or 128 weights has a scale of its own: one scale for a whole matrix, as plain
dynamic quantisation has, moved the vectors to a mean cosine of 0.956 from full precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOKENS = 128  # what the model was trained with; longer texts are cut
DIMENSIONS = 384
WIDTH = 2 * DIMENSIONS  # the sentence vector, then the peaks
_LAYERS, _HEADS = 6, 12
_BLOCK = 128
_FINE_BLOCK = 64  # for what attention compares, where rounding shows most
_EPSILON = 1e-12
_MICROSOFT = "com.microsoft"
_INT8_ACCURACY = 4  # MatMulNBits: multiply 8-bit numbers, not dequantised ones


def build_graph(tensors: Mapping[str, NDArray[Any]], eight_bit: bool) -> Any:
    """The model as an `onnx.ModelProto`: `input_ids` (1, tokens) to `vector` (1, `WIDTH`)."""
    from onnx import TensorProto, helper

    builder = _Builder(eight_bit)
    builder.read(tensors)
    graph = helper.make_graph(
        builder.nodes,
        "minilm",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT32, [1, "tokens"])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, WIDTH])],
        builder.constants,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_MICROSOFT, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def build_comparison(vectors: NDArray[np.float32]) -> bytes:
    """A serialised graph from some `vectors` to their `products` with each of these.

    In 8 bits a quarter of the memory is read for each message, which is what takes the time.
    """
    from onnx import TensorProto, helper

    builder = _Builder(eight_bit=True)
    builder.compare(vectors)
    size = vectors.shape[1]
    graph = helper.make_graph(
        builder.nodes,
        "comparison",
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", size])],
        [helper.make_tensor_value_info("products", TensorProto.FLOAT, ["texts", len(vectors)])],
        builder.constants,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    serialised: bytes = model.SerializeToString()
    return serialised


class _Builder:
    """Collects the nodes and the constants of the graph."""

    def __init__(self, eight_bit: bool) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._eight_bit = eight_bit

    def read(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        """Write the whole model."""
        state = self._embeddings(tensors)
        for layer in range(_LAYERS):
            prefix = f"encoder.layer.{layer}."
            own = {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
            state = self._layer(state, own, f"layer{layer}")
        mean = self._node("ReduceMean", [state], "mean", "", axes=[1], keepdims=0)
        sentence = self._node("LpNormalization", [mean], "sentence", "", axis=-1, p=2)
        peaks = self._node("ReduceMax", [state], "peaks", "", axes=[1], keepdims=0)
        self._node("Concat", [sentence, peaks], "vector", "", axis=-1)

    def compare(self, vectors: NDArray[np.float32]) -> None:
        """Write the products with all vectors."""
        self._times("vectors", vectors.T, "products", _FINE_BLOCK)

    def _embeddings(self, tensors: Mapping[str, NDArray[Any]]) -> str:
        from onnx import TensorProto

        words = tensors["embeddings.word_embeddings.weight"]
        if self._eight_bit:  # a lookup needs no more digits than these
            words = words.astype(np.float16)
        # All of a text is one segment: its embedding is added to those of the places.
        places = tensors["embeddings.position_embeddings.weight"][:TOKENS]
        places = places + tensors["embeddings.token_type_embeddings.weight"][:1]
        found = self._node("Gather", [self._constant("words", words), "input_ids"], "found", "")
        found = self._node("Cast", [found], "found32", "", to=TensorProto.FLOAT)
        length = self._node("Shape", ["input_ids"], "length", "", start=1, end=2)
        start = self._constant("start", np.array([0], dtype=np.int64))
        axis = self._constant("axis", np.array([1], dtype=np.int64))
        table = self._constant("places", places[np.newaxis])
        place = self._node("Slice", [table, start, length, axis], "place", "")
        return self._add_and_normalise(
            found, place, tensors, "embeddings.LayerNorm", None, "embedded"
        )

    def _layer(self, state: str, own: Mapping[str, NDArray[Any]], name: str) -> str:
        parts = [f"attention.self.{part}" for part in ("query", "key", "value")]
        weights = np.concatenate([own[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([own[f"{part}.bias"] for part in parts])
        joined = self._times(state, weights, f"{name}.qkv", _FINE_BLOCK)
        sizes = self._constant(f"{name}.sizes", np.array([DIMENSIONS] * 3, dtype=np.int64))
        three = [f"{name}.{part}" for part in ("q", "k", "v")]
        self._node("Split", [joined, sizes], three, "", axis=-1)
        seen = self._node(
            "MultiHeadAttention",
            [*three, self._constant(f"{name}.qkv.bias", bias)],
            f"{name}.attended",
            num_heads=_HEADS,
        )
        dense = "attention.output.dense"
        mixed = self._times(seen, own[f"{dense}.weight"].T, f"{name}.mixed")
        state = self._add_and_normalise(
            mixed, state, own, "attention.output.LayerNorm", f"{dense}.bias", f"{name}.half"
        )
        wide = self._times(state, own["intermediate.dense.weight"].T, f"{name}.wide")
        bias_name = self._constant(f"{name}.wide.bias", own["intermediate.dense.bias"])
        wide = self._node("BiasGelu", [wide, bias_name], f"{name}.bent")
        narrow = self._times(wide, own["output.dense.weight"].T, f"{name}.narrow")
        return self._add_and_normalise(
            narrow, state, own, "output.LayerNorm", "output.dense.bias", f"{name}.out"
        )

    def _add_and_normalise(
        self,
        left: str,
        right: str,
        tensors: Mapping[str, NDArray[Any]],
        norm: str,
        bias: str | None,
        out: str,
    ) -> str:
        inputs = [
            left,
            right,
            self._constant(f"{out}.scale", tensors[f"{norm}.weight"]),
            self._constant(f"{out}.shift", tensors[f"{norm}.bias"]),
        ]
        if bias:
            inputs.append(self._constant(f"{out}.bias", tensors[bias]))
        return self._node("SkipLayerNormalization", inputs, out, epsilon=_EPSILON)

    def _times(self, state: str, weights: NDArray[Any], out: str, block: int = _BLOCK) -> str:
        if not self._eight_bit:
            return self._node("MatMul", [state, self._constant(f"{out}.weights", weights)], out, "")
        numbers, scales = eight_bit_blocks(weights, block)
        return self._node(
            "MatMulNBits",
            [
                state,
                self._constant(f"{out}.numbers", numbers),
                self._constant(f"{out}.scales", scales),
            ],
            out,
            K=weights.shape[0],
            N=weights.shape[1],
            bits=8,
            block_size=block,
            accuracy_level=_INT8_ACCURACY,
        )

    def _constant(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(
        self,
        kind: str,
        inputs: list[str],
        out: str | list[str],
        domain: str = _MICROSOFT,
        **attributes: Any,
    ) -> str:
        from onnx import helper

        outputs = [out] if isinstance(out, str) else out
        self.nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))
        return outputs[0]


def eight_bit_blocks(
    weights: NDArray[Any], block: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Weights (in, out) as MatMulNBits wants them: (out, blocks, block) around 128, and scales."""
    inputs, outputs = weights.shape
    blocks = weights.T.reshape(outputs, inputs // block, block)
    scales = np.abs(blocks).max(axis=-1, keepdims=True) / 127
    numbers = np.clip(np.round(blocks / np.where(scales > 0, scales, 1)) + 128, 0, 255)
    return numbers.astype(np.uint8), scales[..., 0].astype(np.float32)
