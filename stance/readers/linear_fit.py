"""Fitting the linear reader: TF-IDF fields and logistic regressions.

The n-grams are hashed instead of kept in a vocabulary, so that a stored reader is small, loads at
once, and can be fitted on any text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.extras import require
from stance.ontology import STANCES
from stance.readers.linear import LinearModels, string_table
from stance.readers.linear_features import (
    MentionFields,
    PairFields,
    mention_fields,
    pair_fields,
    word_features,
    words,
)
from stance.schema import Example, Mention, Span
from stance.settings import LinearSettings

compose = require("sklearn.compose", extra="linear")
dummy = require("sklearn.dummy", extra="linear")
feature_extraction = require("sklearn.feature_extraction", extra="linear")
linear_model = require("sklearn.linear_model", extra="linear")
pipeline = require("sklearn.pipeline", extra="linear")
text_features = require("sklearn.feature_extraction.text", extra="linear")

_RELATION_FEATURES = 256  # the relation of a pair has a few dozen n-grams


def fit_models(train: Sequence[Example], settings: LinearSettings, seed: int) -> LinearModels:
    """Fit every model of the reader on ``train``.

    A label that all mentions or none bear gets a constant. Raises ValueError if there is no actor
    to learn from.
    """
    mentions = [mention for example in train for mention in example.actors]
    if not mentions:
        raise ValueError(
            f"no actor in {len(train)} training sentences: the linear reader needs labelled actors"
        )
    fields = [mention_fields(example.text, example.spans) for example in train]
    mention_features = _mention_features(settings)
    features = mention_features.fit_transform(
        string_table([row for rows in fields for row in rows])
    )
    pair_features, targets = _fit_targets(train, fields, settings, seed)
    return LinearModels(
        tagger=_fit_tagger(train, settings, seed),
        mention_features=mention_features,
        stances={
            label: _fit_classifier(features, [label in m.labels for m in mentions], settings, seed)
            for label in STANCES
        },
        sentiment=_fit_classifier(
            features, [m.sentiment for m in mentions], settings, seed, class_weight="balanced"
        ),
        pair_features=pair_features,
        targets=targets,
    )


def _fit_classifier(
    features: Any,
    gold: Sequence[bool] | Sequence[str],
    settings: LinearSettings,
    seed: int,
    class_weight: str | None = None,
) -> Any:
    """A logistic regression, or a constant where ``gold`` has but one class."""
    if len(set(gold)) == 1:
        return dummy.DummyClassifier(strategy="prior").fit(features, gold)
    regression = linear_model.LogisticRegression(
        C=settings.regularisation, class_weight=class_weight, max_iter=1000, random_state=seed
    )
    return regression.fit(features, gold)


def _fit_targets(
    train: Sequence[Example],
    fields: Sequence[Sequence[MentionFields]],
    settings: LinearSettings,
    seed: int,
) -> tuple[Any, dict[str, Any]]:
    """The features of pairs and, for each label with pairs in ``train``, who is the target.

    Only one mention in five is the target of another's act, so the classes are weighted.
    """
    rows = {label: _labelled_pairs(train, fields, label) for label in STANCES}
    pair_features = _pair_features(settings)
    every_pair = [pair for pairs, _ in rows.values() for pair in pairs]
    if not every_pair:
        return pair_features, {}
    pair_features.fit(string_table(every_pair))
    targets = {
        label: _fit_classifier(
            pair_features.transform(string_table(pairs)), gold, settings, seed, "balanced"
        )
        for label, (pairs, gold) in rows.items()
        if pairs
    }
    return pair_features, targets


def _labelled_pairs(
    train: Sequence[Example], fields: Sequence[Sequence[MentionFields]], label: str
) -> tuple[list[PairFields], list[bool]]:
    """The pairs of each mention that bears ``label`` with the others, and which are right."""
    pairs, gold = [], []
    for example, rows in zip(train, fields, strict=True):
        for i, actor in enumerate(example.actors):
            others = [j for j in range(len(rows)) if j != i and label in actor.labels]
            pairs += [pair_fields(example.text, example.spans, rows, i, j) for j in others]
            gold += [j in actor.targets(label) for j in others]
    return pairs, gold


def _fit_tagger(train: Sequence[Example], settings: LinearSettings, seed: int) -> Any:
    spans = [words(example.text) for example in train]
    features = [
        row
        for example, row_spans in zip(train, spans, strict=True)
        for row in word_features(example.text, row_spans)
    ]
    tags = [
        tag
        for example, row_spans in zip(train, spans, strict=True)
        for tag in actor_tags(row_spans, example.actors)
    ]
    hasher = feature_extraction.FeatureHasher(settings.tag_features, input_type="string")
    classifier = _fit_classifier(hasher.transform(features), tags, settings, seed)
    return pipeline.make_pipeline(hasher, classifier)


def actor_tags(spans: Sequence[Span], actors: Sequence[Mention]) -> npt.NDArray[np.str_]:
    """The tag of every word: ``B`` where an actor begins, ``I`` within, ``O`` outside."""
    tags = np.full(len(spans), "O")
    for actor in actors:
        touched = [
            i for i, (start, end) in enumerate(spans) if start < actor.end > actor.start < end
        ]
        tags[touched] = "I"
        tags[touched[:1]] = "B"
    return tags


def _mention_features(settings: LinearSettings) -> Any:
    """TF-IDF of the words and the characters of every mention field."""
    return compose.ColumnTransformer(
        [
            step
            for column, name in enumerate(MentionFields._fields)
            for step in (
                (f"{name}_words", _word_ngrams(settings), column),
                (f"{name}_chars", _char_ngrams(settings), column),
            )
        ]
    )


def _pair_features(settings: LinearSettings) -> Any:
    """The relation as it is, TF-IDF of the words of the other pair fields."""
    relation = text_features.HashingVectorizer(
        n_features=_RELATION_FEATURES, ngram_range=(1, 3), norm=None, alternate_sign=False
    )
    return compose.ColumnTransformer(
        [
            ("relation", relation, 0),
            *(
                (name, _word_ngrams(settings), column)
                for column, name in enumerate(PairFields._fields)
                if name != "relation"
            ),
        ]
    )


def _word_ngrams(settings: LinearSettings) -> Any:
    return _tf_idf(n_features=settings.word_features, ngram_range=(1, 2), token_pattern=r"\S+")


def _char_ngrams(settings: LinearSettings) -> Any:
    return _tf_idf(n_features=settings.char_features, ngram_range=(3, 5), analyzer="char_wb")


def _tf_idf(**counting: Any) -> Any:
    counts = text_features.HashingVectorizer(norm=None, alternate_sign=False, **counting)
    return pipeline.make_pipeline(counts, text_features.TfidfTransformer(sublinear_tf=True))
