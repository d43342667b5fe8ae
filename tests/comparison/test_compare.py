"""Runs with known answers, compared."""

from __future__ import annotations

import pytest

pytest.importorskip("pyarrow")

from stance.comparison.compare import compare, slices
from stance.comparison.runs import ComparisonError, find_runs, load_run
from stance.comparison.scoring import MAIN
from stance.schema import Act, Example, Mention
from stance.settings import CompareSettings

RIGHT, NOTHING = ("threat",), ()


def compared(*folders, **settings):
    return compare(CompareSettings(runs=[str(f) for f in folders], **settings))


def test_a_known_difference_gets_its_interval(make_run):
    """Of two documents one run finds both threats, the other one: F1 is 1 and 2/3.

    Drawing the documents (a, a), (a, b), (b, a), (b, b) gives differences of 0, 1/3, 1/3 and 1.
    """
    half = make_run("half", [RIGHT, NOTHING], features=1)
    full = make_run("full", [RIGHT, RIGHT], features=2)
    wide = compared(half, full).scores[MAIN].differences[1]
    assert (wide.value, wide.low, wide.high) == pytest.approx((1 / 3, 0, 1))
    narrow = compared(half, full, confidence=0.4).scores[MAIN].differences[1]
    assert (narrow.low, narrow.high) == pytest.approx((1 / 3, 1 / 3))


def test_a_known_difference_gets_its_p_value(make_run):
    none = make_run("none", [NOTHING] * 4, features=1)
    some = make_run("some", [RIGHT, RIGHT, RIGHT, RIGHT], features=2)
    result = compared(none, some)
    assert result.tests[0] is None
    assert (result.tests[1].p, result.tests[1].corrected) == (2 / 16, 2 / 16)


def test_the_same_answers_do_not_differ(make_run):
    folders = [make_run(f"r{n}", [RIGHT, NOTHING, RIGHT], features=n) for n in (1, 2)]
    result = compared(*folders)
    gap = result.scores[MAIN].differences[1]
    assert (gap.value, gap.low, gap.high) == (0, 0, 0)
    assert result.tests[1].p == 1
    assert result.disagreements[1].sentences == []


def test_runs_that_differ_in_seed_and_folder_are_one_group(make_run):
    """F1 is 1 and 2/3: their mean is 5/6, their standard deviation (1/3) / sqrt(2)."""
    make_run("small-1", [RIGHT, RIGHT], seed=1, features=1)
    make_run("small-2", [RIGHT, NOTHING], seed=2, features=1)
    folder = make_run("large-1", [RIGHT, RIGHT], seed=1, features=2).parent
    result = compared(folder / "small-*", folder / "large-1")
    assert result.names == ["small", "large-1"]
    assert [group.seeds for group in result.groups] == [[1, 2], [1]]
    score = result.scores[MAIN].scores[0]
    assert score.value == pytest.approx(5 / 6)
    assert score.sd == pytest.approx((1 / 3) / 2**0.5)
    assert score.runs == pytest.approx([1, 2 / 3])
    assert result.differing == {"linear.features": [1, 2]}
    assert any("a single run each" in note and "large-1" in note for note in result.notes)


def test_a_seed_given_twice_is_named(make_run):
    folders = [make_run(f"{name}/1", [RIGHT, NOTHING], features=1) for name in ("a", "b")]
    assert "a seed stands more than once" in compared(*folders).notes[0]


def test_runs_tested_on_different_data_are_refused(make_run):
    first = make_run("first", [RIGHT], data="abc", features=1)
    second = make_run("second", [RIGHT], data="def", features=2)
    with pytest.raises(ComparisonError, match=r"first.*second.*different data.*abc.*def"):
        compared(first, second)


def test_predictions_that_do_not_fit_the_record_are_refused(make_run):
    first, second = make_run("first", [RIGHT], features=1), make_run("second", [RIGHT] * 2)
    with pytest.raises(ComparisonError, match=r"first and .*second hold different mentions"):
        compared(first, second)


