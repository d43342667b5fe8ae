"""What pronouns stand for, where the text leaves no second reading.

The rules are few and strict, because a stance given to the wrong actor is worse than one left
with "they". A pronoun that no rule settles stays an actor of its own.

* he, she: the only person the sentence has named before; where the pronoun opens its sentence, the
  only one of the nearest earlier sentence with a person; for "he said" the nearest who spoke. An
  earlier "he" that is not settled might be anybody, and so counts as a person of its own.
* I: the speaker of the quotation. we: the speaker's side, shown as "we (Kenneth Ekman)", so that
  the sides of two speakers are never summed up as one; a group that speaks is itself its side.
* they, it: the only actor the sentence has named before, where the number fits and no preposition
  makes the name part of something else.

Quoted words and the text around them are different levels: a pronoun finds nobody across the
quotation mark, except the speaker.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from stance.actors.quotes import Quotes, is_speaker
from stance.actors.words import any_of
from stance.schema import Span

#: Every form a pronoun mention takes, and the one it is shown by.
SHOWN_AS = {
    **dict.fromkeys(("i", "me", "myself"), "I"),
    **dict.fromkeys(("we", "us", "ourselves"), "we"),
    **dict.fromkeys(("you", "yourself", "yourselves"), "you"),
    **dict.fromkeys(("he", "him", "himself"), "he"),
    **dict.fromkeys(("she", "her", "herself"), "she"),
    **dict.fromkeys(("it", "itself"), "it"),
    **dict.fromkeys(("they", "them", "themselves"), "they"),
    **{word: word for word in ("this", "that", "these", "those", "who")},
}

_NAMES = frozenset({"US", "WHO"})  # that look like pronouns
_LOOK_BACK = 4  # earlier sentences with mentions in which "he" may find its person
_OPENING = 40  # characters of a sentence within which a pronoun still opens it
_SENTENCE_GAP = re.compile(r"[^\S\n]{0,3}")  # between neighbouring sentences of a paragraph
_PLURAL = re.compile(r"(?:[^s]s|police|militia|military|army|troops|people)$", re.IGNORECASE)
_OBJECTS = frozenset({"him", "her"})
_CLAUSE = re.compile(rf"[,;:–—]|\b(?:{any_of('clause_openers')})\b")
_PREPOSITION = re.compile(
    rf"\b(?:{any_of('prepositions')})(?:\s+(?:{any_of('determiners')}))?\s+$", re.IGNORECASE
)


class SinglePerson(Enum):
    """Whether a mention is one single person."""

    no = "no"
    maybe = "maybe"
    yes = "yes"


@dataclass(slots=True)
class Referent:
    """A mention as the rules see it; ``actor`` is None for a pronoun not settled."""

    span: Span
    sentence: Span
    text: str
    actor: str | None
    person: SinglePerson = SinglePerson.no
    quote: int | None = None  # index of the quotation it stands in
    speaks: bool = False


def pronoun(text: str) -> str | None:
    """The pronoun a mention is, as it is shown; None for a name, as "US" and "WHO" are.

    >>> pronoun("him"), pronoun("US")
    ('he', None)
    """
    return None if text in _NAMES else SHOWN_AS.get(text.casefold())


def settle(text: str, referents: Sequence[Referent]) -> None:
    """Set the actor of the pronouns that a rule settles; ``referents`` stand in text order.

    SinglePerson outside quotations come first ("he said"), since the speaker of a quotation mostly
    comes after it.
    """
    scene = _Scene(text, referents)
    steps: tuple[dict[str, Callable[[int], str | None]], ...] = (
        {"he": scene.he, "she": scene.she},
        {"I": scene.speaker, "we": scene.side},
        {"they": scene.group, "it": scene.body},
    )
    for rules in steps:
        for at, referent in enumerate(referents):
            rule = rules.get(pronoun(referent.text) or "")
            if rule is not None:
                referent.actor = rule(at)


class _Scene:
    """An article's referents by sentence and quotation."""

    def __init__(self, text: str, referents: Sequence[Referent]) -> None:
        self.text = text
        self.referents = referents
        self.quotes = Quotes(text)
        self.pronoun_of: dict[str, str] = {}  # "he" or "she" by actor, once known
        self.sentences: list[tuple[Span, range]] = []
        for at, referent in enumerate(referents):
            referent.quote = self.quotes.at(referent.span[0])
            referent.speaks = referent.quote is None and is_speaker(text, referent.span)
            if self.sentences and self.sentences[-1][0] == referent.sentence:
                first = self.sentences.pop()[1].start
            else:
                first = at
            self.sentences.append((referent.sentence, range(first, at + 1)))
        self._sentence_starts = [span[0] for span, _ in self.sentences]

    def he(self, at: int) -> str | None:
        return self._person(at, "he")

    def she(self, at: int) -> str | None:
        return self._person(at, "she")

    def _person(self, at: int, word: str) -> str | None:
        this = self.referents[at]
        window = self._persons_before(at, word)
        nearest = next((found for found in window if found), [])
        chosen = _only(nearest)
        if this.speaks:
            chosen = _only(r for r in nearest if r.speaks) or _only(r for s in window for r in s)
        if chosen is None or chosen.person is not SinglePerson.yes or chosen.actor is None:
            return None
        if self._is_own_object(this, chosen):
            return None
        this.person = SinglePerson.yes
        self.pronoun_of[chosen.actor] = word
        return chosen.actor

    def _is_own_object(self, this: Referent, other: Referent) -> bool:
        """Whether "him" stands in the clause of the other: "the president overruled him"."""
        return (
            this.text.casefold() in _OBJECTS
            and this.sentence == other.sentence
            and not _CLAUSE.search(self.text, other.span[1], this.span[0])
        )

    def _persons_before(self, at: int, word: str) -> list[list[Referent]]:
        """Who "he" may be, by sentence, the pronoun's own first; also an unsettled "he"."""
        this = self.referents[at]
        index = self._sentence_index(this.sentence)
        opens = this.span[0] - this.sentence[0] <= _OPENING
        oldest = max(0, index - _LOOK_BACK) if opens or this.speaks else index
        return [
            [
                other
                for other in (self.referents[i] for i in self.sentences[s][1] if i < at)
                if other.quote == this.quote and self._may_be(other, word)
            ]
            for s in range(index, oldest - 1, -1)
        ]

    def _may_be(self, other: Referent, word: str) -> bool:
        if other.actor is None:
            return pronoun(other.text) == word
        return (
            other.person is not SinglePerson.no and self.pronoun_of.get(other.actor, word) == word
        )

    def speaker(self, at: int) -> str | None:
        found = self._speaker(self.referents[at])
        return found.actor if found is not None and found.person is SinglePerson.yes else None

    def side(self, at: int) -> str | None:
        found = self._speaker(self.referents[at])
        if found is None:
            return None
        return found.actor if found.person is SinglePerson.no else f"we ({found.actor})"

    def _speaker(self, this: Referent) -> Referent | None:
        """The one who says the quotation, by the sentences it touches or the one before."""
        if this.quote is None:
            return None
        start, end = self.quotes.spans[this.quote]
        first = self._sentence_index(this.sentence)
        while first > 0 and self.sentences[first - 1][0][1] > start:
            first -= 1
        last = bisect_left(self._sentence_starts, end)
        speakers = self._speakers(range(first, last))
        if not speakers and first > 0 and self._continues(first):
            speakers = self._speakers(range(first - 1, first))
        chosen = _only(speakers)
        return chosen if chosen is not None and chosen.actor is not None else None

    def _speakers(self, sentences: Iterable[int]) -> list[Referent]:
        found = (self.referents[i] for s in sentences for i in self.sentences[s][1])
        return [referent for referent in found if referent.speaks]

    def _continues(self, index: int) -> bool:
        """Whether a quotation goes on after "…,” he said." in the sentence before."""
        before, this = self.sentences[index - 1][0], self.sentences[index][0]
        return bool(_SENTENCE_GAP.fullmatch(self.text, before[1], this[0])) and any(
            mark in self.text[before[0] : before[1]] for mark in '”"'
        )

    def group(self, at: int) -> str | None:
        found = self._only_one_before(at)
        return found.actor if found is not None and _PLURAL.search(found.text) else None

    def body(self, at: int) -> str | None:
        found = self._only_one_before(at)
        return found.actor if found is not None and not _PLURAL.search(found.text) else None

    def _only_one_before(self, at: int) -> Referent | None:
        """The only actor named before in the sentence, at the same level, and no person."""
        this = self.referents[at]
        _, indices = self.sentences[self._sentence_index(this.sentence)]
        earlier = (self.referents[i] for i in indices if i < at)
        found = _only(other for other in earlier if other.quote == this.quote)
        if found is None or found.person is not SinglePerson.no or pronoun(found.text):
            return None
        before = self.text[max(found.sentence[0], found.span[0] - 16) : found.span[0]]
        return None if _PREPOSITION.search(before) else found

    def _sentence_index(self, sentence: Span) -> int:
        return bisect_left(self._sentence_starts, sentence[0])


def _only(referents: Iterable[Referent]) -> Referent | None:
    """The first referent if all of them are the same actor."""
    found = list(referents)
    return found[0] if len({referent.actor for referent in found}) == 1 else None
