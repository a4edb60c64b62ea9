"""Who, when and whether: what the words around a danger sign say about it.

As in ConText (Harkema and others 2009), phrases reach forwards or backwards over a sign until a
stop word such as "but", or until a new clause begins. Two things are read:

- **Denials**, with the lists in which they stand: "no X, Y or Z", "denies X, Y", "X: none".
- **Frames**: the mood of the clause, and of the message, in which a sign is named. It may be asked
  about in general, supposed, over, or a look-alike that fades.

All words and frames are data (`context` in `guide/red_flags.yml`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise, repeat
from typing import Literal, TypeVar

from pydantic import root_validator, validator

from backstride.content import Entry, at_least
from backstride.phrases import Hit, outside, reach_of
from backstride.tokens import Tokens

Reading = Literal["present", "unsure", "not_now", "general"]
Denial = Literal["no", "perhaps", "yes"]
Named = TypeVar("Named")

_DENIAL_REACH = 8  # words a denial reaches over, unless a stop word comes first
_INNER_REACH = 2  # words between a denial and a later part: "my groin is not numb"
_BESIDE_REACH = 1  # words between a bare "don't" and what it denies: "don't feel tingling"
_AFTER_REACH = 3
_ITEM = 5  # words of one item in a list of denials
_LATER = 2  # sentences after a sign in which it may be said to be over
_NEGATED_WITHIN = 2  # words between "not" and what it undoes: "has not gone away"
_POSITIONS = ("before", "after", "later", "anywhere")


class Denials(Entry):
    """Phrases that deny a sign: see `guide/red_flags.yml`."""

    before: tuple[str, ...]
    lists: tuple[str, ...]
    beside: tuple[str, ...]
    after: tuple[str, ...]
    answers: tuple[str, ...]


class Frame(Entry):
    """Phrases around a sign that say how it is meant, and the conditions under which they do."""

    name: str
    reading: Reading
    if_now: Reading | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    within: int = 12
    at_start: bool = False
    unowned: bool = False
    one_clause: bool = False
    over: bool = False
    past_tense: bool = False
    not_now: bool = False
    signs: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    @root_validator(skip_on_failure=True)
    def _says_something(cls, values: dict[str, object]) -> dict[str, object]:
        if not any(values[position] for position in _POSITIONS):
            raise ValueError(f"has no phrase. Add some under {', '.join(_POSITIONS)}")
        return values

    def names(self) -> list[str]:
        """The names under which its phrases are looked for, one for each position."""
        return [f"{self.name} {position}" for position in _POSITIONS]


class Context(Entry):
    """Everything under `context` in `guide/red_flags.yml`; the file says what each key is for."""

    denied: Denials
    frames: tuple[Frame, ...]
    now: tuple[str, ...]
    lasting: tuple[str, ...]
    complaint: tuple[str, ...]
    past_tense: tuple[str, ...]
    owner: tuple[str, ...]
    speaker: tuple[str, ...]
    mood_words: tuple[str, ...]
    subject: tuple[str, ...]
    preposition: tuple[str, ...]
    asking: tuple[str, ...]
    quizzed: tuple[str, ...]
    turn: tuple[str, ...]
    opener: tuple[str, ...]
    negator: tuple[str, ...]
    own_negative: tuple[str, ...]
    stop: tuple[str, ...]
    exception: tuple[str, ...]
    compared: tuple[str, ...]
    no_trigger: tuple[str, ...]
    masked: tuple[str, ...]

    _cited = at_least(1, "frames")

    @validator("frames")
    def _named_once(cls, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
        names = [frame.name for frame in frames]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"names '{name}' twice. Rename one")
        return frames

    def named_phrases(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each list of phrases with the name under which it is looked for."""
        for kind in Denials.__fields__:
            yield f"denied {kind}", getattr(self.denied, kind)
        for frame in self.frames:
            for name, position in zip(frame.names(), _POSITIONS, strict=True):
                yield name, getattr(frame, position)
        for name in self.__fields__:
            if name not in ("denied", "frames"):
                yield name, getattr(self, name)


