"""Eight sentences, every score worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from sklearn.metrics import precision_recall_fscore_support

from stance.evaluation.bootstrap import Bootstrap, Score
from stance.evaluation.metrics import Counts, count, differences, scores
from stance.ontology import STANCES
from stance.schema import Act, Example, Mention

BOOTSTRAP = Bootstrap(resamples=200, confidence=0.95, seed=1)


def actor(
    position: int, *acts: tuple[str, int | None], sentiment: str = "neutral", width: int = 1
) -> Mention:
    """The actor at ``position`` in the sentence "A B C", whose letters stand at 0, 2 and 4."""
    start = 2 * position
    return Mention(
        start,
        start + width,
        "A B C"[start : start + width],
        tuple(Act(*act) for act in acts),
        sentiment,
    )


A, B = 0, 1

GOLD = [
    ("d1", [actor(A, ("threat", B), sentiment="negative"), actor(B)]),
    ("d1", [actor(A, ("threat", None), sentiment="negative")]),
    ("d2", [actor(A, ("threat", B)), actor(B, ("cooperation", None))]),
    ("d2", [actor(A, ("cooperation", None))]),
    ("d3", [actor(A, ("cooperation", B)), actor(B, ("cooperation", A))]),
    ("d3", [actor(A, ("drawdown", None))]),
    ("d4", [actor(A), actor(B, ("drawdown", None))]),
    ("d4", []),
]

GIVEN = [
    [actor(A, ("threat", B), sentiment="negative"), actor(B)],  # right
    [actor(A)],  # threat missed, negative missed
    [actor(A, ("threat", None)), actor(B, ("threat", A))],  # target wrong; threat, not cooperation
    [actor(A, ("cooperation", None), sentiment="negative")],  # right but for the sentiment
    [actor(A, ("cooperation", B)), actor(B, ("cooperation", A))],  # right
    [actor(A, ("drawdown", None), ("threat", None))],  # threat too many
    [actor(A, ("drawdown", None)), actor(B, ("drawdown", None))],  # drawdown too many
    [],
]

FOUND = [
    [actor(A, ("threat", B)), actor(B)],  # right
    [],  # threat missed with its actor
    [actor(A, ("threat", None)), actor(B, ("threat", None))],  # threat, not cooperation
    [actor(A, ("cooperation", None), width=2)],  # right, but the span is too wide
    [actor(A, ("cooperation", None))],  # cooperation of B missed with its actor
    [actor(A, ("drawdown", None))],  # right
    [actor(B, ("drawdown", None))],  # A missed, which bears nothing
    [actor(A, ("drawdown", None))],  # nobody is there
]

EXAMPLES = [
    Example(f"e{i}", document, i, "", "A B C", tuple(actors))
    for i, (document, actors) in enumerate(GOLD)
]


@pytest.fixture(scope="module")
def counts() -> Counts:
    return count(EXAMPLES, GIVEN, FOUND)


EXPECTED = {
    # threat: 2 hits, 2 false, 1 missed; cooperation: 3, 0, 1; drawdown: 2, 1, 0
    "stance_given.threat.precision": (2 / 4, 3),
    "stance_given.threat.recall": (2 / 3, 3),
    "stance_given.threat.f1": (4 / 7, 3),
    "stance_given.cooperation.precision": (3 / 3, 4),
    "stance_given.cooperation.recall": (3 / 4, 4),
    "stance_given.cooperation.f1": (6 / 7, 4),
    "stance_given.drawdown.precision": (2 / 3, 2),
    "stance_given.drawdown.recall": (2 / 2, 2),
    "stance_given.drawdown.f1": (4 / 5, 2),
    "stance_given.macro_f1": ((4 / 7 + 6 / 7 + 4 / 5) / 3, 9),
    # sentences 1, 3, 5 and 7 alone: threat 2, 1, 0; cooperation 2, 0, 1; drawdown 1, 1, 0
    "stance_given_several.macro_f1": ((4 / 5 + 4 / 5 + 2 / 3) / 3, 6),
    # threat: 2, 1, 1; cooperation: 2, 0, 2; drawdown: 2, 1, 0
    "stance_found.threat.precision": (2 / 3, 3),
    "stance_found.threat.recall": (2 / 3, 3),
    "stance_found.threat.f1": (4 / 6, 3),
    "stance_found.cooperation.precision": (2 / 2, 4),
    "stance_found.cooperation.recall": (2 / 4, 4),
    "stance_found.cooperation.f1": (4 / 6, 4),
    "stance_found.drawdown.precision": (2 / 3, 2),
    "stance_found.drawdown.recall": (2 / 2, 2),
    "stance_found.drawdown.f1": (4 / 5, 2),
    "stance_found.macro_f1": ((4 / 6 + 4 / 6 + 4 / 5) / 3, 9),
    # 11 gold mentions, 9 found: 8 overlap, 7 are exact
    "mention.overlap.precision": (8 / 9, 11),
    "mention.overlap.recall": (8 / 11, 11),
    "mention.overlap.f1": (16 / 20, 11),
    "mention.exact.precision": (7 / 9, 11),
    "mention.exact.recall": (7 / 11, 11),
    "mention.exact.f1": (14 / 20, 11),
    # negative: 1, 1, 1; neutral: 8, 1, 1; nobody is positive, so two classes count
    "sentiment.negative.precision": (1 / 2, 2),
    "sentiment.negative.recall": (1 / 2, 2),
    "sentiment.negative.f1": (2 / 4, 2),
    "sentiment.neutral.precision": (8 / 9, 9),
    "sentiment.neutral.recall": (8 / 9, 9),
    "sentiment.neutral.f1": (16 / 18, 9),
    "sentiment.macro_f1": ((2 / 4 + 16 / 18) / 2, 11),
    # seven of the nine gold stances were predicted, one of them toward nobody instead of B
    "target.accuracy": (6 / 7, 7),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_eight_sentences_by_hand(counts: Counts, name: str) -> None:
    value, n = EXPECTED[name]
    score = scores(counts)[name]

    assert score.value == pytest.approx(value)
    assert score.n == n


def test_every_score_was_worked_out_or_is_not_defined(counts: Counts) -> None:
    """Nobody is positive, and without probabilities there is no calibration."""
    rest = {name: score for name, score in scores(counts).items() if name not in EXPECTED}

    assert {name.rpartition(".")[0] for name in rest} == {"sentiment.positive", "calibration_error"}
    assert all(math.isnan(score.value) and score.n == 0 for score in rest.values())


def test_scikit_learn_agrees(counts: Counts) -> None:
    pairs = [
        (gold, judged)
        for example, mentions in zip(EXAMPLES, GIVEN, strict=True)
        for gold, judged in zip(example.actors, mentions, strict=True)
    ]
    expected = precision_recall_fscore_support(
        [[label in gold.labels for label in STANCES] for gold, _ in pairs],
        [[label in judged.labels for label in STANCES] for _, judged in pairs],
        zero_division=math.nan,
    )
    ours = scores(counts)
    for kind, values in zip(("precision", "recall", "f1"), expected[:3], strict=True):
        assert [ours[f"stance_given.{label}.{kind}"].value for label in STANCES] == [
            pytest.approx(value) for value in values
        ]


def test_intervals_lie_around_the_scores(counts: Counts) -> None:
    score = scores(counts, BOOTSTRAP)["mention.overlap.f1"]

    assert score.low < score.value < score.high
    assert math.isnan(scores(counts)["mention.overlap.f1"].low)


def one_mention_each(documents: Sequence[str], predicted: Sequence[bool]) -> Counts:
    """A threat in every sentence, and whether a reader says so."""
    examples = [
        Example(f"e{i}", document, 0, "", "A B C", (actor(A, ("threat", None)),))
        for i, document in enumerate(documents)
    ]
    given = [[actor(A, *([("threat", None)] if says else []))] for says in predicted]
    return count(examples, given, [[] for _ in documents])


def test_intervals_resample_documents_not_sentences() -> None:
    right = [i < 120 for i in range(200)]
    separate = scores(one_mention_each([f"d{i}" for i in range(200)], right), BOOTSTRAP)
    grouped = scores(one_mention_each([f"d{i // 10}" for i in range(200)], right), BOOTSTRAP)
    name = "stance_given.threat.recall"

    assert separate[name].value == grouped[name].value == pytest.approx(0.6)
    assert grouped[name].high - grouped[name].low > 2 * (separate[name].high - separate[name].low)


def test_a_reader_differs_from_itself_by_nothing(counts: Counts) -> None:
    gap = differences(counts, counts, BOOTSTRAP)["stance_given.macro_f1"]

    assert (gap.value, gap.low, gap.high) == (0, 0, 0)


def test_what_is_hard_for_both_cancels_out_of_the_difference() -> None:
    # Ten documents of ten threats each. The second reader gets i of ten in document i, the first
    # always one more: a steady tenth between two scores that vary widely.
    documents = [f"d{i // 10}" for i in range(100)]
    first = one_mention_each(documents, [i % 10 < i // 10 + 1 for i in range(100)])
    second = one_mention_each(documents, [i % 10 < i // 10 for i in range(100)])

    gap = differences(first, second, BOOTSTRAP)["stance_given.threat.recall"]
    alone = scores(first, BOOTSTRAP)["stance_given.threat.recall"]

    assert (gap.value, gap.low, gap.high) == (pytest.approx(0.1),) * 3
    assert gap.is_clear
    assert alone.high - alone.low > 0.2


def test_readers_of_different_documents_are_not_compared(counts: Counts) -> None:
    with pytest.raises(ValueError, match="different documents"):
        differences(counts, one_mention_each(["other"], [True]), BOOTSTRAP)


def calibration_error(*judged: tuple[float, bool]) -> Score:
    """Of threat, for mentions given as (probability, whether gold bears the label)."""
    examples, given = [], []
    for i, (probability, bears) in enumerate(judged):
        gold = actor(A, *([("threat", None)] if bears else []))
        examples.append(Example(f"e{i}", f"d{i}", 0, "", "A B C", (gold,)))
        given.append([Mention(0, 1, "A", probabilities={"threat": probability})])
    return scores(count(examples, given, [[] for _ in examples]))["calibration_error.threat"]


def test_calibration_error_by_hand() -> None:
    # Equal probabilities share a bin. At 0.9 one of two bears the label: |0.9 - 0.5| = 0.4;
    # at 0.2 none of two does: 0.2. Half of the mentions in each: (0.4 + 0.2) / 2.
    score = calibration_error((0.9, True), (0.9, False), (0.2, False), (0.2, False))

    assert score.value == pytest.approx(0.3)
    assert score.n == 4


def test_probabilities_that_keep_their_word_have_no_error() -> None:
    score = calibration_error((0.5, True), (0.5, False), (1.0, True), (0.0, False))

    assert score.value == pytest.approx(0)


def test_a_bin_holds_a_fifteenth_of_the_mentions() -> None:
    # Thirty different probabilities make fifteen bins of two neighbours, one of which bears the
    # label: each bin is off by |mean probability - 1/2|.
    probabilities = [(i + 0.5) / 30 for i in range(30)]
    means = [(probabilities[i] + probabilities[i + 1]) / 2 for i in range(0, 30, 2)]
    expected = sum(abs(mean - 0.5) for mean in means) / 15

    score = calibration_error(*((p, i % 2 == 0) for i, p in enumerate(probabilities)))

    assert score.value == pytest.approx(expected)


def test_a_label_that_nobody_defined_is_refused() -> None:
    with pytest.raises(ValueError, match=r"nobody defined: stance_given\.attack\.fp"):
        count(EXAMPLES[1:2], [[actor(A, ("attack", None))]], [[]])
