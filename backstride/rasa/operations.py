"""What an operator's machines ask on Rasa's port, and what the server does around the channels.

`/live`: the process answers. `/ready`: it can serve, with what is wrong when it can't. `/metrics`:
counts for Prometheus. As it is loaded with the channels, this is also the place for what Rasa has
no setting for: the checks at start, the limits on requests, the deletion of what is too old, and
the wait for turns in flight before the server stops.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import signal
import sys
from asyncio import AbstractEventLoop
from functools import partial
from typing import Any, NoReturn

import rasa.core.lock_store
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backstride.logs import withhold_texts
from backstride.metrics import DELETED, REFUSED
from backstride.rasa.connections import close_connections
from backstride.rasa.drain import turns
from backstride.rasa.guard import TURN_SECONDS, Handler, from_outside, rate_limits
from backstride.rasa.overrides import ACTION_SECONDS
from backstride.rasa.tracker_store import ConversationStore, StoreUnreachable, wait_for_database
from backstride.server_settings import Settings, load_settings
from backstride.settings import SettingsError, setting
from backstride.wording import load_wording

logger = logging.getLogger(__name__)

BODY_BYTES = 256 * 1024  # Slack sends up to 40,000 characters, written as up to 6 bytes each
DRAIN_SECONDS = TURN_SECONDS + 2
_CHECK_SECONDS = 4.0
_RETENTION_SECONDS = 3600.0
_OWN_PATHS = ("/live", "/ready", "/metrics")
# These call from few addresses for all their people, and each request is signed.
_SIGNED_PATHS = ("/webhooks/telegram", "/webhooks/slack")


class Operations(InputChannel):
    """Not a channel for people: Rasa loads it with the channels, and it serves the operator."""

    @classmethod
    def name(cls) -> str:
        """As it stands in logs."""
        return "operations"

    def url_prefix(self) -> str:
        """At the root, not below `/webhooks/`."""
        return "/"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The routes, and what runs when the server starts and stops."""
        blueprint = Blueprint("operations")
        blueprint.listener("before_server_start")(_prepare)
        blueprint.listener("after_server_start")(_begin)
        blueprint.listener("before_server_stop")(_drain)

        @blueprint.get("/live")
        async def live(request: Request) -> HTTPResponse:
            return response.json({"status": "live"})

        @blueprint.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            checks = await _checks(request.app)
            ok = all(state == "ok" for name, state in checks.items() if name != "locks")
            status = {"status": "ready" if ok else "not ready", **checks}
            return response.json(status, status=200 if ok else 503)

        @blueprint.get("/metrics")
        async def metrics(request: Request) -> HTTPResponse:
            if not _may_read_metrics(request, load_settings()):
                return response.json({"error": "Not from here."}, status=403)
            return response.raw(generate_latest(), content_type=CONTENT_TYPE_LATEST)

        return blueprint


async def _prepare(app: Sanic, loop: AbstractEventLoop) -> None:
    """Before the model is loaded: stop with a clear message when this can't work."""
    try:
        settings = load_settings()
        check_times()
        check_secret(settings)
        await loop.run_in_executor(None, wait_for_database)
    except (SettingsError, StoreUnreachable) as error:
        _refuse_to_start(str(error))
    app.config.REQUEST_MAX_SIZE = BODY_BYTES
    app.config.ACCESS_LOG = False  # an address and a path say who talked to us
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 5.0
    app.config.PROXIES_COUNT = settings.proxies or None
    app.register_middleware(_limit, "request")
    app.register_middleware(_add_headers, "response")
    if app.name != "rasa_core_no_api":
        logger.warning("Rasa's HTTP API is on: whoever reaches it can read all conversations.")


async def _begin(app: Sanic, loop: AbstractEventLoop) -> None:
    """Once the model is loaded: check what Rasa only warns of, then start the hourly job."""
    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        _refuse_to_start(
            "no model could be loaded. Run 'make train'. If config.yml names a part of Rasa that"
            " needs TensorFlow, as DIET and TED do: backstride/rasa/server.py leaves that out."
        )
    store = agent.tracker_store._tracker_store
    if not isinstance(store, ConversationStore):
        _refuse_to_start(
            f"conversations would be kept in {type(store).__name__}. Rasa falls back to it when it"
            " can't load the class that endpoints.yml names under tracker_store: correct that."
        )
    settings = load_settings()
    locks = agent.lock_store
    if settings.redis_url and not hasattr(locks, "shared"):
        _refuse_to_start(
            f"BACKSTRIDE_REDIS_URL is set, but locks are kept in {type(locks).__name__}. Set"
            " lock_store in endpoints.yml to backstride.rasa.lock_store.ConversationLocks."
        )
    withhold_texts(settings.log_text)
    await agent.parse_message("hello")  # the first message of a person should not wait for this
    app.add_task(_delete_what_is_old(agent, settings))


