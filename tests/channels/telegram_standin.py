"""A stand-in for Telegram: the part of the Bot API that a bot in private chats needs.

Limits, error shapes and the rules of webhooks and polling are those of core.telegram.org/bots/api.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import requests
from aiohttp import web

from backstride.channels.text import utf16_length
from tests.channels.standin import StandIn, wait_for

TOKEN = "123456789:AAEexampleexampleexampleexampleexam"


class BotApi(StandIn):
    """Telegram's side of a bot: it keeps chats and delivers updates by polling or webhook."""

    def __init__(self, port: int | None = None) -> None:
        super().__init__(port)
        self.url = f"http://127.0.0.1:{self.port}"
        self.webhook: dict[str, Any] = {}
        self.server = ""  # where the webhook really is
        self.chats: dict[int, list[dict[str, Any]]] = {}
        self.left: list[int] = []
        self.blocked: set[int] = set()
        self._pending: list[dict[str, Any]] = []
        self._callbacks: set[str] = set()
        self._update = 1000
        self._message = 0

    # What a person does

    def say(self, chat: int, text: str, **more: Any) -> int:
        return self.deliver(message=self.message(chat, text=text, **more))

    def press(self, chat: int, title: str) -> int:
        """Press the newest button of this title that is still there."""
        for message in reversed(self.chats[chat]):
            for row in message.get("reply_markup", {}).get("inline_keyboard", ()):
                for button in row:
                    if button["text"] == title:
                        return self.press_button(chat, message, button["callback_data"])
        raise AssertionError(f"there is no button '{title}'")

    def press_button(self, chat: int, message: dict[str, Any], data: str) -> int:
        callback = str(9_000_000 + self._update)
        self._callbacks.add(callback)
        person = self.message(chat)["from"]
        query = {"id": callback, "from": person, "message": message, "data": data}
        return self.deliver(callback_query={**query, "chat_instance": "1"})

    def message(self, chat: int, **content: Any) -> dict[str, Any]:
        self._message += 1
        person = {"id": chat, "is_bot": False, "first_name": "Someone", "language_code": "en"}
        return {
            "message_id": self._message,
            "from": person,
            "chat": {"id": chat, "type": "private", "first_name": "Someone"},
            "date": 1_700_000_000,
            **content,
        }

    def deliver(self, **content: Any) -> int:
        """Hand an update to the bot; the status of the webhook, or 0 where the bot polls."""
        self._update += 1
        return self.deliver_again({"update_id": self._update, **content})

    def deliver_again(self, update: object) -> int:
        if not self.webhook.get("url"):
            self._loop.call_soon_threadsafe(self._pending.append, update)
            return 0
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
        return requests.post(
            f"{self.server}/webhooks/telegram/webhook", json=update, headers=headers, timeout=30
        ).status_code

    # What the person sees

    def shown(self, chat: int) -> list[dict[str, Any]]:
        return list(self.chats.get(chat, ()))

    def wait_for(self, chat: int, count: int) -> list[dict[str, Any]]:
        wait_for(lambda: len(self.chats.get(chat, ())) >= count)
        return self.shown(chat)

    # The Bot API

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/bot{token}/{method}", self._call)]

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        parameters = json.loads(await request.read() or b"{}")
        if request.match_info["token"] != TOKEN:
            return refusal(401, "Unauthorized")
        fault = self.fault_for(method, parameters.get("chat_id"))
        if fault is not None:
            if fault.get("hang_up"):
                request.transport.close()  # type: ignore[union-attr]
            if fault.get("html"):
                return web.Response(status=502, text="<html>Bad Gateway</html>")
            return refusal(fault.get("code", 500), "Injected", fault.get("retry_after"))
        self.calls.append((method, parameters))
        handler = getattr(self, f"_{snake(method)}", None)
        if handler is None:
            return refusal(404, "Not Found")
        try:
            result = handler(parameters)
            if asyncio.iscoroutine(result):
                result = await result
        except Refused as refused:
            return refusal(refused.code, refused.description)
        return web.json_response({"ok": True, "result": result})

    def _get_me(self, _: dict[str, Any]) -> Any:
        return {"id": 123456789, "is_bot": True, "first_name": "Backstride", "username": "b_bot"}

    def _set_my_commands(self, given: dict[str, Any]) -> Any:
        for command in given["commands"]:
            need(re.fullmatch("[a-z0-9_]{1,32}", command["command"]), "BOT_COMMAND_INVALID")
            need(1 <= len(command["description"]) <= 256, "BOT_COMMAND_DESCRIPTION_INVALID")
        return True

    def _set_webhook(self, given: dict[str, Any]) -> Any:
        need(given["url"].startswith("https://"), "bad webhook: An HTTPS URL must be provided")
        need(re.fullmatch("[A-Za-z0-9_-]{1,256}", given["secret_token"]), "SECRET_TOKEN_INVALID")
        self.webhook = given
        return True

    def _delete_webhook(self, _: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    async def _get_updates(self, given: dict[str, Any]) -> Any:
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        after = given.get("offset", 0)
        kept = [
            u
            for u in self._pending
            if not isinstance(u, dict) or u.get("update_id", after) >= after
        ]
        self._pending[:] = kept
        for _ in range(int(given.get("timeout", 0) * 50) or 1):
            if self._pending:
                break
            await asyncio.sleep(0.02)
        return self._pending[: given.get("limit", 100)]

    def _send_message(self, given: dict[str, Any]) -> Any:
        return self._keep(given, text=checked_text(given.get("text"), 4096, "message"))

    def _send_photo(self, given: dict[str, Any]) -> Any:
        need(str(given.get("photo", "")).startswith("http"), "wrong remote file identifier")
        need(given["photo"].endswith((".png", ".jpg", ".jpeg", ".webp")), "IMAGE_PROCESS_FAILED")
        need(utf16_length(given.get("caption", "")) <= 1024, "message caption is too long")
        return self._keep(given, photo=given["photo"], caption=given.get("caption", ""))

    def _answer_callback_query(self, given: dict[str, Any]) -> Any:
        known = given["callback_query_id"] in self._callbacks
        need(known, "query is too old and response timeout expired or query ID is invalid")
        return True

    def _edit_message_text(self, given: dict[str, Any]) -> Any:
        message = self._find(given)
        text = checked_text(given.get("text"), 4096, "message")
        need(text != message.get("text"), "message is not modified")
        message["text"] = text
        message.pop("reply_markup", None)
        return message

    def _edit_message_reply_markup(self, given: dict[str, Any]) -> Any:
        message = self._find(given)
        need(message.pop("reply_markup", None), "message is not modified")
        return message

    def _leave_chat(self, given: dict[str, Any]) -> Any:
        self.left.append(given["chat_id"])
        return True

    def _find(self, given: dict[str, Any]) -> dict[str, Any]:
        for message in self.chats.get(given["chat_id"], ()):
            if message["message_id"] == given["message_id"]:
                return message
        raise Refused(400, "Bad Request: message to edit not found")

    def _keep(self, given: dict[str, Any], **content: Any) -> dict[str, Any]:
        chat = given["chat_id"]
        need(isinstance(chat, int) and not isinstance(chat, bool), "chat not found")
        if chat in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        for row in given.get("reply_markup", {}).get("inline_keyboard", ()):
            for button in row:
                need(button["text"].strip(), "inline keyboard button text is empty")
                need(1 <= len(button["callback_data"].encode()) <= 64, "BUTTON_DATA_INVALID")
        self._message += 1
        message = {
            "message_id": self._message,
            "date": 1_700_000_000,
            "from": self._get_me({}),
            "chat": {"id": chat, "type": "private"},
            **content,
        }
        if "reply_markup" in given:
            message["reply_markup"] = given["reply_markup"]
        self.chats.setdefault(chat, []).append(message)
        return message


class Refused(Exception):
    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code, self.description = code, description


def need(condition: object, description: str) -> None:
    if not condition:
        raise Refused(400, f"Bad Request: {description}")


def checked_text(text: object, limit: int, what: str) -> str:
    need(isinstance(text, str) and text.strip(), f"{what} text is empty")
    assert isinstance(text, str)
    need(utf16_length(text) <= limit, f"{what} is too long")
    return text


def refusal(code: int, description: str, retry_after: float | None = None) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if retry_after is not None:
        body["description"] = f"Too Many Requests: retry after {retry_after}"
        body["parameters"] = {"retry_after": retry_after}
    return web.json_response(body, status=code)


def snake(method: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", method).lower()
