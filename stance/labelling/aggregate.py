"""From many functions' votes to one probability per candidate and label.

Labels are aggregated each by itself, so a candidate may bear several. Majority vote counts those
who speak. Dawid and Skene's model (1979, fitted by crowd-kit) learns how far each function can be
trusted from nothing but how the functions agree; for it silence tells something too, since a
function that is often silent where others say yes says less than one that is not.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from stance.extras import require
from stance.labelling.functions import LABELS
from stance.labelling.votes import NO, QUIET, YES, BoolArray, Votes

FloatArray = npt.NDArray[np.float64]

THRESHOLD: Final = 0.5
_ITERATIONS: Final = 100

#: From so many workers on, their agreement alone says how good each is.
_IDENTIFIABLE: Final = 3

_NOT_NO: Final = ": not no"

#: Pseudo-counts by which a function starts out better than chance, [said][true].
_PRIOR: Final = ((8.0, 2.0), (2.0, 8.0))


@dataclass(frozen=True)
class Weight:
    """What was learned of a function's word on a label.

    ``sensitivity``: how often it says so where the label is borne; ``false_alarm``: where it is
    not. With ``against`` they are of anything but a no.
    """

    function: str
    label: str
    sensitivity: float
    false_alarm: float
    against: bool = False

    @property
    def evidence(self) -> float:
        """Natural log of the likelihood ratio of what the worker says, by which log-odds change."""
        tiny = 1e-3  # rates of a few thousand mentions are no finer
        if self.against:
            return float(np.log((1 - self.sensitivity + tiny) / (1 - self.false_alarm + tiny)))
        return float(np.log((self.sensitivity + tiny) / (self.false_alarm + tiny)))


@dataclass(frozen=True)
class Aggregate:
    """``probabilities`` (candidates, labels) and, where they were learned, the weights."""

    probabilities: FloatArray
    weights: tuple[Weight, ...] = ()

    @property
    def decisions(self) -> BoolArray:
        """Which labels are borne, (candidates, labels)."""
        borne: BoolArray = self.probabilities >= THRESHOLD
        return borne


def majority(votes: Votes) -> Aggregate:
    """The share of yes among those who speak; 0 where nobody does.

    A tie counts as yes only for a stance that somebody names, which is what probability 0.5 says.
    """
    yes = (votes.says == YES).sum(axis=0)
    spoken = (votes.says != QUIET).sum(axis=0)
    return Aggregate(np.divide(yes, spoken, out=np.zeros(yes.shape), where=spoken > 0))


def dawid_skene(votes: Votes) -> Aggregate:
    """Probabilities by the label model, each label fitted by itself.

    Fewer than three who answer on a label do not tell whom to trust: there the majority stands.
    Raises :class:`~stance.extras.MissingExtraError` without crowd-kit.
    """
    probabilities = majority(votes).probabilities
    weights: list[Weight] = []
    for column, label in enumerate(LABELS):
        workers = _workers(votes, column)
        if len(workers) < _IDENTIFIABLE or not (votes.says[:, :, column] == YES).any():
            continue
        probabilities[:, column], learned = _fit(workers)
        weights += [
            Weight(name.removesuffix(_NOT_NO), label, *rates, name.endswith(_NOT_NO))
            for name, rates in learned.items()
        ]
    return Aggregate(probabilities, tuple(weights))


def _workers(votes: Votes, column: int) -> dict[str, BoolArray]:
    """Complete yes-or-no answers for the model, by who gives them.

    A function that always speaks gives its own. One that is silent at times gives two: whether it
    says yes, and whether it says anything but no; each only if it ever does.
    """
    workers: dict[str, BoolArray] = {}
    for name, said in zip(votes.functions, votes.says[:, :, column], strict=True):
        if (said == YES).any():
            workers[name] = said == YES
        if (said == NO).any() and (said == QUIET).any():
            workers[f"{name}{_NOT_NO}"] = said != NO
    return workers


def _fit(workers: Mapping[str, BoolArray]) -> tuple[FloatArray, dict[str, tuple[float, float]]]:
    """Probability of yes per candidate, and (sensitivity, false alarm) by worker."""
    aggregation = require("crowdkit.aggregation", extra="label")
    pandas = require("pandas", extra="label")
    size = len(next(iter(workers.values())))
    answers = pandas.DataFrame(
        {
            "task": np.tile(np.arange(size), len(workers)),
            "worker": np.repeat(list(workers), size),
            "label": np.concatenate([a.astype(int) for a in workers.values()]),
        }
    )
    with warnings.catch_warnings():  # crowd-kit 1.4 uses spellings that pandas is giving up
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        model = aggregation.DawidSkene(_ITERATIONS, initial_error_strategy="addition")
        model.fit(answers, initial_error=_initial(pandas, list(workers), size))
    probabilities = model.probas_.reindex(range(size)).get(1)
    rates = {name: (_rate(model, name, 1), _rate(model, name, 0)) for name in workers}
    return np.asarray(probabilities, dtype=np.float64), rates


def _initial(pandas: Any, workers: Sequence[str], size: int) -> Any:
    """Every worker starts out better than chance, by as much as the data weigh."""
    index = pandas.MultiIndex.from_product([workers, [0, 1]], names=["worker", "label"])
    counts = np.tile(np.array(_PRIOR), (len(workers), 1)) * size / 10
    return pandas.DataFrame(counts, index=index, columns=[0, 1])


def _rate(model: Any, worker: str, true: int) -> float:
    errors = model.errors_
    return float(errors.loc[(worker, 1), true]) if (worker, 1) in errors.index else 0.0
