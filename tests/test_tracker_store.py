"""The store of conversations: nothing lost, bounded, deletable, and loud when it fails."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from backstride.conversations import main
from backstride.paths import ROOT
from backstride.rasa.tracker_store import (
    FOLDED_AT,
    KEPT_TURNS,
    URL_VARIABLE,
    WAIT_VARIABLE,
    ConversationStore,
    StoreUnreachable,
    watched_store,
)
from backstride.rasa.turns import count, earlier_state, turns_of
from backstride.triage import next_steps, replay
from benchmarks.evaluate import InputError, read
from tests.services import postgresql

DOMAIN = Domain.load(str(ROOT / "domain.yml"))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "conversations.db"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgresql() as (_, url):
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(database: Path, request: pytest.FixtureRequest) -> Iterator[ConversationStore]:
    """On both databases."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{database}" if sqlite else request.getfixturevalue("postgres")
    made = ConversationStore(DOMAIN, host=url)
    yield made
    made.Base.metadata.drop_all(made.engine)
    made.engine.dispose()


@pytest.fixture
def sqlite_store(database: Path) -> Iterator[ConversationStore]:
    made = ConversationStore(DOMAIN, host=f"sqlite:///{database}")
    yield made
    made.engine.dispose()


def user(text: str, intent: str = "ask_causes", **entities: str) -> UserUttered:
    found = [{"entity": name, "value": value} for name, value in entities.items()]
    return UserUttered(text, intent={"name": intent, "confidence": 1.0}, entities=found)


def say(store: ConversationStore, sender: str, *events: Event) -> DialogueStateTracker:
    """One turn, as Rasa handles it: load, change, save, and load anew."""
    tracker = asyncio.run(store.get_or_create_tracker(sender))
    for event in events:
        tracker.update(event, DOMAIN)
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME), DOMAIN)
    asyncio.run(store.save(tracker))
    return loaded(store, sender)


def loaded(store: ConversationStore, sender: str) -> DialogueStateTracker:
    tracker = asyncio.run(store.retrieve(sender))
    assert tracker is not None
    return tracker


def texts(events: list[dict[str, Any]]) -> list[str]:
    return [event["text"] for event in events if event["event"] == "user"]


def test_what_was_said_is_loaded_again(store: ConversationStore) -> None:
    say(store, "a", user("hello"), ActionExecuted("utter_greet"), BotUttered("Hi"))
    tracker = say(store, "a", user("heat or ice"), SlotSet("topic", "heat_or_ice"))
    assert texts([event.as_dict() for event in tracker.events]) == ["hello", "heat or ice"]
    assert tracker.get_slot("topic") == "heat_or_ice"
    assert asyncio.run(store.retrieve("b")) is None


def test_no_event_is_stored_twice_or_lost(store: ConversationStore) -> None:
    said = [f"message {i}" for i in range(3 * FOLDED_AT)]
    for text in said:
        say(store, "a", user(text))
        asyncio.run(store.save(loaded(store, "a")))  # a save with nothing new
    assert texts(store.exported("a")) == said
    full = asyncio.run(store.retrieve_full_tracker("a"))
    assert texts([event.as_dict() for event in full.events]) == said


def test_a_long_conversation_is_loaded_in_part(store: ConversationStore) -> None:
    sizes = [len(say(store, "a", user(f"message {i}")).events) for i in range(10 * FOLDED_AT)]
    assert max(sizes[5 * FOLDED_AT :]) <= max(sizes[: 2 * FOLDED_AT]) + 1
    newest = texts([event.as_dict() for event in loaded(store, "a").events])
    assert newest[-KEPT_TURNS:] == [
        f"message {i}" for i in range(10 * FOLDED_AT - KEPT_TURNS, 10 * FOLDED_AT)
    ]


def test_slots_and_the_hold_of_an_emergency_outlive_the_fold(store: ConversationStore) -> None:
    emergency = user("numb", "report_red_flag", red_flag="RF-01", urgency="emergency")
    say(store, "a", user("a", "ask_mobility"), SlotSet("topic", "mobility"))
    say(store, "a", emergency, ActionExecuted("utter_emergency"))
    for i in range(3 * FOLDED_AT):
        say(store, "a", user(f"message {i}"), ActionExecuted("utter_emergency_repeat"))
    tracker = say(store, "a", user("just a stretch", "ask_mobility"))
    events = list(tracker.applied_events())
    assert tracker.get_slot("topic") == "mobility"
    turns = list(turns_of(events))
    assert len(turns) <= FOLDED_AT
    # The turns that are loaded would not hold it by themselves.
    earlier = earlier_state(events)
    assert earlier.held == "emergency"
    assert next_steps(turns, {"ask_mobility"}, earlier) == ("utter_emergency_repeat",)


