"""Read articles as ``stance predict`` does: ``python scripts/predict.py 'paths=[article.txt]'``."""

from __future__ import annotations

import sys

import hydra
from _schema import settings_of
from omegaconf import DictConfig

from stance.cli import run_predict
from stance.settings import PredictSettings


@hydra.main(version_base="1.3", config_path="../configs", config_name="predict")
def main(config: DictConfig) -> None:
    """Read, write, and end with the exit code of ``stance predict``."""
    settings: PredictSettings = settings_of(config)
    sys.exit(run_predict(settings))


if __name__ == "__main__":
    main()
