"""The table a person reads in a terminal: who does what toward whom, and the words that say so."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO, TypeAlias

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stance.actors.names import is_table_name
from stance.actors.pronouns import pronoun
from stance.ontology import NEUTRAL, SENTIMENTS, STANCES
from stance.pipeline import ArticleReading
from stance.schema import Finding, Stance

DEFAULT_WIDTH = 100  # columns where the output is no terminal and $COLUMNS is not set
_STYLES = {"threat": "red", "cooperation": "green", "drawdown": "blue"}
_MUTED = "dim"
_SENTENCE_LINES = 3  # a longer sentence is cut around its mention
_MAX_SUMS = 40  # actors in the closing sums
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


#: A document and an actor's name; no document where the name is the same actor in all of them.
_Summed: TypeAlias = tuple[str | None, str]


def console_for(stream: TextIO) -> Console:
    """A console that colours terminals only, minds NO_COLOR, and is 100 columns wide elsewhere."""
    if stream.isatty():
        return Console(file=stream, highlight=False)
    width = os.environ.get("COLUMNS", "")
    return Console(
        file=stream,
        highlight=False,
        width=int(width) if width.isdigit() and int(width) > 0 else DEFAULT_WIDTH,
        force_terminal=False,
        no_color=True,
    )


class TableWriter:
    """Prints each reading as it comes; :meth:`close` prints the sums over all of them.

    Only findings with a stance are shown, grouped by actor, the one with most of them first. The
    sums run over all articles for well-known names and for ``actors``, the names asked for; any
    other name may be someone else in the next article. Pronouns left unsettled are not summed up.
    """

    def __init__(self, stream: TextIO, actors: Iterable[str] = ()) -> None:
        self._console = console_for(stream)
        self._asked_for = frozenset(" ".join(name.split()) for name in actors)
        self._stances: dict[_Summed, Counter[str]] = defaultdict(Counter)
        self._sentiments: dict[_Summed, Counter[str]] = defaultdict(Counter)

    def write(self, reading: ArticleReading) -> None:
        """Print an article's title and its stance-bearing findings."""
        self._console.print(_title(reading))
        for finding in reading.findings:
            self._count(finding)
        rows = _rows(reading, self._console.width)
        if rows:
            self._console.print(_findings_table(rows, self._console.width))
        else:
            self._console.print(Text("  no stances found", _MUTED))
        self._console.print()

    def close(self) -> None:
        """Print how often each actor bears each stance, over all that was written."""
        bearing = {summed: counts for summed, counts in self._stances.items() if counts.total()}
        if bearing:
            self._console.print(self._sums(bearing))

    def _count(self, finding: Finding) -> None:
        name = finding.actor
        everywhere = name in self._asked_for or is_table_name(name)
        if pronoun(name) is not None and not everywhere:
            return
        summed = (None if everywhere else finding.document, name)
        self._stances[summed].update({stance.label for stance in finding.stances})
        self._sentiments[summed][finding.sentiment] += 1

    def _sums(self, bearing: dict[_Summed, Counter[str]]) -> Table:
        ordered = sorted(bearing.items(), key=lambda item: -item[1].total())
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column("Actor", max_width=40)
        for label in STANCES:
            table.add_column(label, justify="right", style=_STYLES[label])
        table.add_column("sentiment", style=_MUTED)
        namesakes = Counter(name for _, name in bearing)
        for summed, counts in ordered[:_MAX_SUMS]:
            document, name = summed
            actor = _clean(name)
            if document is not None and namesakes[name] > 1:
                actor.append(f"  {_clean(document).plain}", _MUTED)
            cells = [str(counts[label] or "") for label in STANCES]
            table.add_row(actor, *cells, _sentiment_sum(self._sentiments[summed]))
        if len(ordered) > _MAX_SUMS:
            table.add_row(Text(f"… and {len(ordered) - _MAX_SUMS} more", _MUTED))
        return table


