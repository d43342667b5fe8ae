"""The shipped labelling functions, all made from the lexicon: one per way of saying who does what.

Five speak for a stance: ``active`` ("A struck B"), ``passive`` ("was struck by A"), ``nominal``
("A's strike", "A launched a strike"), ``mutual`` ("A met B", "alongside A") and ``stopped`` ("A
halted its strikes"). ``speaker`` gives a speaker what "we" in the quotation does. The others speak
against: ``undergone``, ``negated``, ``conditional``, ``demanded``, and ``untriggered`` where the
sentence holds no word of a stance. ``tone`` judges sentiment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Final

from stance.labelling.functions import Answer, Candidate, SimpleFunction
from stance.labelling.lexicon import Lexicon
from stance.labelling.roles import BEARING, Kind, Role, roles, tokens, triggered
from stance.ontology import STANCES
from stance.schema import Act, Sentence, Span

_FIRST_PERSON: Final = frozenset({"we", "i", "us"})
_QUOTATION = re.compile(r"[\"“”]")
_TONE_REACH: Final = 2  # words before a mention that colour it
_SPEAKER_REACH: Final = 2

_Call = Callable[[Sentence, Candidate], Answer]


def lexicon_functions(lexicon: Lexicon) -> list[SimpleFunction]:
    """The shipped functions over the words of ``lexicon``."""
    reading = _Readings(lexicon)
    calls: dict[str, _Call] = {
        "active": partial(_bearing, reading, frozenset({"active"})),
        "passive": partial(_bearing, reading, frozenset({"passive"})),
        "nominal": partial(_bearing, reading, frozenset({"nominal"})),
        "mutual": partial(_mutual, reading),
        "stopped": partial(_bearing, reading, frozenset({"stopped"})),
        "speaker": partial(_speaker, reading),
        "undergone": partial(_undergone, reading),
        "negated": partial(_against, reading, "negated"),
        "conditional": partial(_against, reading, "conditional"),
        "demanded": partial(_against, reading, "demanded"),
        "untriggered": partial(_untriggered, reading),
        "tone": partial(_tone, reading),
    }
    return [SimpleFunction(name, call) for name, call in calls.items()]


class _Readings:
    """The roles of a sentence, worked out once for all functions and mentions."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._roles = lru_cache(maxsize=256)(partial(roles, lexicon=lexicon))
        self._triggered = lru_cache(maxsize=256)(partial(triggered, lexicon=lexicon))

    def all(self, candidate: Candidate) -> tuple[Role, ...]:
        """The roles of every mention of the candidate's sentence."""
        return self._roles(candidate.sentence.text, _spans(candidate))

    def own(self, candidate: Candidate) -> list[Role]:
        """The roles of the candidate itself."""
        return [role for role in self.all(candidate) if role.actor == candidate.index]

    def triggered(self, candidate: Candidate) -> frozenset[str]:
        """The stances that some word of the candidate's sentence shows."""
        return self._triggered(candidate.sentence.text, _spans(candidate))


def _bearing(
    readings: _Readings, kinds: frozenset[Kind], _: Sentence, candidate: Candidate
) -> Answer:
    return _acts(role for role in readings.own(candidate) if role.kind in kinds)


def _acts(found: Iterable[Role]) -> list[Act] | None:
    """An act per target; None where no role is found."""
    targets: dict[str, set[int]] = {}
    for role in found:
        targets.setdefault(role.stance, set()).update(role.targets)
    acts: list[Act] = []
    for stance, others in targets.items():
        acts += [Act(stance, target) for target in sorted(others)] or [Act(stance)]
    return acts or None


def _mutual(readings: _Readings, sentence: Sentence, candidate: Candidate) -> Answer:
    found = [role for role in readings.own(candidate) if role.kind == "reciprocal"]
    words = " ".join(_words(candidate.before)[-8:])
    for entry in readings.lexicon.companions:
        if re.search(rf"\b{' '.join(entry.tokens)}(?: (?:the|its|a|an|their|his|our))?$", words):
            found.append(Role("reciprocal", entry.stance, candidate.index))
    return _acts(found)


def _speaker(readings: _Readings, _: Sentence, candidate: Candidate) -> Answer:
    """What "we" does in a quotation, said of whom the words after it name as the speaker."""
    if not (_QUOTATION.search(candidate.sentence.text) and _speaks(readings.lexicon, candidate)):
        return None
    ours = [
        role
        for role in readings.all(candidate)
        if role.kind in BEARING
        and candidate.mentions[role.actor].text.lower() in _FIRST_PERSON
        and role.actor != candidate.index
    ]
    return _acts(role._replace(targets=role.targets - {candidate.index}) for role in ours)


def _speaks(lexicon: Lexicon, candidate: Candidate) -> bool:
    """Whether a verb of speech stands right before the mention, or soon after it."""
    if candidate.text.lower() in _FIRST_PERSON:
        return False
    before, after = _words(candidate.before), _words(candidate.after)
    speech = {phrase[0] for phrase in lexicon.context["speech"]} - {"tell", "ask", "call"}
    told = {lexicon.forms.get(word, ("", None))[0] for word in before[-1:]} & speech
    tells = {lexicon.forms.get(word, ("", None))[0] for word in after[:_SPEAKER_REACH]}
    return bool(told or tells & {*speech, "tell"})


def _undergone(readings: _Readings, _: Sentence, candidate: Candidate) -> Answer:
    """Being attacked, asked or helped gives no stance."""
    own = readings.own(candidate)
    if not own or any(role.kind in BEARING for role in own):
        return None
    return [f"not {role.stance}" for role in own if role.kind == "undergone"] or None


def _against(readings: _Readings, kind: Kind, _: Sentence, candidate: Candidate) -> Answer:
    own = readings.own(candidate)
    borne = {role.stance for role in own if role.kind in BEARING}
    denied = {role.stance for role in own if role.kind == kind}
    return [f"not {stance}" for stance in STANCES if stance in denied - borne] or None


def _untriggered(readings: _Readings, _: Sentence, candidate: Candidate) -> Answer:
    found = readings.triggered(candidate)
    return [f"not {stance}" for stance in STANCES if stance not in found] or None


def _tone(readings: _Readings, _: Sentence, candidate: Candidate) -> Answer:
    """A word right around the mention that judges it."""
    before, after = _words(candidate.before), _words(candidate.after)
    near = {*before[-_TONE_REACH:], *_words(candidate.text)}
    if {"is", "are", "was", "were", "been"} & set(after[:2]):
        near |= set(after[: _TONE_REACH + 1])
    for sentiment in ("negative", "positive"):
        if near & {phrase[0] for phrase in readings.lexicon.context[sentiment]}:
            return sentiment
    return None


def _spans(candidate: Candidate) -> tuple[Span, ...]:
    return tuple(mention.span for mention in candidate.mentions)


def _words(text: str) -> list[str]:
    return [token.text for token in tokens(text, ())]
