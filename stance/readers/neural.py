"""The reader proper: one encoding of a sentence gives mentions, stances, sentiment and targets.

An :class:`Engine` does the arithmetic (PyTorch while training, ONNX Runtime when reading); this
module does everything around it, so both read alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from stance.ontology import ACTOR_TAGS, SENTIMENTS, STANCES
from stance.readers.calibration import Calibration, FloatArray, sigmoid, softmax
from stance.readers.features import (
    Featuriser,
    IntArray,
    Window,
    assign,
    batches,
    whole_words,
)
from stance.schema import Act, Mention, Sentence, Span
from stance.settings import RuntimeSettings

_OUTSIDE, _BEGIN, _INSIDE = range(len(ACTOR_TAGS))


class Judgement(NamedTuple):
    """Raw scores of N spans of a batch."""

    stances: FloatArray  # (N, stances), log-odds
    sentiment: FloatArray  # (N, sentiments), logits
    targets: FloatArray  # (N, stances, N), log-odds that the column is the row's target


class Engine(Protocol):
    """The arithmetic of a reader."""

    def encode(self, ids: IntArray, mask: IntArray) -> tuple[Any, FloatArray]:
        """Piece states (batch, pieces, width), as the engine keeps them, and tag logits."""
        ...

    def judge(
        self, states: Any, mask: IntArray, rows: IntArray, starts: IntArray, ends: IntArray
    ) -> Judgement:
        """Score the spans ``starts[i]:ends[i]`` of the encoded rows ``rows[i]``."""
        ...


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A span about to be judged: where it stands in the sentence and in the batch."""

    sentence: int
    span: Span
    order: int  # its place in the caller's list of spans
    row: int
    pieces: tuple[int, int]
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class _Judged:
    """A candidate with its scores; targets are by the spans of its window."""

    candidate: _Candidate
    log_odds: FloatArray
    sentiment: FloatArray
    targets: dict[str, list[tuple[Span, float]]]


class NeuralReader:
    """Finds and judges actors with one encoder pass per window; satisfies ``Reader``."""

    def __init__(
        self,
        engine: Engine,
        featuriser: Featuriser,
        calibration: Calibration | None = None,
        runtime: RuntimeSettings | None = None,
    ) -> None:
        self.engine = engine
        self.featuriser = featuriser
        self.calibration = calibration or Calibration()
        self.runtime = runtime or RuntimeSettings()

    @property
    def reads_context(self) -> bool:
        """Whether the sentence before has a say."""
        return self.featuriser.settings.context

    def read(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]] | None = None
    ) -> list[list[Mention]]:
        """See :meth:`stance.schema.Reader.read`."""
        judged = self._judge_all(sentences, spans)
        mentions = [self._mentions(s.text, judged.get(i, [])) for i, s in enumerate(sentences)]
        if spans is None:
            return mentions
        return [
            found or [_unread(sentence.text, span) for span in given]
            for sentence, found, given in zip(sentences, mentions, spans, strict=True)
        ]

    def log_odds(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]]
    ) -> FloatArray:
        """Uncalibrated stance scores of the given spans, (all spans, stances): for calibration."""
        judged = self._judge_all(sentences, spans)
        rows = [j.log_odds for i in range(len(sentences)) for j in judged.get(i, [])]
        return np.array(rows, dtype=np.float64).reshape(-1, len(STANCES))

    def _judge_all(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]] | None
    ) -> dict[int, list[_Judged]]:
        windows = self.featuriser.windows(sentences)
        assigned = None if spans is None else assign(windows, spans)
        judged: dict[int, list[_Judged]] = defaultdict(list)
        for positions in batches(windows, self.runtime.batch_pieces):
            batch = [windows[position] for position in positions]
            ids, mask = self.featuriser.pad_batch(batch)
            states, tags = self.engine.encode(ids, mask)
            candidates = [
                candidate
                for row, (position, window) in enumerate(zip(positions, batch, strict=True))
                for candidate in (
                    _found(row, window, tags[row], sentences[window.sentence].text)
                    if spans is None or assigned is None
                    else _given(row, window, spans[window.sentence], assigned[position])
                )
            ]
            for item in self._judge_batch(states, mask, candidates):
                judged[item.candidate.sentence].append(item)
        for items in judged.values():
            items.sort(key=lambda j: (j.candidate.order, j.candidate.span))
        return judged if spans is not None else {i: _disjoint(v) for i, v in judged.items()}

    def _judge_batch(
        self, states: Any, mask: IntArray, candidates: list[_Candidate]
    ) -> list[_Judged]:
        if not candidates:
            return []
        rows = np.array([c.row for c in candidates], dtype=np.int64)
        pieces = np.array([c.pieces for c in candidates], dtype=np.int64)
        scores = self.engine.judge(states, mask, rows, pieces[:, 0], pieces[:, 1])
        sentiment = softmax(scores.sentiment)
        return [
            _Judged(
                candidate,
                scores.stances[i],
                sentiment[i],
                _targets_of(i, candidates, rows, scores.targets[i]),
            )
            for i, candidate in enumerate(candidates)
        ]

    def _mentions(self, text: str, judged: list[_Judged]) -> list[Mention]:
        if not judged:
            return []
        probabilities = self.calibration.probabilities(np.stack([j.log_odds for j in judged]))
        decisions = self.calibration.decisions(probabilities)
        doubtful = self.calibration.doubtful(probabilities)
        index = {j.candidate.span: i for i, j in enumerate(judged)}
        return [
            Mention(
                start=item.candidate.span[0],
                end=item.candidate.span[1],
                text=text[slice(*item.candidate.span)],
                acts=tuple(
                    Act(label, target, float(probabilities[i, column]))
                    for column, label in enumerate(STANCES)
                    if decisions[i, column]
                    for target in _chosen(item.targets[label], index)
                ),
                sentiment=SENTIMENTS[int(item.sentiment.argmax())],
                probabilities=dict(zip(STANCES, probabilities[i].tolist(), strict=True)),
                sentiment_probabilities=dict(zip(SENTIMENTS, item.sentiment.tolist(), strict=True)),
                confidence=item.candidate.confidence,
                abstained=bool(doubtful[i]),
            )
            for i, item in enumerate(judged)
        ]


