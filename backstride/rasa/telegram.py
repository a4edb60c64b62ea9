"""The Telegram channel: a webhook at `/webhooks/telegram/webhook`, or long polling without one.

Why not Rasa's own: it answers 500 to every update, checks no secret, and stops the server's start
when Telegram can't be reached. Why not aiogram: Rasa allows only its abandoned line; six methods
are a short client (`backstride/channels/telegram_api.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from typing import Any

from rasa.core.channels.channel import InputChannel
from rasa.shared.exceptions import InvalidConfigException
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backstride.channels.recent import Recent
from backstride.channels.telegram import (
    MENU,
    UPDATES,
    Call,
    InGroup,
    Pressed,
    Said,
    Wordless,
    call_that_marks,
    calls_for,
    plain_call_for,
    read_update,
)
from backstride.channels.telegram_api import TelegramApi, TelegramError
from backstride.rasa.delivery import InOrder, NotSent, converse
from backstride.rasa.guard import Handler, guarded
from backstride.secret import pseudonym, secret_key
from backstride.settings import SettingsError, TelegramSettings, telegram_settings
from backstride.wording import load_wording

logger = logging.getLogger(__name__)

POLL_SECONDS = 50
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
QUIET_SECONDS = 3.0
DOUBLE_PRESS_SECONDS = 5.0
_PROOF_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class TelegramChannel(InputChannel):
    """Private chats with the bot whose token is set."""

    def __init__(self, settings: TelegramSettings) -> None:
        """Only remembers the settings: nothing is sent before the server has started."""
        self._settings = settings
        self._api = TelegramApi(settings.token, settings.api)
        self._secret = hmac.new(secret_key(), b"telegram webhook", hashlib.sha256).hexdigest()
        self._updates, self._groups = Recent(), Recent()
        self._presses = Recent(DOUBLE_PRESS_SECONDS)
        self._turns = InOrder()
        self._handler: Handler | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._stopping = False

    @classmethod
    def name(cls) -> str:
        """The name in the address, and for `channel:` in a response."""
        return "telegram"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TelegramChannel:
        """The channel as the settings ask for it; no token stands in the credentials file.

        Raises:
            InvalidConfigException: the settings are missing or wrong.
        """
        try:
            settings = telegram_settings()
            if settings is None:
                raise SettingsError("BACKSTRIDE_TELEGRAM_TOKEN is not set. See docs/telegram.md.")
            return cls(settings)
        except ValueError as error:
            raise InvalidConfigException(str(error)) from None

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The webhook, and what happens when the server starts and stops."""
        self._handler = guarded(on_new_message)
        blueprint = Blueprint("telegram_channel")

        @blueprint.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/webhook", methods=["POST"])
        async def webhook(request: Request) -> HTTPResponse:
            given = request.headers.get(_PROOF_HEADER, "")
            if not hmac.compare_digest(given.encode(errors="replace"), self._secret.encode()):
                return response.text("", status=403)
            if self._stopping:
                # Telegram sends it again, to the server that comes next.
                return response.text("", status=503)
            self.receive(_json(request))
            return response.text("")

        @blueprint.listener("after_server_start")
        async def start(app: Sanic, loop: object) -> None:
            self._connecting = asyncio.create_task(self._connect())

        @blueprint.listener("before_server_stop")
        async def stop(app: Sanic, loop: object) -> None:
            self._stopping = True
            if self._connecting is not None:
                self._connecting.cancel()
                await asyncio.wait([self._connecting])
            await self._turns.finish()
            await self._api.close()

        return blueprint

    def receive(self, update: object) -> None:
        """Take one update: it is read at once and answered later. Nothing in it can fail."""
        number = update.get("update_id") if isinstance(update, dict) else None
        if not isinstance(number, int) or self._updates.has_seen(number):
            return
        did = read_update(update)
        if did is None:
            return
        conversation = pseudonym(self.name(), str(did.chat))
        if isinstance(did, InGroup):
            # Once: leaving a group leads to another update.
            if not self._groups.has_seen(did.chat):
                self._turns.start(conversation, lambda: self._decline(did))
        elif isinstance(did, Wordless):
            only_words = {"text": load_wording().only_words}
            self._turns.start(conversation, lambda: self._send(did.chat, only_words))
        elif isinstance(did, Pressed):
            twice = self._presses.has_seen((did.chat, did.message, did.data))
            self._turns.start(conversation, lambda: self._press(conversation, did, twice))
        else:
            self._turns.start(conversation, lambda: self._answer(conversation, did))

    async def _answer(self, conversation: str, said: Said) -> None:
        await self._converse(conversation, said.chat, said.texts)
        if said.has_media:
            await self._send(said.chat, {"text": load_wording().only_words})

    async def _press(self, conversation: str, pressed: Pressed, twice: bool) -> None:
        await self._quietly(("answerCallbackQuery", {"callback_query_id": pressed.callback}))
        if not twice:
            await self._quietly(call_that_marks(pressed))
            await self._converse(conversation, pressed.chat, (pressed.data,))

    async def _converse(self, conversation: str, chat: int, texts: tuple[str, ...]) -> None:
        assert self._handler is not None  # noqa: S101 - the server has started
        await converse(
            self._handler, self.name(), conversation, texts, lambda sent: self._send(chat, sent)
        )

    async def _decline(self, group: InGroup) -> None:
        if group.may_write:
            text = load_wording().only_in_private
            await self._quietly(("sendMessage", {"chat_id": group.chat, "text": text}))
        await self._quietly(("leaveChat", {"chat_id": group.chat}))

    async def _send(self, chat: int, said: dict[str, Any]) -> None:
        for call in calls_for(said):
            try:
                await self._call(chat, call)
            except TelegramError as error:
                plain = plain_call_for(call) if error.code == 400 else None
                if plain is None:
                    raise NotSent(str(error)) from None
                await self._call(chat, plain)

    async def _call(self, chat: int, call: Call) -> None:
        method, parameters = call
        try:
            await self._api.call(method, {"chat_id": chat, **parameters})
        except TelegramError as error:
            # 403: the person has blocked the bot or left; there is nobody to tell.
            if error.code != 403:
                raise

    async def _quietly(self, call: Call) -> None:
        """A call whose failure must not keep the answer from the person, nor delay it long."""
        try:
            await self._api.call(*call, seconds=QUIET_SECONDS, tries=1)
        except TelegramError as error:
            logger.info("Telegram: %s was refused: %s", call[0], error)

    async def _connect(self) -> None:
        """Tell Telegram where to send updates, or fetch them; try until it works."""
        pause, told = FIRST_PAUSE_SECONDS, False
        while True:
            try:
                await self._introduce()
                break
            except TelegramError as error:
                if error.token_refused:
                    logger.error(
                        "Telegram refuses the token. Copy it again from @BotFather into"
                        " BACKSTRIDE_TELEGRAM_TOKEN and start again. The other channels go on."
                    )
                    return
                if not told:
                    told = True
                    logger.error(
                        "Telegram can't be set up yet (%s). Trying again until it can; the other"
                        " channels go on.",
                        error,
                    )
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        logger.info(
            "Telegram is ready (%s).", "webhook" if self._settings.webhook_url else "long polling"
        )
        if not self._settings.webhook_url:
            await self._poll()

    async def _introduce(self) -> None:
        await self._api.call("getMe", tries=1)
        menu = [{"command": name, "description": text} for name, text in MENU.items()]
        await self._quietly(("setMyCommands", {"commands": menu}))
        updates = {"allowed_updates": list(UPDATES)}
        if self._settings.webhook_url:
            url = f"{self._settings.webhook_url}/webhooks/telegram/webhook"
            webhook = {"url": url, "secret_token": self._secret, **updates}
            await self._api.call("setWebhook", webhook, tries=1)
        else:
            await self._api.call("deleteWebhook", tries=1)

    async def _poll(self) -> None:
        after, pause, told = 0, FIRST_PAUSE_SECONDS, False
        try:
            while True:
                fetch = {"offset": after, "timeout": POLL_SECONDS, "allowed_updates": list(UPDATES)}
                try:
                    updates = await self._api.call("getUpdates", fetch, POLL_SECONDS + 10, tries=1)
                    if told:
                        logger.info("Telegram can be reached again.")
                    pause, told = FIRST_PAUSE_SECONDS, False
                except TelegramError as error:
                    if error.token_refused:
                        logger.error("Telegram refuses the token now. Start again with a new one.")
                        return
                    if not told:
                        told = True
                        logger.error("%s", _POLL_TROUBLE.get(error.code, _UNREACHABLE))
                    await asyncio.sleep(error.retry_after or pause)
                    pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                    continue
                for update in updates if isinstance(updates, list) else []:
                    number = update.get("update_id") if isinstance(update, dict) else None
                    if isinstance(number, int):
                        after = max(after, number + 1)
                    self.receive(update)
        finally:
            if after:
                # What was taken is not to come again after a restart.
                done = {"offset": after, "timeout": 0, "limit": 1}
                await self._quietly(("getUpdates", done))


_UNREACHABLE = "Telegram can't be reached. Trying again until it can; the other channels go on."
_POLL_TROUBLE = {
    409: "Another program fetches the messages of this Telegram bot. Stop it, or use another bot."
}


def _json(request: Request) -> object:
    try:
        return request.json
    except Exception:
        return None
