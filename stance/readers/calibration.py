"""From a model's scores to probabilities one can trust, and from probabilities to decisions.

Per label a Platt scaling (a logistic regression on the model's log-odds), a threshold that
maximises F1, and a band around it in which the reader abstains; all fitted on dev.

Platt, J. (1999). Probabilistic outputs for support vector machines and comparisons to regularized
likelihood methods. In Advances in Large Margin Classifiers, MIT Press.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.ontology import STANCES
from stance.settings import CalibrationSettings

log = logging.getLogger(__name__)

FloatArray = npt.NDArray[np.floating[Any]]

_FEW = 5  # fewer positives or negatives than this teach no calibration


@dataclass(frozen=True, slots=True)
class LabelCalibration:
    """How one label's log-odds become a probability and a decision."""

    slope: float = 1.0
    intercept: float = 0.0
    threshold: float = 0.5
    low: float = 0.5  # probabilities in [low, high) are doubtful
    high: float = 0.5

    def probability(self, log_odds: FloatArray) -> FloatArray:
        """Calibrated probabilities, of the same shape."""
        return sigmoid(self.slope * log_odds + self.intercept)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The calibration of every stance label, in the order of ``STANCES``."""

    stances: tuple[LabelCalibration, ...] = (LabelCalibration(),) * len(STANCES)

    def probabilities(self, log_odds: FloatArray) -> FloatArray:
        """Calibrate scores of shape (mentions, stances)."""
        columns = [c.probability(log_odds[:, i]) for i, c in enumerate(self.stances)]
        return np.stack(columns, axis=1)

    def decisions(self, probabilities: FloatArray) -> npt.NDArray[np.bool_]:
        """Which label each mention bears; shape (mentions, stances)."""
        return np.asarray(probabilities >= np.array([c.threshold for c in self.stances]))

    def doubtful(self, probabilities: FloatArray) -> npt.NDArray[np.bool_]:
        """Which mentions have a label in its abstention band; shape (mentions,)."""
        low = np.array([c.low for c in self.stances])
        high = np.array([c.high for c in self.stances])
        inside = (probabilities >= low) & (probabilities < high)
        return np.asarray(inside.any(axis=1))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, by label."""
        return {label: asdict(c) for label, c in zip(STANCES, self.stances, strict=True)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibration:
        """Undo :meth:`to_dict`."""
        return cls(tuple(LabelCalibration(**values[label]) for label in STANCES))


def fit(
    log_odds: FloatArray, gold: npt.NDArray[np.bool_], settings: CalibrationSettings
) -> Calibration:
    """Fit on dev scores and gold labels, both of shape (mentions, stances)."""
    return Calibration(
        tuple(
            _fit_label(label, log_odds[:, i], gold[:, i], settings)
            for i, label in enumerate(STANCES)
        )
    )


def _fit_label(
    label: str, log_odds: FloatArray, gold: npt.NDArray[np.bool_], settings: CalibrationSettings
) -> LabelCalibration:
    if min(gold.sum(), (~gold).sum()) < _FEW:
        return LabelCalibration()
    scaled = LabelCalibration(*_platt(log_odds, gold))
    if not 0 < scaled.slope < np.inf:
        log.warning(
            "%s: the scores on dev do not rise with the labels (slope %.3g), so they stay "
            "uncalibrated; look at the dev side and the training history",
            label,
            scaled.slope,
        )
        return LabelCalibration()
    probabilities = scaled.probability(log_odds)
    threshold = best_threshold(probabilities, gold)
    margin = float(np.quantile(np.abs(probabilities - threshold), 1 - settings.coverage))
    return LabelCalibration(
        scaled.slope, scaled.intercept, threshold, threshold - margin, threshold + margin
    )


def _platt(log_odds: FloatArray, gold: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept of a logistic regression on the smoothed targets of Platt (1999).

    Of P positives and N negatives, the former have the target (P + 1) / (P + 2) and the latter
    1 / (N + 2), so that scores which part them perfectly do not make the slope endless.
    """
    from sklearn.linear_model import LogisticRegression

    positives, negatives = gold.sum(), (~gold).sum()
    targets = np.where(gold, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    # A target between 0 and 1 is the row twice, as either class, weighted.
    model = LogisticRegression(C=1e6).fit(
        np.tile(log_odds, 2)[:, None],
        np.repeat([True, False], len(gold)),
        sample_weight=np.concatenate([targets, 1 - targets]),
    )
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def best_threshold(probabilities: FloatArray, gold: npt.NDArray[np.bool_]) -> float:
    """The threshold of highest F1, from 0.10 to 0.90; of equals the one nearest to a half."""
    grid = np.round(np.arange(0.10, 0.901, 0.02), 2)
    chosen = probabilities[None, :] >= grid[:, None]
    f1 = 2 * (chosen & gold).sum(axis=1) / np.maximum(chosen.sum(axis=1) + gold.sum(), 1)
    best = np.flatnonzero(np.isclose(f1, f1.max()))
    return float(grid[best[np.argmin(np.abs(grid[best] - 0.5))]])


def sigmoid(x: FloatArray) -> FloatArray:
    """The logistic function, without overflow."""
    return np.exp(-np.logaddexp(0, -x))


def softmax(x: FloatArray) -> FloatArray:
    """Probabilities over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    result: FloatArray = powers / powers.sum(axis=-1, keepdims=True)
    return result


def log_odds_of(probabilities: FloatArray) -> FloatArray:
    """Undo :func:`sigmoid`, with probabilities kept off 0 and 1."""
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    result: FloatArray = np.log(clipped / (1 - clipped))
    return result
