"""What an operator sees and relies on: readiness, counts, logs without texts, clear failures."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import yaml

from backstride.paths import ROOT
from backstride.supervisor import endpoints_for, environment, rasa_command, wait_for
from backstride.wording import load_wording
from tests.server.conftest import Server, free_port, start
from tests.server.test_safety import Broken, broken_on

pytestmark = pytest.mark.server

MARKER = "zanzibar"
EMERGENCY = "Please get help now."


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Both servers, logging all that they can."""
    log = tmp_path_factory.mktemp("talkative") / "log.txt"
    talk = {"LOG_LEVEL": "DEBUG", "LOG_LEVEL_LIBRARIES": "DEBUG"}
    running = start(log, BACKSTRIDE_PROXIES="1", BACKSTRIDE_ADDRESS_RATE="5/minute", **talk)
    yield running
    running.stop()


def get(server: Server, path: str, **request: object) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{server.port}{path}", timeout=10, **request)


def count(server: Server, name: str, **labels: str) -> float:
    """What a metric stands at."""
    wanted = ",".join(f'{key}="{value}"' for key, value in labels.items())
    sample = f"{name}{{{wanted}}}" if wanted else name
    lines = get(server, "/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.rsplit(" ", 1)[0] == sample)


def test_live_and_ready_answer(talkative: Server) -> None:
    assert get(talkative, "/live").json() == {"status": "live"}
    ready = get(talkative, "/ready")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "model": "ok", "store": "ok"}


def test_turns_are_counted(talkative: Server) -> None:
    counted = [
        ("backstride_turns_total", {"outcome": "answered"}, 2),
        ("backstride_turn_seconds_count", {}, 3),
        ("backstride_urgent_messages_total", {"level": "emergency"}, 1),
        ("backstride_refused_requests_total", {"reason": "no_text"}, 1),
    ]
    before = [count(talkative, name, **labels) for name, labels, _ in counted]
    for text in ("heat or ice?", "i cant pee", ""):
        talkative.ask(text, "counted")
    after = [count(talkative, name, **labels) for name, labels, _ in counted]
    assert [a - b for a, b in zip(after, before, strict=True)] == [n for _, _, n in counted]


