"""The training files are read as Rasa reads them, and what is wrong in one is named."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter

from backstride.paths import DATA, ROOT
from backstride.rasa.training_files import Example, TrainingFiles

GOOD = """version: "3.1"
nlu:
  - intent: greet
    metadata:
      mood: good
    examples: |
      - hello  there
      - what's up: all well?

  - intent: thank
    examples: |
      - ta
"""


def files(folder: Path, text: str = GOOD) -> TrainingFiles:
    (folder / "file.yml").write_text(text, encoding="utf-8")
    return TrainingFiles(training_data_paths=str(folder))


def test_it_is_the_importer_that_training_uses() -> None:
    importer = TrainingDataImporter.load_from_config(str(ROOT / "config.yml"))
    assert "TrainingFiles" in str(importer.importer._importer._importers)


def test_all_of_the_data_is_read_as_rasa_reads_it() -> None:
    given = (str(ROOT / "config.yml"), str(ROOT / "domain.yml"), str(DATA))
    ours, rasas = TrainingFiles(*given), RasaFileImporter(*given)
    assert ours.get_nlu_data().fingerprint() == rasas.get_nlu_data().fingerprint()
    assert ours.get_nlu_data().responses == rasas.get_nlu_data().responses != {}
    assert ours.get_stories().fingerprint() == rasas.get_stories().fingerprint()
    assert ours.get_stories().story_steps
    assert ours.get_domain().fingerprint() == rasas.get_domain().fingerprint()


def test_examples_keep_their_words_and_what_holds_for_their_intent(tmp_path: Path) -> None:
    examples = files(tmp_path).get_nlu_data().training_examples
    assert [(m.get("text"), m.get("intent")) for m in examples] == [
        ("hello  there", "greet"),
        ("what's up: all well?", "greet"),
        ("ta", "thank"),
    ]
    assert examples[1].get("metadata") == {"intent": {"mood": "good"}}


def test_conversations_to_test_with_are_told_from_those_to_learn(tmp_path: Path) -> None:
    story = (
        'version: "3.1"\nstories:\n- story: hello\n  steps:\n'
        "  - intent: greet\n  - action: action_listen\n"
    )
    (tmp_path / "test_hello.yml").write_text(story, encoding="utf-8")
    (tmp_path / "hello.yml").write_text(story, encoding="utf-8")
    read = files(tmp_path)
    assert len(read.get_stories().story_steps) == 2
    assert len(read.get_conversation_tests().story_steps) == 1


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("examples: |\n      - ta", "exmaples: |\n      - ta", "nlu.1.exmaples: unknown key"),
        ("      - ta", "      ta", "intent thank: 'ta' does not begin with a hyphen"),
        ("      - ta", "      -ta", "intent thank: '-ta' does not begin with a hyphen"),
        ("      - ta", "", "nlu.1.examples: is empty. Fill it in"),
        ("intent: thank", "intent: [thank]", "nlu.1.intent: is not read as a text"),
        ("nlu:", "nlu: [", "Correct the YAML there"),
        ('version: "3.1"', "", "version: is missing. Add it"),
        ("nlu:", "nul:", "holds none of nlu, responses, stories, rules"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    assert right in GOOD
    with pytest.raises(RasaException, match=r"file\.yml") as told:
        files(tmp_path, GOOD.replace(right, wrong)).get_nlu_data()
    assert said in str(told.value)


def test_a_copy_of_an_example_has_a_life_of_its_own() -> None:
    example = Example.build("ta", "thank")
    before = example.fingerprint()
    copied = deepcopy(example)
    assert copied == example
    copied.set("text", "thanks", add_to_output=True)
    copied.add_features("features")
    assert example.get("text") == "ta"
    assert example.features == []
    assert example.fingerprint() == before != copied.fingerprint()


def test_the_same_text_again_is_no_change_and_another_is() -> None:
    example = Example.build("ta", "thank")
    before = example.fingerprint()
    example.set("text", "ta")
    assert example._cached_fingerprint == before
    example.set("text", "thanks")
    assert example.get("text") == "thanks"
    assert example.fingerprint() != before
