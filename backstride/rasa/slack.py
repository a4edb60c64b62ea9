"""The Slack channel: events at `/webhooks/slack/webhook`, or Socket Mode without an address.

Why not Rasa's own: it answers what Slack sends again a second time, drops buttons, reads `&amp;`
as it stands, and loses the turns that run when the server stops.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from rasa.core.channels.channel import InputChannel
from rasa.shared.exceptions import InvalidConfigException
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from backstride.channels.recent import Recent
from backstride.channels.slack import (
    Event,
    Mentioned,
    Pressed,
    Said,
    Wordless,
    messages_for,
    plain_message_for,
    read_event,
    read_press,
    without_buttons,
)
from backstride.rasa.delivery import InOrder, NotSent, converse
from backstride.rasa.guard import Handler, guarded
from backstride.secret import pseudonym
from backstride.settings import SettingsError, SlackSettings, slack_settings
from backstride.wording import load_wording

logger = logging.getLogger(__name__)

CALL_SECONDS = 15.0
TRIES = 3
TRIES_WHEN_LIMITED = 5
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
DOUBLE_PRESS_SECONDS = 5.0
_WRONG_TOKEN = frozenset(
    "invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type"
    " missing_scope no_permission org_login_required".split()
)


class SlackChannel(InputChannel):
    """Direct messages with the app whose token is set; mentions too where that is asked for."""

    def __init__(self, settings: SlackSettings) -> None:
        """Only remembers the settings: nothing is sent before the server has started."""
        self._settings = settings
        self._signature = (
            SignatureVerifier(settings.signing_secret) if settings.signing_secret else None
        )
        self._events, self._told = Recent(), Recent()
        self._presses = Recent(DOUBLE_PRESS_SECONDS)
        self._turns = InOrder()
        self._handler: Handler | None = None
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self._socket: SocketModeClient | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._stopping = False

    @classmethod
    def name(cls) -> str:
        """The name in the address, and for `channel:` in a response."""
        return "slack"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> SlackChannel:
        """The channel as the settings ask for it; no token stands in the credentials file.

        Raises:
            InvalidConfigException: the settings are missing or wrong.
        """
        try:
            settings = slack_settings()
            if settings is None:
                raise SettingsError("BACKSTRIDE_SLACK_TOKEN is not set. See docs/slack.md.")
            return cls(settings)
        except ValueError as error:
            raise InvalidConfigException(str(error)) from None

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The webhook, and what happens when the server starts and stops."""
        self._handler = guarded(on_new_message)
        blueprint = Blueprint("slack_channel")

        @blueprint.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/webhook", methods=["POST"])
        async def webhook(request: Request) -> HTTPResponse:
            if not self._is_signed(request):
                return response.text("", status=403)
            if self._stopping:
                # Slack sends it again, to the server that comes next.
                return response.text("", status=503)
            return self._respond(request.body)

        @blueprint.listener("after_server_start")
        async def start(app: Sanic, loop: object) -> None:
            self._session = aiohttp.ClientSession(
                trust_env=True, timeout=aiohttp.ClientTimeout(total=CALL_SECONDS)
            )
            self._client = self._web_client(self._session, _patient())
            self._connecting = asyncio.create_task(self._connect(self._session))

        @blueprint.listener("before_server_stop")
        async def stop(app: Sanic, loop: object) -> None:
            self._stopping = True
            if self._connecting is not None:
                self._connecting.cancel()
                await asyncio.wait([self._connecting])
            await self._turns.finish()
            if self._socket is not None:
                await self._socket.close()  # type: ignore[no-untyped-call]
            if self._session is not None:
                await self._session.close()

        return blueprint

    def receive(self, body: object) -> None:
        """Take one event or one press: it is answered later. Nothing in it can fail."""
        if not isinstance(body, dict):
            return
        if body.get("type") == "event_callback":
            number = body.get("event_id")
            # Whatever the reason: what was taken once is not answered again.
            if not isinstance(number, str) or self._events.has_seen(number):
                return
            did = read_event(body)
        else:
            did = read_press(body)
        if did is None:
            return
        conversation = pseudonym(self.name(), did.channel, did.user)
        self._turns.start(conversation, self._work(conversation, did))

    def _work(self, conversation: str, did: Event) -> Callable[[], Any]:
        if isinstance(did, Wordless):
            return lambda: self._send(did, {"text": load_wording().only_words})
        if isinstance(did, Pressed):
            twice = self._presses.has_seen((did.channel, did.message, did.data))
            return lambda: self._press(conversation, did, twice)
        if isinstance(did, Mentioned) and not self._settings.mentions:
            return lambda: self._decline(did)
        return lambda: self._answer(conversation, did)

    def _is_signed(self, request: Request) -> bool:
        """Whether Slack itself sent this, in the last five minutes."""
        if self._signature is None:  # Socket Mode: nothing comes in this way
            return False
        stamp = request.headers.get("x-slack-request-timestamp", "")
        given = request.headers.get("x-slack-signature", "")
        try:
            # As bytes that hold text: anything else has no signature.
            return bool(given.isascii() and self._signature.is_valid(request.body, stamp, given))
        except (ValueError, ArithmeticError):  # the time is no number, or none that fits
            return False

    def _respond(self, raw: bytes) -> HTTPResponse:
        """Read a signed request by its shape: a proxy may have added to its content type."""
        text = raw.decode(errors="replace").strip()
        if text.startswith("{"):
            body = _json(text)
            if isinstance(body, dict) and body.get("type") == "url_verification":
                return response.json({"challenge": str(body.get("challenge", ""))})
            self.receive(body)
            return response.text("")
        form = parse_qs(text, max_num_fields=100)
        if "command" in form:
            told = {"response_type": "ephemeral", "text": load_wording().only_in_private}
            return response.json(told)
        for payload in form.get("payload", [])[:1]:
            self.receive(_json(payload))
        return response.text("")

    async def _answer(self, conversation: str, did: Said | Mentioned) -> None:
        await self._converse(conversation, did, did.text)
        if isinstance(did, Said) and did.has_media:
            await self._send(did, {"text": load_wording().only_words})

    async def _press(self, conversation: str, pressed: Pressed, twice: bool) -> None:
        if twice:
            return
        try:
            await self._call("chat_update", channel=pressed.channel, **without_buttons(pressed))
        except Exception as error:
            # The answer is worth more than a tidy message.
            logger.info("Slack: buttons were not removed: %s", type(error).__name__)
        await self._converse(conversation, pressed, pressed.data)

    async def _converse(self, conversation: str, did: Event, text: str) -> None:
        assert self._handler is not None  # noqa: S101 - the server has started
        await converse(
            self._handler, self.name(), conversation, (text,), lambda said: self._send(did, said)
        )

    async def _decline(self, did: Mentioned) -> None:
        if not self._told.has_seen((did.channel, did.user)):
            text = load_wording().only_in_private
            await self._call("chat_postEphemeral", channel=did.channel, user=did.user, text=text)

    async def _send(self, did: Event, said: dict[str, Any]) -> None:
        where: dict[str, Any] = {"channel": did.channel}
        if did.thread:
            where["thread_ts"] = did.thread
        for message in messages_for(said):
            try:
                await self._post(where, message)
            except SlackApiError as error:
                code = _error_code(error)
                if code != "invalid_blocks":
                    raise NotSent(f"Slack answered {code or 'with no JSON'}") from None
                await self._post(where, plain_message_for(message))

    async def _post(self, where: dict[str, Any], message: dict[str, Any]) -> None:
        await self._call(
            "chat_postMessage", unfurl_links=False, unfurl_media=False, **where, **message
        )

    async def _call(self, method: str, **arguments: Any) -> Any:
        assert self._client is not None  # noqa: S101 - the server has started
        return await getattr(self._client, method)(**arguments)

    def _web_client(
        self, session: aiohttp.ClientSession, handlers: list[AsyncRetryHandler]
    ) -> AsyncWebClient:
        return AsyncWebClient(
            self._settings.token,
            base_url=self._settings.api,
            session=session,
            logger=_silent(),
            retry_handlers=handlers,
        )

    async def _connect(self, session: aiohttp.ClientSession) -> None:
        """See whether the token is good, and open the socket; try until it works."""
        pause, told = FIRST_PAUSE_SECONDS, False
        # Without tries of its own: the first one that fails is to be told at once.
        client = self._web_client(session, [])
        while True:
            try:
                await client.auth_test()
                if self._settings.app_token:
                    await self._open_socket(self._settings.app_token, client)
                break
            except Exception as error:
                code = _error_code(error)
                if code in _WRONG_TOKEN:
                    logger.error(
                        "Slack refuses a token (%s). Copy BACKSTRIDE_SLACK_TOKEN, and"
                        " BACKSTRIDE_SLACK_APP_TOKEN if it is used, again from the app's pages and"
                        " start again. The other channels go on.",
                        code,
                    )
                    return
                if not told:
                    told = True
                    logger.error(
                        "Slack can't be reached (%s). Trying again until it can; the other"
                        " channels go on.",
                        code or type(error).__name__,
                    )
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        logger.info(
            "Slack is ready (%s).", "Socket Mode" if self._settings.app_token else "webhook"
        )

    async def _open_socket(self, app_token: str, client: AsyncWebClient) -> None:
        if self._socket is None:
            self._socket = SocketModeClient(app_token, _silent(), client)
            self._socket.socket_mode_request_listeners.append(self._from_socket)
        # By itself it would try for ever, in silence, even with a wrong token.
        self._socket.wss_uri = await self._socket.issue_new_wss_url()
        await self._socket.connect()  # type: ignore[no-untyped-call]

    async def _from_socket(
        self, socket: AsyncBaseSocketModeClient, request: SocketModeRequest
    ) -> None:
        if self._stopping:
            return  # Slack sends it again, to the server that comes next
        await socket.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        if request.type in ("events_api", "interactive"):
            self.receive(request.payload)


def _patient() -> list[AsyncRetryHandler]:
    """Tries again what may work later, and waits as long as Slack asks for."""
    return [
        AsyncConnectionErrorRetryHandler(max_retry_count=TRIES),
        AsyncRateLimitErrorRetryHandler(max_retry_count=TRIES_WHEN_LIMITED),
        AsyncServerErrorRetryHandler(max_retry_count=TRIES),
    ]


def _silent() -> logging.Logger:
    """A logger for Slack's SDK that logs nothing: at its level DEBUG it prints every text."""
    logger = logging.getLogger("backstride.silent")
    logger.setLevel(logging.CRITICAL + 1)
    return logger


def _error_code(error: Exception) -> str | None:
    """Slack's own word for an error."""
    # Where the answer is no JSON, the response is not Slack's but the session's.
    response = error.response if isinstance(error, SlackApiError) else None
    code = response.get("error") if isinstance(response, AsyncSlackResponse) else None
    return code if isinstance(code, str) and re.fullmatch("[a-z_]+", code) else None


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
