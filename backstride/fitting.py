"""Which part of an answer a question is about, by the words that they share.

"Do insoles help?", asked after the short answer on shoes, is best answered by the part that names
insoles. Only words that few passages of the guide hold tell parts from each other, and none of
those that ask for a part, such as "night": `wording.yml` says in which phrases they do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import log

from backstride.guide import load_guide
from backstride.wording import load_wording, plain_words

_SHORTEST = 4  # letters: shorter words are "the", "and" and the like
_RARE = 0.1  # of all passages: a word in more of them tells nothing


def fitting_part(parts: Mapping[str, Sequence[str]], text: str) -> str | None:
    """The key of the part that shares the most telling words with the text; None without any.

    Args:
        parts: the messages of each part.
        text: what was asked.
    """
    asked = _stems([text])
    scores = {
        key: sum(_weights().get(stem, 0.0) for stem in asked & _stems(messages))
        for key, messages in parts.items()
    }
    best = max(scores, key=lambda key: scores[key], default=None)
    return best if best is not None and scores[best] > 0 else None


def knows_all(text: str) -> bool:
    """Whether each longer word of the text stands somewhere in the guide."""
    return all(stem in _weights() for stem in _stems([text]))


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    """How much each word of the guide tells: nothing, or the more the rarer it is."""
    passages = [
        _stems([topic.title, topic.question, *passage.paragraphs])
        for topic in load_guide().topics.values()
        for passage in (topic.short, *topic.parts.values())
    ]
    counts = Counter(stem for passage in passages for stem in passage)
    share = {stem: count / len(passages) for stem, count in counts.items()}
    asking = _stems(phrase for part in load_wording().parts.values() for phrase in part.asked)
    return {
        stem: -log(part) if part <= _RARE and stem not in asking else 0.0
        for stem, part in share.items()
    }


def _stems(texts: Iterable[str]) -> set[str]:
    words = (word for text in texts for word in plain_words(text).split())
    return {word.rstrip("s") for word in words if len(word) >= _SHORTEST}
