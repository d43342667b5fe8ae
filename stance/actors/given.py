"""Actors by the names that a caller gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from stance.schema import Span


class GivenNames:
    """The actors a caller asks for, looked for as whole words.

    A name is found exactly as it is written, or in any case if it is written in lower case. Where
    two names overlap, the longer one counts. Raises TypeError or ValueError for what is no name.
    """

    def __init__(self, actors: Sequence[str]) -> None:
        if isinstance(actors, str):
            raise TypeError(
                f"actors takes a list of names, got the str {actors!r}; use [{actors!r}]"
            )
        for name in actors:
            if not isinstance(name, str):
                raise TypeError(f"actors takes names as str, got {name!r}")
            if not name.strip():
                raise ValueError("actors holds an empty name; leave it out")
        self.given = tuple(dict.fromkeys(" ".join(name.split()) for name in actors))
        longest_first = sorted(self.given, key=len, reverse=True)
        choices = "|".join(f"({_pattern(name)})" for name in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{choices})(?!\w)") if self.given else None
        self._by_group = dict(enumerate(longest_first, start=1))

    def spans(self, text: str) -> list[Span]:
        """Where the names stand in a sentence; none overlap."""
        return [match.span() for match in self._pattern.finditer(text)] if self._pattern else []

    def name(self, text: str) -> str:
        """The given name that a found text is."""
        match = self._pattern.fullmatch(text) if self._pattern else None
        return self._by_group[match.lastindex] if match and match.lastindex else text

    def missing(self, actors: Iterable[str]) -> tuple[str, ...]:
        """The given names that are not among ``actors``."""
        found = set(actors)
        return tuple(name for name in self.given if name not in found)


def _pattern(name: str) -> str:
    escaped = r"\s+".join(re.escape(word) for word in name.split())
    escaped = re.sub("['’]", "['’]", escaped)
    return f"(?i:{escaped})" if name.islower() else escaped
