"""The conversations on disk: Rasa's SQL store, bounded, deletable, and loud when it fails.

Rasa loads and replays the whole conversation at each message, so each turn of a long one is slower
than the last. Here only its newest turns are loaded. What came before is folded into one row of the
table `digests`: the slots and the safety state at that point. The events themselves stay in the
table `events` until they are deleted, so an export shows all of them.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import QueuePool

import backstride.rasa.overrides  # noqa: F401 makes it quick to find the class of an event
from backstride.collecting import AT_A_LOSS, collected_text
from backstride.metrics import STORE_ERRORS
from backstride.paths import STORE
from backstride.rasa.turns import EARLIER, count, earlier_state, turns_of
from backstride.server_settings import load_settings
from backstride.settings import setting
from backstride.triage import replay

logger = logging.getLogger(__name__)

URL_VARIABLE = "BACKSTRIDE_DATABASE_URL"
WAIT_VARIABLE = "BACKSTRIDE_DATABASE_WAIT"
WAIT_SECONDS = 30.0
KEPT_TURNS = 4  # are loaded at least
FOLDED_AT = 8  # turns: more than these are folded down to the kept ones
_SECONDS_A_DAY = 86_400
_CREATING = 5_005  # any number that all replicas use
_ANSWER_SECONDS = 3  # a turn waits no longer than this for PostgreSQL

_failures: ContextVar[list[str] | None] = ContextVar("store_failures", default=None)


@dataclass(frozen=True)
class Listed:
    """A stored conversation, without a word of it."""

    sender_id: str
    messages: int
    first: float
    last: float


class StoreUnreachable(ConnectionError):
    """The database did not answer in time. The message says what to check."""


@contextmanager
def watched_store() -> Iterator[list[str]]:
    """What went wrong in the store within this block: Rasa itself goes on without a memory.

    Yields:
        A list that fills with the kinds of errors.
    """
    failures: list[str] = []
    token = _failures.set(failures)
    try:
        yield failures
    finally:
        _failures.reset(token)


class ConversationStore(SQLTrackerStore):
    """SQLite in the folder `store`, or the database that `BACKSTRIDE_DATABASE_URL` names."""

    class Digest(SQLTrackerStore.Base):
        """What a conversation amounts to up to one event."""

        __tablename__ = "digests"

        sender_id = sa.Column(sa.String(255), primary_key=True)
        event_id = sa.Column(sa.Integer, nullable=False)
        timestamp = sa.Column(sa.Float, nullable=False)
        data = sa.Column(sa.Text, nullable=False)

    class Collected(SQLTrackerStore.Base):
        """A message that was not understood, without whose it is."""

        __tablename__ = "not_understood"

        id = sa.Column(sa.Integer, primary_key=True)
        day = sa.Column(sa.Float, nullable=False)  # when it began: the time would tell whose it is
        text = sa.Column(sa.Text, nullable=False)

    # Deletion by age must not read the whole table.
    _by_age = sa.Index("events_timestamp", SQLTrackerStore.SQLEvent.timestamp)

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        host: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Connect, and create the tables if they are missing.

        Args:
            domain: the assistant's domain; Rasa sets it again later.
            event_broker: where events are published too, if anywhere.
            host: the database's address, in place of the setting.
            **kwargs: what else stands in `endpoints.yml`; nothing of it is used.

        Raises:
            StoreUnreachable: the database did not answer in time.
        """
        self.engine = _engine(host or database_url())
        _wait_for(self.engine)
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                # Replicas that start together would all create the tables.
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CREATING)))
            self.Base.metadata.create_all(connection)
        self.sessionmaker = sessionmaker(bind=self.engine, expire_on_commit=False)
        TrackerStore.__init__(self, domain, event_broker)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The newest turns of the latest session, with what came before folded into slots."""
        with _noted():
            return self._newest(sender_id)

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """Everything that is stored of a conversation, over all sessions."""
        with _noted():
            tracker: DialogueStateTracker | None = await super().retrieve_full_tracker(
                conversation_id
            )
        if tracker is not None:
            tracker.stored_events = len(tracker.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the events that came since the conversation was loaded or last saved."""
        events = list(tracker.events)
        new = events[getattr(tracker, "stored_events", 0) :]
        count(new)
        with _noted():
            await self.stream_events(tracker)
            if new:
                rows = [_row(tracker.sender_id, event) for event in new]
                collected = _collected(events, new)
                with self.engine.begin() as connection:
                    connection.execute(_NEW_EVENTS, rows)
                    if collected is not None:
                        today = time.time() // _SECONDS_A_DAY * _SECONDS_A_DAY
                        values = {"day": today, "text": collected}
                        connection.execute(sa.insert(self.Collected), values)
            tracker.stored_events = len(events)

    def delete(self, sender_id: str) -> int:
        """Delete a conversation; the number of events that were deleted."""
        with self.session_scope() as session:
            session.query(self.Digest).filter_by(sender_id=sender_id).delete()
            deleted = session.query(self.SQLEvent).filter_by(sender_id=sender_id).delete()
            session.commit()
        self._leave_no_trace()
        return int(deleted)

    def delete_older_than(self, days: float) -> int:
        """Delete what was said more than this many days ago; the number of events deleted."""
        limit = time.time() - days * _SECONDS_A_DAY
        with self.session_scope() as session:
            old = self.SQLEvent.timestamp < limit
            deleted = session.query(self.SQLEvent).filter(old).delete(synchronize_session=False)
            old_digest = self.Digest.timestamp < limit
            session.query(self.Digest).filter(old_digest).delete(synchronize_session=False)
            session.commit()
        if deleted:
            self._leave_no_trace()
        return int(deleted)

    def delete_collected(self, days: float) -> int:
        """Delete what was collected more than this many days ago; the number of messages."""
        limit = time.time() - days * _SECONDS_A_DAY
        with self.session_scope() as session:
            old = session.query(self.Collected).filter(self.Collected.day < limit)
            deleted = old.delete(synchronize_session=False)
            session.commit()
        if deleted:
            self._leave_no_trace()
        return int(deleted)

    def collected(self) -> list[str]:
        """The messages that were collected, in no order that tells whose they are."""
        with self.session_scope() as session:
            return sorted(text for (text,) in session.query(self.Collected.text))

    def exported(self, sender_id: str) -> list[dict[str, Any]]:
        """All stored events of a conversation in their order."""
        with self.session_scope() as session:
            rows = session.query(self.SQLEvent.data).filter_by(sender_id=sender_id)
            return [json.loads(data) for (data,) in rows.order_by(self.SQLEvent.id)]

    def listed(self) -> list[Listed]:
        """All stored conversations, the one that was last used first."""
        event, last = self.SQLEvent, sa.func.max(self.SQLEvent.timestamp)
        messages = sa.func.sum(sa.case((event.type_name == UserUttered.type_name, 1), else_=0))
        with self.session_scope() as session:
            rows = session.query(event.sender_id, messages, sa.func.min(event.timestamp), last)
            found = rows.group_by(event.sender_id).order_by(last.desc())
            return [Listed(sender, int(said), first, to) for sender, said, first, to in found]

    def check(self) -> None:
        """Ask the database for a sign of life, and for our tables.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: there is none.
        """
        with self.engine.connect() as connection:
            for table in self.Base.metadata.sorted_tables:
                connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1))

    def _newest(self, sender_id: str) -> DialogueStateTracker | None:
        with self.engine.connect() as connection:
            digest = connection.execute(_DIGEST, {"sender_id": sender_id}).first()
            after = {"sender_id": sender_id, "after": digest.event_id if digest else 0}
            rows = connection.execute(_EVENTS_AFTER, after).all()
        if not rows:
            return None
        starts = [i for i, row in enumerate(rows) if row.type_name == SessionStarted.type_name]
        if starts:
            # What was said before the session began no longer counts.
            rows, digest = rows[starts[-1] :], None
        before: dict[str, Any] = json.loads(digest.data) if digest else {}
        cut = _cut(rows)
        if cut:
            before = _folded(before, rows[:cut])
            last = rows[cut - 1]
            with self.session_scope() as session:
                session.merge(
                    self.Digest(
                        sender_id=sender_id,
                        event_id=last.id,
                        timestamp=last.timestamp,
                        data=json.dumps(before),
                    )
                )
                session.commit()
            rows = rows[cut:]
        slots = [SlotSet(name, value) for name, value in before.items()]
        tracker = DialogueStateTracker.from_events(
            sender_id, [*slots, *_events_of(rows)], self.domain.slots
        )
        tracker.stored_events = len(tracker.events)
        return tracker

    def _leave_no_trace(self) -> None:
        """Empty SQLite's journal: deleted text stands in it until it is written over."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))


# Made once, and of tables instead of classes: SQLAlchemy takes longer to make them than the
# database takes to answer.
_TABLE, _DIGESTS = SQLTrackerStore.SQLEvent.__table__, ConversationStore.Digest.__table__
_NEW_EVENTS = sa.insert(_TABLE)
_EVENTS_AFTER = (
    sa.select(*(_TABLE.c[name] for name in ("id", "type_name", "action_name", "timestamp", "data")))
    .where(_TABLE.c.sender_id == sa.bindparam("sender_id"))
    .where(_TABLE.c.id > sa.bindparam("after"))
    .order_by(_TABLE.c.id)
)
_DIGEST = sa.select(_DIGESTS.c.event_id, _DIGESTS.c.data).where(
    _DIGESTS.c.sender_id == sa.bindparam("sender_id")
)


def _collected(events: Sequence[Event], new: Sequence[Event]) -> str | None:
    """What is collected of a conversation once these new events have come."""
    done = {event.action_name for event in new if isinstance(event, ActionExecuted)}
    if not done & AT_A_LOSS or not load_settings().collect_days:
        return None
    said = next(event for event in reversed(events) if isinstance(event, UserUttered))
    return collected_text(said.text or "", list(turns_of(events)), earlier_state(events))


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def database_url() -> str:
    """Where conversations are kept, as SQLAlchemy names it."""
    url = setting(URL_VARIABLE)
    if not url:
        STORE.mkdir(mode=0o700, exist_ok=True)
        return f"sqlite:///{STORE / 'conversations.db'}"
    return url.replace("postgres://", "postgresql://", 1)


def _engine(url: str) -> sa.engine.Engine:
    try:
        # For SQLite too connections are kept: opening and closing one took longer than a query.
        engine = sa.create_engine(
            url,
            poolclass=QueuePool,
            # A connection that a server has closed is replaced; to a file there is no server.
            pool_pre_ping=not url.startswith("sqlite"),
            hide_parameters=True,  # an error would quote what a person wrote
            connect_args=_connect_arguments(url),
        )
    except (sa.exc.ArgumentError, ValueError, ImportError):
        raise StoreUnreachable(
            f"{URL_VARIABLE} is not the address of a database. Write it as"
            " postgresql://user:password@host:5432/name, or leave it out."
        ) from None
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _connect_arguments(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"check_same_thread": False}  # the pool hands a connection to one thread at a time
    if not url.startswith("postgresql"):
        return {}
    # It may not keep everybody waiting: Rasa asks it within its one event loop.
    return {
        "connect_timeout": _ANSWER_SECONDS,
        "options": f"-c statement_timeout={_ANSWER_SECONDS}s -c lock_timeout={_ANSWER_SECONDS}s",
    }


def wait_for_database() -> None:
    """Wait until the database answers, for a bounded time.

    Raises:
        StoreUnreachable: naming what to check.
    """
    engine = _engine(database_url())
    try:
        _wait_for(engine)
    finally:
        engine.dispose()


def _set_up_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",  # readers and the writer do not block each other
        "synchronous=NORMAL",
        "busy_timeout=5000",
        "secure_delete=ON",  # what is deleted is written over
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _wait_for(engine: sa.engine.Engine) -> None:
    wait = float(os.environ.get(WAIT_VARIABLE) or WAIT_SECONDS)
    deadline = time.monotonic() + wait
    while True:
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            left = deadline - time.monotonic()
            if left <= 0:
                raise StoreUnreachable(
                    f"The database {engine.url!r} did not answer within {wait:.0f} s. Start it, or"
                    f" correct {URL_VARIABLE}."
                ) from None
            logger.warning("Waiting for the database %r (%.0f s left)", engine.url, left)
            time.sleep(min(2.0, max(left, 0.1)))
        else:
            return


@contextmanager
def _noted() -> Iterator[None]:
    """Note a failure for `watched_store`, and let Rasa handle the error."""
    try:
        yield
    except Exception as error:
        STORE_ERRORS.labels(type(error).__name__).inc()
        noted = _failures.get()
        if noted is not None:
            noted.append(type(error).__name__)
        raise


def _folded(before: dict[str, Any], rows: Sequence[Any]) -> dict[str, Any]:
    """The slots after these events, the safety state among them."""
    events = _events_of(rows)
    slots = {event.key: event.value for event in events if isinstance(event, SlotSet)}
    earlier = earlier_state([SlotSet(EARLIER, before.get(EARLIER))])
    return {**before, **slots, EARLIER: asdict(replay(turns_of(events), earlier))}


def _events_of(rows: Iterable[Any]) -> list[Event]:
    """The events of these rows."""
    events = []
    for row in rows:
        parameters = json.loads(row.data)
        kind = Event.resolve_by_type(row.type_name)
        if kind is not None and (event := kind._from_parameters(parameters)) is not None:
            events.append(event)
    return events


def _cut(rows: Sequence[Any]) -> int:
    """How many of these events are folded: all before the kept turns, or none."""
    turns = [i for i, row in enumerate(rows) if row.type_name == UserUttered.type_name]
    if len(turns) <= FOLDED_AT:
        return 0
    first = turns[-KEPT_TURNS]
    # Rasa wants a turn to begin with the action that waited for it.
    listens = (
        i
        for i in range(first - 1, 0, -1)
        if rows[i].type_name == ActionExecuted.type_name
        and rows[i].action_name == ACTION_LISTEN_NAME
    )
    return next(listens, 0)
