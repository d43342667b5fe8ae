"""Which lines of a text belong together: one paragraph a line, or hard-wrapped ones.

A newline ends a sentence, except in text whose lines were broken at a fixed width (wires, e-mail,
plain-text archives). There the lines of a paragraph are read as one.
"""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median

from stance.schema import Span

#: Lines are taken for hard-wrapped only where the usual width lies between these, in characters.
NARROWEST, WIDEST = 40, 120

#: Share of line breaks followed by lower case from which on a text is taken for hard-wrapped.
MIN_SHARE = 0.25

#: A line may fall short of the usual width by this share (wrapping is ragged) and still be wrapped.
SLACK = 0.15

_BULLETS = "-*–—•▪●◦⁃■□◆○►"
_BULLET = re.compile(rf"\s*[{_BULLETS}]\s")

#: The mark of a list item, a bullet or a number, as group 1.
LIST_ITEM = re.compile(rf"\s*([{_BULLETS}]|\(?\d{{1,3}}[.)])(?=\s)")


def paragraphs(text: str) -> list[Span]:
    """Character ranges of the paragraphs of ``text``, in order.

    They cover everything but blank lines and the white space at line ends. A range holds newlines
    only where hard-wrapped lines are joined.
    """
    lines = _lines(text)
    width = _wrap_width(text, lines)
    spans: list[Span] = []
    previous: Span | None = None
    for line in lines:
        start, end = line
        if start == end:
            previous = None
            continue
        if previous is not None and _is_wrapped(text, previous, line, width):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append(line)
        previous = line
    return spans


def _lines(text: str) -> list[Span]:
    """The range of every line without the white space at its end."""
    spans = []
    start = 0
    for line in text.splitlines(keepends=True):
        spans.append((start, start + len(line.rstrip())))
        start += len(line)
    return spans


def _wrap_width(text: str, lines: list[Span]) -> float | None:
    """The usual length of wrapped lines, or None where the text is not hard-wrapped.

    A line that starts in lower case goes on with a sentence. Where lines are paragraphs that is
    rare; prose broken at a width has it at most of its breaks.
    """
    breaks = 0
    lengths = []
    for (start, end), following in pairwise(lines):
        after = text[slice(*following)].lstrip()
        if end == start or not after or _BULLET.match(text, *following):
            continue
        breaks += 1
        if after[0].islower():
            lengths.append(end - start)
    if not lengths or len(lengths) < MIN_SHARE * breaks:
        return None
    width = median(lengths)
    return width if NARROWEST <= width <= WIDEST else None


def _is_wrapped(text: str, line: Span, following: Span, width: float | None) -> bool:
    """Whether the break between two neighbouring lines stands inside a paragraph.

    That is so where the first word of the following line would not have fitted on this one.
    """
    if width is None or _BULLET.match(text, *following):
        return False
    after = text[slice(*following)].split(maxsplit=1)[0]
    if after[0].islower():
        return True
    return line[1] - line[0] + 1 + len(after) > width * (1 - SLACK)