class Message:
    """The words of one message, and where the phrases of the guide stand in them."""

    def __init__(self, tokens: Tokens, hits: dict[str, list[Hit]]) -> None:
        """Sort the hits by sentence; what only looks like a trigger is none."""
        self.tokens = tokens
        self.words = tokens.words
        self.sentence = tokens.sentence
        exempt = reach_of(hits.get("no_trigger", []), len(self.words))
        self._hits: dict[tuple[str, int], list[Hit]] = {}
        for name, found in hits.items():
            kept = (
                found if name.startswith("group ") or name in _CLASSES else outside(found, exempt)
            )
            for hit in kept:
                if self.sentence[hit.start] == self.sentence[hit.end - 1]:
                    self._hits.setdefault((name, self.sentence[hit.start]), []).append(hit)
        self._sentences: dict[str, list[int]] = {}
        for name, sentence in self._hits:
            self._sentences.setdefault(name, []).append(sentence)
        self._starts = {
            name: {hit.start for hit in self.anywhere(name)}
            for name in ("stop", "exception", "owner", "subject", "asking", "turn")
        }
        self._in_order = {name: sorted(starts) for name, starts in self._starts.items()}
        self._new_clauses = [
            i
            for i in self._in_order["subject"]
            if i in tokens.pause_before or (i and self.words[i - 1] in _JOINING)
        ]

    def named(self, name: str, sentence: int) -> list[Hit]:
        """Where phrases of this list stand in one sentence."""
        return self._hits.get((name, sentence), [])

    def anywhere(self, name: str) -> list[Hit]:
        """Where phrases of this list stand in the whole message."""
        return [hit for sentence in self.sentences(name) for hit in self.named(name, sentence)]

    def sentences(self, name: str) -> list[int]:
        """The sentences in which phrases of this list stand."""
        return self._sentences.get(name, [])

    def has(self, name: str) -> bool:
        """Whether a phrase of this list stands anywhere."""
        return name in self._sentences

    def among(self, named: Iterable[tuple[str, Named]]) -> list[Named]:
        """Those whose list of phrases stands anywhere."""
        here = self._sentences
        return [one for name, one in named if name in here]

    def starts(self, name: str) -> set[int]:
        """The words with which phrases of this list begin."""
        return self._starts[name]

    def between(self, name: str, start: int, end: int) -> bool:
        """Whether a phrase of this list begins among these words."""
        return _any_from(self._in_order[name], start, end)

    def pauses(self, start: int, end: int) -> bool:
        """Whether a comma or the like stands before one of these words."""
        return not self.tokens.pause_before.isdisjoint(range(start, end))

    def same_sentence(self, word: int, other: int) -> bool:
        """Whether `word` exists and stands in the same sentence as `other`."""
        return 0 <= word < len(self.words) and self.sentence[word] == self.sentence[other]

    def ends_clause(self, word: int) -> bool:
        """Whether the word is the last one before a pause or the end of its sentence."""
        return not self.same_sentence(word + 1, word) or word + 1 in self.tokens.pause_before

    def clause_end(self, word: int) -> int:
        """The first word after this clause; `word` is the last one known to belong to it."""
        end = word + 1
        while (
            self.same_sentence(end, word)
            and end not in self.tokens.pause_before
            and end not in self._starts["stop"]
            and self.words[end] not in _JOINING
        ):
            end += 1
        return end

    def clause_start(self, word: int) -> int:
        """The first word of this clause; `word` is the first one known to belong to it."""
        start = word
        while (
            self.same_sentence(start - 1, word)
            and start not in self.tokens.pause_before
            and start - 1 not in self._starts["stop"]
        ):
            start -= 1
        return start

    def free(self, start: int, end: int) -> bool:
        """No stop word stands between, and no new clause with a subject of its own begins."""
        if self.between("stop", start, end):
            return False
        return not _any_from(self._new_clauses, max(start, 1), end + 1)


