"""The baseline reader: linear models on n-grams of each mention and its surroundings.

It satisfies :class:`stance.schema.Reader`, so evaluation never knows that it holds no transformer.
How text becomes strings is said in :mod:`stance.readers.linear_features`, how the models are fitted
in :mod:`stance.readers.linear_fit`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from stance.atomic import atomic_write
from stance.extras import require
from stance.ontology import ACTOR_TAGS, SENTIMENTS, STANCES
from stance.readers.calibration import Calibration, FloatArray, log_odds_of
from stance.readers.linear_features import (
    MentionFields,
    mention_fields,
    pair_fields,
    word_features,
    words,
)
from stance.schema import Act, Example, Mention, Sentence, Span
from stance.settings import LinearSettings

#: File name of the models in a bundle.
MODELS: Final = "model.skops"

#: Types beyond scikit-learn's and numpy's own that a stored model may hold.
TRUSTED: Final[tuple[str, ...]] = ()

_OUTSIDE, _BEGIN, _INSIDE = range(len(ACTOR_TAGS))


@dataclass(frozen=True)
class LinearModels:
    """The fitted scikit-learn estimators of a reader.

    ``tagger`` gives the tags of words, ``stances`` (by label) and ``sentiment`` judge the rows that
    ``mention_features`` makes, and ``targets`` (by label, where training had pairs) the rows of
    ``pair_features``.
    """

    tagger: Any
    mention_features: Any
    stances: dict[str, Any]
    sentiment: Any
    pair_features: Any
    targets: dict[str, Any]


class _Found(NamedTuple):
    """A span to judge, and the probability that it is an actor."""

    span: Span
    confidence: float = 1.0


class LinearReader:
    """Finds actors word by word and judges each with linear classifiers; satisfies ``Reader``."""

    reads_context: Final = False

    def __init__(self, models: LinearModels, calibration: Calibration | None = None) -> None:
        self.models = models
        self.calibration = calibration or Calibration()

    def read(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]] | None = None
    ) -> list[list[Mention]]:
        """See :meth:`stance.schema.Reader.read`."""
        if spans is None:
            found = self._find(sentences)
        else:
            found = [[_Found(span) for span in given] for given in spans]
        mentions = iter(self._judge(sentences, found))
        return [[next(mentions) for _ in row] for row in found]

    def log_odds(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]]
    ) -> FloatArray:
        """Uncalibrated stance scores of the given spans, (all spans, stances): for calibration."""
        fields = _all_fields(sentences, spans)
        rows = [row for rows in fields for row in rows]
        if not rows:
            return np.zeros((0, len(STANCES)))
        return self._stance_log_odds(self.models.mention_features.transform(string_table(rows)))

    def _stance_log_odds(self, features: Any) -> FloatArray:
        columns = [_probability(self.models.stances[label], features) for label in STANCES]
        return log_odds_of(np.stack(columns, axis=1))

    def _find(self, sentences: Sequence[Sentence]) -> list[list[_Found]]:
        """The actors that the tagger sees in each sentence."""
        spans = [words(sentence.text) for sentence in sentences]
        features = [
            row
            for sentence, row_spans in zip(sentences, spans, strict=True)
            for row in word_features(sentence.text, row_spans)
        ]
        if not features:
            return [[] for _ in sentences]
        tags = _probabilities(self.models.tagger, features, ACTOR_TAGS)
        ends = np.cumsum([len(row) for row in spans])
        return [
            _tagged(row_spans, tags[end - len(row_spans) : end])
            for row_spans, end in zip(spans, ends, strict=True)
        ]

    def _judge(
        self, sentences: Sequence[Sentence], found: Sequence[Sequence[_Found]]
    ) -> list[Mention]:
        """The judged mentions of all sentences in one list."""
        spans = [[item.span for item in row] for row in found]
        fields = _all_fields(sentences, spans)
        rows = [row for rows in fields for row in rows]
        if not rows:
            return []
        features = self.models.mention_features.transform(string_table(rows))
        probabilities = self.calibration.probabilities(self._stance_log_odds(features))
        sentiment = _probabilities(self.models.sentiment, features, SENTIMENTS)
        decisions = self.calibration.decisions(probabilities)
        doubtful = self.calibration.doubtful(probabilities)
        targets = self._targets(sentences, spans, fields, decisions)
        items = [
            (sentence.text, item)
            for sentence, row in zip(sentences, found, strict=True)
            for item in row
        ]
        return [
            Mention(
                *item.span,
                text[slice(*item.span)],
                acts=tuple(
                    Act(label, targets.get((i, label)), float(probabilities[i, column]))
                    for column, label in enumerate(STANCES)
                    if decisions[i, column]
                ),
                sentiment=SENTIMENTS[int(sentiment[i].argmax())],
                probabilities=dict(zip(STANCES, probabilities[i].tolist(), strict=True)),
                sentiment_probabilities=dict(zip(SENTIMENTS, sentiment[i].tolist(), strict=True)),
                confidence=item.confidence,
                abstained=bool(doubtful[i]),
            )
            for i, (text, item) in enumerate(items)
        ]

    def _targets(
        self,
        sentences: Sequence[Sentence],
        spans: Sequence[Sequence[Span]],
        fields: Sequence[Sequence[MentionFields]],
        decisions: npt.NDArray[np.bool_],
    ) -> dict[tuple[int, str], int]:
        """The likeliest target of each act, by mention (counted over all sentences) and label.

        An act whose candidates are all less likely a target than not is left out.
        """
        pairs = [
            (mention, target, pair_fields(sentence.text, row, row_fields, actor, target))
            for sentence, row, row_fields, first in zip(
                sentences, spans, fields, _firsts(spans), strict=True
            )
            for mention, actor, target in _pairs(len(row), first)
            if decisions[mention].any()
        ]
        if not pairs or not self.models.targets:
            return {}
        features = self.models.pair_features.transform(string_table([p[2] for p in pairs]))
        chosen: dict[tuple[int, str], int] = {}
        for label, model in self.models.targets.items():
            scores = _probability(model, features)
            for position in np.argsort(scores, kind="stable"):  # the likeliest comes last
                if scores[position] > 0.5:
                    mention, target, _ = pairs[position]
                    chosen[mention, label] = target
        return chosen


def fit(train: Sequence[Example], settings: LinearSettings, seed: int) -> LinearReader:
    """Fit a reader, not calibrated yet, on ``train``.

    Raises ValueError if there is no actor to learn from.
    """
    from stance.readers.linear_fit import fit_models

    return LinearReader(fit_models(train, settings, seed))


def save(reader: LinearReader, folder: Path) -> None:
    """Write the models to ``folder/model.skops``, without pickle; the calibration is no part."""
    skops = require("skops.io", extra="linear")
    with atomic_write(folder / MODELS) as path:
        skops.dump(vars(reader.models), path, compression=zipfile.ZIP_DEFLATED)


def load_models(folder: Path) -> LinearModels:
    """The models that :func:`save` wrote; raise ValueError if the file holds any other type."""
    skops = require("skops.io", extra="linear")
    path = folder / MODELS
    unknown = sorted(set(skops.get_untrusted_types(file=path)) - set(TRUSTED))
    if unknown:
        raise ValueError(
            f"{path} holds {', '.join(unknown)}, which no linear reader is made of; "
            "do not use this file, train or fetch the bundle anew"
        )
    return LinearModels(**skops.load(path, trusted=list(TRUSTED)))


def string_table(rows: Sequence[tuple[str, ...]]) -> npt.NDArray[np.object_]:
    """Rows of fields as an array of shape (rows, fields), the input of the feature models."""
    return np.array(rows, dtype=object)


def _all_fields(
    sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]]
) -> list[list[MentionFields]]:
    return [
        mention_fields(sentence.text, row) for sentence, row in zip(sentences, spans, strict=True)
    ]


def _firsts(spans: Sequence[Sequence[Span]]) -> list[int]:
    """The place of each sentence's first mention, counted over all sentences."""
    sizes = [len(row) for row in spans]
    return [int(end) - size for end, size in zip(np.cumsum(sizes), sizes, strict=True)]


