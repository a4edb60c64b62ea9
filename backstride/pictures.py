"""A picture of the guide for channels that fetch it by its address: Telegram, Slack, REST."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

PICTURE_PATH = "/widget/pictures/"


def with_picture(message: dict[str, Any], public_url: str | None) -> dict[str, Any]:
    """What Rasa sends, with the address of its picture and what the picture shows.

    Args:
        message: its `metadata` may name a picture by its file.
        public_url: where the server is reached; without it there is no address.
    """
    metadata = message.get("metadata")
    picture = metadata.get("picture") if isinstance(metadata, Mapping) else None
    if public_url is None or not isinstance(picture, Mapping):
        return message
    file = PurePosixPath(str(picture.get("file")))
    if file.suffix == ".svg":
        # Neither Telegram nor Slack shows a drawing; its copy in dots lies beside it.
        file = file.with_suffix(".png")
    address = f"{public_url}{PICTURE_PATH}{file}"
    return {**message, "image": address, "alt": str(picture.get("alt"))}
