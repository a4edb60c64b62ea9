import pytest

from backstride.questions import PIECES, pieces_of


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("heat or ice?", ["heat or ice?"]),
        (
            "should i use heat or ice and can i keep running?",
            ["should i use heat or ice", "can i keep running?"],
        ),
        (
            "what causes this? And which mattress is best",
            ["what causes this?", "And which mattress is best"],
        ),
        (
            "My back hurts since Sunday. Do I need a scan?",
            ["My back hurts since Sunday.", "Do I need a scan?"],
        ),
        ("Hi! can i keep running", ["Hi! can i keep running"]),
        ("can i keep running? thanks", ["can i keep running? thanks"]),
        ("how often, and how long for each", ["how often how long for each"]),
        ("is it ok to swim, can i cycle too", ["is it ok to swim", "can i cycle too"]),
        ("", []),
        ("...", ["..."]),
    ],
)
def test_a_message_is_split_where_it_says_something_else(text: str, pieces: list[str]) -> None:
    assert pieces_of(text) == pieces


def test_a_long_story_has_a_bounded_number_of_pieces() -> None:
    assert len(pieces_of("It hurt a lot then. " * 50)) == PIECES
