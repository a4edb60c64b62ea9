"""The web channel without a browser: ids, origins, what was missed, and the files."""

from __future__ import annotations

import gzip
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import socketio

from backstride.web.access import new_id
from backstride.web.files import BUILT
from backstride.wording import load_wording
from tests.server.conftest import Server

pytestmark = pytest.mark.server

FORGED = [
    "web-AAAAAAAAAAAAAAAAAAAAAAAA",
    "web-AAAAAAAAAAAAAAAAAAAAAAAA." + "A" * 43,
    new_id(b"another server's secret, not this one's"),
    "default",
    "",
    "x" * 5000,
    7,
    {"web": 1},
    ["web"],
]


@pytest.fixture
def base(server: Server) -> str:
    return f"http://localhost:{server.port}"


def chat(base: str, headers: dict[str, str] | None = None, **data: Any) -> requests.Response:
    return requests.post(f"{base}/widget/chat", json=data, headers=headers, timeout=30)


def texts(messages: list[dict[str, Any]]) -> list[str]:
    return [message["text"] for message in messages]


@pytest.fixture
def session(base: str) -> str:
    return str(chat(base).json()["session_id"])


class Browser:
    """A socket.io client that speaks as Rasa's own widgets do."""

    def __init__(self, base: str, **options: Any) -> None:
        self.heard: list[dict[str, Any]] = []
        self.confirmed: list[str] = []
        self.client = socketio.Client(reconnection=False)
        self.client.on("bot_uttered", self.heard.append)
        self.client.on("session_confirm", self.confirmed.append)
        # Its websocket needs a newer aiohttp than Rasa allows.
        self.client.connect(base, transports=["polling"], **options)

    def ask(self, event: str, **data: Any) -> dict[str, Any]:
        return self.client.call(event, data, timeout=10)

    def leave(self) -> None:
        # By polling that takes until the next ping, so nobody waits for it.
        threading.Thread(target=self.client.disconnect, daemon=True).start()

    def wait_for(self, text: str, seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while not any(text in message["text"] for message in self.heard):
            assert time.monotonic() < deadline, f"'{text}' did not come: {texts(self.heard)}"
            time.sleep(0.05)


@pytest.fixture
def browser(base: str) -> Iterator[Browser]:
    opened = Browser(base)
    yield opened
    opened.leave()


def test_the_answer_comes_over_the_socket_in_rasas_own_form(browser: Browser) -> None:
    session = browser.ask("session_request")["session_id"]
    assert browser.confirmed == [session]
    browser.ask("user_uttered", session_id=session, message="/ask_heat_or_ice")
    browser.wait_for("Source: ")
    last = browser.heard[-1]
    assert last["closing"] is True
    assert {"title", "payload", "content_type"} == set(last["quick_replies"][0])


@pytest.mark.parametrize("forged", FORGED, ids=[str(f)[:30] for f in FORGED])
def test_an_id_that_we_did_not_sign_opens_nothing(base: str, browser: Browser, forged) -> None:
    assert browser.ask("user_uttered", session_id=forged, message="hello") == {"error": "session"}
    assert browser.ask("delete_conversation", session_id=forged) == {"error": "session"}
    given = browser.ask("session_request", session_id=forged)
    assert given["session_id"] != forged
    assert given["refused"] is True
    assert chat(base, session_id=forged, message="hello").json() == {"error": "session"}
    assert chat(base, session_id=forged).json()["session_id"] != forged
    answer = requests.post(f"{base}/widget/delete", json={"session_id": forged}, timeout=10)
    assert answer.json() == {"error": "session"}


def test_ids_are_random_and_long(base: str) -> None:
    given = {chat(base).json()["session_id"] for _ in range(20)}
    assert len(given) == 20
    assert all(re.fullmatch(r"web-[\w-]{24}\.[\w-]{43}", one) for one in given)


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "http://localhost", "http://localhost:1"]
)
def test_a_foreign_origin_is_refused(base: str, origin: str) -> None:
    headers = {"Origin": origin}
    assert chat(base, headers).status_code == 403
    socket = f"{base}/socket.io/?EIO=4&transport=polling"
    assert requests.get(socket, headers=headers, timeout=10).status_code == 400


def test_our_own_origin_is_let_in(base: str) -> None:
    answer = chat(base, {"Origin": base})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == base
    socket = f"{base}/socket.io/?EIO=4&transport=polling"
    assert requests.get(socket, headers={"Origin": base}, timeout=10).status_code == 200


def test_the_same_message_twice_is_answered_once(base: str, session: str) -> None:
    said = {"session_id": session, "message": "/ask_heat_or_ice", "message_id": "one"}
    first = chat(base, **said).json()
    again = chat(base, **said, log=first["log"], seen=first["messages"][-1]["seq"]).json()
    assert first["messages"][0]["id"] == "one"
    assert sum("Try heat first" in text for text in texts(first["messages"])) == 1
    assert again["messages"] == []


def test_what_was_missed_is_sent_and_no_more(base: str, browser: Browser) -> None:
    session = browser.ask("session_request")["session_id"]
    taken = browser.ask("user_uttered", session_id=session, message="/ask_heat_or_ice")
    browser.wait_for("Source: ")
    other = Browser(base)
    missed = other.ask("session_request", session_id=session, log=taken["log"], seen=taken["seq"])
    assert texts(missed["messages"]) == texts(browser.heard)
    anew = other.ask("session_request", session_id=session, log="of an earlier server", seen=99)
    assert texts(anew["messages"]) == ["/ask_heat_or_ice", *texts(browser.heard)]
    other.leave()