def _pairs(size: int, first: int) -> Iterator[tuple[int, int, int]]:
    """Every mention (counted over all sentences, then in its own) with every other one."""
    for actor in range(size):
        for target in range(size):
            if actor != target:
                yield first + actor, actor, target


def _probabilities(model: Any, features: Any, classes: Sequence[Any]) -> FloatArray:
    """Probabilities of shape (rows, ``classes``); a class that training never saw gets 0."""
    known = list(model.classes_)
    scores = model.predict_proba(features)
    result = np.zeros((scores.shape[0], len(classes)))
    for column, name in enumerate(classes):
        if name in known:
            result[:, column] = scores[:, known.index(name)]
    return result


def _probability(model: Any, features: Any) -> FloatArray:
    """Probability of ``True`` of a binary model, shape (rows,)."""
    return _probabilities(model, features, [True])[:, 0]


def _tagged(spans: Sequence[Span], tags: FloatArray) -> list[_Found]:
    """Join words to actors, each word taking its likeliest tag; ``tags`` are (words, tags).

    An inner word without a beginning opens an actor of its own.
    """
    runs: list[list[int]] = []
    for word, tag in enumerate(tags.argmax(axis=1)):
        if tag == _INSIDE and runs and runs[-1][-1] == word - 1:
            runs[-1].append(word)
        elif tag != _OUTSIDE:
            runs.append([word])
    return [
        _Found((spans[run[0]][0], spans[run[-1]][1]), 1 - float(tags[run, _OUTSIDE].mean()))
        for run in runs
    ]
