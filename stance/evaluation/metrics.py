"""The scores, each a function of counts that add up over documents.

:func:`count` turns gold and predicted mentions into a table of counts, one row per document;
:data:`METRICS` says how each score follows from sums of its columns; :func:`scores` and
:func:`differences` put intervals around them.

A score without an item to take it over (0 / 0) is NaN, and a mean over classes leaves such classes
out, in the sample as in every resample.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from stance.evaluation.bootstrap import (
    Bootstrap,
    Difference,
    FloatArray,
    Score,
    interval,
    resampled_sums,
)
from stance.evaluation.matching import match
from stance.ontology import SENTIMENTS, STANCES
from stance.schema import Example, Mention

CALIBRATION_BINS = 15

#: Summed counts by column name, each over the same resamples.
Sums: TypeAlias = Mapping[str, FloatArray]

_Tally: TypeAlias = defaultdict[str, float]

_GIVEN = "stance_given"
_GIVEN_SEVERAL = "stance_given_several"
_FOUND = "stance_found"
_SENTIMENT = "sentiment"


@dataclass(frozen=True)
class Counts:
    """Counts per document: ``table`` has a row per document, a column per :data:`COLUMNS`."""

    documents: tuple[str, ...]
    table: FloatArray

    def sums(self, bootstrap: Bootstrap | None = None) -> Sums:
        """The columns summed over all documents (one value each), or over resampled ones."""
        if bootstrap is None:
            summed = self.table.sum(axis=0, keepdims=True)
        else:
            summed = resampled_sums(self.table, bootstrap)
        return dict(zip(COLUMNS, summed.T, strict=True))


# Counting


def count(
    examples: Sequence[Example],
    given: Sequence[Sequence[Mention]],
    found: Sequence[Sequence[Mention]],
) -> Counts:
    """Compare gold and predicted mentions, sentence by sentence, and add up by document.

    ``given`` holds the judgements of exactly the gold spans, in their order; ``found`` holds the
    mentions that the reader found itself.
    """
    tallies: dict[str, _Tally] = defaultdict(lambda: defaultdict(float))
    bins = _calibration_bins(given)
    for example, judged, detected in zip(examples, given, found, strict=True):
        tally = tallies[example.document]
        tally["sentences"] += 1
        tally["mentions"] += len(example.actors)
        for gold, mention in zip(example.actors, judged, strict=True):
            _count_judged(tally, gold, mention, several=len(example.actors) > 1)
            _count_targets(tally, gold, mention)
            _count_calibration(tally, gold, mention, bins)
        _count_found(tally, example.actors, detected)
    return _table(tallies)


def _table(tallies: Mapping[str, _Tally]) -> Counts:
    unknown = {column for tally in tallies.values() for column in tally}.difference(COLUMNS)
    if unknown:
        raise ValueError(
            f"the reader gave classes that nobody defined: {', '.join(sorted(unknown))}; "
            "stance.ontology lists those to use"
        )
    table = [[tally[column] for column in COLUMNS] for tally in tallies.values()]
    return Counts(tuple(tallies), np.array(table, dtype=np.float64).reshape(-1, len(COLUMNS)))


def _count_judged(tally: _Tally, gold: Mention, judged: Mention, several: bool) -> None:
    _compare(tally, _GIVEN, gold.labels, judged.labels)
    if several:
        _compare(tally, _GIVEN_SEVERAL, gold.labels, judged.labels)
    _compare(tally, _SENTIMENT, {gold.sentiment}, {judged.sentiment})


def _count_targets(tally: _Tally, gold: Mention, judged: Mention) -> None:
    for label in gold.labels & judged.labels:
        tally["target.n"] += 1
        tally["target.right"] += gold.targets(label) == judged.targets(label)


def _count_found(tally: _Tally, gold: Sequence[Mention], found: Sequence[Mention]) -> None:
    """Labels of an unmatched found mention are false positives, of a gold one false negatives."""
    pairs = match([mention.span for mention in gold], [mention.span for mention in found])
    for i, j in pairs:
        _compare(tally, _FOUND, gold[i].labels, found[j].labels)
    for i in set(range(len(gold))) - {i for i, _ in pairs}:
        _compare(tally, _FOUND, gold[i].labels, ())
    for j in set(range(len(found))) - {j for _, j in pairs}:
        _compare(tally, _FOUND, (), found[j].labels)
    exact = {mention.span for mention in gold} & {mention.span for mention in found}
    for scope, hits in (("mention.overlap", len(pairs)), ("mention.exact", len(exact))):
        tally[f"{scope}.tp"] += hits
        tally[f"{scope}.fn"] += len(gold) - hits
        tally[f"{scope}.fp"] += len(found) - hits


def _compare(tally: _Tally, scope: str, gold: Collection[str], predicted: Collection[str]) -> None:
    """Count true and false positives and false negatives of two sets of classes."""
    for name in {*gold, *predicted}:
        outcome = "fn" if name not in predicted else "tp" if name in gold else "fp"
        tally[f"{scope}.{name}.{outcome}"] += 1


def _calibration_bins(given: Iterable[Iterable[Mention]]) -> dict[str, FloatArray]:
    """Per label the inner edges of bins that hold equally many of its probabilities.

    Equal probabilities share a bin, so bins may be fewer or fuller where a reader repeats itself.
    """
    probabilities: dict[str, list[float]] = defaultdict(list)
    for mentions in given:
        for mention in mentions:
            for label, probability in mention.probabilities.items():
                probabilities[label].append(probability)
    inner = np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1]
    return {label: np.quantile(values, inner) for label, values in probabilities.items()}


def _count_calibration(
    tally: _Tally, gold: Mention, judged: Mention, bins: Mapping[str, FloatArray]
) -> None:
    for label, probability in judged.probabilities.items():
        number = int(np.searchsorted(bins[label], probability, side="right"))
        tally[f"calibration_error.{label}.n"] += 1
        tally[f"calibration_error.{label}.{number}"] += probability - (label in gold.labels)


def _outcomes(scope: str) -> list[str]:
    return [f"{scope}.{outcome}" for outcome in ("tp", "fp", "fn")]


#: Every column of a table of counts.
COLUMNS: tuple[str, ...] = (
    "sentences",
    "mentions",
    *(
        column
        for scope, classes in (
            (_GIVEN, STANCES),
            (_GIVEN_SEVERAL, STANCES),
            (_FOUND, STANCES),
            (_SENTIMENT, SENTIMENTS),
            ("mention", ("overlap", "exact")),
        )
        for name in classes
        for column in _outcomes(f"{scope}.{name}")
    ),
    "target.right",
    "target.n",
    *(
        f"calibration_error.{label}.{part}"
        for label in STANCES
        for part in ("n", *range(CALIBRATION_BINS))
    ),
)


# Scoring


@dataclass(frozen=True)
class Metric:
    """How a score, and the number of gold items it is taken over, follow from summed counts."""

    value: Callable[[Sums], FloatArray]
    n: Callable[[Sums], FloatArray]


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    ratio = np.full(denominator.shape, np.nan)
    np.divide(numerator, denominator, out=ratio, where=denominator > 0)
    return ratio


def _support(scope: str) -> Callable[[Sums], FloatArray]:
    return lambda sums: sums[f"{scope}.tp"] + sums[f"{scope}.fn"]


def _precision(scope: str) -> Metric:
    def value(sums: Sums) -> FloatArray:
        return _ratio(sums[f"{scope}.tp"], sums[f"{scope}.tp"] + sums[f"{scope}.fp"])

    return Metric(value, _support(scope))


def _recall(scope: str) -> Metric:
    def value(sums: Sums) -> FloatArray:
        return _ratio(sums[f"{scope}.tp"], sums[f"{scope}.tp"] + sums[f"{scope}.fn"])

    return Metric(value, _support(scope))


def _f1(scope: str) -> Metric:
    def value(sums: Sums) -> FloatArray:
        hits, wrong, missed = (sums[column] for column in _outcomes(scope))
        return _ratio(2 * hits, 2 * hits + wrong + missed)

    return Metric(value, _support(scope))


def _macro_f1(scope: str, classes: Sequence[str]) -> Metric:
    """Mean F1 of the classes that stand in gold or prediction; ``n`` counts gold classes."""
    per_class = [_f1(f"{scope}.{name}") for name in classes]

    def value(sums: Sums) -> FloatArray:
        f1s = np.stack([metric.value(sums) for metric in per_class])
        return _ratio(np.nansum(f1s, axis=0), np.sum(~np.isnan(f1s), axis=0))

    def n(sums: Sums) -> FloatArray:
        total: FloatArray = np.stack([metric.n(sums) for metric in per_class]).sum(axis=0)
        return total

    return Metric(value, n)


def _target_accuracy() -> Metric:
    """Over gold stances predicted given the actors: the share whose set of targets is right.

    No target is the empty set. A stance toward two targets counts once.
    """
    return Metric(
        lambda sums: _ratio(sums["target.right"], sums["target.n"]), lambda sums: sums["target.n"]
    )


def _calibration_error(label: str) -> Metric:
    """Expected calibration error over bins of equal mass, given the actors.

    Mean over the mentions of |mean probability - share that bears the label| of their bin
    (Naeini et al. 2015; equal mass after Nixon et al. 2019). A small sample lifts it: noise within
    a bin never cancels out, and resampling adds noise, so the interval tends to lie high.
    """
    scope = f"calibration_error.{label}"

    def value(sums: Sums) -> FloatArray:
        gaps = np.stack([np.abs(sums[f"{scope}.{number}"]) for number in range(CALIBRATION_BINS)])
        return _ratio(gaps.sum(axis=0), sums[f"{scope}.n"])

    return Metric(value, lambda sums: sums[f"{scope}.n"])


def _class_metrics(scope: str, classes: Sequence[str]) -> dict[str, Metric]:
    return {
        f"{scope}.{name}.{kind}": metric(f"{scope}.{name}")
        for name in classes
        for kind, metric in (("precision", _precision), ("recall", _recall), ("f1", _f1))
    }


#: Every score by name, in the order of reports.
METRICS: dict[str, Metric] = {
    f"{_GIVEN}.macro_f1": _macro_f1(_GIVEN, STANCES),
    **_class_metrics(_GIVEN, STANCES),
    f"{_GIVEN_SEVERAL}.macro_f1": _macro_f1(_GIVEN_SEVERAL, STANCES),
    f"{_FOUND}.macro_f1": _macro_f1(_FOUND, STANCES),
    **_class_metrics(_FOUND, STANCES),
    **_class_metrics("mention", ("overlap", "exact")),
    f"{_SENTIMENT}.macro_f1": _macro_f1(_SENTIMENT, SENTIMENTS),
    **_class_metrics(_SENTIMENT, SENTIMENTS),
    "target.accuracy": _target_accuracy(),
    **{f"calibration_error.{label}": _calibration_error(label) for label in STANCES},
}


def scores(counts: Counts, bootstrap: Bootstrap | None = None) -> dict[str, Score]:
    """Every metric, with its interval if there is a ``bootstrap``."""
    sample = counts.sums()
    resamples = counts.sums(bootstrap) if bootstrap else None
    result = {}
    for name, metric in METRICS.items():
        low = high = math.nan
        if bootstrap and resamples:
            low, high = interval(metric.value(resamples), bootstrap.confidence)
        value, n = metric.value(sample), metric.n(sample)
        result[name] = Score(float(value[0]), low, high, int(n[0]))
    return result


def differences(first: Counts, second: Counts, bootstrap: Bootstrap) -> dict[str, Difference]:
    """Every metric of ``first`` minus that of ``second``, with a paired bootstrap interval.

    Both are resampled with the same documents, so what makes a document easy or hard for either
    cancels out. Raises ValueError if they do not cover the same documents.
    """
    if first.documents != second.documents:
        raise ValueError("the readers were scored on different documents: score both on the same")
    sample, other_sample = first.sums(), second.sums()
    resamples, other_resamples = first.sums(bootstrap), second.sums(bootstrap)
    result = {}
    for name, metric in METRICS.items():
        gap = metric.value(sample) - metric.value(other_sample)
        gaps = metric.value(resamples) - metric.value(other_resamples)
        result[name] = Difference(float(gap[0]), *interval(gaps, bootstrap.confidence))
    return result
