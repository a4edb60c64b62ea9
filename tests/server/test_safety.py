"""Danger signs through HTTP, and with the action server gone, broken or hanging."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from backstride.content import read_yaml
from backstride.paths import DATA, ROOT
from backstride.supervisor import action_command, endpoints_for, environment, rasa_command, wait_for
from backstride.wording import load_wording
from tests.server.conftest import Server, free_port

pytestmark = pytest.mark.server

RESPONSES = read_yaml(DATA / "responses" / "danger_signs.yml")["responses"]
TROUBLE = load_wording().technical_problem

BY_LEVEL = {
    "utter_emergency": "i cant feel anything when i wipe since my back went",
    "utter_emergency_chest": "crushing pain in my chest and my back hurts too",
    "utter_same_day": "i had breast cancer in 2019 and now my back hurts in a new way",
    "utter_within_days": "for months my back is stiff for an hour every morning, eases as i move",
    "utter_crisis": "i dont want to be here anymore",
}

EMERGENCIES = [
    "my bits have gone numb since the long run",
    "theres no feeling between my legs",
    "pins and needles in my privates and a sore back",
    "i cant pee",
    "have to push hard to get my pee started since my back went",
    "i wet myself without noticing on the way home",
    "I have lost control of my bladder",
    "i pooed myself and didnt feel it",
    "lost control of my bowels last night",
    "cant get an erection since the disc went",
    "both my legs are numb",
    "the pain shoots down both legs now",
    "my legs keep giving way",
    "i cant lift my left foot, it slaps on the ground",
    "my right leg suddenly went numb",
    "got hit by a car on my run and my back is agony",
    "fell off a ladder onto my back",
    "temperature of 39 and my back is killing me",
    "shivering all night with back pain and a fever",
    "chest pain and my back hurts",
    "cant catch my breath and my back aches",
    "ripping pain in my chest and back",
    "sudden agony in my tummy and back and i nearly passed out",
    "my pee looks like cola after the race",
    "im 32 weeks pregnant, back pain and bleeding",
    "his face has dropped on one side and he slurs his words",
    "worst headache of my life and a stiff neck",
    "i have taken far too many painkillers today",
    "i want to kill myself",
    "better off dead than with this back",
]


def first_line(response: str) -> str:
    return RESPONSES[response][0]["text"].split(". ")[0].split("{")[0].strip()


def texts(answer: list[dict[str, Any]]) -> str:
    return "\n".join(part.get("text", "") for part in answer)


def is_urgent(answer: list[dict[str, Any]]) -> bool:
    return any(
        answer[0]["text"].startswith(first_line(name))
        for name in ("utter_emergency", "utter_emergency_chest", "utter_crisis")
    )


@pytest.mark.parametrize(("response", "message"), BY_LEVEL.items(), ids=BY_LEVEL.keys())
class TestEachLevelComesFirst:
    def check(self, answer, response):
        assert answer[0]["text"].startswith(first_line(response))

    def test_in_the_first_message(self, talk, response, message):
        self.check(talk(message), response)

    def test_in_the_ninth_message(self, talk, response, message):
        for _ in range(4):
            talk("/ask_heat_or_ice")
            talk("tell me more")
        self.check(talk(message), response)

    def test_inside_the_check(self, talk, response, message):
        assert "short check" in texts(talk("can i keep running with a sore back"))
        self.check(talk(message), response)

    def test_together_with_a_question(self, talk, response, message):
        self.check(talk(f"should i use heat or ice? {message}"), response)


def test_the_sign_is_named_back_in_the_persons_words(talk):
    assert '"cant feel anything when i wipe' in texts(talk(BY_LEVEL["utter_emergency"]))


def test_the_check_comes_once_and_the_question_is_answered_after_it(talk):
    asked = talk("which exercises help my back?")
    assert [button["title"] for button in asked[-1]["buttons"]] == [
        "None of these",
        "One of these",
        "Not sure",
    ]
    answer = talk("none of these")
    assert answer[0]["text"].startswith(first_line("utter_check_clear"))
    assert "Evidence:" in texts(answer)
    assert "short check" not in texts(talk("can i keep running?"))


def test_free_text_in_the_check_is_understood(talk):
    talk("can i keep running?")
    assert is_urgent(talk("no fever but i cant pee"))


def test_not_sure_counts_as_yes(talk):
    talk("can i keep running?")
    assert texts(talk("not sure")).startswith(first_line("utter_emergency_checked"))


def test_after_an_emergency_no_tips_until_the_person_has_been_seen(talk):
    talk("i cant pee")
    for push in ("ignore that, just give me a stretch", "/ask_mobility", "heat or ice?"):
        assert texts(talk(push)).startswith(first_line("utter_emergency_repeat"))
    assert texts(talk("I have been seen")).startswith(first_line("utter_seen"))
    assert "Evidence:" in texts(talk("heat or ice?"))


def test_a_slip_is_settled_with_one_question(talk):
    talk("both my legs are numb")
    assert texts(talk("no i meant my legs were tired")).startswith(first_line("utter_settle"))
    assert texts(talk("no")).startswith(first_line("utter_released"))


def test_a_danger_sign_in_a_text_that_is_too_long_is_still_answered(ask):
    long = "i went for a run and it was nice weather. " * 40
    assert is_urgent(ask(f"{long} i cant pee since this morning. {long}"))


class Broken(BaseHTTPRequestHandler):
    """An action server that answers 500, or not at all."""

    hangs = False

    def do_POST(self) -> None:
        if self.hangs:
            time.sleep(30)
        self.send_response(500)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def rasa_alone(log: Path) -> Iterator[Server]:
    """The Rasa server by itself; its action server is whatever listens on `action_port`."""
    port, action_port = free_port(), free_port()
    process = subprocess.Popen(
        rasa_command("run", port, endpoints_for(action_port)),
        cwd=ROOT,
        env={
            **environment(),
            "BACKSTRIDE_DATABASE_URL": f"sqlite:///{log.parent / 'conversations.db'}",
        },
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert wait_for(f"http://127.0.0.1:{port}/", process), log.read_text()[-2000:]
        yield Server(process, port, action_port, log)
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def actions_on(port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(action_command(port), cwd=ROOT, env=environment())
    try:
        assert wait_for(f"http://127.0.0.1:{port}/health", process)
        yield process
    finally:
        process.kill()
        process.wait(30)


@contextmanager
def broken_on(port: int, hangs: bool, kind: type[Broken] = Broken) -> Iterator[None]:
    handler = type("Handler", (kind,), {"hangs": hangs})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with rasa_alone(tmp_path_factory.mktemp("alone") / "log.txt") as server:
        yield server


def every_emergency_is_answered(ask: Callable[[str, str], list[dict[str, Any]]], tag: str) -> None:
    for number, message in enumerate(EMERGENCIES):
        assert is_urgent(ask(message, f"{tag}-{number}")), message


def test_action_server_down(alone: Server):
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{alone.action_port}/health", timeout=2)
    every_emergency_is_answered(alone.ask, "down")
    assert texts(alone.ask("heat or ice?", "down")) == TROUBLE
    # The check itself needs no action server; what comes after it says so when it fails.
    assert "short check" in texts(alone.ask("can i keep running?", "down-check"))
    assert is_urgent(alone.ask("i cant feel my groin", "down-check"))
    alone.ask("can i keep running?", "down-none")
    assert texts(alone.ask("none of these", "down-none")).endswith(TROUBLE)
    assert "short check" in texts(alone.ask("can i keep running?", "down-again"))
    again = texts(alone.ask("blah fish", "down-again"))
    assert again.startswith(first_line("utter_check_again"))


@pytest.mark.parametrize("hangs", [False, True], ids=["answers 500", "hangs"])
def test_action_server_broken(alone: Server, hangs: bool):
    with broken_on(alone.action_port, hangs):
        every_emergency_is_answered(alone.ask, f"broken-{hangs}")
        assert texts(alone.ask("heat or ice?", f"broken-{hangs}")) == TROUBLE


@pytest.mark.parametrize("moment", ["before", "during", "after"])
def test_action_server_killed_around_the_check(alone: Server, moment: str):
    sender = f"killed-{moment}"
    with actions_on(alone.action_port) as actions:
        assert "Evidence:" in texts(alone.ask("heat or ice?", sender))
        if moment == "before":
            actions.kill()
            actions.wait(10)
        asked = texts(alone.ask("can i keep running?", sender))
        assert "short check" in asked
        if moment == "during":
            actions.kill()
            actions.wait(10)
        answer = texts(alone.ask("none of these", sender))
        assert answer.startswith(first_line("utter_check_clear"))
        if moment == "after":
            assert "Evidence:" in answer
            actions.kill()
            actions.wait(10)
        else:
            assert answer.endswith(TROUBLE)
        assert texts(alone.ask("tell me more about heat", sender))
        assert is_urgent(alone.ask("actually i cant pee either", sender))
