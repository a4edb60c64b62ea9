"""The key that keeps conversation ids apart from the people behind them, and ids from forgery.

`BACKSTRIDE_SECRET` holds it, or a file that `BACKSTRIDE_SECRET_FILE` names. Where neither is
set, one is made up once and kept in `store/secret`, which only its owner may read. Whoever
loses the key loses the way from a person to their conversation, and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path

from backstride.paths import STORE
from backstride.settings import setting

SECRET_BYTES = 32
SHORTEST_CHARS = 16
SECRET_FILE = STORE / "secret"


@lru_cache(maxsize=1)
def secret_key() -> bytes:
    """The key, the same in each process and after each restart.

    Raises:
        ValueError: it is too short to be one, or its file can't be read or written.
    """
    given = setting("BACKSTRIDE_SECRET")
    if given:
        return _checked(given, "BACKSTRIDE_SECRET")
    try:
        if not SECRET_FILE.exists():
            _write_once(SECRET_FILE, secrets.token_hex(SECRET_BYTES))
        return _checked(SECRET_FILE.read_text(encoding="utf-8"), str(SECRET_FILE))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"The secret key in {SECRET_FILE} can't be read or made ({type(error).__name__})."
            " Make the file readable, or set BACKSTRIDE_SECRET to a long random text."
        ) from None


def pseudonym(channel: str, *ids: str) -> str:
    """A conversation id that says nothing about the person, the same each time.

    Args:
        channel: the channel's name, so that equal ids of two channels stay apart.
        ids: what the channel calls the person, and the place where they write.
    """
    told = "\0".join((channel, *ids)).encode()
    return f"{channel}-{hmac.new(secret_key(), told, hashlib.sha256).hexdigest()[:32]}"


def _checked(text: str, where: str) -> bytes:
    text = text.strip()
    if len(text) < SHORTEST_CHARS:
        raise ValueError(
            f"The secret key in {where} has fewer than {SHORTEST_CHARS} characters. Use a long"
            f' random text, such as: python3 -c "import secrets; print(secrets.token_hex(32))"'
        )
    return text.encode()


def _write_once(path: Path, text: str) -> None:
    """Write the file whole and private, unless another process was first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # made with mode 600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        # A link is made or refused at once; a rename would replace the other's key.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()
