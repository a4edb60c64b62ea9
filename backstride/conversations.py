"""Conversations for the operator: list them, export or delete one, see what was not understood.

`python -m backstride.conversations list`, `... export ID`, `... delete ID`, `... not-understood`.
It reads the same setting as the server, BACKSTRIDE_DATABASE_URL. `make evaluate FILE=` reads what
`not-understood` prints once `kind` and `label` are filled in.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timezone

os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

from backstride.rasa.tracker_store import ConversationStore, StoreUnreachable
from backstride.settings import SettingsError


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m backstride.conversations", description=(__doc__ or "").split("\n", 1)[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the ids, with the number of messages and the days")
    export = commands.add_parser("export", help="all that is stored of one, as JSON")
    delete = commands.add_parser("delete", help="delete all that is stored of one")
    for command in (export, delete):
        command.add_argument("id", help="the conversation's id, as `list` shows it")
    commands.add_parser(
        "not-understood", help="messages collected by BACKSTRIDE_COLLECT_DAYS, as JSON lines"
    )
    wanted = parser.parse_args(arguments)
    try:
        store = ConversationStore()
    except (StoreUnreachable, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    if wanted.command == "list":
        for one in store.listed():
            days = " to ".join(dict.fromkeys(map(_day, (one.first, one.last))))
            print(f"{one.sender_id}\t{one.messages} messages\t{days}")
        return 0
    if wanted.command == "not-understood":
        for text in store.collected():
            row = {"text": text, "kind": "", "label": "", "also_ok": []}
            print(json.dumps(row, ensure_ascii=False))
        return 0
    if wanted.command == "export":
        events = store.exported(wanted.id)
        print(json.dumps({"conversation": wanted.id, "events": events}, indent=2))
        found = len(events)
    else:
        found = store.delete(wanted.id)
        print(f"{found} events were deleted.")
    if not found:
        print(f"Nothing is stored of '{wanted.id}'. 'list' shows the ids.", file=sys.stderr)
    return 0 if found else 1


def _day(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, timezone.utc).date().isoformat()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
