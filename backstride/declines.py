"""What to say to a message that the guide has nothing on: what can be helped with instead."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field

from backstride.answers import topic_buttons
from backstride.content import ContentError, Entry, at_least, read_entry
from backstride.guide import Guide, load_guide
from backstride.language import is_english
from backstride.paths import GUIDE
from backstride.render import Message, render
from backstride.wording import plain_words


class Reply(Entry):
    """What is said, and the topics that lead on."""

    text: str
    topics: tuple[str, ...]

    _leads_on = at_least(1, "topics")


class Decline(Reply):
    """The reply to one kind of question, and the words by which it is known."""

    words: tuple[str, ...]
    with_: tuple[str, ...] = Field((), alias="with")
    after: tuple[str, ...] = ()

    _known = at_least(1, "words")


class Declines(Entry):
    """Everything in `guide/declines.yml`; the file says what each key is for."""

    declined: tuple[Decline, ...]
    otherwise: Reply
    otherwise_again: Reply
    other_language: str


@lru_cache(maxsize=1)
def load_declines(path: Path = GUIDE / "declines.yml") -> Declines:
    """The replies, validated.

    Raises:
        ContentError: naming file, key and cure.
    """
    declines = read_entry(path, Declines)
    for reply in (*declines.declined, declines.otherwise, declines.otherwise_again):
        for topic in (*reply.topics, *(reply.after if isinstance(reply, Decline) else ())):
            if topic not in load_guide().topics:
                raise ContentError(
                    f"guide/declines.yml: '{topic}' is no topic. Correct its spelling."
                )
    return declines


def decline(
    guide: Guide, text: str, topic: str | None = None, again: bool = False
) -> tuple[Message, ...]:
    """Why this is not answered, whom to ask, and what else is here.

    Args:
        guide: the guide.
        text: the message, which counts as out of scope.
        topic: the topic of the last answer.
        again: whether the message before was declined too.
    """
    declines = load_declines()
    if not is_english(text):
        return render([declines.other_language], topic_buttons(guide, ["when_to_seek_care"]))
    otherwise = declines.otherwise_again if again else declines.otherwise
    reply = reason_to_decline(text, topic) or otherwise
    return render([reply.text], topic_buttons(guide, reply.topics))


def reason_to_decline(text: str, topic: str | None) -> Decline | None:
    """What is known about this kind of question; None when it is of no known kind."""
    words = plain_words(text)
    fitting = (
        entry
        for entry in load_declines().declined
        if _any(entry.words, words)
        and (not entry.with_ or _any(entry.with_, words) or topic in entry.after)
    )
    return next(fitting, None)


def _any(phrases: tuple[str, ...], words: str) -> bool:
    return any(f" {phrase} " in f" {words} " for phrase in phrases)
