from __future__ import annotations

import numpy as np
import pytest

from stance.readers.calibration import (
    Calibration,
    LabelCalibration,
    best_threshold,
    fit,
    log_odds_of,
    sigmoid,
    softmax,
)
from stance.settings import CalibrationSettings


def test_sigmoid_and_softmax_by_hand():
    assert sigmoid(np.array([0.0, np.log(3), -1e4, 1e4])) == pytest.approx([0.5, 0.75, 0, 1])
    assert softmax(np.log([[1.0, 1.0, 2.0]])) == pytest.approx(np.array([[0.25, 0.25, 0.5]]))
    assert log_odds_of(np.array([0.75])) == pytest.approx(np.log([3.0]))


def test_best_threshold_parts_what_can_be_parted():
    probabilities = np.array([0.1, 0.3, 0.55, 0.9])
    gold = np.array([False, False, True, True])
    assert best_threshold(probabilities, gold) == 0.5  # any of 0.32 to 0.54 does; nearest a half


def test_best_threshold_goes_where_the_positives_are():
    probabilities = np.array([0.1, 0.25, 0.3, 0.35])
    gold = np.array([False, True, True, True])
    assert best_threshold(probabilities, gold) == 0.24


def test_platt_scaling_mends_overconfident_scores():
    """Of the scores +4 seven in ten are right, of -4 nine in ten.

    There are 8 positives and 12 negatives, so Platt's targets are 9/10 and 1/14, and what must come
    out is their mean at either score: (7 * 9/10 + 3/14) / 10 and (9/10 + 9/14) / 10.
    """
    scores = np.array([[4.0]] * 10 + [[-4.0]] * 10).repeat(3, axis=1)
    gold = np.array([[True]] * 7 + [[False]] * 3 + [[True]] * 1 + [[False]] * 9).repeat(3, axis=1)
    calibration = fit(scores, gold, CalibrationSettings())
    probabilities = calibration.probabilities(np.array([[4.0] * 3, [-4.0] * 3]))
    assert probabilities == pytest.approx(np.array([[0.65143] * 3, [0.15429] * 3]), abs=1e-3)


def test_a_label_too_rare_to_learn_from_keeps_plain_probabilities():
    calibration = fit(np.zeros((6, 3)), np.zeros((6, 3), dtype=bool), CalibrationSettings())
    assert calibration == Calibration()


def test_the_band_holds_the_share_that_coverage_leaves():
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(1000, 3))
    gold = rng.random((1000, 3)) < sigmoid(scores)
    calibration = fit(scores, gold, CalibrationSettings(coverage=0.9))
    for column, label in enumerate(calibration.stances):
        inside = label.probability(scores[:, column])
        assert ((inside >= label.low) & (inside < label.high)).mean() == pytest.approx(
            0.1, abs=0.01
        )


def test_decisions_and_doubt():
    calibration = Calibration((LabelCalibration(threshold=0.6, low=0.5, high=0.7),) * 3)
    probabilities = np.array([[0.65, 0.1, 0.1], [0.9, 0.59, 0.2], [0.9, 0.1, 0.1]])
    assert calibration.decisions(probabilities).tolist() == [
        [True, False, False],
        [True, False, False],
        [True, False, False],
    ]
    assert calibration.doubtful(probabilities).tolist() == [True, True, False]


def test_round_trip():
    calibration = Calibration(tuple(LabelCalibration(slope=s) for s in (1.0, 2.0, 3.0)))
    assert Calibration.from_dict(calibration.to_dict()) == calibration
    assert list(calibration.to_dict()) == ["threat", "cooperation", "drawdown"]


def test_a_handful_that_is_parted_perfectly_does_not_make_sure():
    """Of 5 positives and 5 negatives Platt's targets are 6/7 and 1/7."""
    scores = np.array([[4.0]] * 5 + [[-4.0]] * 5).repeat(3, axis=1)
    calibration = fit(scores, scores > 0, CalibrationSettings())
    assert calibration.probabilities(scores)[[0, -1], 0] == pytest.approx([6 / 7, 1 / 7], abs=1e-3)


def test_scores_that_fall_with_the_labels_are_not_turned_round(caplog):
    scores = np.array([[4.0]] * 10 + [[-4.0]] * 10).repeat(3, axis=1)
    assert fit(scores, scores < 0, CalibrationSettings()) == Calibration()
    assert "threat: the scores on dev do not rise with the labels" in caplog.text
