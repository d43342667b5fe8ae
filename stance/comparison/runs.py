"""Run folders, found and read again."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

from stance.evaluation.predictions import JudgedMentions, read_predictions
from stance.readers.bundle import BUNDLE
from stance.training.run import CHECKPOINTS, PREDICTIONS, RECORD

log = logging.getLogger(__name__)


class ComparisonError(ValueError):
    """Runs that are not there, not finished, or cannot be compared; the message says why."""


@dataclass(frozen=True)
class StoredRun:
    """A finished run: its folder, what ``run.json`` says, and its judgement of the test side."""

    folder: Path
    record: dict[str, Any]
    mentions: JudgedMentions

    @property
    def seed(self) -> int:
        """The seed it was trained with."""
        return int(self.record["settings"]["seed"])

    def score(self, name: str) -> float:
        """A test score that ``run.json`` holds; NaN if it is not defined."""
        value = self.record["scores"]["test"][name]["value"]
        return float("nan") if value is None else float(value)

    def cost(self, name: str) -> float:
        """What the run took, by its name in ``run.json``; NaN if it is not known."""
        value = self.record["cost"][name]
        return float("nan") if value is None else float(value)


def find_runs(patterns: Sequence[str]) -> list[Path]:
    """The run folders that are meant: each a run, a glob, or a folder with runs somewhere below.

    Unfinished runs that a glob or a folder brings along are passed over with a warning. Raises
    :class:`ComparisonError` for a name that leads to no finished run.
    """
    found: dict[Path, Path] = {}
    for pattern in patterns:
        paths = sorted(map(Path, glob(pattern, recursive=True)))
        folders = [run for path in paths if path.is_dir() for run in _runs_below(path)]
        finished = [folder for folder in folders if (folder / RECORD).exists()]
        unfinished = [str(folder) for folder in folders if folder not in finished]
        if not finished:
            raise ComparisonError(_reason(pattern, unfinished))
        if unfinished:
            log.warning("interrupted or still training, passed over: %s", ", ".join(unfinished))
        for folder in finished:
            found.setdefault(folder.resolve(), folder)
    return list(found.values())


def _runs_below(folder: Path) -> list[Path]:
    """The folder itself if it is a run, else those runs that lie below it."""
    marks = (RECORD, BUNDLE, CHECKPOINTS)
    if any((folder / mark).exists() for mark in marks):
        return [folder]
    return sorted({path.parent for mark in marks for path in folder.glob(f"**/{mark}")})


def _reason(pattern: str, unfinished: Sequence[str]) -> str:
    if unfinished:
        return (
            f"{', '.join(unfinished)}: no {RECORD}, so the run was interrupted or is still "
            "training; give its train command again and it goes on"
        )
    return f"{pattern}: no run there; name folders that scripts/train.py left, or globs of them"


def load_run(folder: Path) -> StoredRun:
    """Read a finished run. Raises :class:`ComparisonError` if it holds nothing to compare."""
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    if "cost" not in record or not (folder / PREDICTIONS).exists():
        raise ComparisonError(
            f"{folder} holds no {PREDICTIONS}: an earlier version made it; train it again"
        )
    mentions = read_predictions(folder / PREDICTIONS, "test")
    if not len(mentions):
        raise ComparisonError(
            f"{folder} was tested on no mention; give it a test side (data.test or data.split.test)"
        )
    return StoredRun(folder, record, mentions)


def check_comparable(runs: Sequence[StoredRun]) -> None:
    """Raise :class:`ComparisonError` naming two runs that were not tested on the same labels."""
    first = runs[0]
    for run in runs[1:]:
        ours, theirs = (r.record["training"]["data"]["test"] for r in (first, run))
        if ours["hash"] != theirs["hash"]:
            raise ComparisonError(
                f"{first.folder} and {run.folder} were tested on different data (hash "
                f"{ours['hash']}, {ours['sentences']} sentences; hash {theirs['hash']}, "
                f"{theirs['sentences']} sentences), so their scores say nothing about each other; "
                "train both with the same data settings, or leave one out"
            )
        if not first.mentions.same_gold(run.mentions):
            raise ComparisonError(
                f"the {PREDICTIONS} of {first.folder} and {run.folder} hold different mentions, "
                f"though {RECORD} names the same test data; train the one that was changed again"
            )
