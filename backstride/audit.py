"""Compare the known flaws of the locked packages with those that were accepted: `make audit`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from backstride.paths import ROOT

ACCEPTED = ROOT / "audit.yml"
_TOOL = ROOT / ".tools" / "bin" / "pip-audit"


@dataclass(frozen=True)
class Accepted:
    """A flaw that we live with, for a reason and for a while."""

    package: str
    id: str
    reason: str
    until: date


def load_accepted(path: Path = ACCEPTED) -> tuple[Accepted, ...]:
    """What `audit.yml` says.

    Raises:
        ValueError: an entry lacks something. It names the entry.
    """
    found = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        try:
            one = Accepted(**entry)
        except TypeError:
            raise ValueError(
                f"{path.name}: {entry} needs package, id, reason and until, and nothing else."
            ) from None
        if not isinstance(one.until, date) or not one.reason:
            raise ValueError(f"{path.name}: {one.id} needs a reason, and a day such as 2027-03-31.")
        found.append(one)
    return tuple(found)


def faults(report: dict[str, Any], accepted: Iterable[Accepted], today: date) -> Iterator[str]:
    """What is wrong with this report of pip-audit's.

    Args:
        report: its JSON.
        accepted: the flaws that may be there.
        today: the day that the acceptances are measured by.
    """
    known = {(one.package, one.id): one for one in accepted}
    unseen = [package["name"] for package in report["dependencies"] if "skip_reason" in package]
    if unseen:
        yield (
            f"{len(unseen)} packages could not be looked up, {unseen[0]} among them. This package"
            " index may have no list of flaws; run it where PyPI itself can be reached."
        )
    for package in report["dependencies"]:
        for flaw in package.get("vulns", ()):
            ids = [flaw["id"], *flaw["aliases"]]
            one = next(
                (known[package["name"], i] for i in ids if (package["name"], i) in known), None
            )
            where = f"{package['name']} {package['version']}: {' = '.join(ids)}"
            if one is None:
                fixed = ", ".join(flaw["fix_versions"]) or "no version"
                yield f"{where}, fixed in {fixed}. Update it, or accept it in {ACCEPTED.name}."
            elif one.until < today:
                yield f"{where} was accepted until {one.until}. Look at it again."


def main() -> int:
    """Run pip-audit and print the faults; the exit code."""
    command = [str(_TOOL), "--requirement", "requirements.lock", "--require-hashes"]
    told = subprocess.run(
        [*command, "--disable-pip", "--format", "json", "--progress-spinner", "off"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if not told.stdout.strip():
        print(told.stderr, file=sys.stderr)
        return 1
    found = list(faults(json.loads(told.stdout), load_accepted(), date.today()))  # noqa: DTZ011
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
