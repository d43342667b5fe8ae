"""Compare two labellings: ``python scripts/agreement.py seeds/sentences seeds/second``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from stance.data.files import read_examples
from stance.evaluation.agreement import Agreement, agreement
from stance.ontology import STANCES


def main(
    first: Annotated[Path, typer.Argument(help="A .jsonl file, or a folder of them.")],
    second: Annotated[Path, typer.Argument(help="The same sentences, labelled again.")],
    listing: Annotated[
        bool, typer.Option("--list", help="Print every sentence that they differ in.")
    ] = False,
) -> None:
    """Print Krippendorff's alpha per label, F1 for mentions and stances, and the differences."""
    found = agreement(read_examples([first]), read_examples([second]))
    if listing:
        for disagreement in found.disagreements:
            print(disagreement)
    Console(width=100).print(_table(found))
    print(
        f"{found.sentences} sentences in both, {found.mentions[0]} and {found.mentions[1]} "
        f"mentions, {found.matched} in both (mention F1 {found.mention_f1:.3f}); same targets "
        f"{found.target_accuracy:.3f}; {len(found.disagreements)} sentences differ in something"
    )


def _table(found: Agreement) -> Table:
    table = Table("label", "alpha", "F1", box=None)
    for name, alpha in found.alpha.items():
        f1 = f"{found.stance_f1[name]:.3f}" if name in STANCES else ""
        table.add_row(name, f"{alpha:.3f}", f1)
    return table


if __name__ == "__main__":
    typer.run(main)
