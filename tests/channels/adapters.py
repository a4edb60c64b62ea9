"""One class a channel: what a person does there, and what they see.

Each has `start()`, which begins a conversation, and then `say(text, count)` and
`press(title, count)`, which return the `count` messages that the person gets to see, or what came
in place of them. A picture counts as one.
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
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from backstride.channels.slack import unescaped
from backstride.paths import ROOT
from tests.channels.slack_standin import WebApi
from tests.channels.standin import wait_for
from tests.channels.telegram_standin import BotApi
from tests.server.conftest import NO_CHANNELS, Server, free_port
from tests.web.chat import Chat

QUIET_SECONDS = 0.05
PUBLIC_URL = "https://backstride.example"


@dataclass(frozen=True)
class Shown:
    """One message as a person sees it; breaks and the marks of lists may differ by channel."""

    text: str
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A picture as a person sees it: which drawing it is, whatever the format."""

    name: str


Seen = Shown | Picture


def picture_at(address: str) -> Picture:
    return Picture(PurePosixPath(urlsplit(address).path).stem)


def as_seen(text: str) -> str:
    return " ".join(text.replace("\u2022 ", "- ").split())


class Rest:
    """The REST channel, with which the others are compared."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def start(self) -> None:
        self._sender = f"parity-{time.time_ns()}"
        self._payloads: dict[str, str] = {}

    def say(self, text: str, count: int = 0) -> list[Seen]:
        answer = self._server.ask(text, self._sender)
        buttons = [button for part in answer for button in part.get("buttons", ())]
        self._payloads = {button["title"]: button["payload"] for button in buttons}
        return [
            picture_at(part["image"])
            if "image" in part
            else Shown(
                as_seen(part["text"]), tuple(button["title"] for button in part.get("buttons", ()))
            )
            for part in answer
        ]

    def press(self, title: str, count: int = 0) -> list[Seen]:
        return self.say(self._payloads[title])


class Telegram:
    """The Telegram channel, behind its stand-in."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    def start(self) -> None:
        self._chat = time.time_ns() % 10**9

    def say(self, text: str, count: int) -> list[Seen]:
        before = len(self._api.shown(self._chat))
        self._api.say(self._chat, text)
        return self._new(before, count)

    def press(self, title: str, count: int) -> list[Seen]:
        before = len(self._api.shown(self._chat))
        self._api.press(self._chat, title)
        return self._new(before, count)

    def _new(self, before: int, count: int) -> list[Seen]:
        new = settled(lambda: self._api.shown(self._chat)[before:], count)
        return [
            picture_at(message["photo"])
            if "photo" in message
            else Shown(
                as_seen(message["text"]),
                tuple(
                    button["text"]
                    for row in message.get("reply_markup", {}).get("inline_keyboard", ())
                    for button in row
                ),
            )
            for message in new
        ]


class Slack:
    """The Slack channel, behind its stand-in."""

    def __init__(self, api: WebApi) -> None:
        self._api = api

    def start(self) -> None:
        self._channel = f"D{time.time_ns()}"

    def say(self, text: str, count: int) -> list[Seen]:
        before = len(self._api.shown(self._channel))
        self._api.say(self._channel, text)
        return self._new(before, count)

    def press(self, title: str, count: int) -> list[Seen]:
        before = len(self._api.shown(self._channel))
        self._api.press(self._channel, title)
        return self._new(before, count)

    def _new(self, before: int, count: int) -> list[Seen]:
        return settled(
            lambda: [
                seen
                for message in self._api.shown(self._channel)[before:]
                for seen in self._seen(message["blocks"])
            ],
            count,
        )

    def _seen(self, blocks: list[dict[str, Any]]) -> list[Seen]:
        of = {kind: [b for b in blocks if b["type"] == kind] for kind in ("section", "image")}
        words = Shown(
            as_seen(unescaped("\n".join(block["text"]["text"] for block in of["section"]))),
            tuple(
                element["text"]["text"]
                for block in blocks
                if block["type"] == "actions"
                for element in block["elements"]
            ),
        )
        return [words, *(picture_at(block["image_url"]) for block in of["image"])]


class Widget:
    """The chat on the sample page, in a real browser."""

    # What came after the person's last message. The sources are folded; whoever wants opens them.
    _READ = """() => {
        const root = document.querySelector("backstride-chat").shadowRoot;
        const log = root.querySelector(".log");
        const groups = [...log.querySelectorAll(".group")];
        const last = groups.findLastIndex((group) => group.classList.contains("user"));
        const pictures = [...log.querySelectorAll("img")];
        if (log.querySelector(".typing, .waits") || pictures.some((one) => !one.complete)) return;
        const parts = [];
        for (const group of groups.slice(last + 1)) {
            for (const folded of group.querySelectorAll("details")) folded.open = true;
            for (const one of group.querySelectorAll(".bubble, .closing")) {
                for (const picture of one.querySelectorAll("img")) {
                    if (picture.naturalWidth) parts.push({ picture: picture.src });
                }
                const lines = [...one.querySelectorAll("p, li")];
                const mark = (line) => (line.localName === "li" ? "- " : "");
                parts.push({ text: lines.map((it) => mark(it) + it.innerText).join("\\n") });
            }
        }
        const buttons = [...log.querySelectorAll(".reply")].map((one) => one.innerText);
        return parts.length && { parts, buttons };
    }"""

    def __init__(self, browser: Any, server: Server) -> None:
        self._browser, self._server = browser, server
        self._context: Any = None

    def start(self) -> None:
        self.stop()
        self._context = self._browser.new_context(locale="en-GB")
        self._context.set_default_timeout(20_000)
        page = self._context.new_page()
        self._chat = Chat(page, f"http://localhost:{self._server.port}/widget/page/demo.html")
        self._chat.open()

    def say(self, text: str, count: int) -> list[Seen]:
        return self._turn(text, lambda: self._chat.ask(text))

    def press(self, title: str, count: int) -> list[Seen]:
        return self._turn(title, self._chat.reply(title).click)

    def stop(self) -> None:
        if self._context is not None:
            self._context.close()

    def _turn(self, said: str, act: Callable[[], None]) -> list[Seen]:
        act()
        # What was said before may be gone by now: a deletion empties the chat.
        self._chat.page.wait_for_function(
            "said => [...document.querySelector('backstride-chat').shadowRoot"
            ".querySelectorAll('.group.user')].at(-1)?.innerText.includes(said)",
            arg=said,
        )
        read = self._chat.page.wait_for_function(self._READ).json_value()
        seen: list[Seen] = [
            picture_at(part["picture"]) if "picture" in part else Shown(as_seen(part["text"]))
            for part in read["parts"]
        ]
        # The buttons stand below the last message.
        last = seen[-1]
        assert isinstance(last, Shown)
        return [*seen[:-1], replace(last, buttons=tuple(read["buttons"]))]


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
    _IMAGE = "Image: "
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
                "BACKSTRIDE_PUBLIC_URL": PUBLIC_URL,
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

    def say(self, text: str, count: int) -> list[Seen]:
        if self._menu:
            self._type(self._UP + b"\r")
            self._read_until_asked()
        return self._turn(text.encode() + b"\r")

    def press(self, title: str, count: int) -> list[Seen]:
        return self._turn(self._DOWN * self._titles.index(title) + b"\r")

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(30)
        os.close(self._keyboard)

    def _turn(self, keys: bytes) -> list[Seen]:
        self._type(keys)
        self._read_until_asked()
        shown: list[Seen] = [
            picture_at(text) if text.startswith(self._IMAGE) else Shown(as_seen(text))
            for text in self._COLOURED.findall(self._screen)
        ]
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
