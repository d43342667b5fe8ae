"""Persons: full names, and the single names that may stand for them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stance.actors.acronyms import is_acronym
from stance.actors.names import Key, known_names, words
from stance.actors.words import WORDS

_INITIALS = re.compile(r"(?:[A-Z]\.){1,2}")
_NICKNAME = re.compile(r"""["“‘][^"”’]+["”’]\s+""")


@dataclass(frozen=True, slots=True)
class Person:
    """A person's full name: what is shown, and the folded parts another mention may use.

    ``generation`` is the "jr" of "Donald Trump Jr.", empty for most.
    """

    name: str
    first: str
    middle: Key
    last: str
    generation: Key

    @property
    def key(self) -> Key:
        """The key that all mentions of this person share."""
        return self.first, self.last, *self.generation

    @property
    def full_key(self) -> Key:
        """The key where an article has another person of the same first and last name."""
        return self.first, "".join(self.middle), self.last, *self.generation

    def differs(self, other: Person) -> bool:
        """Whether the middle names tell two persons apart: "H. W." and "W.", but not "J." alone."""
        if not self.middle or not other.middle or "".join(self.middle) == "".join(other.middle):
            return False
        return len(self.middle) != len(other.middle) or not all(
            one.startswith(two) or two.startswith(one)
            for one, two in zip(self.middle, other.middle, strict=True)
        )


def ends_in_title(text: str) -> bool:
    """Whether the last word is a title, as in "President " before "Parly"."""
    before = text.split()
    return (
        bool(before)
        and before[-1].strip(".,").casefold() in WORDS["titles"]
        and before[-1][0].isupper()
    )


def _untitled(text: str) -> list[str]:
    """The words of a name after its titles and a state before them: "U.S. President"."""
    parts = _without_state(_NICKNAME.sub("", text).split())
    while len(parts) > 1 and _is_title(parts[0]):
        parts = parts[1:]
    return parts


def _without_state(parts: list[str]) -> list[str]:
    table = known_names().parts
    for length in range(len(parts) - 2, 0, -1):
        if _is_title(parts[length]) and tuple(words(" ".join(parts[:length]))) in table:
            return parts[length:]
    return parts


def _is_title(part: str) -> bool:
    return part.strip(".,").casefold() in WORDS["titles"]


def _name_parts(parts: list[str]) -> list[str]:
    return [word for word in words(" ".join(parts)) if word not in WORDS["particles"]]


def full_name(text: str) -> Person | None:
    """Read a text as a person's full name; None when it is anything else or might be."""
    parts = _untitled(text)
    name = " ".join(parts)
    generation: Key = tuple(words(parts[-1])) if parts else ()
    generation = generation if WORDS["generations"].issuperset(generation) else ()
    parts = parts[: len(parts) - len(generation)]
    if not 2 <= len(parts) <= 5 or any(_is_long_acronym(part) for part in parts):
        return None
    if not all(_is_name_word(part) for part in parts) or not parts[-1].rstrip(",")[-1:].isalpha():
        return None
    folded = _name_parts(parts)
    if len(folded) < 2 or _is_known(" ".join(parts)) or WORDS["no_person"].intersection(folded):
        return None
    return Person(name, folded[0], tuple(folded[1:-1]), folded[-1], generation)


def _is_long_acronym(part: str) -> bool:
    return is_acronym(part) and len(part) > 2 and not _INITIALS.fullmatch(part)


def _is_known(name: str) -> bool:
    """Whether the table has the name as a seat, or any part of it."""
    known = known_names()
    return tuple(words(name)) in known.seats or any(map(known.names, known.replace(name)))


def contained_person(text: str) -> Person | None:
    """The person at the end of a longer mention: "brother Maher al-Assad"."""
    parts = text.split()
    first = len(parts)
    while first > 0 and _is_name_word(parts[first - 1]):
        first -= 1
    return full_name(" ".join(parts[first:])) if first < len(parts) else None


def _is_name_word(part: str) -> bool:
    return part[0].isupper() or words(part)[:1] == [] or words(part)[0] in WORDS["particles"]


def single_name(text: str) -> str | None:
    """The folded word of a mention that may be a surname or given name on its own."""
    parts = _untitled(text)
    folded = _name_parts(parts)
    if len(folded) != 1 or not parts[-1][:1].isalpha() or not any(c.isupper() for c in parts[-1]):
        return None
    return None if folded[0] in WORDS["no_person"] else folded[0]
