"""Danger signs in a message: which are said to be there, which are denied, which are in doubt.

`guide/red_flags.yml` holds the signs (RF-01 to RF-32 of the fact sheet, each with its sources)
and all words. A sign is a combination of word groups that stand near each other, such as
"numb" and "between the legs", not a list of sentences. Who, when and whether is decided as
ConText does (Harkema and others 2009): trigger phrases such as "no", "years ago" or "what if"
reach forwards or backwards over a sign until a stop word such as "but". Groups and triggers
are found with spaCy's PhraseMatcher; misspelt words are mended first.

The rules lean towards alarm: whatever is neither clearly denied nor clearly in doubt is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice, pairwise, product, repeat
from pathlib import Path
from typing import Literal, cast, get_args

from pydantic import validator
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from backstride.content import ContentError, Entry, at_least, read_entry
from backstride.paths import GUIDE
from backstride.spelling import Speller
from backstride.tokens import Tokens, split_words
from backstride.triage import Urgency, highest

Status = Literal["present", "denied", "doubtful"]
Reply = Literal["sign", "misunderstanding", "seen"]

_WITHIN = 6  # words between two groups of one sign
_INNER_REACH = 2  # words between a denial and a later part: "my groin is not numb"
_DENIAL_REACH = 8  # words a denial reaches over, unless a stop word comes first
_NOT_YET = frozenset(
    "not havent hasnt nobody never no yet isnt cant couldnt wont need should dont to if".split()
)
_TAKEN_BACK = frozenset("except excepting apart aside besides bar".split())
_ASK_WHEN_LISTED = ("emergency", "crisis")
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
    """One danger sign. `name` completes "You mentioned ..."; `ask` is the question for it."""

    id: str
    level: Urgency
    name: str
    ask: str
    sources: tuple[str, ...]
    history: bool = False
    patterns: tuple[Pattern, ...]
    denials: tuple[Pattern, ...] = ()
    raised: tuple[Raise, ...] = ()
    reviewed: str | None

    _cited = at_least(1, "sources", "patterns")

    @validator("patterns", "denials", pre=True, each_item=True)
    def _groups_alone(cls, pattern: object) -> object:
        return {"all": pattern} if isinstance(pattern, list) else pattern


class Pair(Entry):
    """Signs that together are more urgent than each alone."""

    signs: tuple[str, ...]
    level: Urgency


class Trigger(Entry):
    """Phrases that change the status of a sign they reach."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()


class Context(Entry):
    """Who, when and whether, as trigger phrases."""

    denied: Trigger
    past: Trigger
    hypothetical: Trigger
    harmless: Trigger
    stop: tuple[str, ...]
    exception: tuple[str, ...]
    compared: tuple[str, ...]
    no_trigger: tuple[str, ...]
    masked: tuple[str, ...]


class Replies(Entry):
    """What people say after an urgent message, or about the list of danger signs."""

    sign: tuple[str, ...]
    seen: tuple[str, ...]
    misunderstanding: tuple[str, ...]


class RedFlags(Entry):
    """Everything in `guide/red_flags.yml`; the file says what each key is for."""

    groups: dict[str, tuple[str, ...]]
    signs: tuple[Sign, ...]
    pairs: tuple[Pair, ...] = ()
    context: Context
    replies: Replies
    shorthand: dict[str, str]


@dataclass(frozen=True)
class Finding:
    """One sign in one message; `start` and `end` count characters of the message."""

    sign: str
    level: Urgency
    status: Status
    start: int
    end: int


@dataclass(frozen=True)
class _Hit:
    """Where a group or a trigger stands: words `start` to `end` (not included)."""

    start: int
    end: int


def load_red_flags(path: Path = GUIDE / "red_flags.yml") -> RedFlags:
    """The signs and words, validated.

    Raises:
        ContentError: naming file, key and cure.
    """
    data = read_entry(path, RedFlags)
    faults = []
    for sign in data.signs:
        for pattern in (*sign.patterns, *sign.denials):
            used = (*pattern.all, *pattern.unless, *pattern.also)
            faults += [f"{sign.id}: '{g}' is no group" for g in used if g not in data.groups]
        for raised in sign.raised:
            faults += [f"{sign.id}: '{g}' is no group" for g in raised.when if g not in data.groups]
    ids = [sign.id for sign in data.signs]
    faults += [f"{id_}: used twice" for id_ in sorted(set(ids)) if ids.count(id_) > 1]
    faults += [
        f"pairs: '{s}' is no sign" for pair in data.pairs for s in pair.signs if s not in ids
    ]
    if faults:
        lines = (
            f"guide/red_flags.yml: {fault}. Add it, or correct the spelling." for fault in faults
        )
        raise ContentError("\n".join(lines))
    return data


