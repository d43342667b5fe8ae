"""Labels without their text: where a sentence stands in a public document, and a digest of it.

A standoff row carries everything of an :class:`~stance.schema.Example` but its words, so labels of
texts that others own can be published. ``record`` names the text that the offsets count in: the
document itself, unless a corpus holds single sentences of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance.atomic import atomic_write
from stance.data.validate import problems
from stance.schema import Example


class StandoffError(ValueError):
    """A row and the text it is joined with do not belong together."""


@dataclass(frozen=True)
class Joined:
    """The examples that found their sentence, and why each other row did not."""

    examples: list[Example]
    problems: list[str]


def detach(example: Example, text: str, record: str | None = None) -> dict[str, Any]:
    """The standoff row of ``example``, a sentence of ``text`` at ``example.offset``.

    The previous sentence is looked for in ``text`` before the sentence. Raises
    :class:`StandoffError` if either does not stand there.
    """
    start, end = example.offset, example.offset + len(example.text)
    if text[start:end] != example.text:
        raise StandoffError(f"{example.id}: the sentence does not stand at {start} of its text")
    before = text.rfind(example.prev, 0, start) if example.prev else -1
    if example.prev and before < 0:
        raise StandoffError(f"{example.id}: its previous sentence does not stand before it")
    actors = example.to_dict()["actors"]
    for actor in actors:
        del actor["text"]
    return {
        "id": example.id,
        "document": example.document,
        "record": record or example.document,
        "start": start,
        "end": end,
        "prev": [before, before + len(example.prev)] if example.prev else None,
        "digest": digest(example.text),
        "actors": actors,
    }


def attach(row: Mapping[str, Any], text: str) -> Example:
    """The example that ``row`` was before its words were taken away.

    Raises :class:`StandoffError` if ``text`` is not the one that was labelled.
    """
    sentence = text[row["start"] : row["end"]]
    if digest(sentence) != row["digest"]:
        raise StandoffError(
            f"{row['id']}: characters {row['start']} to {row['end']} of {row['record']} are not "
            "the sentence that was labelled (another digest)"
        )
    start, end = row["prev"] or (0, 0)
    whole = {
        "id": row["id"],
        "document": row["document"],
        "offset": row["start"],
        "prev": text[start:end],
        "text": sentence,
        "actors": [
            {**actor, "text": sentence[actor["start"] : actor["end"]]} for actor in row["actors"]
        ],
    }
    if wrong := problems(whole):
        raise StandoffError(f"{row['id']}: {'; '.join(wrong)}")
    return Example.from_dict(whole)


def join(rows: Iterable[Mapping[str, Any]], texts: Mapping[str, str]) -> Joined:
    """Attach every row whose text is there and is the one that was labelled."""
    joined = Joined([], [])
    for row in rows:
        try:
            if row["record"] not in texts:
                raise StandoffError(f"{row['id']}: the source holds no text {row['record']!r}")
            joined.examples.append(attach(row, texts[row["record"]]))
        except StandoffError as error:
            joined.problems.append(str(error))
    return joined


def digest(sentence: str) -> str:
    """The first sixteen hex digits of the SHA-256 of a sentence."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:16]


def read_standoff(path: Path) -> list[dict[str, Any]]:
    """The rows of a standoff file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def write_standoff(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write one row a line; the file appears whole or not at all."""
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
