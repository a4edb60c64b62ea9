"""Compare the known flaws of the locked packages with those that were accepted: `make audit`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from backstride.paths import ROOT

ACCEPTED = ROOT / "audit.yml"
_PYTHON = [
    *(str(ROOT / ".tools" / "bin" / "pip-audit"), "--requirement", "requirements.lock"),
    *("--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"),
]
# The packages of the chat, and those that it is built with.
_NPM = [str(ROOT / "web" / "npm"), "audit", "--json", "--fetch-timeout=20000", "--fetch-retries=1"]


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


class NotReached(Exception):
    """The list of known flaws could not be fetched. The message says what was asked, and why."""


def python_faults(
    report: dict[str, Any], accepted: Iterable[Accepted], today: date
) -> Iterator[str]:
    """What is wrong with this report of pip-audit's.

    Args:
        report: its JSON.
        accepted: the flaws that may be there.
        today: the day that the acceptances are measured by.

    Raises:
        NotReached: it says nothing about any package.
    """
    packages = report["dependencies"]
    unseen = [package["name"] for package in packages if "skip_reason" in package]
    if len(unseen) == len(packages):
        raise NotReached("PyPI: this package index has no list of flaws")
    if unseen:
        yield f"{len(unseen)} Python packages could not be looked up, {unseen[0]} among them."
    for package in packages:
        for flaw in package.get("vulns", ()):
            yield from _judged(
                package["name"],
                package["version"],
                [flaw["id"], *flaw["aliases"]],
                ", ".join(flaw["fix_versions"]) or "no version",
                accepted,
                today,
            )


def npm_faults(report: dict[str, Any], accepted: Iterable[Accepted], today: date) -> Iterator[str]:
    """What is wrong with this report of `npm audit`.

    Args:
        report: its JSON.
        accepted: the flaws that may be there.
        today: the day that the acceptances are measured by.

    Raises:
        NotReached: it is the report of a failure.
    """
    if "vulnerabilities" not in report:
        raise NotReached(f"npm: {report.get('message') or 'the registry has no list of flaws'}")
    seen: set[str] = set()
    for package in report["vulnerabilities"].values():
        for flaw in package["via"]:
            # A name stands for a flaw of that package, which is listed itself.
            if isinstance(flaw, str) or flaw["url"] in seen:
                continue
            seen.add(flaw["url"])
            fixed = package["fixAvailable"]
            yield from _judged(
                flaw["name"],
                flaw["range"],
                [flaw["url"].rsplit("/", 1)[-1]],
                "a version that 'npm audit fix' takes" if fixed else "no version",
                accepted,
                today,
            )


def _judged(
    package: str,
    version: str,
    ids: list[str],
    fixed: str,
    accepted: Iterable[Accepted],
    today: date,
) -> Iterator[str]:
    one = next((it for it in accepted if it.package == package and it.id in ids), None)
    where = f"{package} {version}: {' = '.join(ids)}"
    if one is None:
        yield f"{where}, fixed in {fixed}. Update it, or accept it in {ACCEPTED.name}."
    elif one.until < today:
        yield f"{where} was accepted until {one.until}. Look at it again."


def _report(command: list[str]) -> dict[str, Any]:
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    try:
        report = json.loads(told.stdout)
    except ValueError:
        last = (told.stderr.strip() or "no answer").splitlines()[-1]
        raise NotReached(f"{Path(command[0]).name}: {last}") from None
    if not isinstance(report, dict):
        raise NotReached(f"{Path(command[0]).name}: its answer can't be read")
    return report


def main(arguments: Sequence[str]) -> int:
    """Fetch both lists and print the faults; the exit code.

    With `--if-reachable` a list that can't be fetched is told, and is no fault.
    """
    accepted, today = load_accepted(), date.today()  # noqa: DTZ011
    found: list[str] = []
    not_reached: list[str] = []
    for command, judge in ((_PYTHON, python_faults), (_NPM, npm_faults)):
        try:
            found += judge(_report(command), accepted, today)
        except NotReached as error:
            not_reached.append(str(error))
    for fault in found:
        print(fault)
    for reason in not_reached:
        print(f"The known flaws could not be looked up. {reason}.")
    if not_reached:
        print("Run 'make audit' where PyPI and the npm registry themselves can be reached.")
    return 1 if found or (not_reached and "--if-reachable" not in arguments) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
