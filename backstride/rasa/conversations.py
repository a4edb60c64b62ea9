"""What can be done with a stored conversation: so far, forgetting it."""

from __future__ import annotations

from rasa.core.agent import Agent
from rasa.core.tracker_store import InMemoryTrackerStore

from backstride.rasa.tracker_store import ConversationStore


async def forget(agent: Agent, conversation_id: str) -> None:
    """Delete all that is stored of a conversation; nothing happens when there is none.

    Call it after the turn has ended: a turn stores the conversation when it ends.

    Raises:
        NotImplementedError: the tracker store is of a kind that cannot delete.
    """
    # Rasa wraps the store and keeps a second one in memory for when the first fails.
    wrapper = agent.tracker_store
    for store in (wrapper._tracker_store, wrapper._fallback_tracker_store):
        if isinstance(store, ConversationStore):
            store.delete(conversation_id)
        elif isinstance(store, InMemoryTrackerStore):
            store.store.pop(conversation_id, None)
        elif store is not None:
            raise NotImplementedError(f"{type(store).__name__} cannot delete a conversation.")
