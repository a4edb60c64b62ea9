"""Every answer of the guide and every response goes through every channel within its limits."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from backstride import answers
from backstride.answers import Said
from backstride.channels import slack, telegram
from backstride.content import read_yaml
from backstride.declines import decline, load_declines
from backstride.guide import Guide
from backstride.paths import DATA
from backstride.render import Message
from backstride.wording import Wording
from tests.channels.slack_standin import check_message
from tests.channels.telegram_standin import BotApi

RESPONSES = {
    name: variant
    for file in sorted((DATA / "responses").glob("*.yml"))
    for name, variants in read_yaml(file)["responses"].items()
    for variant in variants
}
# What a person wrote is named back to them: the longest, and full of what could be markup.
SIGNS = ["numb", "<!channel> & *bold* _x_ `y` " * 40, "\U0001f622" * 1000, "x" * 1000]


def telegram_shows(response: dict[str, Any]) -> list[dict[str, Any]]:
    """What the person sees in Telegram, which refuses what is beyond its limits."""
    api = BotApi()
    for method, parameters in telegram.calls_for(response):
        assert method in ("sendMessage", "sendPhoto")
        handler = api._send_message if method == "sendMessage" else api._send_photo
        handler({"chat_id": 1, **parameters})
    return api.shown(1)


def slack_shows(response: dict[str, Any]) -> list[dict[str, Any]]:
    """What the person sees in Slack, which refuses what is beyond its limits."""
    messages = slack.messages_for(response)
    for message in messages:
        check_message({"channel": "D1", **message})
        check_message({"channel": "D1", **slack.plain_message_for(message)})
    return messages


def telegram_words(shown: list[dict[str, Any]]) -> str:
    return words("\n".join(message["text"] for message in shown))


def slack_words(shown: list[dict[str, Any]]) -> str:
    sections = (b for message in shown for b in message["blocks"] if b["type"] == "section")
    return words(slack.unescaped("\n".join(block["text"]["text"] for block in sections)))


def words(text: str) -> str:
    """Without the dots and breaks of lists, on which channels differ."""
    return " ".join(text.replace("\u2022 ", "- ").split())


def buttons_of(shown: list[dict[str, Any]]) -> list[str]:
    rows = shown[-1].get("reply_markup", {}).get("inline_keyboard", [])
    blocks = [b for b in shown[-1].get("blocks", []) if b["type"] == "actions"]
    return [button["text"] for row in rows for button in row] + [
        element["text"]["text"] for block in blocks for element in block["elements"]
    ]


def check(response: dict[str, Any]) -> None:
    """The response as it stands, whole, in both."""
    expected = words(response["text"])
    titles = [button["title"] for button in response.get("buttons") or []]
    in_telegram, in_slack = telegram_shows(response), slack_shows(response)
    assert telegram_words(in_telegram) == expected
    assert slack_words(in_slack) == expected
    assert buttons_of(in_telegram) == titles
    assert buttons_of(in_slack) == titles
    data = [
        button["callback_data"]
        for row in in_telegram[-1].get("reply_markup", {}).get("inline_keyboard", [])
        for button in row
    ]
    # Not the title in its place: the payload fits.
    assert data == [button["payload"] for button in response.get("buttons") or []]


def check_all(messages: Iterable[Message]) -> None:
    for message in messages:
        buttons = [{"title": b.title, "payload": b.payload} for b in message.buttons]
        check({"text": message.text, "buttons": buttons})


def said_in_full(guide: Guide, wording: Wording, first: answers.Answer) -> Iterator[Message]:
    """An answer, and everything that can be asked about it."""
    yield from first.messages
    said = first.said
    for part in wording.parts:
        yield from answers.answer_follow_up(guide, wording, said, part=part).messages
    for _ in range(len(wording.parts) + 1):
        more = answers.answer_follow_up(guide, wording, said, "tell me more")
        said = more.said
        yield from more.messages


def test_each_topic_with_all_that_can_be_asked(
    guide: Guide, wording: Wording, topic_id: str
) -> None:
    first = answers.answer_topic(guide, wording, topic_id, Said())
    check_all(said_in_full(guide, wording, first))


def test_each_exercise_with_all_that_can_be_asked(
    guide: Guide, wording: Wording, exercise_id: str
) -> None:
    first = answers.answer_exercise(guide, wording, exercise_id, Said())
    check_all(said_in_full(guide, wording, first))


def test_suggestions(guide: Guide, wording: Wording) -> None:
    ranking = [f"ask_{topic}" for topic in guide.topics]
    for start in range(0, len(ranking), 3):
        for misses in (0, 1):
            check_all(answers.suggest_topics(guide, wording, ranking[start:], misses))
    check_all(answers.suggest_topics(guide, wording, [], 0))
    check_all(answers.acknowledge_pain(guide, wording, ranking))
    check_all(answers.what_next(guide, wording))


def test_two_topics_in_one_answer(guide: Guide, wording: Wording) -> None:
    topics = list(guide.topics)
    for pair in itertools.pairwise(topics):
        answer = answers.answer_topics(guide, wording, pair, Said())
        check_all(answers.with_sympathy(wording, answer).messages)


def test_each_reply_to_what_the_guide_lacks(guide: Guide) -> None:
    declines = load_declines()
    for entry in declines.declined:
        for word in entry.words:
            check_all(decline(guide, f"{word} {' '.join(entry.with_)}"))
    check_all(decline(guide, "the weather"))
    check_all(decline(guide, "me duele la espalda cuando corro"))


@pytest.mark.parametrize("sign", SIGNS, ids=["short", "markup", "emoji", "one long word"])
@pytest.mark.parametrize("name", RESPONSES)
def test_each_response(name: str, sign: str) -> None:
    response = RESPONSES[name]
    check({**response, "text": response["text"].replace("{sign}", sign)})


@pytest.mark.parametrize(
    "name", ["no_text", "too_long", "technical_problem", "deleted", "not_deleted", "only_words"]
)
def test_each_text_of_the_guard(wording: Wording, name: str) -> None:
    check({"text": getattr(wording, name)})


# What the guide does not hold today, and a channel must not break on tomorrow.


def test_a_text_of_ten_thousand_characters_is_split() -> None:
    text = "A sentence of some words. " * 400
    assert telegram_words(telegram_shows({"text": text})) == words(text)
    assert slack_words(slack_shows({"text": text})) == words(text)
    assert len(telegram_shows({"text": text})) == 3


def test_buttons_hang_on_the_last_part_of_a_split_text() -> None:
    response = {"text": "Word. " * 1000, "buttons": [{"title": "Yes", "payload": "/affirm"}]}
    shown = telegram_shows(response)
    assert ["reply_markup" in message for message in shown] == [False, True]
    assert slack_shows(response)[-1]["blocks"][-1]["type"] == "actions"


def test_more_than_five_buttons_are_all_shown() -> None:
    buttons = [{"title": f"Choice {n}", "payload": f"/choice_{n}"} for n in range(12)]
    response = {"text": "Choose.", "buttons": buttons}
    assert len(buttons_of(telegram_shows(response))) == 12
    assert len(buttons_of(slack_shows(response))) == 12
    blocks = [block["type"] for block in slack_shows(response)[0]["blocks"]]
    assert blocks == ["section", "actions", "actions", "actions"]


def test_a_payload_too_long_for_telegram_is_sent_as_the_words_of_the_button() -> None:
    button = {"title": "N\u00e4her erkl\u00e4ren, bitte", "payload": "/x" + "y" * 63}
    (shown,) = telegram_shows({"text": "Choose.", "buttons": [button]})
    assert shown["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == button["title"]


def test_a_long_title_is_cut_and_a_missing_one_is_left_out() -> None:
    buttons = [
        {"title": "long " * 40, "payload": "/a"},
        {"title": " ", "payload": "/b"},
        {"payload": "/c"},
        "no button",
    ]
    response = {"text": "Choose.", "buttons": buttons}
    assert [len(title) for title in buttons_of(slack_shows(response))] == [75]
    assert [len(title) for title in buttons_of(telegram_shows(response))] == [64]


def test_a_picture_has_a_description_and_not_its_address() -> None:
    response = {"text": "Like this.", "image": "https://example.org/a.png", "alt": "A bird dog"}
    photo, text = telegram_shows(response)
    assert (photo["caption"], text["text"]) == ("A bird dog", "Like this.")
    image = slack_shows(response)[0]["blocks"][0]
    assert (image["image_url"], image["alt_text"]) == (response["image"], "A bird dog")


def test_a_long_description_of_a_picture_is_cut() -> None:
    response = {"image": "https://example.org/a.png", "alt": "\U0001f642 word " * 600}
    assert telegram_shows(response)[0]["caption"].endswith("\u2026")
    assert slack_shows(response)[0]["blocks"][0]["alt_text"].endswith("\u2026")


def test_a_picture_that_is_refused_is_told_in_words() -> None:
    (call,) = telegram.calls_for({"image": "https://example.org/a.png", "alt": "A bird dog"})
    plain = telegram.plain_call_for(call)
    assert plain is not None
    assert plain[1]["text"] == "A bird dog\nhttps://example.org/a.png"


def test_slack_takes_nothing_in_a_text_for_a_mention_or_a_link() -> None:
    (message,) = slack_shows({"text": "<!channel> & <https://evil.example|safe>"})
    told = "&lt;!channel&gt; &amp; &lt;https://evil.example|safe&gt;"
    assert message["text"] == message["blocks"][0]["text"]["text"] == told


def test_telegram_reads_no_markup_and_previews_no_link() -> None:
    ((_, parameters),) = telegram.calls_for({"text": "<b>*x*</b> findahelpline.com"})
    assert "parse_mode" not in parameters
    assert parameters["text"] == "<b>*x*</b> findahelpline.com"
    assert parameters["link_preview_options"] == {"is_disabled": True}


@pytest.mark.parametrize("response", [{}, {"text": ""}, {"text": None}, {"custom": {"a": 1}}])
def test_a_response_without_words_is_nothing_to_send(response: dict[str, Any]) -> None:
    assert telegram.calls_for(response) == []
    assert slack.messages_for(response) == []
