"""The REST channel and the terminal, behind the guard."""

from __future__ import annotations

import secrets
from typing import Any

from rasa.core.channels.rest import RestInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backstride.metrics import REFUSED
from backstride.rasa.guard import SENDER_CHARS, Handler, guarded, is_sender


class RestChannel(RestInput):
    """Rasa's REST channel at `/webhooks/rest/webhook`, refusing what is not a message."""

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        blueprint = super().blueprint(guarded(on_new_message))

        @blueprint.middleware("request")
        async def refuse_malformed(request: Request) -> HTTPResponse | None:
            if request.method != "POST":
                return None
            body = _body(request)
            if not isinstance(body, dict):
                error = 'Expected JSON such as {"sender": "id", "message": "text"}.'
            elif isinstance(sender := body.get("sender"), str) and sender and not is_sender(sender):
                error = f"'sender' must be up to {SENDER_CHARS} letters, digits and signs."
            else:
                return None
            REFUSED.labels("malformed").inc()
            return response.json({"error": error}, status=400)

        return blueprint

    async def _extract_sender(self, req: Request) -> str:
        sender = _body(req).get("sender")
        # Without an id of its own a message would land in a conversation shared by all.
        return sender if isinstance(sender, str) and sender else secrets.token_hex(16)

    def _extract_message(self, req: Request) -> str:
        message = _body(req).get("message")
        return message if isinstance(message, str) else ""

    def _extract_input_channel(self, req: Request) -> str:
        return str(self.name())

    def get_metadata(self, request: Request) -> None:
        """What a stranger sends along is not stored."""


class ShellChannel(RestChannel):
    """The conversation in the terminal; Rasa talks to it as to the REST channel."""

    @classmethod
    def name(cls) -> str:
        """The name by which Rasa knows that it is to read from the terminal."""
        return "cmdline"

    def url_prefix(self) -> str:
        """Where Rasa's terminal sends what was typed."""
        return str(RestInput.name())


def _body(request: Request) -> Any:
    try:
        return request.json
    except Exception:
        return None