def test_a_folded_conversation_is_in_the_state_of_the_whole(store: ConversationStore) -> None:
    steps = [
        (user("a", "ask_mobility"), "utter_check_red_flags"),
        (user("none", "deny"), "utter_check_clear"),
        (user("I am 14 and my back hurts", "describe_pain", red_flag="RF-27"), "utter_child"),
        (user("b", "ask_causes"), "action_answer_topic"),
    ]
    for i in range(3 * FOLDED_AT):
        message, action = steps[i % len(steps)]
        say(store, "a", message, ActionExecuted(action))
        events = list(loaded(store, "a").applied_events())
        full = asyncio.run(store.retrieve_full_tracker("a"))
        whole = replay(turns_of(full.applied_events()))
        assert replay(turns_of(events), earlier_state(events)) == whole


def test_a_new_session_forgets_what_came_before(store: ConversationStore) -> None:
    for i in range(2 * FOLDED_AT):
        say(store, "a", user(f"old {i}"), SlotSet("topic", "causes"))
    tracker = loaded(store, "a")
    tracker.update(ActionExecuted("action_session_start"), DOMAIN)
    tracker.update(SessionStarted(), DOMAIN)
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME), DOMAIN)
    asyncio.run(store.save(tracker))
    tracker = say(store, "a", user("new"))
    assert texts([event.as_dict() for event in tracker.events]) == ["new"]
    assert tracker.get_slot("topic") is None
    assert len(texts(store.exported("a"))) == 2 * FOLDED_AT + 1


def test_a_deleted_conversation_is_gone_and_others_stay(store: ConversationStore) -> None:
    for sender, text in (("a", "zanzibar"), ("b", "kilimanjaro")):
        for _ in range(2 * FOLDED_AT):
            say(store, sender, user(text), SlotSet("topic", text))
    assert "zanzibar" in dump(store)
    assert store.delete("a") > 0
    assert store.delete("a") == 0
    assert store.exported("a") == []
    assert "zanzibar" not in dump(store)
    assert len(texts(store.exported("b"))) == 2 * FOLDED_AT


def dump(store: ConversationStore) -> str:
    """Every row of every table."""
    with store.engine.connect() as connection:
        tables = store.Base.metadata.sorted_tables
        return str([tuple(row) for table in tables for row in connection.execute(table.select())])


def test_stored_conversations_are_listed_without_a_word_of_them(store: ConversationStore) -> None:
    say(store, "a", user("zanzibar"))
    say(store, "b", user("one"))
    say(store, "b", user("two"))
    assert [(one.sender_id, one.messages) for one in store.listed()] == [("b", 2), ("a", 1)]
    assert all(abs(time.time() - one.last) < 60 for one in store.listed())
    assert "zanzibar" not in str(store.listed())


def test_a_deleted_conversation_leaves_no_trace_in_the_files(
    sqlite_store: ConversationStore, database: Path
) -> None:
    store = sqlite_store
    for i in range(2 * FOLDED_AT):
        say(store, "a", user(f"zanzibar {i}"), SlotSet("topic", "causes"))
        say(store, "b", user(f"kilimanjaro {i}"))
    assert store.delete("a") > 0
    assert store.delete("a") == 0
    assert store.exported("a") == []
    assert asyncio.run(store.retrieve("a")) is None
    assert len(texts(store.exported("b"))) == 2 * FOLDED_AT
    files = b"".join(path.read_bytes() for path in database.parent.iterdir())
    assert b"kilimanjaro" in files
    assert b"zanzibar" not in files


def test_only_what_is_too_old_is_deleted(store: ConversationStore) -> None:
    for _ in range(2 * FOLDED_AT):
        say(store, "old", user("zanzibar"), SlotSet("topic", "zanzibar"))
    say(store, "new", user("kilimanjaro"))
    with store.session_scope() as session:
        for table in (store.SQLEvent, store.Digest):
            session.query(table).filter_by(sender_id="old").update(
                {"timestamp": time.time() - 31 * 86_400}
            )
        session.commit()
    assert "zanzibar" in dump(store)
    assert store.delete_older_than(days=30) > 0
    assert store.exported("old") == []
    assert texts(store.exported("new")) == ["kilimanjaro"]
    assert store.delete_older_than(days=30) == 0
    assert "zanzibar" not in dump(store)


