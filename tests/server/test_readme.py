"""Every command of the README does what it says."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time

import pytest
import requests

from backstride.paths import ROOT
from tests.server.conftest import free_port

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    for line in block.strip().splitlines()
]
CONTINUOUS_INTEGRATION = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

pytestmark = pytest.mark.server


def test_the_two_commands_come_first():
    assert COMMANDS[:2] == ["make run", "make test"]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_run_somewhere(command):
    run_here = [name for name in globals() if name.startswith("test_command")]
    by_name = "test_command_" + re.sub(r"\W+", "_", command.split(" http")[0].split(" PORT")[0])
    assert by_name.rstrip("_") in run_here or command in CONTINUOUS_INTEGRATION


def test_each_make_target_that_the_readme_names_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)|^make ([a-z]+)", README, re.MULTILINE))
    assert {name for pair in named for name in pair if name} <= targets


def test_each_path_that_the_readme_names_exists():
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    named = re.findall(r"`([a-z_]+/[a-z_./]*)`", README)
    assert not [path for path in (*linked, *named) if not (ROOT / path).exists()]


def test_command_curl_s(server):
    if shutil.which("curl") is None:
        reason = "curl is not installed, so the README's example can't be run"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    command = next(line for line in COMMANDS if line.startswith("curl"))
    command = command.replace("localhost:5005", f"localhost:{server.port}")
    answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout)[0]["text"]


def test_command_make_evaluate_FILE_benchmarks_nlu_dev_jsonl(tmp_path):
    few = tmp_path / "few.jsonl"
    lines = (ROOT / "benchmarks" / "nlu" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    few.write_text("\n".join(lines[:20]), encoding="utf-8")
    told = subprocess.run(
        ["make", "evaluate", f"FILE={few}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "20 messages" in told.stdout
    results = (ROOT / "results" / "few.results.jsonl").read_text(encoding="utf-8").splitlines()
    assert {"intent", "confidence", "ranking", "red_flags", "level"} <= set(json.loads(results[0]))


def test_command_make_run(tmp_path):
    port, action_port = free_port(), free_port()
    log = (tmp_path / "log.txt").open("w+")
    run = subprocess.Popen(
        ["make", "run", f"PORT={port}", f"ACTION_PORT={action_port}"],
        cwd=ROOT,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        wait_for(lambda: "Backstride is ready" in (tmp_path / "log.txt").read_text(), run)
        assert requests.get(f"http://localhost:{port}/", timeout=5).ok
        assert f"http://localhost:{port}" in (tmp_path / "log.txt").read_text()
    finally:
        os.killpg(run.pid, signal.SIGINT)
        run.wait(30)


def test_command_make_shell():
    """A person types in a terminal and reads the answer there."""
    environment = {**os.environ, "PORT": str(free_port()), "ACTION_PORT": str(free_port())}
    person, terminal = pty.openpty()
    shell = subprocess.Popen(
        ["make", "shell"],
        cwd=ROOT,
        env={**environment, "TERM": "dumb"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    seen = Terminal(person)
    try:
        wait_for(lambda: "Your input ->" in seen.text(), shell)
        os.write(person, b"heat or ice?\r")
        wait_for(lambda: "Try heat first" in seen.text(), shell)
        os.write(person, b"/stop\r")
    finally:
        time.sleep(1)
        os.killpg(shell.pid, signal.SIGTERM)
        shell.wait(30)


class Terminal:
    """What a terminal has shown so far."""

    def __init__(self, handle: int) -> None:
        self._handle, self._shown = handle, ""

    def text(self) -> str:
        # Not select.select, which fails when many files are open.
        poll = select.poll()
        poll.register(self._handle, select.POLLIN)
        while poll.poll(100):
            try:
                self._shown += os.read(self._handle, 65536).decode(errors="replace")
            except OSError:
                break
        return self._shown


def wait_for(condition, process, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "it stopped by itself"
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(0.2)
