"""Danger signs in a message: which are said to be there, which are denied, which are in doubt.

`guide/red_flags.yml` holds the signs (RF-01 to RF-32 of the fact sheet, each with its sources)
and all words. A sign is a combination of word groups that stand near each other, such as
"numb" and "between the legs", not a list of sentences. Who, when and whether is decided as
ConText does (Harkema and others 2009): trigger phrases such as "no", "years ago" or "what if"
reach forwards or backwards over a sign until a stop word such as "but". Groups and triggers
are found in a tree of all phrases (`backstride/phrases.py`); misspelt words are mended first.

The rules lean towards alarm: whatever is neither clearly denied nor clearly in doubt is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, pairwise, product
from pathlib import Path
from typing import Literal, cast, get_args

from pydantic import validator

from backstride.content import ContentError, Entry, at_least, read_entry
from backstride.context import Context, Message, denial, negated, reading
from backstride.paths import GUIDE
from backstride.phrases import Hit, Phrasebook, longest, outside, reach_of, well_bracketed
from backstride.spelling import Speller
from backstride.tokens import Tokens, split_words
from backstride.triage import Urgency, highest

# From what says least to what says most, when a sign is named more than once.
Status = Literal["hinted", "general", "denied", "doubtful", "present"]
Reply = Literal["sign", "misunderstanding", "seen"]

_WITHIN = 6  # words between two groups of one sign
_SHORT = 40  # words of a message at most in which a plain statement stands
_PLAIN = 18  # words of its clause at most
_SPEAKS = 4  # words at the start of the clause among which the speaker stands
_OF_AGE = 3  # words between an age and what makes it none, as in "trainers that are 2 years old"
_NOT_YET = frozenset(
    "not havent hasnt nobody never no yet isnt cant couldnt wont need should dont to if".split()
)
_LONG_AGO = frozenset("ago month months year years".split())
_SAID_SINCE = 5  # words after "I was seen" in which it may turn out to be long ago
_TAKEN_BACK = frozenset("except excepting apart aside besides bar".split())
_ASK_WHEN_UNSURE = ("emergency", "crisis")
_HITS = 12  # of one group in one sentence that are looked at: bounds the time too
_QUOTES = 3
_LONGEST = 10_000  # characters of a message that are looked at
_PIECE = 1_000  # characters of a long text that are searched at once
_OVERLAP = 200  # so that no sign is cut in two
_AROUND = 60  # characters kept on each side of a sign found in a text that is too long
_QUOTE_CHARS = 90
_COMBINATIONS = 64  # of group hits tried for one pattern: bounds the time for hostile texts


class Pattern(Entry):
    """Word groups that together make a sign: all of them, near each other, in one sentence."""

    all: tuple[str, ...]
    in_order: bool = False
    within: int = _WITHIN
    level: Urgency | None = None
    unless: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    _not_empty = at_least(1, "all")


class Raise(Entry):
    """A higher level for a sign when other words stand in the same message."""

    when: tuple[str, ...]
    level: Urgency


class Sign(Entry):
    """One danger sign. `name` completes "You mentioned ..."; `ask` is the question for it.

    `hints` only say what a message is about.
    """

    id: str
    level: Urgency
    name: str
    ask: str
    sources: tuple[str, ...]
    history: bool = False
    one_sided: bool = False
    patterns: tuple[Pattern, ...]
    denials: tuple[Pattern, ...] = ()
    hints: tuple[Pattern, ...] = ()
    raised: tuple[Raise, ...] = ()
    reviewed: str | None

    _cited = at_least(1, "sources", "patterns")

    def highest_level(self) -> Urgency:
        """The most urgent level that it can have by itself."""
        patterns = (pattern.level or self.level for pattern in self.patterns)
        return highest((*patterns, *(raised.level for raised in self.raised)))

    @validator("patterns", "denials", "hints", pre=True, each_item=True)
    def _groups_alone(cls, pattern: object) -> object:
        return {"all": pattern} if isinstance(pattern, list) else pattern


class Pair(Entry):
    """Signs that together are more urgent than each alone."""

    signs: tuple[str, ...]
    level: Urgency


class Replies(Entry):
    """What people say after an urgent message, or about the list of danger signs."""

    sign: tuple[str, ...]
    seen: tuple[str, ...]
    misunderstanding: tuple[str, ...]


class RedFlags(Entry):
    """Everything in `guide/red_flags.yml`; the file says what each key is for."""

    groups: dict[str, tuple[str, ...]]
    signs: tuple[Sign, ...]
    child: tuple[Pattern, ...] = ()
    pairs: tuple[Pair, ...] = ()
    context: Context
    replies: Replies
    shorthand: dict[str, str]

    def named_phrases(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each list of phrases with the name under which it is looked for."""
        for group, phrases in self.groups.items():
            yield f"group {group}", phrases
        yield from self.context.named_phrases()
        for reply in get_args(Reply):
            yield f"reply {reply}", getattr(self.replies, reply)


