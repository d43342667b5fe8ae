"""From whatever the user names to articles: files, folders, tables, pages, standard input.

Nothing here raises for bad input. What cannot be read comes out as a :class:`Failure` between the
articles, and reading goes on.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import cast

from stance.extras import MissingExtraError, require
from stance.schema import Article
from stance.settings import IngestSettings
from stance.text.decode import HEAD, decode, mend, open_text, refuse_binary
from stance.text.failures import Failure, UnreadableError, describe
from stance.text.html import article_of, declared_charset, looks_like_html
from stance.text.language import warn_if_not
from stance.text.tables import (
    csv_articles,
    json_object,
    jsonl_articles,
    numbered_lines,
    parquet_articles,
)
from stance.text.url import fetch, is_url

__all__ = ["Failure", "count_items", "read_articles"]

STDIN = "-"
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
TEXT = frozenset({".txt", ".md"})
HTML = frozenset({".html", ".htm", ".xhtml"})
JSONL = frozenset({".jsonl", ".ndjson"})
CSV = frozenset({".csv", ".tsv"})
PARQUET = frozenset({".parquet"})

#: Suffixes of the files that are read from a folder, each also with ``.gz`` except Parquet.
SUFFIXES = TEXT | HTML | JSONL | CSV | PARQUET


def read_articles(
    sources: Iterable[str | Path], settings: IngestSettings | None = None
) -> Iterator[Article | Failure]:
    """The articles of ``sources`` in order, and a failure for each thing that gave none.

    A source is one of:

    * a file: web page, JSON Lines, CSV or Parquet by its suffix, otherwise text, which is a single
      article; ``.gz`` after the suffix is fine;
    * a folder: the files of known suffixes under it, sorted, hidden ones left out, links to folders
      not followed;
    * ``-``: standard input, which is JSON Lines if its first line is a JSON object, a web page if
      it begins like one, otherwise text;
    * an address ``http://…`` or ``https://…``: fetched now, a web page or plain text.

    The id of an article is its row's id column or ``file:row`` in a table, else the file as named;
    in a folder, files are named by their path below it. Newlines of every kind are line feeds in
    ``Article.text``, and offsets count its characters.
    """
    settings = settings or IngestSettings()
    for source in map(str, sources):
        for item in _read_source(source, settings):
            yield _checked(item, settings) if isinstance(item, Article) else item


def count_items(sources: Iterable[str | Path]) -> int | None:
    """How many articles and failures :func:`read_articles` will give.

    None where only reading would tell: standard input, CSV, compressed tables, damaged files.
    """
    total = 0
    for source in map(str, sources):
        for path in _walk(Path(source)) if os.path.isdir(source) else [source]:
            count = _count(path)
            if count is None:
                return None
            total += count
    return total


def _count(source: str | Path | Failure) -> int | None:
    if isinstance(source, Failure) or is_url(str(source)) or not os.path.exists(source):
        return None if source == STDIN else 1
    path = Path(source)
    suffix = _suffix(path)
    if suffix not in JSONL | CSV | PARQUET:
        return 1
    if suffix in CSV or path.suffix.lower() == ".gz" or not path.is_file():  # a pipe is read once
        return None
    try:
        return _count_parquet(path) if suffix in PARQUET else _count_lines(path)
    except (OSError, ValueError, MissingExtraError):
        return None


def _count_lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(1 for line in stream if not line.isspace())


def _count_parquet(path: Path) -> int:
    return int(require("pyarrow.parquet", extra="parquet").read_metadata(path).num_rows)


def _checked(article: Article, settings: IngestSettings) -> Article:
    """The article, with a warning where its language is not the expected one.

    Its id and source can be written in UTF-8, whatever bytes the name of its file has.
    """
    warning = warn_if_not(article.text, settings.expected_language)
    return replace(
        article,
        id=mend(article.id)[0],
        source=None if article.source is None else mend(article.source)[0],
        warnings=(*article.warnings, warning) if warning else article.warnings,
    )


def _read_source(source: str, settings: IngestSettings) -> Iterator[Article | Failure]:
    if source == STDIN:
        return _guarded(_read_stdin(settings), "stdin")
    if is_url(source):
        return _guarded(_read_url(source, settings), source)
    if os.path.isdir(source):
        return _read_folder(Path(source), settings)
    return _guarded(_read_file(Path(source), source, settings), source)


def _guarded(items: Iterator[Article | Failure], source: str) -> Iterator[Article | Failure]:
    """``items`` up to whatever stops them, and that as a failure."""
    try:
        yield from items
    except (UnreadableError, MissingExtraError) as error:
        yield Failure(source, str(error))
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield Failure(source, "it is no sound gzip file; compress it anew")
    except OSError as error:
        yield Failure(source, describe(error))


def _read_folder(folder: Path, settings: IngestSettings) -> Iterator[Article | Failure]:
    found = False
    for item in _walk(folder):
        found = True
        if isinstance(item, Failure):
            yield item
        else:
            name = item.relative_to(folder).as_posix()
            yield from _guarded(_read_file(item, name, settings), str(item))
    if not found:
        suffixes = " ".join(sorted(SUFFIXES))
        yield Failure(str(folder), f"no file to read in this folder (looked for {suffixes})")


def _walk(folder: Path) -> Iterator[Path | Failure]:
    """The files to read under ``folder``, and a failure for what cannot be listed or read."""
    errors: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=errors.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root, name)
            if name.startswith(".") or _suffix(path) not in SUFFIXES:
                continue
            special = os.path.exists(path) and not os.path.isfile(path)  # a pipe would never end
            yield Failure(str(path), "it is a device or a pipe, not a file") if special else path
    for error in errors:
        yield Failure(str(error.filename or folder), describe(error))


def _suffix(path: Path) -> str:
    """The suffix in lower case, of the file inside where ``path`` is compressed."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return suffixes[-2] if suffixes[-1:] == [".gz"] and suffixes[:-1] else "".join(suffixes[-1:])


