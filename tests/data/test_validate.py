from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.data.validate import problems
from stance.schema import Example

SOUND: dict[str, Any] = {
    "id": "a-1",
    "document": "a",
    "offset": 0,
    "prev": "",
    "text": "Rebels shelled troops.",
    "actors": [
        {
            "start": 0,
            "end": 6,
            "text": "Rebels",
            "stances": [{"label": "threat", "target": 1}],
            "sentiment": "neutral",
        },
        {"start": 15, "end": 21, "text": "troops", "stances": [], "sentiment": "neutral"},
    ],
}


def row(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(SOUND) | changes


def first_actor(**changes: Any) -> dict[str, Any]:
    changed = row()
    changed["actors"][0] |= changes
    return changed


def stances(*pairs: tuple[Any, Any]) -> dict[str, Any]:
    return first_actor(stances=[{"label": label, "target": target} for label, target in pairs])


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in row().items() if name != key}


@pytest.mark.parametrize(
    "sound",
    [row(), row(actors=[]), without("prev"), row(source="CENTCOM", date=None), stances()],
    ids=["full", "no actors", "no prev", "notes", "no stance"],
)
def test_sound_rows_have_no_problems(sound: dict[str, Any]) -> None:
    assert problems(sound) == []


SHAPE = {
    "no object": (
        [1],
        "row: a list, not an object: give the keys id, document, offset, text, actors",
    ),
    "missing key": (without("document"), "row: key 'document' is missing: add it"),
    "unknown key": (
        row(labels=[]),
        "row: unknown key 'labels': remove it or use one of id, document, offset, text, actors, "
        "prev, title, date, source, url",
    ),
    "wrong type": (row(offset="0"), "row: 'offset' is a string: make it an integer"),
    "boolean": (row(offset=True), "row: 'offset' is a boolean: make it an integer"),
    "fraction": (first_actor(end=6.0), "actors[0]: 'end' is a number: make it an integer"),
    "null text": (row(text=None), "row: 'text' is null: make it a string"),
    "actors no list": (row(actors={}), "row: 'actors' is an object: make it a list"),
    "actor no object": (
        row(actors=["Rebels"]),
        "actors[0]: a string, not an object: give the keys start, end, text, stances, sentiment",
    ),
    "stance no object": (
        first_actor(stances=["threat"]),
        "actors[0].stances[0]: a string, not an object: give the keys label",
    ),
    "target no index": (
        stances(("threat", "troops")),
        "actors[0].stances[0]: 'target' is a string: make it an integer or null",
    ),
}

MEANING = {
    "empty text": (
        row(text=" ", actors=[]),
        "row: 'text' is empty: fill it or remove the row",
    ),
    "empty id": (row(id=""), "row: 'id' is empty: fill it or remove the row"),
    "half character": (
        row(prev="\ud83d"),
        "row: 'prev' holds half of a surrogate pair: write the whole character",
    ),
    "negative offset": (row(offset=-3), "row: 'offset' is -3: count characters from 0"),
    "outside": (
        row(actors=[SOUND["actors"][1] | {"end": 60}]),
        "actors[0]: span [15, 60) lies outside the sentence (22 characters): correct 'start' and "
        "'end'",
    ),
    "before the start": (
        first_actor(start=-1),
        "actors[0]: span [-1, 6) lies outside the sentence (22 characters): correct 'start' and "
        "'end'",
    ),
    "empty span": (
        first_actor(start=6),
        "actors[0]: span [6, 6) is empty: 'end' must be greater than 'start'",
    ),
    "other words": (
        first_actor(text="The rebels"),
        "actors[0]: 'text' is 'The rebels' but span [0, 6) of the sentence reads 'Rebels': "
        "correct one of them",
    ),
    "white space": (
        first_actor(end=7, text="Rebels "),
        "actors[0]: span [0, 7) reads 'Rebels ': leave the white space at its ends out",
    ),
    "sentiment": (
        first_actor(sentiment="bad"),
        "actors[0]: 'sentiment' must be one of negative, neutral, positive, got 'bad'",
    ),
    "label": (
        stances(("attack", None)),
        "actors[0].stances[0]: 'label' must be one of threat, cooperation, drawdown, got 'attack'",
    ),
    "target out of range": (
        stances(("threat", 2)),
        "actors[0].stances[0]: target 2 is no actor of this row (2 actors, counted from 0): "
        "correct it or write null",
    ),
    "target itself": (
        stances(("threat", 0)),
        "actors[0].stances[0]: target 0 is the actor itself: name another actor or null",
    ),
    "twice": (
        stances(("threat", None), ("threat", None)),
        "actors[0].stances[1]: 'threat' with target null stands here twice: remove one",
    ),
    "with and without target": (
        stances(("threat", None), ("threat", 1)),
        "actors[0]: 'threat' stands here both with a target and without: remove the one without",
    ),
    "overlap": (
        row(
            actors=[
                {"start": s, "end": e, "text": t, "stances": [], "sentiment": "neutral"}
                for s, e, t in [(7, 21, "shelled troops"), (0, 14, "Rebels shelled")]
            ]
        ),
        "actors[1] [0, 14) and actors[0] [7, 21) overlap: keep one",
    ),
}


@pytest.mark.parametrize(("bad", "message"), SHAPE.values(), ids=SHAPE.keys())
def test_shape(bad: object, message: str) -> None:
    assert problems(bad) == [message]


@pytest.mark.parametrize(("bad", "message"), MEANING.values(), ids=MEANING.keys())
def test_meaning(bad: object, message: str) -> None:
    assert problems(bad) == [message]


def test_every_problem_of_a_row_is_said() -> None:
    bad = stances(("attack", 9))
    bad["offset"] = -1

    assert len(problems(bad)) == 3


def test_two_stances_toward_different_targets_are_sound() -> None:
    three = {"start": 7, "end": 14, "text": "shelled", "stances": [], "sentiment": "neutral"}
    sound = stances(("threat", 1), ("threat", 2), ("cooperation", 1))
    sound["actors"].append(three)

    assert problems(sound) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)


@given(json_values)
def test_no_json_value_makes_it_raise(value: object) -> None:
    assert problems(value)  # and none of these is a sound row


@given(st.data(), json_values)
def test_a_sound_row_with_one_value_replaced(data: st.DataObject, value: object) -> None:
    changed = row()
    owner = data.draw(
        st.sampled_from([changed, *changed["actors"], changed["actors"][0]["stances"][0]])
    )
    owner[data.draw(st.sampled_from(sorted(owner)))] = value

    if not problems(changed):
        assert Example.from_dict(changed).to_dict() == changed