def _unread(text: str, span: Span) -> Mention:
    """A given span of a sentence in which the tokenizer sees nothing to read."""
    nothing = dict.fromkeys(STANCES, 0.0)
    return Mention(*span, text[slice(*span)], probabilities=nothing, confidence=0.0)


def _given(
    row: int, window: Window, spans: Sequence[Span], orders: Sequence[int]
) -> list[_Candidate]:
    return [
        _Candidate(window.sentence, spans[order], order, row, window.pieces_of(spans[order]))
        for order in orders
    ]


def _found(row: int, window: Window, logits: FloatArray, text: str) -> list[_Candidate]:
    """Spans that the tags of a window mark, as far as they begin where the window answers."""
    probabilities = softmax(logits[window.first : window.first + len(window.offsets)])
    tags = probabilities.argmax(axis=-1)
    for piece, goes_on in enumerate(whole_words(window, text)):
        if goes_on:  # a word is tagged as its first piece is
            tags[piece] = _INSIDE if tags[piece - 1] != _OUTSIDE else _OUTSIDE
    found = []
    for first, last in _runs(tags):
        if window.owned[0] <= first < window.owned[1]:
            span = _trimmed(text, window.offsets[first][0], window.offsets[last - 1][1])
            if span[0] >= span[1]:
                continue
            confidence = 1 - float(probabilities[first:last, _OUTSIDE].mean())
            pieces = window.first + first, window.first + last
            found.append(_Candidate(window.sentence, span, 0, row, pieces, confidence))
    return found


def _trimmed(text: str, start: int, end: int) -> Span:
    """The range without white space at its ends: some tokenizers count the space to the piece."""
    inner = text[start:end].strip()
    begin = start + text[start:end].find(inner)
    return begin, begin + len(inner)


def _runs(tags: IntArray) -> list[tuple[int, int]]:
    """First and past-the-last index of each tagged stretch; a B always opens a new one."""
    runs: list[tuple[int, int]] = []
    for i, tag in enumerate(tags):
        if tag == _OUTSIDE:
            continue
        if tag == _INSIDE and runs and runs[-1][1] == i:
            runs[-1] = runs[-1][0], i + 1
        else:
            runs.append((i, i + 1))
    return runs


def _disjoint(judged: list[_Judged]) -> list[_Judged]:
    """Drop what overlaps an earlier span: two windows may end one mention differently."""
    kept: list[_Judged] = []
    for item in judged:
        if not kept or item.candidate.span[0] >= kept[-1].candidate.span[1]:
            kept.append(item)
    return kept


def _targets_of(
    i: int, candidates: list[_Candidate], rows: IntArray, log_odds: FloatArray
) -> dict[str, list[tuple[Span, float]]]:
    others = [j for j in np.flatnonzero(rows == rows[i]) if j != i]
    scores = sigmoid(log_odds[:, others])
    return {
        label: [(candidates[j].span, float(scores[column, k])) for k, j in enumerate(others)]
        for column, label in enumerate(STANCES)
    }


def _chosen(targets: list[tuple[Span, float]], index: dict[Span, int]) -> list[int | None]:
    """The mentions more likely a target than not; ``None`` alone if there is no such mention."""
    chosen = [index[span] for span, score in targets if score >= 0.5 and span in index]
    return list(chosen) or [None]
