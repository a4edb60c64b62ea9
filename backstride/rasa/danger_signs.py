"""Rasa NLU component: danger signs, last in the pipeline so that nothing overrides them.

Three nets. The matcher (`backstride.red_flags`) finds signs and by itself raises the alarm: it sets
the intent and one entity a sign. The trained intent and nearness to labelled messages
(`backstride.nearness`, `data/danger_signs`) say whether a message is meant so
(`backstride.judgement`): where they speak against it, one question is asked in place of the alarm,
and where the matcher is silent but they are not, the same question. A crisis has a nearness of its
own, as it has a question of its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_NAME_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from backstride.danger_examples import NO_SIGNS, message_files, read_examples
from backstride.embeddings.cache import embed_all
from backstride.embeddings.export import ensure_exported
from backstride.embeddings.graph import DIMENSIONS
from backstride.judgement import Limits, danger_of, judged
from backstride.memory import give_back
from backstride.nearness import (
    FRAME_WORDS,
    Weights,
    features,
    is_marked,
    learn,
    marks,
    nearness,
    places_of,
)
from backstride.paths import ROOT
from backstride.questions import whole_and_pieces
from backstride.rasa.featurizer import (
    MiniLMFeaturizer,
    mended_text,
    pieces_in,
    sentence_vectors,
)
from backstride.red_flags import Finding, detector, quoted
from backstride.tokens import split_words
from backstride.triage import highest

RED_FLAG_INTENT = "report_red_flag"
NETS = "nets"
_RANKING = "intent_ranking"
_FILE = "nearness.npz"
_VECTORS = ROOT / ".cache" / "danger_vectors.npz"
# The code that makes features of texts.
_LEARNS_WITH = (learn, split_words, whole_and_pieces, read_examples)
_CRISIS_SIGN, _CHILD_SIGN = "RF-32", "RF-27"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class DangerSigns(GraphComponent):
    """Adds entities for signs, and for how urgent they are.

    `red_flag`, `denied_red_flag`, `suspected_red_flag`; `hinted_red_flag` for pain that is a sign
    if it is a child's; `urgency`.

    Beside these: `sign`, the person's own words for what was found; `reply`, when the person says
    that they have been seen or were misunderstood; `child`, when it is about somebody under 16.
    """

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        """A component whose third net is still empty."""
        settings = {**self.get_default_config(), **config}
        self._unsure_below: float = settings["unsure_below"]
        self._limits = Limits(*(settings[field.name] for field in fields(Limits)))
        self._model_storage = model_storage
        self._resource = resource
        self._danger: Weights = {}
        self._crisis: Weights = {}
        self._harmless: frozenset[int] = frozenset()

    @classmethod
    def required_components(cls) -> list[type]:
        """It needs the sentence vectors; the intent it reads is there only when answering."""
        return [MiniLMFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Likelihoods, from 0 to 1.

        For the first five see `backstride.judgement.Limits`; `benchmarks.red_flags.thresholds`
        finds them. `unsure_below`: the confidence below which an intent that steps up for a danger
        sign that was taken back is not understood; `benchmarks.nlu.thresholds` finds it.
        """
        return {
            "alarm_at": 0.4,
            "raise_at": 0.95,
            "crisis_raise_at": 0.8,
            "suspect_at": 0.3,
            "crisis_at": 0.3,
            "unsure_below": 0.3,
        }

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str | None:
        """What nearness is learnt from and with, and Rasa does not see: a change trains anew."""
        code = (Path(inspect.getfile(code)) for code in _LEARNS_WITH)
        read = (*code, NO_SIGNS, FRAME_WORDS, *message_files())
        return "\n".join(path.read_text(encoding="utf-8") for path in read)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DangerSigns:
        """A component for training."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DangerSigns:
        """A component for answering."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as saved:
            component._danger = _part(saved, "danger")
            component._crisis = _part(saved, "crisis")
            component._harmless = frozenset(saved["harmless"].tolist())
        detector()  # read now, not at the first message
        give_back()  # what all components needed to load: this one is the last
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn how near a sentence is to danger signs, to a crisis, and what is harmless."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        texts = [str(message.get(TEXT)) for message in examples]
        vectors = [sentence_vectors(message)[0] for message in examples]
        dangerous = [message.get(INTENT) == RED_FLAG_INTENT for message in examples]
        crises = [_is_crisis(message) for message in examples]
        harmless = [t for t, danger in zip(texts, dangerous, strict=True) if not danger]
        told = [(part, example) for example in read_examples() for part in example.parts()]
        texts += [part for part, _ in told]
        embedded, _ = embed_all(ensure_exported(), [part for part, _ in told], _VECTORS)
        vectors += [*embedded[:, :DIMENSIONS]]
        dangerous += [example.danger for _, example in told]
        crises += [example.crisis for _, example in told]
        rows = features(texts, vectors)
        # Side by side: the solver lets other threads run.
        with ThreadPoolExecutor() as pool:
            learnt = pool.map(lambda right: learn(rows, right), (dangerous, crises))
            weights = dict(zip(("danger", "crisis"), learnt, strict=True))
        saved = {f"{kind}_{k}": v for kind, part in weights.items() for k, v in part.items()}
        saved["harmless"] = marks(harmless)
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(folder / _FILE, **saved)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing after it learns from its entities."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Mark each message that has text and is no button press."""
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/"):
                self._mark(message, text)
        return messages

    def _mark(self, message: Message, text: str) -> None:
        found = detector().find(text)
        nets = self._nets(message)
        # Told for benchmarks; what the conversation needs stands in the entities.
        matcher = {f.sign: "plain" if f.plain else f.status for f in found}
        message.set(NETS, {**nets, "matcher": matcher}, add_to_output=True)
        findings = judged(found, nets["danger"], nets["crisis"], self._limits)
        present = [finding for finding in findings if finding.status == "present"]
        denied = [finding for finding in findings if finding.status == "denied"]
        hinted = [f for f in findings if f.status == "hinted" and f.sign == _CHILD_SIGN]
        entities = list(message.get(ENTITIES, []))
        entities += [_entity("red_flag", f.sign, f.start, f.end) for f in present]
        entities += [_entity("denied_red_flag", f.sign, f.start, f.end) for f in denied]
        entities += [_entity("hinted_red_flag", f.sign, f.start, f.end) for f in hinted]
        # Rasa wants a place for each entity: what sums up the message stands at its first sign.
        if present:
            level = highest(finding.level for finding in present)
            entities.append(_entity("urgency", level, present[0].start, present[0].end))
            words = quoted(text, present)
            entities.append(_entity("sign", words, present[0].start, present[0].end))
            self._override_intent(message)
        elif doubts := self._doubts(nets, text, found, findings):
            entities += [_entity("suspected_red_flag", doubt, 0, len(text)) for doubt in doubts]
            if doubts == [RED_FLAG_INTENT] and nets["danger"] < _SURELY_A_SIGN:
                # The question is asked out of caution; the message is likelier about another thing.
                self._take_back_intent(message)
            elif nets["intent"] == RED_FLAG_INTENT:
                # A no to the question leads back to what else the message is about.
                message.set(_RANKING, [message.get(INTENT), *_others(message)], add_to_output=True)
        else:
            self._take_back_intent(message)
        if reply := detector().reply_in(text):
            entities.append(_entity("reply", reply, 0, len(text)))
        if detector().about_a_child(text):
            entities.append(_entity("child", "under_16", 0, len(text)))
        message.set(ENTITIES, entities, add_to_output=True)

    def _nets(self, message: Message) -> dict[str, Any]:
        """What the weaker nets make of the message: its intent, and how likely it tells of one."""
        texts = [mended_text(message), *(piece for piece, _ in pieces_in(message))]
        places = [places_of(text) for text in texts]
        vectors = sentence_vectors(message)
        confidences = {i[INTENT_NAME_KEY]: i["confidence"] for i in message.get(_RANKING, [])}
        confidence = confidences.get(RED_FLAG_INTENT, 0.0)
        near = nearness(self._danger, places, vectors)
        return {
            "intent": (message.get(INTENT) or {}).get(INTENT_NAME_KEY),
            "confidence": round(confidence, 4),
            "danger": round(danger_of(near, confidence), 4),
            "crisis": round(nearness(self._crisis, places, vectors), 4),
        }

    def _doubts(
        self,
        nets: dict[str, Any],
        text: str,
        found: Sequence[Finding],
        findings: Sequence[Finding],
    ) -> list[str]:
        """Signs in doubt, or what the weaker nets suspect where the matcher says nothing."""
        doubtful = [
            after.sign
            for before, after in zip(found, findings, strict=True)
            if after.status == "doubtful" and (before.status == "present" or _asks(after))
        ]
        if doubtful:
            return doubtful
        # "Goodbye" is near to what people in a crisis write, and by itself only a goodbye.
        harmless = is_marked(self._harmless, text)
        if nets["crisis"] >= self._limits.crisis_at and not harmless:
            return [_CRISIS_SIGN]
        near = nets["danger"] >= self._limits.suspect_at
        taken_back = nets["intent"] == "deny" and detector().excepts(text)
        return [RED_FLAG_INTENT] if (near and not harmless) or taken_back else []

    def _take_back_intent(self, message: Message) -> None:
        """A message in which no other net sees a sign reports none, whatever the model says."""
        others = _others(message)
        if not others or (message.get(INTENT) or {}).get(INTENT_NAME_KEY) != RED_FLAG_INTENT:
            return
        unsure_below = self._unsure_below
        if others[0][PREDICTED_CONFIDENCE_KEY] < unsure_below:
            others.insert(0, _intent(DEFAULT_NLU_FALLBACK_INTENT_NAME, unsure_below))
        message.set(INTENT, others[0], add_to_output=True)
        message.set(_RANKING, others, add_to_output=True)

    @staticmethod
    def _override_intent(message: Message) -> None:
        intent = _intent(RED_FLAG_INTENT, 1.0)
        message.set(INTENT, intent, add_to_output=True)
        message.set(_RANKING, [intent, *_others(message)], add_to_output=True)


