"""Who speaks: the quoted stretches of a text, and whether a mention is the one who says them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from stance.actors.words import any_of
from stance.schema import Span

# Quotation marks, and the ends of paragraphs: a wrapped line is none.
_MARKS = re.compile(r'["“”„«»]|\n\s*\n|(?<=[.!?…”"’])[^\S\n]*\n')
_OPENING = frozenset("“„«")

_VERB = rf"(?:{any_of('speech_verbs')})"
_ADVERBS = r"(?:(?:has|have|had|also|later|then|further|repeatedly|\w+ly)\s+){0,3}"
_APPOSITION = r"(?:,[^,“”\"\n]{1,150},)?"
_VERB_AFTER = re.compile(rf"{_APPOSITION}\s+{_ADVERBS}{_VERB}\b")
_VERB_BEFORE = re.compile(
    rf"[”\"’»]\s*,?\s*{_VERB}\s+(?:the\s+)?(?:[\w.’'\-]+\s+){{0,8}}$", re.IGNORECASE
)
_REACH = 200  # characters looked at beside a mention


class Quotes:
    """The stretches of a text in double quotation marks.

    A quotation that is not closed ends with its paragraph. Single quotation marks are not read:
    they cannot be told from apostrophes.
    """

    def __init__(self, text: str) -> None:
        self.spans = list(_quoted(text))
        self._starts = [start for start, _ in self.spans]

    def at(self, offset: int) -> int | None:
        """The index in ``spans`` of the quotation around an offset; None outside of any."""
        index = bisect_right(self._starts, offset) - 1
        return index if index >= 0 and offset < self.spans[index][1] else None


def _quoted(text: str) -> Iterator[Span]:
    start: int | None = None
    for match in _MARKS.finditer(text):
        mark = match[0]
        if start is None:
            if mark in _OPENING or mark == '"':
                start = match.start()
        elif mark not in _OPENING:
            yield start, match.end()
            start = None
    if start is not None:
        yield start, len(text)


def is_speaker(text: str, span: Span) -> bool:
    """Whether the mention is who says: "Ekman, its commander, said" or "” said Ekman"."""
    start, end = span
    if _VERB_AFTER.match(text, end, end + _REACH):
        return True
    return bool(_VERB_BEFORE.search(text[max(0, start - _REACH) : start]))
