"""A program that dies is started again, a little later each time, until it is told to stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from backstride.paths import ROOT
from tests.server.conftest import free_port


def keep(code: str, port: int = 0) -> subprocess.Popen[str]:
    """Keep up a Python program."""
    command = [sys.executable, "-m", "backstride.keep_up", "echo", str(port)]
    return subprocess.Popen(
        [*command, sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_a_program_that_can_not_start_ends_it_with_its_code() -> None:
    kept = keep("raise SystemExit(7)")
    told, _ = kept.communicate(timeout=30)
    assert kept.returncode == 7
    assert told.count("The echo ended (exit code 7). It starts again in") == 2
    assert "in 0.5 s" in told
    assert "in 1 s" in told
    assert told.rstrip().endswith("The echo can't start. Its messages above say why.")


def test_a_program_that_is_killed_is_started_again_and_stops_with_its_keeper(
    tmp_path: Path,
) -> None:
    pids = tmp_path / "pids"
    code = f"import os, time; open({str(pids)!r}, 'a').write(f'{{os.getpid()}} '); time.sleep(60)"
    kept = keep(code)

    def started(number: int) -> list[int]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if pids.exists() and len(found := pids.read_text().split()) >= number:
                return list(map(int, found))
            time.sleep(0.05)
        raise AssertionError(f"it was not started {number} times")

    os.kill(started(1)[0], signal.SIGKILL)
    second = started(2)[1]
    kept.send_signal(signal.SIGTERM)
    told, _ = kept.communicate(timeout=20)
    assert kept.returncode == 0
    assert "The echo ended (SIGKILL)" in told
    assert not Path(f"/proc/{second}").exists()


def test_it_waits_for_the_program_that_still_needs_it(tmp_path: Path) -> None:
    port, ended = free_port(), tmp_path / "ended"
    code = f"""
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGTERM, lambda *_: (Path({str(ended)!r}).touch(), sys.exit()))
time.sleep(60)
"""
    with socket.socket() as needing:
        needing.bind(("127.0.0.1", port))
        needing.listen()
        kept = keep(code, port)
        time.sleep(2)
        os.killpg(kept.pid, signal.SIGTERM)  # as the supervisor does it
        time.sleep(1)
        assert kept.poll() is None
        assert not ended.exists()
    kept.communicate(timeout=20)
    assert kept.returncode == 0
    assert ended.exists()
