from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from stance.readers.features import Featuriser, PieceSettings, assign, batches, whole_words
from stance.schema import Sentence

WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", *"abcdefghij"]
PAD, CLS, SEP, UNK = range(4)
A = 4  # the id of "a"; the letters follow


def letters(max_pieces: int = 160, overlap: int = 2, context: bool = False) -> Featuriser:
    """A featuriser that knows the words a to j."""
    tokenizer = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return Featuriser(
        tokenizer, PieceSettings("[CLS]", "[SEP]", "[PAD]", context, max_pieces, 3, overlap)
    )


def test_a_short_sentence_is_one_window():
    (window,) = letters().windows([Sentence("a b c")])
    assert window.ids == [CLS, A, A + 1, A + 2, SEP]
    assert window.offsets == [(0, 1), (2, 3), (4, 5)]
    assert (window.first, window.owned) == (1, (0, 3))


def test_context_stands_before_the_sentence_and_keeps_its_end():
    (window,) = letters(context=True).windows([Sentence("a b", prev="f g h i j")])
    assert window.ids == [CLS, A + 7, A + 8, A + 9, SEP, A, A + 1, SEP]
    assert (window.first, window.offsets) == (5, [(0, 1), (2, 3)])


def test_a_long_sentence_is_read_in_windows_that_share_pieces():
    windows = letters(max_pieces=6).windows([Sentence("a b c d e f g")])
    assert [w.ids for w in windows] == [
        [CLS, A, A + 1, A + 2, A + 3, SEP],
        [CLS, A + 2, A + 3, A + 4, A + 5, SEP],
        [CLS, A + 4, A + 5, A + 6, SEP],
    ]
    owned = [[w.offsets[i][0] for i in range(*w.owned)] for w in windows]
    assert owned == [[0, 2, 4], [6, 8], [10, 12]]


@given(count=st.integers(0, 60), max_pieces=st.integers(4, 20), overlap=st.integers(0, 12))
def test_every_piece_is_owned_by_exactly_one_window(count, max_pieces, overlap):
    text = " ".join(["a"] * count)
    windows = letters(max_pieces, overlap).windows([Sentence(text)])
    owned = [window.offsets[i] for window in windows for i in range(*window.owned)]
    assert owned == [(2 * i, 2 * i + 1) for i in range(count)]
    assert all(len(window.ids) <= max_pieces for window in windows)


@pytest.mark.parametrize(
    ("span", "pieces"),
    [((0, 1), (1, 2)), ((2, 5), (2, 4)), ((0, 5), (1, 4)), ((1, 2), (1, 2)), ((5, 9), (3, 4))],
)
def test_spans_become_the_pieces_they_touch_or_the_nearest(span, pieces):
    (window,) = letters().windows([Sentence("a b c    ")])
    assert window.pieces_of(span) == pieces


def test_each_span_falls_to_the_window_that_owns_its_first_piece():
    windows = letters(max_pieces=6).windows([Sentence("a b c d e f g"), Sentence("h")])
    spans = [[(0, 1), (6, 7), (4, 9), (12, 13)], [(0, 1)]]
    assert assign(windows, spans) == {0: [0, 2], 1: [1], 2: [3], 3: [0]}


def test_batches_hold_like_lengths_within_the_budget():
    windows = letters().windows([Sentence("a " * n) for n in (8, 1, 2, 9)])  # +2 special pieces
    assert list(batches(windows, budget=8)) == [[1, 2], [0], [3]]


def test_padding_is_masked():
    featuriser = letters()
    ids, mask = featuriser.pad_batch(featuriser.windows([Sentence("a"), Sentence("a b")]))
    assert ids.tolist() == [[CLS, A, SEP, PAD], [CLS, A, A + 1, SEP]]
    assert mask.tolist() == [[1, 1, 1, 0], [1, 1, 1, 1]]


def test_a_sentence_without_pieces_has_no_window():
    assert letters().windows([Sentence(""), Sentence("  ")]) == []


def test_pieces_of_one_word_are_told_from_neighbours():
    tokenizer = Tokenizer(models.WordPiece({"un": 0, "##like": 1, ",": 2, "[UNK]": 3, "[S]": 4}))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces = PieceSettings("[S]", "[S]", "[S]", False, 20, 0, 0)
    (window,) = Featuriser(tokenizer, pieces).windows([Sentence("unlike,un")])
    assert window.offsets == [(0, 2), (2, 6), (6, 7), (7, 9)]
    assert whole_words(window, "unlike,un") == [False, True, False, False]


def test_an_unknown_special_token_is_refused():
    tokenizer = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    with pytest.raises(ValueError, match=r"no special token '\[CLS\]'"):
        Featuriser(tokenizer, PieceSettings("[CLS]", "[SEP]", "[PAD]", False, 9, 0, 0))


@pytest.mark.parametrize(
    ("context", "max_pieces", "context_pieces", "overlap", "setting"),
    [
        (False, 2, 0, 0, "reader.max_pieces is 2"),
        (False, 20, 0, -1, "reader.window_overlap is -1"),
        (True, 64, -1, 0, "reader.context_pieces is -1"),
        (True, 64, 48, 0, "reader.context_pieces=48 leaves too little of reader.max_pieces=64"),
    ],
)
def test_windows_that_cannot_be_are_refused(context, max_pieces, context_pieces, overlap, setting):
    with pytest.raises(ValueError, match=setting):
        PieceSettings("[CLS]", "[SEP]", "[PAD]", context, max_pieces, context_pieces, overlap)


def test_no_context_pieces_means_no_context():
    featuriser = letters(context=True)
    none = replace(featuriser.settings, context_pieces=0)
    (window,) = Featuriser(featuriser.tokenizer, none).windows([Sentence("a b", prev="f g")])
    assert window.ids == [CLS, A, A + 1, SEP]
