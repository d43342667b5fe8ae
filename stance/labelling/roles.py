"""Who does what toward whom, read off the words around a mention without a parser.

A sentence becomes tokens, in which each mention is one. Triggers of the lexicon are looked up, and
from each a few steps to the left and right lead to its subject, object or agent. News is written
plainly enough that this finds most doers; where it finds none, it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias

from stance.labelling.lexicon import Lexicon, match_at
from stance.schema import Span

#: How an actor is tied to a trigger; the first five bear its stance, the others do not.
Kind: TypeAlias = Literal[
    "active", "passive", "nominal", "reciprocal", "stopped",
    "undergone", "negated", "conditional", "demanded",
]  # fmt: skip

BEARING: Final = frozenset({"active", "passive", "nominal", "reciprocal", "stopped"})


class Role(NamedTuple):
    """What one trigger says of one mention: ``actor`` and ``targets`` are mention indices."""

    kind: Kind
    stance: str
    actor: int
    targets: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Token:
    """A word, a punctuation mark or (``mention`` set) a whole mention."""

    text: str
    mention: int | None = None
    capital: bool = False


class _Trigger(NamedTuple):
    stance: str
    start: int
    end: int
    forms: frozenset[str]  # empty: a noun
    reciprocal: bool


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORD = re.compile(r"\w+(?:-\w+)*(?:'(?!s\b)\w+)?|'s\b|[^\w\s]")
_STOPS = frozenset('.;:!?"“”—–()')
_BE = _set("is are am was were be been being get gets got getting")
_MODALS = _set("will would can could may might must shall should 'll 'd")
_HAVE = _set("has have had having 've")
_DO = _set("do does did")
_ADVERBS = _set(
    "also again already always even ever just now only once soon still then there yet too "
    "since first later twice almost both all each jointly together once openly simply merely "
    "about going due set ready able bound likely to"
)
_SKIPPED = _BE | _MODALS | _HAVE | _DO | _ADVERBS
_DETERMINERS = _set(
    "the a an its their his her our your my this that these those some any several many more "
    "most all both two three four five six seven eight nine ten dozens hundreds thousands of "
    "no another"
)
_PREPOSITIONS = _set(
    "of in by with from to against for on at over into between among under after before "
    "toward towards about through near around across inside outside behind within as than "
    "during alongside beside despite onto off like including without except per via"
)
_NO_OBJECT = _set(
    "from for on in by at after before to and but or when while as with without into over under "
    "since until because if then again early home north south east west today yesterday tomorrow "
    "monday tuesday wednesday thursday friday saturday sunday last next this"
)
_RELATIVES = _set("who which that whom whose where")
_CONJUNCTIONS = _set("and but or then nor yet")
_BREAKS = _set(
    "who which that when while after before as if because although though where until unless "
    "since said says whether so"
)
_PLANS = _set(
    "plan plans promise promises vow vows pledge pledges decision order orders threat threats "
    "bid attempt attempts effort efforts offer offers readiness willingness intention intent "
    "right refusal"
)
_NO_PLANS = _set("refusal failure inability unable unwilling reluctant unlikely")
_REACH: Final = 14  # tokens from a trigger to its subject
_OBJECT_REACH: Final = 9


def roles(text: str, spans: tuple[Span, ...], lexicon: Lexicon) -> tuple[Role, ...]:
    """Every role that the lexicon's triggers give the mentions at ``spans`` of a sentence."""
    reading = _Reading(tokens(text, spans), lexicon)
    return tuple(dict.fromkeys(role for t in reading.triggers for role in reading.roles_of(t)))


def triggered(text: str, spans: tuple[Span, ...], lexicon: Lexicon) -> frozenset[str]:
    """The stances of which the sentence holds any trigger at all."""
    reading = _Reading(tokens(text, spans), lexicon)
    return frozenset(trigger.stance for trigger in reading.triggers)


