"""A real browser in front of the real servers, a line that can be cut, and a host site."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from backstride.paths import ROOT
from tests.server.conftest import Server, free_port, start
from tests.web.chat import Chat, chromium, need_all

# What the browser itself may load without asking anybody.
LOCAL_SCHEMES = {"data", "blob", "about"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these start servers."""
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "web"):
            item.add_marker(pytest.mark.server)


class Line:
    """The line between browser and server: it can be held, cut and mended."""

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=50)
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._answers_pass = threading.Event()
        self._answers_pass.set()
        self._is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def hold_answers(self) -> None:
        """What the browser sends arrives; what the server sends does not."""
        self._answers_pass.clear()

    def cut(self) -> None:
        """End all connections and take no new ones."""
        self._is_cut = True
        self._answers_pass.set()
        for pair in self._pairs:
            for side in pair:
                with contextlib.suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)
                side.close()
        self._pairs.clear()

    def end(self) -> None:
        """Leave no connection and no listener."""
        self.cut()
        # Wakes the thread that waits for the next connection.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def mend(self) -> None:
        self._is_cut = False
        self._answers_pass.set()

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                browser.close()
                continue
            server = socket.create_connection(("127.0.0.1", self._server_port))
            self._pairs.append((browser, server))
            for source, target in ((browser, server), (server, browser)):
                answers = source is server
                threading.Thread(
                    target=self._carry, args=(source, target, answers), daemon=True
                ).start()

    def _carry(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if answers:
                    self._answers_pass.wait()
                    if self._is_cut:
                        break
                target.sendall(data)
        for side in (source, target):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()


class Site(BaseHTTPRequestHandler):
    """A site of somebody else: any page, any headers."""

    pages: dict[str, tuple[str, dict[str, str]]]

    def __init__(self, pages: dict[str, Any], *args: Any) -> None:
        self.pages = pages
        super().__init__(*args)

    def do_GET(self) -> None:
        html, headers = self.pages.get(urlsplit(self.path).path, ("", {}))
        self.send_response(200 if html else 404)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class HostSite:
    all: ClassVar[list[HostSite]] = []

    def __init__(self) -> None:
        self.all.append(self)
        self.pages: dict[str, tuple[str, dict[str, str]]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, self.pages))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.all.remove(self)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def page(self, path: str, html: str, **headers: str) -> str:
        """Put up a page; returns its address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (html, named)
        return self.origin + path


@pytest.fixture(scope="session", autouse=True)
def can_run() -> None:
    need_all()


@pytest.fixture(scope="session")
def host_site(can_run: None) -> Iterator[HostSite]:
    yield HostSite()
    for site in list(HostSite.all):
        site.end()


@pytest.fixture(scope="session")
def web_server(tmp_path_factory: pytest.TempPathFactory, host_site: HostSite) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("web") / "log.txt"
    running = start(log, BACKSTRIDE_ORIGINS=host_site.origin, BACKSTRIDE_SECRET="s" * 40)
    yield running
    running.stop()


@pytest.fixture
def line(web_server: Server) -> Iterator[Line]:
    between = Line(web_server.port)
    yield between
    between.end()


@pytest.fixture(scope="package")
def browser(can_run: None) -> Iterator[Any]:
    """Not longer than these tests: while a browser is driven, no other event loop can run."""
    with chromium() as running:
        yield running


@pytest.fixture
def context_with(
    browser: Any, web_server: Server, host_site: HostSite, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Any]]:
    """A fresh browser with these settings.

    Whatever the test does, no request may leave the server and the host page, and no script may
    fail.
    """
    contexts: list[Any] = []
    asked: list[str] = []
    broken: list[str] = []

    def make(**settings: Any) -> Any:
        context = browser.new_context(**{"locale": "en-GB", **settings})
        context.set_default_timeout(8_000)
        context.on("request", lambda sent: asked.append(sent.url))
        context.on("weberror", lambda error: broken.append(str(error.error)))
        context.on("page", lambda page: page.on("websocket", lambda ws: asked.append(ws.url)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    origins = {urlsplit(url).netloc for url in asked if urlsplit(url).scheme not in LOCAL_SCHEMES}
    ours = {origin for origin in origins if origin.startswith("localhost:")}
    sites = {urlsplit(site.origin).netloc for site in HostSite.all}
    assert len(ours) == 1
    assert origins - ours <= sites, "a request left the server and the page around the chat"
    assert broken == []


@pytest.fixture
def context(context_with: Callable[..., Any]) -> Any:
    return context_with()


@pytest.fixture
def chat(context: Any, line: Line) -> Chat:
    """The chat on the sample page, opened."""
    return Chat(context.new_page(), f"{line.url}/widget/page/demo.html").open()
