"""Intents, examples, rules, responses, actions, guide and stories fit together."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Action

import actions
from backstride.content import read_yaml
from backstride.danger_examples import read_examples
from backstride.guide import Guide
from backstride.paths import DATA, ROOT
from backstride.payloads import is_offered
from backstride.red_flags import detector
from backstride.wording import Wording

FALLBACK = "nlu_fallback"  # Rasa's own intent
TOPIC_STORIES = ROOT / "tests" / "stories" / "test_topics.yml"
MIN_EXAMPLES = 25


def names(listed: list[Any]) -> list[str]:
    """Names of intents or entities, which may carry settings."""
    return [next(iter(item)) if isinstance(item, dict) else item for item in listed]


def entries(folder: Path, key: str) -> list[Any]:
    """What stands under this key in all YAML files of the folder."""
    files = sorted(folder.rglob("*.yml"))
    return [entry for file in files for entry in (read_yaml(file) or {}).get(key, ())]


def steps(flow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for step in flow["steps"]:
        yield from step.get("or", [step])


def in_steps(flows: list[dict[str, Any]], key: str) -> set[str]:
    return {step[key] for flow in flows for step in steps(flow) if key in step}


def plain(example: str) -> str:
    """Lower case, without annotations, punctuation and doubled spaces; emoji stay."""
    example = re.sub(r"\[([^\]]+)\][({][^)}]*[)}]", r"\1", example).casefold()
    kept = (" " if unicodedata.category(c).startswith("P") else c for c in example)
    return " ".join("".join(kept).split()) or example


DOMAIN = read_yaml(ROOT / "domain.yml")
CONFIG = read_yaml(ROOT / "config.yml")
INTENTS = set(names(DOMAIN["intents"]))
RULES = entries(DATA / "rules", "rules")
RESPONSES = {
    name: variants
    for file in sorted((DATA / "responses").glob("*.yml"))
    for name, variants in read_yaml(file)["responses"].items()
}
STORIES = [*entries(DATA / "stories", "stories"), *entries(ROOT / "tests" / "stories", "stories")]
CODE = "\n".join(
    file.read_text(encoding="utf-8")
    for folder in ("actions", "backstride")
    for file in sorted((ROOT / folder).rglob("*.py"))
)
EXAMPLES: dict[str, list[str]] = defaultdict(list)
for block in entries(DATA / "nlu", "nlu"):
    if "intent" in block:
        EXAMPLES[block["intent"]] += [line[2:] for line in block["examples"].splitlines()]


def fallback_actions() -> set[str]:
    return {
        policy["core_fallback_action_name"]
        for policy in CONFIG["policies"]
        if "core_fallback_action_name" in policy
    }


def called_from_code(prefix: str) -> set[str]:
    # In what Rasa sends, "utter_action" is the key of a response's name.
    return set(re.findall(rf'"({prefix}_[a-z0-9_]+)"', CODE)) - {"utter_action"}


def action_classes() -> set[str]:
    for module in pkgutil.iter_modules(actions.__path__):
        importlib.import_module(f"actions.{module.name}")
    ours = (c for c in Action.__subclasses__() if c.__module__.startswith("actions."))
    return {action().name() for action in ours}


# Intents


def test_each_topic_of_the_guide_has_an_intent_and_the_other_way_round(guide: Guide) -> None:
    dialogue = {"ask_bot", "ask_human", "ask_help", "ask_privacy"}
    asked = {intent for intent in INTENTS if intent.startswith("ask_")} - dialogue
    assert asked == {f"ask_{topic}" for topic in guide.topics}


def test_each_intent_has_examples_and_each_example_an_intent() -> None:
    assert set(EXAMPLES) == INTENTS


def test_no_intent_is_declared_twice() -> None:
    assert len(names(DOMAIN["intents"])) == len(INTENTS)


def test_each_intent_and_the_fallback_has_a_rule() -> None:
    assert in_steps(RULES, "intent") == {*INTENTS, FALLBACK}


def test_no_two_rules_answer_the_same_intent() -> None:
    unconditional = [rule for rule in RULES if not rule.get("condition")]
    first = Counter(
        step["intent"] for rule in unconditional for step in steps(rule) if "intent" in step
    )
    assert [intent for intent, times in first.items() if times > 1] == []


# Examples


def test_each_topic_has_enough_examples(topic_id: str) -> None:
    assert len(set(map(plain, EXAMPLES[f"ask_{topic_id}"]))) >= MIN_EXAMPLES


def test_no_example_stands_under_two_intents() -> None:
    intents: dict[str, set[str]] = defaultdict(set)
    for intent, examples in EXAMPLES.items():
        for example in examples:
            intents[plain(example)].add(intent)
    assert {text: found for text, found in intents.items() if len(found) > 1} == {}


def test_no_example_stands_twice_under_an_intent() -> None:
    twice = {
        (intent, text)
        for intent, examples in EXAMPLES.items()
        for text, times in Counter(map(plain, examples)).items()
        if times > 1
    }
    assert twice == set()


# Responses and actions


def test_each_response_that_is_used_is_declared() -> None:
    used = {action for action in in_steps(RULES, "action") if action.startswith("utter_")}
    used |= fallback_actions() | called_from_code("utter")
    assert sorted(used - set(RESPONSES)) == []


def test_each_response_that_is_declared_is_used() -> None:
    used = in_steps(RULES, "action") | fallback_actions() | called_from_code("utter")
    assert sorted(set(RESPONSES) - used) == []


def test_each_action_has_a_class_and_is_declared() -> None:
    assert action_classes() == set(DOMAIN["actions"])


def test_each_action_that_is_used_is_declared() -> None:
    used = {action for action in in_steps(RULES, "action") if action.startswith("action_")}
    assert sorted(used - set(DOMAIN["actions"])) == []


def test_each_action_that_is_declared_is_used() -> None:
    # Not in its own class: that only gives it its name.
    code = re.sub(r'def name\(self\) -> str:\s+return "[a-z_]+"', "", CODE)
    used = in_steps(RULES, "action") | set(re.findall(r'"(action_[a-z_]+)"', code))
    assert sorted(set(DOMAIN["actions"]) - used) == []


def test_each_slot_that_an_action_fills_is_declared() -> None:
    filled = set(re.findall(r'(?:SlotSet|get_slot)\("([a-z_]+)"', CODE))
    assert filled
    assert sorted(filled - set(DOMAIN["slots"])) == []


def test_each_button_of_a_response_is_offered(guide: Guide, wording: Wording) -> None:
    payloads = {
        (name, button["payload"])
        for name, variants in RESPONSES.items()
        for variant in variants
        for button in variant.get("buttons", ())
    }
    assert payloads
    # A payload without a slash is read as words.
    commands = {(name, sent) for name, sent in payloads if sent.startswith("/")}
    refused = [(name, sent) for name, sent in commands if not is_offered(sent, guide, wording)]
    assert refused == []


def test_each_button_that_sends_words_is_understood() -> None:
    words = {
        button["payload"]
        for variants in RESPONSES.values()
        for variant in variants
        for button in variant.get("buttons", ())
        if not button["payload"].startswith("/")
    }
    replies = {sent: detector().reply_in(sent) for sent in words}
    assert replies == {
        "I have been seen": "seen",
        "I have help now": "seen",
        "It has been checked": "seen",
        "That is not what I meant": "misunderstanding",
        "One of these applies to me": "sign",
        "Not sure about these signs": "sign",
        "Yes, I think about ending my life": None,
        "Not sure. I might harm myself": None,
    }
    crises = {sent for sent, reply in replies.items() if reply is None}
    for sent in crises:
        found = [(f.sign, f.status) for f in detector().find(sent)]
        assert found == [("RF-32", "present")]


def test_each_entity_of_a_button_is_declared() -> None:
    sent = [
        button["payload"]
        for variants in RESPONSES.values()
        for variant in variants
        for button in variant.get("buttons", ())
    ]
    used = {"part", "exercise", *re.findall(r'\{"([a-z_]+)":', " ".join(sent))}
    assert sorted(used - set(names(DOMAIN["entities"]))) == []


# Rules and stories


def test_the_name_of_each_rule_and_story_is_its_own() -> None:
    named = Counter(flow.get("rule") or flow.get("story") for flow in [*RULES, *STORIES])
    assert [name for name, times in named.items() if times > 1] == []


def test_stories_use_only_what_is_declared() -> None:
    known = {*RESPONSES, *DOMAIN["actions"], "action_listen", "action_restart"}
    assert sorted(in_steps(STORIES, "intent") - {*INTENTS, FALLBACK}) == []
    assert sorted(in_steps(STORIES, "action") - known) == []


def test_each_topic_has_a_story(topic_id: str) -> None:
    if not TOPIC_STORIES.exists():
        pytest.skip(f"{TOPIC_STORIES.relative_to(ROOT)} is not written yet")
    assert f"ask_{topic_id}" in in_steps(read_yaml(TOPIC_STORIES)["stories"], "intent")


def test_no_message_to_measure_with_is_trained_on() -> None:
    def plain(text: str) -> str:
        return " ".join(re.findall(r"[a-z0-9]+", text.lower()))

    trained = {plain(example) for examples in EXAMPLES.values() for example in examples}
    trained |= {plain(example.text) for example in read_examples()}
    measured = [
        json.loads(line)["text"]
        for path in (ROOT / "benchmarks").rglob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    # A bare "yes" or "thanks" may stand in both.
    both = [t for t in measured if len(t.split()) > 2 and plain(t) in trained]
    assert both == []
