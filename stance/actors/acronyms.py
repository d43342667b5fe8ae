"""Acronyms, and the names whose initials they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stance.actors.words import WORDS

_DEFINED = re.compile(r"\s\((?P<acronym>[A-Z][A-Za-z0-9&./\-]{1,11})\)")
_WORD = re.compile(r"\w+(?:['’]\w+)*")


def is_acronym(text: str) -> bool:
    """Whether a text is one word, mostly of capitals: "ISF", "CJTF-OIR", "P.K.K.", "MoD"."""
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    return " " not in text and capitals >= 2 and 2 * capitals > len(letters)


def initials(text: str) -> set[str]:
    """The acronyms a name may have: its initials with and without its linking words."""
    found = _WORD.findall(text)
    every = "".join(word[0] for word in found)
    main = "".join(word[0] for word in found if word.casefold() not in WORDS["linking"])
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