def test_two_browsers_of_one_conversation_hear_the_same(base: str, browser: Browser) -> None:
    other = Browser(base)
    said: list[dict[str, Any]] = []
    other.client.on("user_said", said.append)
    session = browser.ask("session_request")["session_id"]
    other.ask("session_request", session_id=session)
    browser.ask("user_uttered", session_id=session, message="/ask_heat_or_ice", title="Heat?")
    other.wait_for("Source: ")
    assert texts(said) == ["Heat?"]
    other.leave()


def test_a_conversation_that_is_deleted_is_forgotten(base: str, session: str) -> None:
    chat(base, session_id=session, message="/ask_heat_or_ice")
    deleted = requests.post(f"{base}/widget/delete", json={"session_id": session}, timeout=10)
    assert deleted.json() == {"deleted": True}
    assert chat(base, session_id=session).json()["messages"] == []
    after = chat(base, session_id=session, message='/follow_up{"part":"why"}').json()
    assert not any("heat" in text.lower() for text in texts(after["messages"][1:]))


def test_a_conversation_deleted_by_its_words_is_forgotten_and_goes_on(
    base: str, session: str
) -> None:
    chat(base, session_id=session, message="/ask_heat_or_ice")
    chat(base, session_id=session, message="Delete this conversation.")
    kept = chat(base, session_id=session).json()["messages"]
    assert texts(kept) == ["Delete this conversation.", load_wording().deleted]
    assert [message.get("clears") for message in kept] == [None, True]
    after = chat(base, session_id=session, message="/ask_heat_or_ice").json()["messages"]
    assert not any("clears" in message for message in after[2:])
    assert len(after) > 3


def test_an_emergency_is_flagged_for_the_widget_and_rest_is_as_before(
    base: str, server: Server, session: str
) -> None:
    text = "I can't feel between my legs and I can't pee"
    said = chat(base, session_id=session, message=text).json()["messages"]
    assert [message.get("urgency") for message in said] == [None, "emergency"]
    by_rest = server.ask(text, "somebody")
    assert set(by_rest[0]) == {"recipient_id", "text", "buttons"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"x" * 70_000])
def test_a_request_that_is_none_is_refused(base: str, body: bytes) -> None:
    answer = requests.post(f"{base}/widget/chat", data=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json() == {"error": "request"}


@pytest.mark.parametrize("message", [7, None, {"a": 1}, ["x"]])
def test_a_message_that_is_no_text_is_refused(browser: Browser, message: object) -> None:
    session = browser.ask("session_request")["session_id"]
    answer = browser.ask("user_uttered", session_id=session, message=message)
    assert answer == {"error": "message"}


def test_browsers_get_the_page_and_programs_rasas_answer(base: str) -> None:
    page = requests.get(f"{base}/", headers={"Accept": "text/html,*/*;q=0.8"}, timeout=10)
    assert "<backstride-chat" in page.text
    assert "'unsafe-" not in page.headers["Content-Security-Policy"]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "Hello from Rasa" in requests.get(f"{base}/", timeout=10).text


@pytest.mark.skipif(not (BUILT / "backstride.js").is_file(), reason="the widget is not built")
def test_the_script_is_cached_compressed_and_open_to_all_sites(base: str) -> None:
    url = f"{base}/widget/backstride.js"
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=10)
    zipped = requests.get(url, headers={"Accept-Encoding": "gzip"}, timeout=10, stream=True)
    assert gzip.decompress(zipped.raw.read()) == plain.content
    assert plain.headers["ETag"] != zipped.headers["ETag"]
    assert "max-age" in plain.headers["Cache-Control"]
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    same = requests.get(
        url,
        headers={"If-None-Match": plain.headers["ETag"], "Accept-Encoding": "identity"},
        timeout=10,
    )
    assert (same.status_code, same.content) == (304, b"")
    head = requests.head(url, timeout=10)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("path", "caching"),
    [
        ("/", "no-cache"),
        ("/widget/page/demo.html", "no-cache"),
        ("/widget/page/page.css", "no-cache"),
        ("/widget/pictures/bird-dog.svg", "public, max-age=86400"),
        ("/widget/pictures/bird-dog.png", "public, max-age=86400"),
    ],
)
def test_pages_and_pictures_are_compressed_and_not_sent_twice(
    base: str, path: str, caching: str
) -> None:
    accept = {"Accept": "text/html,*/*"}
    first = requests.get(base + path, headers=accept, timeout=10)
    assert first.headers["Cache-Control"].startswith(caching)
    zipped = first.headers.get("Content-Encoding") == "gzip"
    assert zipped is not path.endswith(".png")  # which is compressed as it is
    known = {**accept, "If-None-Match": first.headers["ETag"]}
    again = requests.get(base + path, headers=known, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "pictures/../topics/causes.yml",
        "pictures/%2e%2e%2ftopics%2fcauses.yml",
        "pictures/..%2f..%2fconfig.yml",
        "pictures/causes.yml",
        "page/..%2f..%2fpackage.json",
        "page/%2fetc%2fpasswd",
        "pictures/",
        "page/",
    ],
)
def test_no_other_file_is_served(base: str, path: str) -> None:
    with requests.Session() as client:
        request = requests.Request("GET", f"{base}/widget/x").prepare()
        request.url = f"{base}/widget/{path}"
        assert client.send(request, timeout=10).status_code == 404
