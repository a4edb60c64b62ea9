"""PostgreSQL, Redis and nginx from the system's packages, started for a test."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

WAIT_SECONDS = 30


def program(name: str) -> str:
    """Where a program is; without it the test is skipped, or fails where it must be there."""
    places = [os.environ["PATH"], "/usr/sbin", *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        reason = f"{name} is not installed. On Debian: apt install postgresql redis-server nginx"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """A program that listens on a port of this computer, and can be killed and started again."""

    def __init__(self, command: Sequence[str], port: int, **popen: Any) -> None:
        self.command, self.port, self._popen = command, port, popen
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        self.process = subprocess.Popen(self.command, **self._popen)

    def start(self) -> None:
        self.begin()
        wait_until(self.listens, f"{self.command[0]} does not listen")

    def listens(self) -> bool:
        assert self.process is None or self.process.poll() is None, f"{self.command[0]} ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(by)
            self.process.wait(WAIT_SECONDS)
        self.process = None

    def restart(self, by: signal.Signals = signal.SIGTERM) -> None:
        self.stop(by)
        self.start()


def wait_until(
    condition: Callable[[], bool], otherwise: str, seconds: float = WAIT_SECONDS
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{otherwise} after {seconds} s"
        time.sleep(0.05)


@contextmanager
def _folder(owner: str | None = None) -> Iterator[Path]:
    """A folder that a service of its own user can reach; pytest's own is closed to others."""
    with tempfile.TemporaryDirectory(prefix="backstride-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        if owner is not None:
            entry = pwd.getpwnam(owner)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        yield folder


def _other_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


@contextmanager
def postgresql() -> Iterator[tuple[Service, str]]:
    """PostgreSQL and the address of an empty database in it."""
    initdb, postgres = program("initdb"), program("postgres")
    owner, port = _other_user(), free_port()
    with _folder(owner) as folder:
        user: dict[str, Any] = {"user": owner, "group": pwd.getpwnam(owner).pw_gid} if owner else {}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        made = [initdb, "-D", "data", "-U", "backstride", "-A", "trust", "--no-sync", "-E", "UTF8"]
        subprocess.run(made, check=True, **quiet, **user)
        settings = ["-k", str(folder), "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]
        command = [postgres, "-D", "data", "-p", str(port), *settings]
        service = Service(command, port, **quiet, **user)
        service.start()
        try:
            yield service, f"postgresql://backstride@127.0.0.1:{port}/postgres"
        finally:
            service.stop(signal.SIGINT)


@contextmanager
def redis_server() -> Iterator[tuple[Service, str]]:
    """Redis, which keeps nothing on disk, and its address."""
    server, port = program("redis-server"), free_port()
    command = [
        server,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    service = Service(command, port, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    service.start()
    try:
        yield service, f"redis://127.0.0.1:{port}/0"
    finally:
        service.stop()


@contextmanager
def nginx(configuration: str, port: int) -> Iterator[Service]:
    """nginx with this configuration; `{folder}` in it stands for a folder of its own."""
    with _folder() as folder:
        file = folder / "nginx.conf"
        file.write_text(configuration.replace("{folder}", str(folder)), encoding="utf-8")
        command = [program("nginx"), "-p", str(folder), "-c", str(file), "-g", "daemon off;"]
        service = Service(command, port)
        service.start()
        try:
            yield service
        finally:
            service.stop()
