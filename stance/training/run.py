"""One training run: data in, run folder out.

A run folder holds ``bundle/`` (the reader, loadable by its path), ``predictions.parquet`` (its
judgement of every mention of dev and test, see :mod:`stance.evaluation.predictions`) and
``run.json`` (settings, data, history, scores, cost, code, environment), written last: a folder
without it was interrupted. Until a run is done, ``checkpoints/`` is what it goes on from.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from stance.atomic import atomic_write
from stance.data.files import fingerprint, sources
from stance.data.split import Side, Split, load
from stance.evaluation.bootstrap import Bootstrap
from stance.evaluation.predictions import mention_rows, write_predictions
from stance.evaluation.result import Evaluation
from stance.evaluation.run import evaluate_reader
from stance.extras import require
from stance.ontology import STANCES
from stance.readers import calibration
from stance.readers.bundle import BUNDLE, Manifest, write_manifest
from stance.readers.calibration import Calibration, FloatArray
from stance.schema import Example, Reader, Sentence, Span
from stance.settings import (
    CalibrationSettings,
    DataSettings,
    ReaderKind,
    SplitSettings,
    TrainSettings,
    plain,
)
from stance.training.machine import code, environment, folder_size, peak_memory
from stance.training.processes import wait_for_everyone, writes

log = logging.getLogger(__name__)

RECORD: Final = "run.json"
PREDICTIONS: Final = "predictions.parquet"
CHECKPOINTS: Final = "checkpoints"

_TEST_INTERVALS: Final = Bootstrap(resamples=1000, confidence=0.95, seed=1)


class CalibratedReader(Reader, Protocol):
    """A reader whose stance scores can be calibrated."""

    calibration: Calibration

    def log_odds(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]]
    ) -> FloatArray:
        """Uncalibrated stance scores of all given spans, (spans, stances)."""
        ...


@dataclass(frozen=True)
class Run:
    """A finished run: where it lies, how it did on dev, and how long it took."""

    folder: Path
    dev: Evaluation
    seconds: float

    @property
    def bundle(self) -> Path:
        """The folder to load the reader from."""
        return self.folder / BUNDLE

    def summary(self) -> str:
        """What to tell the person who started the run."""
        return f"dev: {self.dev.headline()}\n{self.bundle}: trained in {self.seconds:.0f} s"


def train(settings: TrainSettings) -> Run:
    """Fit, calibrate and store a reader.

    Of several processes each fits and the first writes. Raises what
    :func:`stance.data.split.load` raises for unsound data, and :class:`ValueError` if there is
    nothing to train or calibrate on.
    """
    require("pyarrow", extra="train")  # for the predictions: to lack it then would cost a training
    began = time.monotonic()
    split = load(settings.data)
    source_of = _sources(settings.data)
    _check(split)
    log.info("sentences: %s", {name: len(side) for name, side in split.sides.items()})
    started = time.monotonic()
    reader, manifest, history = _FITTERS[settings.reader.kind](split, settings)
    seconds = round(time.monotonic() - started, 1)
    dev = evaluate_reader(reader, split.dev)
    manifest.scores = {"dev": dev.to_dict()["scores"]}
    manifest.training |= {
        "seed": settings.seed,
        "seconds": seconds,
        "data": {name: fingerprint(side) for name, side in split.sides.items()},
    }
    if writes():
        write_manifest(settings.output / BUNDLE, manifest)
        judged: dict[Side, Evaluation] = {"dev": dev}
        if split.test:
            judged["test"] = evaluate_reader(reader, split.test, _TEST_INTERVALS)
        write_predictions(settings.output / PREDICTIONS, _rows(split, judged, source_of))
        _write_record(settings, manifest, history, judged, began)
    wait_for_everyone()
    return Run(settings.output, dev, seconds)


def _check(split: Split) -> None:
    """Raise ValueError unless there is something to learn from and to calibrate on."""
    for name in ("train", "dev"):
        if not split.sides[name]:
            raise ValueError(f"no sentence on the {name} side; check data.{name} and data.split")
        if not any(example.actors for example in split.sides[name]):
            raise ValueError(
                f"no sentence on the {name} side has an actor, so there is nothing to learn from "
                f"it; check data.{name} and data.split"
            )


@dataclass(frozen=True)
class RecordedData:
    """The sentences that a run was made from, where they lie, and how it was calibrated."""

    split: Split
    settings: DataSettings
    calibration: CalibrationSettings


def recorded_data(folder: Path, manifest: Manifest) -> RecordedData:
    """Read again what the run in ``folder`` was made from.

    Raises :class:`ValueError` if the labelled files are no longer what the run saw.
    """
    recorded = json.loads((folder / RECORD).read_text(encoding="utf-8"))["settings"]
    paths = {name: [Path(p) for p in recorded["data"][name]] for name in ("train", "dev", "test")}
    settings = DataSettings(**paths, split=SplitSettings(**recorded["data"]["split"]))
    split = load(settings)
    for name, side in split.sides.items():
        if fingerprint(side) != manifest.training["data"][name]:
            raise ValueError(
                f"the {name} sentences have changed since the run {folder} was made; train again, "
                "or restore the labelled files"
            )
    return RecordedData(split, settings, CalibrationSettings(**recorded["calibration"]))


def calibrate(
    reader: CalibratedReader, dev: Sequence[Example], settings: CalibrationSettings
) -> None:
    """Fit probabilities, thresholds and abstention bands on dev, and give them to the reader."""
    log_odds = reader.log_odds([e.sentence for e in dev], [e.spans for e in dev])
    labels = [a.labels for e in dev for a in e.actors]
    gold = np.array([[name in borne for name in STANCES] for borne in labels], dtype=bool)
    reader.calibration = calibration.fit(log_odds, gold.reshape(log_odds.shape), settings)


def _train_transformer(
    split: Split, settings: TrainSettings
) -> tuple[CalibratedReader, Manifest, list[Any]]:
    from stance.readers.encoders import describe
    from stance.readers.transformer import save_model
    from stance.training.fit import fit

    model, reader, history = fit(split, settings, settings.output / CHECKPOINTS)
    calibrate(reader, split.dev, settings.calibration)
    if writes():
        save_model(model, reader.featuriser, _empty_bundle(settings))
    manifest = Manifest(
        kind="transformer",
        calibration=reader.calibration,
        pieces=reader.featuriser.settings,
        model=plain(settings.reader),
        training={
            "encoder": describe(settings.reader.encoder),
            "layers": settings.reader.layers,
            "teacher": settings.training.teacher,
        },
    )
    return reader, manifest, history


def _train_linear(
    split: Split, settings: TrainSettings
) -> tuple[CalibratedReader, Manifest, list[Any]]:
    from stance.readers.linear import fit, save

    examples = split.train[: settings.training.max_examples]
    reader = fit(examples, settings.linear, settings.seed)
    calibrate(reader, split.dev, settings.calibration)
    if writes():
        save(reader, _empty_bundle(settings))
    manifest = Manifest(kind="linear", calibration=reader.calibration, model=plain(settings.linear))
    return reader, manifest, []


_FITTERS = {ReaderKind.transformer: _train_transformer, ReaderKind.linear: _train_linear}


def _empty_bundle(settings: TrainSettings) -> Path:
    """The bundle's folder, without what an earlier run left in it and beside it."""
    for name in (RECORD, PREDICTIONS):  # the record first: without it the folder is unfinished
        (settings.output / name).unlink(missing_ok=True)
    folder = settings.output / BUNDLE
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _sources(settings: DataSettings) -> dict[Side, dict[str, str]]:
    """From which labelled file each sentence of dev and test comes, by its id."""
    return {
        "dev": sources(settings.dev or settings.train),
        "test": sources(settings.test or settings.train),
    }


def _rows(
    split: Split, judged: Mapping[Side, Evaluation], source_of: Mapping[Side, Mapping[str, str]]
) -> Iterator[dict[str, Any]]:
    for name, found in judged.items():
        given = found.predictions.given
        yield from mention_rows(name, split.sides[name], given, source_of[name])


def _write_record(
    settings: TrainSettings,
    manifest: Manifest,
    history: list[Any],
    judged: Mapping[Side, Evaluation],
    began: float,
) -> None:
    """Write ``run.json``; ``began`` is when the run did, on the monotonic clock.

    The reading speed is that of finding and judging the actors of test.
    """
    test = judged.get("test")
    cost = {
        "seconds": round(time.monotonic() - began, 1),
        "peak_bytes": peak_memory(),
        "bundle_bytes": folder_size(settings.output / BUNDLE),
        "sentences_per_second": round(test.predictions.speed, 1) if test else None,
    }
    record = {
        "settings": plain(settings),
        "training": manifest.training,
        "scores": {name: found.to_dict()["scores"] for name, found in judged.items()},
        "intervals": asdict(_TEST_INTERVALS),
        "cost": cost,
        "history": history,
        "code": code(),
        "environment": environment(),
    }
    with atomic_write(settings.output / RECORD) as path:
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
