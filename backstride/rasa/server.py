"""Rasa's own program without TensorFlow: `python -m backstride.rasa.server run ...`.

No component of ours uses TensorFlow, but Rasa imports it with everything that loads a model, and
spaCy wherever it is installed. That took most of the server's memory (docs/performance.md). So it
is declared absent before Rasa is imported, and the modules that can't be imported without it, or
that import as much again, are replaced by empty ones: a server uses nothing of them. Training and
`rasa test` are started with Rasa's own command and have all of it.

`tests/test_rasa_server.py` fails when Rasa changes under it.
"""

from __future__ import annotations

import sys
from types import ModuleType

# What other modules import by name from those that are replaced.
REPLACED = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
    # Imports scikit-learn and the statistics of SciPy, for components that need TensorFlow.
    "rasa.utils.tensorflow.model_data": (
        "Data",
        "FeatureArray",
        "RasaModelData",
        "ragged_array_to_ndarray",
    ),
    # Imports all of boto3, for a tracker store that is not ours.
    "boto3.dynamodb.conditions": ("Key",),
    # Imports every component that Rasa has. It runs when a model is trained; for a server it is
    # only a name in the model.
    "rasa.graph_components.validators.default_recipe_validator": ("DefaultV1RecipeValidator",),
}


def leave_tensorflow_out() -> None:
    """Let Rasa be imported without TensorFlow, in this process.

    Raises:
        RuntimeError: Rasa or TensorFlow was imported before.
    """
    if {"rasa", "tensorflow", *REPLACED} & sys.modules.keys():
        raise RuntimeError("Rasa was imported too early: leave_tensorflow_out() comes first.")
    sys.modules["tensorflow"] = None  # type: ignore[assignment]  # Python's way to say: absent
    for name, contents in REPLACED.items():
        module = ModuleType(name, "Empty: see backstride.rasa.server.")
        for content in contents:
            setattr(module, content, type(content, (), {}))
        sys.modules[name] = module


def main() -> None:
    """Run Rasa with the arguments of this program."""
    leave_tensorflow_out()
    from rasa.__main__ import main as rasa

    import backstride.rasa.overrides  # noqa: F401 before a model is loaded

    rasa()


if __name__ == "__main__":
    main()
