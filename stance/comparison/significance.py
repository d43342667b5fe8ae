"""Could the difference between two groups be chance?

Approximate randomisation (Noreen 1989, "Computer-Intensive Methods for Testing Hypotheses"; for F1
Yeh 2000, "More accurate tests for the statistical significance of result differences"): were the
groups alike, their answers to a document could as well stand exchanged. The p-value is the share
of exchanges that bring a difference at least as large as the one found. Documents are exchanged
whole, because the sentences of one are no independent draws.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stance.comparison.scoring import metric
from stance.evaluation.bootstrap import FloatArray

_ROUNDING = 1e-12  # sums in another order must not turn a tie into a smaller difference


def randomisation_p(
    name: str, first: FloatArray, second: FloatArray, resamples: int, seed: int
) -> float:
    """The two-sided p-value of a difference in the score ``name``.

    ``first`` and ``second`` are counts (documents, counts); of several runs their mean. If all
    exchanges are at most ``resamples``, each is made once and p is exact; else as many are drawn,
    and the one found counts along (Noreen's (hits + 1) / (draws + 1)).
    """
    found = abs(metric(name, first.sum(axis=0)) - metric(name, second.sum(axis=0)))
    documents = len(first)
    exact = 2**documents <= resamples
    if exact:
        swaps = (np.arange(2**documents)[:, None] >> np.arange(documents)) & 1
    else:
        swaps = np.random.default_rng(seed).integers(2, size=(resamples, documents))
    moved = swaps @ (second - first)
    gaps = np.abs(
        metric(name, first.sum(axis=0) + moved) - metric(name, second.sum(axis=0) - moved)
    )
    hits = int(np.sum(gaps >= found - _ROUNDING))
    return hits / len(swaps) if exact else (hits + 1) / (resamples + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for their number (Holm 1979), in the order given."""
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(np.argsort(p_values, kind="stable")):
        largest = max(largest, min(1.0, p_values[index] * (len(p_values) - rank)))
        corrected[index] = largest
    return corrected
