import pytest

from backstride.questions import PIECES, Piece, Reading, pieces_of, read_pieces, what_is_meant


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


TOPICS = {"ask_imaging", "ask_heat_or_ice", "ask_keep_running"}
ICED = Piece("I ice it", "ask_heat_or_ice", 0.9)
SCAN = Piece("do I need a scan?", "ask_imaging", 0.9)
RUN = Piece("can i run", "ask_keep_running", 0.8)
PAIN = Piece("My back has hurt since Sunday.", "describe_pain", 0.8)


@pytest.mark.parametrize(
    ("whole", "pieces", "reading"),
    [
        ("ask_imaging", [PAIN, SCAN], Reading("ask_imaging", (), tells_pain=True)),
        ("describe_pain", [PAIN, SCAN], Reading("ask_imaging", (), tells_pain=True)),
        ("out_of_scope", [PAIN, RUN], Reading("ask_keep_running", (), tells_pain=True)),
        ("greet", [Piece("hello there you", "greet", 0.9), RUN], Reading("ask_keep_running")),
        (
            "ask_keep_running",
            [SCAN, RUN],
            Reading("ask_imaging", ("ask_imaging", "ask_keep_running")),
        ),
        ("ask_imaging", [SCAN, SCAN], Reading("ask_imaging")),
        # What is not clear, or no question, counts for nothing.
        ("describe_pain", [PAIN, Piece(SCAN.text, SCAN.intent, 0.3)], Reading("describe_pain")),
        (
            "describe_pain",
            [PAIN, Piece("I ice it", "ask_heat_or_ice", 0.9)],
            Reading("describe_pain"),
        ),
        # Nothing comes before a danger sign, a yes to one or a wish for a person.
        ("report_red_flag", [PAIN, SCAN], Reading("report_red_flag")),
        ("deny", [Piece("none of those here", "deny", 0.9), RUN], Reading("deny")),
        ("ask_human", [RUN, SCAN], Reading("ask_human")),
    ],
)
def test_pieces_say_what_a_message_asks(whole: str, pieces: list[Piece], reading: Reading) -> None:
    assert read_pieces(whole, 0.8, pieces, TOPICS) == reading


def test_what_is_surely_out_of_scope_stays_so_whatever_a_piece_of_it_asks() -> None:
    knee = Piece("My knee is swollen.", "out_of_scope", 0.9)
    assert read_pieces("out_of_scope", 0.95, [knee, RUN], TOPICS) == Reading("out_of_scope")
    assert read_pieces("out_of_scope", 0.8, [knee, RUN], TOPICS).intent == "ask_keep_running"


def test_what_is_surely_asked_counts_before_what_only_its_pieces_ask() -> None:
    sure = read_pieces("ask_heat_or_ice", 0.95, [SCAN, RUN], TOPICS)
    assert sure == Reading("ask_heat_or_ice")
    asked = (SCAN.intent, RUN.intent)
    assert read_pieces("ask_heat_or_ice", 0.8, [SCAN, RUN], TOPICS) == Reading(asked[0], asked)
    assert read_pieces(RUN.intent, 0.95, [SCAN, RUN], TOPICS) == Reading(asked[0], asked)


@pytest.mark.parametrize("text", ["Can I run", "and what about it", "so, is it bad", "run ok?"])
def test_a_question_is_known_by_its_mark_or_its_first_word(text: str) -> None:
    assert Piece(text, "ask_imaging", 1).is_question


@pytest.mark.parametrize("text", ["I can run", "my back, which hurts", "isla says hi"])
def test_a_statement_is_no_question(text: str) -> None:
    assert not Piece(text, "ask_imaging", 1).is_question


def test_a_question_behind_a_greeting_is_a_question() -> None:
    assert Piece("Hi! can i keep running", "ask_keep_running", 0.9).is_question
    assert Piece("hello can i keep running", "ask_keep_running", 0.9).is_question
    assert not Piece("Hi! i can not run", "describe_pain", 0.9).is_question


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("no, i meant my neck", "my neck"),
        ("No I meant how often", "how often"),
        ("sorry, i mean in bed", "in bed"),
        ("not for speed, i mean for pain", "for pain"),
        ("no i dont mean walking, i mean running", "running"),
        ("what i meant was the stretch", "the stretch"),
        ("sorry, i was asking about ice", "ice"),
        ("actually forget that. which shoes", "which shoes"),
        ("never mind that, can i swim", "can i swim"),
    ],
)
def test_what_is_taken_back_does_not_count(text: str, meant: str) -> None:
    assert what_is_meant(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "no, none of these",
        "it hurts, i mean it really hurts",
        "i dont know what you mean",
        "what do you mean",
        "that is not what i meant",
        "no i meant",
        "forget it",
        "i cant forget that fall",
        "no. my back hurts when i stand",
    ],
)
def test_a_message_that_takes_nothing_back_stays_whole(text: str) -> None:
    assert what_is_meant(text) == text