def test_metrics_are_for_this_computer_only(talkative: Server) -> None:
    assert get(talkative, "/metrics").status_code == 200
    forwarded = get(talkative, "/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert forwarded.status_code == 403
    assert "backstride" not in forwarded.text


@pytest.mark.parametrize("path", ["/ready", "/webhooks/rest/"])
def test_answers_carry_security_headers(talkative: Server, path: str) -> None:
    headers = get(talkative, path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_a_body_that_is_too_large_is_refused(talkative: Server) -> None:
    answer = talkative.post(data=json.dumps({"sender": "big", "message": "x" * 300_000}))
    assert answer.status_code == 413


def test_too_much_from_one_address_gets_a_polite_answer(talkative: Server) -> None:
    def post(address: str, number: int) -> requests.Response:
        headers = {"X-Forwarded-For": address}
        return talkative.post(
            json={"sender": f"{address} {number}", "message": "hello"}, headers=headers
        )

    answers = [post("203.0.113.5", number) for number in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].json() == [{"text": load_wording().too_many}]
    assert answers[-1].headers["Retry-After"] == "60"
    # What a stranger writes in front of the proxy's word does not count.
    assert post("203.0.113.99, 203.0.113.5", 8).status_code == 429
    assert post("203.0.113.6", 9).status_code == 200
    refused = count(talkative, "backstride_refused_requests_total", reason="address_rate")
    assert refused == 3


@pytest.mark.parametrize("sender", ["x" * 201, "a\nb", "a\x00b", "\u202ea"])
def test_a_sender_that_can_be_no_id_is_refused(talkative: Server, sender: str) -> None:
    answer = talkative.post(json={"sender": sender, "message": "hello"})
    assert answer.status_code == 400
    assert "sender" in answer.json()["error"]


def test_a_store_that_fails_is_said_and_shown_and_what_is_urgent_still_comes_first(
    talkative: Server,
) -> None:
    lost = load_wording().memory_failed
    assert talkative.ask("heat or ice?", "forgotten")[-1]["text"] != lost
    with sqlite3.connect(talkative.database) as direct:
        direct.execute("ALTER TABLE events RENAME TO elsewhere")
    try:
        answer = talkative.ask(f"heat or ice? {MARKER}", "forgotten")
        assert len(answer) > 1
        assert answer[-1]["text"] == lost
        urgent = talkative.ask(f"i cant pee in {MARKER}", "forgotten")
        assert urgent[0]["text"].startswith(EMERGENCY)
        assert urgent[-1]["text"] == lost
        ready = get(talkative, "/ready")
        assert ready.status_code == 503
        assert ready.json()["store"] == "OperationalError"
        assert get(talkative, "/live").status_code == 200
    finally:
        with sqlite3.connect(talkative.database) as direct:
            direct.execute("ALTER TABLE elsewhere RENAME TO events")
    assert get(talkative, "/ready").status_code == 200
    assert talkative.ask("heat or ice?", "forgotten")[-1]["text"] != lost
    assert count(talkative, "backstride_store_errors_total", kind="OperationalError") >= 4


MARKED = {
    "question": f"heat or ice after my run in {MARKER}?",
    "danger sign": f"since {MARKER} i cant pee and my {MARKER} is numb",
    "not understood": f"{MARKER} {MARKER.upper()}",
    "unknown command": f"/{MARKER}",
    "command that does not parse": f'/ask_causes{{"{MARKER}',
    "command with a foreign value": f'/ask_causes{{"part":"{MARKER}"}}',
    "too long": f"{MARKER} " * 300,
}


def test_no_text_reaches_the_log_at_any_level(talkative: Server) -> None:
    for name, text in MARKED.items():
        assert talkative.ask(text, f"marked {name}"), name
        talkative.post(json={"sender": f"streamed {name}", "message": text}, params={"stream": 1})
    talkative.post(data=f'{{"message": "{MARKER}')
    talkative.post(json={"sender": {MARKER: MARKER}, "message": {MARKER: 1}, "metadata": MARKER})
    get(talkative, f"/webhooks/{MARKER}")
    deadline = time.monotonic() + 5
    while "turn.ended" not in (log := talkative.log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert MARKER not in log.lower()
    # The log was not silent: Rasa spoke, without its words, and each turn has its line.
    assert "Text withheld: rasa.core.lock_store" in log
    assert '"event": "processor.message.parse"' in log
    assert len(re.findall(r'"event": "turn.ended", "turn": "[0-9a-f]{8}"', log)) >= len(MARKED)


class Slow(Broken):
    """An action server that takes its time, then fails."""

    def do_POST(self) -> None:
        time.sleep(3)
        super().do_POST()


@contextmanager
def rasa_with(log: Path, endpoints: Path | None = None, **settings: str) -> Iterator[Server]:
    port, action_port = free_port(), free_port()
    process = subprocess.Popen(
        rasa_command("run", port, endpoints or endpoints_for(action_port)),
        cwd=ROOT,
        env={
            **environment(),
            "BACKSTRIDE_DATABASE_URL": f"sqlite:///{log.parent / 'conversations.db'}",
            **settings,
        },
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Server(process, port, action_port, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)


def test_a_turn_in_flight_ends_before_the_server_stops(tmp_path: Path) -> None:
    with (
        rasa_with(tmp_path / "log.txt", LOG_LEVEL="DEBUG") as server,
        ThreadPoolExecutor() as pool,
        broken_on(server.action_port, hangs=False, kind=Slow),
    ):
        assert wait_for(f"http://127.0.0.1:{server.port}/ready", server.process)
        with pytest.raises(requests.Timeout):  # a person who goes away in the middle
            url = f"http://127.0.0.1:{server.port}/webhooks/rest/webhook"
            requests.post(
                url, json={"sender": "gone", "message": f"heat or ice {MARKER}?"}, timeout=1
            )
        asked = pool.submit(server.ask, "heat or ice?", "in flight")
        time.sleep(1)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        late = server.post(json={"sender": "late", "message": "heat or ice?"})
        assert late.status_code == 503
        assert late.headers["Retry-After"] == "1"
        assert get(server, "/ready").json()["server"] == "stopping"
        assert asked.result(20)[-1]["text"] == load_wording().technical_problem
        assert server.process.wait(20) == 0
    said = sqlite3.connect(tmp_path / "conversations.db").execute(
        "SELECT count(*) FROM events WHERE sender_id = 'in flight' AND type_name = 'bot'"
    )
    assert said.fetchone() == (1,)
    assert MARKER not in (tmp_path / "log.txt").read_text()


def test_a_database_that_does_not_come_up_ends_the_start_with_a_clear_message(
    tmp_path: Path,
) -> None:
    url = "postgresql://someone:secret@127.0.0.1:1/none"
    settings = {"BACKSTRIDE_DATABASE_URL": url, "BACKSTRIDE_DATABASE_WAIT": "1"}
    with rasa_with(tmp_path / "log.txt", **settings) as server:
        assert server.process.wait(60) == 1
    told = server.log.read_text()
    assert re.search(r"Backstride can't start: The database .* did not answer within 1 s", told)
    assert "Traceback" not in told
    assert "secret" not in told


def test_a_store_class_that_can_not_be_loaded_ends_the_start(tmp_path: Path) -> None:
    endpoints = tmp_path / "endpoints.yml"
    settings = yaml.safe_load(endpoints_for(free_port()).read_text())
    settings["tracker_store"]["type"] = "backstride.rasa.tracker_store.Misspelt"
    endpoints.write_text(yaml.safe_dump(settings))
    with rasa_with(tmp_path / "log.txt", endpoints) as server:
        assert server.process.wait(90) == 1
    told = server.log.read_text()
    assert "Backstride can't start: conversations would be kept in InMemoryTrackerStore" in told
    assert "Traceback" not in told


def test_a_wrong_setting_ends_the_start(tmp_path: Path) -> None:
    with rasa_with(tmp_path / "log.txt", BACKSTRIDE_RETENTION_DAYS="never") as server:
        assert server.process.wait(60) == 1
    told = server.log.read_text()
    assert "BACKSTRIDE_RETENTION_DAYS is 'never'. It must be a number" in told
    assert "Traceback" not in told
