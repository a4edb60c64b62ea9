"""No text of a person reaches a log, whichever library would log it."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from backstride.logs import redacted, withhold_texts
from backstride.paths import ROOT

SAID = "my saddle is numb, call me on 0151 496 0123 or jo.runner@example.org"


@contextmanager
def logged(log_text: str) -> Iterator[io.StringIO]:
    """What handlers write while texts are withheld; the state before is put back."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    factory, level = logging.getLogRecordFactory(), logging.root.level
    processors = structlog.get_config()["processors"]
    before = list(processors)
    configured = structlog.get_config()["logger_factory"]
    structlog.configure(logger_factory=structlog.stdlib.LoggerFactory())
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.DEBUG)
    try:
        withhold_texts(log_text)  # type: ignore[arg-type]
        yield out
    finally:
        logging.setLogRecordFactory(factory)
        logging.captureWarnings(False)
        logging.root.setLevel(level)
        logging.root.removeHandler(handler)
        processors[:] = before
        structlog.configure(logger_factory=configured)


def speak() -> None:
    """What libraries do with what they handle."""
    library = logging.getLogger("some.library")
    library.debug(f"received {SAID}")
    library.warning("received %s", SAID)
    library.info("%(text)s", {"text": SAID})
    warnings.warn(f"Failed to parse {SAID}", stacklevel=1)
    try:
        raise ValueError(SAID)
    except ValueError as error:
        text = SAID  # a variable, as a traceback with variables shows it
        library.exception("failed on %s", text)
        logging.getLogger("backstride.own").error("A turn failed", exc_info=error)
        structlog.get_logger("some.library").exception("failed.badly", text=text, count=3)
    structlog.get_logger("some.library").info(SAID, user=[SAID])
    structlog.get_logger("some.library").info("a.b", slot_values={"sign": SAID}, known=True)


def test_texts_are_withheld_and_the_rest_is_kept() -> None:
    with logged("") as out:
        speak()
    told = out.getvalue()
    for word in ("saddle", "0151", "0123", "jo.runner", "example.org"):
        assert word not in told
    assert "Text withheld: some.library, test_logs:" in told
    assert "[ValueError in speak:" in told
    assert "A turn failed [ValueError in" in told
    assert "failed.badly" in told
    assert "count=3" in told or '"count": 3' in told


def test_when_switched_on_texts_are_redacted() -> None:
    with logged("redacted") as out:
        speak()
    told = out.getvalue()
    assert "saddle" in told
    assert "[number]" in told
    for word in ("0151", "496", "0123", "jo.runner", "example.org"):
        assert word not in told


def test_a_second_call_changes_the_mode_and_stacks_nothing() -> None:
    with logged("redacted"):
        withhold_texts("")
        first = logging.getLogRecordFactory()
        withhold_texts("")
        assert logging.getLogRecordFactory().original is first.original  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("mail a.b+c@mail.example.co", "mail [mail]"),
        ("ring +44 (0)151-496-0123 now", "ring [number] now"),
        ("born 12345", "born [number]"),
        ("see https://example.org/?me=jo", "see [link]"),
        ("I am @jo_runs on it", "I am [name] on it"),
        ("id 9f86d081884c7d65", "id [id]"),
        ("42 years, 10 km, week 3", "42 years, 10 km, week 3"),
    ],
)
def test_what_points_to_a_person_is_taken_out(text: str, left: str) -> None:
    assert redacted(text) == left


def test_the_module_needs_no_rasa() -> None:
    code = "import sys, backstride.logs; sys.exit('rasa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
