"""The seeds are sound: labels that keep the format, articles that can be read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from stance.data.counts import corpus_counts
from stance.data.duplicates import near_duplicates
from stance.data.files import scan
from stance.data.split import split_examples
from stance.evaluation.behaviour import read_suites
from stance.schema import Article
from stance.settings import SplitSettings
from stance.text.ingest import read_articles
from stance.text.sentences import split_article

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="module")
def scanned():
    return scan([SEEDS / "sentences"])


def test_no_row_is_bad_and_no_two_sentences_are_alike(scanned):
    assert scanned.problems == []
    assert near_duplicates(scanned.examples, 0.5) == []


def test_the_corpus_is_what_the_readme_says(scanned):
    counts = corpus_counts(scanned.examples)
    table = (SEEDS / "README.md").read_text(encoding="utf-8")
    (row,) = [line.split() for line in table.splitlines() if line.split()[:1] == ["all"]]
    assert row[1:5] == [
        str(counts.documents),
        str(counts.sentences),
        f"{counts.words:.1f}",
        str(counts.mentions),
    ]


def test_labels_are_balanced_enough_to_learn_each(scanned):
    counts = corpus_counts(scanned.examples)
    assert min(counts.stances.values()) >= 0.2 * sum(counts.stances.values())
    assert 0.4 <= counts.neither <= 0.6


def test_a_seventh_is_labelled_twice(scanned):
    first, second = (scan([SEEDS / "second" / f"{name}.jsonl"]) for name in ("first", "second"))
    assert first.problems == second.problems == []
    known = {example.id: example.text for example in scanned.examples}
    for labelling in (first, second):
        assert {e.id: e.text for e in labelling.examples}.items() <= known.items()
        assert len(labelling.examples) >= 0.15 * len(known)


def test_behaviour_suites_are_sound_and_share_no_sentence_with_the_corpus(scanned):
    cases = read_suites(SEEDS / "behaviour")
    assert len(cases) >= 800
    assert len({case.id for case in cases}) == len(cases)
    families = Counter((case.group, case.family) for case in cases)
    assert min(families.values()) >= 2
    assert not {case.text for case in cases} & {e.text for e in scanned.examples}


def test_every_side_of_the_split_has_every_label(scanned):
    split = split_examples(scanned.examples, SplitSettings())
    for side in split.sides.values():
        assert min(corpus_counts(side).stances.values()) >= 50


def test_the_sample_articles_are_read_whole():
    items = list(read_articles([SEEDS / "articles"]))
    assert all(isinstance(item, Article) for item in items), items
    assert len(items) >= 8
    for article in items:
        assert article.warnings == ()
        sentences, _ = split_article(article)
        assert len(sentences) >= 3
