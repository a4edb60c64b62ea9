"""Known flaws of packages are accepted one by one, with a reason, for a while."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backstride import audit
from backstride.audit import Accepted, NotReached, load_accepted, npm_faults, python_faults

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
    assert not list(python_faults(report(one=["PYSEC-7", "CVE-1"]), ACCEPTED, TODAY))


def test_a_flaw_of_another_package_or_number_is_a_fault() -> None:
    assert "two 1.0: CVE-1, fixed in 1.1" in next(
        python_faults(report(two=["CVE-1"]), ACCEPTED, TODAY)
    )
    assert "CVE-2" in next(python_faults(report(one=["CVE-2"]), ACCEPTED, TODAY))


def test_an_acceptance_ends_on_its_day() -> None:
    told = next(python_faults(report(one=["CVE-1"]), ACCEPTED, date(2027, 1, 1)))
    assert "accepted until 2026-12-31" in told


def test_a_package_that_was_not_looked_up_is_a_fault() -> None:
    skipped = report(one=["CVE-1"])
    skipped["dependencies"].append({"name": "three", "skip_reason": "not found"})
    told = list(python_faults(skipped, ACCEPTED, TODAY))
    assert told == ["1 Python packages could not be looked up, three among them."]


def test_an_index_without_a_list_is_told_apart_from_packages_without_flaws() -> None:
    skipped = {"dependencies": [{"name": "three", "skip_reason": "not found"}]}
    with pytest.raises(NotReached, match="no list of flaws"):
        list(python_faults(skipped, ACCEPTED, TODAY))


# As npm 10 prints it, shortened.
NPM = {
    "auditReportVersion": 2,
    "vulnerabilities": {
        "ws": {
            "name": "ws",
            "severity": "high",
            "isDirect": False,
            "via": [
                {
                    "source": 1098392,
                    "name": "ws",
                    "dependency": "ws",
                    "title": "ws affected by a DoS when handling a request with many HTTP headers",
                    "url": "https://github.com/advisories/GHSA-3h5v-q93c-6h6q",
                    "severity": "high",
                    "range": ">=8.0.0 <8.17.1",
                }
            ],
            "effects": ["engine.io-client"],
            "range": "8.0.0 - 8.17.0",
            "nodes": ["node_modules/ws"],
            "fixAvailable": True,
        },
        "engine.io-client": {
            "name": "engine.io-client",
            "severity": "high",
            "isDirect": False,
            "via": ["ws"],
            "effects": [],
            "range": "0.7.0 || 6.0.0 - 6.5.3",
            "nodes": ["node_modules/engine.io-client"],
            "fixAvailable": True,
        },
    },
    "metadata": {"vulnerabilities": {"high": 2, "total": 2}},
}


def test_a_flaw_of_the_chat_is_a_fault_once_and_not_when_it_is_accepted() -> None:
    (told,) = npm_faults(NPM, ACCEPTED, TODAY)
    assert told.startswith("ws >=8.0.0 <8.17.1: GHSA-3h5v-q93c-6h6q, fixed in a version that")
    known = Accepted("ws", "GHSA-3h5v-q93c-6h6q", "because", date(2026, 12, 31))
    assert not list(npm_faults(NPM, [known], TODAY))
    assert "accepted until" in next(npm_faults(NPM, [known], date(2027, 1, 1)))


def test_a_registry_without_a_list_is_told_apart_from_packages_without_flaws() -> None:
    refused = {"message": "405 Method Not Allowed", "statusCode": 405, "error": {"summary": ""}}
    with pytest.raises(NotReached, match="405 Method Not Allowed"):
        list(npm_faults(refused, ACCEPTED, TODAY))
    clean = {"auditReportVersion": 2, "vulnerabilities": {}}
    assert not list(npm_faults(clean, ACCEPTED, TODAY))


@pytest.mark.parametrize(
    ("python", "npm", "always", "if_reachable"),
    [
        ({"dependencies": [{"name": "one", "version": "1.0", "vulns": []}]}, {}, 1, 0),
        ({"dependencies": [{"name": "one", "skip_reason": "none"}]}, {"vulnerabilities": {}}, 1, 0),
        ("Could not connect", "", 1, 0),
        ({"dependencies": [{"name": "one", "skip_reason": "none"}]}, NPM, 1, 1),
        (report(one=["CVE-1"]), {"vulnerabilities": {}}, 0, 0),
    ],
)
def test_what_can_not_be_looked_up_is_a_fault_of_make_audit_only(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    python: Any,
    npm: Any,
    always: int,
    if_reachable: int,
) -> None:
    for name, answer in (("_PYTHON", python), ("_NPM", npm)):
        text = answer if isinstance(answer, str) else json.dumps(answer)
        monkeypatch.setattr(audit, name, [sys.executable, "-c", f"print({text!r})"])
    known = [Accepted("one", "CVE-1", "because", date.max)]
    monkeypatch.setattr(audit, "load_accepted", lambda: known)
    assert audit.main([]) == always
    told = capsys.readouterr().out
    assert audit.main(["--if-reachable"]) == if_reachable
    assert ("could not be looked up" in told) == bool(always)


def test_the_accepted_flaws_have_reasons_and_days() -> None:
    assert all(len(one.reason) > 20 for one in load_accepted())
    assert all(one.until <= date(2027, 6, 30) for one in load_accepted())


def test_an_entry_without_a_day_is_named(tmp_path: Path) -> None:
    (tmp_path / "audit.yml").write_text("- {package: a, id: CVE-9, reason: because}\n")
    with pytest.raises(ValueError, match="CVE-9"):
        load_accepted(tmp_path / "audit.yml")
