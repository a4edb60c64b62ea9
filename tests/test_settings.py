"""Settings come from the environment, from files it names, or from `.env`, and are never shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backstride import settings
from backstride.paths import ROOT
from backstride.settings import (
    SettingsError,
    read_env_file,
    setting,
    slack_settings,
    telegram_settings,
    without_secrets,
)

TELEGRAM = "123456789:AAEexampleexampleexampleexampleexam"
NAMES = [
    *("TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_URL", "TELEGRAM_API", "SLACK_TOKEN", "SLACK_APP_TOKEN"),
    *("SLACK_SIGNING_SECRET", "SLACK_MENTIONS", "SLACK_API"),
]


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"BACKSTRIDE_{name}", raising=False)
        monkeypatch.delenv(f"BACKSTRIDE_{name}_FILE", raising=False)


def set_all(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"BACKSTRIDE_{name}", value)


def test_no_channel_runs_until_its_token_is_set() -> None:
    assert telegram_settings() is None
    assert slack_settings() is None


def test_telegram_needs_its_token_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, TELEGRAM_TOKEN=TELEGRAM)
    found = telegram_settings()
    assert found == settings.TelegramSettings(TELEGRAM, None, "https://api.telegram.org")


def test_a_public_address_of_telegram_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, TELEGRAM_TOKEN=TELEGRAM, TELEGRAM_WEBHOOK_URL="https://bot.example/")
    found = telegram_settings()
    assert found and found.webhook_url == "https://bot.example"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"TELEGRAM_TOKEN": "hunter2hunter2"}, "BACKSTRIDE_TELEGRAM_TOKEN is no bot token"),
        ({"TELEGRAM_TOKEN": TELEGRAM[:-20]}, "BACKSTRIDE_TELEGRAM_TOKEN is no bot token"),
        ({"TELEGRAM_WEBHOOK_URL": "https://a.example"}, "BACKSTRIDE_TELEGRAM_TOKEN is not set"),
        (
            {"TELEGRAM_TOKEN": TELEGRAM, "TELEGRAM_WEBHOOK_URL": "http://a.example"},
            "must begin with https://",
        ),
        ({"TELEGRAM_TOKEN": TELEGRAM, "TELEGRAM_API": "ftp://x"}, "BACKSTRIDE_TELEGRAM_API must"),
        ({"SLACK_TOKEN": "hunter2hunter2"}, "BACKSTRIDE_SLACK_TOKEN is no bot token"),
        ({"SLACK_TOKEN": "xoxb-hunter2"}, "BACKSTRIDE_SLACK_APP_TOKEN"),
        ({"SLACK_SIGNING_SECRET": "hunter2"}, "BACKSTRIDE_SLACK_TOKEN is not set"),
        ({"SLACK_APP_TOKEN": "xapp-hunter2"}, "BACKSTRIDE_SLACK_TOKEN is not set"),
        (
            {"SLACK_TOKEN": "xoxb-hunter2", "SLACK_APP_TOKEN": "hunter2"},
            "BACKSTRIDE_SLACK_APP_TOKEN is no app-level token",
        ),
        (
            {"SLACK_TOKEN": "xoxb-a", "SLACK_APP_TOKEN": "xapp-a", "SLACK_MENTIONS": "hunter2"},
            "BACKSTRIDE_SLACK_MENTIONS must be yes or no",
        ),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], named: str
) -> None:
    set_all(monkeypatch, **values)
    with pytest.raises(SettingsError) as raised:
        telegram_settings()
        slack_settings()
    assert named in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert TELEGRAM[:-20] not in str(raised.value)


@pytest.mark.parametrize(
    ("said", "meant"), [("yes", True), ("1", True), ("No", False), ("", False)]
)
def test_mentions_are_answered_only_where_asked_for(
    monkeypatch: pytest.MonkeyPatch, said: str, meant: bool
) -> None:
    tokens = {"SLACK_TOKEN": "xoxb-a", "SLACK_APP_TOKEN": "xapp-a"}
    set_all(monkeypatch, **tokens, SLACK_MENTIONS=said)
    found = slack_settings()
    assert found and found.mentions is meant


def test_a_setting_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from a file\n")
    monkeypatch.setenv("BACKSTRIDE_SLACK_TOKEN_FILE", str(tmp_path / "token"))
    assert setting("BACKSTRIDE_SLACK_TOKEN") == "from a file"
    monkeypatch.setenv("BACKSTRIDE_SLACK_TOKEN", "from the environment")
    assert setting("BACKSTRIDE_SLACK_TOKEN") == "from the environment"


@pytest.mark.parametrize(("content", "told"), [(None, "can't be read"), (" \n", "an empty file")])
def test_a_file_without_a_setting_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "token").write_text(content)
    monkeypatch.setenv("BACKSTRIDE_SLACK_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(SettingsError, match=f"BACKSTRIDE_SLACK_TOKEN_FILE names .*{told}"):
        setting("BACKSTRIDE_SLACK_TOKEN")


def test_the_env_file_sets_what_is_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # So that what is read is taken back after the test.
    monkeypatch.setenv("BACKSTRIDE_SLACK_TOKEN", "set before")
    for name in ("BACKSTRIDE_TELEGRAM_TOKEN", "BACKSTRIDE_SLACK_API"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    file = tmp_path / ".env"
    file.write_text(
        f"# a comment\nBACKSTRIDE_TELEGRAM_TOKEN={TELEGRAM}\n\n"
        "BACKSTRIDE_SLACK_API='https://slack.example/api'\nBACKSTRIDE_SLACK_TOKEN=other\n"
    )
    read_env_file(file)
    assert os.environ["BACKSTRIDE_TELEGRAM_TOKEN"] == TELEGRAM
    assert os.environ["BACKSTRIDE_SLACK_API"] == "https://slack.example/api"
    assert os.environ["BACKSTRIDE_SLACK_TOKEN"] == "set before"


def test_a_broken_env_file_is_an_error_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BACKSTRIDE_SLACK_TOKEN='hunter2\n")
    with pytest.raises(SettingsError, match="Each line must be NAME=value") as raised:
        read_env_file(tmp_path / ".env")
    assert "hunter2" not in str(raised.value)


def test_no_env_file_is_no_error(tmp_path: Path) -> None:
    read_env_file(tmp_path / ".env")


def test_the_action_server_gets_no_secret() -> None:
    given = {
        "PATH": "/bin",
        "BACKSTRIDE_TELEGRAM_TOKEN": "a",
        "BACKSTRIDE_SLACK_SIGNING_SECRET_FILE": "b",
        "BACKSTRIDE_SECRET": "c",
        "BACKSTRIDE_DATABASE_URL": "d",
        "BACKSTRIDE_TELEGRAM_API": "e",
    }
    assert without_secrets(given) == {"PATH": "/bin", "BACKSTRIDE_TELEGRAM_API": "e"}


@pytest.mark.parametrize(
    ("command", "values", "told"),
    [
        ("run", {"BACKSTRIDE_TELEGRAM_TOKEN": "hunter2"}, "BACKSTRIDE_TELEGRAM_TOKEN is no bot"),
        ("run", {"BACKSTRIDE_SLACK_TOKEN": "xoxb-hunter2"}, "Slack needs BACKSTRIDE_SLACK_APP"),
        ("run", {"BACKSTRIDE_SECRET": "hunter2"}, "BACKSTRIDE_SECRET has fewer than 16"),
        ("telegram", {}, "BACKSTRIDE_TELEGRAM_TOKEN is not set"),
        ("slack", {"BACKSTRIDE_SLACK_TOKEN": ""}, "must both be set"),
    ],
)
def test_a_start_with_a_wrong_setting_ends_in_one_clear_line(
    command: str, values: dict[str, str], told: str
) -> None:
    environment = {**os.environ, **{f"BACKSTRIDE_{name}": "" for name in NAMES}, **values}
    stopped = subprocess.run(
        [sys.executable, "-m", "backstride.supervisor", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert stopped.returncode == 1
    assert told in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert "hunter2" not in stopped.stdout + stopped.stderr
