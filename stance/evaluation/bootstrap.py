"""Intervals by resampling whole documents.

Sentences of one article share its topic and style, so they are no independent draws: the bootstrap
draws documents with replacement (the pairs cluster bootstrap of Cameron, Gelbach and Miller 2008,
"Bootstrap-based improvements for inference with clustered errors") and reads percentile intervals
off the resampled scores (Efron and Tibshirani 1993, chapter 13). Every score here is a function of
counts that add up over documents, so a resample is a sum of rows; no sentence is read again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Bootstrap:
    """How often to resample, how wide the interval is (0.95 for 95 %), and the seed."""

    resamples: int
    confidence: float
    seed: int

    def __post_init__(self) -> None:
        if self.resamples < 1 or not 0 < self.confidence < 1:
            raise ValueError(
                f"resamples={self.resamples} must be positive and confidence={self.confidence} "
                "must lie between 0 and 1"
            )


@dataclass(frozen=True)
class Score:
    """A score with its interval and ``n``, the number of gold items it is taken over.

    A score that is not defined (no item to take it over) is NaN, and so are the ends of an
    interval that were not asked for or cannot be had from a single document.
    """

    value: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; what is not defined is null."""
        ends = {"value": self.value, "low": self.low, "high": self.high}
        return {name: none_if_nan(number) for name, number in ends.items()} | {"n": self.n}


@dataclass(frozen=True)
class Difference:
    """How much higher one reader scores than another on the same sentences."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; what is not defined is null."""
        return {
            "value": none_if_nan(self.value),
            "low": none_if_nan(self.low),
            "high": none_if_nan(self.high),
        }


def none_if_nan(number: float) -> float | None:
    """``number``, or None where JSON has no word for it."""
    return None if math.isnan(number) else number


def resampled_sums(table: FloatArray, bootstrap: Bootstrap) -> FloatArray:
    """Column sums of ``table`` (documents x counts) over resampled documents: resamples x counts.

    The same seed and number of documents draw the same documents, which pairs two readers.
    Fewer than two documents cannot tell how documents vary: all sums are NaN.
    """
    documents = len(table)
    if documents < 2:
        return np.full((bootstrap.resamples, table.shape[1]), np.nan)
    generator = np.random.default_rng(bootstrap.seed)
    draws = (
        np.bincount(generator.integers(documents, size=documents), minlength=documents)
        for _ in range(bootstrap.resamples)
    )
    return np.stack([draw @ table for draw in draws])


def interval(values: FloatArray, confidence: float) -> tuple[float, float]:
    """The central ``confidence`` share of the resampled values; those not defined are left out."""
    defined = values[~np.isnan(values)]
    if not defined.size:
        return math.nan, math.nan
    tail = (1 - confidence) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)
