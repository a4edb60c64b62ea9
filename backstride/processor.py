"""What the processor can do, for OpenBLAS: `python -m backstride.processor` prints it.

The OpenBLAS inside NumPy and SciPy knows processors by their model. One that came out later it
takes for the oldest of all, and then is up to five times slower, in training most of all.
"""

from __future__ import annotations

from pathlib import Path

CORE_TYPE = "OPENBLAS_CORETYPE"  # the variable that OpenBLAS reads when it is loaded
# Names of OpenBLAS for what a processor must be able to do, the fastest first.
_NEEDS = {
    "SkylakeX": frozenset("avx512f avx512cd avx512bw avx512dq avx512vl fma".split()),
    "Haswell": frozenset("avx2 fma bmi1 bmi2".split()),
}


def core_type(described: Path = Path("/proc/cpuinfo")) -> str | None:
    """The name of the fastest kind that this processor can be; None leaves it to OpenBLAS."""
    try:
        lines = described.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        return None
    flags = next((line.split(":", 1)[1] for line in lines if line.startswith("flags")), "")
    able = frozenset(flags.split())
    return next((name for name, needs in _NEEDS.items() if needs <= able), None)


if __name__ == "__main__":
    print(core_type() or "")
