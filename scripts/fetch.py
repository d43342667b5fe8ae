"""Make the labels of public texts whole: ``python scripts/fetch.py``."""

from __future__ import annotations

import hydra
from _schema import settings_of
from omegaconf import DictConfig

from stance.data.corpora import fetch


@hydra.main(version_base="1.3", config_path="../configs", config_name="fetch")
def main(config: DictConfig) -> None:
    """Fetch, join, verify, and say what was written."""
    for fetched in fetch(settings_of(config)):
        print(fetched)


if __name__ == "__main__":
    main()
