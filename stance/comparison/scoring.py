"""Scores of groups of runs: means over seeds, with intervals over documents.

The scores are those of :mod:`stance.evaluation.metrics`, given the actors. An interval tells how
the mean over the seeds varies with the documents; how it varies with the seed is told by the
standard deviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from stance.evaluation.bootstrap import (
    Bootstrap,
    Difference,
    FloatArray,
    interval,
    resampled_sums,
)
from stance.evaluation.metrics import METRICS
from stance.evaluation.predictions import BoolArray, Column, JudgedMentions
from stance.ontology import SENTIMENTS, STANCES

MAIN: Final = "stance_given.macro_f1"

_CLASSES: Final = (
    *(f"stance_given.{label}" for label in STANCES),
    *(f"sentiment.{name}" for name in SENTIMENTS),
)
_COLUMNS: Final = tuple(f"{name}.{outcome}" for name in _CLASSES for outcome in ("tp", "fp", "fn"))


@dataclass(frozen=True)
class GroupScore:
    """A mean over runs, its standard deviation over them, and its interval over documents.

    ``sd`` is NaN for a single run; ``n`` counts the gold items.
    """

    value: float
    sd: float
    low: float
    high: float
    n: int
    runs: list[float]


@dataclass(frozen=True)
class Scored:
    """One score of all groups, and how much higher each lies than the reference."""

    scores: list[GroupScore]
    differences: list[Difference]


def count(mentions: JudgedMentions, where: BoolArray | None = None) -> FloatArray:
    """Outcomes per document, (documents, counts): true and false positives, false negatives.

    Every document has its row, also if ``where`` picks no mention of it.
    """
    gold = np.hstack([mentions.gold, _one_hot(mentions.gold_sentiment)])
    predicted = np.hstack([mentions.predicted, _one_hot(mentions.predicted_sentiment)])
    outcomes = np.stack([gold & predicted, ~gold & predicted, gold & ~predicted], axis=2)
    if where is not None:
        outcomes &= where[:, None, None]
    documents, place = np.unique(mentions.frame["document"], return_inverse=True)
    table = np.zeros((len(documents), len(_COLUMNS)))
    np.add.at(table, place, outcomes.reshape(len(mentions), len(_COLUMNS)))
    return table


def metric(name: str, sums: FloatArray) -> FloatArray:
    """A score from summed counts, (..., counts) to (...)."""
    return METRICS[name].value(_by_column(sums))


def score_groups(
    metrics: Sequence[str],
    tables: Sequence[Sequence[FloatArray]],
    reference: int,
    bootstrap: Bootstrap,
) -> dict[str, Scored]:
    """Score all groups; ``tables`` holds the counts of each run of each group.

    All runs are resampled with the same documents, which pairs them.
    """
    runs = [table for group in tables for table in group]
    ends = np.cumsum([len(group) for group in tables])
    parts = [slice(end - len(group), end) for end, group in zip(ends, tables, strict=True)]
    sums = np.stack([table.sum(axis=0) for table in runs])
    drawn = resampled_sums(np.hstack(runs), bootstrap).reshape(-1, *sums.shape)
    return {
        name: _score(name, sums, drawn, parts, reference, bootstrap.confidence) for name in metrics
    }


def _score(
    name: str,
    sums: FloatArray,
    drawn: FloatArray,
    parts: Sequence[slice],
    reference: int,
    confidence: float,
) -> Scored:
    values, resampled = metric(name, sums), metric(name, drawn)
    means = np.stack([resampled[:, part].mean(axis=1) for part in parts])
    n = int(METRICS[name].n(_by_column(sums))[0])
    scores = [
        GroupScore(
            float(values[part].mean()),
            float(np.std(values[part], ddof=1)) if part.stop - part.start > 1 else float("nan"),
            *interval(mean, confidence),
            n,
            values[part].tolist(),
        )
        for part, mean in zip(parts, means, strict=True)
    ]
    differences = [
        Difference(
            score.value - scores[reference].value, *interval(mean - means[reference], confidence)
        )
        for score, mean in zip(scores, means, strict=True)
    ]
    return Scored(scores, differences)


def _by_column(sums: FloatArray) -> dict[str, FloatArray]:
    return dict(zip(_COLUMNS, np.moveaxis(sums, -1, 0), strict=True))


def _one_hot(sentiments: Column) -> BoolArray:
    hot: BoolArray = sentiments[:, None] == np.array(SENTIMENTS, dtype=object)
    return hot
