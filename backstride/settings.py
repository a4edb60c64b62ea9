"""Settings: environment variables, files that they name, and one file `.env` beside the Makefile.

`NAME` holds a value. `NAME_FILE` names a file that holds it, as containers mount secrets. `.env`
has lines such as `NAME=value`; a variable that is set already wins over it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from honcho import environ

from backstride.paths import ROOT

ENV_FILE = ROOT / ".env"
_YES = frozenset({"1", "yes", "true", "on"})
_NO = frozenset({"", "0", "no", "false", "off"})
_TELEGRAM_TOKEN = re.compile(r"[0-9]{5,20}:[A-Za-z0-9_-]{30,100}")
_SECRET_NAME = re.compile(r"BACKSTRIDE_[A-Z_]*(TOKEN|SECRET|DATABASE_URL|REDIS_URL)(_FILE)?")


class SettingsError(ValueError):
    """A setting is missing or wrong; the message names it and the cure, and never its value."""


@dataclass(frozen=True)
class TelegramSettings:
    """What the Telegram channel needs. Without an address it fetches its messages itself."""

    token: str
    webhook_url: str | None
    api: str


@dataclass(frozen=True)
class SlackSettings:
    """What the Slack channel needs. With an app token it fetches its events itself."""

    token: str
    signing_secret: str | None
    app_token: str | None
    mentions: bool
    api: str


def read_env_file(path: Path = ENV_FILE) -> None:
    """Take over what `.env` sets, if there is one.

    Raises:
        SettingsError: it can't be read.
    """
    if not path.exists():
        return
    try:
        values = environ.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SettingsError(
            f"{path} can't be read. Each line must be NAME=value, with a quote closed on its line."
        ) from None
    for name, value in values.items():
        os.environ.setdefault(name, value)


def setting(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """The value of a setting, or nothing.

    Raises:
        SettingsError: the file that `NAME_FILE` names can't be read, or is empty.
    """
    value = environ.get(name, "").strip()
    file = environ.get(f"{name}_FILE", "").strip()
    if value or not file:
        return value or None
    try:
        value = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"{name}_FILE names a file that can't be read. Correct the path, or its permissions."
        ) from None
    if not value:
        raise SettingsError(f"{name}_FILE names an empty file. Put the value into it.")
    return value


def telegram_settings() -> TelegramSettings | None:
    """What is set for Telegram; nothing when it is not to run.

    Raises:
        SettingsError: something is set, but not all, or not well.
    """
    token = setting("BACKSTRIDE_TELEGRAM_TOKEN")
    url = setting("BACKSTRIDE_TELEGRAM_WEBHOOK_URL")
    if token is None:
        if url:
            raise SettingsError(_missing("BACKSTRIDE_TELEGRAM_TOKEN", "docs/telegram.md"))
        return None
    if not _TELEGRAM_TOKEN.fullmatch(token):
        raise SettingsError(
            "BACKSTRIDE_TELEGRAM_TOKEN is no bot token. It looks like 123456789:AAE... ; copy it"
            " whole from @BotFather. docs/telegram.md has every step."
        )
    if url and not url.startswith("https://"):
        raise SettingsError(
            "BACKSTRIDE_TELEGRAM_WEBHOOK_URL must begin with https://. Leave it out where there is"
            " no public address: messages are then fetched."
        )
    api = _address("BACKSTRIDE_TELEGRAM_API", "https://api.telegram.org")
    return TelegramSettings(token, url.rstrip("/") if url else None, api)


def slack_settings() -> SlackSettings | None:
    """What is set for Slack; nothing when it is not to run.

    Raises:
        SettingsError: something is set, but not all, or not well.
    """
    token = setting("BACKSTRIDE_SLACK_TOKEN")
    secret = setting("BACKSTRIDE_SLACK_SIGNING_SECRET")
    app_token = setting("BACKSTRIDE_SLACK_APP_TOKEN")
    if token is None:
        if secret or app_token:
            raise SettingsError(_missing("BACKSTRIDE_SLACK_TOKEN", "docs/slack.md"))
        return None
    if not token.startswith("xoxb-"):
        raise SettingsError(
            "BACKSTRIDE_SLACK_TOKEN is no bot token. It begins with xoxb- and stands under"
            " 'OAuth & Permissions' of the app. docs/slack.md has every step."
        )
    if app_token and not app_token.startswith("xapp-"):
        raise SettingsError(
            "BACKSTRIDE_SLACK_APP_TOKEN is no app-level token. It begins with xapp- and stands"
            " under 'Basic Information' of the app. docs/slack.md has every step."
        )
    if not secret and not app_token:
        raise SettingsError(
            "Slack needs BACKSTRIDE_SLACK_APP_TOKEN (no public address), or"
            " BACKSTRIDE_SLACK_SIGNING_SECRET (public address). docs/slack.md has every step."
        )
    mentions = (setting("BACKSTRIDE_SLACK_MENTIONS") or "").lower()
    if mentions not in _YES | _NO:
        raise SettingsError("BACKSTRIDE_SLACK_MENTIONS must be yes or no.")
    api = _address("BACKSTRIDE_SLACK_API", "https://slack.com/api")
    return SlackSettings(token, secret, app_token, mentions in _YES, api + "/")


def without_secrets(environment: dict[str, str]) -> dict[str, str]:
    """An environment for a process that needs no token and no key."""
    return {name: it for name, it in environment.items() if not _SECRET_NAME.fullmatch(name)}


def _address(name: str, default: str) -> str:
    address = (setting(name) or default).rstrip("/")
    if not address.startswith(("https://", "http://")):
        raise SettingsError(f"{name} must begin with https:// or http://.")
    return address


def _missing(name: str, page: str) -> str:
    return f"{name} is not set. Put it into the environment or into .env. {page} has every step."
