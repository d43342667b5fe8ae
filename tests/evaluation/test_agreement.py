from __future__ import annotations

import math
from dataclasses import replace

import pytest

pytest.importorskip("nltk")

from stance.evaluation.agreement import agreement
from stance.schema import Act, Example, Mention

TEXT = "Iran hit Iraq and left."


def example(number, *actors):
    return Example(f"d-{number}", "d", 0, "", TEXT, actors)


def iran(*labels, target=None, sentiment="neutral"):
    return Mention(0, 4, "Iran", tuple(Act(label, target) for label in labels), sentiment)


IRAQ = Mention(9, 13, "Iraq")


def test_the_same_labelling_agrees_in_all():
    rows = [
        example(1, iran("threat", target=1, sentiment="negative"), IRAQ),
        example(2, iran("cooperation")),
        example(3, iran("drawdown")),
    ]

    found = agreement(rows, rows)

    assert set(found.alpha.values()) == {1.0}
    assert set(found.stance_f1.values()) == {1.0}
    assert (found.mention_f1, found.target_accuracy, found.disagreements) == (1, 1, [])
    assert (found.sentences, found.mentions, found.matched) == (3, (4, 4), 4)


def test_alpha_of_four_units_by_hand():
    """Values 1 1, 1 1, 0 0, 1 0: observed disagreement 1/4, expected 2 * 5 * 3 / (8 * 7)."""
    first = [
        example(n, iran(*labels)) for n, labels in enumerate([["threat"]] * 2 + [[], ["threat"]])
    ]
    second = [example(n, iran(*labels)) for n, labels in enumerate([["threat"]] * 2 + [[], []])]

    found = agreement(first, second)

    assert found.alpha["threat"] == pytest.approx(1 - (1 / 4) / (30 / 56))
    assert found.stance_f1["threat"] == pytest.approx(4 / 5)
    assert math.isnan(found.alpha["drawdown"])
    assert [d.first.id for d in found.disagreements] == ["d-3"]
    assert found.disagreements[0].differences == ("'Iran' threat / none",)


def test_mentions_of_one_side_alone_lower_f1_and_are_listed():
    found = agreement([example(1, iran("threat"), IRAQ)], [example(1, iran("threat"))])

    assert found.mention_f1 == pytest.approx(2 / 3)
    assert found.disagreements[0].differences == ("only first marks 'Iraq'",)


def test_targets_are_compared_as_mentions():
    ours = example(1, iran("threat", target=1), IRAQ)
    other = example(1, IRAQ, replace(iran("threat", target=0)))
    without = example(1, iran("threat"), IRAQ)

    assert agreement([ours], [other]).target_accuracy == 1
    assert agreement([ours], [without]).target_accuracy == 0


def test_labellings_of_other_sentences_are_refused():
    with pytest.raises(ValueError, match="share no sentence"):
        agreement([example(1)], [example(2)])
    with pytest.raises(ValueError, match="reads differently"):
        agreement([example(1)], [replace(example(1), text="Iran left.")])
