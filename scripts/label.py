"""Suggest labels for articles: ``python scripts/label.py 'paths=[seeds/articles]'``."""

from __future__ import annotations

import sys

import hydra
from _schema import settings_of
from omegaconf import DictConfig
from rich.console import Console

from stance.extras import MissingExtraError
from stance.labelling.report import render
from stance.labelling.run import label
from stance.settings import LabelSettings


@hydra.main(version_base="1.3", config_path="../configs", config_name="label")
def main(config: DictConfig) -> None:
    """Label, write suggestions, queue and report, print the report."""
    settings: LabelSettings = settings_of(config)
    try:
        report = label(settings)
    except (ValueError, FileNotFoundError, MissingExtraError) as error:
        sys.exit(f"label: {error}")
    Console(width=None if sys.stdout.isatty() else 120).print(render(report))


if __name__ == "__main__":
    main()
