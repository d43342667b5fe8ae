"""Labelled sentences as training rows, and rows as padded batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from datasets import Dataset, Features, List, Value
from torch import Tensor

from stance.ontology import ACTOR_TAGS, SENTIMENTS, STANCES
from stance.readers.features import Featuriser, Window, assign
from stance.schema import Example, Mention

#: What the losses pass over: special tokens, context, and pieces that another window answers for.
IGNORED = -100

_OUTSIDE, _BEGIN, _INSIDE = range(len(ACTOR_TAGS))

_NUMBERS = List(Value("int64"))
_SHARES = List(Value("float32"))
_SCHEMA = Features(
    {
        "ids": _NUMBERS,
        "length": Value("int64"),
        "tags": _NUMBERS,
        "starts": _NUMBERS,
        "ends": _NUMBERS,
        "borne": List(_NUMBERS),
        "stances": List(_SHARES),
        "sentiment": List(_SHARES),
        "targets": List(_NUMBERS),
    }
)


def training_rows(examples: Sequence[Example], featuriser: Featuriser) -> Dataset:
    """One row a window: piece ids and tags, the spans it answers for and their labels.

    For each span ``borne`` is 0/1 by label, ``stances`` how probable each label is and
    ``sentiment`` the distribution over sentiments: 0 and 1 as labelled, or what a mention's own
    probabilities say. ``targets`` lists (bearer, label, target) by position among the row's spans.
    """
    windows = featuriser.windows([e.sentence for e in examples])
    assigned = assign(windows, [e.spans for e in examples])
    rows = [
        _row(window, examples[window.sentence], assigned[position])
        for position, window in enumerate(windows)
    ]
    return Dataset.from_list(rows, features=_SCHEMA)


def _row(window: Window, example: Example, orders: list[int]) -> dict[str, Any]:
    actors = [example.actors[order] for order in orders]
    pieces = [window.pieces_of(actor.span) for actor in actors]
    place = {order: position for position, order in enumerate(orders)}
    return {
        "ids": window.ids,
        "length": len(window.ids),
        "tags": _tags(window, example),
        "starts": [start for start, _ in pieces],
        "ends": [end for _, end in pieces],
        "borne": [[int(label in actor.labels) for label in STANCES] for actor in actors],
        "stances": [_shares(stance_shares(actor), STANCES) for actor in actors],
        "sentiment": [_shares(sentiment_shares(actor), SENTIMENTS) for actor in actors],
        "targets": [
            [position, column, place[target]]
            for position, actor in enumerate(actors)
            for column, label in enumerate(STANCES)
            for target in sorted(actor.targets(label))
            if target in place
        ],
    }


def stance_shares(actor: Mention) -> Mapping[str, float]:
    """How probable each stance is: what the mention says, else 1 for the labels it bears."""
    return actor.probabilities or dict.fromkeys(actor.labels, 1.0)


def sentiment_shares(actor: Mention) -> Mapping[str, float]:
    """How probable each sentiment is: what the mention says, else 1 for its own."""
    return actor.sentiment_probabilities or {actor.sentiment: 1.0}


def _shares(shares: Mapping[str, float], labels: Sequence[str]) -> list[float]:
    return [shares.get(label, 0.0) for label in labels]


def _tags(window: Window, example: Example) -> list[int]:
    tags = [IGNORED] * len(window.ids)
    for piece in range(*window.owned):
        tags[window.first + piece] = _OUTSIDE
    for actor in example.actors:
        if window.fitness(actor.span)[1]:
            start, end = window.pieces_of(actor.span)
            for piece in range(start, end):
                if tags[piece] != IGNORED:
                    tags[piece] = _BEGIN if piece == start else _INSIDE
    return tags


class Collator:
    """Pads rows of :func:`training_rows` to one batch of tensors.

    Spans of all rows stand one after another; ``rows`` says whose they are. ``targets`` is
    (spans, stances, spans) with 1 for a gold target and 0 for another mention of the sentence that
    is none; pairs that teach nothing (another sentence, the mention itself, a stance not borne)
    are :data:`IGNORED`.
    """

    def __init__(self, pad: int) -> None:
        self.pad = pad

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        """Collate."""
        width = max(len(row["ids"]) for row in rows)
        stances = [shares for row in rows for shares in row["stances"]]
        sentiment = [shares for row in rows for shares in row["sentiment"]]
        return {
            "ids": _padded([row["ids"] for row in rows], width, self.pad),
            "mask": _padded([[1] * len(row["ids"]) for row in rows], width, 0),
            "rows": torch.tensor([i for i, row in enumerate(rows) for _ in row["starts"]]).long(),
            "starts": torch.tensor([s for row in rows for s in row["starts"]]).long(),
            "ends": torch.tensor([e for row in rows for e in row["ends"]]).long(),
            "tags": _padded([row["tags"] for row in rows], width, IGNORED),
            "stances": torch.tensor(stances).float().reshape(-1, len(STANCES)),
            "sentiment": torch.tensor(sentiment).float().reshape(-1, len(SENTIMENTS)),
            "targets": _targets(rows),
        }


def _padded(values: Sequence[Sequence[int]], width: int, filler: int) -> Tensor:
    return torch.tensor([[*row, *[filler] * (width - len(row))] for row in values])


def _targets(rows: Sequence[dict[str, Any]]) -> Tensor:
    total = sum(len(row["starts"]) for row in rows)
    matrix = torch.full((total, len(STANCES), total), float(IGNORED))
    base = 0
    for row in rows:
        count = len(row["starts"])
        for i in range(count):
            for column in range(len(STANCES)):
                if row["borne"][i][column]:
                    matrix[base + i, column, base : base + count] = 0.0
                    matrix[base + i, column, base + i] = IGNORED
        for bearer, column, target in row["targets"]:
            matrix[base + bearer, column, base + target] = 1.0
        base += count
    return matrix
