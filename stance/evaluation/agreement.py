"""How far two labellings of the same sentences agree.

Krippendorff's alpha (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability") per label
over the mentions that both marked, F1 for the marking itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stance.evaluation.matching import match
from stance.extras import require
from stance.ontology import STANCES
from stance.schema import Example, Mention


@dataclass(frozen=True)
class Disagreement:
    """A sentence that two people labelled differently, and in what."""

    first: Example
    second: Example
    differences: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.first.id}: {'; '.join(self.differences)}\n    {self.first.text}"


@dataclass(frozen=True)
class Agreement:
    """``alpha`` by stance and for sentiment, over ``matched`` mentions; F1s of the second file.

    ``stance_f1`` is over all mentions: a label of a mention that the other did not mark counts
    against both. ``target_accuracy`` is the share of stances borne in both with the same targets.
    """

    sentences: int
    mentions: tuple[int, int]
    matched: int
    mention_f1: float
    alpha: dict[str, float]
    stance_f1: dict[str, float]
    target_accuracy: float
    disagreements: list[Disagreement]


def agreement(first: Sequence[Example], second: Sequence[Example]) -> Agreement:
    """Compare the sentences that both lists hold, by id.

    Raises ValueError if they share none, or if one reads differently in the two.
    """
    others = {example.id: example for example in second}
    both = [(example, others[example.id]) for example in first if example.id in others]
    if not both:
        raise ValueError("the two labellings share no sentence: ids must be the same in both")
    for ours, theirs in both:
        if ours.text != theirs.text:
            raise ValueError(f"{ours.id} reads differently in the two labellings")
    matches = [match(ours.spans, theirs.spans) for ours, theirs in both]
    pairs = [
        (ours.actors[i], theirs.actors[j])
        for (ours, theirs), matched in zip(both, matches, strict=True)
        for i, j in matched
    ]
    sizes = tuple(sum(len(pair[side].actors) for pair in both) for side in (0, 1))
    hits, borne = _targets(both, matches)
    return Agreement(
        sentences=len(both),
        mentions=(sizes[0], sizes[1]),
        matched=len(pairs),
        mention_f1=_f1(len(pairs), *sizes),
        alpha=_alphas(pairs),
        stance_f1={label: _stance_f1(label, both, pairs) for label in STANCES},
        target_accuracy=hits / borne if borne else float("nan"),
        disagreements=[
            Disagreement(ours, theirs, tuple(differences))
            for (ours, theirs), matched in zip(both, matches, strict=True)
            if (differences := _differences(ours, theirs, matched))
        ],
    )


def _f1(shared: int, first: int, second: int) -> float:
    return 2 * shared / (first + second) if first + second else float("nan")


def _alphas(pairs: Sequence[tuple[Mention, Mention]]) -> dict[str, float]:
    ratings = {
        label: [(str(label in a.labels), str(label in b.labels)) for a, b in pairs]
        for label in STANCES
    }
    ratings["sentiment"] = [(a.sentiment, b.sentiment) for a, b in pairs]
    return {name: _alpha(values) for name, values in ratings.items()}


def _alpha(ratings: Sequence[tuple[str, str]]) -> float:
    """Nominal alpha of two raters; NaN where all is one value, which tells nothing."""
    if len({value for pair in ratings for value in pair}) < 2:
        return float("nan")
    task = require("nltk.metrics.agreement", extra="label").AnnotationTask(
        [(rater, unit, pair[rater]) for unit, pair in enumerate(ratings) for rater in (0, 1)]
    )
    return float(task.alpha())


def _stance_f1(
    label: str,
    both: Sequence[tuple[Example, Example]],
    pairs: Sequence[tuple[Mention, Mention]],
) -> float:
    shared = sum(label in a.labels and label in b.labels for a, b in pairs)
    sizes = (sum(label in m.labels for pair in both for m in pair[s].actors) for s in (0, 1))
    return _f1(shared, *sizes)


def _targets(
    both: Sequence[tuple[Example, Example]], matches: Sequence[Sequence[tuple[int, int]]]
) -> tuple[int, int]:
    """How many stances are borne in both labellings, and of these with the same targets."""
    hits = borne = 0
    for (ours, theirs), matched in zip(both, matches, strict=True):
        partner: Mapping[int, int] = dict(matched)
        for i, j in matched:
            for label in ours.actors[i].labels & theirs.actors[j].labels:
                mine = {partner.get(t, -1) for t in ours.actors[i].targets(label)}
                borne += 1
                hits += mine == set(theirs.actors[j].targets(label))
    return hits, borne


def _differences(ours: Example, theirs: Example, matched: Sequence[tuple[int, int]]) -> list[str]:
    left, right = {i for i, _ in matched}, {j for _, j in matched}
    found = [f"only first marks {a.text!r}" for i, a in enumerate(ours.actors) if i not in left]
    found += [
        f"only second marks {b.text!r}" for j, b in enumerate(theirs.actors) if j not in right
    ]
    for i, j in matched:
        a, b = ours.actors[i], theirs.actors[j]
        if a.labels != b.labels:
            found.append(f"{a.text!r} {_named(a.labels)} / {_named(b.labels)}")
        if a.sentiment != b.sentiment:
            found.append(f"{a.text!r} {a.sentiment} / {b.sentiment}")
    return found


def _named(labels: frozenset[str]) -> str:
    return "+".join(label for label in STANCES if label in labels) or "none"
