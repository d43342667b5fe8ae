from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from stance.data.files import data_hash, write_examples
from stance.data.split import split_examples
from stance.evaluation.bootstrap import Bootstrap
from stance.evaluation.report import render, write_report
from stance.evaluation.result import Report
from stance.evaluation.run import evaluate, evaluate_reader, evaluate_readers
from stance.schema import Act, Example, Mention, Reader, Sentence, Span
from stance.settings import DataSettings, EvaluateSettings

BOOTSTRAP = Bootstrap(resamples=100, confidence=0.95, seed=1)


def three_actors(document: str) -> Example:
    return Example(
        f"{document}-0",
        document,
        0,
        "",
        "Rebels shelled troops while Ankara left.",
        (
            Mention(0, 6, "Rebels", (Act("threat", 1),), "negative"),
            Mention(15, 21, "troops"),
            Mention(28, 34, "Ankara", (Act("drawdown"), Act("cooperation", 1)), "positive"),
        ),
    )


EXAMPLES = [three_actors(f"d{i}") for i in range(40)] + [
    Example("e", "empty", 0, "", "It rained.", ())
]


class Oracle:
    """Says what the labels say, quite certain."""

    def read(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]] | None = None
    ) -> list[list[Mention]]:
        gold = {example.sentence: example.actors for example in EXAMPLES}
        return [[self.judge(actor) for actor in gold[sentence]] for sentence in sentences]

    def judge(self, actor: Mention) -> Mention:
        labels = ("threat", "cooperation", "drawdown")
        return dataclasses.replace(
            actor, probabilities={label: float(label in actor.labels) for label in labels}
        )


class Silent:
    """Finds nobody, and thinks nothing of those it is shown."""

    def read(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]] | None = None
    ) -> list[list[Mention]]:
        return [
            [Mention(start, end, sentence.text[start:end]) for start, end in shown]
            for sentence, shown in zip(sentences, spans or [()] * len(sentences), strict=True)
        ]


def test_a_perfect_reader_scores_one_everywhere() -> None:
    result = evaluate_reader(Oracle(), EXAMPLES, BOOTSTRAP)

    for name, score in result.scores.items():
        perfect = 0.0 if name.startswith("calibration_error") else 1.0
        assert (score.value, score.low, score.high) == (perfect,) * 3, name
    assert result.left_out == []


def test_a_silent_reader_scores_nothing() -> None:
    result = evaluate_reader(Silent(), EXAMPLES, BOOTSTRAP)

    assert result.macro_f1_given.value == result.macro_f1_found.value == 0
    assert result.macro_f1_given_several.value == 0
    assert result.stance_given["threat"].recall.value == 0
    assert math.isnan(result.stance_given["threat"].precision.value)
    assert (result.mentions.f1.value, result.exact_mentions.f1.value) == (0, 0)
    assert (math.isnan(result.target_accuracy.value), result.target_accuracy.n) == (True, 0)
    # Neutral for all: of 120 mentions 40 are, so F1 = 80 / (80 + 80), and 0 for the two others.
    assert result.sentiment["neutral"].f1.value == pytest.approx(1 / 2)
    assert result.macro_f1_sentiment.value == pytest.approx(1 / 6)
    assert math.isnan(result.calibration_error["threat"].value)


def test_classes_that_nobody_bears_are_named() -> None:
    plain = Example("p", "p", 0, "", "Troops left.", (Mention(0, 6, "Troops", (Act("drawdown"),)),))

    result = evaluate_reader(Silent(), [plain])

    assert result.left_out == [
        "stance threat",
        "stance cooperation",
        "sentiment negative",
        "sentiment positive",
    ]


class Shuffled(Silent):
    def read(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]] | None = None
    ) -> list[list[Mention]]:
        return [mentions[::-1] for mentions in super().read(sentences, spans)]


class Forgetful(Silent):
    def read(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]] | None = None
    ) -> list[list[Mention]]:
        return super().read(sentences, spans) if spans else [[]]


