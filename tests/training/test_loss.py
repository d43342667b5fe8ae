from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from stance.settings import TrainingSettings  # noqa: E402
from stance.training.loss import total_loss  # noqa: E402

ALL_ONE = TrainingSettings(tag_weight=1, stance_weight=1, sentiment_weight=1, target_weight=1)


def outputs(spans: int):
    """Scores that favour nothing."""
    return (
        torch.zeros(1, 4, 3),
        torch.zeros(spans, 3),
        torch.zeros(spans, 3),
        torch.zeros(spans, 3, spans),
    )


def labels(spans: int):
    return {
        "tags": torch.tensor([[-100, 1, 0, -100]]),
        "stances": torch.zeros(spans, 3),
        "sentiment": torch.tensor([[0.0, 1.0, 0.0]]).repeat(spans, 1),
        "targets": torch.full((spans, 3, spans), -100.0),
    }


def test_of_scores_that_know_nothing():
    """Tags and sentiment have three ways each, a stance two, and no target is known."""
    assert total_loss(outputs(2), labels(2), ALL_ONE) == pytest.approx(
        math.log(3) + math.log(2) + math.log(3)
    )


def test_known_targets_count():
    gold = labels(2)
    gold["targets"][0, 0, 1] = 1
    assert total_loss(outputs(2), gold, ALL_ONE) == pytest.approx(
        math.log(3) + math.log(2) + math.log(3) + math.log(2)
    )


def test_weights_weigh():
    settings = TrainingSettings(tag_weight=2, stance_weight=0, sentiment_weight=0, target_weight=0)
    assert total_loss(outputs(2), labels(2), settings) == pytest.approx(2 * math.log(3))


def test_a_batch_without_actors_has_a_finite_loss():
    assert total_loss(outputs(0), labels(0), ALL_ONE) == pytest.approx(math.log(3))
