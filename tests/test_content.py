"""Reading one content file: each fault names file, key and cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from backstride.content import ContentError, Entry, at_least, read_entry, read_yaml, shown
from backstride.paths import ROOT


class Animal(Entry):
    name: str
    legs: int
    sounds: tuple[str, ...]

    _heard = at_least(1, "sounds")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dog.yml"


def read(file: Path, text: str) -> Animal:
    file.write_text(text, encoding="utf-8")
    return read_entry(file, Animal)


def fault_of(file: Path, text: str) -> str:
    with pytest.raises(ContentError) as caught:
        read(file, text)
    return str(caught.value)


def test_a_sound_file_is_read_without_the_white_space_around_its_texts(file: Path) -> None:
    dog = read(file, "name: ' Rex '\nlegs: 4\nsounds: [wuff, 'grr ']\n")
    assert dog == Animal(name="Rex", legs=4, sounds=("wuff", "grr"))


def test_an_entry_can_not_be_changed_once_it_is_read(file: Path) -> None:
    dog = read(file, "{name: Rex, legs: 4, sounds: [wuff]}")
    with pytest.raises(TypeError):
        dog.name = "Bello"


@pytest.mark.parametrize(
    ("text", "key", "cure"),
    [
        ("{name: Rex, legs: 4, sounds: [wuff], tial: 1}", "tial", "Known keys: name, legs, sounds"),
        ("{legs: 4, sounds: [wuff]}", "name", "is missing. Add it"),
        ("{name: Rex, legs: four, sounds: [wuff]}", "legs", "wrong kind of value"),
        ("{name: Rex, legs: 4, sounds: wuff}", "sounds", "wrong kind of value"),
        ("{name: Rex, legs: 4, sounds: []}", "sounds", "at least 1 are needed. Add some"),
        ("name: Rex\nname: Bello", "'name' stands twice", "line 2"),
        ("name: {en: Rex,\n  en: Bello}", "'en' stands twice", "Correct the YAML there"),
        ("name: Rex\n[a]: b", "line 2", "Correct the YAML there"),
        ("born: 2024-02-30", "day is out of range", "Correct the date"),
        ("name: Rex\nlegs: 4: 5", "line 2", "Correct the YAML there"),
        ("", "expected keys and values", "Start with"),
        ("- Rex", "expected keys and values", "Start with"),
    ],
    ids=[
        "unknown key",
        "missing key",
        "word for a number",
        "word for a list",
        "too few items",
        "key twice",
        "key twice within a key",
        "list as a key",
        "no such date",
        "broken YAML",
        "empty file",
        "list for keys",
    ],
)
def test_a_fault_names_file_key_and_cure(file: Path, text: str, key: str, cure: str) -> None:
    message = fault_of(file, text)
    assert str(file) in message
    assert key in message
    assert cure in message


def test_each_fault_of_a_file_has_a_line_of_its_own(file: Path) -> None:
    lines = fault_of(file, "{legs: four, wings: 0, sounds: [wuff]}").splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{file}: ") for line in lines)


def test_a_missing_file_is_named_with_a_cure(file: Path) -> None:
    with pytest.raises(ContentError, match=r"dog\.yml: the file is missing\. Restore it"):
        read_yaml(file)


def test_a_file_of_the_project_is_named_from_its_top_folder(tmp_path: Path) -> None:
    assert shown(ROOT / "guide" / "myths.yml") == "guide/myths.yml"
    assert shown(tmp_path) == str(tmp_path)


@pytest.mark.parametrize(
    ("content", "cure"),
    [
        (b"legs: 4\nname: Rex\xe9", "Save the file as UTF-8"),
        ("legs: 4 # Füße\nname: Rex\x07".encode(), "Remove it"),
    ],
    ids=["not UTF-8", "control character"],
)
def test_a_file_with_unreadable_characters_is_named(file: Path, content: bytes, cure: str) -> None:
    file.write_bytes(content)
    with pytest.raises(ContentError, match=rf"dog\.yml, line 2: .*{cure}"):
        read_yaml(file)
