"""The widget in a real browser, talking to the real servers."""

from __future__ import annotations

import base64
import gzip
import json
import re
import sqlite3
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from backstride.web.files import BUILT, PICTURES
from backstride.web.messages import messages_for_web, urgency_of
from backstride.wording import load_wording
from tests.server.conftest import Server
from tests.test_wiring import RESPONSES
from tests.web.chat import Chat, drawn
from tests.web.conftest import HostSite, Line

EMERGENCY = "I can't feel between my legs and I can't pee"

# The mean difference of two pictures, from 0 to 255 for each part of a dot.
HOW_DIFFERENT = """async (urls) => {
    const dots = [];
    for (const url of urls) {
        const image = new Image();
        image.src = url;
        await image.decode();
        const { width, height } = image;
        const canvas = new OffscreenCanvas(width, height).getContext("2d");
        canvas.drawImage(image, 0, 0);
        dots.push(canvas.getImageData(0, 0, width, height).data);
    }
    const [one, other] = dots;
    if (one.length !== other.length) return 255;
    return one.reduce((sum, value, at) => sum + Math.abs(value - other[at]), 0) / one.length;
}"""

LAST_IS_ANSWERED = """() => {
    const root = document.querySelector("backstride-chat").shadowRoot;
    const answered = [...root.querySelectorAll(".group")].at(-1).classList.contains("bot");
    return answered && !root.querySelector(".typing");
}"""

# Markup, script, addresses and templates, as a person or a faulty answer may write them.
INJECTIONS = [
    "<script>window.broken=1</script>",
    "<img src=x onerror=window.broken=1>",
    "<svg onload=window.broken=1>",
    "<iframe srcdoc='<script>parent.broken=1</script>'></iframe>",
    "<a href='javascript:window.broken=1'>x</a>",
    "javascript:window.broken=1",
    "[x](javascript:window.broken=1)",
    "![x](https://elsewhere.example/x.png)",
    "<b>bold</b>",
    "&lt;script&gt;window.broken=1&lt;/script&gt;",
    '"><script>window.broken=1</script>',
    "'><img src=x onerror=window.broken=1>",
    "</textarea><script>window.broken=1</script>",
    "</style><script>window.broken=1</script>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=https://elsewhere.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.example'>",
    "<base href=https://elsewhere.example>",
    "<form action=https://elsewhere.example><input name=a></form>",
    "<object data=https://elsewhere.example/x></object>",
    "<embed src=https://elsewhere.example/x>",
    "<video><source onerror=window.broken=1></video>",
    "<details open ontoggle=window.broken=1>",
    "<input autofocus onfocus=window.broken=1>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.broken=1>",
    "<template><script>window.broken=1</script></template>",
    "<backstride-chat server=https://elsewhere.example></backstride-chat>",
    "${window.broken=1}",
    "{{constructor.constructor('window.broken=1')()}}",
    "<!--<img src=--><img src=x onerror=window.broken=1>",
    "<x onclick=window.broken=1>data:text/html,<script>window.broken=1</script>",
    "vbscript:window.broken=1 file:///etc/hostname ftp://elsewhere.example/x",
    "`${fetch('https://elsewhere.example')}`",
    "lit$123$ <?lit$123$?> <!--lit-part-->",
    "\u202e<script>window.broken=1</script>",
]


def without_sockets(page: Any) -> Any:
    """The page in a network that lets only plain requests through."""
    page.route("**/socket.io/**", lambda route: route.abort())
    page.route_web_socket(re.compile("socket.io"), lambda socket: socket.close())
    return page


def always_says(page: Any, said: list[dict[str, Any]]) -> Any:
    """The page with a server in whose place these messages are sent, whatever it is asked."""
    messages = [
        {**message, "log": "l", "seq": number, "time": 1_790_000_000}
        for number, message in enumerate(said, start=1)
    ]

    def answer(route: Any) -> None:
        taken = {"id": route.request.post_data_json.get("message_id"), "silent": True}
        greeting = {**messages[0], **taken, "from": "user", "seq": 0}
        body = {"session_id": "s", "log": "l", "messages": [greeting, *messages], "waiting": []}
        route.fulfill(json=body)

    without_sockets(page).route("**/widget/chat", answer)
    return page


def test_it_is_small_and_in_one_file() -> None:
    assert [file.name for file in BUILT.iterdir()] == ["backstride.js"]
    assert len(gzip.compress((BUILT / "backstride.js").read_bytes())) <= 60_000


def test_closed_and_opened_it_is_accessible(context: Any, line: Line) -> None:
    chat = Chat(context.new_page(), f"{line.url}/widget/page/demo.html")
    assert chat.faults() == []
    chat.open()
    assert chat.faults() == []


def test_a_question_gets_its_answer_with_the_sources_folded(chat: Chat) -> None:
    chat.ask("should I put ice or heat on it?")
    chat.wait_for("Try heat first")
    assert "should I put ice or heat on it?" in chat.bubbles()
    source = chat.log.get_by_text(re.compile("^Source: "))
    assert not source.is_visible()
    chat.log.get_by_text("Sources and evidence").click()
    assert source.is_visible()
    assert "Evidence:" in source.inner_text()
    assert chat.faults() == []


def test_a_button_sends_its_payload_and_shows_its_title(chat: Chat) -> None:
    chat.reply("Heat or ice?").click()
    chat.wait_for("Try heat first")
    assert "Heat or ice?" in chat.bubbles()
    assert not any("/ask" in text for text in chat.bubbles())
    assert not any("/greet" in text for text in chat.bubbles())
    assert chat.faults() == []


def test_a_button_or_send_pressed_twice_says_it_once(chat: Chat) -> None:
    chat.reply("Heat or ice?").dblclick()
    chat.wait_for("Try heat first")
    chat.field.fill("do I need a scan?")
    chat.page.get_by_role("button", name="Send").dblclick()
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    said = chat.bubbles()
    assert [said.count("Heat or ice?"), said.count("do I need a scan?")] == [1, 1]


def test_what_is_written_and_sent_in_one_go_leaves_the_entry(chat: Chat) -> None:
    """As by a program that types for somebody."""
    chat.field.evaluate(
        """field => {
            field.value = "should I put ice or heat on it?";
            field.dispatchEvent(new Event("input"));
            field.form.requestSubmit();
        }"""
    )
    chat.wait_for("Try heat first")
    assert chat.field.input_value() == ""


