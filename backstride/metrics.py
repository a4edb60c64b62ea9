"""What is counted for the operator: numbers only, never a text or a conversation's id."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

TURNS = Counter("backstride_turns", "Messages from people, by how the turn ended", ["outcome"])
TURN_SECONDS = Histogram(
    "backstride_turn_seconds",
    "Time from a message to the end of its turn",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)
RUNNING = Gauge("backstride_turns_running", "Turns in flight")
WAITING = Gauge("backstride_turns_waiting", "Turns in flight that nobody works on yet")
FALLBACKS = Counter("backstride_fallbacks", "Messages that were not understood")
URGENT = Counter("backstride_urgent_messages", "Messages with a danger sign", ["level"])
FAILED_ACTIONS = Counter("backstride_failed_actions", "Actions that failed")
REFUSED = Counter("backstride_refused_requests", "Requests that were refused", ["reason"])
STORE_ERRORS = Counter("backstride_store_errors", "Failures of the store", ["kind"])
LOCK_ERRORS = Counter("backstride_lock_errors", "Failures of the shared locks or limits", ["kind"])
DELETED = Counter("backstride_deleted_events", "Stored events deleted because of their age")