def _any_from(places: list[int], start: int, end: int) -> bool:
    """Whether one of these places, which are in order, lies from `start` to before `end`."""
    first = bisect_left(places, start)
    return first < len(places) and places[first] < end


# Classes of words, which "looks like a trigger" says nothing about.
_CLASSES = frozenset(
    "owner speaker mood_words subject preposition asking turn opener negator own_negative stop"
    " exception".split()
)
_JOINING = frozenset("and so because cos while".split())


def denial(message: Message, parts: tuple[Hit, ...]) -> Denial:
    """Whether the sign that these parts make up is denied.

    "yes" only for what plainly stands under a denial; "perhaps" where a list may deny or complain.
    """
    whole = Hit(parts[0].start, parts[-1].end)
    verdicts = {
        *_denied_before(message, parts, whole),
        *_denied_after(message, parts, whole),
        _answered_no(message, parts, whole),
    }
    return "yes" if "yes" in verdicts else "perhaps" if "perhaps" in verdicts else "no"


def _says_no_itself(message: Message, parts: tuple[Hit, ...]) -> bool:
    """A sign such as "can't pee" that begins with a negative of its own."""
    first = parts[0].start
    return any(hit.start == first for hit in message.named("own_negative", message.sentence[first]))


def _triggers(message: Message, name: str, parts: tuple[Hit, ...]) -> list[Hit]:
    """Phrases in the sign's sentence that are no part of the sign itself."""
    found = message.named(name, message.sentence[parts[0].start])
    return [hit for hit in found if not any(hit.overlaps(part) for part in parts)]


def _denied_before(message: Message, parts: tuple[Hit, ...], whole: Hit) -> Iterator[Denial]:
    sentence = message.sentence[whole.start]
    if any(hit.start == whole.end for hit in message.named("compared", sentence)):
        return
    own = _says_no_itself(message, parts)
    for hit in message.named("denied before", sentence):
        # "no pain in" takes in the first word of the sign itself.
        inside = hit.start < whole.start < hit.end
        if inside and not message.between("exception", hit.end, whole.end):
            yield "yes" if message.free(hit.end, parts[-1].start) else "no"
    for kind, reach in (("before", _DENIAL_REACH), ("beside", _BESIDE_REACH), ("lists", None)):
        for trigger in _triggers(message, f"denied {kind}", parts):
            # "no fever, can't pee": a sign that says no itself is not denied by an earlier no.
            if own and trigger.end != whole.start:
                continue
            if message.between("exception", trigger.end, whole.end):
                continue
            inner = () if kind == "beside" else repeat(_INNER_REACH)
            for part, far in zip(parts, chain([reach], inner), strict=False):
                if part.start >= trigger.end and message.free(trigger.end, part.start):
                    yield _over(message, trigger.end, part.start, far)


def _over(message: Message, start: int, end: int, reach: int | None) -> Denial:
    """What a denial that ends at `start` says of words from `end` on.

    Without a reach it heads a list: "denies fever, weight loss, trauma".
    """
    pauses = sorted(i for i in range(start, end + 1) if i in message.tokens.pause_before)
    if reach is None:
        marks = [start, *pauses, end]
        short = all(later - earlier <= _ITEM for earlier, later in pairwise(marks))
        return "yes" if short and not message.between("asking", start, end) else "no"
    if end - start > reach or (pauses and reach == _BESIDE_REACH):
        return "no"
    if pauses and not _lists_on(message, start, end):
        return "perhaps"
    return "perhaps" if _new_subject(message, start, end) else "yes"


