"""Persons: full names, and the single names that may stand for them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stance.actors.acronyms import is_acronym
from stance.actors.names import Key, known_names, words
from stance.actors.words import WORDS

_NICKNAME = re.compile(r"""["“‘][^"”’]+["”’]\s+""")


@dataclass(frozen=True, slots=True)
class Person:
    """A person's full name: what is shown, and the folded parts another mention may use."""

    name: str
    first: str
    last: str

    @property
    def key(self) -> Key:
        """The key that all mentions of this person share."""
        return self.first, self.last


def ends_in_title(text: str) -> bool:
    """Whether the last word is a title, as in "President " before "Parly"."""
    before = text.split()
    return (
        bool(before)
        and before[-1].strip(".,").casefold() in WORDS["titles"]
        and before[-1][0].isupper()
    )


def _untitled(text: str) -> list[str]:
    parts = _NICKNAME.sub("", text).split()
    while len(parts) > 1 and parts[0].strip(".,").casefold() in WORDS["titles"]:
        parts = parts[1:]
    return parts


def _name_parts(parts: list[str]) -> list[str]:
    return [word for word in words(" ".join(parts)) if word not in WORDS["particles"]]


def full_name(text: str) -> Person | None:
    """Read a text as a person's full name; None when it is anything else or might be."""
    parts = _untitled(text)
    if not 2 <= len(parts) <= 5 or any(is_acronym(part) and len(part) > 2 for part in parts):
        return None
    if not all(_is_name_word(part) for part in parts) or not parts[-1][-1].isalpha():
        return None
    folded = _name_parts(parts)
    known = known_names().replace(words(" ".join(parts)))
    if len(folded) < 2 or any(known_names().names(word) for word in known):
        return None
    if WORDS["no_person"].intersection(folded):
        return None
    return Person(" ".join(parts), folded[0], folded[-1])


def _is_name_word(part: str) -> bool:
    return part[0].isupper() or words(part)[:1] == [] or words(part)[0] in WORDS["particles"]


def single_name(text: str) -> str | None:
    """The folded word of a mention that may be a surname or given name on its own."""
    parts = _untitled(text)
    folded = _name_parts(parts)
    if len(folded) != 1 or not parts[-1][:1].isalpha() or not any(c.isupper() for c in parts[-1]):
        return None
    return folded[0]
