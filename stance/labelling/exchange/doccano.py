"""doccano: sequence labelling with relations, as JSON Lines (project option "use relation").

An actor is an entity whose label names its stances and sentiment (``threat+drawdown/negative``,
``none``); a target is a relation that bears the stance's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stance.labelling.exchange.common import (
    Collected,
    ExchangeError,
    Marked,
    built,
    canonical,
    check_label,
    check_span,
    collect,
    joint_label,
    labels_named,
    read_rows,
    sentence_of,
    told_of,
    write_rows,
)
from stance.ontology import STANCES
from stance.schema import Example


def write(path: Path, examples: Sequence[Example]) -> None:
    """Write a row per sentence."""
    write_rows(path, map(row, examples))


def row(example: Example) -> dict[str, Any]:
    """A sentence with entities and relations; ids count within the sentence."""
    example = canonical(example)
    pairs = [
        (number, act.target, act.label)
        for number, actor in enumerate(example.actors)
        for act in actor.acts
        if act.target is not None
    ]
    return {
        "text": example.text,
        "entities": [
            {
                "id": number,
                "start_offset": actor.start,
                "end_offset": actor.end,
                "label": joint_label(actor),
            }
            for number, actor in enumerate(example.actors)
        ],
        "relations": [
            {"id": number, "from_id": source, "to_id": target, "type": label}
            for number, (source, target, label) in enumerate(pairs)
        ],
        "sentence_id": example.id,
        "prev": example.prev,
    }


def read(path: Path, sent: Sequence[Example]) -> Collected:
    """Read an export in the format "JSONL" with relations."""
    return collect(path, read_rows(path), sent, _decoded)


def _decoded(row: Any, known: Mapping[str, Example]) -> Example:
    sentence = sentence_of(row.get("sentence_id"), row.get("text"), known)
    if "entities" not in row:
        raise ExchangeError(
            f"{sentence.id}: no 'entities': label it, and export with relations (JSONL)"
        )
    return told_of(sentence.id, lambda: built(sentence, _marked(row, sentence)))


def _marked(row: Mapping[str, Any], sentence: Example) -> list[Marked]:
    entities: dict[Any, Marked] = {}
    for entity in row["entities"]:
        span = check_span(entity["start_offset"], entity["end_offset"], sentence.text)
        entities[entity["id"]] = Marked(span, *labels_named(entity["label"]))
    for relation in row.get("relations", ()):
        ends = relation["from_id"], relation["to_id"]
        if not set(ends) <= set(entities):
            raise ExchangeError("a relation leads to no actor: remove it or mark the actor")
        label = check_label(relation["type"], STANCES)
        source, target = (entities[end] for end in ends)
        source.labels.add(label)
        source.targets.setdefault(label, set()).add(target.span)
    return list(entities.values())