def test_it_shows_that_it_writes_and_when_it_was_said(chat: Chat, line: Line) -> None:
    line.hold_answers()
    chat.ask("should I put ice or heat on it?")
    chat.page.get_by_role("status").get_by_text("Backstride is writing").wait_for()
    dots = chat.page.locator("backstride-chat .typing")
    assert dots.is_visible()
    assert chat.faults() == []
    line.mend()
    chat.wait_for("Try heat first")
    dots.wait_for(state="detached")
    for side in ("user", "bot"):
        said = chat.page.locator(f"backstride-chat .group.{side} time").last
        moment = datetime.fromisoformat(said.get_attribute("datetime").replace("Z", "+00:00"))
        assert abs(time.time() - moment.timestamp()) < 60
        assert re.fullmatch(r"\d\d:\d\d", said.inner_text().strip())


def test_the_buttons_that_end_an_answer_come_into_view(chat: Chat) -> None:
    chat.ask("should I put ice or heat on it?")
    chat.wait_for("Try heat first")
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    # The answer is short, so all of it can be seen, and its buttons come last.
    chat.ask("thanks")
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    buttons = chat.page.locator("backstride-chat .reply")
    buttons.last.wait_for()
    chat.page.wait_for_timeout(200)
    in_view(chat, buttons.last)


def test_the_answer_to_a_long_question_can_be_seen(chat: Chat) -> None:
    chat.ask("I run and my back aches a bit. " * 32)
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    chat.page.wait_for_timeout(200)
    in_view(chat, chat.page.locator("backstride-chat .group.bot").last.locator(".bubble").first)


def test_an_exercise_shows_its_picture_and_says_what_it_shows(chat: Chat) -> None:
    chat.ask("how do I do a bird dog?")
    chat.reply("None of these").click()
    picture = chat.page.get_by_role("img", name=re.compile("hands and knees"))
    picture.wait_for()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    assert chat.faults() == []


def test_the_copies_of_the_drawings_show_the_same(browser: Any) -> None:
    """Telegram and Slack show the copies. `make screenshots` makes them anew."""
    page = browser.new_page()
    for drawing in PICTURES.glob("*.svg"):
        images = [drawn(browser, drawing), drawing.with_suffix(".png").read_bytes()]
        urls = [f"data:image/png;base64,{base64.b64encode(image).decode()}" for image in images]
        # Edges may differ a little from one browser to the next.
        assert page.evaluate(HOW_DIFFERENT, urls) < 1, drawing.name
    page.close()


def test_an_emergency_is_marked_in_words_can_be_called_and_stays_in_view(chat: Chat) -> None:
    chat.ask("should I put ice or heat on it?")
    chat.wait_for("Try heat first")
    chat.ask(EMERGENCY)
    heading = chat.log.get_by_role("heading", name="Get help now")
    heading.wait_for()
    assert chat.page.get_by_role("alert").inner_text() == "Get help now"
    calls = chat.log.get_by_role("link")
    assert heading.is_visible()
    numbers = {link.get_attribute("href") for link in calls.all()}
    assert {"tel:999", "tel:112", "tel:911", "tel:000", "tel:111"} <= numbers
    assert calls.first.bounding_box()["height"] >= 24
    in_view(chat, heading)
    held = chat.page.get_by_role("group", name="Get help now")
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    assert held.count() == 0
    # Without colour, a sign and a thick edge tell it from other messages.
    assert heading.locator("svg").is_visible()
    edge = "bubble => parseFloat(getComputedStyle(bubble).borderInlineStartWidth)"
    bubbles = chat.page.locator("backstride-chat .bot .bubble")
    assert bubbles.last.evaluate(edge) >= 4 * bubbles.first.evaluate(edge)
    assert chat.faults() == []
    # Out of sight, a line above says it and leads back.
    chat.log.evaluate("log => log.scrollTop = 0")
    held.get_by_role("button", name="Show the message").click()
    held.wait_for(state="detached")
    in_view(chat, heading)
    # So it does when the heading alone is out of sight.
    chat.log.evaluate("log => log.scrollTop += 45")
    held.wait_for()
    # It holds through other messages until help was found.
    chat.ask("thanks")
    chat.wait_for("First things first")
    chat.reply("I have been seen").click()
    chat.wait_for("someone is looking after you")
    chat.log.evaluate("log => log.scrollTop = 0")
    chat.page.wait_for_timeout(200)
    assert held.count() == 0


def in_view(chat: Chat, found: Any) -> None:
    frame, box = chat.log.bounding_box(), found.bounding_box()
    assert frame["y"] <= box["y"] <= frame["y"] + frame["height"] - box["height"]


def test_what_is_said_first_in_a_crisis_stays_first(chat: Chat) -> None:
    chat.ask("I want to kill myself and I can't feel between my legs")
    heading = chat.log.get_by_role("heading", name="Talk to someone now")
    heading.wait_for()
    chat.wait_for("You also told me about your body")
    chat.page.wait_for_timeout(300)
    assert heading.count() == 1
    in_view(chat, heading)
    assert {"tel:116123", "tel:988", "tel:131114", "https://findahelpline.com"} <= {
        link.get_attribute("href") for link in chat.log.get_by_role("link").all()
    }
    assert chat.faults() == []


def test_each_number_in_an_urgent_message_can_be_called(context: Any, line: Line) -> None:
    urgent = {
        f"{name} {number}": variant["text"]
        for name, variants in RESPONSES.items()
        for number, variant in enumerate(variants)
        if urgency_of(name) not in (None, "over")
    }
    said = [
        {**part, "id": f"{name} {place}", "from": "bot"}
        for name, text in urgent.items()
        for place, part in enumerate(messages_for_web({"text": text}))
    ]
    chat = Chat(always_says(context.new_page(), said), f"{line.url}/widget/page/demo.html")
    chat.launcher.click()
    chat.log.wait_for()
    chat.page.locator("backstride-chat .bubble").nth(len(said) - 1).wait_for(state="attached")
    called = 0
    for message in said:
        bubble = chat.page.locator(f"backstride-chat [data-id='{message['id']}']")
        links = bubble.get_by_role("link").evaluate_all("links => links.map((a) => a.href)")
        for number in re.findall(r"(?<!SHOUT to )\b\d[\d ]+\d\b", message["text"]):
            assert f"tel:{number.replace(' ', '')}" in links, message["text"]
            called += 1
    assert called > 20


