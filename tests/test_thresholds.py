"""The thresholds of config.yml are those that the script measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.confusions import draw_confusions
from benchmarks.nlu import thresholds
from benchmarks.nlu.thresholds import CONFIG, Read, far_off, sharpness, stated, written

CONFIG_TEXT = """\
pipeline:
  - name: a
    sharpness: 1
    strange_below: 0.1
  - name: b
    threshold: 0.2
  - name: c
    unsure_below: 0.2
"""
MEASURED = {"sharpness": 17.5, "strange_below": 0.39, "threshold": 0.3, "unsure_below": 0.3}


def test_config_says_what_the_script_measures() -> None:
    assert thresholds.main(["--check"]) == 0


def test_every_threshold_stands_in_config_once() -> None:
    assert stated(CONFIG.read_text(encoding="utf-8")).keys() == MEASURED.keys()


def test_what_is_left_of_a_danger_sign_needs_as_much_confidence_as_anything_else() -> None:
    numbers = stated(CONFIG.read_text(encoding="utf-8"))
    assert numbers["unsure_below"] == numbers["threshold"]


def test_measured_numbers_are_written_and_read_again() -> None:
    text = written(CONFIG_TEXT, MEASURED)
    assert stated(text) == MEASURED
    assert far_off(MEASURED, text) == []
    assert far_off(MEASURED, CONFIG_TEXT) == list(MEASURED)


def test_a_number_that_config_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="'other' must stand there once"):
        written(CONFIG_TEXT, {"other": 1.0})


def _read(rights: int, of: int) -> Read:
    """Messages with the same two scores, `rights` of them with the first one accepted."""
    accepted = np.array([[i < rights, i >= rights] for i in range(of)])
    return Read(
        scores=np.tile(np.array([[0.5, 0.4]], dtype=np.float32), (of, 1)),
        nearness=np.linspace(0, 10, of),
        accepted=accepted,
        parts=np.array(["dev"] * of),
        in_scope=np.ones(of, dtype=bool),
        declined=1,
    )


def test_confidence_comes_to_the_share_that_was_right() -> None:
    for rights in (60, 75, 90):
        read = _read(rights, 100)
        confidence = read.confidences(sharpness(read))[0, 0]
        assert confidence == pytest.approx(rights / 100, abs=0.03)


def test_a_threshold_costs_at_most_one_in_two_hundred() -> None:
    read = _read(1000, 1000)
    below = read.nearness < thresholds.thresholds(read)["strange_below"]
    assert 0 < below.mean() <= thresholds.PRICE


def test_confusions_are_drawn(tmp_path: Path) -> None:
    for name, pairs in (("none", [("a", "a")]), ("some", [("a", "b"), ("a", "a"), ("c", "c")])):
        draw_confusions(pairs, tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
