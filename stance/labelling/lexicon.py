"""The words by which stances show, read from ``seeds/lexicon/*.yaml`` and inflected.

A file per stance lists verbs and nouns with their PLOVER and CAMEO kin; ``context.yaml`` holds the
words around them (negators, demands, causes) and ``irregular.yaml`` the past tenses that spelling
rules get wrong. All of it is plain text that a user edits or copies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from stance.extras import require
from stance.ontology import STANCES

#: Words that "..." in a phrase may stand for.
GAP: Final = 4

_GAP = "..."
_VOWELS = "aeiou"


class LexiconError(ValueError):
    """A lexicon file that is not there or says what the labelling functions cannot use."""


@dataclass(frozen=True)
class Entry:
    """A word or phrase that shows a stance, by its tokens; the first of a verb is inflected.

    A verb with ``object`` shows it only with such an object: another ``actor``, or nothing but
    ``forces``, places they hold, and actors.
    """

    stance: str
    tokens: tuple[str, ...]
    plover: str
    cameo: str
    reciprocal: bool = False
    object: str = ""


@dataclass(frozen=True)
class Lexicon:
    """Entries by the first token they may begin with, and the sets of context words.

    ``verbs`` maps an inflected form to (entry, forms); a form is one of ``base``, ``s``, ``ed``,
    ``en`` and ``ing``. ``forms`` knows every listed verb: inflected form to (base, forms).
    """

    verbs: Mapping[str, Sequence[tuple[Entry, frozenset[str]]]]
    nouns: Mapping[str, Sequence[Entry]]
    companions: Sequence[Entry]
    context: Mapping[str, frozenset[tuple[str, ...]]]
    forms: Mapping[str, tuple[str, frozenset[str]]]

    @property
    def entries(self) -> list[Entry]:
        """Every entry once, in the order of the files."""
        listed = [entry for found in self.verbs.values() for entry, _ in found]
        listed += [entry for found in self.nouns.values() for entry in found]
        return list(dict.fromkeys([*listed, *self.companions]))


def load(folder: Path) -> Lexicon:
    """Read a folder of lexicon files; raise :class:`LexiconError` naming what is wrong."""
    irregular = {
        verb: tuple(_listed(forms)) for verb, forms in _read(folder / "irregular.yaml").items()
    }
    context = _read(folder / "context.yaml")
    files = {stance: _read(folder / f"{stance}.yaml") for stance in STANCES}
    verbs: dict[str, list[tuple[Entry, frozenset[str]]]] = defaultdict(list)
    nouns: dict[str, list[Entry]] = defaultdict(list)
    companions: list[Entry] = []
    for stance, content in files.items():
        for entry in _entries(stance, content, "verbs"):
            for form, kinds in inflected(entry.tokens[0], irregular).items():
                verbs[form].append((entry, kinds))
        for entry in _entries(stance, content, "nouns"):
            several = replace(entry, tokens=(*entry.tokens[:-1], plural(entry.tokens[-1])))
            for one_or_more in (entry, several):
                nouns[one_or_more.tokens[0]].append(one_or_more)
        companions += [
            Entry(stance, tuple(p.split()), "", "") for p in _listed(content.get("with"))
        ]
    return Lexicon(
        verbs=_longest_first(verbs),
        nouns={
            first: sorted(found, key=lambda e: -len(e.tokens)) for first, found in nouns.items()
        },
        companions=companions,
        context={
            name: frozenset(tuple(phrase.split()) for phrase in _listed(phrases))
            for name, phrases in context.items()
        },
        forms=_known_forms(verbs, context, irregular),
    )


def plural(noun: str) -> str:
    """The plural of a regular noun."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in _VOWELS:
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def inflected(verb: str, irregular: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """The forms of a verb, each with the names of those it may be."""
    past, participle = irregular.get(verb, (_with_ed(verb), _with_ed(verb)))
    doubled = past == f"{verb}{verb[-1]}ed" or past in {verb, "won", "sat", "ran", "began", "dug"}
    kinds: dict[str, set[str]] = defaultdict(set)
    for form, kind in [
        (verb, "base"),
        (plural(verb), "s"),
        (past, "ed"),
        (participle, "en"),
        (_with_ing(verb, doubled), "ing"),
    ]:
        kinds[form].add(kind)
    return {form: frozenset(names) for form, names in kinds.items()}


def _with_ed(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ied"
    return f"{verb}ed"


def _with_ing(verb: str, doubled: bool) -> str:
    if verb.endswith("ie"):
        return f"{verb[:-2]}ying"
    if verb.endswith("e") and not verb.endswith("ee") and verb != "be":
        return f"{verb[:-1]}ing"
    short = doubled and verb[-1] not in "wye" and verb[-2] in _VOWELS
    return f"{verb}{verb[-1]}ing" if short else f"{verb}ing"


def _read(path: Path) -> dict[str, Any]:
    yaml = require("yaml", extra="label")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LexiconError(f"no {path.name} in {path.parent}; name a folder of lexicons") from error
    except yaml.YAMLError as error:
        raise LexiconError(f"{path}: no valid YAML ({error})") from error
    if not isinstance(content, dict):
        raise LexiconError(f"{path}: give keys with values, not {type(content).__name__}")
    return content


def _listed(phrases: object) -> list[str]:
    """The phrases of a comma-separated string."""
    if not isinstance(phrases, str | None):
        raise LexiconError(f"words are one string with commas between them, got {phrases!r}")
    return [" ".join(part.split()) for part in (phrases or "").split(",") if part.strip()]


def _entries(stance: str, content: Mapping[str, Any], section: str) -> Iterator[Entry]:
    reciprocal = set(_listed(content.get("reciprocal")))
    for group in content.get(section, []):
        for phrase in _listed(group["words"]):
            yield Entry(
                stance,
                tuple(phrase.split()),
                group.get("plover", ""),
                str(group.get("cameo", "")),
                phrase in reciprocal,
                group.get("object", ""),
            )


def _longest_first(
    verbs: Mapping[str, Iterable[tuple[Entry, frozenset[str]]]],
) -> dict[str, list[tuple[Entry, frozenset[str]]]]:
    return {
        form: sorted(found, key=lambda item: -len(item[0].tokens)) for form, found in verbs.items()
    }


def _known_forms(
    verbs: Mapping[str, Iterable[tuple[Entry, frozenset[str]]]],
    context: Mapping[str, Any],
    irregular: Mapping[str, Sequence[str]],
) -> dict[str, tuple[str, frozenset[str]]]:
    """Every form of every verb that any list holds."""
    bases = {entry.tokens[0] for found in verbs.values() for entry, _ in found}
    for name in (
        "verbs",
        "refusals",
        "demands",
        "causes",
        "allegations",
        "stops",
        "light",
        "speech",
    ):
        bases |= {phrase.split()[0] for phrase in _listed(context.get(name))}
    known: dict[str, tuple[str, frozenset[str]]] = {
        form: ("be", frozenset({"s" if form in {"is", "are", "am"} else "ed"}))
        for form in ("is", "are", "am", "were", "was")
    }
    for base in sorted(bases - {"be"}):
        for form, kinds in inflected(base, irregular).items():
            known.setdefault(form, (base, kinds))
    return known


def match_at(tokens: Sequence[str], at: int, phrase: Sequence[str]) -> int | None:
    """The index past ``phrase`` where ``tokens[at]`` is its (inflected) first token, else None."""
    here = at + 1
    for i, word in enumerate(phrase[1:], start=1):
        if word == _GAP:
            continue
        reach = GAP + 1 if phrase[i - 1] == _GAP else 1
        near = tokens[here : here + reach]
        if word not in near or any(mark in near[: near.index(word)] for mark in ',;:."“”'):
            return None
        here += near.index(word) + 1
    return here