def test_only_addresses_that_can_do_no_harm_become_links(context: Any, line: Line) -> None:
    text = (
        "See https://example.org/a?b=1. Write to help@example.org or call 116 123."
        " Not http://example.com/x, ftp://example.com/y, javascript:alert(1), sms:1234,"
        " data:text/html,x, //example.com/z, 999 metres or 2.999."
    )
    page = always_says(context.new_page(), [{"id": "b", "from": "bot", "text": text}])
    chat = Chat(page, f"{line.url}/widget/page/demo.html")
    chat.launcher.click()
    links = chat.log.get_by_role("link")
    links.first.wait_for()
    hrefs = links.evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert hrefs[:3] == ["https://example.org/a?b=1", "mailto:help@example.org", "tel:116123"]
    assert not any("example.com" in href or "1234" in href for href in hrefs)
    assert {href.split(":")[0] for href in hrefs} <= {"https", "mailto", "tel"}
    assert links.first.get_attribute("rel") == "noopener noreferrer"


def test_history_and_the_open_panel_survive_a_page_change(chat: Chat) -> None:
    chat.ask("should I put ice or heat on it?")
    chat.wait_for("Try heat first")
    before = chat.bubbles()
    chat.page.reload()
    chat.wait_for("Try heat first")
    assert chat.bubbles() == before
    assert chat.field.is_visible()
    # A new page's focus is its own.
    assert chat.page.evaluate("document.activeElement === document.body")
    # The server knows the conversation still.
    chat.ask("why?")
    chat.page.wait_for_function(
        "count => document.querySelector('backstride-chat').shadowRoot"
        ".querySelectorAll('.bubble').length > count + 1",
        arg=len(before),
    )
    assert chat.faults() == []


def test_nothing_is_kept_when_the_site_says_so(
    context: Any, line: Line, host_site: HostSite
) -> None:
    address = host_site.page("/none", embedded(line, 'history="none"'))
    chat = Chat(context.new_page(), address).open()
    chat.ask("should I put ice or heat on it?")
    chat.wait_for("Try heat first")
    assert chat.stored() == {}


def test_what_is_kept_ends_after_the_time_that_the_site_chose(
    context: Any, line: Line, host_site: HostSite
) -> None:
    page = context.new_page()
    page.clock.install()
    chat = Chat(page, host_site.page("/hour", embedded(line, 'history="1h"'))).open()
    chat.page.clock.fast_forward(59 * 60_000)
    chat.page.reload()
    chat.reply("Heat or ice?").wait_for()
    # To look at it and to join the server again says nothing new, so neither keeps it longer.
    chat.page.get_by_role("button", name="Close the chat").click()
    chat.launcher.click()
    chat.page.clock.fast_forward(2 * 60_000)
    chat.page.reload()
    chat.launcher.wait_for()
    assert chat.bubbles() == []
    assert chat.stored() == {}


def test_a_time_that_means_nothing_keeps_it_as_long_as_the_tab(
    context: Any, line: Line, host_site: HostSite
) -> None:
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    chat = Chat(page, host_site.page("/week", embedded(line, 'history="1 week"'))).open()
    assert any('history="1 week" is unknown' in text for text in said)
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 1]
    assert chat.field.is_visible()


def test_a_chat_deleted_in_another_page_is_gone_when_the_browser_goes_back(chat: Chat) -> None:
    # Browsers may keep a page as it was and wake it. Driven ones do not, so it is told here.
    chat.page.evaluate(
        """() => {
            sessionStorage.clear();
            dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
        }"""
    )
    chat.page.get_by_text("The chat was deleted").wait_for()
    assert chat.bubbles() == []
    assert chat.stored() == {}


def test_a_deleted_chat_is_gone_here_and_on_the_server(chat: Chat, web_server: Server) -> None:
    chat.ask("my back hurts after long runs")
    chat.wait_for("my back hurts after long runs")
    chat.page.wait_for_timeout(500)
    session = next(iter(map(json.loads, chat.stored().values())))["session"]
    conversation = session.split(".")[0]
    assert stored_events(web_server, conversation) > 0
    chat.page.get_by_role("button", name="More").click()
    assert chat.faults() == []
    chat.page.get_by_role("button", name="Delete this chat").click()
    assert chat.faults() == []
    chat.page.get_by_role("button", name="Keep it").click()
    assert chat.bubbles()
    chat.page.get_by_role("button", name="More").click()
    chat.page.get_by_role("button", name="Delete this chat").click()
    chat.page.get_by_role("button", name="Delete", exact=True).click()
    chat.page.get_by_text("The chat was deleted").wait_for()
    assert chat.bubbles() == []
    assert chat.stored() == {}
    assert stored_events(web_server, conversation) == 0
    assert chat.faults() == []
    chat.page.get_by_role("button", name="Start a new chat").click()
    chat.reply("Heat or ice?").wait_for()
    session = next(iter(map(json.loads, chat.stored().values())))["session"]
    assert not session.startswith(conversation)


def test_what_was_said_is_gone_when_it_is_deleted_by_words(chat: Chat, web_server: Server) -> None:
    chat.ask("should I put ice or heat on it?")
    chat.wait_for("Try heat first")
    chat.ask("please delete this conversation")
    deleted = load_wording().deleted
    chat.wait_for(deleted)
    texts = [text.strip() for text in chat.bubbles()]
    assert texts == ["please delete this conversation", deleted]
    (kept,) = map(json.loads, chat.stored().values())
    assert "ice or heat" not in json.dumps(kept)
    assert stored_events(web_server, kept["session"].split(".")[0]) == 0
    # The chat itself goes on.
    chat.ask("do I need a scan?")
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    assert len(chat.bubbles()) > 3


def stored_events(server: Server, conversation: str) -> int:
    database = Path(server.log).parent / "conversations.db"
    with sqlite3.connect(database) as connection:
        query = "SELECT count(*) FROM events WHERE sender_id = ?"
        return int(connection.execute(query, [conversation]).fetchone()[0])


def test_an_answer_lost_on_the_way_comes_after_reconnecting_and_once(
    chat: Chat, line: Line
) -> None:
    line.hold_answers()
    chat.ask("should I put ice or heat on it?")
    chat.page.wait_for_timeout(1500)  # meanwhile the server has answered into the void
    assert not any("Try heat first" in text for text in chat.bubbles())
    line.cut()
    chat.page.get_by_text("No connection").wait_for()
    assert chat.faults() == []
    line.mend()
    chat.wait_for("Try heat first")
    chat.page.get_by_text("No connection").wait_for(state="detached")
    chat.page.wait_for_timeout(500)
    texts = chat.bubbles()
    assert sum("Try heat first" in text for text in texts) == 1
    assert texts.count("should I put ice or heat on it?") == 1
    assert chat.page.get_by_text("Not sent").count() == 0
    assert chat.faults() == []


