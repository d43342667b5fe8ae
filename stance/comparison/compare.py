"""Groups of runs, scored side by side on the test side that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from stance.comparison.disagreement import Disagreement, disagreement
from stance.comparison.groups import Group, differing, group_runs
from stance.comparison.runs import (
    ComparisonError,
    StoredRun,
    check_comparable,
    find_runs,
    load_run,
)
from stance.comparison.scoring import MAIN, Scored, count, score_groups
from stance.comparison.significance import holm, randomisation_p
from stance.evaluation.bootstrap import Bootstrap, FloatArray
from stance.evaluation.predictions import BoolArray, JudgedMentions
from stance.ontology import SENTIMENTS, STANCES
from stance.settings import CompareSettings

#: Scores given the actors, in the order of reports; the means over classes come first.
METRICS: Final = (
    MAIN,
    "sentiment.macro_f1",
    *(f"stance_given.{name}.{kind}" for name in STANCES for kind in ("precision", "recall", "f1")),
    *(f"sentiment.{name}.f1" for name in SENTIMENTS),
)
#: Scores that ``run.json`` alone holds: a reader finds the actors itself, or names targets.
RECORDED: Final = ("stance_found.macro_f1", "mention.overlap.f1", "target.accuracy")
COSTS: Final = ("sentences_per_second", "bundle_bytes", "seconds", "peak_bytes")

_SHORT, _LONG = 25, 35  # words: they part the mentions of the seeds into about thirds
_SHOWN_SENTENCES: Final = 20


@dataclass(frozen=True)
class Test:
    """The p-value of a group against the reference, and corrected for the number of groups."""

    p: float
    corrected: float


@dataclass(frozen=True)
class Spread:
    """A mean over runs and its standard deviation, NaN for a single run."""

    value: float
    sd: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Mean and standard deviation of ``values``."""
        sd = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
        return cls(float(np.mean(values)), sd)


@dataclass(frozen=True)
class Comparison:
    """What there is to say about groups of runs.

    Lists go by group. ``slices`` holds macro-F1 by kind and name of the slice; ``tests`` and
    ``disagreements`` are None at the reference. ``efficient`` says of each group that no other is
    at least as good, as fast and as small, and better in one of these.
    """

    groups: list[Group]
    reference: int
    sample: dict[str, Any]
    bootstrap: Bootstrap
    differing: dict[str, list[Any]]
    scores: dict[str, Scored]
    tests: list[Test | None]
    slices: dict[str, dict[str, Scored]]
    recorded: dict[str, list[Spread]]
    costs: dict[str, list[Spread]]
    efficient: list[bool]
    disagreements: list[Disagreement | None]
    notes: list[str]

    @property
    def names(self) -> list[str]:
        """The groups' names."""
        return [group.name for group in self.groups]

    @property
    def others(self) -> list[int]:
        """The indices of all groups but the reference."""
        return [at for at in range(len(self.groups)) if at != self.reference]

    def to_dict(self) -> dict[str, Any]:
        """The fields, with names for the reference and the runs of each group."""
        groups = [
            {
                "name": group.name,
                "runs": [str(run.folder) for run in group.runs],
                "seeds": group.seeds,
                "config": group.config,
            }
            for group in self.groups
        ]
        return vars(self) | {"groups": groups, "reference": self.names[self.reference]}


def compare(settings: CompareSettings) -> Comparison:
    """Load, group and score the runs that ``settings`` name.

    Raises :class:`~stance.comparison.runs.ComparisonError` for runs that are not there, not
    finished or not tested on the same labels, and for a reference that is none of them.
    """
    runs = [load_run(folder) for folder in find_runs(settings.runs)]
    check_comparable(runs)
    groups = group_runs(runs)
    reference = _reference(groups, settings.reference)
    bootstrap = Bootstrap(settings.resamples, settings.confidence, settings.seed)
    ours, mentions = groups[reference], runs[0].mentions
    scores = _scores(METRICS, groups, reference, bootstrap)
    costs = {name: _spreads(groups, name, StoredRun.cost) for name in COSTS}
    return Comparison(
        groups=groups,
        reference=reference,
        sample={
            "documents": len(set(mentions.frame["document"])),
            "sentences": len(set(mentions.frame["id"])),
            "mentions": len(mentions),
            "data_hash": runs[0].record["training"]["data"]["test"]["hash"],
        },
        bootstrap=bootstrap,
        differing=differing(groups),
        scores=scores,
        tests=_tests(groups, reference, bootstrap),
        slices={
            kind: {
                name: _scores([MAIN], groups, reference, bootstrap, where)[MAIN]
                for name, where in parts.items()
            }
            for kind, parts in slices(mentions).items()
        },
        recorded={name: _spreads(groups, name, StoredRun.score) for name in RECORDED},
        costs=costs,
        efficient=_efficient([score.value for score in scores[MAIN].scores], costs),
        disagreements=[
            None if group is ours else disagreement(ours, group, _SHOWN_SENTENCES)
            for group in groups
        ],
        notes=_notes(groups),
    )


