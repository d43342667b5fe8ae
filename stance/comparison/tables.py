"""A comparison as tables of words, to be set for the terminal, for Markdown and for the page."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from stance.comparison.compare import METRICS, RECORDED, Comparison, Spread
from stance.comparison.disagreement import Opinion
from stance.comparison.scoring import MAIN, GroupScore, Scored

_UNITS: Final = {"bundle_bytes": 1e6, "peak_bytes": 1e6, "seconds": 1.0}
_KINDS: Final = {"precision": "precision", "recall": "recall", "f1": "F1"}


@dataclass(frozen=True)
class Section:
    """A table with its title: the first column names the row, ``note`` says how to read it."""

    key: str
    title: str
    header: list[str]
    rows: list[list[str]]
    note: str = ""
    strong: set[int] = field(default_factory=set)  # rows that stand out


def sections(comparison: Comparison) -> list[Section]:
    """All tables, in the order of reports; those with nothing to say are left out."""
    made = [
        _scores(comparison),
        _against(comparison),
        _differing(comparison),
        _classes(comparison),
        _slices(comparison),
        _costs(comparison),
    ]
    return [section for section in made if section.rows]


def verdicts(comparison: Comparison) -> list[str]:
    """One sentence for each group but the reference: is it better, and how sure is that?"""
    return [_verdict(comparison, at) for at in comparison.others]


def sample_line(comparison: Comparison) -> str:
    """What the scores were taken over and how the intervals were made."""
    sample, bootstrap = comparison.sample, comparison.bootstrap
    return (
        f"Test side: {sample['mentions']} mentions in {sample['sentences']} sentences of "
        f"{sample['documents']} documents (hash {sample['data_hash']}). "
        f"{bootstrap.confidence:.0%} intervals by bootstrap over documents, p-values by "
        f"approximate randomisation of documents; {bootstrap.resamples} resamples, seed "
        f"{bootstrap.seed}."
    )


def number(value: float, style: str = ".3f") -> str:
    """A number, or a dash for one that is not defined."""
    return "–" if math.isnan(value) else f"{value:{style}}"


def p_value(p: float) -> str:
    """Three decimals; below them only that it is below."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _verdict(comparison: Comparison, at: int) -> str:
    gap, test = comparison.scores[MAIN].differences[at], comparison.tests[at]
    name, reference = comparison.names[at], comparison.names[comparison.reference]
    if test is None or math.isnan(gap.value):
        return f"{name} and {reference} cannot be told apart: macro-F1 is not defined."
    clear = test.corrected <= 1 - comparison.bootstrap.confidence
    size = f"macro-F1 {gap.value:+.3f} [{number(gap.low, '+.3f')}, {number(gap.high, '+.3f')}]"
    proof = f"{size}, p = {p_value(test.corrected)} after Holm".replace("= <", "<")
    if clear:
        return f"{name} is {'better' if gap.value > 0 else 'worse'} than {reference}: {proof}."
    return f"No clear difference between {name} and {reference}: {proof}."


def _scores(comparison: Comparison) -> Section:
    columns = [comparison.scores[name].scores for name in METRICS[:2]]
    rows = [
        [
            group.name,
            ", ".join(map(str, sorted(group.seeds))),
            _spread(columns[0][at]),
            _interval(columns[0][at]),
            _spread(columns[1][at]),
            *(_spread(comparison.recorded[name][at]) for name in RECORDED),
        ]
        for at, group in enumerate(comparison.groups)
    ]
    header = ["config", "seeds", "macro-F1", "interval", "sentiment macro-F1"]
    header += ["macro-F1 end to end", "mention F1", "target accuracy"]
    note = "Mean ± standard deviation over seeds; given the actors, but for the last three columns."
    return Section("scores", "Scores", header, rows, note, {comparison.reference})


