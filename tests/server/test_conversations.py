"""The long conversations say what is kept of them: nothing clumsy slips in unread."""

from __future__ import annotations

import pytest

from tests.conversations import kept, played, stories
from tests.server.conftest import Server

pytestmark = pytest.mark.server


def test_there_are_ten_of_eight_turns_or_more_and_each_is_kept() -> None:
    assert len(stories()) >= 10
    assert all(len(said) >= 8 for said in stories().values())
    assert list(kept()) == list(stories())


@pytest.mark.parametrize("name", stories())
def test_a_conversation_reads_as_it_is_kept(server: Server, name: str) -> None:
    assert played(name, server.ask) == kept()[name], "Read it, then run: make conversations"