def slices(mentions: JudgedMentions) -> dict[str, dict[str, BoolArray]]:
    """Which mentions stand in which slice, by kind and name; no slice is empty."""
    actors, words, quoted, source = (
        mentions.frame[name] for name in ("actors", "words", "quoted", "source")
    )
    kinds: dict[str, dict[str, BoolArray]] = {
        "actors": {"one actor": actors == 1, "two or more actors": actors > 1},
        "length": {
            f"up to {_SHORT} words": words <= _SHORT,
            f"{_SHORT + 1} to {_LONG} words": (words > _SHORT) & (words <= _LONG),
            f"over {_LONG} words": words > _LONG,
        },
        "voice": {"in quotation marks": quoted, "narrator": ~quoted},
        "source": {name: source == name for name in sorted(set(source))},
    }
    return {
        kind: {name: where for name, where in parts.items() if where.any()}
        for kind, parts in kinds.items()
    }


def _reference(groups: Sequence[Group], wanted: str | None) -> int:
    if wanted is None:
        return 0
    for at, group in enumerate(groups):
        folders = {run.folder.resolve() for run in group.runs}
        if wanted == group.name or Path(wanted).resolve() in folders:
            return at
    names = ", ".join(group.name for group in groups)
    raise ComparisonError(f"reference {wanted!r} is none of the runs; name one of {names}")


def _counts(group: Group, where: BoolArray | None = None) -> list[FloatArray]:
    return [count(run.mentions, where) for run in group.runs]


def _scores(
    metrics: Sequence[str],
    groups: Sequence[Group],
    reference: int,
    bootstrap: Bootstrap,
    where: BoolArray | None = None,
) -> dict[str, Scored]:
    tables = [_counts(group, where) for group in groups]
    return score_groups(metrics, tables, reference, bootstrap)


def _tests(groups: Sequence[Group], reference: int, bootstrap: Bootstrap) -> list[Test | None]:
    means = [np.mean(_counts(group), axis=0) for group in groups]
    others = [at for at in range(len(groups)) if at != reference]
    p_values = [
        randomisation_p(MAIN, means[at], means[reference], bootstrap.resamples, bootstrap.seed)
        for at in others
    ]
    tests = dict(zip(others, map(Test, p_values, holm(p_values)), strict=True))
    return [tests.get(at) for at in range(len(groups))]


def _spreads(groups: Sequence[Group], name: str, value: Any) -> list[Spread]:
    return [Spread.of([value(run, name) for run in group.runs]) for group in groups]


def _efficient(scores: Sequence[float], costs: dict[str, list[Spread]]) -> list[bool]:
    """Which groups are on the Pareto front of quality, speed and size."""
    speeds = (cost.value for cost in costs["sentences_per_second"])
    sizes = (-cost.value for cost in costs["bundle_bytes"])
    points = np.array(list(zip(scores, speeds, sizes, strict=True)))
    return [
        not any((other >= point).all() and (other > point).any() for other in points)
        for point in points
    ]


def _notes(groups: Sequence[Group]) -> list[str]:
    """What a reader of the comparison must know to trust it no further than it goes."""
    notes = []
    for group in groups:
        if len(set(group.seeds)) < len(group.seeds):
            notes.append(f"{group.name}: a seed stands more than once, so its sd is too small")
    lone = [group.name for group in groups if len(group.runs) == 1]
    if lone:
        notes.append(
            f"a single run each, so what another seed would bring is not known: {', '.join(lone)}"
        )
    runs = [run for group in groups for run in group.runs]
    if len({run.record["code"]["commit"] for run in runs}) > 1:
        notes.append("the runs were made by different versions of the code")
    environments = [run.record["environment"] for run in runs]
    if len({(place["system"], place["processor"]) for place in environments}) > 1:
        notes.append("the runs were made on different machines: their speeds do not compare")
    return notes
