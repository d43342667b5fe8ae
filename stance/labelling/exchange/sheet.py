"""A spreadsheet: CSV with a row per actor, for a person and any office program.

``number`` counts the actors of a sentence from 1. A stance's cell is empty, ``yes``, or the numbers
of those it is toward ("2" or "2 3"). A new actor is a new row with the same ``sentence_id``:
``actor`` copied from the sentence, ``nth`` saying which of its occurrences. ``done`` gets any mark
in one row of each finished sentence.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from stance.atomic import atomic_write
from stance.labelling.exchange.common import (
    Collected,
    ExchangeError,
    Marked,
    built,
    canonical,
    check_label,
    collect,
    sentence_of,
    told_of,
)
from stance.ontology import SENTIMENTS, STANCES
from stance.schema import Example, Mention, Span

COLUMNS: Final = (
    "sentence_id", "done", "sentence", "number", "actor", "nth", *STANCES, "sentiment",
    "confidence", "before",
)  # fmt: skip

_YES = "yes"
_FORMULA = re.compile(r"[=+\-@\t\r]")
_Row = dict[str, str]


def write(path: Path, examples: Sequence[Example]) -> None:
    """Write a row per actor, and one for a sentence without any."""
    with (
        atomic_write(path) as temporary,
        # Office programs take a CSV for UTF-8 only by the mark at its start.
        temporary.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for example in examples:
            writer.writerows(rows(example))


def rows(example: Example) -> Iterator[_Row]:
    """The rows of a sentence."""
    sure = {actor.span: actor.probabilities for actor in example.actors}
    example = canonical(example)
    blank = dict.fromkeys(COLUMNS, "")
    told = {
        "sentence_id": example.id,
        "sentence": _guarded(example.text),
        "before": _guarded(example.prev),
    }
    if not example.actors:
        yield blank | told
    for number, actor in enumerate(example.actors, start=1):
        own = {
            "number": str(number),
            "actor": _guarded(actor.text),
            "nth": str(_nth(example.text, actor)),
            "sentiment": actor.sentiment,
            "confidence": _confidence(sure[actor.span]),
        }
        stances = {label: _cell(actor, label) for label in actor.labels}
        yield blank | told | own | stances


def _guarded(text: str) -> str:
    """A space before what an office program would take for a formula."""
    return f" {text}" if _FORMULA.match(text) else text


def _confidence(probabilities: Mapping[str, float]) -> str:
    sure = [max(p, 1 - p) for p in probabilities.values()]
    return f"{min(sure):.2f}" if sure else ""


def _cell(actor: Mention, label: str) -> str:
    return " ".join(str(target + 1) for target in sorted(actor.targets(label))) or _YES


def _nth(text: str, actor: Mention) -> int:
    return _starts(text, actor.text).index(actor.start) + 1


def _starts(text: str, words: str) -> list[int]:
    return [m.start() for m in re.finditer(f"(?={re.escape(words)})", text)]


def read(path: Path, sent: Sequence[Example]) -> Collected:
    """Read the edited file; a problem's line is the sentence's first row."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS[:-2] if name not in (reader.fieldnames or ())]
        if missing:
            raise ExchangeError(
                f"{path}: no column {missing[0]!r}; save as CSV with commas, header included"
            )
        numbered = list(_numbered(reader))
    grouped: dict[str, list[tuple[int, _Row]]] = {}
    for number, row in numbered:
        grouped.setdefault(row["sentence_id"], []).append((number, row))
    groups = [(members[0][0], members) for members in grouped.values()]
    return collect(path, groups, sent, _decoded)


def _numbered(reader: csv.DictReader[str]) -> Iterator[tuple[int, _Row]]:
    """Rows by their number in an office program, cells stripped; empty rows are passed over."""
    for number, row in enumerate(reader, start=2):
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if any(cells.values()):
            yield number, cells


def _decoded(members: Sequence[tuple[int, _Row]], known: Mapping[str, Example]) -> Example:
    first = members[0][1]
    id = first["sentence_id"]
    sentence = known.get(id)
    same = sentence is not None and _plain(first["sentence"]) == _plain(sentence.text)
    sentence = sentence_of(id, sentence.text if sentence and same else None, known)
    if not any(row["done"] for _, row in members):
        raise ExchangeError(f"{id}: not marked as done: check it, and put an x under 'done'")
    return told_of(id, lambda: built(sentence, _marked(members, sentence)))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _marked(members: Sequence[tuple[int, _Row]], sentence: Example) -> list[Marked]:
    filled = [(line, row) for line, row in members if row["actor"]]
    spans = {row["number"]: _span(line, row, sentence.text) for line, row in filled}
    if len(spans) < len(filled) or "" in spans:
        raise ExchangeError("each actor needs a number of its own: count them from 1")
    return [_one(line, row, spans) for line, row in filled]


def _span(line: int, row: _Row, text: str) -> Span:
    words = _exactly(row["actor"], text)
    starts = _starts(text, words) if words else []
    nth = row["nth"] or "1"
    if not nth.isdecimal() or not 1 <= int(nth) <= len(starts):
        raise ExchangeError(
            f"row {line}: {row['actor']!r} stands {len(starts)} time(s) in the sentence, not "
            f"{nth}: correct 'actor' or 'nth'"
        )
    start = starts[int(nth) - 1]
    return start, start + len(words)


def _exactly(words: str, text: str) -> str:
    """The words as the sentence spaces them: an office program may have changed line breaks."""
    found = re.search(r"\s+".join(map(re.escape, words.split())), text)
    return found.group() if found and words not in text else words


def _one(line: int, row: _Row, spans: Mapping[str, Span]) -> Marked:
    if not row["sentiment"]:
        raise ExchangeError(f"row {line}: {row['actor']!r} has no sentiment yet: fill it in")
    try:
        marked = Marked(
            spans[row["number"]], sentiment=check_label(row["sentiment"].lower(), SENTIMENTS)
        )
    except ExchangeError as error:
        raise ExchangeError(f"row {line}: {error}") from error
    for label in STANCES:
        cell = row[label].lower()
        if not cell:
            continue
        marked.labels.add(label)
        if cell != _YES:
            marked.targets[label] = {
                _target(line, label, n, row, spans) for n in re.split(r"[\s,;]+", cell)
            }
    return marked


def _target(line: int, label: str, number: str, row: _Row, spans: Mapping[str, Span]) -> Span:
    if number not in spans or number == row["number"]:
        raise ExchangeError(
            f"row {line}: {label} is {number!r}: leave it empty, write {_YES!r}, or the number of "
            "another actor of the sentence"
        )
    return spans[number]
