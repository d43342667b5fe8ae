"""Sentences that say nearly the same: what may leak from one side of a split to another."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from stance.schema import Example

_WORD = re.compile(r"\w+")
_SHINGLE_WORDS = 5

_Shingle: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class NearDuplicate:
    """Two sentences of different documents; ``similarity`` is the Jaccard index, 0 to 1."""

    first: Example
    second: Example
    similarity: float

    def __str__(self) -> str:
        return f"{self.similarity:.2f} alike: {self.first.id} and {self.second.id}"


def near_duplicates(examples: Sequence[Example], threshold: float) -> list[NearDuplicate]:
    """Pairs of sentences whose word five-grams overlap by ``threshold`` or more, most alike first.

    Exact (no hashing): an inverted index leads to the pairs that share a five-gram. Case and
    punctuation do not count; a sentence of fewer than five words is one shingle. Pairs within one
    document are passed over, since a split never parts them.
    """
    shingles = [_shingles(example.text) for example in examples]
    holders: dict[_Shingle, list[int]] = defaultdict(list)
    pairs: list[NearDuplicate] = []
    for i, example in enumerate(examples):
        shared = Counter(j for shingle in shingles[i] for j in holders[shingle])
        for j, count in shared.items():
            similarity = count / (len(shingles[i]) + len(shingles[j]) - count)
            if similarity >= threshold and example.document != examples[j].document:
                pairs.append(NearDuplicate(examples[j], example, similarity))
        for shingle in shingles[i]:
            holders[shingle].append(i)
    return sorted(pairs, key=lambda pair: -pair.similarity)


def _shingles(text: str) -> set[_Shingle]:
    words = _WORD.findall(text.casefold())
    last = max(len(words) - _SHINGLE_WORDS, 0)
    return {tuple(words[i : i + _SHINGLE_WORDS]) for i in range(last + 1)} if words else set()
