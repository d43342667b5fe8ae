"""Prodigy: the JSON Lines of its ``rel.manual`` recipe.

An actor is a span whose label names its stances and sentiment (``threat+drawdown/negative``,
``none``); a target is a relation that bears the stance's name. Tokens are given along, so that
every span ends where a token does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
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
from stance.schema import Example, Mention, Span

_TOKEN = re.compile(r"\w+|[^\w\s]")
_ACCEPTED = "accept"


def write(path: Path, examples: Sequence[Example]) -> None:
    """Write a task per sentence."""
    write_rows(path, map(task, examples))


def task(example: Example) -> dict[str, Any]:
    """A sentence as a task of ``rel.manual``."""
    example = canonical(example)
    tokens = _tokens(example)
    spans = [_span(actor, tokens) for actor in example.actors]
    return {
        "text": example.text,
        "tokens": [
            {
                "text": example.text[start:end],
                "start": start,
                "end": end,
                "id": number,
                "ws": example.text[end : end + 1].isspace(),
            }
            for number, (start, end) in enumerate(tokens)
        ],
        "spans": spans,
        "relations": [
            {
                "head": spans[number]["token_end"],
                "child": spans[act.target]["token_end"],
                "head_span": spans[number],
                "child_span": spans[act.target],
                "label": act.label,
            }
            for number, actor in enumerate(example.actors)
            for act in actor.acts
            if act.target is not None
        ],
        "meta": {"sentence_id": example.id, "prev": example.prev},
    }


def _tokens(example: Example) -> list[Span]:
    """Words and marks, cut where an actor begins or ends."""
    cuts = {cut for actor in example.actors for cut in actor.span}
    tokens: list[Span] = []
    for match in _TOKEN.finditer(example.text):
        inner = sorted(cut for cut in cuts if match.start() < cut < match.end())
        edges = [match.start(), *inner, match.end()]
        tokens += pairwise(edges)
    return tokens


def _span(actor: Mention, tokens: Sequence[Span]) -> dict[str, Any]:
    inside = [n for n, (start, end) in enumerate(tokens) if actor.start <= start < actor.end]
    return {
        "start": actor.start,
        "end": actor.end,
        "token_start": min(inside),
        "token_end": max(inside),
        "label": joint_label(actor),
    }


def read(path: Path, sent: Sequence[Example]) -> Collected:
    """Read what ``prodigy db-out`` gives."""
    return collect(path, read_rows(path), sent, _decoded)


def _decoded(row: Any, known: Mapping[str, Example]) -> Example:
    sentence = sentence_of(row.get("meta", {}).get("sentence_id"), row.get("text"), known)
    if row.get("answer") != _ACCEPTED:
        raise ExchangeError(
            f"{sentence.id}: the answer is {row.get('answer', 'missing')!r}, not {_ACCEPTED!r}: "
            "finish the task"
        )
    return told_of(sentence.id, lambda: built(sentence, _marked(row, sentence)))


def _marked(row: Mapping[str, Any], sentence: Example) -> list[Marked]:
    found: dict[Span, Marked] = {}
    for item in row.get("spans", ()):
        span = check_span(item["start"], item["end"], sentence.text)
        found[span] = Marked(span, *labels_named(item["label"]))
    for relation in row.get("relations", ()):
        head, child = (
            (relation[end]["start"], relation[end]["end"]) for end in ("head_span", "child_span")
        )
        if not {head, child} <= set(found):
            raise ExchangeError("a relation leads to no actor: remove it or mark the actor")
        label = check_label(relation["label"], STANCES)
        found[head].labels.add(label)
        found[head].targets.setdefault(label, set()).add(child)
    return list(found.values())
