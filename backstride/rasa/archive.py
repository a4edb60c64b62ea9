"""The file that a model is kept in: read once, and not compressed.

Rasa's archive is unpacked twice, the first time only to look at the names in it, and most of a
start went into that. Nearly all of a model is numbers, which become no smaller. It remains a
`.tar.gz` that any Rasa can read.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import Any

from tarsafe import TarSafe, TarSafeException


class ModelArchive(TarSafe):
    """Rasa's archive, whose parts are looked at one by one, each before it is unpacked."""

    @classmethod
    def gzopen(cls, *arguments: Any, compresslevel: int = 0, **named: Any) -> tarfile.TarFile:
        """Open it, or begin one that only has the form of a compressed file."""
        tar: tarfile.TarFile = super().gzopen(*arguments, compresslevel=compresslevel, **named)
        return tar

    def extractall(self, path: Any = ".", *_: Any, **named: Any) -> None:
        """Unpack all parts.

        Raises:
            TarSafeException: a part would land outside of `path` or is no file or folder.
        """
        # Past TarSafe, which would read all of it first.
        tarfile.TarFile.extractall(self, path, self._safe(), **named)  # noqa: S202 each is checked

    def _safe(self) -> Iterator[tarfile.TarInfo]:
        for part in self:
            if (
                self._is_traversal_attempt(part)
                or self._is_unsafe_symlink(part)
                or self._is_unsafe_link(part)
                or self._is_device(part)
            ):
                raise TarSafeException(
                    f"The model holds '{part.name}', which does not belong into it. It may have"
                    " been tampered with: train a new one with 'make train'."
                )
            yield part
