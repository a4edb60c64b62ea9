"""The channels with their real clients, in this process: wrong tokens, and not a word in a log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from backstride.channels.telegram_api import TelegramApi, TelegramError
from backstride.rasa.slack import SlackChannel
from backstride.rasa.telegram import TelegramChannel
from backstride.settings import SlackSettings, TelegramSettings
from tests.channels import slack_standin, telegram_standin
from tests.channels.slack_standin import WebApi
from tests.channels.telegram_standin import BotApi

PRIVATE = "something very private"


@pytest.fixture(autouse=True)
def every_level(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("BACKSTRIDE_SECRET", "a key that only tests use")
    caplog.set_level(logging.DEBUG)


@pytest.fixture
def services() -> Iterator[tuple[BotApi, WebApi]]:
    telegram, slack = BotApi(), WebApi()
    telegram.start()
    slack.start()
    yield telegram, slack
    telegram.stop()
    slack.stop()


async def echo(message: UserMessage) -> None:
    await message.output_channel.send_response("x", {"text": f"heard {message.text}"})


async def broken(message: UserMessage) -> None:
    raise RuntimeError(message.text)


def channels(
    services: tuple[BotApi, WebApi], telegram_token: str, slack_token: str
) -> tuple[TelegramChannel, SlackChannel]:
    telegram, slack = services
    return (
        TelegramChannel(TelegramSettings(telegram_token, None, telegram.url)),
        SlackChannel(SlackSettings(slack_token, "s", None, False, f"{slack.url}/")),
    )


async def run(
    channel: TelegramChannel | SlackChannel, handler: object, received: object, wait: bool = True
) -> None:
    """Start a channel as the server does, let it take one update, and stop it."""
    app = Sanic(f"test_{channel.name()}", configure_logging=False, register=False)
    app.blueprint(channel.blueprint(handler), url_prefix=f"/webhooks/{channel.name()}")
    blueprint = next(iter(app.blueprints.values()))
    listeners = {future.event: future.listener for future in blueprint._future_listeners}
    await listeners["after_server_start"](app, None)
    if received is not None:
        channel.receive(received)
        if wait:
            await channel._turns.finish(10)
    else:
        assert channel._connecting is not None
        await asyncio.wait([channel._connecting], timeout=10)
    await listeners["before_server_stop"](app, None)


def test_tokens_that_are_refused_are_told_in_one_line_and_not_shown(
    services: tuple[BotApi, WebApi], caplog: pytest.LogCaptureFixture
) -> None:
    wrong = ("987654321:AAEotherotherotherotherotherotherother", "xoxb-other")
    for channel in channels(services, *wrong):
        asyncio.run(run(channel, echo, None))
    assert caplog.text.count("Telegram refuses the token. Copy it again from @BotFather") == 1
    assert caplog.text.count("Slack refuses a token (invalid_auth)") == 1
    assert "AAEother" not in caplog.text
    assert "xoxb-other" not in caplog.text


@pytest.mark.parametrize("handler", [echo, broken])
@pytest.mark.parametrize("refuses", [False, True], ids=["all is well", "sending fails"])
def test_no_word_of_a_message_is_in_a_log_at_any_level(
    services: tuple[BotApi, WebApi],
    caplog: pytest.LogCaptureFixture,
    handler: object,
    refuses: bool,
) -> None:
    telegram, slack = services
    if refuses:
        telegram.fail_next("sendMessage", times=9, code=400)
        slack.fail_next("chat.postMessage", times=9, error="fatal_error")
    update = {"update_id": 1, "message": telegram.message(5, text=PRIVATE)}
    event = slack.event("D5", text=PRIVATE)
    in_telegram, in_slack = channels(services, telegram_standin.TOKEN, slack_standin.TOKEN)
    asyncio.run(run(in_telegram, handler, update))
    asyncio.run(run(in_slack, handler, event))
    if not refuses:
        assert telegram.shown(5)
        assert slack.shown("D5")
    assert PRIVATE not in caplog.text
    assert telegram_standin.TOKEN not in caplog.text
    assert slack_standin.TOKEN not in caplog.text


def test_a_turn_that_fails_in_the_background_is_not_silence(
    services: tuple[BotApi, WebApi],
) -> None:
    telegram, slack = services
    update = {"update_id": 1, "message": telegram.message(5, text=PRIVATE)}
    event = slack.event("D5", text=PRIVATE)
    in_telegram, in_slack = channels(services, telegram_standin.TOKEN, slack_standin.TOKEN)
    asyncio.run(run(in_telegram, broken, update))
    asyncio.run(run(in_slack, broken, event))
    assert "something went wrong on my side" in telegram.shown(5)[0]["text"]
    assert "something went wrong on my side" in slack.shown("D5")[0]["text"]


async def slow(message: UserMessage) -> None:
    await asyncio.sleep(0.3)
    await echo(message)


def test_a_turn_that_runs_is_finished_before_the_server_stops(
    services: tuple[BotApi, WebApi],
) -> None:
    telegram, slack = services
    in_telegram, in_slack = channels(services, telegram_standin.TOKEN, slack_standin.TOKEN)
    update = {"update_id": 1, "message": telegram.message(5, text="hello")}
    asyncio.run(run(in_telegram, slow, update, wait=False))
    asyncio.run(run(in_slack, slow, slack.event("D5", text="hello"), wait=False))
    assert telegram.shown(5)[0]["text"] == "heard hello"
    assert slack.shown("D5")[0]["text"] == "heard hello"


def test_an_error_of_the_client_holds_neither_token_nor_address() -> None:
    async def call() -> None:
        api = TelegramApi(telegram_standin.TOKEN, "http://127.0.0.1:9")
        try:
            await api.call("getMe", tries=1)
        finally:
            await api.close()

    with pytest.raises(TelegramError) as raised:
        asyncio.run(call())
    assert str(raised.value) == "Telegram did not answer"
    assert raised.value.__cause__ is None and raised.value.__suppress_context__


def test_a_wait_that_is_too_long_is_not_waited_for(services: tuple[BotApi, WebApi]) -> None:
    telegram, _ = services
    telegram.fail_next("getMe", code=429, retry_after=3600)

    async def call() -> None:
        api = TelegramApi(telegram_standin.TOKEN, telegram.url)
        try:
            await api.call("getMe")
        finally:
            await api.close()

    with pytest.raises(TelegramError) as raised:
        asyncio.run(call())
    assert raised.value.retry_after == 3600