def _title(reading: ArticleReading) -> Text:
    article = reading.article
    title = Text(_clean(article.title or article.id).plain, "bold")
    beside = [article.id] if article.title and article.title != article.id else []
    if article.date:
        beside.append(article.date)
    if beside:
        title.append(f"  {_clean(', '.join(beside)).plain}", _MUTED)
    return title


@dataclass(frozen=True, slots=True)
class _Widths:
    """Characters of the three columns."""

    actor: int
    stance: int
    sentence: int


def _widths(width: int) -> _Widths:
    actor, stance = max(12, min(26, width // 5)), max(18, min(26, width // 5 + 2))
    return _Widths(actor, stance, max(20, width - actor - stance - 4))


def _rows(reading: ArticleReading, width: int) -> list[tuple[str, Text, Text]]:
    """Actor, stances and sentence of each stance-bearing finding, grouped by actor."""
    starts = [sentence.start for sentence in reading.sentences]
    room = _SENTENCE_LINES * _widths(width).sentence
    rows: dict[str, list[tuple[str, Text, Text]]] = {name: [] for name in reading.actors}
    for finding in reading.findings:
        if finding.stances:
            sentence = starts[bisect_right(starts, finding.start) - 1]
            quotation = _quotation(finding, finding.start - sentence, room)
            rows[finding.actor].append((finding.actor, _stances(finding), quotation))
    return [row for found in rows.values() for row in found]


def _findings_table(rows: list[tuple[str, Text, Text]], width: int) -> Table:
    widths = _widths(width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, width=width)
    table.add_column("Actor", width=widths.actor)
    table.add_column("Stance", width=widths.stance)
    table.add_column("Sentence", width=widths.sentence)
    above = None
    for actor, stances, quotation in rows:
        if above not in (None, actor):
            table.add_section()
        shown = Text("") if above == actor else Text(_clean(actor).plain, "bold")
        table.add_row(shown, stances, quotation)
        above = actor
    return table


def _stances(finding: Finding) -> Text:
    lines = [line for stance in finding.stances for line in _stance(stance)]
    if finding.abstained:
        lines.append(Text("doubtful", _MUTED))
    if finding.sentiment != NEUTRAL:
        lines.append(Text(finding.sentiment, _MUTED))
    return Text("\n").join(lines)


def _stance(stance: Stance) -> list[Text]:
    line = Text(f"{stance.label} {stance.probability:.2f}", _STYLES[stance.label])
    if stance.target is None:
        return [line]
    return [line, Text(f"→ {_clean(stance.target.actor).plain}")]


def _quotation(finding: Finding, start: int, room: int) -> Text:
    """The sentence, cut to ``room`` characters around the mention at ``start``, which is bold."""
    end = start + len(finding.text)
    first, last = window(finding.sentence, start, end, room)
    shown = _clean(finding.sentence[first:last])
    shown.stylize("bold", start - first, end - first)
    left, right = Text("…" if first else ""), Text("…" if last < len(finding.sentence) else "")
    return left + shown + right


def window(text: str, start: int, end: int, room: int) -> tuple[int, int]:
    """The part of ``text`` to show: ``start`` to ``end`` with about equal room on both sides.

    Cuts fall between words. A text that fits is shown whole.
    """
    if len(text) <= room:
        return 0, len(text)
    side = max(0, room - (end - start)) // 2
    first = max(0, min(start - side, len(text) - room))
    last = min(len(text), max(end + side, first + room))
    if first > 0:
        space = text.find(" ", first, start)
        first = space + 1 if space >= 0 else start
    if last < len(text):
        space = text.rfind(" ", end, last)
        last = space if space >= 0 else end
    return first, last


def _sentiment_sum(counts: Counter[str]) -> str:
    told = [f"{counts[s]} {s}" for s in SENTIMENTS if s != NEUTRAL and counts[s]]
    return ", ".join(told)


def _clean(text: str) -> Text:
    """The text without control characters, which a terminal might obey; of the same length."""
    return Text(_CONTROL.sub(" ", text))