@dataclass(frozen=True)
class Finding:
    """One sign in one message; `start` and `end` count characters of the message.

    It is `plain` when the person says it of themselves, in a short clause without a word that
    could change how it is meant: such a statement needs no other opinion.
    """

    sign: str
    level: Urgency
    status: Status
    start: int
    end: int
    plain: bool = False


def load_red_flags(path: Path = GUIDE / "red_flags.yml") -> RedFlags:
    """The signs and words, validated.

    Raises:
        ContentError: naming file, key and cure.
    """
    data = read_entry(path, RedFlags)
    faults = []
    for sign in data.signs:
        for pattern in (*sign.patterns, *sign.denials, *sign.hints):
            used = (*pattern.all, *pattern.unless, *pattern.also)
            faults += [f"{sign.id}: '{g}' is no group" for g in used if g not in data.groups]
        for raised in sign.raised:
            faults += [f"{sign.id}: '{g}' is no group" for g in raised.when if g not in data.groups]
    for pattern in data.child:
        used = (*pattern.all, *pattern.unless, *pattern.also)
        faults += [f"child: '{g}' is no group" for g in used if g not in data.groups]
    ids = [sign.id for sign in data.signs]
    faults += [f"{id_}: used twice" for id_ in sorted(set(ids)) if ids.count(id_) > 1]
    faults += [
        f"pairs: '{s}' is no sign" for pair in data.pairs for s in pair.signs if s not in ids
    ]
    lines = [f"guide/red_flags.yml: {fault}. Add it, or correct the spelling." for fault in faults]
    lines += [
        f"guide/red_flags.yml: {name}: '{phrase}' has brackets inside a word, or inside others."
        " Put them around whole words, and write out what stands in the inner ones."
        for name, phrases in data.named_phrases()
        for phrase in phrases
        if not well_bracketed(phrase)
    ]
    if lines:
        raise ContentError("\n".join(lines))
    return data


