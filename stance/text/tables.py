"""One article a row: JSON Lines, CSV and Parquet, read row by row in bounded memory."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, TypeAlias

from stance.extras import require
from stance.schema import Article
from stance.settings import IngestSettings
from stance.text.decode import mend, normalise_newlines
from stance.text.failures import Failure, UnreadableError

if TYPE_CHECKING:
    from _csv import Reader as _CsvReader

_BATCH_ROWS = 64

#: Line numbers from 1 and lines; None stands for a line that is too long to be held.
NumberedLines: TypeAlias = Iterable[tuple[int, "str | None"]]


def numbered_lines(stream: TextIO, limit: int) -> Iterator[tuple[int, str | None]]:
    """The lines of ``stream``, with None for one of more than ``limit`` characters."""
    number = 0
    while line := stream.readline(limit + 1):
        number += 1
        yield number, line if len(line) <= limit or line.endswith("\n") else None
        while line and not line.endswith("\n"):  # skip what is left of it
            line = stream.readline(limit + 1)


def jsonl_articles(
    lines: NumberedLines, name: str, source: str, settings: IngestSettings
) -> Iterator[Article | Failure]:
    """The articles of JSON Lines; a line that gives none is a failure at ``source:line``."""
    for number, line in lines:
        where = f"{source}:{number}"
        if line is None:
            yield Failure(where, f"the line is longer than {settings.max_bytes:,} (max_bytes)")
        elif line.strip():
            mended, warnings = mend(line)
            row = json_object(mended)
            if isinstance(row, str):
                yield Failure(where, row)
            else:
                yield _article(row, where, f"{name}:{number}", source, settings, warnings)


def json_object(line: str) -> Mapping[str, Any] | str:
    """The JSON object that ``line`` is, or why it is none."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not valid JSON ({error}); put one object on each line"
    if not isinstance(row, dict):
        return f"a JSON {type(row).__name__}, not an object; put one object on each line"
    return row


def csv_articles(
    lines: NumberedLines, name: str, source: str, settings: IngestSettings, *, tabs: bool = False
) -> Iterator[Article | Failure]:
    """The articles of a CSV table with a header row.

    Empty lines before the header and spaces around the names in it do not matter. Cells are parted
    by tabs if ``tabs``, else by whichever of comma, semicolon and tab the header has most of.
    Raises :class:`UnreadableError` where the table as a whole cannot be read.
    """
    csv.field_size_limit(settings.max_bytes)  # the default refuses long articles
    held = ((number, _held(line)) for number, line in lines)
    begins, first = next(((number, line) for number, line in held if line.strip()), (1, ""))
    delimiter = "\t" if tabs else max(",;\t", key=first.count)
    reader = csv.reader(
        chain([first], (line for _, line in held)),
        delimiter=delimiter,
        skipinitialspace=f"{delimiter} " in first,
        strict=True,  # else an open quotation mark would swallow the rest of the table in silence
    )
    rows = _csv_rows(reader, begins)
    _, header = next(rows, (1, []))
    if isinstance(header, str):
        raise UnreadableError(header)
    names = [mend(cell)[0].strip() for cell in header]
    _require_column(names, settings)
    for number, (line, cells) in enumerate(rows, start=1):
        where = f"{source}:{line}"
        if isinstance(cells, str):
            yield Failure(where, cells)
        elif len(cells) > len(names):
            yield Failure(
                where,
                f"{len(cells)} cells in {len(names)} columns; quote text that holds {delimiter!r}",
            )
        elif cells:
            row = dict.fromkeys(names) | dict(zip(names, cells, strict=False))
            yield _article(row, where, f"{name}:{number}", source, settings)


def _held(line: str | None) -> str:
    """``line``; past one that is too long to be held, a table cannot be read on."""
    if line is None:
        raise UnreadableError("a line is longer than max_bytes; is it really a table?")
    return line


def _csv_rows(reader: _CsvReader, begins: int) -> Iterator[tuple[int, list[str] | str]]:
    """The line each row begins on, the first on ``begins``, and its cells, or what is malformed."""
    while True:
        line = begins + reader.line_num
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"not valid CSV ({error}); check its quotation marks"


def parquet_articles(
    binary: BinaryIO, name: str, source: str, settings: IngestSettings
) -> Iterator[Article | Failure]:
    """The articles of a Parquet file.

    Raises :class:`UnreadableError` where the table as a whole cannot be read, and
    :class:`stance.extras.MissingExtraError` without pyarrow.
    """
    parquet = require("pyarrow.parquet", extra="parquet")
    arrow = require("pyarrow", extra="parquet")
    number = 0
    try:
        table = parquet.ParquetFile(binary)
        _require_column(table.schema_arrow.names, settings)
        for batch in table.iter_batches(_BATCH_ROWS, columns=_columns(settings)):
            for row in batch.to_pylist():
                number += 1
                yield _article(row, f"{source}:{number}", f"{name}:{number}", source, settings)
    except (arrow.ArrowException, ValueError, OSError) as error:
        raise UnreadableError(
            f"no sound Parquet past row {number} ({error}); write it anew"
        ) from error


def _columns(settings: IngestSettings) -> list[str]:
    return [settings.text_column, settings.id_column, settings.title_column, settings.date_column]


def _require_column(names: Iterable[str], settings: IngestSettings) -> None:
    if settings.text_column not in names:
        raise UnreadableError(_no_column(names, settings))


def _no_column(names: Iterable[str], settings: IngestSettings) -> str:
    listed = ", ".join(names) or "none"
    return (
        f'there is no column "{settings.text_column}" (columns: {listed}); '
        "name the one that holds the text with --text-column (setting text_column)"
    )


def _article(
    row: Mapping[str, Any],
    where: str,
    fallback_id: str,
    source: str,
    settings: IngestSettings,
    warnings: tuple[str, ...] = (),
) -> Article | Failure:
    """The article of one row, or the failure that says why there is none."""
    column = settings.text_column
    if column not in row:
        return Failure(where, _no_column(row, settings))
    text = row[column]
    if text is not None and not isinstance(text, str):
        return Failure(where, f'"{column}" is {type(text).__name__}, not text; put the text there')
    if not text or not text.strip():
        return Failure(where, f'"{column}" is empty; there is nothing to read')
    text, more = mend(normalise_newlines(text))
    name, title, date = (_cell(row.get(column)) for column in _columns(settings)[1:])
    return Article(name or fallback_id, text, title, date, source, warnings + more)


def _cell(value: object) -> str | None:
    """A cell as text; None for an empty one."""
    return None if value is None else mend(str(value).strip())[0] or None
