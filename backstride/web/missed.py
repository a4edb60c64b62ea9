"""What was said lately in each web conversation, so that a browser gets what it missed.

A browser that lost its connection says what it saw last and gets the rest. Each message has an
id, so nothing is shown twice and nothing is answered twice. Texts stay here for half an hour
after the last message, and no longer.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

KEPT_SECONDS = 30 * 60
KEPT_MESSAGES = 100  # of one conversation
KEPT_CONVERSATIONS = 2000
WAITING_TURNS = 5  # messages of one conversation that wait for their answer


@dataclass
class Recent:
    """The newest messages of one conversation, numbered from 1, and its turns in progress.

    `log` names this numbering: after a restart the server counts anew under another name.
    """

    log: str = field(default_factory=lambda: secrets.token_hex(8))
    messages: list[dict[str, Any]] = field(default_factory=list)
    turns: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    deleted: bool = False
    used: float = field(default_factory=time.monotonic)
    _count: int = 0
    _clears: bool = False

    def add(self, message: dict[str, Any]) -> dict[str, Any]:
        """Keep a message; it gets its number and time."""
        self._count += 1
        self.used = time.monotonic()
        if self._clears and message["from"] == "bot":
            message, self._clears = {**message, "clears": True}, False
        numbered = {**message, "log": self.log, "seq": self._count, "time": round(time.time(), 3)}
        self.messages = [*self.messages, numbered][-KEPT_MESSAGES:]
        return numbered

    def clear(self) -> None:
        """Keep nothing of what was said but the message that is being answered.

        Its answer tells the browsers to do the same.
        """
        self.messages = [message for message in self.messages if message["id"] in self.turns]
        self._clears = True

    def find(self, message_id: str) -> dict[str, Any] | None:
        """The message with this id, if it is still kept."""
        return next((m for m in self.messages if m["id"] == message_id), None)

    def after(self, log: object, seen: object) -> list[dict[str, Any]]:
        """What a browser has not seen that saw this log up to this number."""
        last = seen if log == self.log and isinstance(seen, int) else 0
        return [message for message in self.messages if message["seq"] > last]

    @property
    def waiting(self) -> list[str]:
        """The ids of messages whose answer is not complete."""
        return list(self.turns)

    @property
    def busy(self) -> bool:
        """Whether no further message can wait now."""
        return len(self.turns) >= WAITING_TURNS


class RecentConversations:
    """The recent messages of all conversations, the longest unused first."""

    def __init__(self) -> None:
        self._recent: OrderedDict[str, Recent] = OrderedDict()

    def __len__(self) -> int:
        return len(self._recent)

    def of(self, conversation: str) -> Recent:
        """The recent messages of a conversation, from now on kept if they were not."""
        recent = self._recent.setdefault(conversation, Recent())
        recent.used = time.monotonic()
        self._recent.move_to_end(conversation)
        if len(self._recent) > KEPT_CONVERSATIONS:
            idle = (name for name, other in self._recent.items() if not other.turns)
            self._recent.pop(next(idle, conversation))
        return recent

    def known(self, conversation: str) -> Recent | None:
        """The recent messages of a conversation, if there are any."""
        return self._recent.get(conversation)

    def drop(self, conversation: str) -> None:
        """Keep nothing more of this conversation."""
        self._recent.pop(conversation, None)

    def drop_old(self) -> None:
        """Drop what has not been used for long enough."""
        oldest = time.monotonic() - KEPT_SECONDS
        for name in [n for n, r in self._recent.items() if r.used < oldest and not r.turns]:
            del self._recent[name]
