"""One class a channel: what a person does there, and what they see.

Each has `start()`, which begins a conversation, and then `say(text, count)` and
`press(title, count)`, which return the `count` messages that the person gets to see, or what came
in place of them.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backstride.channels.slack import unescaped
from backstride.paths import ROOT
from tests.channels.slack_standin import WebApi
from tests.channels.standin import wait_for
from tests.channels.telegram_standin import BotApi
from tests.server.conftest import NO_CHANNELS, Server, free_port

QUIET_SECONDS = 0.05


@dataclass(frozen=True)
class Shown:
    """One message as a person sees it; breaks and the marks of lists may differ by channel."""

    text: str
    buttons: tuple[str, ...] = ()
    picture: str = ""


def as_seen(text: str) -> str:
    return " ".join(text.replace("\u2022 ", "- ").split())


class Rest:
    """The REST channel, with which the others are compared."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def start(self) -> None:
        self._sender = f"parity-{time.time_ns()}"
        self._payloads: dict[str, str] = {}

    def say(self, text: str, count: int = 0) -> list[Shown]:
        answer = self._server.ask(text, self._sender)
        buttons = [button for part in answer for button in part.get("buttons", ())]
        self._payloads = {button["title"]: button["payload"] for button in buttons}
        return [
            Shown(
                as_seen(part.get("text", "")),
                tuple(button["title"] for button in part.get("buttons", ())),
                part.get("image", ""),
            )
            for part in answer
        ]

    def press(self, title: str, count: int = 0) -> list[Shown]:
        return self.say(self._payloads[title])


class Telegram:
    """The Telegram channel, behind its stand-in."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    def start(self) -> None:
        self._chat = time.time_ns() % 10**9

    def say(self, text: str, count: int) -> list[Shown]:
        before = len(self._api.shown(self._chat))
        self._api.say(self._chat, text)
        return self._new(before, count)

    def press(self, title: str, count: int) -> list[Shown]:
        before = len(self._api.shown(self._chat))
        self._api.press(self._chat, title)
        return self._new(before, count)

    def _new(self, before: int, count: int) -> list[Shown]:
        new = settled(lambda: self._api.shown(self._chat)[before:], count)
        return [
            Shown(
                as_seen(message.get("text", "")),
                tuple(
                    button["text"]
                    for row in message.get("reply_markup", {}).get("inline_keyboard", ())
                    for button in row
                ),
                message.get("photo", ""),
            )
            for message in new
        ]


class Slack:
    """The Slack channel, behind its stand-in."""

    def __init__(self, api: WebApi) -> None:
        self._api = api

    def start(self) -> None:
        self._channel = f"D{time.time_ns()}"

    def say(self, text: str, count: int) -> list[Shown]:
        before = len(self._api.shown(self._channel))
        self._api.say(self._channel, text)
        return self._new(before, count)

    def press(self, title: str, count: int) -> list[Shown]:
        before = len(self._api.shown(self._channel))
        self._api.press(self._channel, title)
        return self._new(before, count)

    def _new(self, before: int, count: int) -> list[Shown]:
        shown = settled(lambda: self._api.shown(self._channel)[before:], count)
        return [self._as_shown(message["blocks"]) for message in shown]

    def _as_shown(self, blocks: list[dict[str, Any]]) -> Shown:
        of = {kind: [b for b in blocks if b["type"] == kind] for kind in ("section", "image")}
        return Shown(
            as_seen(unescaped("\n".join(block["text"]["text"] for block in of["section"]))),
            tuple(
                element["text"]["text"]
                for block in blocks
                if block["type"] == "actions"
                for element in block["elements"]
            ),
            "".join(block["image_url"] for block in of["image"]),
        )


def settled(shown: Any, count: int) -> list[Any]:
    """What is shown once there are this many messages; more of them are seen too."""
    wait_for(lambda: len(shown()) >= count)
    time.sleep(QUIET_SECONDS)
    return list(shown())


class Shell:
    """`make shell`: Rasa's terminal, driven by the keyboard and read off the screen."""

    _COLOURED = re.compile(r"\x1b\[94m(.*?)\x1b\[0m", re.DOTALL)
    _CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")
    _MENU = re.compile(r"\? (.*?)\(Use arrow keys\)(.*)", re.DOTALL)
    _CHOICE = re.compile(r"\d+: (.*) \(.*\)")
    _OWN_WORDS = "Type out your own message"
    # A prompt or menu turns the pasting of the terminal on when it begins and off when it ends.
    _BEGINS, _ENDS = "\x1b[?2004h", "\x1b[?2004l"
    _UP, _DOWN = b"\x1b[A", b"\x1b[B"

    def __init__(self, folder: Path) -> None:
        self._keyboard, terminal = pty.openpty()
        # So wide that nothing is wrapped.
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 4000, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "backstride.supervisor", "shell"],
            cwd=ROOT,
            env={
                **os.environ,
                **NO_CHANNELS,
                "BACKSTRIDE_SECRET": "a key that only tests use",
                "BACKSTRIDE_DATABASE_URL": f"sqlite:///{folder / 'conversations.db'}",
                "PORT": str(free_port()),
                "ACTION_PORT": str(free_port()),
                "TERM": "xterm",
                "PROMPT_TOOLKIT_NO_CPR": "1",
            },
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)
        self._screen, self._menu, self._ready = self._ENDS, False, False

    def start(self) -> None:
        """There is one conversation in a terminal; what was said before is deleted."""
        if not self._ready:
            self._read_until_asked(120)
            self._ready = True
        self.say("delete this conversation", 1)

    def say(self, text: str, count: int) -> list[Shown]:
        if self._menu:
            self._type(self._UP + b"\r")
            self._read_until_asked()
        return self._turn(text.encode() + b"\r")

    def press(self, title: str, count: int) -> list[Shown]:
        return self._turn(self._DOWN * self._titles.index(title) + b"\r")

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(30)
        os.close(self._keyboard)

    def _turn(self, keys: bytes) -> list[Shown]:
        self._type(keys)
        self._read_until_asked()
        shown = [Shown(as_seen(text)) for text in self._COLOURED.findall(self._screen)]
        self._titles = []
        if self._menu:
            menu = self._MENU.search(self._asked())
            assert menu, f"no menu can be read:\n{self._screen}"
            question, choices = menu.groups()
            self._titles = self._CHOICE.findall(choices)
            shown.append(Shown(as_seen(question), tuple(self._titles)))
        return shown

    def _type(self, keys: bytes) -> None:
        self._screen = ""
        for key in re.findall(rb"\x1b\[[AB]|[^\x1b]+", keys):
            os.write(self._keyboard, key)
            time.sleep(0.05)

    def _read_until_asked(self, seconds: float = 20) -> None:
        """Read the screen until it asks for words, or shows a menu."""
        deadline = time.monotonic() + seconds
        while not (asked := self._asked()):
            assert self._process.poll() is None, f"it stopped by itself:\n{self._screen}"
            assert time.monotonic() < deadline, f"nothing after {seconds} s:\n{self._screen}"
            if select.select([self._keyboard], [], [], 0.05)[0]:
                self._screen += os.read(self._keyboard, 65536).decode(errors="replace")
        self._menu = self._OWN_WORDS in asked

    def _asked(self) -> str:
        """The prompt or menu that came after the last one had ended; nothing until it is whole."""
        _, ended, later = self._screen.partition(self._ENDS)
        begun = self._CONTROL.sub("", later.rpartition(self._BEGINS)[2])
        whole = self._BEGINS in later and ("Your input ->" in begun or self._OWN_WORDS in begun)
        return begun if ended and whole else ""
