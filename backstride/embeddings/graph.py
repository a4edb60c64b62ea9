"""The ONNX graph of all-MiniLM-L6-v2: six layers of BERT, then what a text comes to.

That is its sentence vector, as published (the mean over its tokens, of unit length), and its peaks:
the highest that each number gets at any token. A word that the mean drowns in a long message shows
in them.

One text at a time goes in, without padding, so there is no mask. ONNX Runtime's fused operators
(domain `com.microsoft`) take the place of dozens of small ones.

With 8-bit weights, the numbers of a token are multiplied in 8 bits too. Each token and each column
of weights has a scale of its own: one scale for a whole matrix, as plain dynamic quantisation has,
moved the vectors to a mean cosine of 0.956 from full precision. After layer normalisation a few
channels are ten times as high as the others, which would leave these no digits; so channels are
made alike first, and the weights take over what each was divided by (SmoothQuant, Xiao et al.,
2022).
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
# Of 127: processors without AVX-512 VNNI add two products in 16 bits, which overflow less so.
_HIGHEST_WEIGHT = 100
_EPSILON = 1e-12
_MICROSOFT = "com.microsoft"
# What layer normalisation puts out: the states whose channels are made alike.
NORMALISED = ("embedded", *(f"layer{i}.{part}" for i in range(_LAYERS) for part in ("half", "out")))


def build_graph(
    tensors: Mapping[str, NDArray[Any]], highest: Mapping[str, NDArray[np.float32]] | None = None
) -> Any:
    """The model as an `onnx.ModelProto`: `input_ids` (1, tokens) to `vector` (1, `WIDTH`).

    Args:
        tensors: the published weights.
        highest: for each of `NORMALISED` how high its channels get. Weights have 8 bits then, else
            they keep their full precision.
    """
    from onnx import TensorProto, helper

    builder = _Builder(highest)
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

    builder = _Builder({})
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

    def __init__(self, highest: Mapping[str, NDArray[np.float32]] | None) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._eight_bit = highest is not None
        self._highest = highest or {}

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
        self._times("vectors", vectors.T, "products")

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
        joined = self._times(state, weights, f"{name}.qkv")
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

    def _times(self, state: str, weights: NDArray[Any], out: str) -> str:
        if not self._eight_bit:
            return self._node("MatMul", [state, self._constant(f"{out}.weights", weights)], out, "")
        if state in self._highest:
            divisors = _divisors(self._highest[state], weights)
            divisor = self._constant(f"{out}.divisors", divisors)
            state = self._node("Div", [state, divisor], f"{out}.alike", "")
            weights = weights * divisors[:, np.newaxis]
        numbers, scales = eight_bits(weights)
        sizes = self._node("Abs", [state], f"{out}.sizes", "")
        highest = self._node("ReduceMax", [sizes], f"{out}.highest", "", axes=[-1], keepdims=1)
        unit = self._node("Div", [state, highest], f"{out}.unit", "")
        matrix = [
            self._constant(f"{out}.numbers", numbers),
            self._constant(f"{out}.scales", scales),
        ]
        product = self._node("DynamicQuantizeMatMul", [unit, *matrix], f"{out}.of_unit")
        return self._node("Mul", [product, highest], out, "")

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


def _divisors(highest: NDArray[np.float32], weights: NDArray[Any]) -> NDArray[np.float32]:
    """What to divide each channel by, so that channels and their weights vary alike."""
    divisors = np.sqrt(highest / np.abs(weights).max(axis=1))
    alike: NDArray[np.float32] = (divisors / np.median(divisors)).astype(np.float32)
    return alike


def eight_bits(weights: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights (in, out) as whole numbers, and the scale of each column."""
    scales = np.abs(weights).max(axis=0) / _HIGHEST_WEIGHT
    numbers = np.round(weights / np.where(scales > 0, scales, 1))
    return numbers.astype(np.int8), scales.astype(np.float32)
