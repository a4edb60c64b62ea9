"""Long polling and Socket Mode, for those without a public address; and both services away.

The server starts while neither can be reached, and stops while an answer is on its way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from backstride.guide import load_guide
from backstride.wording import load_wording
from tests.channels import slack_standin, telegram_standin
from tests.channels.slack_standin import WebApi
from tests.channels.standin import wait_for
from tests.channels.telegram_standin import BotApi
from tests.server.conftest import Server, free_port, start

pytestmark = pytest.mark.server

HEAT = load_guide().topics["heat_or_ice"]
WORDING = load_wording()


@dataclass
class Fetching:
    """A server that fetches its messages, and what it said while there was nobody to ask."""

    server: Server
    telegram: BotApi
    slack: WebApi
    log_at_start: str
    answer_at_start: str

    @property
    def log(self) -> str:
        return self.server.log.read_text()


@pytest.fixture(scope="module")
def fetching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fetching]:
    telegram, slack = BotApi(free_port()), WebApi(free_port())
    server = start(
        tmp_path_factory.mktemp("fetching") / "log.txt",
        BACKSTRIDE_TELEGRAM_TOKEN=telegram_standin.TOKEN,
        BACKSTRIDE_TELEGRAM_API=telegram.url,
        BACKSTRIDE_SLACK_TOKEN=slack_standin.TOKEN,
        BACKSTRIDE_SLACK_APP_TOKEN=slack_standin.APP_TOKEN,
        BACKSTRIDE_SLACK_API=slack.url,
        BACKSTRIDE_SLACK_MENTIONS="yes",
    )
    answer = server.ask("heat or ice?", "somebody")[0]["text"]
    wait_for(lambda: "Slack can't" in server.log.read_text())
    log = server.log.read_text()
    telegram.webhook = {"url": "https://left.example", "secret_token": "x"}
    telegram.start()
    slack.start()
    wait_for(lambda: telegram.calls_of("getUpdates") and slack.sockets, seconds=40)
    yield Fetching(server, telegram, slack, log, answer)
    server.stop()
    telegram.stop()
    slack.stop()


def texts(shown: list[dict[str, str]]) -> list[str]:
    return [message["text"] for message in shown]


def test_the_server_starts_when_neither_service_can_be_reached(fetching: Fetching) -> None:
    assert fetching.answer_at_start == HEAT.short.paragraphs[0]


def test_one_clear_line_says_so(fetching: Fetching) -> None:
    assert fetching.log_at_start.count("Telegram can't be set up yet") == 1
    assert fetching.log_at_start.count("Slack can't be reached") == 1
    assert "the other channels go on" in fetching.log_at_start
    assert "Traceback" not in fetching.log_at_start


def test_both_connect_by_themselves_once_they_can(fetching: Fetching) -> None:
    wait_for(lambda: "Telegram is ready (long polling)" in fetching.log)
    wait_for(lambda: "Slack is ready (Socket Mode)" in fetching.log)


def test_a_webhook_that_was_left_behind_is_taken_away(fetching: Fetching) -> None:
    assert fetching.telegram.calls_of("deleteWebhook")
    assert not fetching.telegram.webhook


def test_a_message_is_fetched_and_answered(fetching: Fetching) -> None:
    fetching.telegram.say(71, "heat or ice?")
    shown = texts(fetching.telegram.wait_for(71, len(HEAT.short.paragraphs) + 1))
    assert shown[0] == HEAT.short.paragraphs[0]
    fetching.telegram.press(71, "Why is that?")
    wait_for(lambda: HEAT.parts["why"].paragraphs[0] in texts(fetching.telegram.shown(71)))


def test_a_fetched_message_is_confirmed_so_that_it_does_not_come_again(fetching: Fetching) -> None:
    fetching.telegram.say(72, "/help")
    fetching.telegram.wait_for(72, 1)
    wait_for(lambda: not fetching.telegram._pending)
    time.sleep(0.3)
    assert len(fetching.telegram.shown(72)) == 1


def test_polling_outlives_errors_and_obeys_a_429(fetching: Fetching) -> None:
    fetching.telegram.fail_next("getUpdates", html=True)
    fetching.telegram.fail_next("getUpdates", code=429, retry_after=1)
    for count in (1, 2):
        fetching.telegram.say(73, "/help")
        fetching.telegram.wait_for(73, count)
    wait_for(lambda: "Telegram can be reached again" in fetching.log)


def test_a_second_program_with_the_same_token_is_told(fetching: Fetching) -> None:
    fetching.telegram.fail_next("getUpdates", code=409)
    fetching.telegram.say(74, "/help")
    fetching.telegram.wait_for(74, 1)
    wait_for(lambda: "Another program fetches the messages" in fetching.log)


def test_nothing_comes_in_by_the_webhook_of_slack(fetching: Fetching) -> None:
    body = fetching.slack.event("D70", text="heat or ice?")
    address = f"http://localhost:{fetching.server.port}/webhooks/slack/webhook"
    assert requests.post(address, json=body, timeout=10).status_code == 403


def test_an_event_comes_through_the_socket_once_and_is_confirmed(fetching: Fetching) -> None:
    event = fetching.slack.event("D71", text="heat or ice?")
    confirmed = len(fetching.slack.acknowledged)
    fetching.slack.deliver(event)
    fetching.slack.deliver(event)
    count = len(HEAT.short.paragraphs) + 1
    shown = texts(fetching.slack.wait_for("D71", count))
    assert shown[0] == HEAT.short.paragraphs[0]
    wait_for(lambda: len(fetching.slack.acknowledged) == confirmed + 2)
    fetching.slack.press("D71", "Why is that?")
    count += len(HEAT.parts["why"].paragraphs) + 1
    assert HEAT.parts["why"].paragraphs[0] in texts(fetching.slack.wait_for("D71", count))
    assert len(fetching.slack.shown("D71")) == count


def test_a_mention_is_answered_in_its_thread_where_that_is_asked_for(fetching: Fetching) -> None:
    mention = {"text": "<@UBOT> what can you do?", "ts": "9.1", "channel_type": "channel"}
    fetching.slack.deliver(fetching.slack.event("C71", type="app_mention", **mention))
    (shown,) = fetching.slack.wait_for("C71", 1)
    assert shown["thread_ts"] == "9.1"


def test_a_socket_that_breaks_is_opened_again(fetching: Fetching) -> None:
    opened = len(fetching.slack.calls_of("apps.connections.open"))
    fetching.slack.drop_sockets()
    wait_for(lambda: fetching.slack.sockets, seconds=20)
    assert len(fetching.slack.calls_of("apps.connections.open")) > opened
    fetching.slack.say("D72", "hello")
    assert fetching.slack.wait_for("D72", 1)


def test_answers_on_their_way_arrive_before_the_server_stops(fetching: Fetching) -> None:
    """The last test of this server: SIGINT comes while Telegram and Slack say "wait"."""
    fetching.telegram.fail_next("sendMessage", 75, code=429, retry_after=2)
    fetching.slack.fail_next("chat.postMessage", "D75", retry_after=2)
    fetching.telegram.say(75, "heat or ice?")
    fetching.slack.say("D75", "heat or ice?")
    wait_for(lambda: not fetching.telegram._faults["sendMessage"])
    wait_for(lambda: not fetching.slack._faults["chat.postMessage"])
    assert fetching.server.stop() == 0
    expected = len(HEAT.short.paragraphs) + 1
    assert len(fetching.telegram.shown(75)) == expected
    assert len(fetching.slack.shown("D75")) == expected
    assert "Traceback" not in fetching.log
    assert telegram_standin.TOKEN not in fetching.log
    assert slack_standin.APP_TOKEN not in fetching.log
