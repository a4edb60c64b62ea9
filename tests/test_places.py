"""Under load turns wait in order, and their time limits count only the work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from backstride.rasa import guard
from backstride.rasa.places import Places
from backstride.wording import Wording

WORK_SECONDS = 0.05


class Server:
    """A handler that takes its time, and notes what it is at work on."""

    def __init__(self) -> None:
        self.running: list[str] = []
        self.most = 0
        self.began: list[str] = []

    async def handle(self, message: UserMessage) -> None:
        assert message.sender_id not in self.running, "two turns of one conversation at once"
        self.running.append(message.sender_id)
        self.began.append(message.text or "")
        self.most = max(self.most, len(self.running))
        await asyncio.sleep(WORK_SECONDS)
        self.running.remove(message.sender_id)
        await message.output_channel.send_response(message.sender_id, {"text": "heard"})


def answers(
    handler: Callable[[UserMessage], Awaitable[None]],
    said: Iterable[tuple[str, str]],
    places: Places,
    turn_seconds: float = 10 * WORK_SECONDS,
) -> list[str]:
    """The first words back for each (sender, text), all sent at once in this order."""

    async def one(sender: str, text: str) -> str:
        channel = CollectingOutputChannel()
        handle = guard.guarded(handler, turn_seconds, places=places)
        await handle(UserMessage(text, channel, sender))
        return str(channel.messages[0]["text"])

    async def all_at_once() -> list[str]:
        return await asyncio.gather(*(one(*message) for message in said))

    return asyncio.run(all_at_once())


def people(number: int) -> list[tuple[str, str]]:
    return [(f"person {n}", f"question {n}") for n in range(number)]


def test_many_at_once_are_answered_in_their_order_and_few_are_worked_on() -> None:
    server = Server()
    # All together take longer than one turn may.
    assert answers(server.handle, people(40), Places(at_once=2)) == ["heard"] * 40
    assert server.most == 2
    assert server.began == [text for _, text in people(40)]


def test_an_emergency_does_not_wait_behind_the_others() -> None:
    server = Server()
    said = [*people(10), ("urgent", "i cant pee"), ("denied", "i can pee, no numbness")]
    assert set(answers(server.handle, said, Places(at_once=2))) == {"heard"}
    assert server.began[2] == "i cant pee"
    assert server.began[-1] == "i can pee, no numbness"


def test_one_conversation_takes_no_places_from_the_others() -> None:
    server = Server()
    said = [("greedy", f"more {n}") for n in range(10)] + people(3)
    assert answers(server.handle, said, Places(at_once=2)) == ["heard"] * 13
    assert server.began[:2] == ["more 0", "question 0"]
    assert server.began[-1] == "more 9"
    assert [text for text in server.began if "more" in text] == [f"more {n}" for n in range(10)]


def test_whoever_waits_too_long_is_told_so(wording: Wording) -> None:
    places = Places(at_once=1, wait_seconds=WORK_SECONDS / 2)
    heard = answers(Server().handle, people(10), places)
    assert heard == ["heard"] + [wording.technical_problem] * 9
    # Nothing is left behind.
    assert not places.all_taken()
    assert not places._conversations


def test_whoever_would_wait_too_long_is_told_at_once_but_not_in_an_emergency(
    wording: Wording,
) -> None:
    places = Places(at_once=1, most_waiting=2)
    server = Server()
    heard = answers(server.handle, [*people(5), ("urgent", "i cant pee")], places)
    assert heard == ["heard"] * 3 + [wording.technical_problem] * 2 + ["heard"]


@pytest.mark.parametrize("number", [1, 5])
def test_a_turn_that_takes_too_long_frees_its_place(wording: Wording, number: int) -> None:
    async def endless(message: UserMessage) -> None:
        await asyncio.sleep(60)

    places = Places(at_once=1)
    heard = answers(endless, people(number), places, turn_seconds=0.02)
    assert heard == [wording.technical_problem] * number
    assert not places.all_taken()


def test_a_person_who_goes_away_while_waiting_frees_the_place() -> None:
    places = Places(at_once=1)

    async def go() -> None:
        async with places.one("first", urgent=False):
            second = asyncio.create_task(hold("second"))
            third = asyncio.create_task(hold("third"))
            await asyncio.sleep(0.01)
            second.cancel()
            await asyncio.sleep(0.01)
        await asyncio.wait_for(third, 1)
        assert second.cancelled()

    async def hold(conversation: str) -> None:
        async with places.one(conversation, urgent=False):
            pass

    asyncio.run(go())
    assert not places.all_taken()
    assert not places._conversations
