"""The web channel: the chat's page, script and pictures, and the conversation itself.

All of it is on Rasa's own port. The conversation goes over socket.io, or by plain requests
where a network blocks that. Rasa's own socket.io channel loses every message when sessions are
kept, takes any session id and any origin, and repeats nothing after a lost connection; so its
events are kept and its handlers replaced.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.channels.socketio import SocketBlueprint, SocketIOInput
from rasa.shared.exceptions import InvalidConfigException
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from socketio import AsyncServer

from backstride.rasa.conversations import forget
from backstride.rasa.guard import Handler, forget_stored, guarded
from backstride.secret import secret_key
from backstride.web.access import (
    allowed_origins,
    conversation_of,
    is_allowed,
    new_id,
)
from backstride.web.files import BUILT, PAGES, file_answer, page_path, picture_path
from backstride.web.messages import messages_for_web
from backstride.web.missed import Recent, RecentConversations

logger = logging.getLogger(__name__)

MESSAGE_BYTES = 64_000
TITLE_CHARS = 100
MESSAGE_ID_CHARS = 64
CLEANING_SECONDS = 60
_BOT_MESSAGE, _USER_MESSAGE = "bot_uttered", "user_uttered"
_SETTINGS = frozenset({"socketio_path"})


class WebOutput(OutputChannel):
    """Sends to every browser that has the conversation open, and keeps it for the others."""

    def __init__(self, channel: WebChannel) -> None:
        self._channel = channel

    @classmethod
    def name(cls) -> str:
        """The name for `channel:` in responses."""
        return "web"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Send what a response or an action says."""
        await self._channel.say(recipient_id, message)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Send a plain text."""
        await self._channel.say(recipient_id, {"text": text})


class _WebBlueprint(SocketBlueprint):
    """Also hangs up what does not lie below `/widget`."""

    def __init__(self, channel: WebChannel, *args: Any) -> None:
        super().__init__(channel.sio, channel.socketio_path, "web", *args)
        # Sanic lets only `ctx` take what is ours.
        self.ctx.channel = channel

    def register(self, app: Sanic, options: dict[str, Any]) -> None:
        self.ctx.channel.join(app)
        super().register(app, options)


class WebChannel(SocketIOInput):
    """`/` the page, `/socket.io`, and below `/widget` the script and all else."""

    def __init__(self, socketio_path: str = "/socket.io") -> None:
        """Read the settings.

        Raises:
            InvalidConfigException: one of them can't be used.
        """
        super().__init__(_USER_MESSAGE, _BOT_MESSAGE, socketio_path=socketio_path)
        self._recent = RecentConversations()
        self._app: Sanic | None = None
        try:
            self._secret, self._origins = secret_key(), allowed_origins()
        except ValueError as error:
            raise InvalidConfigException(str(error)) from None

    @classmethod
    def name(cls) -> str:
        """The name of the channel in conversations."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebChannel:
        """The channel as `credentials.yml` sets it."""
        settings = credentials or {}
        for unknown in settings.keys() - _SETTINGS:
            raise InvalidConfigException(
                f"credentials.yml: WebChannel: '{unknown}' is unknown. Remove it; known:"
                f" {', '.join(_SETTINGS)}"
            )
        return cls(**settings)

    def url_prefix(self) -> str:
        """Absolute, or Rasa would put it below `/webhooks/`."""
        return "/widget"

    def get_output_channel(self) -> OutputChannel | None:
        """Where Rasa sends what nobody asked for just now."""
        return WebOutput(self)

    def blueprint(self, on_new_message: Handler) -> SocketBlueprint:
        """The routes below `/widget`, the socket, and what `join` adds."""
        self._handle = guarded(on_new_message, forget=self._forget)
        self.sio = AsyncServer(
            async_mode="sanic",
            cors_allowed_origins=self._may_connect,
            cors_credentials=False,
            max_http_buffer_size=MESSAGE_BYTES,
        )
        blueprint = _WebBlueprint(self, __name__)
        self._add_events(self.sio)
        self._add_files(blueprint)
        self._add_requests(blueprint)
        return blueprint

    def join(self, app: Sanic) -> None:
        """Add the page at `/` and the readiness route, which lie outside the prefix."""
        self._app = app

        async def show_page(request: Request) -> HTTPResponse | None:
            # Rasa has a route of its own there, for programs; browsers ask for a page.
            if request.path != "/" or request.method not in ("GET", "HEAD"):
                return None
            if "text/html" not in request.headers.get("accept", ""):
                return None
            return _file(request, PAGES / "index.html")

        async def clean(app: Sanic) -> None:
            while True:
                await asyncio.sleep(CLEANING_SECONDS)
                self._recent.drop_old()

        app.register_middleware(show_page, "request")
        app.add_task(clean)

    # The conversation

    async def say(self, conversation: str, message: dict[str, Any]) -> None:
        """Keep what the assistant says and send it to each open browser."""
        recent = self._recent.of(conversation)
        for part in messages_for_web(message):
            await self._emit(_BOT_MESSAGE, recent.add(part), conversation)

    def _take(self, conversation: str, data: dict[str, Any]) -> dict[str, Any]:
        """Take a person's message, once; its answer follows.

        Returns:
            the message as kept, or the reason why it was not taken.
        """
        text, message_id = data.get("message"), data.get("message_id")
        if not isinstance(text, str):
            return {"error": "message"}
        if not isinstance(message_id, str) or not 0 < len(message_id) <= MESSAGE_ID_CHARS:
            message_id = secrets.token_hex(8)
        recent = self._recent.of(conversation)
        known = recent.find(message_id)
        if known is not None:
            return known
        if recent.deleted:
            return {"error": "deleted"}
        if recent.busy:
            return {"error": "busy"}
        title = data.get("title")
        shown = title[:TITLE_CHARS] if isinstance(title, str) and title else text
        silent = {"silent": True} if data.get("silent") is True else {}
        kept = recent.add({"id": message_id, "from": "user", "text": shown, **silent})
        turn = asyncio.create_task(self._answer(conversation, recent, text, message_id))
        recent.turns[message_id] = turn
        return kept

    async def _answer(self, conversation: str, recent: Recent, text: str, message_id: str) -> None:
        try:
            async with recent.one_at_a_time:
                if not recent.deleted:
                    message = UserMessage(
                        text,
                        WebOutput(self),
                        conversation,
                        input_channel=self.name(),
                        message_id=message_id,
                    )
                    await self._handle(message)
        except Exception as error:
            # What people write stays out of the log.
            logger.error("A web turn failed: %s", type(error).__name__)
        finally:
            recent.turns.pop(message_id, None)
            await self._emit("turn_ended", {"message_id": message_id}, conversation)

    async def _forget(self, conversation: str) -> None:
        """Delete a conversation on the person's word within it, and go on."""
        await forget_stored(conversation)
        self._recent.of(conversation).clear()

    async def _delete(self, conversation: str) -> bool:
        """Delete a conversation everywhere on the server; a turn in progress ends first."""
        recent = self._recent.of(conversation)
        recent.deleted = True
        try:
            async with recent.one_at_a_time:
                if self._app is None:
                    return False
                await forget(self._app.ctx.agent, conversation)
        except Exception as error:
            logger.error("A conversation could not be deleted: %s", type(error).__name__)
            recent.deleted = False
            return False
        self._recent.drop(conversation)
        await self._emit("conversation_deleted", {}, conversation)
        await self.sio.close_room(conversation)
        return True

    def _state(self, signed_id: str, conversation: str, data: dict[str, Any]) -> dict[str, Any]:
        """What a browser has missed, and which answers are still to come."""
        recent = self._recent.known(conversation) or Recent(log="")
        return {
            "session_id": signed_id,
            "log": recent.log,
            "messages": recent.after(data.get("log"), data.get("seen")),
            "waiting": recent.waiting,
        }

    async def _emit(self, event: str, data: dict[str, Any], room: str, **kwargs: Any) -> None:
        await self.sio.emit(event, data, room=room, **kwargs)

    # Over the socket

    def _may_connect(self, origin: str | None, environ: dict[str, Any]) -> bool:
        return is_allowed(origin, environ.get("HTTP_HOST"), self._origins)

    def _add_events(self, sio: AsyncServer) -> None:
        @sio.on("connect")
        async def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> bool:
            return True

        @sio.on("session_request")
        async def session_request(sid: str, data: Any = None) -> dict[str, Any]:
            asked = data if isinstance(data, dict) else {}
            signed_id = asked.get("session_id")
            conversation = conversation_of(self._secret, signed_id)
            refused = conversation is None and signed_id is not None
            if conversation is None:
                signed_id = new_id(self._secret)
                conversation = str(conversation_of(self._secret, signed_id))
            await sio.enter_room(sid, conversation)
            await sio.emit("session_confirm", signed_id, to=sid)
            state = self._state(str(signed_id), conversation, asked)
            return {**state, "refused": True} if refused else state

        @sio.on(_USER_MESSAGE)
        async def user_uttered(sid: str, data: Any = None) -> dict[str, Any]:
            sent = data if isinstance(data, dict) else {}
            conversation = conversation_of(self._secret, sent.get("session_id"))
            if conversation is None:
                return {"error": "session"}
            await sio.enter_room(sid, conversation)
            taken = self._take(conversation, sent)
            if "error" not in taken:
                await self._emit("user_said", taken, conversation, skip_sid=sid)
            return taken

        @sio.on("delete_conversation")
        async def delete_conversation(sid: str, data: Any = None) -> dict[str, Any]:
            asked = data if isinstance(data, dict) else {}
            conversation = conversation_of(self._secret, asked.get("session_id"))
            if conversation is None:
                return {"error": "session"}
            return {"deleted": await self._delete(conversation)}

    # By plain requests

    def _add_requests(self, blueprint: SocketBlueprint) -> None:
        async def chat(data: dict[str, Any]) -> dict[str, Any]:
            """Say something, or only ask for what was missed."""
            signed_id = data.get("session_id")
            conversation = conversation_of(self._secret, signed_id)
            refused = conversation is None and signed_id is not None
            if conversation is None:
                if data.get("message") is not None:
                    return {"error": "session"}
                signed_id = new_id(self._secret)
                conversation = str(conversation_of(self._secret, signed_id))
            elif data.get("message") is not None:
                taken = self._take(conversation, data)
                if "error" in taken:
                    return taken
                await self._emit("user_said", taken, conversation)
                turn = self._recent.of(conversation).turns.get(taken["id"])
                if turn is not None:
                    # The turn goes on when the browser hangs up.
                    await asyncio.shield(turn)
            state = self._state(str(signed_id), conversation, data)
            return {**state, "refused": True} if refused else state

        async def delete(data: dict[str, Any]) -> dict[str, Any]:
            conversation = conversation_of(self._secret, data.get("session_id"))
            if conversation is None:
                return {"error": "session"}
            return {"deleted": await self._delete(conversation)}

        self._add_request(blueprint, "/chat", chat)
        self._add_request(blueprint, "/delete", delete)

    def _add_request(
        self,
        blueprint: SocketBlueprint,
        path: str,
        answer: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]],
    ) -> None:
        async def handle(request: Request) -> HTTPResponse:
            origin = request.headers.get("origin")
            headers = {"Cache-Control": "no-store", "Vary": "Origin"}
            if origin is not None:
                # Also when it is refused, so that the chat can say why it does not work there.
                headers["Access-Control-Allow-Origin"] = origin
            if not is_allowed(origin, request.headers.get("host"), self._origins):
                return response.json({"error": "origin"}, status=403, headers=headers)
            data = _json_of(request)
            if data is None:
                return response.json({"error": "request"}, status=400, headers=headers)
            return response.json(await answer(data), headers=headers)

        blueprint.add_route(handle, path, methods=["POST"], name=path.removeprefix("/"))

    def _add_files(self, blueprint: SocketBlueprint) -> None:
        @blueprint.route("/backstride.js", methods=["GET", "HEAD"])
        async def script(request: Request) -> HTTPResponse:
            return _file(request, BUILT / "backstride.js")

        @blueprint.route("/pictures/<name>", methods=["GET", "HEAD"])
        async def picture(request: Request, name: str) -> HTTPResponse:
            return _file(request, picture_path(name))

        @blueprint.route("/page/<name>", methods=["GET", "HEAD"])
        async def page(request: Request, name: str) -> HTTPResponse:
            return _file(request, page_path(name))


def _json_of(request: Request) -> dict[str, Any] | None:
    """The body, if it is a JSON object. Rasa's server answers no preflight, so any type will do."""
    if len(request.body) > MESSAGE_BYTES:
        return None
    try:
        data = request.json
    except Exception:
        return None
    return data if isinstance(data, dict) else None


def _file(request: Request, path: Any) -> HTTPResponse:
    headers = request.headers
    answer = file_answer(path, headers.get("if-none-match", ""), headers.get("accept-encoding", ""))
    return HTTPResponse(
        b"" if request.method == "HEAD" else answer.body,
        status=answer.status,
        headers=dict(answer.headers),
        content_type=answer.headers.get("Content-Type"),
    )
