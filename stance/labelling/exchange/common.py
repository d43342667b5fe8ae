"""What the ways to and from all label tools share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from stance.atomic import atomic_write
from stance.data.files import Problem
from stance.data.validate import problems
from stance.ontology import NEUTRAL, SENTIMENTS, STANCES
from stance.schema import Act, Example, Mention, Span

#: A mention without stances, in labels that name a mention's stances.
NO_STANCE: Final = "none"


class ExchangeError(ValueError):
    """A row, or a whole file, that cannot be taken over; the message says what to do."""


@dataclass(frozen=True)
class Collected:
    """The sentences that came back sound, and what is wrong with each other row."""

    examples: list[Example] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Marked:
    """A mention as a tool gives it; ``targets`` maps a label to the spans it is toward."""

    span: Span
    labels: set[str] = field(default_factory=set)
    sentiment: str = NEUTRAL
    targets: dict[str, set[Span]] = field(default_factory=dict)


def canonical(example: Example) -> Example:
    """The same labels with actors in the order of the text and stances in that of the ontology."""
    return built(example, [marked_of(example, actor) for actor in example.actors])


def marked_of(example: Example, actor: Mention) -> Marked:
    """A mention of an example, its targets by their spans."""
    targets: dict[str, set[Span]] = {
        label: {example.actors[i].span for i in actor.targets(label)}
        for label in actor.labels
        if actor.targets(label)
    }
    return Marked(actor.span, set(actor.labels), actor.sentiment, targets)


def built(sent: Example, marked: Iterable[Marked]) -> Example:
    """``sent`` with the mentions ``marked``; raises :class:`ExchangeError` if they are unsound."""
    ordered = sorted(marked, key=lambda m: m.span)
    places = {m.span: i for i, m in enumerate(ordered)}
    actors = tuple(
        Mention(*m.span, sent.text[slice(*m.span)], tuple(_acts(m, places)), m.sentiment)
        for m in ordered
    )
    example = Example(sent.id, sent.document, sent.offset, sent.prev, sent.text, actors)
    if wrong := problems(example.to_dict()):
        raise ExchangeError("; ".join(wrong))
    return example


def _acts(marked: Marked, places: Mapping[Span, int]) -> Iterator[Act]:
    for label in STANCES:
        targets = sorted(places[span] for span in marked.targets.get(label, ()))
        if targets:
            yield from (Act(label, target) for target in targets)
        elif label in marked.labels:
            yield Act(label)


def check_label(label: object, known: Sequence[str]) -> str:
    """``label``, if it is one of ``known``; else an :class:`ExchangeError` that lists them."""
    if not isinstance(label, str) or label not in known:
        raise ExchangeError(f"unknown label {label!r}: use one of {', '.join(known)}")
    return label


def check_span(start: object, end: object, text: str, words: object = None) -> Span:
    """The range, if it lies in ``text`` and, where told, reads ``words``."""
    if type(start) is not int or type(end) is not int:
        raise ExchangeError(f"the span {start!r} to {end!r} is no pair of whole numbers")
    if not 0 <= start < end <= len(text):
        raise ExchangeError(f"the span {start} to {end} lies outside the sentence: mark it again")
    if words is not None and words != text[start:end]:
        raise ExchangeError(
            f"the span {start} to {end} is said to read {words!r} but reads "
            f"{text[start:end]!r}: the text has moved; mark it again"
        )
    return start, end


def labels_named(label: str) -> tuple[set[str], str]:
    """The stances and the sentiment that a joint label names, such as ``threat+drawdown/negative``.

    It undoes :func:`joint_label`. Raises :class:`ExchangeError` for anything unknown.
    """
    stances, _, sentiment = label.partition("/")
    named = set() if stances == NO_STANCE else set(stances.split("+"))
    for stance in sorted(named):
        check_label(stance, (*STANCES, NO_STANCE))
    if NO_STANCE in named:
        raise ExchangeError(f"unknown label {label!r}: {NO_STANCE!r} stands alone")
    return named, check_label(sentiment or NEUTRAL, SENTIMENTS)


def joint_label(actor: Mention) -> str:
    """Stances and sentiment as one label: ``none``, ``threat``, ``threat+drawdown/negative``."""
    stances = "+".join(label for label in STANCES if label in actor.labels) or NO_STANCE
    return stances if actor.sentiment == NEUTRAL else f"{stances}/{actor.sentiment}"


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object a line; the file appears whole or not at all."""
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_rows(path: Path) -> Iterator[tuple[int, Any]]:
    """The objects of a JSON Lines file with their lines; an unreadable line is its error."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    yield number, json.loads(line.decode("utf-8-sig"))
                except ValueError as error:
                    yield number, ExchangeError(f"not readable as JSON ({error}): mend the line")


def collect(
    path: Path,
    rows: Iterable[tuple[int, Any]],
    sent: Sequence[Example],
    decode: Callable[[Any, Mapping[str, Example]], Example],
) -> Collected:
    """Decode the rows; those that ``decode`` refuses by :class:`ExchangeError` become problems."""
    known = {example.id: example for example in sent}
    collected = Collected()
    places: dict[str, int] = {}
    for number, row in rows:
        try:
            if isinstance(row, ExchangeError):
                raise row
            example = decode(row, known)
            if example.id in places:
                raise ExchangeError(
                    f"{example.id}: already stands at {places[example.id]}: keep one; two people's "
                    "labels go into two files, which scripts/agreement.py compares"
                )
            places[example.id] = number
            collected.examples.append(example)
        except ExchangeError as error:
            collected.problems.append(Problem(path, number, str(error)))
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            what = f"not laid out as the tool exports it ({type(error).__name__}: {error})"
            collected.problems.append(Problem(path, number, f"{what}: export it anew"))
    return collected


def sentence_of(id: object, text: object, known: Mapping[str, Example]) -> Example:
    """The sentence that was sent as ``id``, if ``text`` is still its wording."""
    if not isinstance(id, str) or id not in known:
        raise ExchangeError(f"no sentence with the id {id!r} was sent: name the file it came from")
    if text != known[id].text:
        raise ExchangeError(f"{id}: the sentence no longer reads as it was sent: restore its text")
    return known[id]


def told_of(id: str, decode: Callable[[], Example]) -> Example:
    """``decode()``, with the id in front of what it says is wrong."""
    try:
        return decode()
    except ExchangeError as error:
        raise ExchangeError(f"{id}: {error}") from error
