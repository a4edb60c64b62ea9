"""A thin client of Telegram's Bot API: one call, with waits and tries as the API asks for them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp

CALL_SECONDS = 15.0
TRIES = 5
_PAUSE_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 120


class TelegramError(Exception):
    """Telegram said no, or did not answer. It holds a number alone: descriptions repeat texts."""

    def __init__(self, code: int, retry_after: float = 0) -> None:
        super().__init__(f"Telegram answered {code}" if code else "Telegram did not answer")
        self.code = code
        self.retry_after = retry_after

    @property
    def token_refused(self) -> bool:
        """Whether the token is not, or no longer, that of a bot."""
        return self.code in (401, 404)

    @property
    def may_pass(self) -> bool:
        """Whether the same call may work later."""
        return self.code in (0, 429) or self.code >= 500


class TelegramApi:
    """Calls methods of the Bot API over one session, in the event loop that first uses it."""

    def __init__(self, token: str, base: str) -> None:
        # Never log or print this: the token is a part of the address.
        self._url = f"{base}/bot{token}/"
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        parameters: dict[str, Any] | None = None,
        seconds: float = CALL_SECONDS,
        tries: int = TRIES,
    ) -> Any:
        """The result of a method.

        Args:
            seconds: how long one try may take.
            tries: how often to try in all; a wait that Telegram asks for is kept.

        Raises:
            TelegramError: it refused the call, or could not be reached.
        """
        for attempt in range(1, tries + 1):
            try:
                return await self._once(method, parameters or {}, seconds)
            except TelegramError as error:
                waits_too_long = error.retry_after > _LONGEST_WAIT_SECONDS
                if attempt == tries or not error.may_pass or waits_too_long:
                    raise
                await asyncio.sleep(error.retry_after or _PAUSE_SECONDS * 2 ** (attempt - 1))
        raise AssertionError("tries must be at least 1")

    async def close(self) -> None:
        """End the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _once(self, method: str, parameters: dict[str, Any], seconds: float) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=True)
        try:
            async with self._session.post(
                self._url + method, json=parameters, timeout=aiohttp.ClientTimeout(total=seconds)
            ) as response:
                answer = json.loads(await response.read())
                status = response.status
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError):
            # The address in the error holds the token.
            raise TelegramError(0) from None
        except ValueError:
            raise TelegramError(502) from None
        if isinstance(answer, dict) and answer.get("ok") is True:
            return answer.get("result")
        raise _refusal(answer, status)


def _refusal(answer: object, status: int) -> TelegramError:
    said = answer if isinstance(answer, dict) else {}
    code, details = said.get("error_code"), said.get("parameters")
    wait = details.get("retry_after") if isinstance(details, dict) else None
    return TelegramError(
        code if isinstance(code, int) else status,
        max(0.0, float(wait)) if isinstance(wait, int | float) else 0.0,
    )
