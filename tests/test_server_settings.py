"""The settings of the server: checked, and named when wrong."""

from __future__ import annotations

import re

import pytest

from backstride.server_settings import load_settings
from backstride.settings import SettingsError


def test_nothing_set_gives_the_defaults() -> None:
    settings = load_settings({})
    assert settings.retention_days == 30
    assert settings.collect_days == 0
    assert settings.log_text == ""
    assert settings.redis_url is None
    assert settings.public_url is None
    assert str(settings.conversation_rate) == "30 per 1 minute"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BACKSTRIDE_RETENTION_DAYS", "never"),
        ("BACKSTRIDE_RETENTION_DAYS", "0"),
        ("BACKSTRIDE_RETENTION_DAYS", "nan"),
        ("BACKSTRIDE_RETENTION_DAYS", "9999999"),
        ("BACKSTRIDE_COLLECT_DAYS", "yes"),
        ("BACKSTRIDE_COLLECT_DAYS", "-1"),
        ("BACKSTRIDE_COLLECT_DAYS", "366"),
        ("BACKSTRIDE_LOG_TEXT", "all"),
        ("BACKSTRIDE_METRICS_FROM", "everybody"),
        ("BACKSTRIDE_PROXIES", "-1"),
        ("BACKSTRIDE_PUBLIC_URL", "chat.example.org"),
        ("BACKSTRIDE_PUBLIC_URL", "https://someone:secret@chat.example.org"),
        ("BACKSTRIDE_PUBLIC_URL", "javascript:alert"),
        ("BACKSTRIDE_CONVERSATION_RATE", "often"),
        ("BACKSTRIDE_ADDRESS_RATE", "5 per lightyear"),
    ],
)
def test_a_wrong_setting_is_named_with_its_cure(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"{variable} is '{value}'")) as raised:
        load_settings({variable: value})
    assert len(str(raised.value)) > len(f"{variable} is '{value}'.") + 10
