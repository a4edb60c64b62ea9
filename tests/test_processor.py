"""OpenBLAS is told what the processor can do, and nothing that it can't."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backstride.processor import CORE_TYPE, core_type
from backstride.supervisor import environment

NEW = "fpu avx2 fma bmi1 bmi2 avx512f avx512cd avx512bw avx512dq avx512vl avx512_vnni"
MULTIPLIES = "import numpy as np; a = np.ones((64, 64), np.float32); print((a @ a).sum())"


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        (NEW, "SkylakeX"),
        (NEW.replace("avx512vl ", ""), "Haswell"),
        ("fpu avx2 fma bmi1 bmi2", "Haswell"),
        ("fpu avx2 bmi1 bmi2", None),
        ("fpu sse3", None),
    ],
)
def test_it_is_named_by_what_it_can_do(flags: str, name: str | None, tmp_path: Path) -> None:
    described = tmp_path / "cpuinfo"
    described.write_text(f"processor\t: 0\nmodel\t\t: 207\nflags\t\t: {flags}\n\nprocessor\t: 1\n")
    assert core_type(described) == name


def test_elsewhere_it_is_left_to_openblas(tmp_path: Path) -> None:
    assert core_type(tmp_path / "missing") is None
    (tmp_path / "arm").write_text("processor\t: 0\nFeatures\t: fp asimd\n")
    assert core_type(tmp_path / "arm") is None


def test_what_the_servers_are_told_runs_here() -> None:
    assert environment().get(CORE_TYPE) == os.environ.get(CORE_TYPE, core_type())
    done = subprocess.run(
        [sys.executable, "-c", MULTIPLIES], capture_output=True, text=True, env=environment()
    )
    assert float(done.stdout) == 64**3
