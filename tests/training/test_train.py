"""The real scripts, on next to nothing: train, resume, evaluate, export, read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from stance.data.split import load
from stance.readers import bundle
from stance.readers.bundle import read_manifest
from stance.readers.neural import NeuralReader
from stance.schema import Sentence
from stance.settings import (
    DataSettings,
    ExportSettings,
    SplitSettings,
    TrainingSettings,
    TrainSettings,
)
from stance.training.export import ParityError, export
from stance.training.fit import StanceTrainer
from stance.training.run import train

ROOT = Path(__file__).parent.parent.parent
SEEDS = ROOT / "seeds/sentences"

pytestmark = pytest.mark.slow


def script(name, *overrides):
    return subprocess.run(
        [sys.executable, f"scripts/{name}.py", *overrides],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Settings of a run on some forty sentences."""
    folder = tmp_path_factory.mktemp("few")
    lines = (SEEDS / "contrasts.jsonl").read_text(encoding="utf-8").splitlines()
    (folder / "few.jsonl").write_text("\n".join(lines[:60]) + "\n", encoding="utf-8")
    return DataSettings(train=[folder / "few.jsonl"], split=SplitSettings(dev=0.2, test=0.2))


def settings_for(few, folder, **training):
    values = {"epochs": 2, "batch_size": 8, "progress": False, **training}
    return TrainSettings(output=folder, data=few, training=TrainingSettings(**values))


@pytest.fixture(scope="module")
def run(few, tmp_path_factory):
    return train(settings_for(few, tmp_path_factory.mktemp("runs") / "whole"))


def overrides_for(few):
    return (
        f"data.train=[{few.train[0]}]",
        f"data.split.dev={few.split.dev}",
        f"data.split.test={few.split.test}",
    )


def losses(folder):
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return [entry["loss"] for entry in record["history"] if "loss" in entry]


def test_the_train_script_leaves_a_run(tmp_path):
    out = script("train", "debug=tiny", f"output={tmp_path}/run", "training.progress=false")
    assert "macro-F1 given the actors" in out
    record = json.loads((tmp_path / "run/run.json").read_text(encoding="utf-8"))
    assert record["settings"]["training"]["max_examples"] == 32
    assert set(record["training"]["data"]) == {"train", "dev", "test"}
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == [
        "bundle",
        "predictions.parquet",
        "run.json",
    ]
    assert not list((tmp_path / "run").rglob("*.pt")) + list((tmp_path / "run").rglob("*.bin"))


def test_the_same_seed_gives_the_same_run(run, few, tmp_path):
    again = train(settings_for(few, tmp_path / "again"))
    assert losses(again.folder) == losses(run.folder)
    assert read_manifest(again.bundle).scores == read_manifest(run.bundle).scores


def test_an_interrupted_run_goes_on_to_the_same_end(run, few, tmp_path, monkeypatch):
    settings = settings_for(few, tmp_path / "cut")
    evaluate, seen = StanceTrainer.evaluate, []

    def killed_in_the_second_epoch(self, *args, **kwargs):
        seen.append(self.state.epoch)
        if self.state.epoch > 1:
            raise KeyboardInterrupt
        return evaluate(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(StanceTrainer, "evaluate", killed_in_the_second_epoch)
        with pytest.raises(KeyboardInterrupt):
            train(settings)
    assert not (tmp_path / "cut/run.json").exists()
    finished = train(settings)
    assert seen == [1.0, 2.0]
    assert losses(finished.folder) == pytest.approx(losses(run.folder))
    assert finished.dev.macro_f1_given.value == run.dev.macro_f1_given.value


def test_a_stored_reader_reads_as_the_trained_one(run, few):
    examples = load(few).dev
    reader = bundle.load(run.bundle)
    mentions = reader.read([e.sentence for e in examples], [e.spans for e in examples])
    assert [[m.span for m in row] for row in mentions] == [e.spans for e in examples]
    assert read_manifest(run.bundle).scores["dev"]["stance_given.macro_f1"]["value"] == (
        run.dev.macro_f1_given.value
    )


def test_the_linear_reader_trains_through_the_same_script(tmp_path, few):
    script("train", "reader=linear", f"output={tmp_path}/run", *overrides_for(few))
    (mentions,) = bundle.load(tmp_path / "run/bundle").read(
        [Sentence("Iran threatened Israel.")], [[(0, 4)]]
    )
    assert set(mentions[0].probabilities) == {"threat", "cooperation", "drawdown"}


def test_export_in_full_precision_gives_the_same_probabilities(run, few, tmp_path):
    done = export(ExportSettings(run=run.folder, output=tmp_path / "full", quantise=False))
    assert done.parity.probability_gap < 1e-4
    sentences = [e.sentence for e in load(few).test]
    spans = [e.spans for e in load(few).test]
    trained, exported = bundle.load(run.bundle), bundle.load(tmp_path / "full")
    assert isinstance(trained, NeuralReader)
    assert isinstance(exported, NeuralReader)
    np.testing.assert_allclose(
        trained.log_odds(sentences, spans), exported.log_odds(sentences, spans), atol=1e-3
    )


def test_the_export_script_ships_a_bundle_with_its_card(run, few, tmp_path):
    """A run this short is far from any optimum, so the limits are wide; the steps are all real."""
    script(
        "export",
        f"run={run.folder}",
        f"output={tmp_path}/small",
        "max_f1_loss=1",
        "max_probability_gap=1",
    )
    folder = tmp_path / "small"
    assert sum(p.stat().st_size for p in folder.iterdir()) < 30_000_000
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "# Bundle `small`" in card
    assert "sentence-transformers/all-MiniLM-L6-v2" in card
    out = script(
        "evaluate",
        f"bundles=[{folder},{run.bundle}]",
        f"files=[{few.train[0]}]",
        f"output={tmp_path}/scores.json",
        "resamples=20",
    )
    assert "macro-F1" in out
    assert json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))


def test_an_export_too_far_from_pytorch_is_refused_and_leaves_nothing(run, few, tmp_path):
    strict = ExportSettings(run=run.folder, output=tmp_path / "bad", max_probability_gap=0.0)
    with pytest.raises(ParityError, match="mean gap of probabilities"):
        export(strict)
    assert list(tmp_path.iterdir()) == []


def test_an_export_does_not_replace_what_is_no_bundle(run, few, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    with pytest.raises(FileExistsError, match="is no bundle"):
        export(ExportSettings(run=run.folder, output=tmp_path))
    assert (tmp_path / "thesis.tex").exists()


def test_an_export_notices_that_the_labels_changed(few, tmp_path):
    labels = tmp_path / "labels.jsonl"
    rows = few.train[0].read_text(encoding="utf-8")
    labels.write_text(rows, encoding="utf-8")
    data = DataSettings(train=[labels], split=few.split)
    done = train(settings_for(data, tmp_path / "run", epochs=1, max_examples=8))
    labels.write_text(rows[: rows.rindex("\n", 0, -1)], encoding="utf-8")
    with pytest.raises(ValueError, match="sentences have changed since the run"):
        export(ExportSettings(run=done.folder, output=tmp_path / "bundle"))
