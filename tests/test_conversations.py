import asyncio

from rasa.core.agent import Agent
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from backstride.rasa.conversations import forget


def test_a_forgotten_conversation_is_gone_and_others_stay() -> None:
    agent = Agent(domain=Domain.empty())
    store = agent.tracker_store
    for sender in ("a", "b"):
        tracker = DialogueStateTracker.from_events(sender, [UserUttered("hello")])
        asyncio.run(store.save(tracker))
    asyncio.run(forget(agent, "a"))
    asyncio.run(forget(agent, "never seen"))
    assert asyncio.run(store.retrieve("a")) is None
    assert asyncio.run(store.retrieve("b")) is not None