def _against(comparison: Comparison) -> Section:
    reference = comparison.names[comparison.reference]
    rows = []
    for at in comparison.others:
        gap, test = comparison.scores[MAIN].differences[at], comparison.tests[at]
        dispute = comparison.disagreements[at]
        if test is None or dispute is None:
            continue
        rows.append(
            [
                comparison.names[at],
                number(gap.value, "+.3f"),
                f"[{number(gap.low, '+.3f')}, {number(gap.high, '+.3f')}]",
                p_value(test.p),
                p_value(test.corrected),
                str(dispute.second_right),
                str(dispute.first_right),
            ]
        )
    header = ["config", "macro-F1", "interval", "p", "p (Holm)", "only it right"]
    return Section(
        "against",
        f"Against {reference}",
        [*header, f"only {reference} right"],
        rows,
        "The last columns count decisions (a mention and a stance) by the majority of the runs.",
    )


def _differing(comparison: Comparison) -> Section:
    rows = [
        [key, *(value if isinstance(value, str) else json.dumps(value) for value in values)]
        for key, values in comparison.differing.items()
    ]
    return Section("differing", "What differs", ["setting", *comparison.names], rows)


def _classes(comparison: Comparison) -> Section:
    rows = [_row(_label(name), comparison.scores[name]) for name in METRICS[2:]]
    header = ["class", "n", *comparison.names]
    note = "Mean over seeds with its interval; n counts gold labels."
    return Section("classes", "By label, given the actors", header, rows, note)


def _slices(comparison: Comparison) -> Section:
    rows = [
        _row(f"{kind}: {name}", scored)
        for kind, parts in comparison.slices.items()
        for name, scored in parts.items()
    ]
    note = (
        "Macro-F1 given the actors; n counts gold stances. Stances that neither stand in a slice "
        "nor are predicted there are left out of its mean."
    )
    return Section("slices", "By slice", ["slice", "n", *comparison.names], rows, note)


def _costs(comparison: Comparison) -> Section:
    costs = comparison.costs
    rows = [
        [
            group.name,
            number(comparison.scores[MAIN].scores[at].value),
            number(costs["sentences_per_second"][at].value, ".0f"),
            *(number(costs[name][at].value / unit, ".1f") for name, unit in _UNITS.items()),
            "yes" if comparison.efficient[at] else "no",
        ]
        for at, group in enumerate(comparison.groups)
    ]
    header = ["config", "macro-F1", "sentences / s", "bundle MB", "peak MB", "run seconds"]
    note = (
        "Means over seeds. On the front: no other config is at least as good, as fast and as "
        "small, and better in one of these."
    )
    return Section("costs", "Speed and size", [*header, "on the front"], rows, note)


def _row(name: str, scored: Scored) -> list[str]:
    cells = (f"{number(score.value)} {_interval(score, '.2f')}" for score in scored.scores)
    return [name, str(scored.scores[0].n), *cells]


def _label(metric: str) -> str:
    """``stance_given.threat.f1`` becomes "threat F1"."""
    *_, name, kind = metric.split(".")
    return f"{name} {_KINDS[kind]}"


def _spread(score: GroupScore | Spread) -> str:
    spread = "" if math.isnan(score.sd) else f" ± {score.sd:.3f}"
    return number(score.value) + spread


def _interval(score: GroupScore, style: str = ".3f") -> str:
    return f"[{number(score.low, style)}, {number(score.high, style)}]"


def opinion(labels: Opinion) -> str:
    """What a group says of a mention: the stances it sees, with mean probabilities."""
    seen = [f"{name} {chance:.2f}" for name, (share, chance) in labels.items() if share > 0.5]
    some = [f"{n} in {share:.0%} of runs" for n, (share, _) in labels.items() if 0 < share <= 0.5]
    return ", ".join(seen + some) or "none"


def is_right(labels: Opinion, gold: Sequence[str]) -> bool:
    """Whether most runs have exactly the gold stances."""
    return {name for name, (share, _) in labels.items() if share > 0.5} == set(gold)
