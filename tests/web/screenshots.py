"""Take the pictures of the chat that the README shows, and copy the guide's drawings as PNG:
`make screenshots`.

They differ from machine to machine by the fonts that are installed; Inter is used where it is.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backstride.paths import ROOT
from backstride.web.files import PICTURES as DRAWINGS
from tests.server.conftest import Server, start
from tests.web.chat import Chat, chromium, drawn, missing
from tests.web.test_widget import EMERGENCY

PICTURES = ROOT / "docs" / "pictures"
DESKTOP = {"viewport": {"width": 1000, "height": 680}}
PHONE = {"viewport": {"width": 390, "height": 780}, "is_mobile": True, "has_touch": True}
PICTURE_BYTES = 200_000
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<match target="pattern"><test qual="any" name="family" compare="contains"><string>sans</string>
</test><edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>
<match target="pattern"><test qual="any" name="family"><string>system-ui</string></test>
<edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>
</fontconfig>"""


def main() -> int:
    """Copy the drawings, then start the servers and take each picture; say how large it is."""
    lack = missing()
    if lack:
        sys.exit(f"The pictures can't be taken: {lack}.")
    with chromium() as browser:
        for drawing in sorted(DRAWINGS.glob("*.svg")):
            copy = drawing.with_suffix(".png")
            copy.write_bytes(drawn(browser, drawing))
            told(copy)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        fonts = Path(folder, "fonts.conf")
        fonts.write_text(FONTS, encoding="utf-8")
        os.environ["FONTCONFIG_FILE"] = str(fonts)
        server = start(Path(folder, "log.txt"))
        try:
            with pages(server) as page_with:
                take(page_with, f"http://localhost:{server.port}")
        finally:
            server.stop()
    large = [path.name for path in PICTURES.glob("*.png") if path.stat().st_size > PICTURE_BYTES]
    if large:
        sys.exit(f"Larger than {PICTURE_BYTES // 1000} kB: {', '.join(large)}")
    return 0


@contextmanager
def pages(server: Server) -> Iterator[Any]:
    with chromium() as browser:
        yield lambda **settings: browser.new_context(locale="en-GB", **settings).new_page()


def take(page_with: Any, address: str) -> None:
    sample = f"{address}/widget/page/demo.html"

    chat = Chat(page_with(**DESKTOP), sample)
    shoot(chat, "bubble")

    chat = Chat(page_with(**DESKTOP), sample).open()
    exercise(chat)
    shoot(chat, "conversation")

    chat = Chat(page_with(**DESKTOP), sample).open()
    chat.ask(EMERGENCY)
    chat.log.get_by_role("heading", name="Get help now").wait_for()
    shoot(chat, "emergency")

    chat = Chat(page_with(**DESKTOP, color_scheme="dark"), address)
    chat.reply("Heat or ice?").click()
    chat.wait_for("Try heat first")
    chat.log.get_by_text("Sources and evidence").click()
    chat.log.evaluate("log => { log.scrollTop = log.scrollHeight }")
    shoot(chat, "dark")

    chat = Chat(page_with(**PHONE), sample).open()
    exercise(chat)
    shoot(chat, "phone")


def exercise(chat: Chat) -> None:
    chat.field.fill("how do I do a bird dog?")
    chat.page.get_by_role("button", name="Send").click()
    chat.reply("None of these").click()
    picture = chat.page.get_by_role("img", name=re.compile("hands and knees"))
    picture.evaluate("image => image.decode()")


def shoot(chat: Chat, name: str) -> None:
    chat.page.wait_for_timeout(700)
    path = PICTURES / f"{name}.png"
    chat.page.screenshot(path=path)
    told(path)


def told(path: Path) -> None:
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
