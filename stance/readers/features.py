"""Text to arrays: word pieces, windows, batches, and the way back from pieces to characters.

The one place where sentences become encoder input, shared by training and by every engine, so
that a model is read with exactly what it was fitted on. Needs only ``tokenizers`` and numpy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from stance.schema import Sentence, Span

IntArray = npt.NDArray[np.int64]

#: File name of the tokenizer in a bundle.
TOKENIZER: Final = "tokenizer.json"

_ROOM: Final = 16  # pieces that context must leave to the sentence


@dataclass(frozen=True, slots=True)
class PieceSettings:
    """What a bundle records about its input; the defaults live in ``ReaderSettings``.

    Raises :class:`ValueError` naming the setting if a sentence could not be cut into windows so.
    """

    cls_token: str
    sep_token: str
    pad_token: str
    context: bool
    max_pieces: int
    context_pieces: int
    window_overlap: int

    def __post_init__(self) -> None:
        """Check the sizes."""
        for name in ("context_pieces", "window_overlap"):
            if getattr(self, name) < 0:
                raise ValueError(f"reader.{name} is {getattr(self, name)}; it must be 0 or more")
        if self.max_pieces < 3:  # [CLS], a piece, [SEP]
            raise ValueError(f"reader.max_pieces is {self.max_pieces}; it must be 3 or more")
        if self.context and self.context_pieces + _ROOM >= self.max_pieces:
            raise ValueError(
                f"reader.context_pieces={self.context_pieces} leaves too little of "
                f"reader.max_pieces={self.max_pieces} to the sentence; keep them more than {_ROOM} "
                "apart"
            )


@dataclass(frozen=True, slots=True)
class Window:
    """One row of encoder input: a whole sentence, or a stretch of one that is too long.

    ``ids`` are the pieces with special tokens and context; ``offsets`` the character ranges, in
    the sentence, of the pieces from ``ids[first]`` on. The window answers for the pieces
    ``owned[0]`` to ``owned[1]`` (counted like ``offsets``); every piece of a sentence is owned by
    exactly one window.
    """

    sentence: int
    ids: list[int]
    offsets: list[Span]
    first: int
    owned: tuple[int, int]

    def pieces_of(self, span: Span) -> tuple[int, int]:
        """First and past-the-last piece (indices into ``ids``) that touch ``span``.

        A span that touches no piece of this window is given the nearest one.
        """
        start, end = span
        touching = [i for i, (a, b) in enumerate(self.offsets) if a < end and b > start]
        if touching:
            return self.first + touching[0], self.first + touching[-1] + 1
        nearest = min(range(len(self.offsets)), key=lambda i: abs(self.offsets[i][0] - start))
        return self.first + nearest, self.first + nearest + 1

    def fitness(self, span: Span) -> tuple[bool, bool]:
        """How well the window suits ``span``: it answers for its first piece; it touches it."""
        begin = self.pieces_of(span)[0] - self.first
        start, end = self.offsets[begin]
        touches = start < span[1] and end > span[0]
        return touches and self.owned[0] <= begin < self.owned[1], touches


class Featuriser:
    """Sentences to windows, with the tokenizer and the limits of one encoder."""

    def __init__(self, tokenizer: Tokenizer, settings: PieceSettings) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        self.settings = settings
        self._cls, self._sep, self.pad = (
            self._id_of(token)
            for token in (settings.cls_token, settings.sep_token, settings.pad_token)
        )

    @classmethod
    def load(cls, tokenizer_file: Path, settings: PieceSettings) -> Featuriser:
        """Read ``tokenizer.json``."""
        return cls(Tokenizer.from_file(str(tokenizer_file)), settings)

    def _id_of(self, token: str) -> int:
        found = self.tokenizer.token_to_id(token)
        if found is None:
            raise ValueError(f"the tokenizer has no special token {token!r}")
        return int(found)

    def windows(self, sentences: Sequence[Sentence]) -> list[Window]:
        """All windows of all sentences, in order. A sentence without a piece has no window."""
        texts = self.tokenizer.encode_batch([s.text for s in sentences], add_special_tokens=False)
        heads = self._heads(sentences)
        return [
            window
            for index, (encoding, head) in enumerate(zip(texts, heads, strict=True))
            for window in self._cut(index, head, encoding.ids, encoding.offsets)
        ]

    def _heads(self, sentences: Sequence[Sentence]) -> list[list[int]]:
        """What stands before the sentence's own pieces: [CLS], or [CLS] context [SEP]."""
        if not self.settings.context:
            return [[self._cls]] * len(sentences)
        context = self.tokenizer.encode_batch([s.prev for s in sentences], add_special_tokens=False)
        keep = self.settings.context_pieces
        kept = [c.ids[max(len(c.ids) - keep, 0) :] for c in context]
        return [[self._cls, *ids, self._sep] if ids else [self._cls] for ids in kept]

    def _cut(
        self, sentence: int, head: list[int], ids: list[int], offsets: list[Span]
    ) -> Iterator[Window]:
        room = self.settings.max_pieces - len(head) - 1
        overlap = min(self.settings.window_overlap, room // 2)
        begin = 0
        while begin < len(ids):
            end = min(begin + room, len(ids))
            last = end == len(ids)
            yield Window(
                sentence=sentence,
                ids=[*head, *ids[begin:end], self._sep],
                offsets=offsets[begin:end],
                first=len(head),
                owned=(
                    0 if begin == 0 else overlap // 2,
                    end - begin - (0 if last else overlap - overlap // 2),
                ),
            )
            if last:
                return
            begin = end - overlap

    def pad_batch(self, windows: Sequence[Window]) -> tuple[IntArray, IntArray]:
        """Ids and attention mask, both (windows, longest)."""
        width = max(len(window.ids) for window in windows)
        ids = np.full((len(windows), width), self.pad, dtype=np.int64)
        mask = np.zeros((len(windows), width), dtype=np.int64)
        for row, window in enumerate(windows):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        return ids, mask


def assign(windows: Sequence[Window], spans: Sequence[Sequence[Span]]) -> dict[int, list[int]]:
    """Which of its sentence's spans each window is to judge: indices, by position in ``windows``.

    Every span falls to one window, unless its sentence has none.
    """
    by_sentence: dict[int, list[int]] = {}
    for position, window in enumerate(windows):
        by_sentence.setdefault(window.sentence, []).append(position)
    assigned: dict[int, list[int]] = {position: [] for position in range(len(windows))}
    for sentence, positions in by_sentence.items():
        for order, span in enumerate(spans[sentence]):
            best = max(positions, key=lambda position: windows[position].fitness(span))
            assigned[best].append(order)
    return assigned


def batches(windows: Sequence[Window], budget: int) -> Iterator[list[int]]:
    """Positions of windows by length, at most ``budget`` padded pieces (or one row) a batch."""
    batch: list[int] = []
    for position in sorted(range(len(windows)), key=lambda i: len(windows[i].ids)):
        if batch and len(windows[position].ids) * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def whole_words(window: Window, text: str) -> list[bool]:
    """For each piece of the window whether it goes on with the word of the piece before it."""
    return [
        i > 0
        and window.offsets[i - 1][1] == start
        and start > 0
        and text[start - 1].isalnum()
        and text[start].isalnum()
        for i, (start, _) in enumerate(window.offsets)
    ]
