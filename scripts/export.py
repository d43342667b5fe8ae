"""Turn a trained run into a bundle to ship: ``python scripts/export.py run=runs/default``."""

from __future__ import annotations

import hydra
from _schema import settings_of
from omegaconf import DictConfig

from stance.settings import ExportSettings
from stance.training.export import export


@hydra.main(version_base="1.3", config_path="../configs", config_name="export")
def main(config: DictConfig) -> None:
    """Export, check parity, print what came out."""
    settings: ExportSettings = settings_of(config)
    print(export(settings).summary())


if __name__ == "__main__":
    main()
