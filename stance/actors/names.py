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
_SEPARATORS = re.compile(r"[\s\-‐‑–—/,]+")


def words(text: str) -> list[str]:
    """The folded words of a name: no case, accents, dots, apostrophes, articles or possessive s.

    >>> words("the Da’esh")
    ['daesh']
    >>> words("U.S.-led coalition")
    ['us', 'led', 'coalition']
    """
    text = _BRACKETED_END.sub("", text) or text
    text = _DROPPED.sub("", _POSSESSIVE.sub("", text))
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    folded = (word.casefold() for word in _SEPARATORS.split(plain))
    return [word for word in folded if word and word not in _ARTICLES]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The shipped table, indexed by folded words.

    ``parts`` (names and adjectives) count anywhere in a mention, ``seats`` (capitals that stand
    for their government) and ``peoples`` only as the whole mention.
    """

    parts: dict[Key, str]
    seats: dict[Key, str]
    peoples: dict[Key, str]
    adjectives: dict[str, str]
    states: frozenset[str]
    longest: int

    def names(self, name: str) -> bool:
        """Whether ``name`` is a canonical name of the table."""
        return name in self.adjectives

    def replace(self, plain: list[str]) -> Key:
        """Put canonical names in the place of the table's names, the longest match first."""
        return tuple(self._replaced(plain))

    def _replaced(self, plain: list[str]) -> Iterator[str]:
        at = 0
        while at < len(plain):
            for length in range(min(self.longest, len(plain) - at), 0, -1):
                name = self.parts.get(tuple(plain[at : at + length]))
                if name is not None:
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
    return KnownNames(
        parts=parts,
        seats=_index(entries, "seats"),
        peoples=_index(entries, "people"),
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


def name_key(text: str, definite: bool = False) -> Key:
    """The key of a mention's text; ``definite`` says that "the" stands before it.

    A people with the article is the state's side ("the Russians"), without it some persons
    ("two Americans"), who are left as they are. A mention of nothing but punctuation keeps its
    text as its key.
    """
    known = known_names()
    plain = words(text)
    whole = known.seats.get(tuple(plain)) or (known.peoples.get(tuple(plain)) if definite else None)
    if whole is not None:
        return (whole,)
    return _merge_heads(known.replace(plain)) or (text,)


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


# Acronyms ------------------------------------------------------------------------------------

_DEFINED = re.compile(r"\s\((?P<acronym>[A-Z][A-Za-z0-9&./\-]{1,11})\)")
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_LINKING = frozenset({"of", "the", "and", "for", "in", "on", "to", "at", "de", "la", "del"})


def is_acronym(text: str) -> bool:
    """Whether a text is one word of two or more capitals: "ISF", "CJTF-OIR", "P.K.K."."""
    letters = [c for c in text if c.isalpha()]
    return " " not in text and len(letters) >= 2 and sum(c.isupper() for c in letters) >= 2


def initials(text: str) -> set[str]:
    """The acronyms a name may have: its initials with and without its linking words."""
    found = _WORD.findall(text)
    every = "".join(word[0] for word in found)
    main = "".join(word[0] for word in found if word.casefold() not in _LINKING)
    return {every.casefold(), main.casefold()}


def acronym_letters(text: str) -> str:
    """The folded letters of an acronym."""
    return "".join(c for c in text if c.isalnum()).casefold()


def bracketed_acronyms(text: str) -> Iterator[tuple[int, str, str | None]]:
    """Find acronyms in round brackets: offset where the words before end, acronym, long form.

    The long form is the shortest run of words before the bracket whose initials spell the
    acronym; None when there is none.
    """
    for match in _DEFINED.finditer(text):
        acronym = match["acronym"]
        if is_acronym(acronym):
            before = text[max(0, match.start() - 160) : match.start()]
            yield match.start(), acronym, _spelled_out(before, acronym_letters(acronym))


def _spelled_out(before: str, letters: str) -> str | None:
    found = list(_WORD.finditer(before))
    for first in reversed(found[-2 * len(letters) :]):
        candidate = before[first.start() :]
        if first[0][0].casefold() == letters[0] and letters in initials(candidate):
            return candidate.strip()
    return None


# Persons -------------------------------------------------------------------------------------

_TITLES = frozenset(
    "mr mrs ms miss dr prof sir lord lady dame gen general lt lieutenant maj major col colonel capt "
    "captain cmdr commander adm admiral brig brigadier sgt sergeant president premier prime "
    "minister chancellor secretary sen senator rep representative rear vice king queen prince "
    "ayatollah sheikh sheik imam ambassador foreign defence defense interior state".split()
)
_PARTICLES = frozenset("al el de da di du del der den van von bin ben ibn abu la le ter".split())
_NO_PERSON = frozenset(
    "agency airlines alliance allies ahrar ansar army asaib assembly authority bank battalion "
    "board boko brigade brigades brotherhood bureau cabinet caliphate centre center chief city "
    "coalition command commission committee congress corps council court crescent cross "
    "defence defense democratic department directorate division east eastern europe european "
    "federation fighters fleet force forces foundation free front fund government group guard "
    "guards hamas haram harakat hayat hezbollah house intelligence international islamic jabhat "
    "jaysh jihad kataib kurdish kurds league liberation liwa mission ministry minister monitor "
    "movement national nations naval navy north northern nusra observatory office official "
    "officials operation opposition organisation organization palestinian parliament party "
    "patrol people peoples pentagon police popular premier president qaeda qaida quds regiment "
    "region republic republican resistance revolutionary royal saraya secretary security senate "
    "service services shabaab shia shiite socialist society south southern squadron state states "
    "sunni tahrir taliban tribe tribes troops union unit united units wagner west western workers "
    "arab african christian general staff joint task rebels militia militias supreme".split()
)


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


def _untitled(text: str) -> list[str]:
    parts = text.split()
    while len(parts) > 1 and parts[0].strip(".,").casefold() in _TITLES:
        parts = parts[1:]
    return parts


def _name_parts(parts: list[str]) -> list[str]:
    return [word for word in words(" ".join(parts)) if word not in _PARTICLES]


def person(text: str) -> Person | None:
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
    if _NO_PERSON.intersection(folded):
        return None
    return Person(" ".join(parts), folded[0], folded[-1])


def _is_name_word(part: str) -> bool:
    return part[0].isupper() or words(part)[:1] == [] or words(part)[0] in _PARTICLES


def single_name(text: str) -> str | None:
    """The folded word of a mention that may be a surname or given name on its own."""
    parts = _untitled(text)
    folded = _name_parts(parts)
    if len(folded) != 1 or not parts[-1][:1].isalpha() or not any(c.isupper() for c in parts[-1]):
        return None
    return folded[0]
