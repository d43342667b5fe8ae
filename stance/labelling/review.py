"""Which sentences a person should label first: those of which a label teaches most.

Four things count. *Disagreement*: functions contradict each other. *Uncertainty*: the aggregated
probability is near one half. *Scarcity*: a label is likely of which few are there yet. *Diversity*:
the sentence is unlike those already queued. ``mixed`` ranks by the first three and spreads by the
fourth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.extras import require
from stance.labelling.functions import LABELS
from stance.labelling.suggest import Suggestion
from stance.labelling.votes import NO, YES, VoteArray, Votes
from stance.ontology import STANCES
from stance.schema import Example
from stance.settings import QueueSettings, QueueStrategy

FloatArray = npt.NDArray[np.float64]

_HASH_BUCKETS = 4096


def queue(
    suggestions: Sequence[Suggestion],
    votes: Votes,
    reviewed: Sequence[Example],
    settings: QueueSettings,
) -> list[int]:
    """Indices of the sentences to label, the most instructive first.

    Sentences without a mention teach little and come only when the others are used up; those of
    ``reviewed``, known by id or by wording, never come.
    """
    done = _identities(reviewed)
    open_ones = [i for i, s in enumerate(suggestions) if not _identities([s.example]) & done]
    if not open_ones or settings.size < 1:
        return []
    rows = _rows(suggestions, votes)
    bearing = np.array([bool(suggestions[i].example.actors) for i in open_ones])
    scores = _scores(
        [suggestions[i] for i in open_ones], [rows[i] for i in open_ones], reviewed, settings
    )
    scores = np.where(bearing, scores + 1, scores)
    if settings.strategy in (QueueStrategy.mixed, QueueStrategy.diversity):
        texts = [suggestions[i].example.text for i in open_ones]
        weight = settings.spread if settings.strategy is QueueStrategy.mixed else 1.0
        order = _spread(scores, _vectors(texts), settings.size, weight)
    else:
        order = list(np.argsort(-scores, kind="stable")[: settings.size])
    return [open_ones[i] for i in order]


def _identities(examples: Iterable[Example]) -> set[str]:
    """What a sentence is known by: its id, and its words without case and spacing."""
    found: set[str] = set()
    for example in examples:
        found |= {f"id {example.id}", f"text {' '.join(example.text.casefold().split())}"}
    return found


def _rows(suggestions: Sequence[Suggestion], votes: Votes) -> list[VoteArray]:
    """The votes on each sentence's mentions, (functions, mentions, labels)."""
    ends = np.cumsum([len(s.example.actors) for s in suggestions])
    return [
        votes.says[:, end - len(s.example.actors) : end]
        for s, end in zip(suggestions, ends, strict=True)
    ]


def _scores(
    suggestions: Sequence[Suggestion],
    rows: Sequence[VoteArray],
    reviewed: Sequence[Example],
    settings: QueueSettings,
) -> FloatArray:
    """How much a label of each sentence teaches, 0 to 1, by the strategy asked for."""
    if settings.strategy is QueueStrategy.random:
        return np.random.default_rng(settings.seed).random(len(suggestions))
    if settings.strategy is QueueStrategy.diversity:
        return np.zeros(len(suggestions))
    measures = {
        QueueStrategy.disagreement: np.array([_disagreement(row) for row in rows]),
        QueueStrategy.uncertainty: np.array([_uncertainty(s) for s in suggestions]),
        QueueStrategy.scarcity: _scarcity(suggestions, reviewed),
    }
    if settings.strategy in measures:
        return _ranked(measures[settings.strategy])
    mixed: FloatArray = np.mean([_ranked(m) for m in measures.values()], axis=0)
    return mixed


def _ranked(values: FloatArray) -> FloatArray:
    """Values by their rank, from 0 to 1; equal values are equal."""
    distinct, places = np.unique(values, return_inverse=True)
    return places / max(len(distinct) - 1, 1)


def _disagreement(row: VoteArray) -> float:
    """The largest share, over mentions and stances, of speakers who are outvoted."""
    stances = row[:, :, : len(STANCES)]
    yes, no = (stances == YES).sum(axis=0), (stances == NO).sum(axis=0)
    split = np.minimum(yes, no) / np.maximum(yes + no, 1)
    return float(split.max(initial=0.0))


def _uncertainty(suggestion: Suggestion) -> float:
    """The largest binary entropy over mentions and stances, in bits."""
    found = [actor.probabilities[label] for actor in suggestion.example.actors for label in STANCES]
    p = np.clip(np.array(found, dtype=np.float64), 1e-9, 1 - 1e-9)
    return float((-p * np.log2(p) - (1 - p) * np.log2(1 - p)).max(initial=0.0))


def _scarcity(suggestions: Sequence[Suggestion], reviewed: Sequence[Example]) -> FloatArray:
    """Probability of each label times its rarity (-log share) among labelled mentions, maximised.

    Labels are counted in ``reviewed``, or in the suggestions themselves where none is reviewed.
    """
    counted = reviewed or [s.example for s in suggestions]
    mentions = [actor for example in counted for actor in example.actors]
    borne = Counter(label for m in mentions for label in (*m.labels, m.sentiment))
    rarity = {n: -np.log((borne[n] + 1) / (len(mentions) + len(LABELS))) for n in LABELS}
    return np.array(
        [
            max(
                (p * rarity[n] for m in s.example.actors for n, p in m.probabilities.items()),
                default=0.0,
            )
            for s in suggestions
        ]
    )


def _vectors(texts: Sequence[str]) -> Any:
    """Sparse unit vectors of words and pairs of them, (texts, buckets): products are likeness."""
    text = require("sklearn.feature_extraction.text", extra="label")
    hashed = text.HashingVectorizer(
        n_features=_HASH_BUCKETS, ngram_range=(1, 2), alternate_sign=False
    )
    weighted = text.TfidfTransformer(sublinear_tf=True).fit_transform(abs(hashed.transform(texts)))
    return weighted.tocsr()


def _spread(scores: FloatArray, vectors: Any, size: int, weight: float) -> list[int]:
    """Take the best, then again and again the best that is unlike all taken (Carbonell 1998)."""
    nearest = np.zeros(len(scores))
    left = np.ones(len(scores), dtype=bool)
    order: list[int] = []
    for _ in range(min(size, len(scores))):
        value = np.where(left, scores - weight * nearest, -np.inf)
        best = int(value.argmax())
        order.append(best)
        left[best] = False
        similar = (vectors @ vectors[best].T).toarray().ravel()
        nearest = np.maximum(nearest, similar)
    return order