def _lists_on(message: Message, start: int, end: int) -> bool:
    """Whether an "or" joins the items: "no fever, numbness or weakness"."""
    for i in range(start, len(message.words)):
        if not message.same_sentence(i, start) or i in message.starts("asking"):
            return False
        if i > end and i in message.starts("subject"):
            return False
        if message.words[i] in ("or", "nor"):
            return True
    return False


def _new_subject(message: Message, start: int, end: int) -> bool:
    """Whether "my" and the like begin something new: "it is not anxiety my chest is tight"."""
    ties = {hit.start for hit in message.named("preposition", message.sentence[start])}
    return any(
        i in message.starts("subject") and i - 1 not in ties for i in range(start + 1, end + 1)
    )


def _denied_after(message: Message, parts: tuple[Hit, ...], whole: Hit) -> Iterator[Denial]:
    for trigger in _triggers(message, "denied after", parts):
        gap = trigger.start - whole.end
        if 0 <= gap <= _AFTER_REACH and message.free(whole.end, trigger.start):
            unclear = message.pauses(whole.end, trigger.start + 1) or _says_no_itself(
                message, parts
            )
            yield "perhaps" if unclear else "yes"


def _answered_no(message: Message, parts: tuple[Hit, ...], whole: Hit) -> Denial:
    """Whether "no" stands after the sign as an answer: "numb groin? no", "fever: none".

    A question may also be told: "she asked about numbness and I have none".
    """
    tokens, here = message.tokens, message.sentence[whole.start]
    told = any(hit.start < whole.start for hit in message.named("quizzed", here))
    for answer in (
        *message.named("denied answers", here),
        *message.named("denied answers", here + 1),
    ):
        if answer.start < whole.end or not message.ends_clause(answer.end - 1):
            continue
        gap = answer.start - whole.end
        if message.sentence[answer.start] != here:
            first = not message.same_sentence(answer.start - 1, answer.start)
            plain = not message.between("asking", whole.end, answer.start)
            if first and ((plain and here in tokens.asked) or told):
                return "yes"
            continue
        if here in tokens.asked and answer.end == len(message.words):
            continue  # "my groin is numb, no?"
        if answer.start in tokens.colon_before:
            items = message.free(whole.end, answer.start) and not message.between(
                "subject", whole.end, answer.start
            )
            if not gap or (items and gap <= _DENIAL_REACH):
                return "yes"
        elif not gap or _closes_question(message, whole.end, answer.start):
            # "my leg gives way, no, I'm not tired" is no list of answers.
            owned = _owned(message, message.clause_start(whole.start), whole.end - 1)
            unclear = _says_no_itself(message, parts) or (owned and not told)
            return "perhaps" if unclear else "yes"
        elif told and not message.between("stop", whole.end, answer.start):
            return "yes"
    return "no"


def _closes_question(message: Message, end: int, answer: int) -> bool:
    """Whether a comma sets the answer apart from the few words left: "gone weak or funny, no"."""
    return (
        answer - end <= _AFTER_REACH
        and answer in message.tokens.pause_before
        and not message.pauses(end, answer)
        and message.free(end, answer)
        and not message.between("subject", end, answer)
    )


def reading(
    context: Context, message: Message, parts: tuple[Hit, ...], sign: str, history: bool
) -> Reading:
    """How the sign is meant: the calmest reading of all frames that hold it.

    Args:
        history: the sign lies in the past by nature, so that the past says nothing about it.
    """
    said: set[Reading] = set()
    complaint = any(map(message.has, ("complaint", "now", "lasting")))
    for frame in context.frames:
        if (
            (frame.over and history)
            or (frame.signs and sign not in frame.signs)
            or sign in frame.never
        ):
            continue
        if _holds(frame, message, parts):
            said.add(frame.if_now if complaint and frame.if_now else frame.reading)
    for calm in ("general", "not_now", "unsure"):
        if calm in said:
            return calm
    return "present"


