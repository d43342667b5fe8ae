"""Findings as JSON Lines, CSV or Parquet, one per row.

JSON Lines hold :meth:`stance.schema.Finding.to_dict`. CSV and Parquet share flat columns:

=============================== ==================================================================
document, sentence              as in JSON Lines
start, end, text, actor         as in JSON Lines
stances                         the labels borne, "threat;drawdown"; one that has two targets
                                stands twice
targets                         the words of each stance's target, aligned with ``stances``
target_actors                   whom each target stands for, aligned likewise
target_starts, target_ends      where each target stands in the article, aligned likewise
sentiment                       as in JSON Lines
threat, cooperation, drawdown   the calibrated probability of each stance, borne or not
abstained                       whether a label is in doubt
=============================== ==================================================================

In CSV the lists are joined by ";" (a semicolon inside a name becomes a comma, a stance
without a target leaves its place empty); in Parquet they are lists with nulls.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

from stance.extras import require
from stance.ontology import STANCES
from stance.pipeline import ArticleReading
from stance.schema import Finding

#: Takes one reading after the other.
Write = Callable[[ArticleReading], None]

_TEXT_LISTS: Final = ("stances", "targets", "target_actors")
_OFFSET_LISTS: Final = ("target_starts", "target_ends")
_LISTS: Final = _TEXT_LISTS + _OFFSET_LISTS
COLUMNS: Final = (
    "document",
    "sentence",
    "start",
    "end",
    "text",
    "actor",
    *_LISTS,
    "sentiment",
    *STANCES,
    "abstained",
)
ROW_GROUP: Final = 20_000  # rows held in memory before a Parquet row group is written


def flat_row(finding: Finding) -> dict[str, Any]:
    """A finding as the flat columns, lists as lists."""
    probabilities = finding.to_dict()["probabilities"]
    targets = [stance.target for stance in finding.stances]
    return {
        "document": finding.document,
        "sentence": finding.sentence,
        "start": finding.start,
        "end": finding.end,
        "text": finding.text,
        "actor": finding.actor,
        "stances": [stance.label for stance in finding.stances],
        "targets": [target.text if target else None for target in targets],
        "target_actors": [target.actor if target else None for target in targets],
        "target_starts": [target.start if target else None for target in targets],
        "target_ends": [target.end if target else None for target in targets],
        "sentiment": finding.sentiment,
        **{label: probabilities.get(label) for label in STANCES},
        "abstained": finding.abstained,
    }


def jsonl_writer(stream: TextIO) -> Write:
    """Write each finding as a line of JSON."""

    def write(reading: ArticleReading) -> None:
        for finding in reading.findings:
            stream.write(json.dumps(finding.to_dict(), ensure_ascii=False) + "\n")

    return write


def csv_writer(stream: TextIO) -> Write:
    """Write the header now and each finding as a row."""
    rows = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    rows.writeheader()

    def write(reading: ArticleReading) -> None:
        for finding in reading.findings:
            row = flat_row(finding)
            rows.writerow(row | {name: _joined(row[name]) for name in _LISTS})

    return write


def _joined(values: list[str | int | None]) -> str:
    return ";".join("" if v is None else str(v).replace(";", ",") for v in values)


@contextmanager
def parquet_writer(path: Path, rows_per_group: int = ROW_GROUP) -> Iterator[Write]:
    """Write row groups as they fill; the rest when the block ends.

    Raises :class:`stance.extras.MissingExtraError` without pyarrow.
    """
    pyarrow = require("pyarrow", extra="parquet")
    parquet = require("pyarrow.parquet", extra="parquet")
    schema = _schema(pyarrow)
    waiting: list[dict[str, Any]] = []
    with parquet.ParquetWriter(path, schema, compression="zstd") as file:

        def flush() -> None:
            file.write_table(pyarrow.Table.from_pylist(waiting, schema=schema))
            waiting.clear()

        def write(reading: ArticleReading) -> None:
            for finding in reading.findings:
                waiting.append(flat_row(finding))
                if len(waiting) == rows_per_group:
                    flush()

        yield write
        if waiting:
            flush()


def _schema(pyarrow: Any) -> Any:
    types = dict.fromkeys(COLUMNS, pyarrow.string())
    types |= dict.fromkeys(("start", "end"), pyarrow.int64())
    types |= dict.fromkeys(_TEXT_LISTS, pyarrow.list_(pyarrow.string()))
    types |= dict.fromkeys(_OFFSET_LISTS, pyarrow.list_(pyarrow.int64()))
    types |= dict.fromkeys(STANCES, pyarrow.float64())
    types["abstained"] = pyarrow.bool_()
    return pyarrow.schema(list(types.items()))
