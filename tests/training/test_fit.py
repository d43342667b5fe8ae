"""Around the fitting: checkpoints, processes, the card, and what is refused before it starts."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from stance.data.files import write_examples
from stance.data.split import Split
from stance.ontology import STANCES
from stance.readers import bundle, linear
from stance.readers.bundle import Manifest
from stance.readers.calibration import Calibration
from stance.schema import Act, Example, Mention
from stance.settings import (
    CalibrationSettings,
    DataSettings,
    ExportSettings,
    LinearSettings,
    ReaderKind,
    ReaderSettings,
    TrainingSettings,
    TrainSettings,
)
from stance.training.card import write_card
from stance.training.export import Parity, ParityError, _checked, export
from stance.training.fit import _arguments, _prepare, _record
from stance.training.machine import environment
from stance.training.run import calibrate, train

ROOT = Path(__file__).parent.parent.parent
WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "Iran", "Iraq", "left", "met", "hit"]
LABELS = {"hit": "threat", "met": "cooperation", "left": "drawdown"}


def example(document, verb, label=None):
    """Iran does to Iraq what the verb says."""
    actors = (
        Mention(0, 4, "Iran", (Act(label or LABELS[verb], 1),)),
        Mention(6 + len(verb), 10 + len(verb), "Iraq"),
    )
    return Example(document, document, 0, "", f"Iran {verb} Iraq", actors)


def examples(side):
    return [example(f"{side}{i}", verb) for i, verb in enumerate([*LABELS] * 2)]


def settings_for(folder, **reader):
    """Settings of a run on labelled files of a few sentences."""
    paths = {side: [folder / f"{side}.jsonl"] for side in ("train", "dev", "test")}
    for side, (path,) in paths.items():
        write_examples(path, examples(side))
    return TrainSettings(
        output=folder / "run",
        data=DataSettings(**paths),
        reader=ReaderSettings(**reader),
        linear=LinearSettings(word_features=64, char_features=64, tag_features=64),
        training=TrainingSettings(epochs=1, batch_size=2, progress=False),
    )


def tiny_encoder(folder):
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
    ).save_pretrained(folder)
    return str(folder)


def checkpoint(scratch, step, whole=True):
    folder = scratch / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"")
    if whole:
        (folder / "trainer_state.json").write_text("{}")
    return folder


SPLIT = Split(examples("train"), examples("dev"), examples("test"))


def test_checkpoints_serve_whatever_does_not_change_the_fit(tmp_path):
    settings = TrainSettings()
    _prepare(tmp_path / "c", _record(SPLIT, settings), resume=True)
    kept = checkpoint(tmp_path / "c", 3)
    settings.training.progress = False
    settings.calibration.coverage = 0.5
    settings.output = tmp_path / "elsewhere"
    _prepare(tmp_path / "c", _record(SPLIT, settings), resume=True)
    assert kept.exists()


def test_checkpoints_of_other_labels_are_discarded_and_that_is_said(tmp_path, caplog):
    _prepare(tmp_path / "c", _record(SPLIT, TrainSettings()), resume=True)
    checkpoint(tmp_path / "c", 3)
    relabelled = replace(SPLIT, train=[example("a", "hit", "drawdown"), *SPLIT.train[1:]])
    _prepare(tmp_path / "c", _record(relabelled, TrainSettings()), resume=True)
    assert [p.name for p in (tmp_path / "c").iterdir()] == ["settings.json"]
    assert "are discarded: they are of other settings or sentences" in caplog.text


def test_a_checkpoint_cut_off_in_writing_is_removed(tmp_path, caplog):
    record = _record(SPLIT, TrainSettings())
    _prepare(tmp_path / "c", record, resume=True)
    whole, cut = checkpoint(tmp_path / "c", 9), checkpoint(tmp_path / "c", 12, whole=False)
    _prepare(tmp_path / "c", record, resume=True)
    assert (whole.exists(), cut.exists()) == (True, False)
    assert "checkpoint-12 was cut off" in caplog.text


def test_a_process_keeps_to_one_device(tmp_path, monkeypatch):
    monkeypatch.setattr("transformers.TrainingArguments.n_gpu", 4)
    assert _arguments(TrainSettings(), tmp_path)._n_gpu == 1


@pytest.mark.parametrize("side", ["train", "dev"])
def test_a_side_without_actors_is_refused_before_fitting(tmp_path, side):
    settings = settings_for(tmp_path, kind=ReaderKind.linear)
    empty = [Example(side, side, 0, "", "Rain fell.", ())]
    write_examples(tmp_path / f"{side}.jsonl", empty)
    with pytest.raises(ValueError, match=f"no sentence on the {side} side has an actor"):
        train(settings)
    assert not settings.output.exists()


def test_calibrating_on_no_actor_leaves_plain_probabilities():
    class Silent:
        calibration = None

        def log_odds(self, sentences, spans):
            return np.zeros((0, len(STANCES)))

    reader = Silent()
    calibrate(reader, [Example("a", "a", 0, "", "Rain fell.", ())], CalibrationSettings())
    assert reader.calibration == Calibration()


def test_packages_that_are_not_installed_are_left_out_of_the_record(monkeypatch):
    version = metadata.version

    def without_transformers(name):
        if name == "transformers":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", without_transformers)
    recorded = environment()
    assert "numpy" in recorded
    assert "transformers" not in recorded


def test_a_linear_run_keeps_to_max_examples_and_is_not_exported(tmp_path, monkeypatch):
    settings = settings_for(tmp_path, kind=ReaderKind.linear)
    settings.training.max_examples = 3
    fit, seen = linear.fit, []

    def counted(rows, *rest):
        seen.append(len(rows))
        return fit(rows, *rest)

    monkeypatch.setattr(linear, "fit", counted)
    done = train(settings)
    assert seen == [3]
    with pytest.raises(ValueError, match=r"holds a linear reader, and only a transformer"):
        export(ExportSettings(run=done.folder, output=tmp_path / "bundle"))


@pytest.mark.parametrize("gap", [0.06, math.nan])
def test_a_gap_over_the_limit_or_no_number_is_refused(gap):
    with pytest.raises(ParityError, match=r"not within the 0\.05 allowed"):
        _checked(Parity(probability_gap=gap, f1_loss=0.0), ExportSettings())


def card(folder, sources, quantised=True, encoder="minilm", **more):
    score = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9}
    every_score = {"test": type("Scores", (dict,), {"__missing__": lambda *_: score})()}
    side = {"sentences": 1, "mentions": 1, "hash": "abc"}
    training = {
        "seed": 1,
        "encoder": {"name": encoder},
        "data": {"train": side, "dev": side, "test": side},
        **more,
    }
    manifest = Manifest(kind="onnx", training=training, scores=every_score)
    write_card(folder, manifest, "mine", sources, quantised)
    return (folder / "README.md").read_text(encoding="utf-8")


def test_the_card_of_the_seeds_says_so(tmp_path):
    text = card(tmp_path, DataSettings())
    assert "all of our own writing (`seeds/sentences/`)" in text
    assert "Apache-2.0, like the encoder and the code." in text
    assert "## Scores on the test side of the seeds" in text
    assert "8-bit weights" in text
    assert "**Encoder**: minilm, fine-tuned; ONNX" in text


def test_the_card_names_cut_layers_and_a_teacher(tmp_path):
    text = card(tmp_path, DataSettings(), layers=3, teacher="default")
    assert "its lower 3 layers, fine-tuned, also taught by the bundle `default`; ONNX" in text


def test_the_card_of_other_data_names_it_and_claims_nothing(tmp_path):
    sources = DataSettings(train=["my/labels.jsonl"], test=["my/test.jsonl"])
    text = card(tmp_path, sources, quantised=False, encoder="roberta-large")
    assert "from `my/labels.jsonl`, `my/test.jsonl`, parted by document" in text
    assert "seeds/sentences" not in text
    assert "## Scores on the test side\n" in text
    assert "the code is Apache-2.0; encoder and labels have licences of their own" in text
    assert "8-bit" not in text


@pytest.mark.slow
def test_of_two_processes_one_writes(tmp_path):
    settings = settings_for(tmp_path)
    encoder = tiny_encoder(tmp_path / "encoder")
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    overrides = [
        f"output={settings.output}",
        f"reader.encoder={encoder}",
        "reader.max_pieces=32",
        "training.epochs=2",
        "training.progress=false",
        *(f"data.{side}=[{tmp_path}/{side}.jsonl]" for side in ("train", "dev", "test")),
    ]
    done = subprocess.run(
        [*torchrun, "scripts/train.py", *overrides],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in settings.output.iterdir()) == [
        "bundle",
        "predictions.parquet",
        "run.json",
    ]
    assert json.loads((settings.output / "run.json").read_text())["training"]["seed"] == 1
    (mentions,) = bundle.load(settings.output).read([example("a", "hit").sentence], [[(0, 4)]])
    assert len(mentions) == 1