def test_a_line_that_is_dead_and_seems_open_is_noticed(chat: Chat, line: Line) -> None:
    line.hold_answers()
    chat.ask("should I put ice or heat on it?")
    chat.page.get_by_text("No connection").wait_for(timeout=12_000)
    line.mend()
    chat.wait_for("Try heat first")
    chat.page.get_by_text("No connection").wait_for(state="detached")
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    texts = chat.bubbles()
    assert sum("Try heat first" in text for text in texts) == 1
    assert texts.count("should I put ice or heat on it?") == 1


def test_what_the_browser_knows_of_the_network_is_said_at_once(chat: Chat) -> None:
    chat.page.context.set_offline(True)
    chat.page.get_by_text("No connection").wait_for(timeout=3_000)
    chat.page.context.set_offline(False)
    chat.page.get_by_text("No connection").wait_for(state="detached")
    chat.ask("should I put ice or heat on it?")
    chat.wait_for("Try heat first")


def test_a_message_typed_without_a_connection_is_sent_once_the_line_is_back(
    chat: Chat, line: Line
) -> None:
    line.cut()
    chat.page.get_by_text("No connection").wait_for()
    chat.ask("should I put ice or heat on it?")
    waiting = chat.log.get_by_text("Waiting to be sent")
    waiting.wait_for()
    assert chat.faults() == []
    line.mend()
    chat.wait_for("Try heat first")
    chat.page.get_by_text("No connection").wait_for(state="detached")
    assert chat.page.get_by_role("button", name="Try again").count() == 0
    assert waiting.count() == 0
    assert chat.bubbles().count("should I put ice or heat on it?") == 1


def test_a_message_that_was_given_up_is_sent_by_hand_and_not_before(chat: Chat, line: Line) -> None:
    line.cut()
    chat.page.get_by_text("No connection").wait_for()
    chat.ask("should I put ice or heat on it?")
    again = chat.page.get_by_role("button", name="Try again")
    again.wait_for(timeout=15_000)
    assert chat.faults() == []
    # The last message is sent by itself once the line is back; what came before it is not.
    chat.ask("do I need a scan?")
    line.mend()
    chat.wait_for("do I need a scan?")
    chat.page.get_by_text("No connection").wait_for(state="detached")
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    assert again.is_visible()
    assert not any("Try heat first" in text for text in chat.bubbles())
    again.click()
    chat.wait_for("Try heat first")
    assert again.count() == 0
    assert chat.bubbles().count("should I put ice or heat on it?") == 1


@pytest.mark.parametrize("blocked", ["all of it", "websockets alone"])
def test_it_works_where_sockets_are_blocked(context: Any, line: Line, blocked: str) -> None:
    page = context.new_page()
    if blocked == "all of it":
        without_sockets(page)
    else:
        page.add_init_script("WebSocket = function () { throw new Error('blocked') }")
    chat = Chat(page, f"{line.url}/widget/page/demo.html").open()
    chat.ask("should I put ice or heat on it?")
    chat.wait_for("Try heat first")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete this chat").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("The chat was deleted").wait_for()
    assert chat.stored() == {}


def test_a_request_that_is_refused_is_made_again(context: Any, line: Line) -> None:
    page = without_sockets(context.new_page())
    chat = Chat(page, f"{line.url}/widget/page/demo.html").open()
    # As the limit of one address does it.
    body = [{"text": "Too many messages."}]
    page.route("**/widget/chat", lambda route: route.fulfill(status=429, json=body))
    chat.ask("should I put ice or heat on it?")
    page.get_by_text("No connection").wait_for()
    page.unroute("**/widget/chat")
    chat.wait_for("Try heat first")
    page.get_by_text("No connection").wait_for(state="detached")
    assert chat.bubbles().count("should I put ice or heat on it?") == 1


def test_a_message_that_a_restarted_server_never_answered_is_sent_again(
    context: Any, line: Line
) -> None:
    page = without_sockets(context.new_page())
    sent: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []

    def tell(**message: Any) -> None:
        told.append({"log": "l", "seq": len(told) + 1, "time": 1_790_000_000, **message})

    def answer(route: Any) -> None:
        asked = route.request.post_data_json
        if "message" in asked:
            sent.append(asked)
            tell(id=asked["message_id"], **{"from": "user"}, text=asked["message"])
            if len(sent) != 2:  # the second is taken, and then the server is gone
                tell(id=f"bot{len(sent)}", **{"from": "bot"}, text=f"Answer {len(sent)}")
        new = [one for one in told if one["seq"] > asked["seen"]]
        route.fulfill(json={"session_id": "s", "log": "l", "messages": new, "waiting": []})

    page.route("**/widget/chat", answer)
    chat = Chat(page, f"{line.url}/widget/page/demo.html")
    chat.launcher.click()
    chat.wait_for("Answer 1")
    chat.ask("does it hurt?")
    page.wait_for_timeout(500)
    page.reload()
    chat.wait_for("Answer 3")
    assert [one["message"] for one in sent] == ["/greet", "does it hurt?", "does it hurt?"]
    assert sent[1]["message_id"] == sent[2]["message_id"]
    assert chat.bubbles().count("does it hurt?") == 1


def test_it_works_below_a_path(context: Any, line: Line) -> None:
    page = context.new_page()
    below = f"{line.url}/club/"
    page.route(
        re.compile(re.escape(below)),
        lambda route: route.continue_(url=route.request.url.replace("/club/", "/")),
    )
    page.route_web_socket(re.compile("socket.io"), lambda socket: socket.close())
    chat = Chat(page, f"{below}widget/page/demo.html").open()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    chat.ask("how do I do a bird dog?")
    chat.reply("None of these").click()
    page.get_by_role("img", name=re.compile("hands and knees")).wait_for()
    assert asked
    assert all(url.startswith(below) for url in asked)


def test_the_menu_closes_when_something_else_is_pressed(chat: Chat) -> None:
    more = chat.page.get_by_role("button", name="More")
    more.click()
    chat.page.get_by_role("button", name="Print").wait_for()
    chat.log.click(position={"x": 5, "y": 5})
    assert chat.page.get_by_role("button", name="Print").count() == 0
    more.click()
    more.click()
    assert chat.page.get_by_role("button", name="Print").count() == 0


