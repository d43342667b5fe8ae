"""Train, dev and test, parted by document.

A document's side follows from its name and the salt alone, so a corpus can grow, shrink or be
reordered without one document changing sides. A sentence that is its own document is parted the
same way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

from stance.data.files import read_examples
from stance.schema import Example
from stance.settings import DataSettings, SplitSettings

Side: TypeAlias = Literal["train", "dev", "test"]

_NAMED_DOCUMENTS = 10  # so many are named in an error


class SplitError(ValueError):
    """The sides of a split share documents, or its shares make no sense."""


@dataclass(frozen=True)
class SideCounts:
    """The size of one side."""

    documents: int
    sentences: int
    mentions: int


@dataclass(frozen=True)
class Split:
    """Labelled sentences in three sides that share no document."""

    train: list[Example]
    dev: list[Example]
    test: list[Example]

    def __post_init__(self) -> None:
        """Raise :class:`SplitError` naming the documents that stand on two sides."""
        for (first, ours), (second, theirs) in combinations(self.sides.items(), 2):
            shared = sorted({e.document for e in ours} & {e.document for e in theirs})
            if shared:
                named = ", ".join(shared[:_NAMED_DOCUMENTS])
                more = ", …" if len(shared) > _NAMED_DOCUMENTS else ""
                raise SplitError(
                    f"{len(shared)} document(s) stand in both {first} and {second}: {named}{more}; "
                    "move all sentences of a document to one side"
                )

    @property
    def sides(self) -> dict[Side, list[Example]]:
        """The three sides by name."""
        return {"train": self.train, "dev": self.dev, "test": self.test}

    @property
    def counts(self) -> dict[Side, SideCounts]:
        """How large each side is."""
        return {
            name: SideCounts(
                documents=len({example.document for example in examples}),
                sentences=len(examples),
                mentions=sum(len(example.actors) for example in examples),
            )
            for name, examples in self.sides.items()
        }


def side(document: str, settings: SplitSettings) -> Side:
    """The side of a document.

    SHA-256 maps salt and document to a number in [0, 1). The numbers below ``settings.test`` are
    test, those in the next ``settings.dev`` are dev, the rest train; so a change of the dev share
    never touches test. Raises :class:`SplitError` if the shares leave nothing to train on.
    """
    if min(settings.dev, settings.test) < 0 or settings.dev + settings.test >= 1:
        raise SplitError(
            f"the shares dev={settings.dev} and test={settings.test} must not be negative and must "
            "sum to less than 1"
        )
    digest = hashlib.sha256(f"{settings.salt}\n{document}".encode()).digest()
    position = int.from_bytes(digest[:8], "big") / 2**64
    if position < settings.test:
        return "test"
    return "dev" if position < settings.test + settings.dev else "train"


def split_examples(examples: Iterable[Example], settings: SplitSettings) -> Split:
    """Part the examples by :func:`side` of their documents, keeping their order."""
    split = Split([], [], [])
    for example in examples:
        split.sides[side(example.document, settings)].append(example)
    return split


def load(settings: DataSettings) -> Split:
    """Read and part the labelled files.

    A side with files of its own holds exactly those, and takes nothing from ``settings.train``:
    what would have gone there stays in train. Raises :class:`SplitError` naming the documents that
    stand on two sides, and :class:`stance.data.files.InvalidDataError` listing every bad row.
    """
    examples = read_examples(settings.train)
    sides = [side(example.document, settings.split) for example in examples]

    def part(wanted: set[Side]) -> list[Example]:
        return [e for e, name in zip(examples, sides, strict=True) if name in wanted]

    left: set[Side] = {"train"}
    if settings.dev:
        left.add("dev")
    if settings.test:
        left.add("test")
    return Split(
        train=part(left),
        dev=read_examples(settings.dev) if settings.dev else part({"dev"}),
        test=read_examples(settings.test) if settings.test else part({"test"}),
    )
