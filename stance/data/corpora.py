"""The public texts that ``seeds/standoff`` labels.

Where each is to be had, under which licence, and how its files become texts by name.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from stance.atomic import atomic_write
from stance.data.files import write_examples
from stance.data.standoff import join, read_standoff
from stance.settings import FetchSettings, IngestSettings
from stance.text.failures import UnreadableError
from stance.text.url import fetch as download

log = logging.getLogger(__name__)

Texts: TypeAlias = Iterator[tuple[str, str]]

#: The folder of standoff files that are never trained on, and the one that texts are written to.
TEST: Final = "test"
UNLABELLED: Final = "unlabelled"

_SHOWN_PROBLEMS: Final = 5


class CorpusError(RuntimeError):
    """A public corpus cannot be had, or is not what was labelled."""


@dataclass(frozen=True)
class Corpus:
    """A public source of texts.

    ``urls`` are pinned files, ``sha256`` the digest of each where one file is known byte for byte;
    what was labelled is checked sentence by sentence in any case. ``texts`` turns the bytes of a
    file into (name, text); ``mirror`` and ``mirrored`` are the same for a local copy.
    """

    urls: tuple[str, ...]
    licence: str
    texts: Callable[[bytes], Texts]
    mirror: str
    mirrored: Callable[[bytes], Texts]
    sha256: str = ""
    document: Callable[[str], str] = str  # the document that a text is of; by default itself


def _rows(data: bytes) -> Iterator[dict[str, Any]]:
    for line in data.decode("utf-8").split("\n"):
        if line.strip():
            yield json.loads(line)


def _articles(data: bytes) -> Texts:
    for row in _rows(data):
        yield row["id"], row["text"]


def _re3d(data: bytes) -> Texts:
    for row in _rows(data):
        yield row["_id"], row["text"]


def _newsmtsc(data: bytes) -> Texts:
    for row in _rows(data):
        yield row["id"], row["sentence"]


def _newsmtsc_document(name: str) -> str:
    """The article of a sentence, which its id begins with."""
    article = re.match(r"allsides_\d+_\d+|polusa_v1_\d+", name)
    return f"newsmtsc:{article.group() if article else name}"


def _guardian(data: bytes) -> Texts:
    """Articles named by the number of their row, the first column of the table in the archive."""
    csv.field_size_limit(sys.maxsize)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        tables = [n for n in archive.namelist() if n.endswith(".csv") and "__MACOSX" not in n]
        reader = csv.reader(io.StringIO(archive.read(tables[0]).decode("utf-8"), newline=""))
        header = next(reader)
        body = next(i for i, name in enumerate(header) if name.lower() in _BODIES)
        for row in reader:
            yield f"g{int(row[0]):04d}", " ".join(row[body].split())


_BODIES: Final = frozenset({"text", "body", "bodytext", "content", "article_text", "story"})

_RE3D: Final = (
    "https://raw.githubusercontent.com/dstl/re3d/d78f741ae8395c8244a229b33ad912e1457cf23a"
)
_RE3D_PARTS: Final = (
    "Australian Department of Foreign Affairs",
    "CENTCOM",
    "Delegation of the European Union to Syria",
    "UK Government",
    "US State Department",
)

CORPORA: Final[Mapping[str, Corpus]] = {
    "re3d": Corpus(
        urls=tuple(f"{_RE3D}/{quote(part)}/documents.json" for part in _RE3D_PARTS),
        licence="by source: public domain (U.S.), OGL v3 (U.K.), CC BY 3.0 AU, EEAS notice",
        texts=_re3d,
        mirror="re3d_articles.jsonl",
        mirrored=_articles,
    ),
    "guardian": Corpus(
        urls=(
            "https://raw.githubusercontent.com/ahalterman/NGEC/"
            "9375828beb253daf5c9713b924af05896402d313/examples/Guardian_SDF_sample.csv.zip",
        ),
        licence="text (c) Guardian News & Media; for research, not to be passed on",
        texts=_guardian,
        mirror="guardian_articles.jsonl",
        mirrored=_articles,
    ),
    "newsmtsc": Corpus(
        urls=(
            "https://raw.githubusercontent.com/fhamborg/NewsMTSC/"
            "6b838e00f54423c253806327a0ae24dbffa24c9e/NewsSentiment/experiments/default/datasets/"
            "newsmtsc-mt-hf/train.jsonl",
        ),
        licence="MIT",
        texts=_newsmtsc,
        mirror="newsmtsc/train.jsonl",
        mirrored=_newsmtsc,
        document=_newsmtsc_document,
        sha256="e78c7964aad1d5b7dbc66cb3a05d5885dbf2e29a2a3171f0d75b497bf18f3621",
    ),
}


@dataclass(frozen=True)
class Fetched:
    """One labelled file made whole: how many of its rows found their sentence."""

    path: Path
    sentences: int
    rows: int

    def __str__(self) -> str:
        return f"{self.path}: {self.sentences} of {self.rows} labelled sentences"


def fetch(settings: FetchSettings) -> Iterator[Fetched]:
    """Join every standoff file with its public text and write labelled files of the same name.

    The text is downloaded, or read from ``settings.mirror``. A row whose sentence is not found as
    it was labelled is left out and logged. The texts of a corpus themselves, but for the documents
    of its test sentences, go to ``unlabelled/``. Raises :class:`CorpusError` if a source cannot be
    had, is not the pinned file, or gives none of the sentences.
    """
    for name, sources in _sources(settings.standoff).items():
        texts = _texts_of(name, settings.mirror)
        tested: set[str] = set()
        for source in sources:
            rows = read_standoff(source)
            yield _complete(source, rows, settings, texts)
            if source.parent.name == TEST:
                tested |= {row["document"] for row in rows}
        _write_articles(name, texts, tested, settings.output)


def _sources(standoff: Path) -> dict[str, list[Path]]:
    """The standoff files of each corpus."""
    sources: dict[str, list[Path]] = {}
    for path in sorted(standoff.glob("*/*.jsonl")):
        sources.setdefault(path.stem, []).append(path)
    return sources


def _write_articles(name: str, texts: Mapping[str, str], tested: set[str], output: Path) -> None:
    """One row a document and text, each once."""
    document = CORPORA[name].document
    articles = dict.fromkeys((document(record), text) for record, text in texts.items())
    path = output / UNLABELLED / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for article, text in articles:
            if article not in tested:
                file.write(json.dumps({"id": article, "text": text}, ensure_ascii=False) + "\n")


def _complete(
    source: Path, rows: list[dict[str, Any]], settings: FetchSettings, texts: Mapping[str, str]
) -> Fetched:
    joined = join(rows, texts)
    for problem in joined.problems[:_SHOWN_PROBLEMS]:
        log.warning("%s: %s", source, problem)
    if not joined.examples:
        raise CorpusError(f"{source}: no labelled sentence was found in the source; is it another?")
    path = settings.output / source.relative_to(settings.standoff)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_examples(path, joined.examples)
    return Fetched(path, len(joined.examples), len(rows))


def _texts_of(name: str, mirror: Path | None) -> dict[str, str]:
    if name not in CORPORA:
        raise CorpusError(f"unknown corpus {name!r}: use one of {', '.join(CORPORA)}")
    corpus = CORPORA[name]
    if mirror is not None:
        return dict(corpus.mirrored(_local(mirror / corpus.mirror)))
    found: dict[str, str] = {}
    for url in corpus.urls:
        log.info("%s: %s (%s)", name, url, corpus.licence)
        found |= corpus.texts(_remote(url, corpus.sha256))
    return found


def _local(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: not readable ({error}); check `mirror`") from error


def _remote(url: str, sha256: str) -> bytes:
    try:
        data = download(url, IngestSettings()).data
    except UnreadableError as error:
        raise CorpusError(f"{url}: {error}; or name a local copy with mirror=FOLDER") from error
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise CorpusError(f"{url}: not the file that was labelled (its SHA-256 differs)")
    return data
