"""What pronouns stand for, where the text leaves no second reading.

The rules are few and strict, because a stance given to the wrong actor is worse than one left
with "they". A pronoun that no rule settles stays an actor of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from stance.actors.quotes import Quotes, is_speaker
from stance.schema import Span

#: Every form a pronoun mention takes, and the one it is shown by.
SHOWN_AS = {
    **dict.fromkeys(("i", "me", "myself"), "I"),
    **dict.fromkeys(("we", "us", "ourselves"), "we"),
    **dict.fromkeys(("you", "yourselves"), "you"),
    **dict.fromkeys(("he", "him", "himself"), "he"),
    **dict.fromkeys(("she", "her", "herself"), "she"),
    **dict.fromkeys(("it", "itself"), "it"),
    **dict.fromkeys(("they", "them", "themselves"), "they"),
    **{word: word for word in ("this", "that", "these", "those", "who")},
}

_LOOK_BACK = 4  # sentences with mentions in which "he" may find its person
_PLURAL_HEADS = frozenset("police militia military army troops people personnel staff".split())
_SENTENCE_GAP = 3  # characters between neighbouring sentences of one paragraph


@dataclass(slots=True)
class Referent:
    """A mention as the rules see it. ``actor`` is None for a pronoun not settled (yet)."""

    span: Span
    sentence: Span
    text: str
    actor: str | None
    is_person: bool = False
    pronoun: str | None = None  # as in SHOWN_AS
    quote: int | None = None  # index of the quotation it stands in
    speaks: bool = False


def pronoun(text: str) -> str | None:
    """The pronoun a mention is ("Them" is "they"); None for a name. "US" is a state.

    >>> pronoun("him"), pronoun("US")
    ('he', None)
    """
    return None if text == "US" else SHOWN_AS.get(text.casefold())


def settle(text: str, referents: Sequence[Referent]) -> None:
    """Give pronouns their actor where a rule allows; ``referents`` in order of their start.

    First persons named outside quotations ("he said"), then what is said inside them ("I", "we"),
    since a quotation's speaker mostly comes after it.
    """
    quotes = Quotes(text)
    for referent in referents:
        referent.quote = quotes.at(referent.span[0])
        referent.speaks = referent.quote is None and is_speaker(text, referent.span)
    scene = _Scene(text, quotes, referents)
    for rules in ({"he": scene.person, "she": scene.person}, {"I": scene.speaker, "we": scene.side},
                  {"they": scene.group, "it": scene.body}):
        for at, referent in enumerate(referents):
            rule = rules.get(referent.pronoun or "")
            if rule is not None:
                referent.actor = rule(at)
