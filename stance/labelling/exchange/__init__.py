"""Labelled sentences to the label tools and back, without loss.

:func:`write` makes the file that a tool imports; :func:`read` takes what the tool exports and the
sentences that were sent, and gives labelled sentences back. What cannot be taken over is told with
its row, and the rest is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from stance.labelling.exchange import doccano, label_studio, prodigy, sheet
from stance.labelling.exchange.common import Collected, ExchangeError
from stance.schema import Example
from stance.settings import LabelTool

__all__ = ["SUFFIXES", "Collected", "ExchangeError", "guess_tool", "read", "write"]


class _Tool(NamedTuple):
    write: Callable[[Path, Sequence[Example]], None]
    read: Callable[[Path, Sequence[Example]], Collected]


_TOOLS: Final = {
    LabelTool.label_studio: _Tool(label_studio.write, label_studio.read),
    LabelTool.doccano: _Tool(doccano.write, doccano.read),
    LabelTool.prodigy: _Tool(prodigy.write, prodigy.read),
    LabelTool.csv: _Tool(sheet.write, sheet.read),
}

#: What the name of a tool's file ends with.
SUFFIXES: Final = {
    LabelTool.label_studio: ".label_studio.json",
    LabelTool.doccano: ".doccano.jsonl",
    LabelTool.prodigy: ".prodigy.jsonl",
    LabelTool.csv: ".csv",
}


def write(tool: LabelTool, path: Path, examples: Sequence[Example]) -> None:
    """Write the file that ``tool`` imports, labels included as suggestions to correct."""
    _TOOLS[tool].write(path, examples)


def read(tool: LabelTool, path: Path, sent: Sequence[Example]) -> Collected:
    """The labelled sentences of the file that ``tool`` exported.

    ``sent`` holds the sentences as they went out; what came back is checked against them. Raises
    :class:`ExchangeError` if the file as a whole is none of the tool's.
    """
    return _TOOLS[tool].read(path, sent)


def guess_tool(path: Path) -> LabelTool:
    """The tool that a file's name or its first row speaks of; raises :class:`ExchangeError`."""
    if path.suffix == ".csv":
        return LabelTool.csv
    if path.suffix == ".json":
        return LabelTool.label_studio
    if path.suffix == ".jsonl":
        with path.open("rb") as file:
            first = file.readline()
        if b'"entities"' in first:
            return LabelTool.doccano
        if b'"tokens"' in first or b'"spans"' in first:
            return LabelTool.prodigy
    raise ExchangeError(f"{path}: which tool wrote it? Name one with --tool")
