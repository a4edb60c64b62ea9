"""The widget in a real browser, talking to the real servers."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from backstride.web.files import PICTURES
from backstride.wording import load_wording
from tests.server.conftest import Server
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
    assert chat.faults() == []
    # Out of sight, a line above says it and leads back.
    chat.log.evaluate("log => log.scrollTop = 0")
    held = chat.page.get_by_role("group", name="Get help now")
    held.get_by_role("button", name="Show the message").click()
    held.wait_for(state="detached")
    in_view(chat, heading)
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


def test_a_message_typed_without_a_connection_is_sent_once_the_line_is_back(
    chat: Chat, line: Line
) -> None:
    line.cut()
    chat.page.get_by_text("No connection").wait_for()
    chat.ask("should I put ice or heat on it?")
    assert chat.faults() == []
    line.mend()
    chat.wait_for("Try heat first")
    chat.page.get_by_text("No connection").wait_for(state="detached")
    assert chat.page.get_by_role("button", name="Try again").count() == 0
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


def test_it_works_where_sockets_are_blocked(context: Any, line: Line) -> None:
    page = context.new_page()
    page.route("**/socket.io/**", lambda route: route.abort())
    page.route_web_socket(re.compile("socket.io"), lambda socket: socket.close())
    chat = Chat(page, f"{line.url}/widget/page/demo.html").open()
    chat.ask("should I put ice or heat on it?")
    chat.wait_for("Try heat first")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete this chat").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("The chat was deleted").wait_for()
    assert chat.stored() == {}


def test_a_message_that_a_restarted_server_never_answered_is_sent_again(
    context: Any, line: Line
) -> None:
    page = context.new_page()
    page.route("**/socket.io/**", lambda route: route.abort())
    page.route_web_socket(re.compile("socket.io"), lambda socket: socket.close())
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
    second.wait_for("scan")
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
    style = "element => { const s = getComputedStyle(element); return [s.fontSize, s.color] }"
    size, colour = chat.wait_for("Brace your tummy").evaluate(style)
    assert size == "16px"
    assert colour != "rgb(255, 0, 0)"
    assert [text for text in refused if "favicon" not in text] == []
    assert chat.faults() == []


def test_a_site_that_is_not_listed_is_told_so(context: Any, line: Line) -> None:
    page = context.new_page()
    page.goto(HostSite().page("/foreign", embedded(line)))
    page.get_by_role("button", name="Open the chat").click()
    page.get_by_text("This chat is not set up for this site yet").wait_for()


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


def test_the_keyboard_of_a_phone_does_not_hide_the_entry(context_with: Any, line: Line) -> None:
    context = context_with(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    chat = Chat(context.new_page(), f"{line.url}/widget/page/demo.html").open()
    # Headless browsers have no such keyboard, so the part that can be seen is made smaller here.
    chat.page.evaluate(
        """() => {
            Object.defineProperty(visualViewport, "height", { value: 420 });
            Object.defineProperty(visualViewport, "offsetTop", { value: 60 });
            visualViewport.dispatchEvent(new Event("resize"));
        }"""
    )
    box = chat.field.bounding_box()
    assert box["y"] >= 60
    assert box["y"] + box["height"] <= 480


def test_the_keyboard_opens_writes_and_closes(context: Any, line: Line) -> None:
    chat = Chat(context.new_page(), f"{line.url}/widget/page/demo.html")
    chat.launcher.focus()
    chat.page.keyboard.press("Enter")
    chat.reply("Heat or ice?").wait_for()
    assert chat.field.evaluate("field => field.matches(':focus')")
    chat.page.keyboard.type("one")
    chat.page.keyboard.press("Shift+Enter")
    chat.page.keyboard.type("two")
    assert chat.field.input_value() == "one\ntwo"
    chat.field.fill("")
    chat.page.get_by_role("button", name="More").click()
    chat.page.keyboard.press("Escape")
    assert chat.page.get_by_role("button", name="Print").count() == 0
    chat.page.keyboard.press("Escape")
    assert not chat.field.is_visible()
    assert chat.launcher.evaluate("button => button.matches(':focus')")
    assert chat.faults() == []


def test_a_message_that_is_too_long_is_counted_and_not_sent(chat: Chat) -> None:
    chat.field.fill("a" * 900)
    chat.page.get_by_text("900 of 1000 characters").wait_for()
    chat.field.fill("a" * 1023)
    chat.page.get_by_text("23 characters too long").wait_for()
    before = chat.bubbles()
    chat.field.press("Enter")
    assert chat.bubbles() == before
    assert chat.faults() == []


def test_what_comes_while_it_is_closed_is_counted_and_marked(chat: Chat, line: Line) -> None:
    line.hold_answers()
    chat.ask("should I put ice or heat on it?")
    chat.page.get_by_role("button", name="Close the chat").click()
    line.mend()
    named = chat.page.get_by_role("button", name=re.compile(r"Open the chat, \d+ new messages"))
    named.wait_for()
    assert chat.faults() == []
    named.click()
    chat.log.get_by_text("New messages").wait_for()
    chat.page.get_by_role("button", name="Close the chat").click()
    chat.page.get_by_role("button", name="Open the chat", exact=True).wait_for()


def test_reading_further_up_is_not_disturbed(chat: Chat, line: Line) -> None:
    for question in ("should I put ice or heat on it?", "do I need a scan?"):
        chat.ask(question)
        chat.wait_for({"s": "Try heat first", "d": "can"}[question[0]])
        chat.page.wait_for_timeout(600)
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
    page = context.new_page()
    page.route("**/socket.io/**", lambda route: route.abort())
    page.route_web_socket(re.compile("socket.io"), lambda socket: socket.close())
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
    messages = [
        {**message, "log": "l", "seq": number, "time": 1_790_000_000}
        for number, message in enumerate(said, start=1)
    ]

    def answer(route: Any) -> None:
        taken = {"id": route.request.post_data_json.get("message_id"), "silent": True}
        greeting = {**messages[0], **taken, "seq": 0}
        body = {"session_id": "s", "log": "l", "messages": [greeting, *messages], "waiting": []}
        route.fulfill(json=body)

    page.route("**/widget/chat", answer)
    chat = Chat(page, f"{line.url}/widget/page/demo.html")
    chat.launcher.click()
    chat.wait_for("Look")
    texts = chat.page.locator("backstride-chat .bubble").evaluate_all(
        "bubbles => bubbles.map((bubble) => bubble.textContent.trim())"
    )
    for text in INJECTIONS:
        assert texts.count(text) == 2
    assert chat.reply(INJECTIONS[3]).is_visible()
    assert_unbroken(chat)


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
