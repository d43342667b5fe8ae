"""Label Studio: tasks with predictions out, annotated tasks (the "JSON" export) in.

An actor is a region; its stances and sentiment are choices of the region; a target is a relation
from actor to target that bears the stance's name. The labelling interface to paste into a project
is :data:`CONFIG`, written beside the tasks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from stance.atomic import atomic_write
from stance.labelling.exchange.common import (
    Collected,
    ExchangeError,
    Marked,
    built,
    canonical,
    check_label,
    check_span,
    collect,
    sentence_of,
    told_of,
)
from stance.ontology import SENTIMENTS, STANCES
from stance.schema import Example, Mention

_HERE = Path(__file__).parent

#: The labelling interface, for "Settings, Labeling Interface, Code".
CONFIG: Final = (_HERE / "label_studio.xml").read_text(encoding="utf-8")

_NAMES = {"to_name": "text"}
_ACTOR = "actor"


def write(path: Path, examples: Sequence[Example]) -> None:
    """Write tasks with their labels as predictions, and the labelling interface beside them."""
    tasks = [task(example) for example in examples]
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(tasks, ensure_ascii=False, indent=1), encoding="utf-8")
    with atomic_write(path.parent / "label_studio.xml") as temporary:
        temporary.write_text(CONFIG, encoding="utf-8")


def task(example: Example) -> dict[str, Any]:
    """A sentence as a task."""
    example = canonical(example)
    return {
        "data": {"sentence_id": example.id, "prev": example.prev, "text": example.text},
        "predictions": [{"model_version": "stance", "result": list(_results(example))}],
    }


def _results(example: Example) -> Iterator[dict[str, Any]]:
    for number, actor in enumerate(example.actors):
        yield _region(number, actor, "labels", _ACTOR, [_ACTOR])
        stances = [label for label in STANCES if label in actor.labels]
        if stances:
            yield _region(number, actor, "choices", "stance", stances)
        yield _region(number, actor, "choices", "sentiment", [actor.sentiment])
    for number, actor in enumerate(example.actors):
        targets = sorted({act.target for act in actor.acts if act.target is not None})
        for target in targets:
            yield {
                "type": "relation",
                "from_id": f"actor-{number}",
                "to_id": f"actor-{target}",
                "direction": "right",
                "labels": [label for label in STANCES if target in actor.targets(label)],
            }


def _region(
    number: int, actor: Mention, type: str, name: str, values: Sequence[str]
) -> dict[str, Any]:
    value = {"start": actor.start, "end": actor.end, "text": actor.text, type: [*values]}
    return {"id": f"actor-{number}", "from_name": name, **_NAMES, "type": type, "value": value}


def read(path: Path, sent: Sequence[Example]) -> Collected:
    """Read an export; a problem's line is the number of the task, counted from 1."""
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise ExchangeError(f"{path}: not JSON ({error}); export as JSON, not JSON-MIN") from error
    if not isinstance(tasks, list):
        raise ExchangeError(f"{path}: no list of tasks; export the project as JSON")
    return collect(path, enumerate(tasks, start=1), sent, _decoded)


def _decoded(row: Any, known: Mapping[str, Example]) -> Example:
    data = row["data"]
    sentence = sentence_of(data.get("sentence_id"), data.get("text"), known)
    return told_of(sentence.id, lambda: built(sentence, _marked(_result(row), sentence)))


def _result(row: Any) -> list[dict[str, Any]]:
    """The one finished annotation of a task."""
    done = [a for a in row.get("annotations", ()) if not a.get("was_cancelled")]
    if not done:
        raise ExchangeError("nobody has submitted an annotation: finish the task")
    if len(done) > 1:
        raise ExchangeError(
            f"{len(done)} annotations: export one person's at a time, and compare the files with "
            "scripts/agreement.py"
        )
    result: list[dict[str, Any]] = done[0]["result"]
    return result


def _marked(results: Sequence[Mapping[str, Any]], sentence: Example) -> list[Marked]:
    regions: dict[str, Marked] = {}
    judged: set[str] = set()
    for item in results:
        if item["type"] == "relation":
            continue
        value = item["value"]
        span = check_span(value["start"], value["end"], sentence.text, value.get("text"))
        region = regions.setdefault(item["id"], Marked(span))
        if item["from_name"] == "stance":
            region.labels |= {check_label(name, STANCES) for name in value["choices"]}
        elif item["from_name"] == "sentiment":
            [region.sentiment] = [check_label(name, SENTIMENTS) for name in value["choices"]]
            judged.add(item["id"])
        else:
            check_label(value["labels"][0], (_ACTOR,))
    for name, region in regions.items():
        if name not in judged:
            words = sentence.text[slice(*region.span)]
            raise ExchangeError(f"{words!r} has no sentiment yet: finish the task")
    for item in results:
        if item["type"] == "relation":
            _relate(item, regions)
    return list(regions.values())


def _relate(item: Mapping[str, Any], regions: Mapping[str, Marked]) -> None:
    """Add a target, which also gives the stance to whoever lacks it."""
    if not item.get("labels"):
        raise ExchangeError("a relation bears no stance: choose one, or remove the relation")
    ends = item["from_id"], item["to_id"]
    if not set(ends) <= set(regions):
        raise ExchangeError("a relation leads to no actor: remove it or mark the actor")
    for name in item["labels"]:
        source, target = (regions[end] for end in ends)
        source.labels.add(check_label(name, STANCES))
        source.targets.setdefault(name, set()).add(target.span)
