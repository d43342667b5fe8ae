"""Runs that differ in nothing but their seed, as one group."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from stance.comparison.runs import StoredRun

Config: TypeAlias = dict[str, Any]

#: Settings that do not change what is learned, besides the seed, which groups are made over.
_IGNORED: Final = ("seed", "output", "training.resume", "training.progress")
_SEED_IN_NAME: Final = re.compile(r"[-_/.]*(seed)?[-_=]?\d*$")


@dataclass(frozen=True)
class Group:
    """Runs of one config by the name they are shown with."""

    name: str
    config: Config
    runs: list[StoredRun]

    @property
    def seeds(self) -> list[int]:
        """The seeds of the runs."""
        return [run.seed for run in self.runs]


def group_runs(runs: Sequence[StoredRun]) -> list[Group]:
    """Group the runs, in the order in which their configs first appear."""
    groups: dict[str, list[StoredRun]] = {}
    for run in runs:
        groups.setdefault(json.dumps(config(run), sort_keys=True), []).append(run)
    members = list(groups.values())
    return [
        Group(name, config(group[0]), group)
        for name, group in zip(_names(members), members, strict=True)
    ]


def config(run: StoredRun) -> Config:
    """What decides what a run learns: settings by dotted key, and the data it was fitted on."""
    settings = dict(_flat(run.record["settings"]))
    data = run.record["training"]["data"]
    hashes = {f"data.{side}.hash": data[side]["hash"] for side in ("train", "dev")}
    return {key: value for key, value in settings.items() if key not in _IGNORED} | hashes


def differing(groups: Sequence[Group]) -> dict[str, list[Any]]:
    """The config keys in which the groups are not all alike, with each group's value."""
    keys = dict.fromkeys(key for group in groups for key in group.config)
    values = {key: [group.config.get(key) for group in groups] for key in keys}
    return {key: row for key, row in values.items() if any(value != row[0] for value in row)}


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _names(groups: Sequence[Sequence[StoredRun]]) -> list[str]:
    """The folder of a lone run, what the folders of several share, each name given once."""
    paths = [_shared([str(run.folder) for run in runs]) for runs in groups]
    short = [os.path.basename(path) for path in paths]
    if "" in short or len(set(short)) < len(short):
        short = paths
    counts = Counter(short)
    return [
        name if counts[name] == 1 and name else str(runs[0].folder)
        for name, runs in zip(short, groups, strict=True)
    ]


def _shared(folders: Sequence[str]) -> str:
    if len(folders) == 1:
        return folders[0]
    prefix = os.path.commonprefix(folders)  # noqa: RUF071  of "runs/a-1" and "runs/a-2": "runs/a-"
    return _SEED_IN_NAME.sub("", prefix)