def test_a_failure_of_the_database_is_noted(store: ConversationStore) -> None:
    say(store, "a", user("hello"))
    tracker = loaded(store, "a")
    store.engine.dispose()
    with store.session_scope() as session:
        session.execute(sa.text("DROP TABLE events"))
        session.commit()
    gone = r"no such table|does not exist"
    with watched_store() as failures:
        with pytest.raises(Exception, match=gone):
            asyncio.run(store.retrieve("a"))
        with pytest.raises(Exception, match=gone) as raised:
            tracker.update(user("zanzibar"), DOMAIN)
            asyncio.run(store.save(tracker))
        with pytest.raises(Exception, match=gone):
            store.check()
    assert failures == [raised.type.__name__] * 2
    assert "zanzibar" not in str(raised.value)


def test_a_database_that_does_not_answer_is_waited_for_and_then_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(WAIT_VARIABLE, "0.2")
    monkeypatch.setenv(URL_VARIABLE, "postgresql://someone:secret@127.0.0.1:1/none")
    with pytest.raises(
        StoreUnreachable, match=r"did not answer within .* BACKSTRIDE_DATABASE_URL"
    ) as raised:
        ConversationStore(DOMAIN)
    assert "secret" not in str(raised.value)


def test_a_faulty_address_is_named_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL_VARIABLE, "someone:secret@host")
    with pytest.raises(StoreUnreachable, match=f"{URL_VARIABLE} is not the address") as raised:
        ConversationStore(DOMAIN)
    assert "secret" not in str(raised.value)


def test_what_happened_is_counted_by_kind() -> None:
    def counted() -> list[float]:
        samples = [
            ("backstride_urgent_messages_total", {"level": "crisis"}),
            ("backstride_fallbacks_total", {}),
            ("backstride_failed_actions_total", {}),
        ]
        return [REGISTRY.get_sample_value(*sample) or 0 for sample in samples]

    before = counted()
    count(
        [
            user("a", urgency="crisis"),
            user("b", urgency="routine"),
            user("c"),
            ActionExecuted("action_suggest_topics"),
            ActionExecuted("utter_technical_problem"),
            ActionExecuted(ACTION_LISTEN_NAME),
        ]
    )
    assert [a - b for a, b in zip(counted(), before, strict=True)] == [1, 1, 1]


