"""Score bundles on labelled sentences: ``python scripts/evaluate.py 'bundles=[default]'``."""

from __future__ import annotations

import sys

import hydra
from _schema import settings_of
from omegaconf import DictConfig
from rich.console import Console

from stance.evaluation.report import render, write_report
from stance.evaluation.run import evaluate
from stance.settings import EvaluateSettings


@hydra.main(version_base="1.3", config_path="../configs", config_name="evaluate")
def main(config: DictConfig) -> None:
    """Evaluate, write the report, print it."""
    settings: EvaluateSettings = settings_of(config)
    report = evaluate(settings)
    write_report(report, settings.output)
    Console(width=None if sys.stdout.isatty() else 120).print(render(report))


if __name__ == "__main__":
    main()
