"""Check labelled files: ``python scripts/validate.py seeds/sentences my/labels.jsonl``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stance.data.duplicates import near_duplicates
from stance.data.files import data_hash, scan


def main(
    paths: Annotated[list[Path], typer.Argument(help=".jsonl files, or folders of them.")],
    threshold: Annotated[
        float, typer.Option(help="Report sentences whose word five-grams overlap by so much.")
    ] = 0.5,
) -> None:
    """Print every bad row and every pair of nearly equal sentences; exit 1 if a row is bad."""
    scanned = scan(paths)
    for problem in scanned.problems:
        print(problem)
    pairs = near_duplicates(scanned.examples, threshold)
    for pair in pairs:
        print(pair)
    print(
        f"{len(scanned.problems)} problem(s), {len(scanned.examples)} sound sentences "
        f"(data {data_hash(scanned.examples)}), {len(pairs)} nearly equal pair(s)"
    )
    raise typer.Exit(code=bool(scanned.problems))


if __name__ == "__main__":
    typer.run(main)
