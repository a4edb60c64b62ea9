"""The chat in the browser: its size, and how long a person waits for it.

Run it with `python -m benchmarks.widget`. It starts the servers and a Chromium.
"""

from __future__ import annotations

import gzip
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from backstride.web.files import BUILT
from tests.server.conftest import start
from tests.web.chat import chromium, missing

OPENINGS = 10
QUESTIONS = 20
SIZE_LIMIT_KB = 60

# Both are measured inside the page, so that the time of the test tool is not in them.
FROM_CLICK_TO_USABLE = """async () => {
    const root = document.querySelector("backstride-chat").shadowRoot;
    const start = performance.now();
    root.querySelector(".launcher").click();
    const wait = (done) => new Promise((resolve) => {
        const look = () => (done() ? resolve(performance.now() - start) : setTimeout(look, 1));
        look();
    });
    const usable = await wait(() => root.activeElement?.localName === "textarea");
    const greeted = await wait(() => root.querySelector(".reply"));
    return [usable, greeted];
}"""
FROM_SENDING_TO_ANSWER = """async (text) => {
    const root = document.querySelector("backstride-chat").shadowRoot;
    const field = root.querySelector("textarea");
    field.value = text;
    field.dispatchEvent(new Event("input"));
    const before = root.querySelectorAll(".group.bot .bubble").length;
    const start = performance.now();
    const enter = new KeyboardEvent("keydown", { key: "Enter", cancelable: true });
    field.dispatchEvent(enter);
    return await new Promise((resolve) => {
        const look = () => {
            const now = root.querySelectorAll(".group.bot .bubble").length;
            if (now > before) resolve(performance.now() - start);
            else setTimeout(look, 1);
        };
        look();
    });
}"""


def main() -> int:
    """Print the figures; the exit code is 1 when the script is larger than it may be."""
    lack = missing()
    if lack:
        sys.exit(f"Can't measure: {lack}.")
    script = (BUILT / "backstride.js").read_bytes()
    size = len(gzip.compress(script)) / 1000
    print(f"script: {len(script) / 1000:.1f} kB, {size:.1f} kB gzipped (limit {SIZE_LIMIT_KB})")
    with tempfile.TemporaryDirectory() as folder:
        server = start(Path(folder, "log.txt"))
        try:
            _measure(f"http://localhost:{server.port}/widget/page/demo.html")
        finally:
            server.stop()
    return int(size > SIZE_LIMIT_KB)


def _measure(address: str) -> None:
    with chromium() as browser:
        usable, greeted = [], []
        page: Any = None
        for _ in range(OPENINGS):
            page = browser.new_context().new_page()
            page.goto(address)
            page.locator("backstride-chat .launcher").wait_for()
            times = page.evaluate(FROM_CLICK_TO_USABLE)
            usable.append(times[0])
            greeted.append(times[1])
        questions = ["should I use ice or heat?", "do I need a scan?"] * (QUESTIONS // 2)
        answered = [page.evaluate(FROM_SENDING_TO_ANSWER, text) for text in questions]
    for what, times in (
        ("from click to usable", usable),
        ("from click to greeting", greeted),
        ("from sending to answer", answered),
    ):
        print(f"{what}: median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms")


if __name__ == "__main__":
    sys.exit(main())
