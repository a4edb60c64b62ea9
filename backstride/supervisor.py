"""Start and stop the Rasa server and the action server together.

`make run`, `make shell`, and `make telegram` and `make slack`, which are `make run` for those who
want that channel and have no public address.
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

from backstride.paths import MODEL, ROOT, RUN
from backstride.processor import CORE_TYPE, core_type
from backstride.secret import secret_key
from backstride.server_settings import load_settings
from backstride.settings import (
    SettingsError,
    read_env_file,
    setting,
    slack_settings,
    telegram_settings,
    without_secrets,
)

READY_SECONDS = 180
LOCK_STORE = "backstride.rasa.lock_store.ConversationLocks"
STOP_SECONDS = 50  # Telegram, Slack and Rasa's own channels may each finish for 15 seconds


def main(arguments: list[str]) -> int:
    """Run both servers (`run`, `telegram`, `slack`), Rasa alone (`rasa`), or a talk (`shell`)."""
    port, action_port = _port("PORT", 5005), _port("ACTION_PORT", 5055)
    if port == action_port:
        sys.exit(f"PORT and ACTION_PORT are both {port}. Choose two different ports.")
    try:
        read_env_file()
        _settings_for(arguments)
        channels = channels_that_are_set()
        secret_key()
        endpoints = endpoints_for(action_port)
    except ValueError as error:
        sys.exit(str(error))
    _refuse_taken(port, "PORT")
    credentials = credentials_for(port, channels)
    if arguments == ["rasa"]:
        command = _rasa_run(port, endpoints, credentials)
        # In its place, so that a stop signal reaches Rasa itself.
        os.execve(command[0], command, environment())
    _refuse_taken(action_port, "ACTION_PORT")
    if arguments == ["shell"]:
        return _shell(port, action_port, endpoints)
    return _serve(port, action_port, endpoints, credentials)


def _settings_for(arguments: list[str]) -> None:
    """Refuse `telegram` and `slack` without what they need, and see that they fetch messages."""
    if arguments == ["telegram"]:
        for name in ("BACKSTRIDE_TELEGRAM_WEBHOOK_URL", "BACKSTRIDE_TELEGRAM_WEBHOOK_URL_FILE"):
            os.environ.pop(name, None)
        if telegram_settings() is None:
            raise SettingsError(
                "BACKSTRIDE_TELEGRAM_TOKEN is not set. Get a token from @BotFather and put it into"
                " .env. docs/telegram.md has every step."
            )
    if arguments == ["slack"] and not (slack_settings() and setting("BACKSTRIDE_SLACK_APP_TOKEN")):
        raise SettingsError(
            "BACKSTRIDE_SLACK_TOKEN and BACKSTRIDE_SLACK_APP_TOKEN must both be set. Put them into"
            " .env. docs/slack.md has every step."
        )


def channels_that_are_set() -> list[str]:
    """The channels that switch themselves on because their tokens are set.

    Raises:
        SettingsError: a setting is missing or wrong.
    """
    channels = []
    if telegram_settings():
        channels.append("backstride.rasa.telegram.TelegramChannel")
    if slack_settings():
        channels.append("backstride.rasa.slack.SlackChannel")
    return channels


def _serve(port: int, action_port: int, endpoints: Path, credentials: Path) -> int:
    manager.KILL_WAIT = STOP_SECONDS
    servers = Manager()
    keep_up = [sys.executable, "-m", "backstride.keep_up", "action server", str(port)]
    actions = shlex.join([*keep_up, *action_command(action_port)])
    servers.add_process("actions", actions, env=without_secrets(environment()))
    rasa = shlex.join(_rasa_run(port, endpoints, credentials))
    servers.add_process("rasa", rasa, env=environment())
    threading.Thread(target=_announce, args=(port, action_port), daemon=True).start()
    servers.loop()
    print("Backstride has stopped.")
    # Ctrl-C is how it is meant to be stopped.
    return 0 if servers.returncode == 128 + signal.SIGINT else int(servers.returncode or 0)


def _rasa_run(port: int, endpoints: Path, credentials: Path) -> list[str]:
    address = os.environ.get("BIND", "127.0.0.1")
    command = rasa_command("run", port, endpoints)
    return [*command, "--credentials", str(credentials), "--interface", address]


def _shell(port: int, action_port: int, endpoints: Path) -> int:
    print("Starting ... (type /stop to end the conversation)", flush=True)
    actions = subprocess.Popen(
        action_command(action_port), env=without_secrets(environment()), cwd=ROOT
    )
    try:
        if not wait_for(f"http://127.0.0.1:{action_port}/health", actions):
            sys.exit("The action server did not start. Its messages above say why.")
        # As `rasa shell`, whose own channel has no guard.
        shell = [
            *rasa_command("run", port, endpoints),
            *("--connector", "backstride.rasa.channels.ShellChannel"),
            *("--interface", "127.0.0.1"),
        ]
        return subprocess.call(shell, env={**environment(), "LOG_LEVEL": "WARNING"}, cwd=ROOT)
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
            f"\nBackstride is ready after {seconds:.0f} s. Talk to it: http://localhost:{port}\n"
            f"  By HTTP:       curl -s localhost:{port}/webhooks/rest/webhook"
            ' -d \'{"sender": "me", "message": "heat or ice?"}\'\n'
            "  In a terminal: make shell (with other ports)\n"
            "  Stop it:       Ctrl-C\n",
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
    """The command that starts Rasa (`run`) with our model and endpoints."""
    return [
        sys.executable,
        *("-m", "backstride.rasa.server"),
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
    core = core_type()
    return {
        **({CORE_TYPE: core} if core else {}),
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
        SettingsError: naming the setting and the cure.
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


def credentials_for(port: int, channels: list[str]) -> Path:
    """`credentials.yml` with the channels of this run; tokens stay in the environment."""
    credentials = yaml.safe_load((ROOT / "credentials.yml").read_text(encoding="utf-8"))
    credentials.update(dict.fromkeys(channels))
    RUN.mkdir(exist_ok=True)
    path = RUN / f"credentials-{port}.yml"
    path.write_text(yaml.safe_dump(credentials), encoding="utf-8")
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
