"""Train a reader: ``python scripts/train.py``, ``python scripts/train.py reader=linear``."""

from __future__ import annotations

import hydra
from _schema import settings_of
from omegaconf import DictConfig

from stance.settings import TrainSettings
from stance.training.run import train


@hydra.main(version_base="1.3", config_path="../configs", config_name="train")
def main(config: DictConfig) -> None:
    """Train, leave the run folder, print the dev scores."""
    settings: TrainSettings = settings_of(config)
    print(train(settings).summary())


if __name__ == "__main__":
    main()
