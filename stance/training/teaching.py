"""Learning from a stronger reader along with the labels.

A small model that is fitted to a large one's probabilities, on labelled and on unlabelled text,
gets closer to it than by labels alone (Hinton, Vinyals and Dean 2015, "Distilling the knowledge in
a neural network").
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from stance.ontology import SENTIMENTS, STANCES
from stance.schema import Article, Example, Mention, Reader, Sentence
from stance.text.ingest import read_articles
from stance.text.sentences import split_article
from stance.training.features import sentiment_shares, stance_shares

log = logging.getLogger(__name__)


def taught(examples: Sequence[Example], teacher: Reader, weight: float) -> list[Example]:
    """The examples with probabilities: the labels', and with ``weight`` (0 to 1) the teacher's.

    The labels themselves stay, for targets and scores.
    """
    judged = teacher.read([e.sentence for e in examples], [e.spans for e in examples])
    return [
        replace(
            example,
            actors=tuple(
                _blended(label, opinion, weight)
                for label, opinion in zip(example.actors, opinions, strict=True)
            ),
        )
        for example, opinions in zip(examples, judged, strict=True)
    ]


def teacher_labelled(sentences: Sequence[Sentence], teacher: Reader) -> list[Example]:
    """Unlabelled sentences with the actors that the teacher finds, as it judges them."""
    return [
        Example(
            id=f"{sentence.document}:{sentence.start}",
            document=sentence.document,
            offset=sentence.start,
            prev=sentence.prev,
            text=sentence.text,
            actors=tuple(mentions),
        )
        for sentence, mentions in zip(sentences, teacher.read(sentences), strict=True)
    ]


def unlabelled_sentences(paths: Sequence[Path], labelled: Collection[Example]) -> list[Sentence]:
    """The sentences of the articles at ``paths``, each text once.

    Articles that give ``labelled`` any of its sentences are passed over.
    """
    documents = {example.document for example in labelled}
    found: dict[str, Sentence] = {}
    for item in read_articles(paths):
        if not isinstance(item, Article):
            log.warning("%s", item)
        elif item.id not in documents:
            for sentence in split_article(item)[0]:
                found.setdefault(sentence.text, sentence)
    return list(found.values())


def _blended(label: Mention, opinion: Mention, weight: float) -> Mention:
    return replace(
        label,
        probabilities=_mixed(stance_shares(label), opinion.probabilities, STANCES, weight),
        sentiment_probabilities=_mixed(
            sentiment_shares(label), sentiment_shares(opinion), SENTIMENTS, weight
        ),
    )


def _mixed(
    label: Mapping[str, float],
    opinion: Mapping[str, float],
    names: Sequence[str],
    weight: float,
) -> dict[str, float]:
    return {n: (1 - weight) * label.get(n, 0.0) + weight * opinion.get(n, 0.0) for n in names}
