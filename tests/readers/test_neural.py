"""The reader around an engine whose arithmetic can be done in the head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from stance.readers.features import Featuriser, PieceSettings
from stance.readers.neural import Judgement, NeuralReader
from stance.schema import Sentence
from stance.settings import RuntimeSettings

VOCABULARY = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "Iran", "Iraq", "army", "left", "hit", "the"]
IRAN, IRAQ, ARMY = 4, 5, 6


class WordEngine:
    """Tags Iran and Iraq as B and army as I; a span threatens iff "hit" follows, its neighbour."""

    def __init__(self) -> None:
        self.encoded: list[tuple[int, ...]] = []

    def encode(self, ids, mask):
        self.encoded.append(ids.shape)
        tags = np.full((*ids.shape, 3), -5.0)
        tags[..., 0] = 0
        tags[..., 1] = np.where((ids == IRAN) | (ids == IRAQ), 5.0, -5.0)
        tags[..., 2] = np.where(ids == ARMY, 5.0, -5.0)
        return ids, tags

    def judge(self, states, mask, rows, starts, ends):
        hit = np.array(
            [states[r, e] == VOCABULARY.index("hit") for r, e in zip(rows, ends, strict=True)]
        )
        stances = np.full((len(rows), 3), -3.0)
        stances[:, 0] = np.where(hit, 3.0, -3.0)
        sentiment = np.tile([0.0, 2.0, 0.0], (len(rows), 1))
        targets = np.full((len(rows), 3, len(rows)), -3.0)
        for i, end in enumerate(ends):
            targets[i, 0] = np.where(starts > end, 3.0, -3.0)  # also of other rows: must not count
        return Judgement(stances, sentiment, targets)


def word_reader(max_pieces: int = 160, budget: int = 4096, metaspace: bool = False) -> NeuralReader:
    tokenizer = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(VOCABULARY)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if metaspace:  # as SentencePiece does, count the space before a word to its piece
        tokenizer = Tokenizer(
            models.WordLevel(
                {word if i < IRAN else f"\u2581{word}": i for i, word in enumerate(VOCABULARY)},
                unk_token="[UNK]",
            )
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    pieces = PieceSettings("[CLS]", "[SEP]", "[PAD]", False, max_pieces, 0, 4)
    return NeuralReader(
        WordEngine(), Featuriser(tokenizer, pieces), runtime=RuntimeSettings(batch_pieces=budget)
    )


def test_finds_judges_and_directs():
    ((iran, army),) = word_reader().read([Sentence("the Iran hit the Iraq army")])
    assert (iran.text, iran.span, iran.labels) == ("Iran", (4, 8), {"threat"})
    assert (army.text, army.span, army.labels) == ("Iraq army", (17, 26), frozenset())
    assert iran.targets("threat") == {1}
    assert iran.probabilities["threat"] == pytest.approx(1 / (1 + np.exp(-3)))
    assert iran.sentiment == "neutral"


def test_targets_never_cross_sentences():
    first, _ = word_reader().read([Sentence("Iran hit"), Sentence("the the the Iraq left")])
    assert [(a.label, a.target) for a in first[0].acts] == [("threat", None)]


def test_given_spans_are_judged_in_their_order_and_only_they():
    text = "Iran hit the Iraq army"
    ((army, iran),) = word_reader().read([Sentence(text)], [[(13, 17), (0, 4)]])
    assert (army.text, iran.text) == ("Iraq", "Iran")
    assert iran.targets("threat") == {0}


def test_an_i_without_b_opens_a_mention_and_a_b_always_does():
    (mentions,) = word_reader().read([Sentence("army left Iran Iraq army army")])
    assert [m.text for m in mentions] == ["army", "Iran", "Iraq army army"]


def test_long_sentences_are_read_to_the_end():
    text = "the " * 50 + "Iran hit " + "the " * 50 + "Iraq army " + "the " * 7 + "Iran hit"
    (mentions,) = word_reader(max_pieces=16).read([Sentence(text)])
    assert [(m.text, sorted(m.labels)) for m in mentions] == [
        ("Iran", ["threat"]),
        ("Iraq army", []),
        ("Iran", ["threat"]),
    ]


def test_output_order_is_input_order_whatever_the_batches():
    texts = ["the " * n + "Iran hit" for n in (9, 1, 5, 0, 7)]
    reader = word_reader(budget=12)
    answers = reader.read([Sentence(text) for text in texts])
    assert [m.span for (m,) in answers] == [(4 * n, 4 * n + 4) for n in (9, 1, 5, 0, 7)]
    assert len(reader.engine.encoded) > 1


def test_sentences_and_spans_with_nothing_to_read():
    reader = word_reader()
    assert reader.read([]) == []
    assert reader.read([Sentence("")]) == [[]]
    ((unread,),) = reader.read([Sentence("  ")], [[(0, 1)]])
    assert (unread.labels, unread.confidence) == (frozenset(), 0.0)


def test_log_odds_come_in_the_order_of_the_spans():
    sentences = [Sentence("the the Iraq left"), Sentence("Iran hit")]
    log_odds = word_reader().log_odds(sentences, [[(8, 12)], [(0, 4)]])
    assert log_odds[:, 0].tolist() == [-3.0, 3.0]


@given(st.lists(st.text(), max_size=5))
def test_any_text_is_survived_and_spans_are_exact(texts):
    answers = word_reader(max_pieces=8).read([Sentence(text) for text in texts])
    assert len(answers) == len(texts)
    for text, mentions in zip(texts, answers, strict=True):
        assert all(text[m.start : m.end] == m.text for m in mentions)


@given(st.text(min_size=1, max_size=40), st.data())
def test_every_given_span_is_answered(text, data):
    cuts = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text)))
    spans = data.draw(st.lists(cuts.filter(lambda s: s[0] < s[1]), max_size=4))
    (mentions,) = word_reader(max_pieces=8).read([Sentence(text)], [spans])
    assert [m.span for m in mentions] == spans


def test_a_span_leaves_out_the_space_that_its_piece_includes():
    reader = word_reader(metaspace=True)
    text = "the Iran hit the Iraq army"
    (window,) = reader.featuriser.windows([Sentence(text)])
    assert window.offsets[1] == (3, 8)
    ((iran, army),) = reader.read([Sentence(text)])
    assert (iran.text, iran.span) == ("Iran", (4, 8))
    assert (army.text, army.span) == ("Iraq army", (17, 26))


def test_says_whether_the_sentence_before_has_a_say():
    reader = word_reader()
    assert reader.reads_context is False
    reader.featuriser.settings = replace(reader.featuriser.settings, context=True)
    assert reader.reads_context is True
