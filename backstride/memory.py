"""Give memory back that was needed only for a moment."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Return freed memory to the system, where the C library can (glibc).

    Reading a model and the guide leaves more freed memory behind than some parts of them take.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
