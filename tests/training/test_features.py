from __future__ import annotations

import pytest

from stance.readers.features import Featuriser, PieceSettings
from stance.schema import Act, Example, Mention

tokenizers = pytest.importorskip("tokenizers")
features = pytest.importorskip("stance.training.features")

WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "Iran", "hit", "the", "Iraqi", "army", "we"]
NOT = features.IGNORED


def featuriser(max_pieces: int = 160) -> Featuriser:
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    return Featuriser(tokenizer, PieceSettings("[CLS]", "[SEP]", "[PAD]", False, max_pieces, 0, 2))


def example(text: str, *actors: Mention) -> Example:
    return Example("id", "document", 0, "", text, actors)


HIT = example(
    "Iran hit the Iraqi army",
    Mention(0, 4, "Iran", (Act("threat", 1),), "negative"),
    Mention(13, 23, "Iraqi army"),
)
QUIET = example("we hit", Mention(0, 2, "we", (Act("drawdown"),)))


def test_rows_hold_pieces_tags_and_labels():
    (row,) = features.training_rows([HIT], featuriser()).to_list()
    assert row["ids"] == [1, 4, 5, 6, 7, 8, 2]
    assert row["tags"] == [NOT, 1, 0, 0, 1, 2, NOT]
    assert (row["starts"], row["ends"]) == ([1, 4], [2, 6])
    assert row["borne"] == row["stances"] == [[1, 0, 0], [0, 0, 0]]
    assert row["sentiment"] == [[1, 0, 0], [0, 1, 0]]
    assert row["targets"] == [[0, 0, 1]]


def test_a_batch_keeps_sentences_apart():
    rows = features.training_rows([HIT, QUIET], featuriser()).to_list()
    batch = features.Collator(pad=0)(rows)
    assert batch["ids"].tolist() == [[1, 4, 5, 6, 7, 8, 2], [1, 9, 5, 2, 0, 0, 0]]
    assert batch["mask"].sum(dim=1).tolist() == [7, 4]
    assert batch["rows"].tolist() == [0, 0, 1]
    assert batch["tags"][1].tolist() == [NOT, 1, 0, NOT, NOT, NOT, NOT]
    threat, cooperation, drawdown = batch["targets"].unbind(1)
    assert threat.tolist() == [[NOT, 1, NOT], [NOT, NOT, NOT], [NOT, NOT, NOT]]
    assert (cooperation == NOT).all()
    assert (drawdown == NOT).all()  # "we" stands alone: nobody could be the target


def test_another_mention_that_is_no_target_teaches_too():
    other = example(HIT.text, Mention(0, 4, "Iran", (Act("threat"),)), HIT.actors[1])
    batch = features.Collator(pad=0)(features.training_rows([other], featuriser()).to_list())
    assert batch["targets"][0, 0].tolist() == [NOT, 0]


def test_a_batch_without_actors_is_sound():
    rows = features.training_rows([example("the hit")], featuriser()).to_list()
    batch = features.Collator(pad=0)(rows)
    assert batch["stances"].shape == (0, 3)
    assert batch["targets"].shape == (0, 3, 0)


def test_each_span_of_a_long_sentence_is_learnt_once():
    text = "the the the Iran hit the the the Iraqi army"
    long = example(
        text, Mention(12, 16, "Iran", (Act("threat", 1),)), Mention(33, 43, "Iraqi army")
    )
    rows = features.training_rows([long], featuriser(max_pieces=8)).to_list()
    assert len(rows) == 2
    assert sum(len(row["starts"]) for row in rows) == 2
    assert sum(tag != NOT for row in rows for tag in row["tags"]) == 10
