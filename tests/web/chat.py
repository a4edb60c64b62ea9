"""The widget as a person uses it, in a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from backstride.paths import ROOT
from backstride.web.files import BUILT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing() -> str | None:
    """What this machine lacks for these tests."""
    if CHROMIUM is None:
        return "Chromium is not installed (on Debian: apt install chromium)"
    if not (BUILT / "backstride.js").is_file():
        return "the widget is not built (make widget)"
    if not AXE.is_file():
        return "axe-core is not installed (make widget)"
    return None


def need_all() -> None:
    """Skip where something is missing, or fail where it must be there."""
    lack = missing()
    if lack and os.environ.get("CI") == "true":
        pytest.fail(f"The tests of the widget can't run: {lack}.")
    if lack:
        pytest.skip(lack)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser. While it runs, this thread can run no other event loop."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


def drawn(browser: Any, drawing: Path) -> bytes:
    """A drawing of the guide as PNG, two dots for each of its own."""
    context = browser.new_context(device_scale_factor=2)
    page = context.new_page()
    page.set_content(drawing.read_text(encoding="utf-8"))
    png: bytes = page.locator("svg").screenshot(omit_background=True)
    context.close()
    return png


class Chat:
    """The widget as a person uses it."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        page.goto(address)
        self.log = page.get_by_role("log")
        self.field = page.get_by_role("textbox", name="Your message")
        self.launcher = page.get_by_role("button", name="Open the chat")

    def open(self) -> Chat:
        self.launcher.click()
        self.reply("Heat or ice?").wait_for()
        return self

    def ask(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def reply(self, title: str) -> Any:
        return self.page.get_by_role("button", name=title, exact=True)

    def bubbles(self) -> list[str]:
        return self.page.locator("backstride-chat .bubble").all_inner_texts()

    def wait_for(self, text: str) -> Any:
        found = self.log.get_by_text(text).last
        found.wait_for()
        return found

    def stored(self) -> dict[str, str]:
        both = "JSON.stringify({...localStorage, ...sessionStorage})"
        return self.page.evaluate(f"JSON.parse({both})")

    def faults(self) -> list[str]:
        """What axe-core finds on the page."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run().then((result) => result.violations)")
        return [
            f"{fault['id']}: {fault['help']}: {[node['html'][:160] for node in fault['nodes']]}"
            for fault in found
        ]
