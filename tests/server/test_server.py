"""Through HTTP, to the started servers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from backstride.guide import load_guide
from backstride.paths import MODEL, ROOT
from backstride.supervisor import wait_for
from tests.server.conftest import Server, start

pytestmark = pytest.mark.server

HOSTILE = {
    "empty": "",
    "blank": " \n\t ",
    "5,000 characters": "my back hurts " * 360,
    "emoji only": "\U0001f629\U0001f64f",
    "unknown command": '/nonsense{"a":1}',
    "known intent, foreign entity": '/ask_causes{"topic": {"x": 1}}',
    "session command": "/session_start",
    "fallback command": "/nlu_fallback",
    "broken command": "/ask_causes{",
    "control characters": "\x00\x1b[31mback\x07 pain\x00",
    "right-to-left override": "\u202eback pain\u202c",
    "Spanish": "me duele la espalda cuando corro",
    "Japanese": "\u8170\u304c\u75db\u3044\u3067\u3059",
    "markup": "<script>alert(1)</script> back pain {topic} {{7*7}} ${HOME}",
    "one letter": "a",
    "punctuation": "?!...",
    "number": 7,
    "null": None,
    "list": ["back", "pain"],
}


@pytest.mark.parametrize("topic", load_guide().topics)
def test_every_topic_answers_with_its_guide_entry(talk, topic):
    answer = talk(f"/ask_{topic}")
    if load_guide().topics[topic].checks_red_flags:
        assert "short check" in answer[0]["text"]
        answer = talk("/deny")[1:]
    assert answer[0]["text"] == load_guide().topics[topic].short.paragraphs[0]
    assert "Evidence:" in answer[-1]["text"]
    assert 2 <= len(answer[-1]["buttons"]) <= 5


@pytest.mark.parametrize("message", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_is_sent_gets_words_back(ask, message):
    answer = ask(message)
    assert answer
    assert all(part["text"].strip() for part in answer)


def test_every_button_offered_on_the_way_answers(talk):
    """Press the first, then the last button of each answer, ten times."""
    answer = talk("hello")
    for step in range(10):
        buttons = answer[-1].get("buttons") or [{"payload": "/ask_help"}]
        answer = talk(buttons[0 if step % 2 else -1]["payload"])
        assert answer, "a button got no answer"


def test_a_follow_up_is_about_the_last_answer(talk):
    talk("/ask_heat_or_ice")
    answer = talk("how often?")
    part = load_guide().topics["heat_or_ice"].parts["how_often"]
    assert answer[0]["text"] == part.paragraphs[0]


def test_two_conversations_are_kept_apart(server: Server):
    server.ask("/ask_heat_or_ice", "first person")
    server.ask("/ask_imaging", "second person")
    answer = server.ask("/follow_up" + '{"part":"why"}', "first person")
    assert answer[0]["text"] == load_guide().topics["heat_or_ice"].parts["why"].paragraphs[0]


@pytest.mark.parametrize("body", ["", "{", "[]", '"text"', "null"])
def test_a_body_that_is_no_message_is_refused_kindly(server: Server, body):
    answer = server.post(data=body)
    assert answer.status_code == 400
    assert "sender" in answer.json()["error"]


def test_a_missing_sender_is_not_a_shared_conversation(server: Server):
    server.post(json={"message": "/ask_heat_or_ice"})
    answer = server.post(json={"message": "tell me more"}).json()
    told = " ".join(part["text"] for part in answer)
    assert all(
        part.paragraphs[0] not in told for part in load_guide().topics["heat_or_ice"].parts.values()
    )


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's list of sockets")
def test_both_servers_listen_on_loopback_only(server: Server):
    listening = {
        fields[1]
        for table in ("tcp", "tcp6")
        if (path := Path("/proc/net", table)).exists()
        for fields in map(str.split, path.read_text().splitlines()[1:])
        if fields[3] == "0A"
    }
    for port in (server.port, server.action_port):
        hosts = {address.split(":")[0] for address in listening if int(address[-4:], 16) == port}
        assert hosts == {"0100007F"}


@pytest.mark.parametrize("variable", ["PORT", "ACTION_PORT"])
def test_a_taken_port_is_a_clear_error(server: Server, variable):
    environment = {**os.environ, "PORT": "0", "ACTION_PORT": "0"}
    environment["PORT"], environment["ACTION_PORT"] = "45105", "45155"
    environment[variable] = str(server.port)
    stopped = subprocess.run(
        [sys.executable, "-m", "backstride.supervisor", "run"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert stopped.returncode == 1
    assert f"Port {server.port} can't be used" in stopped.stderr
    assert f"make run {variable}=" in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_both_servers_stop_on_ctrl_c_and_a_second_copy_runs_beside_the_first(server, tmp_path):
    copy = start(tmp_path / "log.txt")
    assert copy.ask("/ask_causes", "anybody")
    assert server.ask("/ask_causes", "anybody")
    assert copy.stop() == 0
    for port in (copy.port, copy.action_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert "Traceback" not in copy.log.read_text()


def process_of(*words: str) -> int:
    """The id of the newest process with all these words in its command line."""
    if not Path("/proc").is_dir():  # a Mac, where `ps` is always there
        listed = subprocess.run(
            ["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True
        )
        lines = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
    else:
        lines = [
            [path.parent.name, command_line(path)] for path in Path("/proc").glob("[0-9]*/cmdline")
        ]
    found = [int(pid) for pid, line in lines if all(part in line for part in words)]
    assert found, f"no process runs {words}"
    return max(found)


def command_line(path: Path) -> str:
    try:
        return path.read_text(errors="replace").replace("\0", " ")
    except OSError:  # the process has ended meanwhile
        return ""


def test_an_action_server_that_dies_starts_again_and_a_rasa_that_dies_ends_all(tmp_path):
    copy = start(tmp_path / "log.txt")
    answer = load_guide().topics["causes"].short.paragraphs[0]
    assert copy.ask("/ask_causes", "before")[0]["text"] == answer
    os.kill(process_of(f"actions.server {copy.action_port}"), signal.SIGKILL)
    urgent = copy.ask("i cant pee", "meanwhile")[0]["text"]
    assert urgent.startswith("Please get help now.")
    assert wait_for(f"http://127.0.0.1:{copy.action_port}/health")
    assert copy.ask("/ask_causes", "after")[0]["text"] == answer
    assert copy.ask("i cant pee", "after, urgent")[0]["text"] == urgent
    assert "The action server ended (SIGKILL). It starts again in 0.5 s" in copy.log.read_text()
    os.kill(
        process_of(f"backstride.rasa.server run --model {MODEL}", f"--port {copy.port}"),
        signal.SIGKILL,
    )
    assert copy.process.wait(40) != 0
    for port in (copy.port, copy.action_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
