import pytest

from backstride.language import is_english


@pytest.mark.parametrize(
    "text",
    [
        "me duele la espalda cuando corro",
        "J'ai mal au dos depuis hier",
        "darf ich mit rückenschmerzen laufen",
        "estou com dor nas costas",
        "ho mal di schiena dopo la corsa",
        "mag ik met rugpijn hardlopen",
        "можно ли бегать",
        "腰が痛い",
    ],
)
def test_another_language_is_told_from_english(text: str) -> None:
    assert not is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "can i run with a sore back",
        "lowr bak hurts runing",
        "me back is killing me",
        "is the plank any good",
        "hola",  # too little to tell
        "paracetamol",
        "asdf qwer",
        "10k in 45:00?",
        "\U0001f629\U0001f629",
        "",
    ],
)
def test_english_and_what_says_too_little_count_as_english(text: str) -> None:
    assert is_english(text)
