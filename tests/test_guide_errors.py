"""A slip of a content writer anywhere in the guide names its file, its key and its cure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from backstride.content import ContentError
from backstride.guide import PART_CHARS, SHORT_ANSWER_CHARS, TITLE_CHARS, load_guide
from backstride.wording import load_wording

Change = Callable[[dict[str, Any]], Any]
TOPIC = "topics/heat_or_ice.yml"
EXERCISE = "exercises/side_plank.yml"


def edit(path: Path, change: Change) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_guide.__wrapped__(folder)  # not the cached guide
    return str(caught.value).splitlines()


def faults_after(folder: Path, file: str, change: Change) -> list[str]:
    edit(folder / file, change)
    return faults_of(folder)


def says(faults: list[str], *words: str) -> bool:
    """Whether one line has all of these words."""
    return any(all(word in line for word in words) for line in faults)


def test_an_unbroken_copy_of_the_guide_has_no_fault(guide_folder: Path) -> None:
    edit(guide_folder / TOPIC, lambda topic: None)
    assert load_guide.__wrapped__(guide_folder) == load_guide()


@pytest.mark.parametrize(
    ("change", "key", "cure"),
    [
        pytest.param(lambda t: t.update(titel="x"), "titel", "Known keys: id, title", id="unknown"),
        pytest.param(
            lambda t: t["short"].update(txet="x"), "short.txet", "Correct its spelling", id="nested"
        ),
        pytest.param(
            lambda t: t["parts"]["why"].update(source=["SEED"]),
            "parts.why.source",
            "Correct its spelling",
            id="nested in a part",
        ),
        pytest.param(
            lambda t: t["parts"].update(how_oft=t["parts"].pop("how_often")),
            "unknown part 'how_oft'",
            "Known parts: how, why, how_often",
            id="unknown part",
        ),
        pytest.param(lambda t: t.pop("title"), "title", "is missing. Add it", id="missing key"),
        pytest.param(lambda t: t["parts"].pop("why"), "'why'", "Add it", id="missing why"),
        pytest.param(lambda t: t["parts"].pop("evidence"), "'evidence'", "Add it", id="no proof"),
        pytest.param(
            lambda t: t["parts"]["how"].pop("sources"),
            "parts.how.sources",
            "Add it",
            id="missing sources",
        ),
        pytest.param(
            lambda t: t["short"].update(sources=[]), "short.sources", "Add some", id="no sources"
        ),
        pytest.param(
            lambda t: t.update(exercises="squat"), "exercises", "wrong kind of value", id="no list"
        ),
        pytest.param(
            lambda t: t.update(checks_red_flags="perhaps"),
            "checks_red_flags",
            "wrong kind of value",
            id="no yes or no",
        ),
        pytest.param(
            lambda t: t.update(evidence="sure"), "evidence", "permitted: 'strong'", id="strength"
        ),
        pytest.param(lambda t: t.update(asks="vet"), "asks", "permitted: 'doctor'", id="whom"),
        pytest.param(
            lambda t: t.update(related=["mobility"]), "related", "at least 2", id="too few related"
        ),
        pytest.param(
            lambda t: t["related"].append(t["related"][0]), "related", "Remove one", id="double"
        ),
        pytest.param(lambda t: t.pop("reviewed"), "reviewed", "Add it", id="no review"),
        pytest.param(
            lambda t: t["short"].update(text=" "), "short.text", "Fill it in", id="empty text"
        ),
        pytest.param(lambda t: t.update(title=None), "title", "Fill it in", id="nothing"),
        pytest.param(
            lambda t: t.update(reviewed=date(2024, 5, 1)), "reviewed", "in quotes", id="date"
        ),
        pytest.param(
            lambda t: t["short"].update(text="x" * (SHORT_ANSWER_CHARS + 1)),
            f"{SHORT_ANSWER_CHARS} are allowed",
            "Shorten it",
            id="short answer too long",
        ),
        pytest.param(
            lambda t: t["parts"]["how"].update(text="x" * (PART_CHARS + 1)),
            "the part 'how'",
            "Shorten it",
            id="part too long",
        ),
        pytest.param(
            lambda t: t.update(title="x" * (TITLE_CHARS + 1)),
            "title",
            f"at most {TITLE_CHARS} characters",
            id="title too long",
        ),
    ],
)
def test_a_faulty_topic_names_file_key_and_cure(
    guide_folder: Path, change: Change, key: str, cure: str
) -> None:
    assert says(faults_after(guide_folder, TOPIC, change), TOPIC, key, cure)


@pytest.mark.parametrize(
    ("change", "key", "cure"),
    [
        pytest.param(lambda e: e.update(stepps=[]), "stepps", "Known keys", id="unknown key"),
        pytest.param(lambda e: e.pop("stop_if"), "stop_if", "Add it", id="missing key"),
        pytest.param(lambda e: e.update(steps=["Lie down."]), "steps", "at least 2", id="one step"),
        pytest.param(lambda e: e.update(sources=[]), "sources", "Add some", id="no sources"),
        pytest.param(lambda e: e.pop("reviewed"), "reviewed", "Add it", id="no review"),
        pytest.param(lambda e: e.update(dose="x" * 451), "dose", "at most", id="text too long"),
        pytest.param(
            lambda e: e.update(steps=["x" * 300] * 2), "steps", "Shorten them", id="long steps"
        ),
        pytest.param(lambda e: e.update(name="x" * 25), "name", "at most", id="name too long"),
    ],
)
def test_a_faulty_exercise_names_file_key_and_cure(
    guide_folder: Path, change: Change, key: str, cure: str
) -> None:
    assert says(faults_after(guide_folder, EXERCISE, change), EXERCISE, key, cure)


@pytest.mark.parametrize(
    ("file", "change", "key"),
    [
        (TOPIC, lambda t: t["short"].update(sources=["NOWHERE"]), "short.sources"),
        (TOPIC, lambda t: t["parts"]["how"].update(sources=["NOWHERE"]), "parts.how.sources"),
        (TOPIC, lambda t: t.update(exercises=["NOWHERE"]), "exercises"),
        (TOPIC, lambda t: t.update(myths=["NOWHERE"]), "myths"),
        (TOPIC, lambda t: t["related"].append("NOWHERE"), "related"),
        (EXERCISE, lambda e: e.update(sources=["NOWHERE"]), "sources"),
        (EXERCISE, lambda e: e.update(topic="NOWHERE"), "topic"),
        ("myths.yml", lambda m: m["myths"][0].update(sources=["NOWHERE"]), "M1: sources"),
        ("myths.yml", lambda m: m["myths"][0].update(topic="NOWHERE"), "M1: topic"),
    ],
)
def test_a_link_that_leads_nowhere_is_named(
    guide_folder: Path, file: str, change: Change, key: str
) -> None:
    faults = faults_after(guide_folder, file, change)
    assert says(faults, file, f"{key}: 'NOWHERE' does not exist", "correct the spelling")


def test_every_dangling_link_is_reported_at_once(guide_folder: Path) -> None:
    edit(guide_folder / EXERCISE, lambda e: e.update(sources=["NOWHERE"]))
    faults = faults_after(guide_folder, TOPIC, lambda t: t.update(myths=["M0"], exercises=["rest"]))
    assert len(faults) == 3


def test_a_removed_topic_is_named_by_each_file_that_links_to_it(guide_folder: Path) -> None:
    (guide_folder / TOPIC).unlink()
    faults = faults_of(guide_folder)
    assert says(faults, "topics/medication.yml", "related", "'heat_or_ice' does not exist")
    assert says(faults, "myths.yml", "M11", "'heat_or_ice' does not exist")


def test_a_topic_can_not_be_related_to_itself(guide_folder: Path) -> None:
    faults = faults_after(guide_folder, TOPIC, lambda t: t["related"].append("heat_or_ice"))
    assert says(faults, TOPIC, "related", "Remove 'heat_or_ice'")


def test_an_id_that_differs_from_the_name_of_its_file_is_rejected(guide_folder: Path) -> None:
    faults = faults_after(guide_folder, TOPIC, lambda t: t.update(id="cold_or_ice"))
    assert says(faults, TOPIC, "'cold_or_ice'", "Give both the same name")


@pytest.mark.parametrize("file", [TOPIC, EXERCISE, "myths.yml", "sources.yml"])
def test_a_key_that_stands_twice_is_rejected(guide_folder: Path, file: str) -> None:
    path = guide_folder / file
    first = next(key for key in yaml.safe_load(path.read_text(encoding="utf-8")))
    with path.open("a", encoding="utf-8") as end:
        end.write(f"\n{first}: again\n")
    assert says(faults_of(guide_folder), file, f"'{first}' stands twice", "Correct the YAML")


def test_a_myth_id_that_is_used_twice_is_rejected(guide_folder: Path) -> None:
    faults = faults_after(guide_folder, "myths.yml", lambda m: m["myths"].append(m["myths"][0]))
    assert says(faults, "myths.yml", "'M1' is used twice", "Rename one")


@pytest.mark.parametrize("file", [TOPIC, EXERCISE, "myths.yml", "sources.yml"])
def test_broken_yaml_is_named_with_its_line(guide_folder: Path, file: str) -> None:
    (guide_folder / file).write_text("id: x\ntitle: Heat: or ice", encoding="utf-8")
    assert says(faults_of(guide_folder), file, "line 2", "Correct the YAML there")


@pytest.mark.parametrize("file", ["myths.yml", "sources.yml"])
def test_a_missing_list_is_named(guide_folder: Path, file: str) -> None:
    (guide_folder / file).unlink()
    assert says(faults_of(guide_folder), file, "the file is missing. Restore it")


@pytest.mark.parametrize("folder", ["topics", "exercises"])
def test_an_empty_folder_is_named(guide_folder: Path, folder: str) -> None:
    for path in (guide_folder / folder).iterdir():
        path.unlink()
    assert says(faults_of(guide_folder), folder, "holds no entry. Restore it")


@pytest.mark.parametrize("key", ["myths", "sources"])
def test_a_list_under_another_key_is_rejected(guide_folder: Path, key: str) -> None:
    (guide_folder / f"{key}.yml").write_text("entries: []", encoding="utf-8")
    assert says(faults_of(guide_folder), f"{key}.yml", f"expected one key, '{key}'")


@pytest.mark.parametrize("key", ["myths", "sources"])
def test_a_list_without_entries_is_rejected(guide_folder: Path, key: str) -> None:
    (guide_folder / f"{key}.yml").write_text(f"{key}:\n", encoding="utf-8")
    assert says(faults_of(guide_folder), f"{key}.yml", key, "Add them")


@pytest.mark.parametrize(
    ("file", "change", "entry"),
    [
        ("myths.yml", lambda m: m["myths"][2].pop("why"), "M3"),
        ("myths.yml", lambda m: m["myths"][2].pop("id"), "entry 3"),
        ("sources.yml", lambda s: s["sources"]["BELAVY"].pop("name"), "BELAVY"),
        ("sources.yml", lambda s: s["sources"].update(BELAVY=None), "BELAVY"),
    ],
    ids=["myth", "myth without id", "source", "source without keys"],
)
def test_a_fault_within_a_list_names_its_entry(
    guide_folder: Path, file: str, change: Change, entry: str
) -> None:
    assert says(faults_after(guide_folder, file, change), file, entry, "Add it")


def wording_faults(folder: Path, change: Change) -> list[str]:
    edit(folder / "wording.yml", change)
    with pytest.raises(ContentError) as caught:
        load_wording.__wrapped__(folder / "wording.yml")
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("change", "key", "cure"),
    [
        pytest.param(lambda w: w.pop("all_said"), "all_said", "Add it", id="missing key"),
        pytest.param(lambda w: w.update(al_said="x"), "al_said", "Known keys", id="unknown key"),
        pytest.param(
            lambda w: w["evidence"].pop("limited"), "evidence: limited", "Add a line", id="strength"
        ),
        pytest.param(
            lambda w: w["disclaimers"].update(doctor=["Ask a doctor."]),
            "disclaimers.doctor",
            "at least 2",
            id="one disclaimer",
        ),
        pytest.param(
            lambda w: w["parts"]["why"].update(title="x" * 25),
            "parts.why.title",
            "at most",
            id="title",
        ),
    ],
)
def test_faulty_wording_names_file_key_and_cure(
    guide_folder: Path, change: Change, key: str, cure: str
) -> None:
    assert says(wording_faults(guide_folder, change), "wording.yml", key, cure)


@pytest.mark.parametrize(
    ("change", "key", "cure"),
    [
        pytest.param(
            lambda w: w["professionals"].pop("midwife"),
            "professionals: midwife",
            "Add a line",
            id="missing professional",
        ),
        pytest.param(
            lambda w: w["parts"].pop("how"), "parts: how", "Add a line", id="missing part"
        ),
        pytest.param(
            lambda w: w["parts"].update(how_oft=w["parts"].pop("how_often")),
            "parts: how_oft is unknown",
            "Known keys: how, why, how_often",
            id="misspelt part",
        ),
        pytest.param(
            lambda w: w.update(all_said="That is all on {titel}."),
            "all_said: 'That is all on {titel}.'",
            "Known here: {title}",
            id="misspelt placeholder",
        ),
        pytest.param(
            lambda w: w["disclaimers"]["doctor"].append("Ask a {profesional}."),
            "disclaimers.doctor",
            "Known here: {professional}",
            id="misspelt placeholder in a list",
        ),
        pytest.param(
            lambda w: w["show_exercise"].append("how to {exercise}"),
            "show_exercise",
            "Known here: {name}",
            id="misspelt placeholder in a phrase",
        ),
        pytest.param(
            lambda w: w.update(what_next="What next, {name}?"),
            "what_next",
            "Known here: none",
            id="placeholder where nothing is filled in",
        ),
        pytest.param(
            lambda w: w.update(source_line="Source: {sources"),
            "source_line",
            "Correct its spelling",
            id="open brace",
        ),
        pytest.param(lambda w: w.update(no_text=" "), "no_text", "Fill it in", id="empty"),
        pytest.param(
            lambda w: w.update(no_text="x" * 1001), "no_text", "Shorten it", id="too long"
        ),
    ],
)
def test_wording_that_would_fail_in_a_conversation_is_rejected(
    guide_folder: Path, change: Change, key: str, cure: str
) -> None:
    assert says(wording_faults(guide_folder, change), "wording.yml", key, cure)
