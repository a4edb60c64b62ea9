"""The key is private, made once, and never shown."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backstride import secret


@pytest.fixture(autouse=True)
def no_key_yet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.delenv("BACKSTRIDE_SECRET", raising=False)
    monkeypatch.delenv("BACKSTRIDE_SECRET_FILE", raising=False)
    monkeypatch.setattr(secret, "SECRET_FILE", tmp_path / "store" / "secret")
    secret.secret_key.cache_clear()
    yield secret.SECRET_FILE
    secret.secret_key.cache_clear()


def test_a_key_is_made_once_and_kept(no_key_yet: Path) -> None:
    made = secret.secret_key()
    secret.secret_key.cache_clear()
    assert secret.secret_key() == made == no_key_yet.read_bytes().strip()
    assert len(made) == 2 * secret.SECRET_BYTES


def test_only_the_owner_may_read_it(no_key_yet: Path) -> None:
    secret.secret_key()
    assert stat.S_IMODE(no_key_yet.stat().st_mode) == 0o600
    assert [path.name for path in no_key_yet.parent.iterdir()] == ["secret"]


def test_processes_that_start_together_agree(no_key_yet: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: secret.secret_key.__wrapped__(), range(32)))
    assert len(made) == 1


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch, no_key_yet: Path) -> None:
    monkeypatch.setenv("BACKSTRIDE_SECRET", "sixteen letters!")
    assert secret.secret_key() == b"sixteen letters!"
    assert not no_key_yet.exists()


def test_a_file_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mounted").write_text("a secret that is mounted\n")
    monkeypatch.setenv("BACKSTRIDE_SECRET_FILE", str(tmp_path / "mounted"))
    assert secret.secret_key() == b"a secret that is mounted"


def test_a_named_file_that_is_missing_is_not_made_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BACKSTRIDE_SECRET_FILE", str(tmp_path / "gone"))
    with pytest.raises(ValueError, match="BACKSTRIDE_SECRET_FILE names a file"):
        secret.secret_key()


def test_a_short_key_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKSTRIDE_SECRET", "hunter2")
    with pytest.raises(ValueError, match="fewer than 16 characters") as raised:
        secret.secret_key()
    assert "hunter2" not in str(raised.value)


def test_a_pseudonym_is_stable_and_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    own = secret.pseudonym("telegram", "123456789")
    assert own == secret.pseudonym("telegram", "123456789")
    assert re.fullmatch(r"telegram-[0-9a-f]{32}", own)
    assert "123456789" not in own
    assert own != secret.pseudonym("slack", "123456789")
    assert own != secret.pseudonym("telegram", "12345678", "9")
    monkeypatch.setenv("BACKSTRIDE_SECRET", "another key altogether")
    secret.secret_key.cache_clear()
    assert own != secret.pseudonym("telegram", "123456789")
