"""How large a set of labelled sentences is, and what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from stance.ontology import SENTIMENTS, STANCES
from stance.schema import Example


@dataclass(frozen=True)
class CorpusCounts:
    """Sizes of a corpus.

    ``stances`` and ``sentiments`` count mentions by label (a stance toward two targets once);
    ``neither`` is the share of mentions without a stance, ``words`` the mean length of a sentence.
    """

    documents: int
    sentences: int
    words: float
    mentions: int
    stances: dict[str, int]
    neither: float
    sentiments: dict[str, int]


def corpus_counts(examples: Sequence[Example]) -> CorpusCounts:
    """Count ``examples``."""
    mentions = [mention for example in examples for mention in example.actors]
    stances = Counter(label for mention in mentions for label in mention.labels)
    sentiments = Counter(mention.sentiment for mention in mentions)
    words = sum(len(example.text.split()) for example in examples)
    without = sum(not mention.acts for mention in mentions)
    return CorpusCounts(
        documents=len({example.document for example in examples}),
        sentences=len(examples),
        words=words / max(len(examples), 1),
        mentions=len(mentions),
        stances={label: stances[label] for label in STANCES},
        neither=without / max(len(mentions), 1),
        sentiments={name: sentiments[name] for name in SENTIMENTS},
    )
