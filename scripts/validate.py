"""Check labelled files: ``python scripts/validate.py seeds/sentences my/labels.jsonl``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from stance.data.counts import CorpusCounts, corpus_counts
from stance.data.duplicates import near_duplicates
from stance.data.files import data_hash, scan


def main(
    paths: Annotated[list[Path], typer.Argument(help=".jsonl files, or folders of them.")],
    threshold: Annotated[
        float, typer.Option(help="Report sentences whose word five-grams overlap by so much.")
    ] = 0.5,
) -> None:
    """Print every bad row, every pair of nearly equal sentences, and what each file holds.

    Exit code: 1 if a row is bad.
    """
    scanned = scan(paths)
    for problem in scanned.problems:
        print(problem)
    pairs = near_duplicates(scanned.examples, threshold)
    for pair in pairs:
        print(pair)
    names = _names(scanned.files)
    counts = {names[file]: corpus_counts(rows) for file, rows in scanned.files.items()}
    Console(width=100).print(_table(counts | {"all": corpus_counts(scanned.examples)}))
    print(
        f"{len(scanned.problems)} problem(s), {len(scanned.examples)} sound sentences "
        f"(data {data_hash(scanned.examples)}), {len(pairs)} nearly equal pair(s)"
    )
    raise typer.Exit(code=bool(scanned.problems))


def _names(files: Iterable[Path]) -> dict[Path, str]:
    """Each file by its path below the folder that holds them all."""
    whole = {file: file.resolve() for file in files}
    common = os.path.commonpath([path.parent for path in whole.values()])
    return {file: str(path.relative_to(common)) for file, path in whole.items()}


def _table(counts: dict[str, CorpusCounts]) -> Table:
    columns = ("documents", "sentences", "words", "mentions", "threat", "coop.", "drawdown", "none")
    table = Table("file", box=None)
    for column in columns:
        table.add_column(column, justify="right")
    for name, count in counts.items():
        sizes = (count.documents, count.sentences, f"{count.words:.1f}", count.mentions)
        table.add_row(name, *map(str, (*sizes, *count.stances.values(), f"{count.neither:.0%}")))
    return table


if __name__ == "__main__":
    typer.run(main)
