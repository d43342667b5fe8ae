from __future__ import annotations

import json
from collections import Counter

import pytest

from stance.output.tally import Pace, Tally
from stance.pipeline import StancePipeline
from stance.text.failures import Failure


def test_readings_and_failures_are_counted(pipeline: StancePipeline) -> None:
    tally = Tally(missing={"Iran", "Norway"})
    tally.count(pipeline.read("Iran threatened Israel. Iran met NATO.", ["Iran", "Norway"]))
    tally.fail(Failure("a.jsonl:3", '"text" is empty; there is nothing to read'))
    assert tally == Tally(1, 2, 2, 2, Counter({'"text" is empty': 1}), {"Norway"})
    assert Tally.from_dict(json.loads(json.dumps(tally.to_dict()))) == tally


def test_parts_add_up() -> None:
    total = Tally(1, 2, 3, 4, Counter(a=1), {"Iran", "Norway"})
    total.add(Tally(10, 20, 30, 40, Counter(a=1, b=5), {"Norway", "Israel"}))
    assert total == Tally(11, 22, 33, 44, Counter(a=2, b=5), {"Norway"})
    assert total.failures == 7


def test_one_failure_was_told_when_it_occurred() -> None:
    assert Tally(1, 1200, 3, 1, Counter(a=1)).summary() == (
        "read 1 article, 1,200 sentences: 3 findings, 1 with a stance; 1 source failed"
    )


def test_several_failures_are_summed_up_the_commonest_first() -> None:
    tally = Tally(reasons=Counter(f=1, g=2, a=6, b=5, c=4, d=3, e=1500))
    assert tally.summary().splitlines()[1:] == [
        " 1,500 × e",
        "     6 × a",
        "     5 × b",
        "     4 × c",
        "     3 × d",
        "     3 × for 2 other reasons",
    ]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (
            "not valid JSON (line 1 column 5 (char 4)); put one object on each line",
            "not valid JSON",
        ),
        ("there is no such file or folder; check the path", "there is no such file or folder"),
        ("it cannot be read: Is a directory", "it cannot be read: Is a directory"),
    ],
)
def test_the_kind_of_a_failure_leaves_out_particulars(reason: str, kind: str) -> None:
    assert Failure("a", reason).kind == kind


def test_pace_counts_what_this_run_read_and_what_is_left() -> None:
    pace = Pace(total=1000, earlier=200, started=50.0)
    tally = Tally(articles=390, reasons=Counter(a=10))
    assert pace.told(tally, now=60.0) == (
        "390 articles, 20.0/s, 0:00:10 elapsed, 0:00:30 remaining, 10 failed"
    )


def test_pace_without_a_total_or_a_moment_gone() -> None:
    assert Pace(started=50.0).told(Tally(articles=1), now=51.0) == (
        "1 article, 1.0/s, 0:00:01 elapsed"
    )
    assert Pace(total=5, started=50.0).told(Tally(articles=1), now=50.0) == (
        "1 article, 0.0/s, 0:00:00 elapsed"
    )
