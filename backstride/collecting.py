"""Messages that were not understood, for whoever writes the next training examples.

Nothing is collected unless the operator sets BACKSTRIDE_COLLECT_DAYS. What is collected holds no id
of a conversation and no time but the day, and has passed through the redaction for logs. Where
danger signs were talked about in the turns that are loaded, or a warning still holds, nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence

from backstride.logs import redacted
from backstride.triage import State, Turn, replay

# What is done about a message that was not understood, or that the guide has nothing on.
AT_A_LOSS = frozenset({"action_suggest_topics", "action_decline"})
LONGEST_CHARS = 300  # a longer message is a story, and stories point to people


def collected_text(text: str, turns: Sequence[Turn], earlier: State) -> str | None:
    """What is collected of the last message; None when it is not to be collected.

    Args:
        text: the message.
        turns: the conversation, the newest turn last.
        earlier: what the turns before these added up to.
    """
    at_a_loss = bool(turns) and bool(AT_A_LOSS.intersection(turns[-1].did))
    if not at_a_loss or text.startswith("/") or len(text) > LONGEST_CHARS:
        return None
    if earlier.held != "routine" or earlier.awaiting or any(_about_danger(turn) for turn in turns):
        return None
    before = replay(turns[:-1], earlier)
    return redacted(text) if before.held == "routine" and not before.awaiting else None


def _about_danger(turn: Turn) -> bool:
    signs = turn.present or turn.suspected or turn.denied
    return bool(signs) or turn.intent == "report_red_flag" or turn.reply is not None
