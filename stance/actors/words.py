"""Word lists of English news that the rules go by, read from ``words.json``."""

from __future__ import annotations

import json
from importlib import resources


def _read() -> dict[str, frozenset[str]]:
    text = resources.files("stance.actors").joinpath("words.json").read_text(encoding="utf-8")
    return {name: frozenset(listed) for name, listed in json.loads(text).items()}


#: Folded words by list: titles, particles of names, words no person's name has, and so on.
WORDS = _read()


def any_of(name: str) -> str:
    """A regular expression for any word of a list, the longest first."""
    return "|".join(sorted(WORDS[name], key=lambda word: (-len(word), word)))
