"""The settings of the server: limits, retention, logs. Checked, and named when wrong."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from limits import RateLimitItem, parse

from backstride.settings import SettingsError, setting

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LogText = Literal["", "redacted"]

_LOOPBACK = "127.0.0.0/8,::1/128"


@dataclass(frozen=True)
class Settings:
    """All settings that more than one part of the server looks at."""

    retention_days: float  # after these, what was said is deleted
    collect_days: float  # for these, what was not understood is collected; 0: it is not
    log_text: LogText  # whether texts of others may stand in the log
    metrics_from: tuple[Network, ...]  # who may read /metrics
    proxies: int  # how many proxies of our own stand in front
    conversation_rate: RateLimitItem
    address_rate: RateLimitItem
    redis_url: str | None
    public_url: str | None  # where Telegram, Slack and other programs fetch the pictures


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings, checked.

    Raises:
        SettingsError: naming the variable and the cure.
    """
    log_text = environ.get("BACKSTRIDE_LOG_TEXT", "")
    if log_text not in ("", "redacted"):
        raise SettingsError(
            f"BACKSTRIDE_LOG_TEXT is '{log_text}'. Leave it out, or write 'redacted'."
        )
    return Settings(
        retention_days=_number(environ, "BACKSTRIDE_RETENTION_DAYS", 30, 0.01, 3650),
        collect_days=_number(environ, "BACKSTRIDE_COLLECT_DAYS", 0, 0, 365),
        log_text="redacted" if log_text else "",
        metrics_from=_networks(environ, "BACKSTRIDE_METRICS_FROM", _LOOPBACK),
        proxies=int(_number(environ, "BACKSTRIDE_PROXIES", 0, 0, 10)),
        conversation_rate=_rate(environ, "BACKSTRIDE_CONVERSATION_RATE", "30/minute"),
        address_rate=_rate(environ, "BACKSTRIDE_ADDRESS_RATE", "300/minute"),
        redis_url=setting("BACKSTRIDE_REDIS_URL", environ),
        public_url=_public_url(environ),
    )


def _number(
    environ: Mapping[str, str], variable: str, default: float, least: float, most: float
) -> float:
    value = environ.get(variable) or str(default)
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise SettingsError(
            f"{variable} is '{value}'. It must be a number from {least:g} to {most:g}."
        )
    return number


def _public_url(environ: Mapping[str, str]) -> str | None:
    value = (environ.get("BACKSTRIDE_PUBLIC_URL") or "").rstrip("/")
    if value and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
        raise SettingsError(
            f"BACKSTRIDE_PUBLIC_URL is '{value}'. Write where the server is reached, such as"
            " https://chat.example.org, or leave it out: then only the web chat shows pictures."
        )
    return value or None


def _networks(environ: Mapping[str, str], variable: str, default: str) -> tuple[Network, ...]:
    value = environ.get(variable) or default
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in value.split(","))
    except ValueError:
        raise SettingsError(
            f"{variable} is '{value}'. Write networks such as 10.0.0.0/8, with commas between."
        ) from None


def _rate(environ: Mapping[str, str], variable: str, default: str) -> RateLimitItem:
    value = environ.get(variable) or default
    try:
        return parse(value)
    except ValueError:
        raise SettingsError(f"{variable} is '{value}'. Write it as '30/minute'.") from None
