"""Known flaws of packages are accepted one by one, with a reason, for a while."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backstride.audit import Accepted, faults, load_accepted

TODAY = date(2026, 12, 1)
ACCEPTED = (Accepted("one", "CVE-1", "because", date(2026, 12, 31)),)


def report(**vulns: list[str]) -> dict[str, Any]:
    return {
        "dependencies": [
            {
                "name": name,
                "version": "1.0",
                "vulns": [{"id": ids[0], "aliases": ids[1:], "fix_versions": ["1.1"]}],
            }
            for name, ids in vulns.items()
        ]
    }


def test_an_accepted_flaw_is_no_fault_by_any_of_its_names() -> None:
    assert not list(faults(report(one=["PYSEC-7", "CVE-1"]), ACCEPTED, TODAY))


def test_a_flaw_of_another_package_or_number_is_a_fault() -> None:
    assert "two 1.0: CVE-1, fixed in 1.1" in next(faults(report(two=["CVE-1"]), ACCEPTED, TODAY))
    assert "CVE-2" in next(faults(report(one=["CVE-2"]), ACCEPTED, TODAY))


def test_an_acceptance_ends_on_its_day() -> None:
    told = next(faults(report(one=["CVE-1"]), ACCEPTED, date(2027, 1, 1)))
    assert "accepted until 2026-12-31" in told


def test_a_package_that_was_not_looked_up_is_a_fault() -> None:
    skipped = {"dependencies": [{"name": "three", "skip_reason": "not found"}]}
    assert "1 packages could not be looked up, three" in next(faults(skipped, ACCEPTED, TODAY))


def test_the_accepted_flaws_have_reasons_and_days() -> None:
    assert all(len(one.reason) > 20 for one in load_accepted())
    assert all(one.until <= date(2027, 6, 30) for one in load_accepted())


def test_an_entry_without_a_day_is_named(tmp_path: Path) -> None:
    (tmp_path / "audit.yml").write_text("- {package: a, id: CVE-9, reason: because}\n")
    with pytest.raises(ValueError, match="CVE-9"):
        load_accepted(tmp_path / "audit.yml")