class Detector:
    """Finds danger signs in a message."""

    def __init__(self, data: RedFlags) -> None:
        """Compile the phrases of `data`."""
        self.data = data
        self.signs = {sign.id: sign for sign in data.signs}
        self._vocab = Vocab()
        self._matcher = PhraseMatcher(self._vocab)
        words: set[str] = set()
        for name, phrases in self._named_phrases():
            split = [
                split_words(plain).words for phrase in phrases for plain in alternatives(phrase)
            ]
            words.update(word for phrase in split for word in phrase)
            self._matcher.add(name, [Doc(self._vocab, words=phrase) for phrase in split if phrase])
        self._speller = Speller(words)

    def find(self, text: str) -> tuple[Finding, ...]:
        """All signs in the text, one finding a sign, the clearest status of each.

        Pairs of signs that are more urgent together have their level raised.
        """
        tokens = self._words(text)
        if not tokens.words:
            return ()
        hits = self._hits(tokens)
        best: dict[str, Finding] = {}
        order: tuple[Status, ...] = ("denied", "doubtful", "present")
        for sign in self.data.signs:
            for finding in self._findings(sign, tokens, hits):
                known = best.get(sign.id)
                if known is None or order.index(finding.status) > order.index(known.status):
                    best[sign.id] = finding
                elif finding.status == known.status == "present":
                    level = highest((finding.level, known.level))
                    best[sign.id] = Finding(sign.id, level, "present", known.start, known.end)
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
            if found.status != "denied"
        }
        parts = (text[max(0, start - _AROUND) : end + _AROUND] for _, start, end in sorted(said))
        # A slash at its start would make it a command.
        return " ... ".join(parts)[:chars].lstrip("/ \n")

    def reply_in(self, text: str) -> Reply | None:
        """What the person says about an urgent message or about the list of danger signs.

        "sign" when they say that one of the signs listed applies or may apply, "seen" when they
        have been seen, "misunderstanding" when they were misread.
        """
        tokens = self._words(text)
        hits = self._hits(tokens)
        for reply in get_args(Reply):
            for hit in hits.get(f"reply {reply}", []):
                around = tokens.words[max(0, hit.start - 3) : hit.end + 2]
                if reply != "seen" or not _NOT_YET.intersection(around):
                    return cast(Reply, reply)
        return None

    def excepts(self, text: str) -> bool:
        """Whether a "none" is taken back in part, as in "none except the last one"."""
        return not _TAKEN_BACK.isdisjoint(self._words(text).words)

    def _words(self, text: str) -> Tokens:
        """The words of a message, chat shorthand written out and misspelt words mended."""
        tokens = split_words(text)
        written_out = tuple(self.data.shorthand.get(word, word) for word in tokens.words)
        return self._speller.mend(replace(tokens, words=written_out))

    def _named_phrases(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for group, phrases in self.data.groups.items():
            yield f"group {group}", phrases
        context = self.data.context
        for name in ("denied", "past", "hypothetical", "harmless"):
            trigger: Trigger = getattr(context, name)
            yield f"{name} before", trigger.before
            yield f"{name} after", trigger.after
            yield f"{name} anywhere", trigger.anywhere
        for reply in get_args(Reply):
            yield f"reply {reply}", getattr(self.data.replies, reply)
        for name in ("stop", "exception", "compared", "no_trigger", "masked"):
            yield name, getattr(context, name)

    def _hits(self, tokens: Tokens) -> dict[str, list[_Hit]]:
        """Where each group and trigger stands; in a group longer phrases swallow shorter ones."""
        doc = Doc(self._vocab, words=list(tokens.words))
        found: dict[str, list[_Hit]] = {}
        for key, start, end in self._matcher(doc):
            found.setdefault(self._vocab.strings[key], []).append(_Hit(start, end))
        masks = found.pop("masked", [])
        kept: dict[str, list[_Hit]] = {}
        for name, hits in found.items():
            hits = [hit for hit in hits if not any(_inside(hit, mask) for mask in masks)]
            hits = [h for h in hits if tokens.sentence[h.start] == tokens.sentence[h.end - 1]]
            if name.startswith("group "):
                hits = [h for h in hits if not any(_inside(h, o) and h != o for o in hits)]
            kept[name] = hits
        return kept

    def _findings(
        self, sign: Sign, tokens: Tokens, hits: dict[str, list[_Hit]]
    ) -> Iterator[Finding]:
        for pattern in sign.patterns:
            for parts in self._combinations(pattern, tokens, hits):
                status = self._status(sign, pattern, parts, tokens, hits)
                level = pattern.level or sign.level
                raised = [
                    raised.level
                    for raised in sign.raised
                    for group in raised.when
                    for hit in hits.get(f"group {group}", [])
                    if not _Reach((hit,), hit, tokens, hits).denied()
                ]
                yield _finding(sign.id, highest((level, *raised)), status, parts, tokens)
        for pattern in sign.denials:
            for parts in self._combinations(pattern, tokens, hits):
                yield _finding(sign.id, sign.level, "denied", parts, tokens)

    def _combinations(
        self, pattern: Pattern, tokens: Tokens, hits: dict[str, list[_Hit]]
    ) -> Iterator[tuple[_Hit, ...]]:
        """Group hits that stand together as the pattern wants."""
        everywhere = [hits.get(f"group {group}", []) for group in pattern.all]
        if not all(everywhere) or not all(hits.get(f"group {group}") for group in pattern.also):
            return
        sentences = sorted({tokens.sentence[hit.start] for hit in everywhere[0]})
        for sentence in sentences:
            options = [
                [hit for hit in hits_of_one if tokens.sentence[hit.start] == sentence][:_HITS]
                for hits_of_one in everywhere
            ]
            yield from _together(pattern, options)

    def _status(
        self,
        sign: Sign,
        pattern: Pattern,
        parts: tuple[_Hit, ...],
        tokens: Tokens,
        hits: dict[str, list[_Hit]],
    ) -> Status:
        whole = _Hit(parts[0].start, parts[-1].end)
        reach = _Reach(parts, whole, tokens, hits)
        if reach.denied():
            # "I'm not suicidal" is worth one kind question.
            return "doubtful" if sign.level == "crisis" else "denied"
        if (pattern.level or sign.level) in _ASK_WHEN_LISTED and reach.denied(over_commas=True):
            # "no fever, numb groin, chest pain" may be a list of denials or of complaints.
            return "doubtful"
        near = tokens.sentence[whole.start]
        if any(
            tokens.sentence[hit.start] == near
            for group in pattern.unless
            for hit in hits.get(f"group {group}", [])
        ):
            return "doubtful"
        kinds = (
            ["hypothetical", "harmless"] if sign.history else ["past", "hypothetical", "harmless"]
        )
        return "doubtful" if any(reach.touched_by(kind) for kind in kinds) else "present"

    def _pair_up(self, best: dict[str, Finding]) -> tuple[Finding, ...]:
        present = {id_ for id_, finding in best.items() if finding.status == "present"}
        for pair in self.data.pairs:
            if present.issuperset(pair.signs):
                for id_ in pair.signs:
                    known = best[id_]
                    level = highest((known.level, pair.level))
                    best[id_] = Finding(id_, level, known.status, known.start, known.end)
        return tuple(best.values())


class _Reach:
    """Which triggers reach one sign."""

    def __init__(
        self,
        parts: tuple[_Hit, ...],
        whole: _Hit,
        tokens: Tokens,
        hits: dict[str, list[_Hit]],
    ) -> None:
        self._parts, self._whole, self._tokens, self._hits = parts, whole, tokens, hits

    def denied(self, over_commas: bool = False) -> bool:
        """A denial stands before or after the sign, close by, with nothing that stops it.

        Over a comma it reaches within a list that has an "or", or with `over_commas` always.
        """
        own = self._tokens.words[self._parts[0].start] in _OWN_NEGATIVES
        for trigger in self._triggers("denied before"):
            if own and trigger.end != self._parts[0].start:
                continue  # "no fever, can't pee": a sign that says no itself is not denied by it
            for part, reach in zip(self._parts, _denial_reaches(), strict=False):
                if trigger.end <= part.start <= trigger.end + reach and self._free(
                    trigger.end, part.start, within_list=not over_commas
                ):
                    inside = self._hits.get("exception", [])
                    compared = any(
                        h.start == self._whole.end for h in self._hits.get("compared", [])
                    )
                    if not compared and not any(
                        trigger.end <= hit.start < self._whole.end for hit in inside
                    ):
                        return True
        for trigger in self._triggers("denied after"):
            gap = trigger.start - self._whole.end
            if 0 <= gap <= 3 and self._free(self._whole.end, trigger.start):
                return True
        return False

    def touched_by(self, kind: str) -> bool:
        """A trigger of this kind reaches the sign within its sentence."""
        for trigger in self._triggers(f"{kind} before"):
            if trigger.end <= self._whole.start and self._free(trigger.end, self._whole.start):
                return True
        for trigger in self._triggers(f"{kind} after"):
            if trigger.start >= self._whole.end and self._free(self._whole.end, trigger.start):
                return True
        return bool(self._triggers(f"{kind} anywhere", anywhere=True))

    def _triggers(self, name: str, anywhere: bool = False) -> list[_Hit]:
        """Triggers in the sentence (or the message) that are no part of the sign itself."""
        sentence = self._tokens.sentence
        exempt = self._hits.get("no_trigger", [])
        return [
            hit
            for hit in self._hits.get(name, [])
            if (anywhere or sentence[hit.start] == sentence[self._whole.start])
            and not any(_overlap(hit, part) for part in self._parts)
            and not any(_inside(hit, other) for other in exempt)
        ]

    def _free(self, start: int, end: int, within_list: bool = False) -> bool:
        """No stop word stands between, and no new clause with a subject of its own begins.

        With `within_list` a comma stops it too, unless it stands in a list: "no fever, numbness or
        weakness", but "no injury, numb groin".
        """
        if any(start <= hit.start < end for hit in self._hits.get("stop", [])):
            return False
        words, commas = self._tokens.words, self._tokens.comma_before
        between = range(max(start, 1), min(end + 1, len(words)))
        if any(words[i] in _SUBJECTS and (i in commas or words[i - 1] == "and") for i in between):
            return False
        if not within_list:
            return True
        return commas.isdisjoint(between) or self._lists_on(between.start)

    def _lists_on(self, start: int) -> bool:
        """Whether an "or" follows in the sentence."""
        words, sentence = self._tokens.words, self._tokens.sentence
        return any(
            words[i] in ("or", "nor")
            for i in range(start, len(words))
            if sentence[i] == sentence[self._whole.start]
        )


def _denial_reaches() -> Iterator[int]:
    """How far a denial reaches to the first part of a sign, and then to each later part."""
    return chain([_DENIAL_REACH], repeat(_INNER_REACH))


_OWN_NEGATIVES = frozenset(
    "cant cannot can couldnt could no not dont wont lost losing unable havent hasnt never nothing"
    " barely hardly".split()
)
_SUBJECTS = frozenset("i im ive my he she hes shes we they".split())


def _finding(
    sign: str, level: Urgency, status: Status, parts: tuple[_Hit, ...], tokens: Tokens
) -> Finding:
    start, _ = tokens.spans[parts[0].start]
    _, end = tokens.spans[parts[-1].end - 1]
    return Finding(sign, level, status, start, end)


def _together(pattern: Pattern, options: list[list[_Hit]]) -> Iterator[tuple[_Hit, ...]]:
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


def _nearest(parts: tuple[_Hit, ...], options: list[list[_Hit]]) -> bool:
    """Each neighbour is the nearest of its group: "groin" goes with the nearer "numb"."""

    def gap(a: _Hit, b: _Hit) -> int:
        return max(a.start - b.end, b.start - a.end, 0)

    neighbours = zip(pairwise(parts), pairwise(options), strict=True)
    return all(
        gap(a, b) <= min(gap(a, other) for other in bs if not _overlap(a, other))
        and gap(a, b) <= min(gap(other, b) for other in as_ if not _overlap(other, b))
        for (a, b), (as_, bs) in neighbours
    )


def _inside(inner: _Hit, outer: _Hit) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _overlap(a: _Hit, b: _Hit) -> bool:
    return a.start < b.end and b.start < a.end


def alternatives(phrase: str) -> list[str]:
    """All phrases that one with alternatives stands for.

    "(my|his|) foot" is "my foot", "his foot" and "foot"; "im (60..61|old)" is "im 60", "im 61" and
    "im old".
    """
    found = _ALTERNATIVES.search(phrase)
    if found is None:
        return [phrase]
    options: list[str] = []
    for option in found[1].split("|"):
        numbers = _RANGE.fullmatch(option)
        if numbers:
            options += map(str, range(int(numbers[1]), int(numbers[2]) + 1))
        else:
            options.append(option)
    start, end = phrase[: found.start()], phrase[found.end() :]
    return [whole for option in options for whole in alternatives(f"{start}{option}{end}")]


_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")


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
