"""Where Hydra ends: the settings classes as schemas, and a config turned into one of them."""

from __future__ import annotations

from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from stance import settings

SCHEMAS = {
    "train_schema": settings.TrainSettings,
    "evaluate_schema": settings.EvaluateSettings,
    "behaviour_schema": settings.BehaviourSettings,
    "compare_schema": settings.CompareSettings,
    "fetch_schema": settings.FetchSettings,
    "label_schema": settings.LabelSettings,
    "export_schema": settings.ExportSettings,
    "predict_schema": settings.PredictSettings,
}

for _name, _schema in SCHEMAS.items():
    ConfigStore.instance().store(name=_name, node=_schema)


def settings_of(config: DictConfig) -> Any:
    """The typed settings object that ``config`` describes."""
    return OmegaConf.to_object(config)