@lru_cache(maxsize=4096)
def tokens(text: str, spans: tuple[Span, ...]) -> tuple[Token, ...]:
    """Lower-case tokens of a sentence; each of ``spans``, which must not overlap, is one token."""
    found: list[Token] = []
    here = 0
    for index, (start, end) in sorted(enumerate(spans), key=lambda item: item[1]):
        found += _words(text[here:start])
        found.append(Token(text[start:end].lower(), index))
        here = end
    return (*found, *_words(text[here:]))


def _words(text: str) -> Iterator[Token]:
    for word in _WORD.findall(text.replace("’", "'")):
        yield Token(word.lower(), capital=word[:1].isupper())


class _Reading:
    """The tokens of one sentence, and the ways through them."""

    def __init__(self, found: Sequence[Token], lexicon: Lexicon) -> None:
        self.found = found
        self.words = [token.text for token in found]
        self.lexicon = lexicon
        self.triggers = list(self._triggers())

    # Finding triggers

    def _triggers(self) -> Iterator[_Trigger]:
        past = dict.fromkeys(("threat", "cooperation", "drawdown"), 0)
        for at, token in enumerate(self.found):
            if token.mention is not None:
                continue
            for trigger in (*self._verbs(at), *self._nouns(at)):
                if at >= past[trigger.stance]:
                    past[trigger.stance] = trigger.end
                    yield trigger

    def _verbs(self, at: int) -> Iterator[_Trigger]:
        for entry, forms in self.lexicon.verbs.get(self.words[at], ()):
            end = match_at(self.words, at, entry.tokens)
            if (
                end is not None
                and self._is_verb(at, forms)
                and self._has_object(entry.object, at, end, forms)
            ):
                yield _Trigger(entry.stance, at, end, forms, entry.reciprocal)

    def _nouns(self, at: int) -> Iterator[_Trigger]:
        for entry in self.lexicon.nouns.get(self.words[at], ()):
            if tuple(self.words[at : at + len(entry.tokens)]) == entry.tokens:
                end = at + len(entry.tokens)
                yield _Trigger(entry.stance, at, end, frozenset(), entry.reciprocal)

    def _has_object(self, wanted: str, at: int, end: int, forms: frozenset[str]) -> bool:
        """Whether a verb has the object without which it shows no stance."""
        if not wanted or ("en" in forms and self._be_before(at)):
            return True
        if self._object(end, at):
            return True
        if wanted == "actor":
            return False
        after = self.words[end : end + 5]
        if not after or not after[0].isalpha() or after[0] in _NO_OBJECT or after[0].endswith("ly"):
            return True
        forces = {phrase[0] for phrase in self.lexicon.context["forces"]}
        return bool(forces.intersection(after)) or self._capital(end)

    def _capital(self, at: int) -> bool:
        """Whether a name stands here that is no actor, so most likely a place."""
        return at < len(self.found) and self.found[at].capital

    def _is_verb(self, at: int, forms: frozenset[str]) -> bool:
        """Whether a word that may be a verb form is used as one."""
        if "ing" in forms:
            return at == 0 or self.words[at - 1] not in {"the", "a", "an", "its", "their"}
        if not forms & {"base", "s"} or forms & {"ed", "en"}:
            return not self._modifies(at)
        before = at - 1
        while before >= 0 and (
            self.words[before] in _ADVERBS - {"to", "all", "both"}
            or self.words[before].endswith("ly")
        ):
            before -= 1
        if before < 0:
            return False
        if self.words[before] in _DETERMINERS or self.words[before] == "'s":
            return False
        word, token = self.words[before], self.found[before]
        if "base" in forms and (
            word in _MODALS | _DO | {"to", "not", "let"} or word.endswith("n't")
        ):
            return True
        return (
            token.mention is not None
            or word in _RELATIVES | _CONJUNCTIONS | {"they", "we", "i", "you", ","}
            or ("base" in forms and word.endswith("s") and word not in self.lexicon.nouns)
        )

    def _modifies(self, at: int) -> bool:
        """A participle right between a determiner or preposition and a noun: "captured rifles"."""
        before = self.words[at - 1] if at else ""
        after = self.found[at + 1] if at + 1 < len(self.found) else None
        return (
            before in _DETERMINERS | {"of", "with", "and"} - {"that"}
            and after is not None
            and (after.mention is not None or after.text.isalpha())
            and after.text not in _PREPOSITIONS
            and before not in {"and", "all", "both"}
        )

    # From a trigger to its actors

    def roles_of(self, trigger: _Trigger) -> Iterator[Role]:
        """What a trigger says of the mentions around it."""
        if not trigger.forms:
            yield from self._noun_roles(trigger)
        elif self._is_passive(trigger):
            yield from self._passive_roles(trigger)
        else:
            yield from self._active_roles(trigger)

    def _is_passive(self, trigger: _Trigger) -> bool:
        if "en" not in trigger.forms:
            return False
        if self._be_before(trigger.start):
            return True
        follows = self.words[trigger.end] if trigger.end < len(self.words) else ""
        before = self.words[trigger.start - 1] if trigger.start else ""
        return follows == "by" and before not in _HAVE

    def _be_before(self, at: int) -> bool:
        at -= 1
        while at >= 0 and (self.words[at] in _ADVERBS | {"not"} or self.words[at].endswith("ly")):
            at -= 1
        return at >= 0 and self.words[at] in _BE

    def _passive_roles(self, trigger: _Trigger) -> Iterator[Role]:
        patients = self._subjects(trigger.start)
        agents = self._agents(trigger.end)
        kind = self._status(trigger.start)
        left_behind = self.words[trigger.start] == "left"
        if trigger.stance == "drawdown" and not agents and kind == "active" and not left_behind:
            # "the gunners were withdrawn": forces bear the stance also without a doer.
            yield from (Role("passive", trigger.stance, patient) for patient in patients)
            return
        for agent in agents:
            bearing: Kind = "passive" if kind == "active" else kind
            yield Role(bearing, trigger.stance, agent, frozenset(patients) - {agent})
        for patient in set(patients) - set(agents):
            yield Role("undergone", trigger.stance, patient)

    def _agents(self, end: int) -> list[int]:
        for at in range(end, min(end + 8, len(self.words))):
            if self.words[at] in _STOPS:
                break
            if self.words[at] == "by":
                return self._object(at + 1)
        return []

    def _active_roles(self, trigger: _Trigger) -> Iterator[Role]:
        subjects = self._subjects(trigger.start)
        objects = [o for o in self._object(trigger.end, trigger.start) if o not in subjects]
        kind = self._status(trigger.start)
        for subject in subjects:
            others = set(subjects) - {subject} if trigger.reciprocal else set()
            mutual = trigger.reciprocal and (others or objects)
            reported: Kind = "reciprocal" if kind == "active" and mutual else kind
            yield Role(reported, trigger.stance, subject, frozenset({*objects, *others}))
        for other in objects:
            if trigger.reciprocal and kind == "active":
                yield Role("reciprocal", trigger.stance, other, frozenset(subjects))
            elif trigger.stance != "drawdown":
                yield Role("undergone", trigger.stance, other)
            elif kind == "active" and subjects and self._owns(trigger, other):
                yield Role("active", trigger.stance, other)

    def _owns(self, trigger: _Trigger, other: int) -> bool:
        """Whether a possessive says whose forces they are ("France recalled its gendarmes")."""
        at = self._place(other)
        return any(
            word in {"its", "their", "his", "her", "our", "my"}
            for word in self.words[max(trigger.start, at - 3) : at]
        )

    def _noun_roles(self, trigger: _Trigger) -> Iterator[Role]:
        light = self._light_verb(trigger.start)
        stopped = self._stop_verb(trigger.start)
        owners = self._owners(trigger.start)
        doers, others, targets = self._after_noun(trigger)
        kind: Kind = "nominal"
        if light is not None and not owners:
            status = self._status(light)
            kind = status if status != "active" else "nominal"
            owners = self._subjects(light)
        elif self.words[max(0, trigger.start - 1)] in {"no", "without"}:
            kind = "negated"
        if stopped is not None:
            yield from self._stopped_roles(trigger, stopped, owners or doers)
            return
        bearing = list(dict.fromkeys([*owners, *doers]))
        if trigger.reciprocal or len(others) > 1:
            bearing = list(dict.fromkeys([*bearing, *others]))
            for actor in bearing:
                mutual: Kind = "reciprocal" if kind == "nominal" else kind
                yield Role(mutual, trigger.stance, actor, frozenset(bearing) - {actor})
            return
        for actor in bearing:
            yield Role(kind, trigger.stance, actor, frozenset([*targets, *others]) - {actor})
        for target in set(targets) - set(bearing):
            yield Role("undergone", trigger.stance, target)

    def _stopped_roles(self, trigger: _Trigger, stop: int, owners: Sequence[int]) -> Iterator[Role]:
        """Ending a hostile act is drawdown; ending cooperation is no cooperation."""
        doers = self._subjects(stop) or list(owners)
        status = self._status(stop)
        for doer in doers:
            if trigger.stance == "threat" and status == "active":
                yield Role("stopped", "drawdown", doer)
            if status == "active":
                yield Role("negated", trigger.stance, doer)

    def _owners(self, at: int) -> list[int]:
        """The mention that a noun belongs to, as in "Turkey's new offensive", "US withdrawal"."""
        for back in range(1, 6):
            here = at - back
            if here < 0 or self.words[here] in _STOPS | _PREPOSITIONS | _CONJUNCTIONS | {","}:
                return []
            if self.found[here].mention is not None:
                after = self.words[here + 1]
                near = back == 1 or after in {"'s", "'", "-"} or back == 2
                verb = back == 2 and after in self.lexicon.forms
                return self._together(here) if near and not verb else []
        return []

    def _after_noun(self, trigger: _Trigger) -> tuple[list[int], list[int], list[int]]:
        """Mentions after a noun: those that do it, those it is done with, those it is done to."""
        doers: list[int] = []
        others: list[int] = []
        targets: list[int] = []
        for at in range(trigger.end, min(trigger.end + 7, len(self.words))):
            word = self.words[at]
            if word in _STOPS | _BREAKS | {","} or (
                word in self.lexicon.forms and at > trigger.end
            ):
                break
            found = self._object(at + 1, limit=5)
            if (
                word == "by"
                or (word == "from" and trigger.stance != "drawdown")
                or (word == "of" and trigger.stance == "drawdown")
            ):
                doers += found
            elif word in {"with", "between", "among"}:
                others += found
            elif word in {"on", "against", "at", "to", "for", "of", "toward", "towards", "from"}:
                targets += found
            else:
                continue
            break
        return doers, others, targets

    def _light_verb(self, noun: int) -> int | None:
        """The place of a verb whose object the noun is, if its subject does what the noun says."""
        return self._verb_before(noun, "light")

    def _stop_verb(self, noun: int) -> int | None:
        return self._verb_before(noun, "stops")

    def _verb_before(self, noun: int, name: str) -> int | None:
        for at in range(noun - 1, max(-1, noun - 7), -1):
            if self.words[at] in _STOPS | _BREAKS | {","}:
                return None
            if self._in_list(at, name):
                return at
            if self.words[at] in self.lexicon.forms and self._is_past_or_to(at):
                return None
        return None

    def _is_past_or_to(self, at: int) -> bool:
        return bool(self.lexicon.forms[self.words[at]][1] & {"ed", "en", "ing"})

    def _in_list(self, at: int, name: str) -> bool:
        """Whether the verb at ``at`` stands in a list of the context file."""
        base, _ = self.lexicon.forms.get(self.words[at], (self.words[at], frozenset()))
        return any(
            base == phrase[0] and tuple(self.words[at + 1 : at + len(phrase)]) == phrase[1:]
            for phrase in self.lexicon.context.get(name, ())
        )

    # Status: is it reported as done?

    def _status(self, at: int) -> Kind:
        """``active`` if the verb at ``at`` is reported as done, planned, promised or threatened."""
        if self._negated(at):
            return "negated"
        if self._conditional(at):
            return "conditional"
        if self._governor(at, "demands") is not None:
            return "demanded"
        return "active"

    def _negated(self, at: int) -> bool:
        negators = {phrase[0] for phrase in self.lexicon.context["negators"] if len(phrase) == 1}
        if {"nothing", "nobody"} & set(self.words[at + 1 : at + 3]):
            return True
        for here in range(at - 1, max(-1, at - 7), -1):
            word = self.words[here]
            if word in negators | _NO_PLANS or word.endswith("n't"):
                return True
            if self._in_list(here, "refusals"):
                return self.words[here + 1] in {"to", "having", "that", "its", "any"} or (
                    here == at - 1 and self.words[at].endswith("ing")
                )
            if not (word in _SKIPPED | _PLANS | {"from", "any", "having"} or word.endswith("ly")):
                return False
        return False

    def _conditional(self, at: int) -> bool:
        conditionals = {phrase[0] for phrase in self.lexicon.context["conditionals"]}
        for here in range(at - 1, max(-1, at - 12), -1):
            if self.words[here] in _STOPS | {",", "would", "will"}:
                return False
            if self.words[here] in conditionals:
                return self.words[here] != "should" or self.found[here].capital
        return False

    def _governor(self, at: int, name: str) -> int | None:
        """The verb of a context list of which "to" and the verb at ``at`` are what it says."""
        if at < 2 or self.words[at - 1] not in {"to", "not"}:
            return None
        for here in range(at - 2, max(-1, at - 10), -1):
            if self.words[here] in _STOPS:
                return None
            if self._in_list(here, name):
                between = any(t.mention is not None for t in self.found[here + 1 : at - 1])
                return here if between else None
            if self.words[here] in self.lexicon.forms:
                return None
        return None

    # Subjects and objects

    def _subjects(self, verb: int, depth: int = 0) -> list[int]:
        """The mentions that a verb has as its subject, by a walk to the left."""
        at = self._skip_auxiliaries(verb - 1)
        if at < 0 or depth > 3:
            return []
        if self.words[at] in _CONJUNCTIONS or (self.words[at] == "," and at + 1 == verb):
            earlier = self._verb_left_of(at)
            if earlier is not None:
                return self._subjects(earlier, depth + 1)
        if self.words[at + 1] == "to" or self.words[at] in {
            "by",
            "for",
            "of",
            "without",
            "from",
            "after",
            "before",
            "in",
        }:
            return self._controlled(verb, at, depth)
        return self._nearest_left(at)

    def _skip_auxiliaries(self, at: int) -> int:
        while (
            at >= 0
            and (
                self.words[at] in _SKIPPED | {"not", "never"}
                or self.words[at].endswith(("ly", "n't"))
            )
            and self.found[at].mention is None
        ):
            at -= 1
        return at

    def _controlled(self, verb: int, at: int, depth: int) -> list[int]:
        """The subject of an infinitive or gerund: that of its verb, or that verb's object."""
        for here in range(at, max(-1, at - 10), -1):
            if self.words[here] in _STOPS:
                break
            if self.found[here].mention is not None or self.words[here] not in self.lexicon.forms:
                continue
            object_acts = any(self._in_list(here, n) for n in ("causes", "demands", "allegations"))
            between = [t.mention for t in self.found[here + 1 : verb] if t.mention is not None]
            if object_acts and between:
                return between[:1]
            return self._subjects(here, depth + 1)
        return self._nearest_left(at)

    def _verb_left_of(self, at: int) -> int | None:
        for here in range(at - 1, max(-1, at - 16), -1):
            if self.words[here] in _STOPS:
                return None
            token = self.found[here]
            if token.mention is None and token.text in self.lexicon.forms:
                _, forms = self.lexicon.forms[token.text]
                if forms & {"ed", "en", "ing"} or self._is_verb(here, forms):
                    return here
        return None

    def _nearest_left(self, at: int) -> list[int]:
        commas = 0
        for here in range(at, max(-1, at - _REACH), -1):
            word = self.words[here]
            if word in _STOPS:
                return []
            commas += word == ","
            if commas > 2:
                return []
            if word == "whose":
                return []
            if self.found[here].mention is not None and not self._in_phrase(here):
                return [] if self._another_verb(here, at) else self._together(here)
        return []

    def _another_verb(self, subject: int, at: int) -> bool:
        """Whether the words up to ``at`` already hold the verb of ``subject``."""
        between = range(subject + 1, at + 1)
        if any(self.words[i] in _RELATIVES for i in between[:2]):
            return False
        return any(
            self.words[i] in _BE | _MODALS | _HAVE | _DO
            or (
                self.words[i] in self.lexicon.forms
                and self.lexicon.forms[self.words[i]][1] & {"ed", "s"}
                and self._is_verb(i, self.lexicon.forms[self.words[i]][1])
            )
            for i in between
        )

    def _in_phrase(self, at: int) -> bool:
        """Whether a preposition governs the mention: "the head of M", "troops in M"."""
        here = at - 1
        while here >= 0 and (
            self.words[here] in _DETERMINERS - {"of"} or self.words[here].isdigit()
        ):
            here -= 1
        if (
            here >= 1
            and self.words[here] in _CONJUNCTIONS
            and self.found[here - 1].mention is not None
        ):
            return self._in_phrase(here - 1)
        return here >= 0 and self.words[here] in _PREPOSITIONS

    def _together(self, at: int) -> list[int]:
        """The mention at ``at`` and those that "and" joins to its left."""
        joined = [at]
        here = at - 1
        while here >= 1:
            while here >= 1 and self.words[here] in {"the", "a", "an"}:
                here -= 1
            if self.words[here] not in {"and", ","} or self.found[here - 1].mention is None:
                break
            if self.words[here] == "," and len(joined) == 1:
                break
            joined.append(here - 1)
            here -= 2
        return [m for i in joined if (m := self.found[i].mention) is not None]

    def _object(self, start: int, verb: int | None = None, limit: int = _OBJECT_REACH) -> list[int]:
        """The mentions that stand right of a verb or preposition, up to the end of its phrase."""
        first = start if verb is None else verb + 1
        for at in range(first, min(start + limit, len(self.words))):
            token = self.found[at]
            if token.mention is not None:
                possessor = at + 1 < len(self.words) and self.words[at + 1] in {"'s", "'"}
                return [] if possessor else self._joined_right(at)
            if token.text in _STOPS | _BREAKS | {","}:
                return []
            finite = token.text in self.lexicon.forms and at >= start
            if finite and self._is_verb(at, self.lexicon.forms[token.text][1]):
                return []
        return []

    def _joined_right(self, at: int) -> list[int]:
        joined = [at]
        here = at + 1
        while here < len(self.words) and self.words[here] in {"and", ",", "or", "the", "a", "an"}:
            if self.found[here].mention is None and here + 1 < len(self.words):
                here += 1
            if self.found[here].mention is not None:
                joined.append(here)
                here += 1
        return [m for i in joined if (m := self.found[i].mention) is not None]

    def _place(self, mention: int) -> int:
        return next(i for i, token in enumerate(self.found) if token.mention == mention)
