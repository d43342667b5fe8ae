"""What a labelling run tells: how the functions do, and how far to trust what they suggest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from stance.labelling.aggregate import Aggregate, Weight
from stance.labelling.functions import LABELS
from stance.labelling.votes import BoolArray, Worth
from stance.ontology import STANCES
from stance.schema import DIGITS


@dataclass(frozen=True)
class LabelScore:
    """Precision, recall and F1 of one label; ``support`` counts the gold mentions that bear it."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class ModelScore:
    """The scores of one way of aggregating, by label."""

    labels: Mapping[str, LabelScore]

    @property
    def macro_f1(self) -> float:
        """Mean F1 over the stances that gold has; NaN where it has none."""
        found = [self.labels[s].f1 for s in STANCES if self.labels[s].support]
        return sum(found) / len(found) if found else math.nan


@dataclass
class LabelReport:
    """The report of a run; ``scores`` is by way of aggregating and empty without gold."""

    sentences: int
    mentions: int
    gold_sentences: int
    gold_mentions: int
    chosen: str
    suggested: Mapping[str, int]
    worth: Sequence[Worth]
    weights: Sequence[Weight]
    scores: Mapping[str, ModelScore]
    queued: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; a share of nothing is null."""
        values = asdict(self)
        values["weights"] = [
            asdict(weight) | {"evidence": weight.evidence} for weight in self.weights
        ]
        values["scores"] = {
            name: {"macro_f1": scored.macro_f1, "labels": asdict(scored)["labels"]}
            for name, scored in self.scores.items()
        }
        rounded: dict[str, Any] = _rounded(values)
        return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, DIGITS)
    return value


def score(model: Aggregate, has_gold: BoolArray, gold: BoolArray) -> ModelScore:
    """Compare the decisions on the candidates that have gold with ``gold`` (those, labels)."""
    decided = model.decisions[has_gold]
    return ModelScore(
        {
            label: _label_score(decided[:, column], gold[:, column])
            for column, label in enumerate(LABELS)
        }
    )


def _label_score(decided: BoolArray, gold: BoolArray) -> LabelScore:
    hits, said, borne = int((decided & gold).sum()), int(decided.sum()), int(gold.sum())
    return LabelScore(
        precision=hits / said if said else math.nan,
        recall=hits / borne if borne else math.nan,
        f1=2 * hits / (said + borne) if said + borne else math.nan,
        support=borne,
    )


def render(report: LabelReport) -> RenderableType:
    """The report as tables for a terminal."""
    suggested = ", ".join(f"{count} {label}" for label, count in report.suggested.items())
    lines = [
        f"{report.sentences} sentences, {report.mentions} mentions: {suggested}",
        f"{report.queued} sentences to review; labels by {report.chosen}",
    ]
    tables: list[RenderableType] = [*lines, "", _worth_table(report)]
    if report.scores:
        tables += ["", _score_table(report)]
    return Group(*tables)


def _worth_table(report: LabelReport) -> Table:
    learned = {(w.function, w.label, w.against): w.evidence for w in report.weights}
    table = Table("function", "label", box=None)
    for column in (
        "coverage",
        "overlap",
        "conflict",
        "if yes",
        "if no",
        "yes",
        "precision",
        "accuracy",
    ):
        table.add_column(column, justify="right")
    for row in report.worth:
        shares = (f"{share:.1%}" for share in (row.coverage, row.overlap, row.conflict))
        evidence = (
            _number(learned.get((row.function, row.label, against), math.nan))
            for against in (False, True)
        )
        gold = (_number(row.precision), _number(row.accuracy))
        table.add_row(row.function, row.label, *shares, *evidence, str(row.yes), *gold)
    return table


def _score_table(report: LabelReport) -> Table:
    table = Table(f"on {report.gold_mentions} gold mentions", "label", box=None)
    for column in ("precision", "recall", "F1", "gold"):
        table.add_column(column, justify="right")
    for name, scored in report.scores.items():
        for label, row in scored.labels.items():
            numbers = map(_number, (row.precision, row.recall, row.f1))
            table.add_row(name, label, *numbers, str(row.support))
        table.add_row(name, "macro-F1 of stances", "", "", _number(scored.macro_f1), "")
    return table


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"
