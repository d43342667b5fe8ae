from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stance.evaluation.matching import match


def test_one_found_span_serves_one_gold_span() -> None:
    assert match(gold=[(0, 4), (5, 12)], found=[(0, 12)]) == [(1, 0)]


def test_the_total_overlap_decides_not_the_largest_single_one() -> None:
    # Taking the largest overlap first (gold 1 with found 0: 4 characters) would leave found 1
    # alone; crossing over shares 2 + 3.
    assert match(gold=[(0, 4), (4, 12)], found=[(2, 8), (9, 12)]) == [(0, 0), (1, 1)]


def test_spans_that_only_touch_do_not_match() -> None:
    assert match(gold=[(0, 4)], found=[(4, 8)]) == []


def test_nothing_to_match() -> None:
    assert match([], [(0, 4)]) == []
    assert match([(0, 4)], []) == []


def test_order_does_not_matter() -> None:
    assert match(gold=[(10, 14), (0, 4)], found=[(1, 3), (11, 20)]) == [(0, 1), (1, 0)]


spans = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda s: (s[0], sum(s))))


@given(spans, spans)
def test_pairs_are_one_to_one_and_overlap(
    gold: list[tuple[int, int]], found: list[tuple[int, int]]
) -> None:
    pairs = match(gold, found)

    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    for i, j in pairs:
        assert max(gold[i][0], found[j][0]) < min(gold[i][1], found[j][1])
