"""What the stand-ins of the chat services share: a server in a thread, on loopback."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.server.conftest import free_port


class StandIn:
    """A chat service on loopback. Subclasses answer its methods and keep what was sent."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._faults: dict[str, list[dict[str, Any]]] = {}

    def start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        wait_for(lambda: self._loop.is_running())

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def fail_next(self, method: str, where: Any = None, times: int = 1, **fault: Any) -> None:
        """The next calls of this method get this fault in place of an answer.

        Args:
            where: only calls for this chat or channel.
        """
        self._faults.setdefault(method, []).extend([{**fault, "where": where}] * times)

    def fault_for(self, method: str, where: Any) -> dict[str, Any] | None:
        waiting = self._faults.get(method, [])
        for number, fault in enumerate(waiting):
            if fault["where"] in (None, where):
                return waiting.pop(number)
        return None

    def calls_of(self, method: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in list(self.calls) if name == method]

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=50 * 1024**2)
        app.add_routes(self.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", self.port).start())
        self._loop.run_forever()
        # A bot that still waits for updates waits no longer.
        waiting = asyncio.all_tasks(self._loop)
        for task in waiting:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()


def wait_for(condition: Callable[[], Any], seconds: float = 15, every: float = 0.01) -> Any:
    """The first true result of the condition."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(every)
    return result
