"""A stand-in for Slack: the Web API methods that an app in direct messages needs, and Socket Mode.

Limits and error shapes are those of docs.slack.dev.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp
import requests
from aiohttp import web

from tests.channels.standin import StandIn, wait_for

TOKEN = "xoxb-example-token"
APP_TOKEN = "xapp-example-token"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class WebApi(StandIn):
    """Slack's side of an app: it keeps channels and delivers events by HTTP or by socket."""

    def __init__(self, port: int | None = None) -> None:
        super().__init__(port)
        self.url = f"http://127.0.0.1:{self.port}/api"
        self.server = ""  # where events go over HTTP
        self.channels: dict[str, list[dict[str, Any]]] = {}
        self.ephemeral: list[dict[str, Any]] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.acknowledged: list[str] = []
        self._number = 0

    # What a person does

    def say(self, channel: str, text: str, **more: Any) -> Any:
        """Write in a direct message; Slack escapes three characters."""
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return self.deliver(self.event(channel, text=text, **more))

    def press(self, channel: str, title: str) -> Any:
        for message in reversed(self.channels[channel]):
            for block in message.get("blocks", ()):
                for element in block.get("elements", ()):
                    if block["type"] == "actions" and element["text"]["text"] == title:
                        return self.deliver(self.block_actions(channel, message, element))
        raise AssertionError(f"there is no button '{title}'")

    def event(self, channel: str, **event: Any) -> dict[str, Any]:
        self._number += 1
        return {
            "token": "x",
            "team_id": "T1",
            "api_app_id": "A1",
            "type": "event_callback",
            "event_id": f"Ev{self._number:08}",
            "event_time": int(time.time()),
            "event": {
                "type": "message",
                "channel": channel,
                "channel_type": "im",
                "user": f"U{channel[1:]}",
                "ts": f"{1_700_000_000 + self._number}.000100",
                **event,
            },
        }

    def block_actions(
        self, channel: str, message: dict[str, Any], element: dict[str, Any]
    ) -> dict[str, Any]:
        action = {key: element[key] for key in ("type", "action_id", "text", "value")}
        return {
            "type": "block_actions",
            "team": {"id": "T1", "domain": "example"},
            "user": {"id": f"U{channel[1:]}", "username": "someone", "team_id": "T1"},
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
            "channel": {"id": channel, "name": "directmessage"},
            "message": message,
            "actions": [{**action, "action_ts": str(time.time())}],
        }

    def deliver(self, body: dict[str, Any], **headers: str) -> int:
        """Hand an event or a press to the app; the status, or 0 through the socket."""
        if self.sockets:
            kind = "events_api" if body["type"] == "event_callback" else "interactive"
            self._number += 1
            envelope = {"envelope_id": f"e{self._number}", "type": kind, "payload": body}
            asyncio.run_coroutine_threadsafe(self.sockets[-1].send_json(envelope), self._loop)
            return 0
        if body.get("type") == "event_callback":
            return self.post(json.dumps(body), "application/json", **headers).status_code
        form = urlencode({"payload": json.dumps(body)})
        return self.post(form, "application/x-www-form-urlencoded", **headers).status_code

    def post(
        self,
        body: str,
        content_type: str,
        *,
        age: int = 0,
        secret: str = SIGNING_SECRET,
        **headers: str,
    ) -> requests.Response:
        stamp = str(int(time.time()) - age)
        signed = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256)
        return requests.post(
            f"{self.server}/webhooks/slack/webhook",
            data=body.encode(),
            headers={
                "Content-Type": content_type,
                "X-Slack-Request-Timestamp": stamp,
                "X-Slack-Signature": f"v0={signed.hexdigest()}",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            timeout=30,
        )

    # What the person sees

    def shown(self, channel: str) -> list[dict[str, Any]]:
        return list(self.channels.get(channel, ()))

    def wait_for(self, channel: str, count: int) -> list[dict[str, Any]]:
        wait_for(lambda: len(self.channels.get(channel, ())) >= count)
        return self.shown(channel)

    # The Web API

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/api/{method}", self._call), web.get("/socket", self._socket)]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given = await arguments(request)
        expected = APP_TOKEN if method == "apps.connections.open" else TOKEN
        if request.headers.get("Authorization") != f"Bearer {expected}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        fault = self.fault_for(method, given.get("channel"))
        if fault is not None:
            if "retry_after" in fault:
                wait = {"Retry-After": str(fault["retry_after"])}
                limited = {"ok": False, "error": "ratelimited"}
                return web.json_response(limited, status=429, headers=wait)
            if fault.get("html"):
                return web.Response(status=503, text="<html>down</html>", content_type="text/html")
            return web.json_response({"ok": False, "error": fault["error"]})
        self.calls.append((method, given))
        try:
            return web.json_response({"ok": True, **getattr(self, NAMES[method])(given)})
        except KeyError:
            return web.json_response({"ok": False, "error": "unknown_method"})
        except Refused as refused:
            return web.json_response({"ok": False, "error": str(refused)})

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"user_id": "UBOT", "team_id": "T1"}

    def _open(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"url": f"http://127.0.0.1:{self.port}/socket"}

    def _post_message(self, given: dict[str, Any]) -> dict[str, Any]:
        check_message(given)
        self._number += 1
        message = {
            "ts": f"{1_700_000_000 + self._number}.000200",
            "bot_id": "B1",
            "user": "UBOT",
            **{key: given[key] for key in ("text", "blocks", "thread_ts") if key in given},
        }
        self.channels.setdefault(given["channel"], []).append(message)
        return {"channel": given["channel"], "ts": message["ts"], "message": message}

    def _post_ephemeral(self, given: dict[str, Any]) -> dict[str, Any]:
        need(given.get("user"), "user_not_in_channel")
        check_message(given)
        self.ephemeral.append(given)
        return {"message_ts": "1.1"}

    def _update(self, given: dict[str, Any]) -> dict[str, Any]:
        check_message(given)
        for message in self.channels.get(given["channel"], ()):
            if message["ts"] == given["ts"]:
                message.update({"text": given["text"], "blocks": given["blocks"]})
                return {"ts": given["ts"]}
        raise Refused("message_not_found")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": 1})
        async for message in socket:
            if message.type == aiohttp.WSMsgType.TEXT:
                self.acknowledged.append(json.loads(message.data)["envelope_id"])
        self.sockets.remove(socket)
        return socket

    def drop_sockets(self) -> None:
        """The connection breaks, as it does every few hours."""
        for socket in list(self.sockets):
            asyncio.run_coroutine_threadsafe(socket.close(), self._loop).result(5)


