"""Fifty conversations on two replicas while parts are killed and restarted: nothing is lost."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from backstride.guide import load_guide
from backstride.rasa.tracker_store import ConversationStore
from backstride.wording import load_wording
from tests.server.cluster import Cluster, cluster, wait_until_ready

pytestmark = pytest.mark.server

CONVERSATIONS = 50
MESSAGES = 10
PAUSE_SECONDS = 2.0  # between two messages of one person, on average
RETRIES = 8
TOPICS = [t for t in load_guide().topics.values() if not t.checks_red_flags]
EMERGENCIES = ["i cant pee since my back went", "crushing pain in my chest and my back hurts too"]
NOT_REMEMBERED = load_wording().memory_failed
TROUBLE = load_wording().technical_problem


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("replicas")) as running:
        yield running


def is_urgent(answer: list[dict[str, Any]]) -> bool:
    return bool(answer) and "emergency number" in answer[0]["text"] and answer[0]["text"] != TROUBLE


def is_about(topic: Any, answer: list[dict[str, Any]]) -> bool:
    known = {
        *topic.short.paragraphs,
        *(p for part in topic.parts.values() for p in part.paragraphs),
    }
    return any(part.get("text") in known for part in answer)


class Person:
    """Somebody who asks, waits for the answer, and asks again when there was trouble."""

    def __init__(self, replicas: Cluster, number: int, stop: threading.Event) -> None:
        self._replicas, self._stop = replicas, stop
        self.name = f"person-{number}"
        chance = random.Random(number)
        self._topics = chance.sample(TOPICS, MESSAGES - 1)
        self._pauses = [chance.uniform(0, 2 * PAUSE_SECONDS) for _ in range(MESSAGES)]
        self._emergency = chance.choice(EMERGENCIES)
        self.said: list[str] = []
        self.counted: Counter[str] = Counter()

    def talk(self) -> None:
        for topic, pause in zip(self._topics, self._pauses, strict=False):
            time.sleep(pause)
            self._say(f"/ask_{topic.id}", lambda answer, t=topic: is_about(t, answer))
        time.sleep(self._pauses[-1])
        self._say(self._emergency, is_urgent, urgent=True)

    def _say(self, text: str, is_right: Any, urgent: bool = False) -> None:
        self.said.append(text)
        for attempt in range(RETRIES):
            try:
                answer = self._replicas.ask(text, self.name)
            except requests.RequestException as error:
                self.counted[what_came(error)] += 1
                time.sleep(0.5)
                continue
            texts = [part.get("text") for part in answer]
            if urgent and not is_urgent(answer):
                self.counted["emergency missed"] += 1
            if not is_right(answer) and texts != [TROUBLE]:
                self.counted["wrong answer"] += 1
            if is_right(answer) and NOT_REMEMBERED not in texts:
                self.counted["right at once" if attempt == 0 else "right after a retry"] += 1
                return
            self.counted["told that it may have forgotten"] += NOT_REMEMBERED in texts
            self.counted["safe text"] += texts == [TROUBLE]
            time.sleep(0.5)
        self.counted["never answered"] += 1


def what_came(error: requests.RequestException) -> str:
    """A replica that stops says so, and that the message shall be sent again; else it is none."""
    if error.response is not None and "Send it again" in error.response.text:
        return "asked to send it again"
    return f"no answer: {error}"[:60]


def break_things(replicas: Cluster) -> list[str]:
    """Kill and restart one after the other, never two of a kind at once."""
    first, second = replicas.rasa
    done = []
    time.sleep(2)
    replicas.actions[0].restart(signal.SIGKILL)
    done.append("action server killed")
    first.stop(signal.SIGKILL)
    done.append("Rasa killed")
    time.sleep(1)
    first.begin()
    replicas.redis.restart(signal.SIGTERM)
    done.append("Redis restarted")
    time.sleep(2)
    replicas.postgres.restart(signal.SIGINT)
    done.append("PostgreSQL restarted")
    wait_until_ready(first)
    second.stop(signal.SIGTERM)
    second.begin()
    done.append("Rasa restarted")
    replicas.actions[1].restart(signal.SIGTERM)
    done.append("action server restarted")
    wait_until_ready(second)
    return done


def emergencies_all_the_time(replicas: Cluster, stop: threading.Event) -> Counter[str]:
    counted: Counter[str] = Counter()
    number = 0
    while not stop.is_set():
        number += 1
        try:
            answer = replicas.ask(random.choice(EMERGENCIES), f"urgent-{number}")
            counted["emergency answered" if is_urgent(answer) else "emergency missed"] += 1
        except requests.RequestException as error:
            counted[what_came(error)] += 1
        time.sleep(0.3)
    return counted


def test_nothing_is_lost_while_parts_fail(
    replicas: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    stop, started = threading.Event(), time.monotonic()
    people = [Person(replicas, number, stop) for number in range(CONVERSATIONS)]
    with ThreadPoolExecutor(CONVERSATIONS + 2) as pool:
        breaking = pool.submit(break_things, replicas)
        urgent = pool.submit(emergencies_all_the_time, replicas, stop)
        for talking in [pool.submit(person.talk) for person in people]:
            talking.result()
        done = breaking.result()
        stop.set()
        counted = sum((person.counted for person in people), urgent.result())
    counted += Counter()  # without zeros
    store = ConversationStore(host=replicas.database)
    histories = {person.name: store.exported(person.name) for person in people}
    store.engine.dispose()
    with capsys.disabled():
        print(f"\n{CONVERSATIONS} conversations, {CONVERSATIONS * MESSAGES} messages, during:")
        print(f"  {', '.join(done)} ({time.monotonic() - started:.0f} s)")
        for what, number in sorted(counted.items()):
            print(f"  {number:5} {what}")
    assert not [what for what in counted if what.startswith(("no answer", "never", "wrong"))]
    assert not counted["emergency missed"]
    assert counted["emergency answered"] > 20
    assert counted["right at once"] + counted["right after a retry"] == CONVERSATIONS * MESSAGES
    for person in people:
        assert told(histories[person.name]) == person.said, person.name


def told(events: list[dict[str, Any]]) -> list[str]:
    """What a person said by the stored history, each message followed by an answer, in order.

    A message that was sent again, because its answer was lost or not remembered, counts once.
    """
    times = [event["timestamp"] for event in events]
    assert times == sorted(times)
    said: list[str] = []
    answered = True
    for event in events:
        if event["event"] == "user":
            assert answered, "a message without an answer"
            answered = False
            if not said or said[-1] != event["text"]:
                said.append(event["text"])
        elif event["event"] == "bot":
            answered = True
    return said
