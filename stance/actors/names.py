"""Names brought to one form: spelling variants, states and well-known groups, acronyms, persons.

A mention's *key* is a tuple of folded words; mentions with the same key are the same actor.
Words that name a state or group of ``names.json`` are replaced by its canonical name, so that
"U.S. officials", "US officials" and "American officials" share the key
``("United States", "officials")``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, TypeAlias

Key: TypeAlias = tuple[str, ...]

#: Heads that leave a state's name what it is: "Syrian government" stands for Syria.
GOVERNMENT_HEADS = frozenset({"government", "administration", "regime", "state"})
#: Heads that all mean a state's armed forces at large.
FORCES_HEADS = frozenset({"forces", "troops", "soldiers", "military"})
#: Heads that all mean the armed members of a group.
FIGHTER_HEADS = frozenset({"fighters", "militants", "terrorists", "jihadists", "jihadis"})
#: What follows a group's name without changing it: "Islamic State terror group".
GROUP_TAILS = frozenset(
    {
        ("group",),
        ("organisation",),
        ("organization",),
        ("terror", "group"),
        ("terrorist", "group"),
        ("terrorist", "organisation"),
        ("terrorist", "organization"),
        ("militant", "group"),
    }
)

_ARTICLES = frozenset({"the", "a", "an"})
_BRACKETED_END = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_POSSESSIVE = re.compile(r"(?:(?<=s)['’]|['’]s)(?=\s|$)", re.IGNORECASE)
_DROPPED = re.compile(r"[.'’‘`\"“”\[\]()]")
_SHORT_ACRONYM = re.compile(r"(?:[A-Z]\.?){2,3}")
_SEPARATORS = re.compile(r"[\s\-‐‑–—/,]+")


def words(text: str) -> list[str]:
    """The folded words of a name: no case, accents, dots, apostrophes, articles or possessive s.

    >>> words("the Da’esh")
    ['daesh']
    >>> words("U.S.-led coalition")
    ['us', 'led', 'coalition']
    """
    return [word.casefold() for word in _cased_words(text)]


def _cased_words(text: str) -> list[str]:
    text = _BRACKETED_END.sub("", text) or text
    text = _DROPPED.sub("", _POSSESSIVE.sub("", text))
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return [w for w in _SEPARATORS.split(plain) if w and w.casefold() not in _ARTICLES]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The shipped table, indexed by folded words.

    ``parts`` (names and adjectives) count anywhere in a mention, ``seats`` (capitals that stand
    for their government) and ``peoples`` only as the whole mention. ``acronyms`` are the parts
    that count in capitals alone, for "Un" and "Us" are other words; ``demonyms`` are the
    adjectives that name a person as well: "an American", but not "a Turkish".
    """

    parts: dict[Key, str]
    seats: dict[Key, str]
    peoples: dict[Key, str]
    acronyms: frozenset[str]
    demonyms: frozenset[Key]
    adjectives: dict[str, str]
    states: frozenset[str]
    longest: int

    def names(self, name: str) -> bool:
        """Whether ``name`` is a canonical name of the table."""
        return name in self.adjectives

    def replace(self, text: str) -> Key:
        """The words of ``text`` with the table's names made canonical, the longest match first."""
        return tuple(self._replaced(_cased_words(text)))

    def _replaced(self, cased: list[str]) -> Iterator[str]:
        plain = [word.casefold() for word in cased]
        at = 0
        while at < len(plain):
            for length in range(min(self.longest, len(plain) - at), 0, -1):
                name = self.parts.get(tuple(plain[at : at + length]))
                lower = plain[at] in self.acronyms and not cased[at].isupper()
                if name is not None and not (length == 1 and lower):
                    yield name
                    at += length
                    break
            else:
                yield plain[at]
                at += 1


@lru_cache(maxsize=1)
def known_names() -> KnownNames:
    """Read the table once."""
    file = resources.files("stance.actors").joinpath("names.json")
    table: dict[str, list[dict[str, Any]]] = json.loads(file.read_text(encoding="utf-8"))
    entries = table["states"] + table["groups"]
    parts = _index(entries, "aliases", "adjectives") | {
        tuple(words(entry["name"])): entry["name"] for entry in entries
    }
    peoples = _index(entries, "people")
    plurals = peoples.keys() | parts.keys()  # "Americans" and, the name of a group, "Houthis"
    return KnownNames(
        parts=parts,
        seats=_index(entries, "seats"),
        peoples=peoples,
        acronyms=frozenset(
            words(alias)[0]
            for entry in entries
            for alias in entry.get("aliases", ())
            if _SHORT_ACRONYM.fullmatch(alias)
        ),
        demonyms=frozenset(
            adjective
            for adjective in _index(entries, "adjectives")
            if (noun := adjective[-1]).endswith("ese") or (*adjective[:-1], f"{noun}s") in plurals
        ),
        adjectives={e["name"]: e.get("adjectives", [e["name"]])[0] for e in entries},
        states=frozenset(entry["name"] for entry in table["states"]),
        longest=max(len(part) for part in parts),
    )


def _index(entries: Iterable[dict[str, Any]], *fields: str) -> dict[Key, str]:
    return {
        tuple(words(alias)): entry["name"]
        for entry in entries
        for field in fields
        for alias in entry.get(field, ())
    }


def name_key(text: str, definite: bool = False, single: bool = False) -> Key:
    """The key of a mention's text; ``definite`` says that "the" stands before it, ``single`` "a".

    A people with the article is the state's side ("the Russians"), without it some persons
    ("two Americans"), who are left as they are, and so is a single one ("an American"). A mention
    of nothing but punctuation keeps its text as its key.
    """
    known = known_names()
    plain = tuple(words(text))
    whole = known.seats.get(plain) or (known.peoples.get(plain) if definite else None)
    if whole is not None:
        return (whole,)
    if single and plain in known.demonyms:
        return plain
    return _merge_heads(known.replace(text)) or (text,)


def _merge_heads(key: Key) -> Key:
    known = known_names()
    if len(key) == 3 and key[:2] == ("government", "of") and key[2] in known.states:
        return key[2:]
    if len(key) < 2 or not known.names(key[0]):
        return key
    name, rest = key[0], key[1:]
    if name not in known.states:
        if rest in GROUP_TAILS:
            return (name,)
        return (name, "fighters") if len(rest) == 1 and rest[0] in FIGHTER_HEADS else key
    if rest == ("armed", "forces") or (len(rest) == 1 and rest[0] in FORCES_HEADS):
        return (name, "forces")
    return (name,) if len(rest) == 1 and rest[0] in GOVERNMENT_HEADS else key


def is_table_name(name: str) -> bool:
    """Whether an actor's name is one of the table's, and so the same actor in every article.

    >>> is_table_name("U.S. forces"), is_table_name("coalition")
    (True, False)
    """
    return table_name(name_key(name)) == name


def table_name(key: Key) -> str | None:
    """How a key made of table names is shown, the same in every article; None for other keys.

    >>> table_name(("United States", "forces"))
    'U.S. forces'
    """
    known = known_names()
    if not known.names(key[0]):
        return None
    if len(key) == 1:
        return key[0]
    if key[1:] in {("forces",), ("fighters",)}:
        return f"{known.adjectives[key[0]]} {key[1]}"
    return None