async def _drain(app: Sanic, loop: AbstractEventLoop) -> None:
    """Let the turns in flight end, on each channel, before connections are closed."""
    for one in (signal.SIGTERM, signal.SIGINT):
        # A second signal would break off the wait.
        loop.add_signal_handler(one, lambda: None)
    if turns.running:
        logger.info("Waiting for %d turns in flight", turns.running)
    if not await turns.finish(DRAIN_SECONDS):
        logger.error("%d turns did not end in %.0f s", turns.running, DRAIN_SECONDS)
    await close_connections()


def check_times() -> None:
    """An action must end before its turn, and a turn before its conversation is unlocked.

    Raises:
        SettingsError: naming the setting.
    """
    lock = rasa.core.lock_store.LOCK_LIFETIME
    if not ACTION_SECONDS < TURN_SECONDS < lock:
        raise SettingsError(
            f"An action may take {ACTION_SECONDS} s, a turn {TURN_SECONDS:.0f} s, and a"
            f" conversation is locked for {lock} s. Set TICKET_LOCK_LIFETIME to more than"
            f" {TURN_SECONDS:.0f}, or leave it out."
        )


def check_secret(settings: Settings) -> None:
    """Replicas must have one key: it signs the ids of conversations.

    Raises:
        SettingsError: naming the setting.
    """
    if settings.redis_url and not setting("BACKSTRIDE_SECRET"):
        raise SettingsError(
            "BACKSTRIDE_REDIS_URL is set, so there are several replicas, and each would sign with a"
            " key of its own. Set BACKSTRIDE_SECRET to the same long random text in all of them,"
            " such as from: openssl rand -hex 32"
        )


def _refuse_to_start(reason: str) -> NoReturn:
    """End the process: Sanic would print a traceback over the message, or go on."""
    print(f"Backstride can't start: {reason}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    os._exit(1)


async def _checks(app: Sanic) -> dict[str, str]:
    agent = getattr(app.ctx, "agent", None)
    checks = {"model": "ok" if agent is not None and agent.is_ready() else "not loaded"}
    if turns.draining:
        checks["server"] = "stopping"
    if agent is not None:
        store = agent.tracker_store._tracker_store
        checks["store"] = await _answers(partial(store.check))
        shared = getattr(agent.lock_store, "check", None)
        if shared is not None:
            # Without Redis each replica keeps its own locks and limits: worse, but it serves.
            checks["locks"] = await _answers(shared)
    return checks


async def _answers(check: Any) -> str:
    """`ok`, or the kind of error."""
    waiting = asyncio.get_running_loop().run_in_executor(None, check)
    try:
        await asyncio.wait_for(waiting, _CHECK_SECONDS)
    except Exception as error:
        return type(error).__name__
    return "ok"


async def _delete_what_is_old(agent: Any, settings: Settings) -> None:
    days = settings.retention_days
    store: ConversationStore = agent.tracker_store._tracker_store
    loop = asyncio.get_running_loop()
    while True:
        try:
            deleted = await loop.run_in_executor(None, store.delete_older_than, days)
            # Also where nothing is collected any more: what is left from before goes at once.
            await loop.run_in_executor(None, store.delete_collected, settings.collect_days)
        except Exception as error:
            logger.error("Old conversations could not be deleted: %s", type(error).__name__)
        else:
            DELETED.inc(deleted)
            logger.info("%d events older than %g days were deleted", deleted, days)
        # Where Rasa puts turns when the store fails, and never reads them again.
        agent.tracker_store._fallback_tracker_store = None
        await asyncio.sleep(_RETENTION_SECONDS)


async def _limit(request: Request) -> HTTPResponse | None:
    """Refuse what is too much, or comes while the server is stopping."""
    if "content-length" in request.headers and "transfer-encoding" in request.headers:
        # Two ends to one request: a proxy may see another one than we do.
        REFUSED.labels("malformed").inc()
        request.stream.keep_alive = False
        return response.json({"error": "One length is enough."}, status=400)
    if request.path in _OWN_PATHS:
        return None
    if turns.draining:
        REFUSED.labels("stopping").inc()
        # The proxy in front sends it to another replica: the turn has not begun.
        request.stream.keep_alive = False
        error = {"error": "Stopping. Send it again."}
        return response.json(error, status=503, headers={"Retry-After": "1"})
    address = request.remote_addr or request.ip
    outside = not (_is_loopback(address) and _is_loopback(request.ip))
    from_outside.set(outside)
    if not outside or request.method not in ("POST", "GET"):
        return None
    if request.path.startswith(_SIGNED_PATHS):
        return None
    if rate_limits().allows("address", address, load_settings().address_rate):
        return None
    REFUSED.labels("address_rate").inc()
    text = [{"text": load_wording().too_many}]
    return response.json(text, status=429, headers={"Retry-After": "60"})


async def _add_headers(request: Request, answer: HTTPResponse) -> None:
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "no-referrer")
    if (answer.content_type or "").startswith("application/json"):
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.setdefault(
            "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"
        )


def _may_read_metrics(request: Request, settings: Settings) -> bool:
    forwarded = any(
        name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip")
    )
    address = ipaddress.ip_address(request.ip)
    # What a proxy on this computer passes on is not from this computer.
    return any(address in network for network in settings.metrics_from) and not (
        forwarded and address.is_loopback
    )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
