"""What an installation takes on the disk, and how to forget that it was read before."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path


def forget_files(folders: Iterable[Path]) -> None:
    """Drop the files in these folders from the system's cache, as after a restart of the machine.

    What another process has mapped stays. Does nothing where the system can't (macOS).
    """
    if not hasattr(os, "posix_fadvise"):
        return
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                descriptor = os.open(path, os.O_RDONLY)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)


def installed_megabytes(*wanted: str) -> float:
    """Megabytes of the files of these packages and of all that they need; of all without a name."""
    installed = {_normal(d.metadata["Name"]): d for d in distributions()}
    names = set(installed)
    if wanted:
        names, waiting = set(), [_normal(name) for name in wanted]
        while waiting:
            name = waiting.pop()
            if name in installed and name not in names:
                names.add(name)
                waiting += _needs(installed[name])
    return sum(_bytes(installed[name]) for name in names) / 1e6


def environment_folder() -> Path:
    """The virtual environment that this program runs in."""
    return Path(sys.prefix)


def _needs(distribution: Distribution) -> list[str]:
    from packaging.requirements import Requirement

    needed = [Requirement(line) for line in distribution.requires or ()]
    return [
        _normal(need.name)
        for need in needed
        if need.marker is None or need.marker.evaluate({"extra": ""})
    ]


def _bytes(distribution: Distribution) -> int:
    paths = (Path(str(file.locate())) for file in distribution.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file())


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
