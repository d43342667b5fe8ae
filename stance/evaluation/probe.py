"""Bundles under the behaviour suites and the name swaps, as a report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from stance.atomic import atomic_write
from stance.data.files import data_hash
from stance.data.split import load
from stance.evaluation.behaviour import Verdict, judge, pass_rates, read_suites
from stance.evaluation.bootstrap import Bootstrap, Score
from stance.evaluation.swaps import STATES, SwapReport, swap, templates
from stance.ontology import STANCES
from stance.readers import bundle
from stance.settings import BehaviourSettings, plain

_SHOWN_STATES: Final = 5


@dataclass(frozen=True)
class Probed:
    """One bundle: its pass rates by group, its verdicts, and what name swaps change."""

    rates: dict[str, Score]
    verdicts: list[Verdict]
    swaps: SwapReport


def probe(settings: BehaviourSettings) -> dict[str, Probed]:
    """Probe every bundle with the same cases and sentences.

    Raises what :func:`stance.evaluation.behaviour.read_suites` and
    :func:`stance.data.split.load` raise.
    """
    bootstrap = Bootstrap(settings.resamples, settings.confidence, settings.seed)
    cases = read_suites(settings.suites)
    chosen = templates(load(settings.data).test, settings.swap_sentences)
    probed = {}
    for name in settings.bundles:
        reader = bundle.load(name)
        verdicts = judge(reader, cases)
        rates = pass_rates(verdicts, bootstrap)
        probed[name] = Probed(rates, verdicts, swap(reader, chosen, bootstrap))
    return probed


def write(probed: Mapping[str, Probed], settings: BehaviourSettings) -> None:
    """Write the scores as JSON to ``settings.output`` and the failures as JSON Lines beside it."""
    report = {
        "settings": plain(settings),
        "suites": _suites_hash(settings),
        "data": data_hash(load(settings.data).test),
        "bundles": {
            name: {
                "pass_rates": {group: rate.to_dict() for group, rate in found.rates.items()},
                "swaps": found.swaps.to_dict(),
            }
            for name, found in probed.items()
        },
    }
    with atomic_write(settings.output) as path:
        path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    failures = settings.output.with_suffix(".failures.jsonl")
    with atomic_write(failures) as path, path.open("w", encoding="utf-8") as file:
        for row in _failures(probed):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def render(probed: Mapping[str, Probed]) -> RenderableType:
    """The pass rates side by side, then what names change."""
    return Group(_rates_table(probed), *(_swap_lines(n, p.swaps) for n, p in probed.items()))


def _failures(probed: Mapping[str, Probed]) -> list[dict[str, Any]]:
    return [
        {"bundle": name, **verdict.to_dict()}
        for name, found in probed.items()
        for verdict in found.verdicts
        if not verdict.passed
    ]


def _suites_hash(settings: BehaviourSettings) -> str:
    digest = hashlib.sha256()
    for path in sorted(settings.suites.glob("*.jsonl")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _rates_table(probed: Mapping[str, Probed]) -> Table:
    table = Table(
        title="sentences right in whole, given the actors",
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
    )
    table.add_column("group", no_wrap=True)
    table.add_column("n", justify="right")
    for name in probed:
        table.add_column(name, justify="right")
    first = next(iter(probed.values()))
    for group, rate in first.rates.items():
        cells = (_cell(found.rates[group]) for found in probed.values())
        table.add_row(group.replace("_", " "), str(rate.n), *cells)
    return table


def _cell(rate: Score) -> str:
    return f"{rate.value:.3f} [{rate.low:.2f}, {rate.high:.2f}]"


def _swap_lines(name: str, swaps: SwapReport) -> Text:
    flips = swaps.flips
    lines = [
        f"\n{name}: with each of {len(STATES)} states in {swaps.sentences} sentences "
        f"{flips.value:.2%} [{flips.low:.2%}, {flips.high:.2%}] of {flips.n} label decisions flip"
    ]
    for label in STANCES:
        ranked = sorted(STATES, key=lambda state: -swaps.drift[state][label])
        ends = (*ranked[:_SHOWN_STATES], "…", *ranked[-_SHOWN_STATES:])
        drift = (s if s == "…" else f"{s} {swaps.drift[s][label]:+.3f}" for s in ends)
        lines.append(f"  {label} probability against the mean: {', '.join(drift)}")
    return Text("\n".join(lines))