def _read_file(path: Path, name: str, settings: IngestSettings) -> Iterator[Article | Failure]:
    """The articles of one file, called ``name`` in their ids."""
    suffix = _suffix(path)
    source = str(path)
    if suffix == ".json":
        raise UnreadableError("JSON is read as one object a line; save it so, as .jsonl")
    with _open(path) as binary:
        if suffix in PARQUET:
            yield from parquet_articles(binary, name, source, settings)
        elif suffix in JSONL:
            lines = numbered_lines(open_text(binary), settings.max_bytes)
            yield from jsonl_articles(lines, name, source, settings)
        elif suffix in CSV:
            lines = numbered_lines(open_text(binary), settings.max_bytes)
            yield from csv_articles(lines, name, source, settings, tabs=suffix == ".tsv")
        else:
            data = binary.read(settings.max_bytes + 1)
            html = suffix in HTML or (suffix not in TEXT and looks_like_html(data))
            yield _document(data, name, source, settings, html=html)


def _open(path: Path) -> io.BufferedReader:
    try:
        if path.suffix.lower() == ".gz":
            return io.BufferedReader(cast(io.RawIOBase, gzip.open(path)))
        return path.open("rb")
    except ValueError as error:  # a null character, say
        raise UnreadableError(f"no name that a file can have ({error}); check the path") from error


def _read_stdin(settings: IngestSettings) -> Iterator[Article | Failure]:
    binary = getattr(sys.stdin, "buffer", None)
    if binary is None:
        raise UnreadableError("there is no standard input; name a file")
    limit = settings.max_bytes
    stream = open_text(binary if hasattr(binary, "peek") else io.BufferedReader(binary))
    try:
        lines = numbered_lines(stream, limit)
        number, first = next(lines, (1, ""))
        if first is None:
            raise _too_large(settings)
        if isinstance(json_object(first), str):
            data = (first + stream.read(limit)).encode("utf-8", "surrogateescape")
            yield _document(data, "stdin", "stdin", settings, html=looks_like_html(data))
        else:
            yield from jsonl_articles(chain([(number, first)], lines), "stdin", "stdin", settings)
    finally:
        stream.detach()  # standard input is not ours to close


def _read_url(url: str, settings: IngestSettings) -> Iterator[Article]:
    page = fetch(url, settings)
    html = page.content_type in HTML_TYPES or looks_like_html(page.data)
    refuse_binary(page.data[:HEAD])
    if not html and not page.content_type.startswith("text/"):
        raise UnreadableError(f"it is {page.content_type}; only web pages and plain text are read")
    yield _document(page.data, url, url, settings, html=html, charset=page.charset)


def _document(
    data: bytes,
    name: str,
    source: str,
    settings: IngestSettings,
    *,
    html: bool,
    charset: str | None = None,
) -> Article:
    """The single article that ``data`` is."""
    if len(data) > settings.max_bytes:
        raise _too_large(settings)
    refuse_binary(data[:HEAD])
    text, warnings = decode(data, charset or (declared_charset(data) if html else None))
    if not text.strip():
        raise UnreadableError("it is empty; there is nothing to read")
    if not html:
        return Article(name, text, source=source, warnings=warnings)
    article = article_of(text, name, source)
    return replace(article, warnings=warnings + article.warnings)


def _too_large(settings: IngestSettings) -> UnreadableError:
    return UnreadableError(
        f"it is larger than {settings.max_bytes:,} bytes; split it, save it as a table with one "
        "article a row, or raise max_bytes"
    )