def _others(message: Message) -> list[dict[str, Any]]:
    """The intents but that of danger signs, with confidences as if that one did not exist."""
    others = [i for i in message.get(_RANKING, []) if i[INTENT_NAME_KEY] != RED_FLAG_INTENT]
    ranked = [i for i in others if i[INTENT_NAME_KEY] != DEFAULT_NLU_FALLBACK_INTENT_NAME]
    total = sum(i[PREDICTED_CONFIDENCE_KEY] for i in ranked)
    if len(ranked) < len(others) or not total:
        return others
    return [_intent(i[INTENT_NAME_KEY], i[PREDICTED_CONFIDENCE_KEY] / total) for i in ranked]


def _intent(name: str, confidence: float) -> dict[str, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}


def _part(saved: Mapping[str, NDArray[Any]], kind: str) -> Weights:
    return {key[len(kind) + 1 :]: saved[key] for key in saved if key.startswith(kind)}


def _is_crisis(message: Message) -> bool:
    """Whether the file of the example says that its examples tell of a crisis."""
    about: dict[str, Any] = (message.get("metadata") or {}).get("intent") or {}
    return bool(about.get("crisis"))


def _asks(finding: Finding) -> bool:
    """Whether a doubt about the sign is worth a question whatever else is said."""
    return finding.level in _ASK_ABOUT


_SURELY_A_SIGN = 0.9  # below, a question keeps what else the message may be about
_ASK_ABOUT = ("emergency", "crisis")


def _entity(name: str, value: str, start: int, end: int) -> dict[str, Any]:
    return {
        "entity": name,
        "value": value,
        "start": start,
        "end": end,
        "extractor": DangerSigns.__name__,
    }