def test_two_tabs_are_two_conversations(context: Any, line: Line) -> None:
    address = f"{line.url}/widget/page/demo.html"
    first, second = (Chat(context.new_page(), address).open() for _ in range(2))
    first.ask("should I put ice or heat on it?")
    first.wait_for("Try heat first")
    second.ask("do I need a scan?")
    second.wait_for("do not need a scan")
    assert not any("heat first" in text for text in second.bubbles())
    assert not any("need a scan?" in text for text in first.bubbles())
    assert first.faults() == second.faults() == []


def test_two_tabs_share_what_is_kept_on_the_device(
    context: Any, line: Line, host_site: HostSite
) -> None:
    address = host_site.page("/shared", embedded(line, 'history="24h"'))
    first = Chat(context.new_page(), address).open()
    second = Chat(context.new_page(), address)
    second.page.locator("backstride-chat[open]").wait_for(state="attached")
    first.ask("should I put ice or heat on it?")
    first.wait_for("Try heat first")
    second.wait_for("Try heat first")
    assert second.bubbles() == first.bubbles()
    first.page.bring_to_front()  # what is behind is drawn seldom
    first.page.get_by_role("button", name="More").click()
    first.page.get_by_role("button", name="Delete this chat").click()
    first.page.get_by_role("button", name="Delete", exact=True).click()
    second.page.get_by_text("The chat was deleted").wait_for()
    assert first.bubbles() == second.bubbles() == []
    assert first.stored() == second.stored() == {}


def test_a_hostile_page_with_a_strict_policy_changes_nothing(
    context: Any, line: Line, host_site: HostSite
) -> None:
    hostile = (
        "html { font-size: 60px !important }"
        " html, body { color: red !important; font: 60px/3 cursive !important;"
        " text-transform: uppercase !important; letter-spacing: 1em !important;"
        " visibility: hidden !important; pointer-events: none !important;"
        " user-select: none !important; cursor: none !important; text-align: right !important }"
        " body * { all: unset !important; display: none !important; visibility: hidden !important;"
        " position: static !important; transform: scale(9) !important; opacity: 0 !important;"
        " filter: blur(9px) !important; zoom: 3 !important; z-index: -1 !important }"
    )
    host_site.page("/hostile.css", hostile, Content_Type="text/css")
    address = host_site.page(
        "/hostile",
        embedded(line, "", '<link rel="stylesheet" href="/hostile.css">'),
        Content_Security_Policy=(
            f"default-src 'none'; script-src {line.url}; style-src 'self'; img-src {line.url};"
            f" connect-src {line.url} {line.url.replace('http', 'ws')}"
        ),
    )
    page = context.new_page()
    page.add_init_script("window.print = () => {}")
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    chat = Chat(page, address).open()
    box = page.locator("backstride-chat dialog").bounding_box()
    assert 380 <= box["width"] <= 420
    chat.ask("how do I do a bird dog?")
    chat.reply("None of these").click()
    picture = page.get_by_role("img", name=re.compile("hands and knees"))
    picture.wait_for()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    page.get_by_role("button", name="More").click()
    with page.expect_download():
        page.get_by_role("button", name="Save as a text file").click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Print").click()
    style = "element => { const s = getComputedStyle(element); return [s.fontSize, s.color] }"
    size, colour = chat.wait_for("Brace your tummy").evaluate(style)
    assert size == "16px"
    assert colour != "rgb(255, 0, 0)"
    assert [text for text in refused if "favicon" not in text] == []
    assert chat.faults() == []


def test_a_site_that_is_not_listed_is_told_so(context: Any, line: Line) -> None:
    page = context.new_page()
    chat = Chat(page, HostSite().page("/foreign", embedded(line)))
    chat.launcher.click()
    page.get_by_text("This chat is not set up for this site yet").wait_for()
    assert chat.faults() == []


def test_a_narrow_screen_is_filled_and_keeps_the_focus_inside(
    context_with: Any, line: Line
) -> None:
    context = context_with(viewport={"width": 320, "height": 568}, has_touch=True, is_mobile=True)
    chat = Chat(context.new_page(), f"{line.url}/widget/page/demo.html").open()
    box = chat.page.locator("backstride-chat dialog").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 320, 568)
    chat.ask(EMERGENCY)
    chat.page.get_by_role("button", name="Send").click()
    chat.log.get_by_role("heading", name="Get help now").wait_for()
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 320
    assert chat.log.evaluate("log => log.scrollWidth <= log.clientWidth")
    small = chat.page.locator("backstride-chat button:visible, backstride-chat a:visible")
    assert all(
        min(b.bounding_box()["height"], b.bounding_box()["width"]) >= 24 for b in small.all()
    )
    inside = "document.activeElement === document.body || document.activeElement.localName"
    for _ in range(30):
        chat.page.keyboard.press("Tab")
        assert chat.page.evaluate(inside) in (True, "backstride-chat")
    assert chat.faults() == []


# Headless browsers have no keyboard that covers a part, so the rest is made smaller by hand.
SEEN_ONLY = """([top, height]) => {
    Object.defineProperty(visualViewport, "offsetTop", { value: top, configurable: true });
    Object.defineProperty(visualViewport, "height", { value: height, configurable: true });
    visualViewport.dispatchEvent(new Event("resize"));
}"""


@pytest.mark.parametrize("width", [390, 1000], ids=["phone", "tablet"])
def test_the_keyboard_of_a_phone_does_not_hide_the_entry(
    context_with: Any, line: Line, width: int
) -> None:
    context = context_with(viewport={"width": width, "height": 800}, has_touch=True, is_mobile=True)
    chat = Chat(context.new_page(), f"{line.url}/widget/page/demo.html").open()
    chat.page.evaluate(SEEN_ONLY, [60, 420])
    box = chat.field.bounding_box()
    assert box["y"] >= 60
    assert box["y"] + box["height"] <= 480
    close = chat.page.get_by_role("button", name="Close the chat").bounding_box()
    assert close["y"] >= 60
    # What is read stays where it is when the keyboard goes and comes.
    chat.field.fill(EMERGENCY)
    chat.page.get_by_role("button", name="Send").click()
    heading = chat.log.get_by_role("heading", name="Get help now")
    heading.wait_for()
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    for seen in ([0, 800], [60, 420]):
        chat.page.evaluate(SEEN_ONLY, seen)
        in_view(chat, heading)