class Detector:
    """Finds danger signs in a message."""

    def __init__(self, data: RedFlags) -> None:
        """Compile the phrases of `data`."""
        self.data = data
        self.signs = {sign.id: sign for sign in data.signs}
        self._patterns = {sign.id: _with_first(sign.patterns) for sign in data.signs}
        self._denials = {sign.id: _with_first(sign.denials) for sign in data.signs}
        self._most = {sign.id: ("present", sign.highest_level()) for sign in data.signs}
        self._hints = {sign.id: _with_first(sign.hints) for sign in data.signs}
        self._phrases = Phrasebook(data.named_phrases())
        # Not towards the words of frames: "esse" is no essay. But "dreamt" is a word.
        frames = {name for frame in data.context.frames for name in frame.names()}
        named = self._phrases.words.items()
        self._speller = Speller(
            set().union(*(found for name, found in named if name not in frames)),
            set().union(*(found for name, found in named if name in frames)),
        )

    def find(self, text: str) -> tuple[Finding, ...]:
        """All signs in the text, one finding a sign, the clearest status of each.

        Pairs of signs that are more urgent together have their level raised.
        """
        message = self._message(text)
        best: dict[str, Finding] = {}
        for sign in self.data.signs:
            for finding in self._findings(sign, message):
                known = best.get(sign.id)
                if known is None or _clearer(finding.status, known.status):
                    best[sign.id] = finding
                elif finding.status == known.status == "present":
                    level = highest((finding.level, known.level))
                    plain = finding.plain or known.plain
                    best[sign.id] = replace(known, level=level, plain=plain)
                told = best[sign.id]
                if told.plain and (told.status, told.level) == self._most[sign.id]:
                    break  # no other finding can say more
        return self._pair_up(best)

    def excerpt(self, text: str, chars: int) -> str:
        """What a text that is too long says about danger signs, in at most `chars` characters.

        Empty when it says nothing of the kind in its first 10,000 characters.
        """
        # Piece by piece: the time of `find` grows with the square of the length.
        said = {
            (found.status != "present", start + found.start, start + found.end)
            for start in range(0, min(len(text), _LONGEST), _PIECE - _OVERLAP)
            for found in self.find(text[start : min(start + _PIECE, _LONGEST)])
            if found.status in ("present", "doubtful")
        }
        parts = (text[max(0, start - _AROUND) : end + _AROUND] for _, start, end in sorted(said))
        # A slash at its start would make it a command.
        return " ... ".join(parts)[:chars].lstrip("/ \n")

    def reply_in(self, text: str) -> Reply | None:
        """What the person says about an urgent message or about the list of danger signs.

        "sign" when they say that one of the signs listed applies or may apply, "seen" when they
        have been seen, "misunderstanding" when they were misread.
        """
        message = self._message(text)
        for reply in get_args(Reply):
            for hit in message.anywhere(f"reply {reply}"):
                around = message.words[max(0, hit.start - 3) : hit.end + 2]
                after = message.words[hit.end : hit.end + _SAID_SINCE]
                open_yet = _NOT_YET.intersection(around) or _LONG_AGO.intersection(after)
                if reply != "seen" or not open_yet:
                    return cast(Reply, reply)
        return None

    def about_a_child(self, text: str) -> bool:
        """Whether the message is about somebody who is under 16 now."""
        message = self._message(text)
        return any(
            not any(
                hit.start <= parts[-1].end + _OF_AGE and parts[0].start <= hit.end + _OF_AGE
                for group in pattern.unless
                for hit in message.anywhere(f"group {group}")
            )
            for pattern in self.data.child
            for parts in _combinations(pattern, message)
        )

    def excepts(self, text: str) -> bool:
        """Whether a "none" is taken back in part, as in "none except the last one"."""
        return not _TAKEN_BACK.isdisjoint(self._words(text).words)

    def _words(self, text: str) -> Tokens:
        """The words of a message, chat shorthand written out and misspelt words mended."""
        tokens = split_words(text)
        written_out = tuple(self.data.shorthand.get(word, word) for word in tokens.words)
        return self._speller.mend(replace(tokens, words=written_out))

    @lru_cache(maxsize=1)  # noqa: B019 several things are asked of a message, one after the other
    def _message(self, text: str) -> Message:
        """The message, with groups and triggers; in a group longer phrases swallow shorter ones."""
        tokens = self._words(text)
        found = self._phrases.find(tokens.words)
        masks = reach_of(found.pop("masked", []), len(tokens.words))
        kept: dict[str, list[Hit]] = {}
        for name, hits in found.items():
            hits = outside(hits, masks)
            kept[name] = longest(hits) if name.startswith("group ") else hits
        return Message(tokens, kept)

    def _findings(self, sign: Sign, message: Message) -> Iterator[Finding]:
        for pattern in message.among(self._patterns[sign.id]):
            for parts in _combinations(pattern, message):
                if sign.one_sided and message.between("stop", parts[0].end, parts[-1].start):
                    continue
                status = self._status(sign, pattern, parts, message)
                level = pattern.level or sign.level
                raised = [
                    raised.level
                    for raised in sign.raised
                    for group in raised.when
                    for hit in message.anywhere(f"group {group}")
                    if denial(message, (hit,)) != "yes"
                ]
                found = _finding(sign.id, highest((level, *raised)), status, parts, message)
                yield replace(found, plain=status == "present" and _is_plain(message, parts))
        for pattern in message.among(self._denials[sign.id]):
            for parts in _combinations(pattern, message):
                if message.free(parts[0].end, parts[-1].start):
                    yield _finding(sign.id, sign.level, "denied", parts, message)
        for pattern in message.among(self._hints[sign.id]):
            for parts in _combinations(pattern, message):
                if denial(message, parts) != "yes":
                    yield _finding(sign.id, sign.level, "hinted", parts, message)

    def _status(
        self, sign: Sign, pattern: Pattern, parts: tuple[Hit, ...], message: Message
    ) -> Status:
        level = pattern.level or sign.level
        asks = level in _ASK_WHEN_UNSURE
        denied = denial(message, parts)
        if denied == "yes":
            # "I'm not suicidal" is worth one kind question.
            return "doubtful" if level == "crisis" else "denied"
        if denied == "perhaps" and asks:
            # "no fever, numb groin, chest pain" may be a list of denials or of complaints.
            return "doubtful"
        near = message.sentence[parts[0].start]
        harmless = (
            hit for group in pattern.unless for hit in message.named(f"group {group}", near)
        )
        if not all(negated(message, hit) for hit in harmless):
            return "doubtful"
        read = reading(self.data.context, message, parts, sign.id, sign.history)
        if read == "general":
            return "doubtful" if level == "crisis" else "general"
        if read == "not_now" or (read == "unsure" and asks):
            return "doubtful"
        return "present"

    def _pair_up(self, best: dict[str, Finding]) -> tuple[Finding, ...]:
        present = {id_ for id_, finding in best.items() if finding.status == "present"}
        for pair in self.data.pairs:
            if present.issuperset(pair.signs):
                for id_ in pair.signs:
                    known = best[id_]
                    best[id_] = replace(known, level=highest((known.level, pair.level)))
        return tuple(best.values())


