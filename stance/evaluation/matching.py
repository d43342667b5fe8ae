"""Which found mention stands for which gold one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stance.extras import require
from stance.schema import Span


def match(gold: Sequence[Span], found: Sequence[Span]) -> list[tuple[int, int]]:
    """Pairs (index in ``gold``, index in ``found``) of overlapping spans, each used at most once.

    Among all one-to-one pairings the one with the most shared characters in total is chosen
    (the assignment problem, Kuhn 1955). Order of the spans does not matter; pairs come in the
    order of ``gold``.
    """
    if not gold or not found:
        return []
    ours, theirs = np.array(gold), np.array(found)
    starts = np.maximum(ours[:, None, 0], theirs[None, :, 0])
    ends = np.minimum(ours[:, None, 1], theirs[None, :, 1])
    overlap = np.maximum(ends - starts, 0)
    assignment = require("scipy.optimize", extra="linear").linear_sum_assignment
    rows, columns = assignment(overlap, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if overlap[i, j] > 0]