def test_a_conversation_is_listed_exported_and_deleted_by_command(
    sqlite_store: ConversationStore,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(URL_VARIABLE, f"sqlite:///{database}")
    say(sqlite_store, "a", user("zanzibar"), BotUttered("kilimanjaro"))
    assert main(["list"]) == 0
    assert re.fullmatch(r"a\t1 messages\t\d{4}-\d\d-\d\d\n", capsys.readouterr().out)
    assert main(["export", "a"]) == 0
    exported = json.loads(capsys.readouterr().out)
    assert texts(exported["events"]) == ["zanzibar"]
    assert "kilimanjaro" in str(exported)
    assert main(["delete", "a"]) == 0
    assert main(["export", "a"]) == 1
    told = capsys.readouterr()
    assert "zanzibar" not in told.out
    assert "Nothing is stored of 'a'" in told.err


AT_A_LOSS = ActionExecuted("action_suggest_topics")


def test_nothing_is_collected_unless_it_is_switched_on(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BACKSTRIDE_COLLECT_DAYS", raising=False)
    say(store, "a", user("zanzibar", "nlu_fallback"), AT_A_LOSS)
    assert store.collected() == []


@pytest.mark.parametrize("action", ["action_suggest_topics", "action_decline"])
def test_what_was_not_understood_is_collected_redacted_and_without_its_conversation(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setenv("BACKSTRIDE_COLLECT_DAYS", "14")
    said = "zanzibar, write to me@example.org or 0151 2345678"
    say(store, "sender-7", user("heat or ice"), ActionExecuted("action_answer_topic"))
    say(store, "sender-7", user(said, "nlu_fallback"), ActionExecuted(action))
    assert store.collected() == ["zanzibar, write to [mail] or [number]"]
    with store.engine.connect() as connection:
        (row,) = connection.execute(sa.select(store.Collected.__table__)).mappings()
    assert "sender-7" not in str(dict(row))
    assert row["day"] % 86_400 == 0


@pytest.mark.parametrize(
    "events",
    [
        [user("zanzibar", "ask_causes"), ActionExecuted("action_answer_topic")],
        [user("/zanzibar", "nlu_fallback"), AT_A_LOSS],
        [user("zanzibar " * 50, "nlu_fallback"), AT_A_LOSS],
        [user("zanzibar", "nlu_fallback", red_flag="RF-01", urgency="emergency"), AT_A_LOSS],
        [user("zanzibar", "nlu_fallback", suspected_red_flag="RF-32"), AT_A_LOSS],
        [user("zanzibar", "nlu_fallback", denied_red_flag="RF-01"), AT_A_LOSS],
        [user("zanzibar", "report_red_flag"), AT_A_LOSS],
        [user("zanzibar", "nlu_fallback", reply="misunderstanding"), AT_A_LOSS],
    ],
)
def test_what_was_understood_and_what_tells_of_danger_is_not_collected(
    sqlite_store: ConversationStore, monkeypatch: pytest.MonkeyPatch, events: list[Event]
) -> None:
    monkeypatch.setenv("BACKSTRIDE_COLLECT_DAYS", "14")
    say(sqlite_store, "a", *events)
    assert sqlite_store.collected() == []


def test_after_a_danger_sign_nothing_is_collected(
    sqlite_store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKSTRIDE_COLLECT_DAYS", "14")
    urgent = user("numb", "report_red_flag", red_flag="RF-01", urgency="emergency")
    say(sqlite_store, "a", urgent, ActionExecuted("utter_emergency"))
    for _ in range(2 * FOLDED_AT):  # the first turn is folded away meanwhile
        say(sqlite_store, "a", user("zanzibar", "nlu_fallback"), AT_A_LOSS)
    assert sqlite_store.collected() == []


def test_a_message_is_collected_once_when_its_turn_is_saved_twice(
    sqlite_store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKSTRIDE_COLLECT_DAYS", "14")
    tracker = asyncio.run(sqlite_store.get_or_create_tracker("a"))
    for event in (user("zanzibar", "nlu_fallback"), AT_A_LOSS):
        tracker.update(event, DOMAIN)
        asyncio.run(sqlite_store.save(tracker))
    asyncio.run(sqlite_store.save(tracker))
    assert sqlite_store.collected() == ["zanzibar"]


def test_what_was_collected_goes_by_age_and_not_with_its_conversation(
    store: ConversationStore, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKSTRIDE_COLLECT_DAYS", "14")
    say(store, "a", user("zanzibar", "nlu_fallback"), AT_A_LOSS)
    store.delete("a")
    assert store.delete_collected(2) == 0
    assert store.collected() == ["zanzibar"]
    monkeypatch.setattr(time, "time", lambda real=time.time: real() + 3 * 86_400)
    assert store.delete_collected(2) == 1
    assert store.collected() == []
    if store.engine.dialect.name == "sqlite":
        files = database.parent.glob(f"{database.name}*")
        assert b"zanzibar" not in b"".join(path.read_bytes() for path in files)


def test_switched_off_what_is_left_is_deleted_at_once(
    sqlite_store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKSTRIDE_COLLECT_DAYS", "14")
    say(sqlite_store, "a", user("zanzibar", "nlu_fallback"), AT_A_LOSS)
    assert sqlite_store.delete_collected(0) == 1


def test_what_was_collected_is_printed_for_labelling(
    sqlite_store: ConversationStore,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv(URL_VARIABLE, f"sqlite:///{database}")
    monkeypatch.setenv("BACKSTRIDE_COLLECT_DAYS", "14")
    say(sqlite_store, "a", user("zanzibar?", "nlu_fallback"), AT_A_LOSS)
    say(sqlite_store, "b", user("kilimanjaro", "out_of_scope"), ActionExecuted("action_decline"))
    assert main(["not-understood"]) == 0
    printed = capsys.readouterr().out
    file = tmp_path / "collected.jsonl"
    file.write_text(printed)
    with pytest.raises(InputError, match="Fill in 'kind' and 'label'"):
        read(file)
    file.write_text(printed.replace('"kind": ""', '"kind": "oos"', 1))
    assert [row["text"] for row in read(file)] == ["kilimanjaro"]


def test_replicas_that_start_together_create_the_tables_once(postgres: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: ConversationStore(DOMAIN, host=postgres), range(8)))
    stores[0].check()
    stores[0].Base.metadata.drop_all(stores[0].engine)
    for store in stores:
        store.engine.dispose()
