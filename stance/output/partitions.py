"""A long run's findings as numbered files in a folder, from which a killed run can go on.

``part-00000.jsonl``, ``part-00001.jsonl``, … hold the findings of a fixed number of articles each
and appear whole or not at all. ``progress.json`` beside them records the settings that the rows
depend on and, for every whole partition, what was read and what could not be.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from stance.atomic import atomic_write
from stance.extras import require
from stance.output.rows import Write
from stance.output.tally import Tally
from stance.output.writer import OutputError, open_writer
from stance.pipeline import ArticleReading
from stance.schema import Article
from stance.settings import OutputFormat
from stance.text.failures import Failure

PROGRESS: Final = "progress.json"
FORMAT: Final = 1

#: Failures of one partition that ``progress.json`` lists; beyond, it has their number alone.
FAILURES_LISTED: Final = 100

_PARTITION = re.compile(r"part-\d{5,}\.\w+")
_UNFINISHED = re.compile(r"\.(part-\d{5,}\.\w+|progress\.json)\.\w+\.part")


class Partition:
    """A partition that is being written.

    Hand the stream of what is read through :meth:`take`, and each reading to :meth:`write`.
    """

    def __init__(self, write: Write, articles: int, actors: Iterable[str]) -> None:
        self.tally = Tally(missing=set(actors))
        self._write = write
        self._articles = articles
        self._failures: list[Failure] = []
        self._digest = _ArticleDigest()

    def take(self, items: Iterable[Article | Failure]) -> Iterator[Article | Failure]:
        """The items up to the last article that belongs here."""
        for item in self._digest.through(items, self._articles):
            if isinstance(item, Failure):
                self.tally.fail(item)
                if len(self._failures) < FAILURES_LISTED:
                    self._failures.append(item)
            yield item

    def write(self, reading: ArticleReading) -> None:
        """Write the findings of an article."""
        self._write(reading)
        self.tally.count(reading)

    def record(self) -> dict[str, Any]:
        """What ``progress.json`` holds of it."""
        failures = [{"source": f.source, "reason": f.reason} for f in self._failures]
        return {
            **self.tally.to_dict(),
            "failures": failures,
            "articles_sha256": self._digest.hexdigest(),
        }


@dataclass
class Partitions:
    """The folder: what stands in it, and the next partition to write."""

    folder: Path
    format: OutputFormat
    articles: int  # of a partition
    settings: Mapping[str, Any]  # what the rows depend on, as plain JSON values
    actors: tuple[str, ...] = ()
    records: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = False

    def open(self, *, resume: bool) -> None:
        """Make the folder, or with ``resume`` take up what an earlier run left in it.

        Raises :class:`OutputError` where that would lose or mix findings, and
        :class:`stance.extras.MissingExtraError` for Parquet without pyarrow.
        """
        if self.format is OutputFormat.table:
            raise OutputError(
                f"{self.folder} is a folder; say with --format that its files are jsonl, csv or "
                "parquet, or name a file in it"
            )
        if self.articles < 1:
            raise OutputError(f"partition_articles is {self.articles}; it must be 1 or more")
        if self.format is OutputFormat.parquet:
            require("pyarrow", extra="parquet")
        self.folder.mkdir(parents=True, exist_ok=True)
        if not all(_UNFINISHED.fullmatch(path.name) for path in self.folder.iterdir()):
            self._take_up(resume)
        self._remove_remains()
        self._save()

    def _take_up(self, resume: bool) -> None:
        path = self.folder / PROGRESS
        if not path.exists():
            raise OutputError(
                f"{self.folder} holds other files and no {PROGRESS}; name a folder that is new or "
                "empty"
            )
        if not resume:
            raise OutputError(
                f"{self.folder} holds the findings of an earlier run; go on with it by --resume, "
                "or name another folder"
            )
        self._restore(path)

    def _restore(self, path: Path) -> None:
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise OutputError(f"{path} is damaged ({error}); name another folder") from error
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise OutputError(
                f"{path} is not the progress of a run of this version; name another folder"
            )
        changed = _differences(values["settings"], self.settings)
        if changed:
            raise OutputError(
                f"{self.folder} was begun with other settings: {'; '.join(changed)}. "
                "Give them as they were, or name another folder"
            )
        self.records = values["partitions"]
        self.complete = values["complete"]
        for number in range(len(self.records)):
            if not self._path(number).exists():
                raise OutputError(
                    f"{self._path(number)} is missing, though {PROGRESS} has it; put it back, or "
                    "name another folder"
                )

    def _remove_remains(self) -> None:
        """Drop what a kill left: unfinished files, and a partition that was not yet recorded."""
        whole = {self._path(number).name for number in range(len(self.records))}
        for path in self.folder.iterdir():
            unrecorded = _PARTITION.fullmatch(path.name) and path.name not in whole
            if unrecorded or _UNFINISHED.fullmatch(path.name):
                path.unlink()

    def _path(self, number: int) -> Path:
        return self.folder / f"part-{number:05d}.{self.format.value}"

    def tally(self) -> Tally:
        """What the whole partitions hold together."""
        total = Tally(missing=set(self.actors))
        for record in self.records:
            total.add(Tally.from_dict(record))
        return total

    def skip(self, items: Iterator[Article | Failure]) -> None:
        """Move ``items`` past the articles of the whole partitions.

        Raises :class:`OutputError` if they are not the articles that these were made of.
        """
        for number, record in enumerate(self.records):
            digest = _ArticleDigest()
            for _ in digest.through(items, record["articles"]):
                pass
            if digest.hexdigest() != record["articles_sha256"]:
                raise OutputError(
                    f"the articles of {self._path(number)} are not those that now come in their "
                    "place; give the sources as they were, or name another folder"
                )

    @contextmanager
    def partition(self) -> Iterator[Partition]:
        """Yield the next partition; it stands whole and recorded when the block ends well."""
        path = self._path(len(self.records))
        with open_writer(self.format, path) as write:
            partition = Partition(write, self.articles, self.actors)
            yield partition
        self.records.append(partition.record())
        self.complete = partition.tally.articles < self.articles
        self._save()

    def finish(self) -> None:
        """Record that nothing is left to read."""
        self.complete = True
        self._save()

    def _save(self) -> None:
        values = {
            "format": FORMAT,
            "complete": self.complete,
            "settings": self.settings,
            "partitions": self.records,
        }
        with atomic_write(self.folder / PROGRESS) as path:
            path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


class _ArticleDigest:
    """SHA-256 over the ids and texts of articles, to tell whether the same ones come again."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def through(
        self, items: Iterable[Article | Failure], articles: int
    ) -> Iterator[Article | Failure]:
        """Pass items on, up to and with the given number of articles."""
        left = articles
        iterator = iter(items)
        while left:
            item = next(iterator, None)
            if item is None:
                return
            if isinstance(item, Article):
                left -= 1
                for told in (item.id, item.text):
                    self._hash.update(told.encode("utf-8", "surrogatepass") + b"\0")
            yield item

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The settings that changed, by name."""
    return [
        f"{name} was {_shown(then.get(name))}, now {_shown(now.get(name))}"
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    ]


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
