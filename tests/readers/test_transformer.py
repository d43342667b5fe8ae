"""Encoders of every width, with random weights."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, RobertaConfig, RobertaModel

from stance.readers.transformer import StanceModel, new_model
from stance.settings import ReaderSettings

WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "Iran", "left"]
SMALL = {"num_hidden_layers": 1, "num_attention_heads": 4, "intermediate_size": 8, "vocab_size": 6}
SPECIAL = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]"}


def encoder_folder(folder, special=SPECIAL, roberta=False):
    """A pretrained encoder on disk that reads up to 32 pieces."""
    sizes = {**SMALL, "hidden_size": 32, "max_position_embeddings": 32}
    encoder = (
        RobertaModel(RobertaConfig(**sizes, pad_token_id=0))
        if roberta
        else BertModel(BertConfig(**sizes))
    )
    encoder.save_pretrained(folder)
    tokenizer = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", **special)
    fast.save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize("width", [256, 384, 1024])
def test_the_span_heads_fit_an_encoder_of_any_width(width):
    encoder = BertModel(BertConfig(hidden_size=width, **SMALL), add_pooling_layer=False)
    model = StanceModel(encoder, ReaderSettings()).eval()
    ids = torch.tensor([[1, 4, 5, 2]])
    spans = (torch.tensor([value]) for value in (0, 1, 2))
    tags, stances, sentiment, targets = model(ids, torch.ones_like(ids), *spans)
    assert [tuple(t.shape) for t in (tags, stances, sentiment, targets)] == [
        (1, 4, 3),
        (1, 3),
        (1, 3),
        (1, 3, 1),
    ]


def test_the_shapes_for_minilm_are_those_of_the_bundles_there_are():
    encoder = BertModel(BertConfig(hidden_size=384, **SMALL), add_pooling_layer=False)
    heads = StanceModel(encoder, ReaderSettings()).heads.state_dict()
    shapes = {name: tuple(heads[name].shape) for name in heads if name.endswith("weight")}
    assert shapes["attention.query.weight"] == (384, 1152)
    assert shapes["attention.key.weight"] == (384, 384)
    assert shapes["attention.value.weight"] == (384, 384)
    assert shapes["span.0.weight"] == (384, 1536)


def test_a_tokenizer_without_special_tokens_is_refused(tmp_path):
    folder = encoder_folder(tmp_path, special={"pad_token": "[PAD]"})
    with pytest.raises(ValueError, match="has no cls_token, sep_token"):
        new_model(ReaderSettings(encoder=folder, max_pieces=32))


@pytest.mark.parametrize(("roberta", "longest"), [(False, 32), (True, 31)])
def test_windows_longer_than_the_encoder_reads_are_refused(tmp_path, roberta, longest):
    folder = encoder_folder(tmp_path, roberta=roberta)
    with pytest.raises(ValueError, match=rf"max_pieces is {longest + 1}, .* at most {longest} "):
        new_model(ReaderSettings(encoder=folder, max_pieces=longest + 1))
    model, featuriser = new_model(ReaderSettings(encoder=folder, max_pieces=longest))
    ids = torch.full((1, longest), 4)
    assert model.eval().encode(ids, torch.ones_like(ids))[1].shape == (1, longest, 3)
    assert featuriser.settings.max_pieces == longest
