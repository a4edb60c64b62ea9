"""Keep one program running: start it again when it dies, each time a little later."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # after these a death counts as the first again
LINGER_SECONDS = 28.0  # longer than Rasa takes to stop
_NEVER_STARTED = 3  # deaths in a row within the first moments: it can't start at all
_MOMENTS_SECONDS = 20.0


class Keeper:
    """Runs a command until told to stop."""

    def __init__(self, name: str, command: Sequence[str], after_port: int | None = None) -> None:
        """Nothing is started yet.

        Args:
            name: what the messages call it.
            command: how it is started.
            after_port: when told to stop, wait until nothing listens on this port any more: the
                program that listens there still needs this one.
        """
        self._name, self._command, self._after_port = name, command, after_port
        self._stopping = False

    def run(self) -> int:
        """Run it, again and again; the exit code when it can't be started, else 0."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        pause, deaths, began = FIRST_PAUSE_SECONDS, 0, time.monotonic()
        while not self._stopping:
            started = time.monotonic()
            # A session of its own: a signal to all processes together must not end it too soon.
            child = subprocess.Popen(self._command, start_new_session=True)
            code = self._watch(child)
            if self._stopping:
                break
            lasted = time.monotonic() - started
            deaths = deaths + 1 if time.monotonic() - began < _MOMENTS_SECONDS else 0
            if deaths >= _NEVER_STARTED:
                print(f"The {self._name} can't start. Its messages above say why.", flush=True)
                return code or 1
            if lasted > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            print(
                f"The {self._name} ended ({_ending(code)}). It starts again in {pause:g} s; until"
                " then only urgent messages are answered in full.",
                flush=True,
            )
            self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        return 0

    def _watch(self, child: subprocess.Popen[bytes]) -> int:
        while True:
            try:
                return child.wait(0.2)
            except subprocess.TimeoutExpired:
                if self._stopping:
                    self._sleep_until_port_is_free()
                    child.terminate()
                    try:
                        return child.wait(5)
                    except subprocess.TimeoutExpired:
                        child.kill()
                        return child.wait()

    def _sleep_until_port_is_free(self) -> None:
        deadline = time.monotonic() + LINGER_SECONDS
        while self._after_port and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._after_port)) != 0:
                    return
            time.sleep(0.1)

    def _sleep(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < deadline:
            time.sleep(0.1)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


if __name__ == "__main__":
    name, after_port, *command = sys.argv[1:]
    sys.exit(Keeper(name, command, int(after_port)).run())
