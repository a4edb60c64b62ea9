"""Start and stop the Rasa server and the action server together: `make run`, `make shell`.

`python -m backstride.supervisor rasa` starts the Rasa server alone, for machines where each server
has a container of its own; BACKSTRIDE_ACTIONS_URL then says where the action server is.
"""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests
import yaml
from honcho import manager
from honcho.manager import Manager

from backstride.operator_settings import SettingError, load_settings
from backstride.paths import MODEL, ROOT, RUN

READY_SECONDS = 180
STOP_SECONDS = 40  # Rasa lets turns in flight finish for 22 seconds, then the actions end
LOCK_STORE = "backstride.rasa.lock_store.ConversationLocks"


def main(arguments: list[str]) -> int:
    """Run both servers (`run`), Rasa alone (`rasa`) or a conversation in the terminal (`shell`)."""
    port, action_port = _port("PORT", 5005), _port("ACTION_PORT", 5055)
    if port == action_port:
        sys.exit(f"PORT and ACTION_PORT are both {port}. Choose two different ports.")
    _refuse_taken(port, "PORT")
    try:
        endpoints = endpoints_for(action_port)
    except SettingError as error:
        sys.exit(str(error))
    if arguments == ["rasa"]:
        command = _rasa_run(port, endpoints)
        # In its place, so that a stop signal reaches Rasa itself.
        os.execve(command[0], command, environment())
    _refuse_taken(action_port, "ACTION_PORT")
    if arguments == ["shell"]:
        return _shell(port, action_port, endpoints)
    return _serve(port, action_port, endpoints)


def _serve(port: int, action_port: int, endpoints: Path) -> int:
    manager.KILL_WAIT = STOP_SECONDS
    servers = Manager()
    keep_up = [sys.executable, "-m", "backstride.keep_up", "action server", str(port)]
    actions = [*keep_up, *action_command(action_port)]
    servers.add_process("actions", shlex.join(actions), env=environment())
    servers.add_process("rasa", shlex.join(_rasa_run(port, endpoints)), env=environment())
    threading.Thread(target=_announce, args=(port, action_port), daemon=True).start()
    servers.loop()
    print("Backstride has stopped.")
    # Ctrl-C is how it is meant to be stopped.
    return 0 if servers.returncode == 128 + signal.SIGINT else int(servers.returncode or 0)


def _rasa_run(port: int, endpoints: Path) -> list[str]:
    address = os.environ.get("BIND", "127.0.0.1")
    return [*rasa_command("run", port, endpoints), "--interface", address]


def _shell(port: int, action_port: int, endpoints: Path) -> int:
    print("Starting ... (type /stop to end the conversation)", flush=True)
    actions = subprocess.Popen(action_command(action_port), env=environment(), cwd=ROOT)
    try:
        if not wait_for(f"http://127.0.0.1:{action_port}/health", actions):
            sys.exit("The action server did not start. Its messages above say why.")
        return subprocess.call(rasa_command("shell", port, endpoints), env=environment(), cwd=ROOT)
    except KeyboardInterrupt:
        return 0
    finally:
        actions.terminate()
        actions.wait(STOP_SECONDS)


def _announce(port: int, action_port: int) -> None:
    """Say that it is ready once both servers answer."""
    started = time.monotonic()
    urls = (f"http://127.0.0.1:{action_port}/health", f"http://127.0.0.1:{port}/ready")
    if all(wait_for(url) for url in urls):
        seconds = time.monotonic() - started
        print(
            f"\nBackstride is ready after {seconds:.0f} s: http://localhost:{port}\n"
            f"  Ask it:  curl -s localhost:{port}/webhooks/rest/webhook"
            ' -d \'{"sender": "me", "message": "heat or ice?"}\'\n'
            "  Or talk: make shell (in another terminal, with other ports)\n"
            "  Stop it: Ctrl-C\n",
            flush=True,
        )
    else:
        print(f"Not ready after {READY_SECONDS} s. The messages above say why.", flush=True)


def wait_for(url: str, process: subprocess.Popen[bytes] | None = None) -> bool:
    """Whether the URL answers in time, and before the process that serves it ends."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        try:
            if requests.get(url, timeout=2).ok:
                return True
        except requests.RequestException:
            time.sleep(0.2)
    return False


def action_command(port: int) -> list[str]:
    """The command that starts the action server."""
    return [sys.executable, "-m", "actions.server", str(port)]


def rasa_command(command: str, port: int, endpoints: Path) -> list[str]:
    """The command that starts Rasa (`run` or `shell`) with our model and endpoints."""
    rasa = str(Path(sys.executable).with_name("rasa"))
    return [
        rasa,
        command,
        "--model",
        str(MODEL),
        "--endpoints",
        str(endpoints),
        "--port",
        str(port),
    ]


def environment() -> dict[str, str]:
    """What both servers are started with: no telemetry, actions on loopback."""
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SANIC_HOST": "127.0.0.1",  # of the action server: it has no authentication
        "PYTHONUNBUFFERED": "1",
    }


def endpoints_for(action_port: int) -> Path:
    """`endpoints.yml` with this run's action server, and shared locks when there is a Redis.

    Raises:
        SettingError: naming the setting and the cure.
    """
    settings = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    elsewhere = os.environ.get("BACKSTRIDE_ACTIONS_URL")
    settings["action_endpoint"]["url"] = elsewhere or f"http://localhost:{action_port}/webhook"
    if load_settings().redis_url:
        settings["lock_store"] = {"type": LOCK_STORE}
    RUN.mkdir(exist_ok=True)
    path = RUN / f"endpoints-{action_port}.yml"
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


def _port(variable: str, default: int) -> int:
    value = os.environ.get(variable) or str(default)
    if not value.isdigit() or not 0 < int(value) < 65536:
        sys.exit(f"{variable} is '{value}'. It must be a port number from 1 to 65535.")
    return int(value)


def _refuse_taken(port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(
                f"Port {port} can't be used ({error.strerror}). Stop the program that has it, or"
                f" choose another: make run {variable}={port + 100}"
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
