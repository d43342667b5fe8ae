from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.data.files import write_examples
from stance.data.split import SideCounts, Split, SplitError, load, side, split_examples
from stance.schema import Example, Mention
from stance.settings import DataSettings, SplitSettings


def example(document: str, number: int = 0) -> Example:
    return Example(
        f"{document}-{number}", document, number, "", "They left.", (Mention(0, 4, "They"),)
    )


def documents(examples: list[Example]) -> list[str]:
    return [example.document for example in examples]


MANY = [example(f"doc{i}") for i in range(2000)]


def test_shares_are_kept_roughly() -> None:
    split = split_examples(MANY, SplitSettings(dev=0.15, test=0.2))

    # Three standard deviations of a binomial share with n = 2000 are under 0.03.
    assert len(split.dev) / 2000 == pytest.approx(0.15, abs=0.03)
    assert len(split.test) / 2000 == pytest.approx(0.20, abs=0.03)
    assert len(split.train) + len(split.dev) + len(split.test) == 2000


def test_sides_never_change_between_versions() -> None:
    names = ["S1-001", "S5-a1", "g0592", "Ünal"]
    settings = SplitSettings(dev=0.15, test=0.2, salt="stance")

    assert [side(name, settings) for name in names] == ["dev", "dev", "train", "test"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_larger_dev_share_leaves_test_alone(document: str) -> None:
    before = side(document, SplitSettings(dev=0.1, test=0.3))
    after = side(document, SplitSettings(dev=0.4, test=0.3))

    assert (before == "test") == (after == "test")


def test_a_growing_corpus_keeps_its_sides() -> None:
    small, large = (split_examples(MANY[:n], SplitSettings()) for n in (500, 2000))

    assert set(documents(small.test)) <= set(documents(large.test))
    assert set(documents(small.train)) <= set(documents(large.train))


def test_another_salt_is_another_split() -> None:
    first, second = (split_examples(MANY, SplitSettings(salt=salt)) for salt in "ab")

    assert documents(first.test) != documents(second.test)


def test_sentences_of_a_document_stay_together() -> None:
    split = split_examples([example(f"doc{i % 20}", i) for i in range(200)], SplitSettings())

    assert sorted(count.sentences for count in split.counts.values()) == sorted(
        10 * count.documents for count in split.counts.values()
    )


def test_counts() -> None:
    split = Split([example("a"), example("a", 1), example("b")], [], [example("c")])

    assert split.counts == {
        "train": SideCounts(documents=2, sentences=3, mentions=3),
        "dev": SideCounts(documents=0, sentences=0, mentions=0),
        "test": SideCounts(documents=1, sentences=1, mentions=1),
    }


@pytest.mark.parametrize(("dev", "test"), [(0.5, 0.5), (-0.1, 0.2), (0.1, -0.2)])
def test_shares_that_leave_nothing_are_refused(dev: float, test: float) -> None:
    with pytest.raises(SplitError, match=f"dev={dev} and test={test}"):
        side("a", SplitSettings(dev=dev, test=test))


def test_a_document_on_two_sides_is_named() -> None:
    with pytest.raises(SplitError, match=r"1 document.* stand in both train and test: b;"):
        Split([example("a"), example("b")], [], [example("b", 1)])


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    write_examples(tmp_path / "many.jsonl", MANY[:100])
    write_examples(tmp_path / "held_out.jsonl", [example("held out")])
    return tmp_path


def test_without_files_of_their_own_sides_come_from_train(labelled: Path) -> None:
    split = load(DataSettings(train=[labelled / "many.jsonl"]))

    assert split == split_examples(MANY[:100], SplitSettings())


def test_a_test_file_replaces_the_test_side(labelled: Path) -> None:
    hashed = split_examples(MANY[:100], SplitSettings())
    split = load(DataSettings(train=[labelled / "many.jsonl"], test=[labelled / "held_out.jsonl"]))

    assert documents(split.test) == ["held out"]
    assert split.dev == hashed.dev
    assert set(documents(split.train)) == set(documents(hashed.train + hashed.test))


def test_with_all_files_given_nothing_is_split(labelled: Path) -> None:
    write_examples(labelled / "dev.jsonl", [example("dev")])
    split = load(
        DataSettings(
            train=[labelled / "many.jsonl"],
            dev=[labelled / "dev.jsonl"],
            test=[labelled / "held_out.jsonl"],
        )
    )
    assert split.train == MANY[:100]
    assert documents(split.dev) == ["dev"]


def test_overlapping_files_are_refused(labelled: Path) -> None:
    (labelled / "again.jsonl").write_text(json.dumps(example("doc7", 5).to_dict()))

    with pytest.raises(SplitError, match="doc7"):
        load(
            DataSettings(
                train=[labelled / "many.jsonl"],
                dev=[labelled / "held_out.jsonl"],
                test=[labelled / "again.jsonl"],
            )
        )
