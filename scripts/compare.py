"""Compare training runs: ``python scripts/compare.py 'runs=[runs/linear-*,runs/default-*]'``."""

from __future__ import annotations

import sys

import hydra
from _schema import settings_of
from omegaconf import DictConfig
from rich.console import Console

from stance.comparison.compare import compare
from stance.comparison.report import render, write_report
from stance.comparison.runs import ComparisonError
from stance.settings import CompareSettings


@hydra.main(version_base="1.3", config_path="../configs", config_name="compare")
def main(config: DictConfig) -> None:
    """Compare, write the report, print its tables."""
    settings: CompareSettings = settings_of(config)
    try:
        comparison = compare(settings)
    except ComparisonError as error:
        sys.exit(str(error))
    written = write_report(comparison, settings.output)
    Console(width=None if sys.stdout.isatty() else 120).print(render(comparison))
    print(*written, sep="\n")


if __name__ == "__main__":
    main()
