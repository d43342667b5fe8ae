"""What makes a row of a labelled file sound.

A row is checked twice: first the shape (keys and types, at every level), then, if the shape
holds, the meaning (spans, labels, targets). Every problem is said, not only the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from stance.ontology import SENTIMENTS, STANCES

_TYPE_NAMES = {
    str: "a string",
    int: "an integer",
    float: "a number",
    list: "a list",
    dict: "an object",
    bool: "a boolean",
    type(None): "null",
}


@dataclass(frozen=True)
class _Shape:
    """The keys of a JSON object with the types their values may have."""

    required: Mapping[str, tuple[type, ...]]
    optional: Mapping[str, tuple[type, ...]]

    @property
    def keys(self) -> list[str]:
        return [*self.required, *self.optional]


#: Keys that a row may carry for people to read; the project passes over them.
NOTES = ("title", "date", "source", "url")

_ROW = _Shape(
    required={
        "id": (str,),
        "document": (str,),
        "offset": (int,),
        "text": (str,),
        "actors": (list,),
    },
    optional={"prev": (str,), **dict.fromkeys(NOTES, (str, type(None)))},
)
_ACTOR = _Shape(
    required={
        "start": (int,),
        "end": (int,),
        "text": (str,),
        "stances": (list,),
        "sentiment": (str,),
    },
    optional={},
)
_STANCE = _Shape(required={"label": (str,)}, optional={"target": (int, type(None))})


def problems(row: object) -> list[str]:
    """Everything wrong with one parsed row, each as "what, where: what to do"; [] if sound."""
    return list(_misshapen(row)) or list(_unsound(row))


def _misshapen(row: object) -> Iterator[str]:
    yield from _shape_problems(row, _ROW, "row")
    for i, actor in _elements(row, "actors"):
        yield from _shape_problems(actor, _ACTOR, f"actors[{i}]")
        for j, stance in _elements(actor, "stances"):
            yield from _shape_problems(stance, _STANCE, f"actors[{i}].stances[{j}]")


def _elements(value: object, key: str) -> list[tuple[int, object]]:
    """The numbered elements of the list ``value[key]``, if there is one."""
    elements = value.get(key) if isinstance(value, dict) else None
    return list(enumerate(elements)) if isinstance(elements, list) else []


def _shape_problems(value: object, shape: _Shape, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        keys = _listed(list(shape.required))
        yield f"{where}: {_type_name(value)}, not an object: give the keys {keys}"
        return
    for key in shape.required:
        if key not in value:
            yield f"{where}: key '{key}' is missing: add it"
    for key in value:
        types = shape.required.get(key) or shape.optional.get(key)
        if types is None:
            yield f"{where}: unknown key {key!r}: remove it or use one of {_listed(shape.keys)}"
        # A JSON true is no integer, although a Python True is.
        elif type(value[key]) not in types:
            wanted = " or ".join(_TYPE_NAMES[t] for t in types)
            yield f"{where}: '{key}' is {_type_name(value[key])}: make it {wanted}"


def _type_name(value: object) -> str:
    return _TYPE_NAMES.get(type(value), type(value).__name__)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _unsound(row: Any) -> Iterator[str]:
    for key in ("id", "document", "text"):
        if not row[key].strip():
            yield f"row: '{key}' is empty: fill it or remove the row"
    for key in ("id", "document", "prev", "text"):
        if any("\ud800" <= character <= "\udfff" for character in row.get(key, "")):
            yield f"row: '{key}' holds half of a surrogate pair: write the whole character"
    if row["offset"] < 0:
        yield f"row: 'offset' is {row['offset']}: count characters from 0"
    for i, actor in enumerate(row["actors"]):
        yield from _actor_problems(actor, row["text"], f"actors[{i}]")
        yield from _stance_problems(actor["stances"], i, len(row["actors"]))
    yield from _overlaps(row["actors"])


def _actor_problems(actor: Any, text: str, where: str) -> Iterator[str]:
    start, end = actor["start"], actor["end"]
    span = f"span [{start}, {end})"
    if start >= end:
        yield f"{where}: {span} is empty: 'end' must be greater than 'start'"
    elif start < 0 or end > len(text):
        yield (
            f"{where}: {span} lies outside the sentence ({len(text)} characters): "
            "correct 'start' and 'end'"
        )
    elif actor["text"] != text[start:end]:
        yield (
            f"{where}: 'text' is {actor['text']!r} but {span} of the sentence reads "
            f"{text[start:end]!r}: correct one of them"
        )
    elif actor["text"] != actor["text"].strip():
        yield f"{where}: {span} reads {actor['text']!r}: leave the white space at its ends out"
    sentiment = actor["sentiment"]
    if sentiment not in SENTIMENTS:
        yield f"{where}: 'sentiment' must be one of {_listed(SENTIMENTS)}, got {sentiment!r}"


def _stance_problems(stances: list[Any], actor: int, actors: int) -> Iterator[str]:
    seen: set[tuple[str, int | None]] = set()
    for j, stance in enumerate(stances):
        where = f"actors[{actor}].stances[{j}]"
        label, target = stance["label"], stance.get("target")
        if label not in STANCES:
            yield f"{where}: 'label' must be one of {_listed(STANCES)}, got {label!r}"
        if target == actor:
            yield f"{where}: target {target} is the actor itself: name another actor or null"
        elif target is not None and not 0 <= target < actors:
            yield (
                f"{where}: target {target} is no actor of this row ({actors} actors, counted "
                "from 0): correct it or write null"
            )
        if (label, target) in seen:
            yield f"{where}: {label!r} with target {_json(target)} stands here twice: remove one"
        seen.add((label, target))
    for label in sorted({label for label, target in seen if target is not None}):
        if (label, None) in seen:
            yield (
                f"actors[{actor}]: {label!r} stands here both with a target and without: "
                "remove the one without"
            )


def _json(target: int | None) -> str:
    return "null" if target is None else str(target)


def _overlaps(actors: list[Any]) -> Iterator[str]:
    ordered = sorted(enumerate(actors), key=lambda item: (item[1]["start"], item[1]["end"]))
    for (i, first), (j, second) in pairwise(ordered):
        if second["start"] < first["end"]:
            yield (
                f"actors[{i}] [{first['start']}, {first['end']}) and "
                f"actors[{j}] [{second['start']}, {second['end']}) overlap: keep one"
            )
