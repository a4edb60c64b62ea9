"""The server runs Rasa without TensorFlow, and Rasa is still as that expects."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from backstride.rasa.server import REPLACED, leave_tensorflow_out

LOAD_ALL_OF_IT = """
import sys
from backstride.rasa.server import leave_tensorflow_out
leave_tensorflow_out()
import rasa.__main__, rasa.core.run, rasa.server, spacy
import backstride.rasa.classifier, backstride.rasa.danger_signs, backstride.rasa.safety_policy
import backstride.rasa.slack, backstride.rasa.telegram, backstride.rasa.web
assert sys.modules["tensorflow"] is None
assert not {"sklearn", "scipy.stats", "boto3"} & sys.modules.keys()
print(len([name for name in sys.modules if name.startswith(("tensorflow.", "keras"))]))
"""


def test_a_server_imports_nothing_of_tensorflow() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOAD_ALL_OF_IT], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "0\n", done.stderr


@pytest.mark.parametrize("name", REPLACED)
def test_what_is_replaced_is_still_where_it_was(name: str) -> None:
    module = importlib.import_module(name)
    assert all(callable(getattr(module, content)) for content in REPLACED[name])


def test_it_must_come_before_rasa() -> None:
    import rasa  # noqa: F401

    with pytest.raises(RuntimeError, match="too early"):
        leave_tensorflow_out()
