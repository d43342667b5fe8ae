from __future__ import annotations

import pytest

from stance.data.duplicates import near_duplicates
from stance.schema import Example


def example(name: str, text: str, document: str = "") -> Example:
    return Example(name, document or name, 0, "", text, ())


# Seven words: three five-grams each. The second shares two of the first's three, so 2 / 4.
ORIGINAL = example("original", "The rebels left the valley before dawn.")
CHANGED_END = example("changed", "the rebels left the valley before noon")
COPY = example("copy", "THE REBELS LEFT THE VALLEY BEFORE DAWN!")
STRANGER = example("stranger", "Ankara will host a round of talks.")


def test_pairs_come_with_their_similarity_most_alike_first() -> None:
    pairs = near_duplicates([ORIGINAL, CHANGED_END, STRANGER, COPY], threshold=0.3)

    assert [(pair.first.id, pair.second.id, pair.similarity) for pair in pairs] == [
        ("original", "copy", 1.0),
        ("original", "changed", 2 / 4),
        ("changed", "copy", 2 / 4),
    ]
    assert str(pairs[0]) == "1.00 alike: original and copy"


def test_the_threshold_is_included() -> None:
    assert len(near_duplicates([ORIGINAL, CHANGED_END], threshold=0.5)) == 1
    assert near_duplicates([ORIGINAL, CHANGED_END], threshold=0.51) == []


def test_one_document_may_repeat_itself() -> None:
    again = example("again", ORIGINAL.text, document="original")

    assert near_duplicates([ORIGINAL, again], threshold=0.5) == []


@pytest.mark.parametrize("text", ["", "…", "They left.", "a b c d"])
def test_short_sentences_are_alike_only_as_a_whole(text: str) -> None:
    pairs = near_duplicates([example("a", text), example("b", text)], threshold=0.5)

    assert [pair.similarity for pair in pairs] == ([1.0] if text.strip("…") else [])
