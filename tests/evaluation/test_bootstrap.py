from __future__ import annotations

import math

import numpy as np
import pytest

from stance.evaluation.bootstrap import (
    Bootstrap,
    Difference,
    Score,
    interval,
    resampled_sums,
)

BOOTSTRAP = Bootstrap(resamples=2000, confidence=0.95, seed=1)


def share_interval(table: list[list[int]]) -> tuple[float, float]:
    """The interval of hits / n for rows of (hits, n)."""
    hits, n = resampled_sums(np.array(table, dtype=float), BOOTSTRAP).T
    return interval(hits / n, BOOTSTRAP.confidence)


def test_interval_of_a_share_is_the_binomial_one() -> None:
    # 120 of 200: standard error sqrt(0.6 * 0.4 / 200) = 0.0346, so 0.6 ± 1.96 * 0.0346.
    low, high = share_interval([[1, 1]] * 120 + [[0, 1]] * 80)

    assert (low, high) == (pytest.approx(0.532, abs=0.01), pytest.approx(0.668, abs=0.01))


def test_equal_sentences_of_a_document_count_as_one_draw() -> None:
    # The same 120 of 200, but in 20 documents of ten equal sentences: as wide as with n = 20,
    # standard error sqrt(0.6 * 0.4 / 20) = 0.1095.
    low, high = share_interval([[10, 10]] * 12 + [[0, 10]] * 8)

    assert (low, high) == (pytest.approx(0.385, abs=0.04), pytest.approx(0.815, abs=0.04))


def test_the_seed_decides() -> None:
    table = np.arange(20.0).reshape(10, 2)

    np.testing.assert_array_equal(
        resampled_sums(table, BOOTSTRAP), resampled_sums(table, BOOTSTRAP)
    )
    assert not np.array_equal(
        resampled_sums(table, BOOTSTRAP), resampled_sums(table, Bootstrap(2000, 0.95, seed=2))
    )


def test_a_single_document_gives_no_interval() -> None:
    low, high = share_interval([[7, 10]])

    assert math.isnan(low)
    assert math.isnan(high)


def test_what_is_not_defined_is_left_out() -> None:
    values = np.array([math.nan, *range(101), math.nan])

    assert interval(values, confidence=0.9) == pytest.approx((5, 95))


@pytest.mark.parametrize(("resamples", "confidence"), [(0, 0.95), (100, 1.0), (100, 0.0)])
def test_settings_without_meaning_are_refused(resamples: int, confidence: float) -> None:
    with pytest.raises(ValueError, match=f"resamples={resamples} .* confidence={confidence}"):
        Bootstrap(resamples, confidence, seed=1)


def test_what_is_not_defined_is_null_in_json() -> None:
    assert Score(0.5, math.nan, math.nan, n=3).to_dict() == {
        "value": 0.5,
        "low": None,
        "high": None,
        "n": 3,
    }


def test_a_difference_is_clear_when_its_interval_leaves_zero_out() -> None:
    assert Difference(0.2, 0.1, 0.3).is_clear
    assert Difference(-0.2, -0.3, -0.1).is_clear
    assert not Difference(0.1, -0.1, 0.3).is_clear
    assert not Difference(0.1, math.nan, math.nan).is_clear
