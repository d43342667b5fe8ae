"""A report as a table for the terminal and as a file."""

from __future__ import annotations

import json
import math
from itertools import groupby
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from stance.atomic import atomic_write
from stance.evaluation.bootstrap import Difference, Score
from stance.evaluation.metrics import METRICS
from stance.evaluation.result import DataReport, Report

_SECTIONS = {
    "stance_given": "Given the actors",
    "stance_given_several": "Given 2+ actors",
    "stance_found": "End to end",
    "mention": "Actor mentions",
    "sentiment": "Sentiment",
    "target": "Targets",
    "calibration_error": "Calibration error",
}
_KINDS = {"precision": "P", "recall": "R", "f1": "F1", "macro_f1": "macro-F1"}


def write_report(report: Report, path: Path) -> None:
    """Write the scores as JSON to ``path`` and the predictions as JSON Lines beside it.

    ``runs/evaluation.json`` gets ``runs/evaluation.predictions.jsonl``; each appears whole or not
    at all.
    """
    with atomic_write(path) as temporary:
        text = json.dumps(report.to_dict(), ensure_ascii=False, indent=2, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    with (
        atomic_write(path.with_suffix(".predictions.jsonl")) as temporary,
        temporary.open("w", encoding="utf-8") as file,
    ):
        for data in report.data:
            for row in data.prediction_rows():
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def render(report: Report) -> RenderableType:
    """One table per set of sentences, each with the recipe of its numbers."""
    return Group(*(_render_data(data, report) for data in report.data))


def _render_data(data: DataReport, report: Report) -> RenderableType:
    return Group(_table(data), *(Text(line, style="dim") for line in _notes(data, report)))


def _table(data: DataReport) -> Table:
    table = Table(
        title=data.name,
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("score", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    for name in data.evaluations:
        table.add_column(name, justify="right")
    for other in data.differences:
        table.add_column(f"{next(iter(data.evaluations))} − {other}", justify="right")
    for scope, metrics in groupby(METRICS, key=lambda metric: metric.partition(".")[0]):
        table.add_section()
        table.add_row(Text(_SECTIONS[scope], style="bold"))
        for metric in metrics:
            table.add_row(_label(metric), *_cells(data, metric))
    return table


def _label(metric: str) -> str:
    """``stance_given.threat.f1`` becomes "threat F1", below the title of its section."""
    return "  " + " ".join(_KINDS.get(part, part) for part in metric.split(".")[1:])


def _cells(data: DataReport, metric: str) -> list[RenderableType]:
    results = [evaluation.scores[metric] for evaluation in data.evaluations.values()]
    sizes = dict.fromkeys(str(score.n) for score in results)
    return [
        "/".join(sizes),  # readers differ in n where it counts what they got right
        *map(_score, results),
        *(_difference(gaps[metric]) for gaps in data.differences.values()),
    ]


def _score(score: Score) -> str:
    if math.isnan(score.value):
        return "–"
    return _short(score.value, ".3f") + _interval(score.low, score.high, ".2f")


def _difference(gap: Difference) -> Text:
    if math.isnan(gap.value):
        return Text("–")
    text = _short(gap.value, "+.3f") + _interval(gap.low, gap.high, "+.2f")
    return Text(text, style="bold" if gap.is_clear else "")


def _interval(low: float, high: float, style: str) -> str:
    if math.isnan(low):
        return ""
    return f" [{_short(low, style)}, {_short(high, style)}]"


def _short(number: float, style: str) -> str:
    """No zero before the point: two readers and their difference fit into 80 columns."""
    return f"{number:{style}}".replace("0.", ".")


def _notes(data: DataReport, report: Report) -> list[str]:
    """How the numbers came about, and what they leave out."""
    sample, bootstrap = data.sample, report.bootstrap
    notes = [
        f"{sample.sentences} sentences of {sample.documents} documents, {sample.mentions} "
        f"mentions; data {data.data_hash}, codebook {report.codebook_version}",
        f"{bootstrap.confidence:.0%} intervals by bootstrap over documents, "
        f"{bootstrap.resamples} resamples, seed {bootstrap.seed}; n counts gold items",
        "sentiment, targets and expected calibration error (lower is better) are given the actors",
    ]
    if data.differences:
        notes.append("a difference in bold has an interval that leaves zero out")
    for name, evaluation in data.evaluations.items():
        if evaluation.left_out:
            classes = ", ".join(evaluation.left_out)
            notes.append(f"{name}: neither in gold nor predicted, so in no macro-F1: {classes}")
    return notes
