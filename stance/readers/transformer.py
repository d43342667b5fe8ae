"""The reader in PyTorch: an encoder and four heads over its one encoding of the sentence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoTokenizer

from stance.ontology import ACTOR_TAGS, SENTIMENTS, STANCES
from stance.readers.encoders import locate
from stance.readers.features import TOKENIZER, Featuriser, IntArray, PieceSettings
from stance.readers.neural import Judgement
from stance.settings import ReaderKind, ReaderSettings

WEIGHTS: Final = "model.safetensors"

_HEAD_WIDTH: Final = 64  # of one attention head, whatever the width of the encoder
_SPECIAL_TOKENS: Final = ("cls_token", "sep_token", "pad_token")


class SpanAttention(nn.Module):
    """What the sentence says around a span: attention from the span to every piece.

    Each head weighs pieces by content and by where they stand relative to the span, so that the
    verb before or after an actor can be read without encoding the sentence once per actor.
    """

    def __init__(self, width: int, heads: int, reach: int) -> None:
        super().__init__()
        self.heads, self.reach = heads, reach
        self.width = heads * _HEAD_WIDTH
        self.query = nn.Linear(3 * width, self.width)
        self.key = nn.Linear(width, self.width)
        self.value = nn.Linear(width, self.width)
        self.place = nn.Parameter(torch.zeros(2 * reach + 1, heads))

    def forward(
        self, pooled: Tensor, states: Tensor, mask: Tensor, starts: Tensor, ends: Tensor
    ) -> Tensor:
        """Read ``states`` (spans, pieces, width) for spans pooled to (spans, 3 width).

        Returns (spans, heads * 64).
        """
        query = self.query(pooled).unflatten(1, (self.heads, 1, -1))
        key, value = (
            project(states).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for project in (self.key, self.value)
        )
        scores = torch.matmul(query, key.transpose(2, 3)).squeeze(2) / key.shape[3] ** 0.5
        scores = scores + self._place(states, starts, ends).transpose(1, 2)
        scores = scores.masked_fill(mask[:, None] == 0, -1e4)
        return torch.matmul(scores.softmax(2)[:, :, None], value).flatten(1)

    def _place(self, states: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
        """The bias of each piece by its distance to the span: 0 inside, negative before it."""
        piece = torch.arange(states.shape[1], device=states.device)[None]
        before = (piece - starts[:, None]).clamp(-self.reach, 0)
        after = (piece - ends[:, None] + 1).clamp(0, self.reach)
        return self.place[before + after + self.reach]


class SpanHeads(nn.Module):
    """Judges spans of encoded pieces.

    A span's vector is made of its first, its last and the mean of its pieces, and of what it
    attends to in the sentence; a target is scored by the product of two projections, per stance.
    """

    def __init__(self, width: int, settings: ReaderSettings) -> None:
        super().__init__()
        self.width = width
        self.attention = SpanAttention(width, settings.span_heads, settings.span_reach)
        self.span = nn.Sequential(
            nn.Linear(3 * width + self.attention.width, settings.span_width),
            nn.GELU(),
            nn.LayerNorm(settings.span_width),
            nn.Dropout(settings.dropout),
        )
        self.stances = nn.Linear(settings.span_width, len(STANCES))
        self.sentiment = nn.Linear(settings.span_width, len(SENTIMENTS))
        self.bearer = nn.Linear(settings.span_width, len(STANCES) * settings.target_width)
        self.target = nn.Linear(settings.span_width, settings.target_width)
        self.target_bias = nn.Parameter(torch.zeros(len(STANCES)))
        self.target_width = settings.target_width

    def forward(
        self, states: Tensor, mask: Tensor, rows: Tensor, starts: Tensor, ends: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Scores of N spans of ``states`` (batch, pieces, width).

        Returns stance log-odds (N, stances), sentiment logits (N, sentiments) and target log-odds
        (N, stances, N), of which only the columns of the same row mean anything.
        """
        pooled = self._pool(states, rows, starts, ends)
        around = self.attention(pooled, states[rows], mask[rows], starts, ends)
        vectors = self.span(torch.cat((pooled, around), dim=1))
        bearers = self.bearer(vectors).unflatten(1, (len(STANCES), self.target_width))
        scores = torch.matmul(bearers, self.target(vectors).transpose(0, 1))
        targets = scores / self.target_width**0.5 + self.target_bias[:, None]
        return self.stances(vectors), self.sentiment(vectors), targets

    @staticmethod
    def _pool(states: Tensor, rows: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
        sums = nn.functional.pad(states.cumsum(dim=1), (0, 0, 1, 0))
        mean = (sums[rows, ends] - sums[rows, starts]) / (ends - starts)[:, None]
        edges = (states[rows, starts], states[rows, ends - 1], mean)
        return torch.cat(edges, dim=1)


class StanceModel(nn.Module):
    """Encoder, actor tagger and span heads."""

    def __init__(self, encoder: nn.Module, settings: ReaderSettings) -> None:
        super().__init__()
        width = int(encoder.config.hidden_size)  # type: ignore[union-attr, arg-type]
        self.encoder = encoder
        self.dropout = nn.Dropout(settings.dropout)
        self.tagger = nn.Linear(width, len(ACTOR_TAGS))
        self.heads = SpanHeads(width, settings)

    def encode(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Piece states (batch, pieces, width) and tag logits (batch, pieces, tags)."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        states = self.dropout(states)
        return states, self.tagger(states)

    def forward(
        self, ids: Tensor, mask: Tensor, rows: Tensor, starts: Tensor, ends: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Tag logits of the pieces, then stance, sentiment and target scores of the spans."""
        states, tags = self.encode(ids, mask)
        return (tags, *self.heads(states, mask, rows, starts, ends))


class TorchEngine:
    """Runs a :class:`StanceModel` for ``NeuralReader``."""

    def __init__(self, model: StanceModel) -> None:
        self.model = model

    @property
    def _device(self) -> torch.device:
        return next(self.model.parameters()).device

    @torch.inference_mode()
    def encode(self, ids: IntArray, mask: IntArray) -> tuple[Tensor, np.ndarray[Any, Any]]:
        """See :class:`stance.readers.neural.Engine`."""
        states, tags = self.model.encode(self._tensor(ids), self._tensor(mask))
        return states.float(), tags.float().cpu().numpy()

    @torch.inference_mode()
    def judge(
        self, states: Tensor, mask: IntArray, rows: IntArray, starts: IntArray, ends: IntArray
    ) -> Judgement:
        """See :class:`stance.readers.neural.Engine`."""
        scores = self.model.heads(states, *map(self._tensor, (mask, rows, starts, ends)))
        return Judgement(*(score.float().cpu().numpy() for score in scores))

    def _tensor(self, values: IntArray) -> Tensor:
        return torch.from_numpy(values).to(self._device)


def new_model(settings: ReaderSettings) -> tuple[StanceModel, Featuriser]:
    """A model on pretrained encoder weights with fresh heads, and its way of reading text.

    Raises :class:`ValueError` for a tokenizer without offsets or special tokens and for windows
    longer than the encoder can read, and what :func:`stance.readers.encoders.locate` raises.
    """
    source = locate(settings.encoder)
    tokenizer = AutoTokenizer.from_pretrained(source)
    if not tokenizer.is_fast:
        raise ValueError(
            f"encoder {settings.encoder!r} has no fast tokenizer, so pieces cannot be mapped back "
            "to characters; choose an encoder with a tokenizer.json"
        )
    missing = [name for name in _SPECIAL_TOKENS if getattr(tokenizer, name) is None]
    if missing:
        raise ValueError(
            f"the tokenizer of encoder {settings.encoder!r} has no {', '.join(missing)}; choose an "
            "encoder of the BERT kind, which puts them around every sentence"
        )
    pieces = PieceSettings(
        cls_token=tokenizer.cls_token,
        sep_token=tokenizer.sep_token,
        pad_token=tokenizer.pad_token,
        context=settings.context,
        max_pieces=settings.max_pieces,
        context_pieces=settings.context_pieces,
        window_overlap=settings.window_overlap,
    )
    depth = {} if settings.layers is None else {"num_hidden_layers": settings.layers}
    encoder = _without_pooler(AutoModel.from_pretrained(source, dtype=torch.float32, **depth))
    longest = _longest_input(encoder)
    if longest is not None and settings.max_pieces > longest:
        raise ValueError(
            f"reader.max_pieces is {settings.max_pieces}, but encoder {settings.encoder!r} reads "
            f"at most {longest} pieces; lower reader.max_pieces"
        )
    return StanceModel(encoder, settings), Featuriser(tokenizer.backend_tokenizer, pieces)


def save_model(model: StanceModel, featuriser: Featuriser, folder: Path) -> None:
    """Write weights (safetensors), encoder configuration and tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    model.encoder.config.save_pretrained(folder)  # type: ignore[union-attr, operator]
    safetensors.torch.save_file(
        {name: value.contiguous().cpu() for name, value in model.state_dict().items()},
        folder / WEIGHTS,
    )
    featuriser.tokenizer.save(str(folder / TOKENIZER))


def load_model(folder: Path, settings: Mapping[str, Any]) -> StanceModel:
    """Rebuild what :func:`save_model` wrote; ``settings`` are the fields of its ReaderSettings."""
    encoder = _without_pooler(AutoModel.from_config(AutoConfig.from_pretrained(folder)))
    known = ReaderSettings(**{**settings, "kind": ReaderKind.transformer})
    model = StanceModel(encoder, known)
    model.load_state_dict(safetensors.torch.load_file(folder / WEIGHTS))
    return model.eval()


def _longest_input(encoder: Any) -> int | None:
    """How many pieces the encoder can number; ``None`` if it sets no limit.

    RoBERTa and its kin begin to count after the padding index, so that many positions are lost.
    """
    positions = getattr(encoder.config, "max_position_embeddings", None)
    table = getattr(getattr(encoder, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)
    if positions is None or positions <= 0:
        return None
    return int(positions) if padding is None else int(positions) - padding - 1


def _without_pooler(encoder: Any) -> Any:
    """Drop the sentence-level layer that some encoders carry: nothing here reads it."""
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return encoder
