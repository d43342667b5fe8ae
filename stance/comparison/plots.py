"""The plots of a comparison, each as an SVG element to stand in a page."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from stance.comparison.compare import Comparison
from stance.comparison.scoring import MAIN, GroupScore, Scored
from stance.ontology import SENTIMENTS, STANCES

#: Okabe and Ito's colours, told apart by the colour-blind; the reference is grey.
_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_GREY: Final = "#555555"
_MARKERS: Final = "osD^vP"
_WIDTH: Final = 7.6  # inches
_SLICES: Final = 8  # of more, dozens of sources, say, only the table tells
_STYLE: Final[dict[Any, Any]] = {
    "axes.edgecolor": "#999999",
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 10,
    "grid.color": "#e4e4e4",
    "legend.frameon": False,
    "svg.hashsalt": "stance",  # the same ids every time
    "text.parse_math": False,  # a config may be named "$x$"
    "xtick.color": "#555555",
    "ytick.left": False,
}


def plots(comparison: Comparison) -> dict[str, str]:
    """The SVG elements by the key of the section that they belong to."""
    classes = {label: comparison.scores[f"stance_given.{label}.f1"] for label in STANCES}
    classes |= {name: comparison.scores[f"sentiment.{name}.f1"] for name in SENTIMENTS}
    parts = {
        f"{kind}: {name}": scored
        for kind, slices in comparison.slices.items()
        if len(slices) <= _SLICES
        for name, scored in slices.items()
    }
    with mpl.rc_context(_STYLE):
        figures = {
            "scores": _by_group(comparison),
            "classes": _by_row(comparison, classes, "F1 given the actors"),
            "slices": _by_row(comparison, parts, "macro-F1 given the actors"),
            "costs": _quality_and_speed(comparison),
        }
        if comparison.others:
            figures["against"] = _differences(comparison)
        return {key: _svg(figure) for key, figure in figures.items()}


def _by_group(comparison: Comparison) -> Figure:
    """Macro-F1 of each group: mean, interval, and a ring for each run."""
    figure, axes = _rows(comparison.names, "macro-F1 given the actors: mean, interval, single runs")
    for at, score in enumerate(comparison.scores[MAIN].scores):
        _whisker(axes, score.value, score.low, score.high, at, comparison, at)
        if len(score.runs) > 1:
            axes.plot(score.runs, [at] * len(score.runs), "o", mfc="none", mec="#222222", ms=9)
    return figure


def _differences(comparison: Comparison) -> Figure:
    """How much higher each group scores than the reference."""
    names = [comparison.names[at] for at in comparison.others]
    reference = comparison.names[comparison.reference]
    figure, axes = _rows(names, f"macro-F1 minus that of {reference}, with its interval")
    axes.axvline(0, color=_GREY, linewidth=1)
    for row, at in enumerate(comparison.others):
        gap = comparison.scores[MAIN].differences[at]
        _whisker(axes, gap.value, gap.low, gap.high, row, comparison, at)
    return figure


def _by_row(comparison: Comparison, rows: dict[str, Scored], title: str) -> Figure:
    """One row per class or slice, in it one whisker per group."""
    names = [f"{name}  ({scored.scores[0].n})" for name, scored in rows.items()]
    groups = len(comparison.groups)
    figure, axes = _rows(names, title, height=0.16 * groups + 0.16)
    for row, scored in enumerate(rows.values()):
        for at, score in enumerate(scored.scores):
            place = row + (at - (groups - 1) / 2) * 0.7 / groups
            _whisker(axes, score.value, score.low, score.high, place, comparison, at)
    axes.set_xlim(-0.02, 1.02)
    _legend(figure, axes, comparison)
    return figure


def _quality_and_speed(comparison: Comparison) -> Figure:
    """Macro-F1 over reading speed; the area of a disc is the size of the bundle."""
    figure = Figure(figsize=(_WIDTH, 3.6), layout="constrained")
    axes = figure.add_subplot()
    speeds = [spread.value for spread in comparison.costs["sentences_per_second"]]
    sizes = [spread.value for spread in comparison.costs["bundle_bytes"]]
    scores = comparison.scores[MAIN].scores
    for at, (speed, size, score) in enumerate(zip(speeds, sizes, scores, strict=True)):
        area = 40 + 900 * size / max(sizes)
        colour = _colour(comparison, at)
        axes.vlines(speed, *_ends(score), color=colour, linewidth=1.2)
        axes.scatter(speed, score.value, area, color=colour, alpha=0.35, linewidth=0)
        axes.plot(speed, score.value, _marker(at), color=colour, label=comparison.names[at])
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=range(1, 10), numticks=8))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_xlabel("sentences a second (log scale); area of the disc: size of the bundle")
    axes.set_ylabel("macro-F1 given the actors")
    axes.grid(visible=True, axis="both")
    axes.margins(0.15)
    _legend(figure, axes, comparison)
    return figure


def _rows(names: Sequence[str], title: str, height: float = 0.42) -> tuple[Figure, Axes]:
    """Axes with a row for each name, the first on top."""
    figure = Figure(figsize=(_WIDTH, 0.9 + height * len(names)), layout="constrained")
    axes = figure.add_subplot()
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_title(title, loc="left", fontsize=10, color=_GREY)
    return figure, axes


def _whisker(
    axes: Axes, value: float, low: float, high: float, y: float, comparison: Comparison, at: int
) -> None:
    if math.isnan(value):
        return
    colour = _colour(comparison, at)
    axes.hlines(y, low, high, color=colour, linewidth=2, alpha=0.6)
    axes.plot(value, y, _marker(at), color=colour, markersize=5, label=comparison.names[at])


def _ends(score: GroupScore) -> tuple[float, float]:
    return score.low, score.high


def _colour(comparison: Comparison, at: int) -> str:
    if at == comparison.reference:
        return _GREY
    return _COLOURS[comparison.others.index(at) % len(_COLOURS)]


def _marker(at: int) -> str:
    return _MARKERS[at % len(_MARKERS)]


def _legend(figure: Figure, axes: Axes, comparison: Comparison) -> None:
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    shown = [name for name in comparison.names if name in handles]
    figure.legend(
        [handles[name] for name in shown],
        shown,
        loc="outside lower center",
        ncols=min(4, len(shown)),
    )


def _svg(figure: Figure) -> str:
    """The figure as an SVG element, without what a file has before it."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    text = file.getvalue()
    return text[text.index("<svg") :]
