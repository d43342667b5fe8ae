"""Sentences in, candidates out; votes in, suggested labels out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stance.labelling.aggregate import THRESHOLD, Aggregate
from stance.labelling.functions import LABELS, Candidate
from stance.labelling.votes import QUIET, YES, Votes
from stance.ontology import NEUTRAL, STANCES
from stance.schema import DIGITS, Act, Example, Mention


@dataclass(frozen=True)
class Suggestion:
    """A sentence with suggested labels; ``said`` tells, by mention, which function said what."""

    example: Example
    said: tuple[Mapping[str, tuple[str, ...]], ...]

    @property
    def confidence(self) -> float:
        """How sure the least sure label of the sentence is, 0.5 to 1; 1 without a mention."""
        sure = [
            max(p, 1 - p) for actor in self.example.actors for p in actor.probabilities.values()
        ]
        return min(sure, default=1.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: the probabilities and votes behind each suggested label."""
        return {
            "id": self.example.id,
            "confidence": round(self.confidence, DIGITS),
            "actors": [
                {
                    "start": actor.start,
                    "end": actor.end,
                    "text": actor.text,
                    "probabilities": {k: round(p, DIGITS) for k, p in actor.probabilities.items()},
                    "votes": {name: list(labels) for name, labels in said.items()},
                }
                for actor, said in zip(self.example.actors, self.said, strict=True)
            ],
        }


def candidates_of(example: Example) -> list[Candidate]:
    """The mentions of a sentence as candidates."""
    return [Candidate(example.sentence, example.actors, i) for i in range(len(example.actors))]


def suggest(examples: Sequence[Example], votes: Votes, aggregate: Aggregate) -> list[Suggestion]:
    """Label the mentions of ``examples``, whose candidates the votes are about, in order."""
    suggestions = []
    at = 0
    for example in examples:
        numbers = range(at, at + len(example.actors))
        actors = tuple(
            _labelled(actor, votes, aggregate, number)
            for actor, number in zip(example.actors, numbers, strict=True)
        )
        said = tuple(_said(votes, number) for number in numbers)
        suggestions.append(Suggestion(replace(example, actors=actors), said))
        at = numbers.stop
    return suggestions


def _labelled(actor: Mention, votes: Votes, aggregate: Aggregate, number: int) -> Mention:
    probabilities = dict(zip(LABELS, map(float, aggregate.probabilities[number]), strict=True))
    acts = tuple(
        Act(label, target, probabilities[label])
        for label in STANCES
        if probabilities[label] >= THRESHOLD
        for target in _targets(votes, number, label)
    )
    return Mention(
        actor.start, actor.end, actor.text, acts, _sentiment(probabilities), probabilities
    )


def _sentiment(probabilities: Mapping[str, float]) -> str:
    likeliest = max(LABELS[len(STANCES) :], key=lambda name: probabilities[name])
    return likeliest if probabilities[likeliest] >= THRESHOLD else NEUTRAL


def _targets(votes: Votes, number: int, label: str) -> list[int | None]:
    """The targets that most of those name who say yes and name any; a tie goes to the later.

    Readers vote last, and see more than the words between.
    """
    named = [
        given[number].targets[label]
        for given in reversed(votes.given)
        if given[number].says.get(label) and given[number].targets.get(label)
    ]
    if not named:
        return [None]
    return [*sorted(Counter(named).most_common(1)[0][0])]


def _said(votes: Votes, number: int) -> dict[str, tuple[str, ...]]:
    """What each function that speaks says, "not threat" for a no."""
    column = votes.says[:, number]
    return {
        name: tuple(
            label if says == YES else f"not {label}"
            for label, says in zip(LABELS, column[i], strict=True)
            if says != QUIET
        )
        for i, name in enumerate(votes.functions)
        if np.any(column[i] != QUIET)
    }