def test_zooming_with_two_fingers_leaves_its_size(context_with: Any, line: Line) -> None:
    context = context_with(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    chat = Chat(context.new_page(), f"{line.url}/widget/page/demo.html").open()
    panel = chat.page.locator("backstride-chat dialog")
    size = "panel => [panel.offsetWidth, panel.offsetHeight, panel.offsetTop]"
    before = panel.evaluate(size)
    context.new_cdp_session(chat.page).send("Emulation.setPageScaleFactor", {"pageScaleFactor": 2})
    chat.page.wait_for_function("visualViewport.scale === 2")
    chat.page.wait_for_timeout(200)
    assert panel.evaluate(size) == before


def test_the_keyboard_opens_writes_and_closes(context: Any, line: Line) -> None:
    chat = Chat(context.new_page(), f"{line.url}/widget/page/demo.html")
    chat.launcher.focus()
    chat.page.keyboard.press("Enter")
    chat.reply("Heat or ice?").wait_for()
    assert chat.field.evaluate("field => field.matches(':focus')")
    focused = "document.querySelector('backstride-chat').shadowRoot.activeElement"
    name = f"{focused}.ariaLabel || {focused}.textContent.trim()"
    order = []
    for _ in range(7):
        chat.page.keyboard.press("Shift+Tab")
        order.insert(0, chat.page.evaluate(name))
    assert order == [
        *("More", "Close the chat", "Conversation"),
        *("Can I keep running?", "What helps?", "Heat or ice?", "When to see a doctor"),
    ]
    chat.field.focus()
    chat.page.keyboard.type("one")
    chat.page.keyboard.press("Shift+Enter")
    chat.page.keyboard.type("two")
    assert chat.field.input_value() == "one\ntwo"
    chat.field.fill("")
    chat.page.get_by_role("button", name="More").click()
    chat.page.keyboard.press("Escape")
    assert chat.page.get_by_role("button", name="Print").count() == 0
    # What the button opens is next after it.
    chat.page.keyboard.press("Enter")
    chat.page.keyboard.press("Tab")
    copy = chat.page.get_by_role("button", name="Copy the conversation")
    assert copy.evaluate("button => button.matches(':focus')")
    chat.page.keyboard.press("Escape")
    chat.page.keyboard.press("Escape")
    assert not chat.field.is_visible()
    assert chat.launcher.evaluate("button => button.matches(':focus')")
    assert chat.faults() == []


def test_the_back_button_of_a_phone_closes_the_menu_and_then_the_chat(
    context_with: Any, line: Line
) -> None:
    context = context_with(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    chat = Chat(context.new_page(), f"{line.url}/widget/page/demo.html").open()
    back = "document.querySelector('backstride-chat').shadowRoot.querySelector('dialog')"
    chat.page.get_by_role("button", name="More").click()
    chat.page.evaluate(f"{back}.requestClose()")  # as the browser does
    chat.page.get_by_role("button", name="Print").wait_for(state="detached")
    assert chat.field.is_visible()
    chat.page.evaluate(f"{back}.requestClose()")
    chat.launcher.wait_for()
    assert not chat.field.is_visible()
    chat.open()
    chat.page.evaluate(f"{back}.close()")  # as it does when it does not ask
    chat.launcher.wait_for()
    chat.open()


def test_the_page_opens_and_closes_it_and_keeps_its_focus(chat: Chat) -> None:
    chat.page.evaluate(
        """() => {
            const field = document.createElement("input");
            document.body.append(field);
            field.focus();
            window.heard = [];
            const element = document.querySelector("backstride-chat");
            for (const name of ["backstride-open", "backstride-close"]) {
                element.addEventListener(name, () => window.heard.push(name));
            }
            element.hide();
        }"""
    )
    chat.launcher.wait_for()
    assert chat.page.evaluate("document.activeElement.localName") == "input"
    chat.page.evaluate("document.querySelector('backstride-chat').show()")
    chat.field.wait_for()
    assert chat.page.evaluate("window.heard") == ["backstride-close", "backstride-open"]


def test_a_message_that_is_too_long_is_counted_and_not_sent(chat: Chat) -> None:
    chat.field.fill("a" * 900)
    chat.page.get_by_text("900 of 1000 characters").wait_for()
    chat.field.fill("a" * 1023)
    chat.page.get_by_text("23 characters too long").wait_for()
    before = chat.bubbles()
    chat.field.press("Enter")
    assert chat.bubbles() == before
    assert chat.faults() == []
    # It is read out in a pause and not with each letter.
    chat.page.get_by_role("status").get_by_text("23 characters too long").wait_for()
    chat.field.press("End")
    chat.field.press("Backspace")
    assert chat.page.get_by_role("status").get_by_text("characters too long").count() == 0
    chat.page.get_by_role("status").get_by_text("22 characters too long").wait_for()
    chat.field.fill("word " * 1000)
    chat.page.get_by_text("4000 characters too long").first.wait_for()
    assert chat.field.bounding_box()["height"] <= 9 * 16 + 1
    chat.field.fill("a" * 1000)
    chat.field.press("Enter")
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    assert chat.bubbles().count("a" * 1000) == 1
    assert chat.log.evaluate("log => log.scrollWidth <= log.clientWidth")


def test_what_comes_while_it_is_closed_is_counted_and_marked(chat: Chat, line: Line) -> None:
    line.hold_answers()
    chat.ask("should I put ice or heat on it?")
    chat.page.get_by_role("button", name="Close the chat").click()
    line.mend()
    named = chat.page.get_by_role("button", name=re.compile(r"Open the chat, \d+ new messages"))
    named.wait_for()
    assert chat.faults() == []
    named.click()
    in_view(chat, chat.log.get_by_text("New messages"))
    chat.page.get_by_role("button", name="Close the chat").click()
    chat.page.get_by_role("button", name="Open the chat", exact=True).wait_for()


def test_what_is_urgent_is_said_on_the_closed_bubble_and_shown_first(
    chat: Chat, line: Line
) -> None:
    chat.ask("should I put ice or heat on it?")
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    line.hold_answers()
    chat.ask(EMERGENCY)
    chat.page.get_by_role("button", name="Close the chat").click()
    line.mend()
    bubble = chat.page.get_by_role("button", name=re.compile("Open the chat, Get help now, 1 new"))
    bubble.wait_for()
    assert bubble.locator(".badge svg").is_visible()
    assert chat.page.get_by_role("status").get_by_text("Get help now, 1 new").count() == 1
    assert chat.faults() == []
    bubble.click()
    in_view(chat, chat.log.get_by_role("heading", name="Get help now"))
    assert chat.page.get_by_role("status").get_by_text("Get help now").count() == 0


def test_what_comes_while_the_tab_is_hidden_is_read_when_it_is_shown(
    chat: Chat, line: Line
) -> None:
    hide = """hidden => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    line.hold_answers()
    chat.ask("should I put ice or heat on it?")
    chat.page.evaluate(hide, True)
    line.mend()
    chat.log.get_by_text("New messages").wait_for()
    chat.page.wait_for_function(LAST_IS_ANSWERED)
    chat.page.wait_for_timeout(300)
    chat.page.evaluate(hide, False)
    chat.page.get_by_role("button", name="Close the chat").click()
    chat.page.get_by_role("button", name="Open the chat", exact=True).wait_for()


def test_reading_further_up_is_not_disturbed(chat: Chat, line: Line) -> None:
    for question in ("should I put ice or heat on it?", "do I need a scan?"):
        chat.ask(question)
        chat.page.wait_for_function(LAST_IS_ANSWERED)
    line.hold_answers()  # else the answer may be there before anybody can scroll
    chat.ask("what shoes should I wear?")
    chat.page.wait_for_timeout(300)
    chat.log.evaluate("log => { log.scrollTop = 0 }")
    line.mend()
    chat.page.get_by_role("button", name="New messages").wait_for()
    assert chat.log.evaluate("log => log.scrollTop") == 0
    chat.page.get_by_role("button", name="New messages").click()
    chat.page.get_by_role("button", name="New messages").wait_for(state="detached")
    assert chat.log.evaluate("log => log.scrollTop") > 0


def test_markup_from_a_person_stays_text(chat: Chat) -> None:
    for text in INJECTIONS[:3]:
        chat.ask(text)
        chat.page.wait_for_timeout(100)
    chat.page.wait_for_timeout(1000)
    assert [text for text in chat.bubbles() if text in INJECTIONS] == INJECTIONS[:3]
    assert_unbroken(chat)


def test_markup_from_either_side_stays_text(context: Any, line: Line) -> None:
    """The server's answers are replaced by the worst that it could send."""
    said = [
        {"id": f"{side}{number}", "from": side, "text": text}
        for number, text in enumerate(INJECTIONS)
        for side in ("user", "bot")
    ]
    said += [
        {
            "id": f"whole{number}",
            "from": "bot",
            "text": "Look",
            "picture": {"src": source, "alt": INJECTIONS[0]},
            "urgency": "same_day",
            "quick_replies": [{"title": INJECTIONS[number], "payload": INJECTIONS[number]}],
        }
        for number, source in enumerate(
            [
                "https://elsewhere.example/x.png",
                "//elsewhere.example/x.png",
                "javascript:window.broken=1",
                "data:image/svg+xml,<svg onload='window.broken=1'/>",
            ]
        )
    ]
    page = always_says(context.new_page(), said)
    chat = Chat(page, f"{line.url}/widget/page/demo.html")
    chat.launcher.click()
    chat.wait_for("Look")
    assert len(INJECTIONS) >= 30
    texts = chat.page.locator("backstride-chat .bubble").evaluate_all(
        "bubbles => bubbles.map((bubble) => bubble.textContent.trim())"
    )
    for text in INJECTIONS:
        assert texts.count(text) == 2
    assert chat.reply(INJECTIONS[3]).is_visible()
    assert_unbroken(chat)
    assert chat.faults() == []


def assert_unbroken(chat: Chat) -> None:
    inside = "document.querySelector('backstride-chat').shadowRoot"
    assert chat.page.evaluate("window.broken") is None
    tags = "script, iframe, object, embed, form[action], style, link, base, meta, video, math"
    assert chat.page.evaluate(f"{inside}.querySelectorAll('{tags}').length") == 0
    assert (
        chat.page.evaluate(f"{inside}.querySelectorAll('.bubble b, .bubble svg[onload]').length")
        == 0
    )
    schemes = chat.page.evaluate(
        f"[...{inside}.querySelectorAll('a')].map((link) => link.protocol)"
    )
    assert set(schemes) <= {"https:", "mailto:", "tel:"}
    sources = chat.page.evaluate(f"[...{inside}.querySelectorAll('img')].map((i) => i.src)")
    assert all(source.startswith("http://localhost:") for source in sources)


def test_the_summary_is_saved_copied_and_printed(context: Any, line: Line) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.add_init_script("window.print = () => { window.top.printed = document.body.innerText }")
    chat = Chat(page, f"{line.url}/widget/page/demo.html").open()
    chat.ask("should I put ice or heat on it?")
    chat.wait_for("Try heat first")
    chat.log.get_by_text("Sources and evidence").wait_for()
    page.get_by_role("button", name="More").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a text file").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.startswith("Backstride\n")
    assert "You (" in text
    assert "Try heat first" in text
    assert "Source: " in text
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Copy the conversation").click()
    page.get_by_text("Copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == text
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Print").click()
    assert "Try heat first" in page.evaluate("window.printed")


def test_it_is_copied_from_a_phone_whose_browser_has_no_clipboard(
    context_with: Any, line: Line
) -> None:
    context = context_with(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    # As on a page without https.
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    Chat(page, f"{line.url}/widget/page/demo.html").open()
    page.evaluate(
        "addEventListener('copy', () => {"
        " const field = document.querySelector('backstride-chat').shadowRoot.activeElement;"
        " window.copied = field.value.slice(field.selectionStart, field.selectionEnd) })"
    )
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Copy the conversation").click()
    page.get_by_text("Copied.").wait_for()
    assert page.evaluate("window.copied").startswith("Backstride\n")
    more = page.get_by_role("button", name="More")
    assert more.evaluate("button => button.matches(':focus')")


@pytest.mark.parametrize(
    "settings",
    [
        {"color_scheme": "dark"},
        {"forced_colors": "active"},
        {"reduced_motion": "reduce"},
        {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
    ],
    ids=["dark", "forced colours", "reduced motion", "200 %"],
)
def test_every_way_to_see_it_is_accessible(
    context_with: Any, line: Line, settings: dict[str, Any]
) -> None:
    chat = Chat(context_with(**settings).new_page(), f"{line.url}/widget/page/demo.html").open()
    chat.ask(EMERGENCY)
    chat.log.get_by_role("heading", name="Get help now").wait_for()
    chat.page.get_by_role("button", name="More").click()
    assert chat.faults() == []
    if "reduced_motion" in settings:
        moving = "document.querySelector('backstride-chat').shadowRoot.getAnimations().length"
        assert chat.page.evaluate(moving) == 0


def test_it_mirrors_in_a_page_that_reads_from_right_to_left(
    context: Any, line: Line, host_site: HostSite
) -> None:
    address = host_site.page("/rtl", embedded(line, "", "", 'lang="ar" dir="rtl"'))
    chat = Chat(context.new_page(), address)
    assert chat.launcher.bounding_box()["x"] < 100
    chat.open()
    chat.ask("should I put ice or heat on it?")
    answer = chat.wait_for("Try heat first").bounding_box()
    mine = chat.log.get_by_text("should I put ice").bounding_box()
    send = chat.page.get_by_role("button", name="Send").bounding_box()
    assert mine["x"] < answer["x"] + answer["width"] - mine["width"]
    assert send["x"] < chat.field.bounding_box()["x"]
    assert chat.faults() == []


def test_attributes_set_title_place_colour_and_language(
    context: Any, line: Line, host_site: HostSite
) -> None:
    attributes = 'title="Ask Ana" position="start" accent="#ffcc00" lang="de" open'
    chat = Chat(context.new_page(), host_site.page("/set", embedded(line, attributes)))
    chat.page.get_by_role("dialog", name="Ask Ana").wait_for()
    field = chat.page.get_by_role("textbox", name="Ihre Nachricht")
    field.fill("should I put ice or heat on it?")
    field.press("Enter")
    mine = chat.page.locator("backstride-chat .user .bubble")
    mine.wait_for()
    colours = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    assert mine.evaluate(colours) == ["rgb(255, 204, 0)", "rgb(0, 0, 0)"]
    assert chat.page.get_by_role("dialog").bounding_box()["x"] < 40
    assert chat.faults() == []


def test_the_page_may_set_the_colours_in_its_style_sheet(
    context: Any, line: Line, host_site: HostSite
) -> None:
    style = "<style>:root { --backstride-accent: #ffcc00; --backstride-on-accent: #221100 }</style>"
    html = embedded(line, 'scheme="dark"', style)
    chat = Chat(context.new_page(), host_site.page("/colours", html))
    colours = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    assert chat.launcher.evaluate(colours) == ["rgb(255, 204, 0)", "rgb(34, 17, 0)"]
    chat.open()
    panel = chat.page.locator("backstride-chat dialog")
    assert panel.evaluate(colours)[0] == "rgb(22, 34, 43)"
    assert chat.faults() == []


@pytest.mark.parametrize("attributes", ["open", "inline"])
def test_it_goes_on_when_the_page_moves_it(
    context: Any, line: Line, host_site: HostSite, attributes: str
) -> None:
    page = context.new_page()
    chat = Chat(page, host_site.page(f"/moved-{attributes}", embedded(line, attributes)))
    chat.reply("Heat or ice?").click()
    chat.wait_for("Try heat first")
    page.wait_for_function(LAST_IS_ANSWERED)
    line.hold_answers()
    chat.ask("do I need a scan?")
    before = chat.bubbles()
    page.evaluate(
        """() => {
            const element = document.querySelector("backstride-chat");
            element.remove();
            document.querySelector("main").append(element);
        }"""
    )
    line.mend()
    chat.wait_for("do not need a scan")
    page.wait_for_function(LAST_IS_ANSWERED)
    assert chat.bubbles()[: len(before)] == before
    assert chat.faults() == []


def test_it_fills_the_place_that_the_page_gives_it(
    context: Any, line: Line, host_site: HostSite
) -> None:
    html = embedded(line, "inline").replace("<backstride-chat", '<div id="place"><backstride-chat')
    head = "<style>#place { width: 500px; height: 450px; margin: 20px }</style></head>"
    chat = Chat(context.new_page(), host_site.page("/inline", html.replace("</head>", head)))
    chat.reply("Heat or ice?").wait_for()
    place = chat.page.locator("#place").bounding_box()
    assert chat.page.locator("backstride-chat .panel").bounding_box() == place
    assert chat.launcher.count() == 0
    chat.page.get_by_role("button", name="More").click()
    chat.page.keyboard.press("Escape")
    assert chat.page.get_by_role("button", name="Print").count() == 0
    chat.page.get_by_role("button", name="More").click()
    chat.page.get_by_role("button", name="Delete this chat").click()
    chat.page.keyboard.press("Escape")
    assert chat.page.get_by_role("button", name="Keep it").count() == 0
    assert chat.field.is_visible()
    assert chat.faults() == []


def test_the_script_may_lie_elsewhere_than_the_server(
    context: Any, line: Line, host_site: HostSite
) -> None:
    script = (BUILT / "backstride.js").read_text(encoding="utf-8")
    host_site.page("/copy/backstride.js", script, Content_Type="text/javascript")
    html = embedded(line, f'server="{line.url}"')
    html = html.replace(f"{line.url}/widget/backstride.js", "/copy/backstride.js")
    assert html.count(line.url) == 1
    chat = Chat(context.new_page(), host_site.page("/elsewhere", html)).open()
    chat.ask("how do I do a bird dog?")
    chat.reply("None of these").click()
    picture = chat.page.get_by_role("img", name=re.compile("hands and knees"))
    assert picture.get_attribute("src").startswith(line.url)


def test_a_script_that_runs_before_the_page_is_complete_adds_no_second_chat(
    context: Any, line: Line, host_site: HostSite
) -> None:
    html = embedded(line, 'title="Ask Ana"').replace('type="module"', 'async type="module"')
    html = html.replace("<main>", '<script src="/slow.js"></script><main>')
    page = context.new_page()
    held: list[Any] = []
    page.route("**/slow.js", lambda route: held.append(route))
    page.goto(host_site.page("/async", html), wait_until="commit")
    page.wait_for_function("customElements.get('backstride-chat') !== undefined")
    assert page.locator("backstride-chat").count() == 0
    held[0].fulfill(body="", content_type="text/javascript")
    page.get_by_role("button", name="Open the chat").wait_for()
    assert page.locator("backstride-chat").count() == 1


def test_the_page_of_our_own_talks_at_once(context: Any, web_server: Server) -> None:
    page = context.new_page()
    page.goto(f"http://localhost:{web_server.port}/")
    chat = Chat(page, f"http://localhost:{web_server.port}/")
    chat.reply("Heat or ice?").click()
    chat.wait_for("Try heat first")
    assert chat.faults() == []


def embedded(line: Line, attributes: str = "", head: str = "", html: str = 'lang="en"') -> str:
    """A page of another site with the chat in it."""
    element = f"<backstride-chat {attributes}></backstride-chat>" if attributes else ""
    return (
        f"<!doctype html><html {html}><head><title>A site</title>{head}"
        '<meta name="viewport" content="width=device-width">'
        f'<script type="module" src="{line.url}/widget/backstride.js"></script></head>'
        f"<body><main><h1>A site</h1></main>{element}</body></html>"
    )
