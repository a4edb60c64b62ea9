"""The operator's settings: checked, and named when wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from backstride.operator_settings import SettingError, load_settings, secret


def test_nothing_set_gives_the_defaults() -> None:
    settings = load_settings({})
    assert settings.retention_days == 30
    assert settings.log_text == ""
    assert settings.redis_url is None
    assert str(settings.conversation_rate) == "30 per 1 minute"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BACKSTRIDE_RETENTION_DAYS", "never"),
        ("BACKSTRIDE_RETENTION_DAYS", "0"),
        ("BACKSTRIDE_RETENTION_DAYS", "nan"),
        ("BACKSTRIDE_RETENTION_DAYS", "9999999"),
        ("BACKSTRIDE_LOG_TEXT", "all"),
        ("BACKSTRIDE_METRICS_FROM", "everybody"),
        ("BACKSTRIDE_PROXIES", "-1"),
        ("BACKSTRIDE_CONVERSATION_RATE", "often"),
        ("BACKSTRIDE_ADDRESS_RATE", "5 per lightyear"),
    ],
)
def test_a_wrong_setting_is_named_with_its_cure(variable: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{variable} is '{value}'") as raised:
        load_settings({variable: value})
    assert len(str(raised.value)) > len(f"{variable} is '{value}'.") + 10


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("redis://:word@host/0\n")
    assert secret("X_URL", {"X_URL_FILE": str(file), "X_URL": "other"}) == "redis://:word@host/0"
    assert secret("X_URL", {"X_URL": "redis://host"}) == "redis://host"
    assert secret("X_URL", {}) is None
    with pytest.raises(SettingError, match=r"X_URL_FILE names .*nowhere"):
        secret("X_URL", {"X_URL_FILE": str(tmp_path / "nowhere")})
