"""P-values that can be counted on fingers."""

from __future__ import annotations

import numpy as np
import pytest

from stance.comparison.scoring import _COLUMNS, MAIN
from stance.comparison.significance import holm, randomisation_p

HIT, MISS = _COLUMNS.index("stance_given.threat.tp"), _COLUMNS.index("stance_given.threat.fn")


def counts(*right):
    """A threat in each document, found or missed."""
    table = np.zeros((len(right), len(_COLUMNS)))
    for row, found in zip(table, right, strict=True):
        row[HIT if found else MISS] = 1
    return table


def test_right_against_wrong_on_four_documents():
    """Of the 16 exchanges only that of none and that of all keep the difference of 1."""
    p = randomisation_p(MAIN, counts(1, 1, 1, 1), counts(0, 0, 0, 0), 100, 1)
    assert p == 2 / 16


def test_a_document_on_which_both_are_right_changes_nothing():
    """F1 is 1 and 0.5; exchanging just one of the last two makes it 0.8 and 0.8."""
    p = randomisation_p(MAIN, counts(1, 1, 1), counts(1, 0, 0), 8, 1)
    assert p == 4 / 8


def test_drawn_exchanges_count_the_one_found():
    """With 30 documents none of 99 draws is likely to be one of the two extremes in a billion."""
    p = randomisation_p(MAIN, counts(*[1] * 30), counts(*[0] * 30), 99, 1)
    assert p == 1 / 100


@pytest.mark.parametrize("documents", [3, 30])
def test_a_group_does_not_differ_from_itself(documents):
    same = counts(*[number % 3 for number in range(documents)])
    assert randomisation_p(MAIN, same, same, 100, 1) == 1


def test_without_a_difference_p_values_are_spread_evenly():
    """Under chance alone at most about a tenth of the tests fall below 0.1."""
    generator = np.random.default_rng(5)
    draws = generator.integers(2, size=(200, 2, 40))
    found = [randomisation_p(MAIN, counts(*a), counts(*b), 199, 1) for a, b in draws]
    assert 0.04 < np.mean([p <= 0.1 for p in found]) < 0.16


def test_holm_by_hand():
    """0.01 x 3, 0.03 x 2, and 0.04 x 1 raised to the one before it."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []
