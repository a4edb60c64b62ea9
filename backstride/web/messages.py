"""A message of the assistant as the widget shows it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from backstride.pictures import PICTURE_PATH

# By the beginning of a response's name, so that a new variant can't forget it. "over" is said
# when help was found or nothing was meant.
_URGENCY = {
    "utter_emergency": "emergency",
    "utter_crisis": "crisis",
    "utter_same_day": "same_day",
    "utter_seen": "over",
    "utter_released": "over",
}


def urgency_of(response: str) -> str | None:
    """How urgent a response is, by its name."""
    urgencies = (urgency for name, urgency in _URGENCY.items() if response.startswith(name))
    return next(urgencies, None)


def messages_for_web(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What Rasa sends as the widget's messages: one a paragraph, buttons on the last."""
    metadata = message.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    texts = [part.strip() for part in str(message.get("text") or "").split("\n\n")]
    shown: list[dict[str, Any]] = [{"text": text} for text in texts if text] or [{"text": ""}]
    buttons = message.get("buttons") or message.get("quick_replies") or []
    last = shown[-1]
    if buttons:
        # As Rasa's own socket.io channel writes them.
        last["quick_replies"] = [
            {"content_type": "text", "title": str(b["title"]), "payload": str(b["payload"])}
            for b in buttons
        ]
    picture = metadata.get("picture")
    if isinstance(picture, Mapping):
        shown[0]["picture"] = {
            "src": PICTURE_PATH + str(picture.get("file")),
            "alt": str(picture.get("alt")),
        }
    urgency = urgency_of(str(message.get("utter_action")))
    if urgency is not None:
        for part in shown:
            part["urgency"] = urgency
    if metadata.get("closing"):
        last["closing"] = True
    return [
        {"id": secrets.token_hex(8), "from": "bot", **part}
        for part in shown
        if len(part) > 1 or part["text"]
    ]
