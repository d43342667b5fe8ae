"""The sentences on which two groups say different things, the most different first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from stance.comparison.groups import Group
from stance.evaluation.bootstrap import FloatArray
from stance.ontology import STANCES

#: Per stance the share of a group's runs that predict it, and the mean probability they give it.
Opinion: TypeAlias = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Dispute:
    """One mention that the groups label differently; ``gold`` names its stances."""

    start: int
    end: int
    text: str
    gold: list[str]
    first: Opinion
    second: Opinion


@dataclass(frozen=True)
class DisputedSentence:
    """A sentence and its disputed mentions, in their order."""

    id: str
    document: str
    sentence: str
    source: str
    disputes: list[Dispute]


@dataclass(frozen=True)
class Disagreement:
    """Of how many decisions (a mention and a stance) two groups decide some differently.

    A group decides as most of its runs do, against the stance if half of them do. ``first_right``
    and ``second_right`` count the decisions on which only that group is right.
    """

    decisions: int
    first_right: int
    second_right: int
    sentences: list[DisputedSentence]


def disagreement(first: Group, second: Group, limit: int) -> Disagreement:
    """Where two groups differ, with the ``limit`` sentences on which they do so most.

    Sentences rank by the summed gaps between the shares of runs that predict a stance, then by the
    summed gaps of mean probabilities.
    """
    mentions = first.runs[0].mentions
    shares = [_mean(group, "predicted") for group in (first, second)]
    chances = [_mean(group, "probability") for group in (first, second)]
    decided = [share > 0.5 for share in shares]
    right = [choice == mentions.gold for choice in decided]
    gaps, nuances = (np.abs(a - b).sum(axis=1) for a, b in (shares, chances))
    ids, place = np.unique(mentions.frame["id"], return_inverse=True)
    totals = [np.bincount(place, weights=gap, minlength=len(ids)) for gap in (gaps, nuances)]
    ranked = [at for at in np.lexsort((-totals[1], -totals[0])) if totals[0][at] > 0]

    def opinions(side: int, row: int) -> Opinion:
        columns = zip(STANCES, shares[side][row], chances[side][row], strict=True)
        return {label: (float(share), float(chance)) for label, share, chance in columns}

    def dispute(row: int) -> Dispute:
        gold = [label for label, borne in zip(STANCES, mentions.gold[row], strict=True) if borne]
        start, end, text = (mentions.frame[key][row] for key in ("start", "end", "text"))
        return Dispute(int(start), int(end), text, gold, opinions(0, row), opinions(1, row))

    def sentence(at: int) -> DisputedSentence:
        rows = np.flatnonzero((place == at) & (gaps > 0))
        keys = ("id", "document", "sentence", "source")
        values = {key: str(mentions.frame[key][rows[0]]) for key in keys}
        return DisputedSentence(**values, disputes=[dispute(int(row)) for row in rows])

    return Disagreement(
        decisions=mentions.gold.size,
        first_right=int(np.sum(right[0] & ~right[1])),
        second_right=int(np.sum(right[1] & ~right[0])),
        sentences=[sentence(int(at)) for at in ranked[:limit]],
    )


def _mean(group: Group, name: str) -> FloatArray:
    """The mean over the runs of a group, (mentions, stances)."""
    mean: FloatArray = np.mean([getattr(run.mentions, name) for run in group.runs], axis=0)
    return mean
