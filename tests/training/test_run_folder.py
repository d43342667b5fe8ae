"""What a training run leaves behind, with a reader that is trained in a second."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sklearn")
pytest.importorskip("pyarrow")

from stance.comparison.compare import compare
from stance.comparison.scoring import MAIN
from stance.evaluation.predictions import read_predictions
from stance.extras import MissingExtraError
from stance.settings import (
    CompareSettings,
    DataSettings,
    LinearSettings,
    ReaderKind,
    ReaderSettings,
    SplitSettings,
    TrainSettings,
)
from stance.training import machine, run
from stance.training.run import train

SEEDS = Path(__file__).parent.parent.parent / "seeds/sentences"


def settings_for(folder, test=0.3):
    return TrainSettings(
        output=folder,
        data=DataSettings(
            train=[SEEDS / "contrasts.jsonl", SEEDS / "contrasts-crowded.jsonl"],
            split=SplitSettings(dev=0.3, test=test),
        ),
        reader=ReaderSettings(kind=ReaderKind.linear),
        linear=LinearSettings(word_features=256, char_features=256, tag_features=256),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return train(settings_for(tmp_path_factory.mktemp("runs") / "run")).folder


@pytest.fixture(scope="module")
def record(folder):
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def test_the_record_tells_scores_cost_and_code(folder, record):
    score = record["scores"]["test"]["stance_given.macro_f1"]
    assert score["low"] <= score["value"] <= score["high"]
    assert set(record["scores"]) == {"dev", "test"}
    assert record["intervals"] == {"resamples": 1000, "confidence": 0.95, "seed": 1}
    cost = record["cost"]
    assert cost["bundle_bytes"] == sum(p.stat().st_size for p in (folder / "bundle").iterdir())
    assert cost["seconds"] >= record["training"]["seconds"]
    assert cost["peak_bytes"] > 10_000_000
    assert cost["sentences_per_second"] > 0
    assert record["code"]["version"] == record["environment"]["actor-stance"]


def test_predictions_have_every_mention_of_dev_and_test(folder, record):
    for side in ("dev", "test"):
        mentions = read_predictions(folder / "predictions.parquet", side)
        assert len(mentions) == record["training"]["data"][side]["mentions"]
        assert set(mentions.frame["source"]) == {"contrasts", "contrasts-crowded"}


def test_the_comparison_finds_the_score_that_the_record_holds(folder, record):
    scored = compare(CompareSettings(runs=[str(folder)], resamples=10)).scores
    for name in (MAIN, "sentiment.macro_f1", "stance_given.threat.f1"):
        recorded = record["scores"]["test"][name]
        assert scored[name].scores[0].value == pytest.approx(recorded["value"])
        assert scored[name].scores[0].n == recorded["n"]


def test_a_run_without_a_test_side_says_nothing_of_it(tmp_path):
    done = train(settings_for(tmp_path / "run", test=0))
    record = json.loads((done.folder / "run.json").read_text(encoding="utf-8"))
    assert set(record["scores"]) == {"dev"}
    assert record["cost"]["sentences_per_second"] is None
    assert len(read_predictions(done.folder / "predictions.parquet", "test")) == 0


def test_a_run_that_is_repeated_and_cut_does_not_pass_as_finished(tmp_path, monkeypatch):
    settings = settings_for(tmp_path / "run")
    train(settings)

    def cut(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "write_predictions", cut)
    with pytest.raises(KeyboardInterrupt):
        train(settings)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["bundle"]


def test_without_a_package_for_predictions_nothing_is_trained(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"actor-stance\[train\]"):
        train(settings_for(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_the_commit_is_that_of_the_checkout_and_marks_changes(tmp_path):
    def git(*words):
        who = ("-c", "user.name=x", "-c", "user.email=x@y.z", "-c", "commit.gpgsign=false")
        return subprocess.run(
            ["git", *who, *words], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout.strip()

    assert machine.code(tmp_path)["commit"] is None
    git("init")
    assert machine.code(tmp_path)["commit"] is None
    (tmp_path / "a").write_text("1", encoding="utf-8")
    git("add", "a")
    git("commit", "-m", "a")
    commit = git("rev-parse", "HEAD")
    assert machine.code(tmp_path)["commit"] == commit
    (tmp_path / "a").write_text("2", encoding="utf-8")
    assert machine.code(tmp_path)["commit"] == f"{commit}-dirty"
