from __future__ import annotations

import json

import pytest

from stance.evaluation.behaviour import (
    Case,
    Expectation,
    SuiteError,
    judge,
    pass_rates,
    read_suites,
)
from stance.evaluation.bootstrap import Bootstrap
from stance.schema import Act, Mention

BOOTSTRAP = Bootstrap(200, 0.95, 1)


class Says:
    """Judges every given span to bear the label named."""

    def __init__(self, *labels):
        self.labels = labels

    def read(self, sentences, spans=None):
        acts = tuple(Act(label) for label in self.labels)
        return [
            [Mention(*span, sentence.text[slice(*span)], acts) for span in places]
            for sentence, places in zip(sentences, spans, strict=True)
        ]


def row(**changes):
    actor = {"start": 0, "end": 4, "text": "Iran", "must": ["threat"], "must_not": ["drawdown"]}
    return {"id": "g-1", "family": "g-01", "text": "Iran struck."} | {"actors": [actor]} | changes


def case(family, must=(), must_not=(), group="g"):
    expected = Expectation((0, 4), frozenset(must), frozenset(must_not))
    return Case("id", group, family, "Iran struck.", (expected,))


def test_rows_become_cases(tmp_path):
    (tmp_path / "passive.jsonl").write_text(json.dumps(row()) + "\n")

    assert read_suites(tmp_path) == [
        Case(
            "g-1",
            "passive",
            "g-01",
            "Iran struck.",
            (Expectation((0, 4), frozenset({"threat"}), frozenset({"drawdown"})),),
        )
    ]


def test_every_bad_row_is_named(tmp_path):
    actor = row()["actors"][0]
    rows = [
        row(actors=[{**actor, "end": 3}]),
        row(),
        row(actors=[{**actor, "must": ["anger"]}]),
        row(actors=[{**actor, "must_not": ["threat"]}]),
        row(actors=[{**actor, "must": [], "must_not": []}]),
        {"id": "x"},
    ]
    (tmp_path / "g.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))

    with pytest.raises(SuiteError) as caught:
        read_suites(tmp_path)

    lines = str(caught.value).splitlines()
    assert [line.split(":")[1] for line in lines] == ["1", "3", "4", "5", "6"]
    assert "anger" in lines[1]


def test_a_folder_without_suites_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no behaviour suite"):
        read_suites(tmp_path)


@pytest.mark.parametrize(
    ("said", "passes"),
    [(("threat",), True), (("threat", "cooperation"), True), ((), False), (("drawdown",), False)],
)
def test_what_is_left_open_may_be_said(said, passes):
    (verdict,) = judge(Says(*said), [case("a", must=["threat"], must_not=["drawdown"])])

    assert verdict.passed is passes


def test_rates_count_sentences_by_group_and_in_all():
    cases = [
        case("a", must=["threat"]),
        case("a", must_not=["threat"]),
        case("b", must=["threat"]),
        case("c", must_not=["threat"], group="h"),
    ]

    rates = pass_rates(judge(Says("threat"), cases), BOOTSTRAP)

    assert {name: (rate.value, rate.n) for name, rate in rates.items()} == {
        "g": (pytest.approx(2 / 3), 3),
        "h": (0, 1),
        "all": (0.5, 4),
    }
    assert rates["g"].low == pytest.approx(0.5)  # family a alone has one of two
    assert rates["g"].high == 1  # family b alone
