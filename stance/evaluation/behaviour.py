"""Behaviour suites: contrasting sentences with what each actor must and must not bear.

The idea of checking a model by capability, in sentences that differ in one thing, is that of
CheckList (Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing of NLP Models").
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stance.data.validate import problems
from stance.evaluation.bootstrap import Bootstrap, Score, interval, resampled_sums
from stance.ontology import STANCES
from stance.schema import Mention, Reader, Sentence, Span


class SuiteError(ValueError):
    """Behaviour files hold bad rows; the message lists every one."""


@dataclass(frozen=True)
class Expectation:
    """What the actor at ``span`` must bear and what not; labels in neither are left open."""

    span: Span
    must: frozenset[str]
    must_not: frozenset[str]

    def holds(self, mention: Mention) -> bool:
        """Whether ``mention`` bears all it must and nothing it must not."""
        return self.must <= mention.labels and not self.must_not & mention.labels


@dataclass(frozen=True)
class Case:
    """A sentence of a suite; the cases of a family contrast with each other."""

    id: str
    group: str
    family: str
    text: str
    actors: tuple[Expectation, ...]

    def passes(self, mentions: Sequence[Mention]) -> bool:
        """Whether every expectation holds for the mention judged in its place."""
        return all(e.holds(m) for e, m in zip(self.actors, mentions, strict=True))


@dataclass(frozen=True)
class Verdict:
    """A case and what a reader said of its actors."""

    case: Case
    mentions: list[Mention]

    @property
    def passed(self) -> bool:
        """Whether the reader got the whole sentence right."""
        return self.case.passes(self.mentions)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "id": self.case.id,
            "group": self.case.group,
            "passed": self.passed,
            "text": self.case.text,
            "actors": [
                {
                    "text": mention.text,
                    "must": sorted(expected.must),
                    "must_not": sorted(expected.must_not),
                    "said": sorted(mention.labels),
                    "probabilities": dict(mention.probabilities),
                }
                for expected, mention in zip(self.case.actors, self.mentions, strict=True)
            ],
        }


def read_suites(folder: Path) -> list[Case]:
    """The cases of every ``.jsonl`` file of ``folder``, whose name is the group.

    Raises :class:`SuiteError` listing every bad row as ``file:line: what``, and FileNotFoundError
    for a folder without suites.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"no behaviour suite (.jsonl) in {folder}")
    cases: list[Case] = []
    wrong: list[str] = []
    for file in files:
        for line, text in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            row = json.loads(text)
            found = list(_row_problems(row))
            wrong += [f"{file}:{line}: {problem}" for problem in found]
            if not found:
                cases.append(_case(file.stem, row))
    if wrong:
        raise SuiteError("\n".join(wrong))
    return cases


def judge(reader: Reader, cases: Sequence[Case]) -> list[Verdict]:
    """What ``reader`` says of the given actors of every case."""
    sentences = [Sentence(case.text, document=case.family) for case in cases]
    spans = [[expected.span for expected in case.actors] for case in cases]
    judged = reader.read(sentences, spans)
    return [Verdict(case, mentions) for case, mentions in zip(cases, judged, strict=True)]


def pass_rates(verdicts: Sequence[Verdict], bootstrap: Bootstrap) -> dict[str, Score]:
    """The share of sentences that are right in whole, by group, and over ``all``.

    Intervals by resampling whole families.
    """
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[verdict.case.group].append(verdict)
    return {
        name: _rate(members, bootstrap) for name, members in [*groups.items(), ("all", [*verdicts])]
    }


def _rate(verdicts: Sequence[Verdict], bootstrap: Bootstrap) -> Score:
    families: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for verdict in verdicts:
        families[verdict.case.family][0] += verdict.passed
        families[verdict.case.family][1] += 1
    table = np.array(list(families.values()))
    passed, total = table.sum(axis=0)
    sums = resampled_sums(table, bootstrap)
    low, high = interval(sums[:, 0] / sums[:, 1], bootstrap.confidence)
    return Score(float(passed / total), low, high, int(total))


def _case(group: str, row: dict[str, Any]) -> Case:
    return Case(
        id=row["id"],
        group=group,
        family=row["family"],
        text=row["text"],
        actors=tuple(
            Expectation(
                (actor["start"], actor["end"]),
                frozenset(actor["must"]),
                frozenset(actor["must_not"]),
            )
            for actor in row["actors"]
        ),
    )


def _row_problems(row: dict[str, Any]) -> Iterator[str]:
    """A row is a labelled one in all but its labels; those are checked here."""
    missing = {"id", "family", "text", "actors"} - row.keys()
    if missing:
        yield f"row: without {', '.join(sorted(missing))}"
        return
    spans = [{**_span_of(actor), "stances": [], "sentiment": "neutral"} for actor in row["actors"]]
    yield from problems(
        {"id": row["id"], "document": row["family"], "offset": 0, "text": row["text"]}
        | {"actors": spans}
    )
    for i, actor in enumerate(row["actors"]):
        must, must_not = set(actor.get("must", ())), set(actor.get("must_not", ()))
        if unknown := (must | must_not) - set(STANCES):
            yield f"actors[{i}]: no stances: {', '.join(sorted(unknown))}"
        if both := must & must_not:
            yield f"actors[{i}]: must and must not: {', '.join(sorted(both))}"
        if not must | must_not:
            yield f"actors[{i}]: nothing is expected of it"


def _span_of(actor: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in actor.items() if name in ("start", "end", "text")}