def _holds(frame: Frame, message: Message, parts: tuple[Hit, ...]) -> bool:
    """Whether one of the frame's phrases reaches the sign, under the frame's conditions."""
    names = frame.names()
    if not any(map(message.has, names)):
        return False
    whole = Hit(parts[0].start, parts[-1].end)
    sentence = message.sentence[whole.start]
    if frame.not_now and message.named("now", sentence):
        return False
    before, after, later, anywhere = names
    return (
        any(_reaches_on(frame, message, hit, whole) for hit in message.named(before, sentence))
        or (
            frame.over
            and any(_inside(message, hit, parts) for hit in _triggers(message, after, parts))
        )
        or any(
            _reaches_back(frame, message, hit, whole) for hit in _triggers(message, after, parts)
        )
        or any(
            _follows(frame, message, hit, parts)
            for n in range(_LATER + 1)
            for hit in message.named(later, sentence + n)
        )
        or (
            message.has(anywhere)
            and not (frame.unowned and _owned(message, whole.start, whole.end - 1))
        )
    )


def _reaches_on(frame: Frame, message: Message, trigger: Hit, whole: Hit) -> bool:
    gap = whole.start - trigger.end
    return (
        trigger.start < whole.start
        and gap <= frame.within
        and message.free(trigger.end, whole.start)
        and not (frame.at_start and not _opens(message, trigger.start))
        and not (frame.one_clause and _interrupted(message, trigger.end, whole.start))
        and not (frame.unowned and _owned(message, trigger.end, whole.end - 1))
    )


def _reaches_back(frame: Frame, message: Message, trigger: Hit, whole: Hit) -> bool:
    return (
        0 <= trigger.start - whole.end <= frame.within
        and message.free(whole.end, trigger.start)
        and not negated(message, trigger)
        and not (frame.one_clause and _interrupted(message, whole.end, trigger.start))
        and not (
            frame.unowned and _owned(message, message.clause_start(whole.start), trigger.end - 1)
        )
    )


def _inside(message: Message, trigger: Hit, parts: tuple[Hit, ...]) -> bool:
    """Whether the phrase stands between the parts of a sign, and no new clause begins there."""
    return (
        parts[0].end <= trigger.start
        and trigger.end <= parts[-1].start
        and message.free(parts[0].end, parts[-1].start)
    )


def _interrupted(message: Message, start: int, end: int) -> bool:
    """Whether another clause, or something to do about the sign, comes between."""
    subjects = sum(i in message.starts("subject") for i in range(start, end))
    return message.pauses(start, end + 1) or message.between("turn", start, end) or subjects > 1


def _follows(frame: Frame, message: Message, trigger: Hit, parts: tuple[Hit, ...]) -> bool:
    return (
        trigger.start >= parts[-1].end
        and not negated(message, trigger)
        and not (frame.past_tense and not _was(message, parts[0], trigger))
    )


def _was(message: Message, sign: Hit, trigger: Hit) -> bool:
    """Whether the sign's sentence is in the past tense, before what says that it is over."""
    return any(
        hit.end <= trigger.start
        for hit in message.named("past_tense", message.sentence[sign.start])
    )


def negated(message: Message, trigger: Hit) -> bool:
    """Whether "not" undoes the phrase: "does not go away when I get off"."""
    return any(
        0 <= trigger.start - hit.end <= _NEGATED_WITHIN
        for hit in message.named("negator", message.sentence[trigger.start])
    )


def _owned(message: Message, first: int, last: int) -> bool:
    """Whether somebody is named whose sign it is, from `first` to the end of the clause."""
    return message.between("owner", first, message.clause_end(last))


def _opens(message: Message, word: int) -> bool:
    """Whether the word begins its clause, but for "so", "hi doctor" and the like."""
    openers = message.named("opener", message.sentence[word])
    while word != message.clause_start(word):
        before = [hit for hit in openers if hit.end == word]
        if not before:
            return False
        word = before[0].start
    return True