@pytest.mark.parametrize(
    ("reader", "message"),
    [(Shuffled(), "exactly the spans it was given"), (Forgetful(), "answered 1 of 41 sentences")],
)
def test_a_reader_that_breaks_the_protocol_is_refused(reader: Reader, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate_reader(reader, EXAMPLES)


@pytest.fixture
def report() -> Report:
    readers = {"oracle": Oracle(), "silent": Silent()}
    return Report([evaluate_readers("sample", readers, EXAMPLES, BOOTSTRAP)], BOOTSTRAP)


def test_the_first_reader_is_compared_with_the_others(report: Report) -> None:
    (data,) = report.data

    assert list(data.differences) == ["silent"]
    gap = data.differences["silent"]["stance_given.macro_f1"]
    assert (gap.value, gap.low, gap.high) == (1, 1, 1)


def test_the_file_carries_numbers_and_recipe(report: Report, tmp_path: Path) -> None:
    write_report(report, tmp_path / "new" / "evaluation.json")

    written = json.loads((tmp_path / "new" / "evaluation.json").read_text())
    assert written["bootstrap"] == {"resamples": 100, "confidence": 0.95, "seed": 1}
    assert written["codebook_version"] == "1.3"
    (data,) = written["data"]
    assert data["data_hash"] == data_hash(EXAMPLES)
    assert data["sample"] == {
        "documents": 41,
        "sentences": 41,
        "mentions": 120,
        "support": {"threat": 40, "cooperation": 40, "drawdown": 40},
    }
    scores = data["bundles"]["silent"]["scores"]
    assert scores["stance_given.macro_f1"] == {"value": 0.0, "low": 0.0, "high": 0.0, "n": 120}
    assert scores["target.accuracy"] == {"value": None, "low": None, "high": None, "n": 0}


def test_the_predictions_stand_beside_it(report: Report, tmp_path: Path) -> None:
    write_report(report, tmp_path / "evaluation.json")

    lines = (tmp_path / "evaluation.predictions.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [(row["bundle"], row["id"]) for row in (rows[0], rows[-1])] == [
        ("oracle", "d0-0"),
        ("silent", "e"),
    ]
    assert rows[0]["found"][0] == {
        "start": 0,
        "end": 6,
        "text": "Rebels",
        "stances": [{"label": "threat", "target": 1}],
        "sentiment": "negative",
        "probabilities": {"threat": 1.0, "cooperation": 0.0, "drawdown": 0.0},
        "sentiment_probabilities": {},
        "confidence": 1.0,
        "abstained": False,
    }


def test_the_table_shows_scores_differences_and_recipe(report: Report) -> None:
    console = Console(width=160)
    with console.capture() as capture:
        console.print(render(report))
    text = capture.get()

    macro = next(line for line in text.splitlines() if "macro-F1" in line)
    assert " ".join(macro.split()) == (
        "macro-F1 120 1.000 [1.00, 1.00] .000 [.00, .00] +1.000 [+1.00, +1.00]"
    )
    assert f"41 sentences of 41 documents, 120 mentions; data {data_hash(EXAMPLES)}" in text
    assert "95% intervals by bootstrap over documents, 100 resamples, seed 1" in text


@pytest.fixture
def bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = {"oracle": Oracle(), "silent": Silent()}
    monkeypatch.setattr("stance.readers.bundle.load", readers.__getitem__)


@pytest.mark.usefixtures("bundles")
def test_every_bundle_is_scored_on_every_file(tmp_path: Path) -> None:
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    write_examples(files[0], EXAMPLES[:30])
    write_examples(files[1], EXAMPLES[30:])

    report = evaluate(EvaluateSettings(bundles=["oracle", "silent"], files=files, resamples=10))

    assert [data.name for data in report.data] == [str(file) for file in files]
    assert [list(data.evaluations) for data in report.data] == [["oracle", "silent"]] * 2
    assert report.bootstrap == Bootstrap(resamples=10, confidence=0.95, seed=1)


@pytest.mark.usefixtures("bundles")
def test_without_files_the_test_side_is_scored(tmp_path: Path) -> None:
    write_examples(tmp_path / "all.jsonl", EXAMPLES)
    data = DataSettings(train=[tmp_path / "all.jsonl"])

    report = evaluate(EvaluateSettings(bundles=["oracle"], data=data, resamples=10))

    assert report.data[0].examples == split_examples(EXAMPLES, data.split).test


@pytest.mark.usefixtures("bundles")
def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").touch()

    with pytest.raises(ValueError, match=r"no labelled sentences in .*none\.jsonl"):
        evaluate(EvaluateSettings(bundles=["silent"], files=[tmp_path / "none.jsonl"]))