def test_an_interrupted_run_is_recognised(make_run, caplog):
    folder = make_run("cut", [RIGHT]).parent
    (folder / "cut/run.json").unlink()
    (folder / "cut/bundle").mkdir()
    with pytest.raises(ComparisonError, match=r"cut: no run\.json, so the run was interrupted"):
        find_runs([str(folder / "cut")])
    whole = make_run("whole", [RIGHT])
    assert find_runs([str(folder / "*")]) == [whole]
    assert "passed over" in caplog.text


def test_a_folder_of_folders_stands_for_the_runs_below(make_run):
    folders = [make_run(f"sweep/x/{seed}", [RIGHT], seed=seed) for seed in (1, 2)]
    assert find_runs([str(folders[0].parent.parent), str(folders[1])]) == folders


def test_a_name_that_leads_nowhere_is_said(tmp_path):
    with pytest.raises(ComparisonError, match="nowhere: no run there"):
        find_runs([str(tmp_path / "nowhere")])


def test_a_run_of_an_earlier_version_is_refused(make_run):
    folder = make_run("old", [RIGHT])
    (folder / "predictions.parquet").unlink()
    with pytest.raises(ComparisonError, match="an earlier version made it"):
        load_run(folder)


def test_the_reference_is_a_group_or_one_of_its_runs(make_run):
    first = make_run("first", [RIGHT, NOTHING], features=1)
    second = make_run("second", [RIGHT, RIGHT], features=2)
    assert compared(first, second).reference == 0
    assert compared(first, second, reference="second").reference == 1
    result = compared(first, second, reference=str(second))
    assert result.scores[MAIN].differences[0].value == pytest.approx(-1 / 3)
    with pytest.raises(ComparisonError, match="none of the runs; name one of first, second"):
        compared(first, second, reference="third")


def test_the_sentences_that_groups_dispute_come_first(make_run):
    first = make_run("first", [RIGHT, NOTHING, NOTHING, RIGHT], features=1)
    second = make_run("second", [RIGHT, RIGHT, ("threat", "drawdown"), RIGHT], features=2)
    found = compared(first, second).disagreements[1]
    assert [sentence.id for sentence in found.sentences] == ["d02-1", "d01-1"]
    assert (found.decisions, found.first_right, found.second_right) == (12, 1, 2)
    (dispute,) = found.sentences[0].disputes
    assert (dispute.text, dispute.gold) == ("Iran", ["threat"])
    assert dispute.first["threat"] == (0, 0.1)
    assert dispute.second["drawdown"] == (1, 0.9)


def test_a_config_that_another_beats_in_everything_is_off_the_front(make_run):
    slow = make_run("slow", [RIGHT, NOTHING], features=1, cost={"sentences_per_second": 10})
    fast = make_run("fast", [RIGHT, RIGHT], features=2)
    small = make_run("small", [NOTHING, RIGHT], features=3, cost={"bundle_bytes": 10})
    assert compared(slow, fast, small).efficient == [False, True, True]


def test_slices_part_the_mentions(make_run):
    def actor(text, word):
        start = text.index(word)
        return Mention(start, start + len(word), word, (Act("threat"),))

    texts = ["Iran said “Israel threatened us”.", "Iran" + " and" * 30 + "."]
    examples = [
        Example("a", "a", 0, "", texts[0], (actor(texts[0], "Israel"),)),
        Example("b", "b", 0, "", texts[1], (actor(texts[1], "Iran"),)),
    ]
    folder = make_run("run", [RIGHT, NOTHING], examples=examples)
    found = {
        kind: {name: where.tolist() for name, where in parts.items()}
        for kind, parts in slices(load_run(folder).mentions).items()
    }
    assert found == {
        "actors": {"one actor": [True, True]},
        "length": {"up to 25 words": [True, False], "26 to 35 words": [False, True]},
        "voice": {"in quotation marks": [True, False], "narrator": [False, True]},
        "source": {"hand": [True, True]},
    }
    scored = compared(folder).slices["voice"]
    assert {name: part.scores[0].value for name, part in scored.items()} == {
        "in quotation marks": 1.0,
        "narrator": 0.0,
    }
