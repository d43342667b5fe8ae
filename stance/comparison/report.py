"""A comparison for the terminal, as Markdown, as JSON and as a page to look at."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import is_dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

import stance
from stance.atomic import atomic_write
from stance.comparison.compare import Comparison
from stance.comparison.disagreement import DisputedSentence
from stance.comparison.tables import (
    Section,
    is_right,
    opinion,
    sample_line,
    sections,
    verdicts,
)
from stance.extras import require

_FOLDER = Path(__file__).parent


class Piece(NamedTuple):
    """A stretch of a sentence, and whether it is a disputed mention."""

    text: str
    disputed: bool


def write_report(comparison: Comparison, folder: Path) -> list[Path]:
    """Write ``comparison.json``, ``.md`` and ``.html`` to ``folder``, and return their paths.

    Raises :class:`~stance.extras.MissingExtraError` if the extra ``compare`` is not installed.
    """
    files = {
        "comparison.json": json.dumps(_json(comparison.to_dict()), ensure_ascii=False, indent=1),
        "comparison.md": markdown(comparison),
        "comparison.html": page(comparison),
    }
    for name, text in files.items():
        with atomic_write(folder / name) as path:
            path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    return [folder / name for name in files]


def render(comparison: Comparison) -> RenderableType:
    """The tables and what they come to, for the terminal."""
    return Group(
        *map(_rich, sections(comparison)),
        *(Text(line, style="bold") for line in verdicts(comparison)),
        *(Text(line, style="dim") for line in (sample_line(comparison), *comparison.notes)),
    )


def markdown(comparison: Comparison) -> str:
    """Verdicts, tables and disputed sentences as Markdown."""
    parts = ["# Comparison", "", *_bullets(verdicts(comparison)), "", sample_line(comparison), ""]
    parts += _bullets(comparison.notes)
    for section in sections(comparison):
        parts += ["", f"## {section.title}", "", *_pipes(section), "", section.note]
    reference = comparison.names[comparison.reference]
    for name, sentences in _disputed(comparison):
        parts += ["", f"## Where {reference} / {name} disagree most", ""]
        for item in sentences:
            parts.append(f"* {' '.join(item.sentence.split())} ({item.id})")
            for dispute in item.disputes:
                gold = ", ".join(dispute.gold) or "none"
                said = f"{opinion(dispute.first)} / {opinion(dispute.second)}"
                parts.append(f"    * **{dispute.text}**: {said}; gold {gold}")
    return "\n".join(parts)


def page(comparison: Comparison) -> str:
    """One self-contained HTML page."""
    require("matplotlib", extra="compare")
    jinja2 = require("jinja2", extra="compare")
    from stance.comparison.plots import plots

    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("page.html.jinja")
    text: str = template.render(
        names=comparison.names,
        reference=comparison.names[comparison.reference],
        notes=comparison.notes,
        verdicts=verdicts(comparison),
        sample=sample_line(comparison),
        sections=sections(comparison),
        plots=plots(comparison),
        disputed=list(_disputed(comparison)),
        pieces=pieces,
        opinion=opinion,
        right=is_right,
        version=stance.__version__,
    )
    return text


def pieces(sentence: DisputedSentence) -> list[Piece]:
    """The sentence in stretches, so that the disputed mentions can be marked."""
    text = sentence.sentence
    spans = [(dispute.start, dispute.end) for dispute in sentence.disputes]
    cuts = sorted({0, len(text), *(cut for span in spans for cut in span)})
    return [
        Piece(text[start:end], any(a <= start and end <= b for a, b in spans))
        for start, end in pairwise(cuts)
    ]


def _disputed(comparison: Comparison) -> Iterator[tuple[str, list[DisputedSentence]]]:
    """The groups that dispute sentences with the reference, and these sentences."""
    for name, found in zip(comparison.names, comparison.disagreements, strict=True):
        if found and found.sentences:
            yield name, found.sentences


def _rich(section: Section) -> RenderableType:
    table = Table(
        title=section.title, title_justify="left", title_style="bold", box=SIMPLE_HEAD,
        show_edge=False, padding=(0, 1, 0, 0),
    )  # fmt: skip
    for at, name in enumerate(section.header):
        table.add_column(Text(name), justify="right" if at else "left")
    for row in section.rows:
        table.add_row(*map(Text, row))
    return Group(table, Text(f"{section.note}\n", style="dim"))


def _pipes(section: Section) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

    rule = ["---", *["---:"] * (len(section.header) - 1)]
    return [line(section.header), line(rule), *map(line, section.rows)]


def _bullets(lines: Sequence[str]) -> list[str]:
    return [f"* {line}" for line in lines]


def _json(value: Any) -> Any:
    """Objects become their fields, and NaN, for which JSON has no word, null."""
    if is_dataclass(value):
        return _json(vars(value))
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
