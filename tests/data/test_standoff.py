from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.data.standoff import (
    StandoffError,
    attach,
    detach,
    join,
    read_standoff,
    write_standoff,
)
from stance.schema import Act, Example, Mention

STANDOFF = sorted((Path(__file__).parents[2] / "seeds" / "standoff").glob("*/*.jsonl"))

FIRST = "Rebels shelled Aleppo."
SECOND = "The army shelled the rebels, and Moscow sent aid."
TEXT = f"{FIRST} {SECOND}"


def labelled() -> Example:
    army = Mention(4, 8, "army", (Act("threat", 1),), "negative")
    return Example(
        id="d-2",
        document="d",
        offset=23,
        prev=FIRST,
        text=SECOND,
        actors=(army, Mention(21, 27, "rebels"), Mention(33, 39, "Moscow", (Act("cooperation"),))),
    )


def test_a_row_holds_places_and_labels_and_no_words() -> None:
    row = detach(labelled(), TEXT)

    assert (row["start"], row["end"]) == (23, 72)
    assert row["prev"] == [0, 22]
    assert row["record"] == "d"
    assert row["actors"][0] == {
        "start": 4,
        "end": 8,
        "stances": [{"label": "threat", "target": 1}],
        "sentiment": "negative",
    }
    written = json.dumps(row)
    assert not [word for word in ("army", "rebels", "shelled", "Moscow") if word in written]


def test_attaching_gives_back_the_example() -> None:
    assert attach(detach(labelled(), TEXT), TEXT) == labelled()


@given(before=st.text(), after=st.text(), sentence=st.text(min_size=1).filter(str.strip))
def test_any_sentence_survives_the_round_trip(before: str, after: str, sentence: str) -> None:
    example = Example("x", "d", len(before), "", sentence, ())

    assert attach(detach(example, before + sentence + after), before + sentence + after) == example


def test_a_changed_text_is_refused_and_the_other_rows_are_kept() -> None:
    row = detach(labelled(), TEXT)
    other = {**row, "id": "e-1", "record": "e"}
    gone = {**row, "id": "f-1", "record": "f"}

    joined = join([row, other, gone], {"d": TEXT, "e": TEXT.replace("Moscow", "Ankara")})

    assert joined.examples == [labelled()]
    assert [problem.split(":")[0] for problem in joined.problems] == ["e-1", "f-1"]


@pytest.mark.parametrize(
    ("example", "why"),
    [
        (Example("x", "d", 3, "", FIRST, ()), "does not stand at 3"),
        (Example("x", "d", 0, SECOND, FIRST, ()), "previous sentence"),
    ],
)
def test_what_does_not_stand_in_the_text_cannot_be_detached(example: Example, why: str) -> None:
    with pytest.raises(StandoffError, match=why):
        detach(example, TEXT)


def test_files_keep_their_rows(tmp_path: Path) -> None:
    rows = [detach(labelled(), TEXT), {**detach(labelled(), TEXT), "id": "é"}]

    write_standoff(tmp_path / "rows.jsonl", rows)

    assert read_standoff(tmp_path / "rows.jsonl") == rows


@pytest.mark.parametrize("path", STANDOFF, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shipped_rows_hold_no_text(path: Path) -> None:
    for row in read_standoff(path):
        assert set(row) == {"id", "document", "record", "start", "end", "prev", "digest", "actors"}
        for actor in row["actors"]:
            assert set(actor) == {"start", "end", "stances", "sentiment"}


def test_no_document_of_the_shipped_test_is_trained_on() -> None:
    documents: dict[str, set[str]] = {"train": set(), "test": set()}
    for path in STANDOFF:
        documents[path.parent.name] |= {row["document"] for row in read_standoff(path)}

    assert documents["train"]
    assert documents["test"]
    assert not documents["train"] & documents["test"]
