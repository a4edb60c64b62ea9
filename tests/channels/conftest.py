"""The real servers with both channels on, talking to stand-ins of Telegram and Slack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backstride.paths import MODEL
from tests.channels import slack_standin, telegram_standin
from tests.channels.adapters import PUBLIC_URL
from tests.channels.slack_standin import WebApi
from tests.channels.telegram_standin import BotApi
from tests.server.conftest import Server, start


@pytest.fixture(scope="session")
def bot_api() -> Iterator[BotApi]:
    api = BotApi()
    api.start()
    yield api
    api.stop()


@pytest.fixture(scope="session")
def web_api() -> Iterator[WebApi]:
    api = WebApi()
    api.start()
    yield api
    api.stop()


@pytest.fixture(scope="session")
def hooked(
    bot_api: BotApi, web_api: WebApi, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with a public address: both services call it."""
    if not MODEL.exists():
        pytest.fail("There is no trained model. Run 'make test', which trains it first.")
    server = start(
        tmp_path_factory.mktemp("hooked") / "log.txt",
        BACKSTRIDE_PUBLIC_URL=PUBLIC_URL,
        BACKSTRIDE_TELEGRAM_TOKEN=telegram_standin.TOKEN,
        BACKSTRIDE_TELEGRAM_API=bot_api.url,
        BACKSTRIDE_TELEGRAM_WEBHOOK_URL=PUBLIC_URL,
        BACKSTRIDE_SLACK_TOKEN=slack_standin.TOKEN,
        BACKSTRIDE_SLACK_API=web_api.url,
        BACKSTRIDE_SLACK_SIGNING_SECRET=slack_standin.SIGNING_SECRET,
    )
    bot_api.server = web_api.server = f"http://localhost:{server.port}"
    yield server
    server.stop()
