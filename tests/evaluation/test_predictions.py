"""Judged mentions on disk."""

from __future__ import annotations

import pytest

pytest.importorskip("pyarrow")

from stance.evaluation.predictions import mention_rows, read_predictions, write_predictions
from stance.schema import Act, Example, Mention

TEXT = "“Iran will leave,” Ekman said."
GOLD = (
    Mention(1, 5, "Iran", (Act("drawdown"),), "positive"),
    Mention(19, 24, "Ekman"),
)
CHANCES = {"threat": 0.25, "cooperation": 0.5, "drawdown": 0.75}
GIVEN = [
    Mention(1, 5, "Iran", (Act("threat"), Act("drawdown")), "neutral", CHANCES),
    Mention(19, 24, "Ekman", (), "negative", CHANCES),
]


@pytest.fixture
def examples():
    return [Example("b-1", "b", 0, "", TEXT, GOLD), Example("a-1", "a", 0, "", TEXT, GOLD)]


@pytest.fixture
def rows(examples):
    return list(mention_rows("test", examples, [GIVEN, GIVEN], {"a-1": "x", "b-1": "y"}))


def test_a_row_holds_gold_prediction_and_what_to_slice_by(rows):
    assert rows[0] == {
        "side": "test",
        "id": "b-1",
        "document": "b",
        "sentence": TEXT,
        "start": 1,
        "end": 5,
        "text": "Iran",
        "gold_threat": False,
        "gold_cooperation": False,
        "gold_drawdown": True,
        "predicted_threat": True,
        "predicted_cooperation": False,
        "predicted_drawdown": True,
        "probability_threat": 0.25,
        "probability_cooperation": 0.5,
        "probability_drawdown": 0.75,
        "gold_sentiment": "positive",
        "predicted_sentiment": "neutral",
        "actors": 2,
        "words": 5,
        "quoted": True,
        "source": "y",
    }
    assert [row["quoted"] for row in rows] == [True, False, True, False]


def test_a_side_is_read_back_in_the_order_of_its_sentences(rows, tmp_path):
    path = tmp_path / "predictions.parquet"
    write_predictions(path, [*rows, rows[0] | {"side": "dev"}])
    mentions = read_predictions(path, "test")
    assert mentions.frame["id"].tolist() == ["a-1", "a-1", "b-1", "b-1"]
    assert mentions.frame["text"].tolist() == ["Iran", "Ekman"] * 2
    assert mentions.gold.tolist()[:2] == [[False, False, True], [False] * 3]
    assert mentions.predicted.tolist()[:2] == [[True, False, True], [False] * 3]
    assert mentions.probability.tolist()[0] == [0.25, 0.5, 0.75]
    assert mentions.predicted_sentiment.tolist()[:2] == ["neutral", "negative"]
    assert len(read_predictions(path, "dev")) == 1


def test_other_gold_is_noticed(rows, tmp_path):
    def stored(name, changed):
        write_predictions(tmp_path / name, changed)
        return read_predictions(tmp_path / name, "test")

    whole = stored("a", rows)
    assert whole.same_gold(stored("b", rows[::-1]))
    assert not whole.same_gold(stored("c", rows[:3]))
    assert not whole.same_gold(stored("d", [*rows[:3], rows[3] | {"gold_threat": True}]))
    assert not whole.same_gold(stored("e", [*rows[:3], rows[3] | {"start": 18}]))
