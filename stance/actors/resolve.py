"""Whom each mention of an article stands for.

Mentions are brought together when they are spelling variants of one name, names of the same state
or group in the shipped table, an acronym and what it stands for, a surname and the full name, or a
pronoun that can mean only one of them. Everything else stays apart: two names too many for one
actor are easily seen, two actors under one name are not.

States and groups of the table and their forces have the same name in every article ("United
States", "U.S. forces", "Islamic State"), so that sums over articles add up. Any other actor has
the fullest name that the article itself gives.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeAlias

from stance.actors import acronyms, names, persons
from stance.actors.names import Key
from stance.actors.pronouns import Referent, SinglePerson, pronoun, settle
from stance.actors.words import WORDS
from stance.schema import Span

_Aliases: TypeAlias = dict[Key, Key]

_SINGLE = re.compile(r"\b(?:a|an|another|one)\s+$", re.IGNORECASE)
_ARTICLE_REACH = 10  # characters before a mention in which its article is looked for
_TITLE_REACH = 24  # characters before a surname in which its title is looked for
_MIN_INITIALS = 3  # letters of an acronym that is read without its definition


@dataclass(frozen=True, slots=True)
class LocatedMention:
    """An actor mention of an article; ``sentence`` is the span of its sentence.

    All offsets count in the article's text.
    """

    start: int
    end: int
    sentence: Span


def resolve(text: str, mentions: Sequence[LocatedMention]) -> list[str]:
    """The canonical name of each mention's actor, in the order given.

    >>> text = "U.S. forces left. American troops had trained the Iraqi Security Forces (ISF)."
    >>> spans = [(0, 11), (18, 33), (50, 71), (73, 76)]
    >>> resolve(text, [LocatedMention(start, end, (0, 77)) for start, end in spans])
    ['U.S. forces', 'U.S. forces', 'Iraqi Security Forces', 'Iraqi Security Forces']
    """
    order = sorted(range(len(mentions)), key=lambda i: (mentions[i].start, mentions[i].end))
    named = _name(text, [mentions[i] for i in order])
    settle(text, named)
    actors = [""] * len(mentions)
    for i, referent in zip(order, named, strict=True):
        actors[i] = referent.actor or pronoun(referent.text) or referent.text
    return actors


@dataclass(frozen=True, slots=True)
class _Name:
    """A mention that is no pronoun, with the key of its own words."""

    text: str
    key: Key
    end: int
    opens_sentence: bool
    person: persons.Person | None
    contained: persons.Person | None  # at the end of a mention that is no person's bare name


def _name(text: str, mentions: Sequence[LocatedMention]) -> list[Referent]:
    """The mentions as referents, all but the pronouns with their actor."""
    spoken = [" ".join(text[m.start : m.end].split()) for m in mentions]
    found = {
        at: _read_name(text, mention, said)
        for at, (mention, said) in enumerate(zip(mentions, spoken, strict=True))
        if pronoun(said) is None
    }
    found = dict(zip(found, _tell_namesakes_apart(list(found.values())), strict=True))
    everyone = list(found.values())
    aliases, long_forms = _acronyms(text, everyone)
    aliases |= _surnames(everyone)
    keys = {at: _follow(aliases, name.key) for at, name in found.items()}
    shown = _shown(everyone, list(keys.values()), long_forms)
    people = {name.key for name in everyone if name.person is not None}
    return [
        Referent(
            span=(mention.start, mention.end),
            sentence=mention.sentence,
            text=said,
            actor=shown[keys[at]] if at in keys else None,
            person=_single_person(text, mention.start, said, keys.get(at), people),
        )
        for at, (mention, said) in enumerate(zip(mentions, spoken, strict=True))
    ]


def _read_name(text: str, mention: LocatedMention, said: str) -> _Name:
    before = text[max(0, mention.start - _ARTICLE_REACH) : mention.start]
    definite = before[-4:].casefold() == "the "
    single = bool(_SINGLE.search(before)) or said.casefold().startswith(("a ", "an "))
    single = single and text[mention.end : mention.end + 1] != "-"  # "a Turkish-led raid"
    person = persons.full_name(said)
    return _Name(
        text=said,
        key=person.key if person else names.name_key(said, definite, single),
        end=mention.end,
        opens_sentence=mention.start == mention.sentence[0],
        person=person,
        contained=None if person else persons.contained_person(said),
    )


def _tell_namesakes_apart(everyone: list[_Name]) -> list[_Name]:
    """Give persons of the same first and last name, but other middle names, keys of their own."""
    by_key: dict[Key, list[persons.Person]] = defaultdict(list)
    for name in everyone:
        if name.person is not None:
            by_key[name.key].append(name.person)
    shared = {
        key
        for key, people in by_key.items()
        if any(one.differs(two) for one, two in combinations(dict.fromkeys(people), 2))
    }
    return [
        replace(name, key=name.person.full_key)
        if name.person is not None and name.person.middle and name.key in shared
        else name
        for name in everyone
    ]


def _follow(aliases: _Aliases, key: Key) -> Key:
    """The key at the end of a chain of aliases; a chain that bites its tail ends there."""
    seen = {key}
    while key in aliases and aliases[key] not in seen:
        key = aliases[key]
        seen.add(key)
    return key


def _acronyms(text: str, everyone: Sequence[_Name]) -> tuple[_Aliases, dict[Key, str]]:
    """Acronyms and the keys they stand for, with the long forms that the text defines."""
    aliases: _Aliases = {}
    long_forms: dict[Key, str] = {}
    ending = {name.end: name for name in everyone}
    for end, acronym, long_form in acronyms.bracketed_acronyms(text):
        key = names.name_key(acronym)
        before = ending.get(end)
        if names.table_name(key) is not None:
            continue
        if long_form is not None:
            aliases[key] = names.name_key(long_form)
            long_forms.setdefault(aliases[key], long_form)
        elif before is not None and before.person is None and len(before.key) > 1:
            aliases[key] = before.key
    by_initials = _by_initials(everyone)
    for name in everyone:
        letters = acronyms.acronym_letters(name.text)
        if acronyms.is_acronym(name.text) and len(letters) >= _MIN_INITIALS:
            meant = by_initials.get(letters, set()) - {name.key}
            if len(meant) == 1 and names.table_name(name.key) is None:
                aliases.setdefault(name.key, next(iter(meant)))
    return aliases, long_forms


def _by_initials(everyone: Sequence[_Name]) -> dict[str, set[Key]]:
    found: dict[str, set[Key]] = defaultdict(set)
    for name in everyone:
        if name.person is None and " " in name.text:
            for letters in acronyms.initials(name.text):
                found[letters].add(name.key)
    return found


def _surnames(everyone: Sequence[_Name]) -> _Aliases:
    """Single names that only one person of the article has, as surname or given name.

    A person who stands only inside a longer mention keeps the name from meaning another.
    """
    people = {name.key for name in everyone if name.person is not None}
    having: dict[str, set[Key]] = defaultdict(set)
    for name in everyone:
        person = name.person or name.contained
        if person is not None:
            key = name.key if name.person else person.key
            having[person.first].add(key)
            having[person.last].add(key)
    aliases: _Aliases = {}
    for name in everyone:
        single = persons.single_name(name.text)
        meant = having.get(single or "", set())
        if len(meant) == 1 and meant <= people and names.table_name(name.key) is None:
            aliases[name.key] = next(iter(meant))
    return aliases


def _shown(
    everyone: Sequence[_Name], keys: Sequence[Key], long_forms: dict[Key, str]
) -> dict[Key, str]:
    """The name by which each actor is shown.

    Names of the table go by the table. Otherwise the forms that are no shorthand compete: a
    person's longest; else the most frequent one, not counting the capital of a sentence's start.
    """
    forms: dict[Key, Counter[str]] = defaultdict(Counter)
    full: dict[Key, str] = {}
    for name, key in zip(everyone, keys, strict=True):
        if name.person is not None:
            full[key] = max(full.get(key, ""), _bare(name.person.name), key=len)
        elif name.key == key:
            forms[key][_bare(name.text)] += 0 if name.opens_sentence else 1
    return {
        key: names.table_name(key) or full.get(key) or _best(forms[key]) or long_forms[key]
        for key in keys
    }


def _best(forms: Counter[str]) -> str | None:
    return max(forms, key=lambda form: (forms[form], len(form)), default=None)


def _bare(text: str) -> str:
    """A name without its possessive ending."""
    return text[:-2] if text.endswith(("'s", "’s")) and len(text) > 2 else text


def _single_person(
    text: str, start: int, said: str, key: Key | None, people: set[Key]
) -> SinglePerson:
    if key is None or names.table_name(key) is not None:
        return SinglePerson.no
    if key in people or key[-1] in WORDS["roles"]:
        return SinglePerson.yes
    if persons.single_name(said) is None or acronyms.is_acronym(said):
        return SinglePerson.no
    before = text[max(0, start - _TITLE_REACH) : start]
    return SinglePerson.yes if persons.ends_in_title(before) else SinglePerson.maybe
