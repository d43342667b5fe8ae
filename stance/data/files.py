"""Labelled sentences on disk: JSON Lines, one :class:`stance.schema.Example` a line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance.atomic import atomic_write
from stance.data.validate import problems
from stance.schema import Example


@dataclass(frozen=True)
class Problem:
    """What is wrong at ``line`` (counted from 1) of ``file``, and what to do about it."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class InvalidDataError(ValueError):
    """Labelled files hold bad rows; ``problems`` lists every one of them, as does the message."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{len(problems)} problem(s) in the labelled data:\n{lines}")


@dataclass(frozen=True)
class Scan:
    """The sound rows of each labelled file, and the problems of the others."""

    files: dict[Path, list[Example]]
    problems: list[Problem]

    @property
    def examples(self) -> list[Example]:
        """The sound rows of all files, in their order."""
        return [example for examples in self.files.values() for example in examples]


def read_examples(paths: Iterable[Path]) -> list[Example]:
    """Read labelled sentences in the order of their files and lines.

    A path is a ``.jsonl`` file or a folder of them. Raises :class:`InvalidDataError` listing every
    bad row, and FileNotFoundError for a path that holds no labelled file.
    """
    scanned = scan(paths)
    if scanned.problems:
        raise InvalidDataError(scanned.problems)
    return scanned.examples


def sources(paths: Iterable[Path]) -> dict[str, str]:
    """The id of each sound row, and the name, without suffix, of the labelled file it stands in."""
    files = scan(paths).files
    return {example.id: file.stem for file, examples in files.items() for example in examples}


def scan(paths: Iterable[Path]) -> Scan:
    """Check every row of the files: each by itself, its id, and that it stands only once."""
    files: dict[Path, list[Example]] = {file: [] for file in labelled_files(paths)}
    found: list[Problem] = []
    places: dict[tuple[object, ...], str] = {}
    for file, examples in files.items():
        for line, content in _lines(file):
            example, messages = _parse(content)
            if example is not None:
                messages = list(_repetitions(example, f"{file}:{line}", places))
            if example is not None and not messages:
                examples.append(example)
            found += [Problem(file, line, message) for message in messages]
    return Scan(files, found)


def labelled_files(paths: Iterable[Path]) -> list[Path]:
    """The files meant by ``paths``: a folder stands for its ``.jsonl`` files, sorted by name.

    A file named twice is read once. Raises FileNotFoundError for a path that holds none.
    """
    files: dict[Path, Path] = {}
    for path in map(Path, paths):
        members = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not members:
            raise FileNotFoundError(f"no .jsonl file in the folder {path}: name a folder of them")
        if not members[0].is_file():
            raise FileNotFoundError(f"no labelled file at {path}: name a .jsonl file or a folder")
        for member in members:
            files.setdefault(member.resolve(), member)
    return list(files.values())


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write one row per example; the file appears whole or not at all."""
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for example in examples:
            file.write(json.dumps(example.to_dict(), ensure_ascii=False) + "\n")


def data_hash(examples: Iterable[Example]) -> str:
    """Sixteen hex digits that name exactly these labelled sentences.

    They are the start of the SHA-256 of the rows as canonical JSON sorted by id, so neither the
    order of the rows nor their division into files matters.
    """
    digest = hashlib.sha256()
    for example in sorted(examples, key=lambda example: example.id):
        row = json.dumps(example.to_dict(), sort_keys=True, separators=(",", ":"))
        digest.update(row.encode("ascii") + b"\n")
    return digest.hexdigest()[:16]


def fingerprint(examples: Sequence[Example]) -> dict[str, Any]:
    """What is recorded of the sentences that a reader was made from."""
    return {
        "sentences": len(examples),
        "mentions": sum(len(example.actors) for example in examples),
        "hash": data_hash(examples),
    }


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    # Bytes are split at "\n" only; text would also be split at characters that JSON allows.
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, line


def _parse(line: bytes) -> tuple[Example | None, list[str]]:
    """The example of a line, or what is wrong with it."""
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        return None, [f"not JSON ({error.msg} at column {error.colno}): mend or remove the line"]
    except UnicodeDecodeError as error:
        return None, [f"not UTF-8 (byte {error.start + 1} of the line): save the file as UTF-8"]
    except (ValueError, RecursionError) as error:  # endless digits, endless nesting
        return None, [f"not readable as JSON ({error}): mend or remove the line"]
    messages = problems(row)
    return (None, messages) if messages else (Example.from_dict(row), [])


def _repetitions(
    example: Example, place: str, places: dict[tuple[object, ...], str]
) -> Iterator[str]:
    """What ``example`` repeats of the rows before it; ``places`` remembers where those stand."""
    identity = ("id", example.id)
    sentence = ("sentence", example.document, example.offset, example.text)
    if identity in places:
        yield f"row: id {example.id!r} already stands at {places[identity]}: give it another id"
    elif sentence in places:
        yield f"row: the same sentence already stands at {places[sentence]}: remove one of them"
    places.setdefault(identity, place)
    places.setdefault(sentence, place)
