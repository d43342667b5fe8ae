"""What the linear reader sees: each mention, pair of mentions and word as a few short strings.

Plain functions from text to strings; the models count the strings' n-grams. Nothing here is
fitted, so nothing of it needs storing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from stance.schema import Span

#: What stands for the judged actor and for every other one. The underscores keep them from
#: meeting a word of the text.
ACTOR: Final = "_actor_"
OTHER: Final = "_other_"

_CONTEXT_WORDS = 6  # on each side of a mention
_WORD = re.compile(
    r"""(?:[^\W\d_]\.){2,}    # U.S., a.m.
    | ['’]s\b                 # a possessive is not part of the name
    | \w+(?:[-.,]\w+)*        # Iranian-backed, 1,200
    | [^\w\s]""",
    re.VERBOSE,
)


class MentionFields(NamedTuple):
    """One mention: the sentence around it, the words next to it, and itself.

    Words and punctuation marks are parted by single spaces, here and in :class:`PairFields`.
    """

    sentence: str  # with the placeholders for this actor and the others
    left: str  # the last words before the mention, and its placeholder
    right: str  # its placeholder, and the first words after
    mention: str


class PairFields(NamedTuple):
    """One mention as the possible target of another."""

    relation: str  # direction, distance and the mentions between, as three words
    between: str  # the text from one to the other, with their placeholders at its ends
    left: str  # of the possible target, as in MentionFields
    right: str


def words(text: str) -> list[Span]:
    """Offsets of the words and punctuation marks of ``text``."""
    return [match.span() for match in _WORD.finditer(text)]


def mention_fields(text: str, spans: Sequence[Span]) -> list[MentionFields]:
    """The fields of every span of a sentence, in their order."""
    return [_fields_of(text, span, spans) for span in spans]


def _fields_of(text: str, span: Span, spans: Sequence[Span]) -> MentionFields:
    start, end = span
    before = _masked(text, 0, start, spans)
    after = _masked(text, end, len(text), spans)
    return MentionFields(
        sentence=" ".join([*before, ACTOR, *after]),
        left=" ".join([*before[-_CONTEXT_WORDS:], ACTOR]),
        right=" ".join([ACTOR, *after[:_CONTEXT_WORDS]]),
        mention=" ".join(_tokens(text[start:end])),
    )


def _masked(text: str, start: int, stop: int, spans: Sequence[Span]) -> list[str]:
    """The words of ``text[start:stop]`` with a placeholder for every actor that lies within."""
    tokens = []
    position = start
    for first, last in sorted(spans):
        if position <= first and last <= stop:
            tokens += [*_tokens(text[position:first]), OTHER]
            position = last
    return tokens + _tokens(text[position:stop])


def _tokens(text: str) -> list[str]:
    return _WORD.findall(text)


def pair_fields(
    text: str, spans: Sequence[Span], fields: Sequence[MentionFields], actor: int, target: int
) -> PairFields:
    """The fields of the pair ``actor``, ``target`` (indices into ``spans`` and ``fields``)."""
    forward = spans[actor] <= spans[target]
    first, second = (actor, target) if forward else (target, actor)
    gap = _masked(text, spans[first][1], spans[second][0], spans)
    ends = (ACTOR, OTHER) if forward else (OTHER, ACTOR)
    relation = (
        "forward" if forward else "backward",
        f"distance{len(gap).bit_length()}",  # in powers of two
        f"others{gap.count(OTHER)}",
    )
    return PairFields(
        relation=" ".join(relation),
        between=" ".join([ends[0], *gap, ends[1]]),
        left=fields[target].left,
        right=fields[target].right,
    )


def word_features(text: str, spans: Sequence[Span]) -> list[list[str]]:
    """Features, as strings, of every word of a sentence; ``spans`` are its :func:`words`."""
    tokens = [text[start:end] for start, end in spans]
    padded = ["<<", "<", *[token.lower() for token in tokens], ">", ">>"]
    shapes = ["<", *[_shape(token) for token in tokens], ">"]
    return [
        [
            *(f"{place}:{word}" for place, word in enumerate(padded[i : i + 5])),
            *(f"shape{place}:{shape}" for place, shape in enumerate(shapes[i : i + 3])),
            *_affixes(padded[i + 2]),
            f"pair:{padded[i + 1]} {padded[i + 2]}",
            f"pair2:{padded[i + 2]} {padded[i + 3]}",
            f"first:{i == 0} {shapes[i + 1]}",
        ]
        for i in range(len(tokens))
    ]


def _affixes(word: str) -> list[str]:
    sizes = (2, 3, 4)
    return [f"begins:{word[:n]}" for n in sizes] + [f"ends:{word[-n:]}" for n in sizes]


def _shape(word: str) -> str:
    """Capitals, small letters, digits and signs, with repetitions cut: ``Xx-x`` for Iran-led."""
    kinds = (
        "X" if c.isupper() else "x" if c.isalpha() else "d" if c.isdigit() else c for c in word
    )
    return re.sub(r"(.)\1+", r"\1", "".join(kinds))
