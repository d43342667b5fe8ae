"""Run the behaviour suites and the name swaps: ``python scripts/behaviour.py``."""

from __future__ import annotations

import sys

import hydra
from _schema import settings_of
from omegaconf import DictConfig
from rich.console import Console

from stance.evaluation.probe import probe, render, write
from stance.settings import BehaviourSettings


@hydra.main(version_base="1.3", config_path="../configs", config_name="behaviour")
def main(config: DictConfig) -> None:
    """Probe, write the report and the failures, print the report."""
    settings: BehaviourSettings = settings_of(config)
    probed = probe(settings)
    write(probed, settings)
    Console(width=None if sys.stdout.isatty() else 120).print(render(probed))


if __name__ == "__main__":
    main()
