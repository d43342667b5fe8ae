"""Take labels back: ``python scripts/collect.py runs/label/queue.jsonl done.csv my/1.jsonl``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stance.data.files import read_examples, write_examples
from stance.labelling.exchange import ExchangeError, guess_tool, read
from stance.settings import LabelTool


def main(
    sent: Annotated[Path, typer.Argument(help="The queue as it was sent: queue.jsonl.")],
    done: Annotated[Path, typer.Argument(help="What the label tool exported, or the edited CSV.")],
    output: Annotated[Path, typer.Argument(help="The labelled file to write.")],
    tool: Annotated[
        LabelTool | None, typer.Option(help="Default: what the file's name or first row says.")
    ] = None,
) -> None:
    """Write the sentences that came back sound, and say what is wrong with each other row.

    Exit code: 0 if all rows are sound, 1 if some are not, 2 if nothing could be read.
    """
    try:
        collected = read(tool or guess_tool(done), done, read_examples([sent]))
    except (ExchangeError, OSError, ValueError) as error:
        typer.echo(f"collect: {error}", err=True)
        raise typer.Exit(2) from error
    for problem in collected.problems:
        typer.echo(str(problem), err=True)
    write_examples(output, collected.examples)
    print(
        f"{len(collected.examples)} sentences in {output}, "
        f"{len(collected.problems)} row(s) left out"
    )
    raise typer.Exit(code=bool(collected.problems))


if __name__ == "__main__":
    typer.run(main)