NAMES = {
    "auth.test": "_auth_test",
    "apps.connections.open": "_open",
    "chat.postMessage": "_post_message",
    "chat.postEphemeral": "_post_ephemeral",
    "chat.update": "_update",
}


class Refused(Exception):
    pass


def need(condition: object, error: str) -> None:
    if not condition:
        raise Refused(error)


def check_message(given: dict[str, Any]) -> None:
    """Refuse what Slack would refuse, or cut."""
    need(isinstance(given.get("channel"), str) and given["channel"], "channel_not_found")
    need(given.get("text") or given.get("blocks"), "no_text")
    need(len(given.get("text", "")) <= 40_000, "msg_too_long")
    blocks = given.get("blocks", [])
    need(len(blocks) <= 50, "invalid_blocks")
    for block in blocks:
        need(BLOCKS[block["type"]](block), "invalid_blocks")


def is_text(given: dict[str, Any], kinds: tuple[str, ...], limit: int) -> bool:
    return given["type"] in kinds and 1 <= len(given["text"]) <= limit


def is_section(block: dict[str, Any]) -> bool:
    return is_text(block["text"], ("plain_text", "mrkdwn"), 3000)


def is_image(block: dict[str, Any]) -> bool:
    address = block["image_url"]
    return (
        address.startswith("http")
        and address.endswith((".png", ".jpg", ".jpeg", ".gif"))
        and len(address) <= 3000
        and 1 <= len(block["alt_text"]) <= 2000
    )


def is_context(block: dict[str, Any]) -> bool:
    elements = block["elements"]
    return 1 <= len(elements) <= 10 and all(
        is_text(element, ("plain_text", "mrkdwn"), 3000) for element in elements
    )


def is_actions(block: dict[str, Any]) -> bool:
    elements = block["elements"]
    ids = {element["action_id"] for element in elements}
    return (
        1 <= len(elements) <= 5  # 25 are allowed, but clients show five well
        and len(ids) == len(elements)
        and all(
            element["type"] == "button"
            and is_text(element["text"], ("plain_text",), 75)
            and 1 <= len(element["value"]) <= 2000
            and len(element["action_id"]) <= 255
            for element in elements
        )
    )


BLOCKS = {"section": is_section, "image": is_image, "context": is_context, "actions": is_actions}


async def arguments(request: web.Request) -> dict[str, Any]:
    """The arguments of a call, sent as JSON or as a form."""
    if "json" in request.content_type:
        return dict(await request.json())
    form = dict(await request.post())
    if isinstance(form.get("blocks"), str):
        form["blocks"] = json.loads(form["blocks"])
    return form
