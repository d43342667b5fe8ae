"""Run folders made by hand: who is right on what is known, and so is every score."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("pyarrow")

from stance.evaluation.predictions import mention_rows, write_predictions
from stance.ontology import STANCES
from stance.schema import Act, Example, Mention


def example(document, text="Iran threatened."):
    """A sentence whose only actor, its first word, threatens."""
    word = text.split()[0]
    actor = Mention(0, len(word), word, (Act("threat"),))
    return Example(f"{document}-1", document, 0, "", text, (actor,))


def judged(labels, probability=0.9):
    chances = {label: probability if label in labels else 0.1 for label in STANCES}
    acts = tuple(Act(label) for label in labels)
    return Mention(0, 4, "Iran", acts, probabilities=chances)


@pytest.fixture
def make_example():
    return example


@pytest.fixture
def make_run(tmp_path):
    """Leave a run in ``tmp_path / name`` that says ``answers[i]`` (labels) of document i."""

    def make(name, answers, *, seed=1, data="same", examples=None, cost=(), **settings):
        examples = examples or [example(f"d{number:02}") for number in range(len(answers))]
        given = [[judged(labels)] for labels in answers]
        folder = tmp_path / name
        sources = {e.id: "hand" for e in examples}
        write_predictions(
            folder / "predictions.parquet", mention_rows("test", examples, given, sources)
        )
        side = {"hash": data, "sentences": len(examples), "mentions": len(examples)}
        score = {"value": 0.5, "low": 0.4, "high": 0.6, "n": len(examples)}
        names = ("stance_found.macro_f1", "mention.overlap.f1", "target.accuracy")
        costs = {"seconds": 1.0, "peak_bytes": 1e6, "bundle_bytes": 1e6}
        record = {
            "settings": {"seed": seed, "output": str(folder), "linear": settings},
            "training": {"data": dict.fromkeys(("train", "dev", "test"), side)},
            "scores": {"test": dict.fromkeys(names, score)},
            "cost": {**costs, "sentences_per_second": 100.0, **dict(cost)},
            "code": {"version": "1", "commit": None},
            "environment": {"system": "any", "processor": "any"},
        }
        (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
        return folder

    return make
