"""Name swaps: does a reader judge what is said, or who it is said of?

In labelled sentences one state is replaced by each of thirty others, in all its forms (Iran,
Iranian, Iranians, Tehran). A label that flips is judged by the name; a state whose probabilities
lie above the mean of all states in the same sentences is thought worse, or better, of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final

import numpy as np

from stance.evaluation.bootstrap import Bootstrap, Score, interval, resampled_sums
from stance.ontology import STANCES
from stance.schema import Example, Mention, Reader, Sentence, Span

#: States to put in: all continents, allies and rivals, rich and poor; none needs an article.
STATES: Final = (
    *("Algeria", "Argentina", "Australia", "Brazil", "Canada", "Colombia", "Cuba", "Egypt"),
    *("Ethiopia", "Germany", "Greece", "India", "Indonesia", "Iran", "Iraq", "Italy", "Kenya"),
    *("Mali", "Morocco", "Nigeria", "Norway", "Pakistan", "Poland", "Russia", "Serbia"),
    *("South Korea", "Spain", "Syria", "Turkey", "Ukraine"),
)

_SLOTS: Final = ("name", "adjectives", "people", "seats")


@dataclass(frozen=True)
class Template:
    """A labelled sentence and the state in it that is replaced.

    ``holes`` are the places of its forms with their slot; ``named`` numbers the mentions that
    hold one.
    """

    example: Example
    state: str
    holes: tuple[tuple[Span, str], ...]
    named: tuple[int, ...]

    def filled(self, state: str) -> tuple[Sentence, list[Span]]:
        """The sentence with ``state`` in every hole, and where its mentions stand now."""
        forms, text = _forms()[state], self.example.text
        cuts: list[tuple[Span, str]] = []
        for (start, end), slot in self.holes:
            new = forms[slot][0]
            article = re.search(r"\b([Aa])n? $", text[:start])
            if article:
                word = article[1] + ("n " if new[0] in "AEIOU" else " ")
                cuts.append(((article.start(), start), word))
            cuts.append(((start, end), new))
        return (
            Sentence(_cut(text, cuts), 0, self.example.prev, self.example.document),
            [_moved(span, cuts) for span in self.example.spans],
        )


@dataclass(frozen=True)
class SwapReport:
    """``flips``: share of label decisions that change; ``drift``: by state and stance.

    The drift of a state is the mean of what its name adds to a probability of the swapped actor,
    over the mean of all states in the same sentence.
    """

    flips: Score
    sentences: int
    drift: dict[str, dict[str, float]]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"flips": self.flips.to_dict(), "sentences": self.sentences, "drift": self.drift}


def templates(examples: Iterable[Example], limit: int) -> list[Template]:
    """The first ``limit`` sentences in which an actor is called by a state of the table."""
    found: list[Template] = []
    for example in examples:
        if len(found) == limit:
            break
        if template := _template(example):
            found.append(template)
    return found


def swap(reader: Reader, chosen: Sequence[Template], bootstrap: Bootstrap) -> SwapReport:
    """Put every state of :data:`STATES` into every template, and see what ``reader`` says.

    The interval of the flips is by resampling documents. Raises ValueError without a template.
    """
    if not chosen:
        raise ValueError("no sentence calls an actor by the name of a state: nothing to swap")
    original = reader.read([t.example.sentence for t in chosen], [t.example.spans for t in chosen])
    filled = [template.filled(state) for template in chosen for state in STATES]
    swapped = reader.read([sentence for sentence, _ in filled], [spans for _, spans in filled])
    flips = np.zeros((len(chosen), 2))
    gaps = np.zeros((len(chosen), len(STATES), len(STANCES)))
    for i, template in enumerate(chosen):
        variants = swapped[i * len(STATES) : (i + 1) * len(STATES)]
        flips[i] = _flips(original[i], variants)
        levels = np.array([_levels(template, variant) for variant in variants])
        gaps[i] = levels - levels.mean(axis=0)
    drift = {
        state: dict(zip(STANCES, gaps[:, k].mean(axis=0).tolist(), strict=True))
        for k, state in enumerate(STATES)
    }
    return SwapReport(_rate(flips, chosen, bootstrap), len(chosen), drift)


def _flips(original: Sequence[Mention], variants: Sequence[Sequence[Mention]]) -> tuple[int, int]:
    """How many label decisions differ from those on the original sentence, and of how many."""
    changed = sum(
        len(mention.labels ^ before.labels)
        for variant in variants
        for mention, before in zip(variant, original, strict=True)
    )
    return changed, len(variants) * len(original) * len(STANCES)


def _levels(template: Template, mentions: Sequence[Mention]) -> list[float]:
    """The mean probability of each stance over the mentions that hold the name."""
    named = [mentions[i].probabilities for i in template.named]
    return [sum(p.get(label, 0.0) for p in named) / len(named) for label in STANCES]


def _rate(
    flips: np.ndarray[Any, np.dtype[np.float64]], chosen: Sequence[Template], bootstrap: Bootstrap
) -> Score:
    documents = sorted({template.example.document for template in chosen})
    table = np.zeros((len(documents), 2))
    for row, template in zip(flips, chosen, strict=True):
        table[documents.index(template.example.document)] += row
    changed, total = table.sum(axis=0)
    sums = resampled_sums(table, bootstrap)
    low, high = interval(sums[:, 0] / sums[:, 1], bootstrap.confidence)
    return Score(float(changed / total), low, high, int(total))


def _template(example: Example) -> Template | None:
    """The sentence with holes for the first state that an actor is called by."""
    matches = [(m.span(), *_slots()[m.group()]) for m in _pattern().finditer(example.text)]
    for span, state, _ in matches:
        if any(start <= span[0] and span[1] <= end for start, end in example.spans):
            holes = tuple((place, slot) for place, name, slot in matches if name == state)
            return Template(example, state, holes, tuple(_holders(example, holes)))
    return None


def _holders(example: Example, holes: Sequence[tuple[Span, str]]) -> Iterator[int]:
    for i, (start, end) in enumerate(example.spans):
        if any(start <= place[0] and place[1] <= end for place, _ in holes):
            yield i


def _cut(text: str, cuts: Sequence[tuple[Span, str]]) -> str:
    pieces, at = [], 0
    for (start, end), new in cuts:
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]])


def _moved(span: Span, cuts: Sequence[tuple[Span, str]]) -> Span:
    """Where a span stands after the cuts; those within it change its length."""
    start = end = 0
    for place, new in cuts:
        growth = len(new) - (place[1] - place[0])
        start += growth * (place[1] <= span[0])
        end += growth * (place[1] <= span[1])
    return span[0] + start, span[1] + end


@lru_cache(maxsize=1)
def _forms() -> Mapping[str, Mapping[str, list[str]]]:
    """The forms of every state that has one for each slot, most usual first."""
    file = resources.files("stance.actors").joinpath("names.json")
    table = json.loads(file.read_text(encoding="utf-8"))["states"]
    return {
        entry["name"]: {"name": [entry["name"]], **{s: entry[s] for s in _SLOTS[1:]}}
        for entry in table
        if all(entry.get(slot) for slot in _SLOTS)
    }


@lru_cache(maxsize=1)
def _slots() -> Mapping[str, tuple[str, str]]:
    """The state and slot of each form of :data:`STATES`; an adjective before a people's name."""
    return {
        form: (state, slot)
        for state in STATES
        for slot in reversed(_SLOTS)
        for form in _forms()[state][slot]
    }


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_slots(), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")
