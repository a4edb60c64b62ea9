"""The pages on Telegram and Slack, and the manifest to paste in, fit the code."""

from __future__ import annotations

import re

import pytest

from backstride import settings
from backstride.content import read_yaml
from backstride.paths import ROOT

MANIFEST = read_yaml(ROOT / "deploy" / "slack-manifest.yml")
CODE = "\n".join(path.read_text() for path in sorted((ROOT / "backstride").rglob("*.py")))
NAMED = set(re.findall(r"BACKSTRIDE_(?:TELEGRAM|SLACK)_[A-Z_]+[A-Z]", CODE)) - {
    "BACKSTRIDE_TELEGRAM_WEBHOOK_URL_FILE"
}

SHARED = {"BACKSTRIDE_PUBLIC_URL"}


@pytest.mark.parametrize("service", ["telegram", "slack"])
def test_each_setting_is_explained_and_each_that_is_explained_exists(service: str) -> None:
    page = (ROOT / "docs" / f"{service}.md").read_text(encoding="utf-8")
    table = set(re.findall(r"^\| `(BACKSTRIDE_[A-Z_]+)` \| ", page, re.MULTILINE))
    assert table == {name for name in NAMED if service.upper() in name} | SHARED
    mentioned = set(re.findall(r"BACKSTRIDE_[A-Z_]+[A-Z]", page))
    assert {name.removesuffix("_FILE") for name in mentioned} <= {
        *NAMED,
        *SHARED,
        "BACKSTRIDE_SECRET",
    }


@pytest.mark.parametrize("service", ["telegram", "slack"])
def test_each_line_of_the_log_that_a_page_explains_is_written(service: str) -> None:
    page = (ROOT / "docs" / f"{service}.md").read_text(encoding="utf-8")
    told = page.split("## When something is wrong")[1]
    lines = re.findall(r"^\| `([^`(]+?)(?: \(\w+\)| answered .*)?` \|", told, re.MULTILINE)
    assert len(lines) >= 4
    code = re.sub(r'"\s+f?"', "", CODE)
    assert [line for line in lines if line.split(": ")[0] not in code] == []


def test_each_target_of_make_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for service in ("telegram", "slack"):
        page = (ROOT / "docs" / f"{service}.md").read_text(encoding="utf-8")
        assert {"run", service} <= set(re.findall(r"make ([a-z]+)", page)) <= targets


def test_the_manifest_asks_for_direct_messages_and_buttons_and_no_more() -> None:
    assert MANIFEST["oauth_config"]["scopes"]["bot"] == ["chat:write", "im:history"]
    assert MANIFEST["settings"]["event_subscriptions"]["bot_events"] == ["message.im"]
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
    assert MANIFEST["features"]["app_home"]["messages_tab_read_only_enabled"] is False


def test_the_file_of_settings_is_kept_out_of_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert settings.ENV_FILE.relative_to(ROOT).as_posix() in ignored
