"""A model's archive is read once, and nothing in it can land elsewhere."""

from __future__ import annotations

import inspect
import io
import tarfile
from pathlib import Path

import pytest
from rasa.engine.storage import local_model_storage
from tarsafe import TarSafe, TarSafeException

from backstride.rasa import overrides  # noqa: F401 puts it in its place
from backstride.rasa.archive import ModelArchive

NUMBERS = bytes(range(256)) * 4000


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    source = tmp_path / "numbers.npz"
    source.write_bytes(NUMBERS)
    path = tmp_path / "model.tar.gz"
    with ModelArchive.open(path, "w:gz") as tar:
        tar.add(source, arcname="components/numbers.npz")
        tar.add(source, arcname="metadata.json")
    return path


def test_rasa_keeps_its_models_in_it() -> None:
    assert local_model_storage.TarSafe is ModelArchive
    for method in ("_extract_archive_to_directory", "create_model_package"):
        source = inspect.getsource(getattr(local_model_storage.LocalModelStorage, method))
        assert "TarSafe.open(" in source


def test_what_is_packed_comes_out_again(archive: Path, tmp_path: Path) -> None:
    with ModelArchive.open(archive, mode="r:gz") as tar:
        _unpack(tar, tmp_path / "out")
    assert (tmp_path / "out/components/numbers.npz").read_bytes() == NUMBERS
    assert (tmp_path / "out/metadata.json").read_bytes() == NUMBERS


def test_the_archive_of_any_rasa_is_read_and_any_rasa_reads_ours(
    archive: Path, tmp_path: Path
) -> None:
    with TarSafe.open(archive, mode="r:gz") as tar:
        _unpack(tar, tmp_path / "theirs")
    assert (tmp_path / "theirs/metadata.json").read_bytes() == NUMBERS
    with TarSafe.open(tmp_path / "small.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "theirs", arcname="/")
    with ModelArchive.open(tmp_path / "small.tar.gz", mode="r:gz") as tar:
        _unpack(tar, tmp_path / "ours")
    assert (tmp_path / "ours/metadata.json").read_bytes() == NUMBERS


def test_it_is_read_only_once(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def back(_: object) -> None:
        raise AssertionError("it went back to the start")

    monkeypatch.setattr("gzip._GzipReader._rewind", back)
    with TarSafe.open(archive, mode="r:gz") as tar, pytest.raises(AssertionError):
        _unpack(tar, tmp_path / "theirs")
    with ModelArchive.open(archive, mode="r:gz") as tar:
        _unpack(tar, tmp_path / "ours")


def _unpack(tar: tarfile.TarFile, folder: Path) -> None:
    tar.extractall(folder)  # noqa: S202 what is tested


def _part(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    part = tarfile.TarInfo(name)
    part.type, part.linkname = kind, link
    return part


@pytest.mark.parametrize(
    "part",
    [
        _part("../outside.txt"),
        _part("/etc/outside.txt"),
        _part("link", tarfile.SYMTYPE, "../../outside"),
        _part("link", tarfile.LNKTYPE, "../../outside"),
        _part("device", tarfile.CHRTYPE),
    ],
    ids=lambda part: f"{part.name} {part.linkname}",
)
def test_what_would_land_elsewhere_is_refused(part: tarfile.TarInfo, tmp_path: Path) -> None:
    path = tmp_path / "bad.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(part, io.BytesIO())
    with (
        ModelArchive.open(path, mode="r:gz") as tar,
        pytest.raises(TarSafeException, match="make train"),
    ):
        _unpack(tar, tmp_path / "out")
    assert not (tmp_path / "outside.txt").exists()