def _finding(
    sign: str, level: Urgency, status: Status, parts: tuple[Hit, ...], message: Message
) -> Finding:
    start, _ = message.tokens.spans[parts[0].start]
    _, end = message.tokens.spans[parts[-1].end - 1]
    return Finding(sign, level, status, start, end)


def _is_plain(message: Message, parts: tuple[Hit, ...]) -> bool:
    """Whether the speaker says in this clause no more than that the sign is there."""
    start = message.clause_start(parts[0].start)
    end = message.clause_end(parts[-1].end - 1)
    asked = message.sentence[start] in message.tokens.asked and end == len(message.words)
    return (
        len(message.words) <= _SHORT
        and end - start <= _PLAIN
        and not asked
        and any(start <= hit.start < start + _SPEAKS for hit in message.anywhere("speaker"))
        and not any(
            start <= hit.start < end and not any(hit.overlaps(part) for part in parts)
            for hit in message.anywhere("mood_words")
        )
    )


def _clearer(status: Status, known: Status) -> bool:
    """Whether a status says more about a sign than the one known from elsewhere in the message."""
    order = get_args(Status)
    return order.index(status) > order.index(known)


def _with_first(patterns: tuple[Pattern, ...]) -> list[tuple[str, Pattern]]:
    """Each pattern behind the name of its first group, without which it is in no message."""
    return [(f"group {pattern.all[0]}", pattern) for pattern in patterns]


def _combinations(pattern: Pattern, message: Message) -> Iterator[tuple[Hit, ...]]:
    """Group hits that stand together as the pattern wants."""
    groups = [f"group {group}" for group in pattern.all]
    if not all(map(message.has, groups)) or not all(
        message.has(f"group {g}") for g in pattern.also
    ):
        return
    for sentence in message.sentences(groups[0]):
        yield from _together(pattern, [message.named(group, sentence)[:_HITS] for group in groups])


def _together(pattern: Pattern, options: list[list[Hit]]) -> Iterator[tuple[Hit, ...]]:
    """Choices of one hit a group, in one sentence, near each other and each the nearest."""
    for parts in islice(product(*options), _COMBINATIONS):
        order = sorted(range(len(parts)), key=lambda i: parts[i].start)
        ordered = tuple(parts[i] for i in order)
        if pattern.in_order and ordered != parts:
            continue
        gaps = [later.start - earlier.end for earlier, later in pairwise(ordered)]
        if all(0 <= gap <= pattern.within for gap in gaps) and _nearest(
            ordered, [options[i] for i in order]
        ):
            yield ordered


def _nearest(parts: tuple[Hit, ...], options: list[list[Hit]]) -> bool:
    """Each neighbour is the nearest of its group: "groin" goes with the nearer "numb"."""

    def gap(a: Hit, b: Hit) -> int:
        return max(a.start - b.end, b.start - a.end, 0)

    neighbours = zip(pairwise(parts), pairwise(options), strict=True)
    return all(
        gap(a, b) <= min(gap(a, other) for other in bs if not a.overlaps(other))
        and gap(a, b) <= min(gap(other, b) for other in as_ if not other.overlaps(b))
        for (a, b), (as_, bs) in neighbours
    )


@lru_cache(maxsize=1)
def detector() -> Detector:
    """The detector for the guide's own signs, made once.

    Raises:
        ContentError: `guide/red_flags.yml` is faulty.
    """
    return Detector(load_red_flags())


def quoted(text: str, findings: Sequence[Finding]) -> str:
    """The person's own words for the findings, each quoted once, in the order of the text.

    Words that overlap are quoted together; a long stretch is cut.
    """
    quotes: list[list[int]] = []
    for finding in sorted(findings, key=lambda found: found.start):
        if quotes and finding.start <= quotes[-1][1]:
            quotes[-1][1] = max(quotes[-1][1], finding.end)
        else:
            quotes.append([finding.start, finding.end])
    shown = [text[start:end] for start, end in quotes][:_QUOTES]
    cut = (
        q if len(q) <= _QUOTE_CHARS else q[:_QUOTE_CHARS].rsplit(" ", 1)[0] + " ..." for q in shown
    )
    return " and ".join(f'"{quote}"' for quote in cut)
