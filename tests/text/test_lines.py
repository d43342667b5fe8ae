from __future__ import annotations

import pytest

from stance.text.lines import paragraphs

WRAPPED = (
    "The army of the northern province said on Monday that it\n"
    "would leave the city. The rebels, who had held it since\n"
    "March, did not answer the call of the president and the\n"
    "United Nations."
)


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in paragraphs(text)]


def test_one_paragraph_a_line() -> None:
    text = "Title\n\nThe army left, it said.  \r\n The rebels stayed.\n\n"
    assert parts(text) == ["Title", "The army left, it said.", " The rebels stayed."]


def test_wrapped_lines_are_joined() -> None:
    assert parts(f"Title\n\n{WRAPPED}\n\nThey left.") == ["Title", WRAPPED, "They left."]


def test_wrapped_lines_with_carriage_returns_are_joined() -> None:
    text = WRAPPED.replace("\n", "\r\n")
    assert parts(text) == [text]


def test_short_line_ends_a_wrapped_paragraph() -> None:
    assert parts(f"{WRAPPED}\nThey left.\n{WRAPPED}") == [WRAPPED, "They left.", WRAPPED]


def test_list_items_stay_apart_in_wrapped_text() -> None:
    items = ["- Iran left the northern province on Monday, it said", "- Iraq stayed"]
    assert parts("\n".join([WRAPPED, *items])) == [WRAPPED, *items]


@pytest.mark.parametrize(
    "text",
    [
        "iran\nisrael\nturkey",
        "Iran threatens Israel after the strike on Natanz\nTurkey pulls its troops out of Syria",
        "x" * 200 + "\n" + "y" * 200,
    ],
)
def test_lines_that_are_not_wrapped_stay_apart(text: str) -> None:
    assert parts(text) == text.split("\n")


def test_nothing_in_nothing() -> None:
    assert paragraphs("") == []
    assert paragraphs(" \n\n\t\n") == []
