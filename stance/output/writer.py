"""One door for all formats: where readings go, streaming and whole or not at all."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from stance.atomic import atomic_write
from stance.output.rows import Write, csv_writer, jsonl_writer, parquet_writer
from stance.settings import OutputFormat

_SUFFIXES = {
    ".jsonl": OutputFormat.jsonl,
    ".ndjson": OutputFormat.jsonl,
    ".csv": OutputFormat.csv,
    ".parquet": OutputFormat.parquet,
    ".pq": OutputFormat.parquet,
    ".txt": OutputFormat.table,
}


class OutputError(ValueError):
    """Findings cannot be written as asked; nothing was read yet."""


def format_of(output: Path | None) -> OutputFormat:
    """The format a file's name asks for; the table without a file.

    Raises :class:`OutputError` for a name that tells no format.
    """
    if output is None:
        return OutputFormat.table
    try:
        return _SUFFIXES[output.suffix.lower()]
    except KeyError:
        known = ", ".join(_SUFFIXES)
        raise OutputError(
            f"{output}: its name tells no format; end it in one of {known}, or give the format"
        ) from None


def check_output(format: OutputFormat, output: Path | None) -> None:
    """Raise :class:`OutputError` if ``format`` cannot go to ``output``, before anything is read."""
    if output is None:
        if format is OutputFormat.parquet:
            raise OutputError("parquet is no text to print; name a file with --output FILE")
        return
    if output.is_dir():
        raise OutputError(f"{output} is a folder; name a file in it")
    if output.exists() and not output.is_file():
        raise OutputError(
            f"{output} is a device or a pipe, which cannot be replaced; "
            "name a file, or leave --output out and redirect standard output"
        )
    meant = _SUFFIXES.get(output.suffix.lower(), format)
    if meant is not format:
        raise OutputError(
            f"{output} would hold {format.value}, but is named as {meant.value}; "
            "change the format or the name"
        )


@contextmanager
def open_writer(
    format: OutputFormat, output: Path | None, actors: Sequence[str] = ()
) -> Iterator[Write]:
    """Yield what takes one reading after the other.

    ``actors`` are the names that were asked for: the table sums them up over all articles. With
    ``output`` the file appears when the block ends well, and not at all when it raises.
    Without, rows go to standard output as they come.
    """
    check_output(format, output)
    if output is None:
        with _text_writer(format, _standard_output(format), actors) as write:
            yield write
        return
    with atomic_write(output) as path:
        if format is OutputFormat.parquet:
            with parquet_writer(path) as write:
                yield write
            return
        with (
            path.open("w", encoding="utf-8", errors="replace", newline="\n") as stream,
            _text_writer(format, stream, actors) as write,
        ):
            yield write


@contextmanager
def _text_writer(format: OutputFormat, stream: TextIO, actors: Sequence[str]) -> Iterator[Write]:
    if format is not OutputFormat.table:
        yield _ROW_WRITERS[format](stream)
        return
    from stance.output.table import TableWriter  # rich is needed for the table alone

    table = TableWriter(stream, actors)
    yield table.write
    table.close()


_ROW_WRITERS: dict[OutputFormat, Callable[[TextIO], Write]] = {
    OutputFormat.jsonl: jsonl_writer,
    OutputFormat.csv: csv_writer,
}


def _standard_output(format: OutputFormat) -> TextIO:
    """Standard output, with rows in UTF-8 whatever the locale; no character stops the table."""
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        encoding = stream.encoding if format is OutputFormat.table else "utf-8"
        stream.reconfigure(encoding=encoding, errors="replace")
    return stream
