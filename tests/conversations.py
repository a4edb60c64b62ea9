"""The long conversations of the stories, as one reads them: `python -m tests.conversations`.

The stories in `tests/stories/test_long_conversations.yml` compare intents and actions. Their words
are kept in `docs/conversations.md`, which this writes anew from the running assistant. Read what
has changed aloud before you commit it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rasa.shared.nlu.training_data.entities_parser import parse_training_example

from backstride.content import read_yaml
from backstride.paths import ROOT

STORIES = ROOT / "tests" / "stories" / "test_long_conversations.yml"
KEPT = ROOT / "docs" / "conversations.md"
_HEAD = """# Conversations

What runners type and what Backstride answers; the buttons are in brackets. These are the stories of
`tests/stories/test_long_conversations.yml`. `make conversations` writes this page anew, and a test
fails when the assistant says something else.
"""

Ask = Callable[[str, str], list[dict[str, Any]]]
"""From a message and the id of a conversation to the answers."""


def stories() -> dict[str, list[str]]:
    """What the person says in each conversation, by its name."""
    return {
        story["story"]: [
            parse_training_example(step["user"].strip()).get("text")
            for step in story["steps"]
            if "user" in step
        ]
        for story in read_yaml(STORIES)["stories"]
    }


def played(name: str, ask: Ask) -> str:
    """One conversation as text."""
    lines = [f"## {name}"]
    for said in stories()[name]:
        lines.append(f"> **{said}**")
        for answer in ask(said, f"conversation {name}"):
            lines.append(answer.get("text", "").replace("\n", "  \n"))
            if buttons := answer.get("buttons"):
                lines.append(" ".join(f"[{button['title']}]" for button in buttons))
    return "\n\n".join(lines)


def kept() -> dict[str, str]:
    """Each conversation as it is kept, by its name."""
    _, *parts = KEPT.read_text(encoding="utf-8").split("\n## ")
    return {part.splitlines()[0]: f"## {part.rstrip()}" for part in parts}


def main() -> int:
    """Play all conversations, and keep them."""
    from tests.server.conftest import start

    with tempfile.TemporaryDirectory() as folder:
        server = start(Path(folder) / "log.txt")
        try:
            parts = [played(name, server.ask) for name in stories()]
        finally:
            server.stop()
    KEPT.write_text("\n".join([_HEAD, "\n\n".join(parts)]) + "\n", encoding="utf-8")
    print(f"{len(parts)} conversations were written to {KEPT.relative_to(ROOT)}. Read them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
