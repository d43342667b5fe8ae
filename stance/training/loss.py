"""What the transformer is fitted to: four losses and their sum."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from stance.ontology import ACTOR_TAGS
from stance.settings import TrainingSettings
from stance.training.features import IGNORED


def total_loss(
    outputs: tuple[Tensor, Tensor, Tensor, Tensor],
    labels: dict[str, Tensor],
    settings: TrainingSettings,
) -> Tensor:
    """Weighted sum of tag, stance, sentiment and target loss, each a mean over what it judges.

    Stances are probabilities (spans, stances) and sentiments distributions (spans, sentiments), so
    a teacher's doubt can be learned as well as a label.
    """
    tags, stances, sentiment, targets = (output.float() for output in outputs)
    loss = settings.tag_weight * functional.cross_entropy(
        tags.reshape(-1, len(ACTOR_TAGS)), labels["tags"].reshape(-1), ignore_index=IGNORED
    )
    known = labels["targets"] != IGNORED
    return (
        loss
        + settings.stance_weight * _binary(stances, labels["stances"])
        + settings.sentiment_weight * _multinomial(sentiment, labels["sentiment"])
        + settings.target_weight * _binary(targets[known], labels["targets"][known])
    )


# A batch may hold no actor or no target. The mean of nothing is no number; the sum is zero and
# still lets every head take part, as training in several processes requires.


def _binary(scores: Tensor, gold: Tensor) -> Tensor:
    if not len(scores):
        return scores.sum()
    return functional.binary_cross_entropy_with_logits(scores, gold)


def _multinomial(scores: Tensor, gold: Tensor) -> Tensor:
    return functional.cross_entropy(scores, gold) if len(scores) else scores.sum()
