"""A message as the things that it says one after the other: "heat or ice, and can I run?"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

PIECES = 14
CLEAR = 0.5  # the confidence from which a piece of a message counts for itself
SURE = 0.9  # the confidence from which the whole is not taken for what only a piece of it says
_PAIN = "describe_pain"
_OUT_OF_SCOPE = "out_of_scope"
# What a question in the same message goes before.
_GIVE_WAY = frozenset({_PAIN, _OUT_OF_SCOPE, "greet", "thank", "goodbye", "affirm", "unsure"})
_SHORTEST = 3  # words: fewer say too little alone
_ASKS = (
    r"(?:what|which|who|whom|whose|when|where|why|how|can|could|should|shall|is|are|am|do|does|did"
    r"|will|would|has|have|may|any)"
)
_BREAK = re.compile(
    # The end of a sentence, or a word that leads to the next question.
    r"(?<=[.!?;])\s+|\n+"
    r"|[,\s]+(?:and|also|plus|or|but)(?:\s+(?:also|then))?\s+(?=" + _ASKS + r"\b)"
    r"|,\s+(?=" + _ASKS + r"\b)",
    re.IGNORECASE,
)


# At the start, or behind a greeting or the like that has gone with it.
_LEADS = r"(?:and|also|but|so|or|ok|okay|well|hi|hiya|hello|hey|thanks|please)"
_QUESTION = re.compile(
    rf"(?:^|[.!;]\s)(?:\W*{_LEADS}\b)*\W*{_ASKS}\b",
    re.IGNORECASE,
)
# "No, I meant ...", "sorry, not that, I mean ...", "forget that, ...": what follows counts.
_STARTS_OVER = (
    r"(?:(?:no|nope|nah|sorry|oops|oh|ah|argh|wait|hang on|hold on|actually|well|ok|okay)\b\W*)*"
)
_DENIES = r"(?:(?:i\s+)?(?:not|don'?t|do not|didn'?t|did not)\b[^.!?\n]{0,60}?\b)?"
_MEANS = (
    r"(?:what i meant (?:was|is)"
    r"|i(?:'?m| am| was)? (?:mean|meant|talking about|asking about))"
)
_DROPS = r"(?:forget|ignore|scrap|skip|never ?mind|leave)(?: about)? (?:that|this|it)(?: one)?"
_TAKEN_BACK = re.compile(
    rf"^\W*{_STARTS_OVER}(?:{_DENIES}{_MEANS}|{_DROPS})"
    r"(?:[\s,:;.!-]+(?:to (?:ask|say|write|type)|about|that|and|just))?[\s,:;.!-]+(?=\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Piece:
    """One piece of a message and what it was understood as."""

    text: str
    intent: str
    confidence: float

    @property
    def is_question(self) -> bool:
        """Whether it asks something, by its mark or its first word."""
        return "?" in self.text or _QUESTION.search(self.text) is not None


@dataclass(frozen=True)
class Reading:
    """What a message of several pieces comes to.

    Attributes:
        intent: its intent.
        asks: the intents of all its questions on topics in their order, when there are several.
        tells_pain: whether it tells of pain beside a question.
    """

    intent: str
    asks: tuple[str, ...] = ()
    tells_pain: bool = False


def read_pieces(
    whole: str, confidence: float, pieces: Sequence[Piece], topics: Collection[str]
) -> Reading:
    """What a message comes to, from its intent as a whole and from its pieces.

    A piece such as "how do I make it stop" says little without the rest: where the whole is surely
    out of scope, or surely asks something that none of its pieces asks, the whole counts.

    Args:
        whole: the intent of the whole message.
        confidence: how sure that is.
        pieces: its pieces in their order.
        topics: the intents that ask about a topic.
    """
    clear = [piece for piece in pieces if piece.confidence >= CLEAR]
    asked = dict.fromkeys(p.intent for p in clear if p.is_question and p.intent in topics)
    intent, sure = whole, confidence >= SURE
    if asked and whole in _GIVE_WAY and not (sure and whole == _OUT_OF_SCOPE):
        intent = next(iter(asked))
    if intent not in topics:
        return Reading(whole)
    astray = sure and whole in topics and whole not in asked
    several = tuple(asked) if len(asked) > 1 and not astray else ()
    tells_pain = any(p.intent == _PAIN and not p.is_question for p in clear)
    return Reading(several[0] if several else intent, several, tells_pain)


def what_is_meant(text: str) -> str:
    """The text without what it takes back: "no, I meant how to sleep" is "how to sleep"."""
    return _TAKEN_BACK.sub("", text, count=1)


def pieces_of(text: str) -> list[str]:
    """What a message says, piece by piece in its order, at most fourteen.

    A piece of one or two words goes with the one after it, at the end with the one before. A
    message that says one thing is one piece.
    """
    pieces: list[str] = []
    for piece in (part.strip() for part in _BREAK.split(text)):
        if not piece:
            continue
        if pieces and len(pieces[-1].split()) < _SHORTEST:
            pieces[-1] += " " + piece
        else:
            pieces.append(piece)
    if len(pieces) > 1 and len(pieces[-1].split()) < _SHORTEST:
        last = pieces.pop()
        pieces[-1] += " " + last
    return pieces[:PIECES]


def whole_and_pieces(text: str) -> list[str]:
    """The text, then its pieces when it says several things."""
    pieces = pieces_of(text)
    return [text, *(pieces if len(pieces) > 1 else [])]
