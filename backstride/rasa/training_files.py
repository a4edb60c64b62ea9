"""Rasa importer: reads each training file once, with the fast YAML reader, and names any slip.

Rasa's own reads each file four times with a slow one, checks it against a schema with a slower one,
and compares all examples anew for each file. With ten thousand examples that is most of a training
in which little changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

from rasa.shared.core.training_data.story_reader.yaml_story_reader import KEY_RULES, KEY_STORIES
from rasa.shared.data import get_data_files, is_likely_yaml_file
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method

from backstride.content import ContentError, Entry, parse_entry, read_yaml, shown

_HYPHEN = "- "
_TEST_PREFIX = "test_"
_KINDS = ("nlu", "responses", KEY_STORIES, KEY_RULES)


class Examples(Entry):
    """The examples of one intent, one a line after a hyphen, and what holds for all of them."""

    intent: str
    metadata: dict[str, Any] | None
    examples: str


class ExampleFile(Entry):
    """A file in `data/nlu`."""

    version: str
    nlu: list[Examples]


class Example(Message):
    """A message that costs little to copy and to compare.

    In a training Rasa makes a dozen sets of all examples. Each copies them in full, writes each
    text again, stripped, and compares them by fingerprints, which a written message makes anew.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> Example:
        """One with containers of its own; what is in them is never changed in place."""
        copied = copy(self)
        copied.data = dict(self.data)
        copied.features = list(self.features)
        copied.output_properties = set(self.output_properties)
        return copied

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        """Set a value; the same text again changes nothing."""
        if add_to_output or not isinstance(info, str) or self.data.get(prop) != info:
            super().set(prop, info, add_to_output)


class TrainingFiles(RasaFileImporter):
    """What `data` holds: examples here, stories, rules and responses by Rasa's own readers."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        """Sort the files by what is in them.

        Raises:
            RasaException: a file is not YAML, or none of training; with file, line and cure.
        """
        super().__init__(config_file, domain_path)
        found = [Path(path) for path in get_data_files(training_data_paths, is_likely_yaml_file)]
        contents = {path: _read(path) for path in found}
        self._examples = {path: read for path, read in contents.items() if "nlu" in read}
        self._nlu_files = [str(path) for path, read in contents.items() if "responses" in read]
        self._story_files = [
            str(path) for path, read in contents.items() if {KEY_STORIES, KEY_RULES} & set(read)
        ]
        self._conversation_test_files = [
            path for path in self._story_files if Path(path).name.startswith(_TEST_PREFIX)
        ]

    @cached_method
    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples, in the order of the files' names, and the responses.

        Raises:
            RasaException: what is wrong in a file, with the cure.
        """
        try:
            examples = [
                example for path, read in self._examples.items() for example in _parse(path, read)
            ]
        except ContentError as error:
            raise RasaException(str(error)) from None
        return TrainingData(examples).merge(training_data_from_paths(self._nlu_files, language))


def _read(path: Path) -> dict[str, Any]:
    try:
        read = read_yaml(path)
    except ContentError as error:
        raise RasaException(str(error)) from None
    if not isinstance(read, dict):
        return {}
    if "version" in read and not read.keys() & set(_KINDS):  # other files of `data` have none
        raise RasaException(
            f"{shown(path)}: holds none of {', '.join(_KINDS)}. Correct the key beside 'version'."
        )
    return read


def _parse(path: Path, read: dict[str, Any]) -> Iterator[Example]:
    for block in parse_entry(read, ExampleFile, shown(path)).nlu:
        for line in block.examples.splitlines():
            if not line.startswith(_HYPHEN):
                raise ContentError(
                    f"{shown(path)}, intent {block.intent}: '{line}' does not begin with a hyphen"
                    " and a space, as each example does. Correct it."
                )
            text = line.removeprefix(_HYPHEN).strip()
            yield Example.build(text, block.intent, intent_metadata=block.metadata)
