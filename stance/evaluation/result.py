"""What an evaluation found, to be questioned, compared and written down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stance.evaluation.bootstrap import Bootstrap, Difference, Score
from stance.evaluation.metrics import Counts
from stance.ontology import CODEBOOK_VERSION, SENTIMENTS, STANCES
from stance.schema import Example, Mention


@dataclass(frozen=True)
class ClassScores:
    """How well one class is found."""

    precision: Score
    recall: Score
    f1: Score


@dataclass(frozen=True)
class Predictions:
    """What a reader said of each sentence: given the gold spans, and left to find its own.

    ``seconds`` is how long it took to find its own.
    """

    given: list[list[Mention]]
    found: list[list[Mention]]
    seconds: float

    @property
    def speed(self) -> float:
        """Sentences a second, with actors to find."""
        return len(self.found) / self.seconds


@dataclass(frozen=True)
class Evaluation:
    """One reader on one set of labelled sentences.

    ``scores`` holds every metric of :data:`stance.evaluation.metrics.METRICS` by name; the
    properties group them.
    """

    scores: dict[str, Score]
    counts: Counts
    predictions: Predictions

    @property
    def stance_given(self) -> dict[str, ClassScores]:
        """Each stance, given the actors."""
        return {label: self._class_scores(f"stance_given.{label}") for label in STANCES}

    @property
    def stance_found(self) -> dict[str, ClassScores]:
        """Each stance end to end, with the actors that the reader found."""
        return {label: self._class_scores(f"stance_found.{label}") for label in STANCES}

    @property
    def sentiment(self) -> dict[str, ClassScores]:
        """Each sentiment, given the actors."""
        return {name: self._class_scores(f"sentiment.{name}") for name in SENTIMENTS}

    @property
    def mentions(self) -> ClassScores:
        """Actor mentions; one that overlaps a gold mention is right, one to one."""
        return self._class_scores("mention.overlap")

    @property
    def exact_mentions(self) -> ClassScores:
        """Actor mentions; only the very same span is right."""
        return self._class_scores("mention.exact")

    @property
    def calibration_error(self) -> dict[str, Score]:
        """Expected calibration error of each stance, given the actors."""
        return {label: self.scores[f"calibration_error.{label}"] for label in STANCES}

    @property
    def macro_f1_given(self) -> Score:
        """Mean F1 of the stances, given the actors."""
        return self.scores["stance_given.macro_f1"]

    @property
    def macro_f1_given_several(self) -> Score:
        """The same over the sentences with two or more actors."""
        return self.scores["stance_given_several.macro_f1"]

    @property
    def macro_f1_found(self) -> Score:
        """Mean F1 of the stances end to end."""
        return self.scores["stance_found.macro_f1"]

    @property
    def macro_f1_sentiment(self) -> Score:
        """Mean F1 of the sentiments, given the actors."""
        return self.scores["sentiment.macro_f1"]

    @property
    def target_accuracy(self) -> Score:
        """Share of the rightly predicted stances whose set of targets is right too."""
        return self.scores["target.accuracy"]

    @property
    def left_out(self) -> list[str]:
        """Classes that neither gold nor prediction holds: no macro average counts them."""
        groups = {"stance": self.stance_given, "sentiment": self.sentiment}
        return [
            f"{group} {name}"
            for group, classes in groups.items()
            for name, result in classes.items()
            if math.isnan(result.f1.value)
        ]

    def headline(self) -> str:
        """The main scores on one line, for logs."""
        named = {
            "macro-F1 given the actors": self.macro_f1_given,
            "end to end": self.macro_f1_found,
            "mention F1": self.mentions.f1,
            "sentiment macro-F1": self.macro_f1_sentiment,
            "target accuracy": self.target_accuracy,
        }
        return ", ".join(f"{name} {score.value:.3f}" for name, score in named.items())

    def _class_scores(self, scope: str) -> ClassScores:
        return ClassScores(*(self.scores[f"{scope}.{kind}"] for kind in _KINDS))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; the predictions have rows of their own."""
        return {
            "scores": {name: score.to_dict() for name, score in self.scores.items()},
            "left_out": self.left_out,
        }


_KINDS = ("precision", "recall", "f1")


@dataclass(frozen=True)
class Sample:
    """The size of a set of labelled sentences; ``support`` counts gold mentions per stance."""

    documents: int
    sentences: int
    mentions: int
    support: dict[str, int]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Sample:
        """Count ``examples``."""
        mentions = [mention for example in examples for mention in example.actors]
        return cls(
            documents=len({example.document for example in examples}),
            sentences=len(examples),
            mentions=len(mentions),
            support={label: sum(label in m.labels for m in mentions) for label in STANCES},
        )


@dataclass(frozen=True)
class DataReport:
    """All readers on one set of sentences.

    ``differences`` holds, per reader but the first, how much higher the first one scores.
    """

    name: str
    data_hash: str
    examples: list[Example]
    evaluations: dict[str, Evaluation]
    differences: dict[str, dict[str, Difference]]

    @property
    def sample(self) -> Sample:
        """How large the set is."""
        return Sample.of(self.examples)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "name": self.name,
            "data_hash": self.data_hash,
            "sample": asdict(self.sample),
            "bundles": {name: result.to_dict() for name, result in self.evaluations.items()},
            "differences": {
                name: {metric: gap.to_dict() for metric, gap in gaps.items()}
                for name, gaps in self.differences.items()
            },
        }

    def prediction_rows(self) -> list[dict[str, Any]]:
        """One row per sentence and reader: what it said given the actors, and left to find them."""
        return [
            {
                "data": self.name,
                "bundle": name,
                "id": example.id,
                "given": [_judged(mention) for mention in given],
                "found": [_judged(mention) for mention in found],
            }
            for name, result in self.evaluations.items()
            for example, given, found in zip(
                self.examples, result.predictions.given, result.predictions.found, strict=True
            )
        ]


def _judged(mention: Mention) -> dict[str, Any]:
    return {
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "stances": [{"label": act.label, "target": act.target} for act in mention.acts],
        "sentiment": mention.sentiment,
        "probabilities": {label: float(p) for label, p in mention.probabilities.items()},
        "sentiment_probabilities": {
            name: float(p) for name, p in mention.sentiment_probabilities.items()
        },
        "confidence": float(mention.confidence),
        "abstained": mention.abstained,
    }


@dataclass(frozen=True)
class Report:
    """Readers scored on one or several sets of sentences, with what is needed to repeat it."""

    data: list[DataReport]
    bootstrap: Bootstrap
    codebook_version: str = CODEBOOK_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "codebook_version": self.codebook_version,
            "bootstrap": asdict(self.bootstrap),
            "data": [data.to_dict() for data in self.data],
        }
