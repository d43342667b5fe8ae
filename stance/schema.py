"""The nouns of the project: what is read, what is labelled, what is found.

A labelled file holds :class:`Example` rows. A :class:`Reader` turns :class:`Sentence` objects into
judged :class:`Mention` objects, the same type that an example's gold actors have, so gold and
prediction are compared like with like. The pipeline turns judged mentions into
:class:`Finding` rows, whose offsets count in the article.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

from stance.ontology import NEUTRAL

#: Decimals of a probability that is written down.
DIGITS: Final = 4

#: Half-open character range ``(start, end)`` in the text at hand.
Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Article:
    """One text to read.

    ``id`` names the article in every output row. ``warnings`` holds what the reader of the file
    noticed and survived (bytes that were no valid text, a language other than English).
    """

    id: str
    text: str
    title: str | None = None
    date: str | None = None
    source: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it stands: ``start`` is the offset of its first character.

    ``prev`` is the sentence before it, read as context and never judged.
    """

    text: str
    start: int = 0
    prev: str = ""
    document: str = ""

    @property
    def end(self) -> int:
        """Offset just past the last character."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Characters ``start`` to ``end`` of an article that were not read, and why."""

    start: int
    end: int
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"start": self.start, "end": self.end, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Act:
    """A stance inside one sentence: ``target`` is the index of a mention of the same sentence."""

    label: str
    target: int | None = None
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Mention:
    """One actor mention of a sentence, gold or judged; offsets count in the sentence.

    ``probabilities`` maps every stance label to its calibrated probability (empty for gold);
    ``confidence`` is the probability that the span is an actor at all; ``abstained`` says that a
    label lies in the doubtful band around its threshold.
    """

    start: int
    end: int
    text: str
    acts: tuple[Act, ...] = ()
    sentiment: str = NEUTRAL
    probabilities: Mapping[str, float] = field(default_factory=dict)
    sentiment_probabilities: Mapping[str, float] = field(default_factory=dict)
    confidence: float = 1.0
    abstained: bool = False

    @property
    def span(self) -> Span:
        """``(start, end)`` in the sentence."""
        return self.start, self.end

    @property
    def labels(self) -> frozenset[str]:
        """The stance labels this mention bears."""
        return frozenset(act.label for act in self.acts)

    def targets(self, label: str) -> frozenset[int]:
        """Indices of the mentions toward which ``label`` is directed."""
        return frozenset(a.target for a in self.acts if a.label == label and a.target is not None)


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled sentence, the row of the project's JSON Lines format."""

    id: str
    document: str
    offset: int
    prev: str
    text: str
    actors: tuple[Mention, ...]

    @property
    def sentence(self) -> Sentence:
        """The sentence without its labels."""
        return Sentence(self.text, self.offset, self.prev, self.document)

    @property
    def spans(self) -> list[Span]:
        """The spans of the gold actors."""
        return [actor.span for actor in self.actors]

    def to_dict(self) -> dict[str, Any]:
        """The row as plain JSON values."""
        return {
            "id": self.id,
            "document": self.document,
            "offset": self.offset,
            "prev": self.prev,
            "text": self.text,
            "actors": [
                {
                    "start": actor.start,
                    "end": actor.end,
                    "text": actor.text,
                    "stances": [{"label": a.label, "target": a.target} for a in actor.acts],
                    "sentiment": actor.sentiment,
                }
                for actor in self.actors
            ],
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Example:
        """Build an example from a row that :func:`stance.data.validate.problems` finds sound."""
        actors = tuple(
            Mention(
                start=actor["start"],
                end=actor["end"],
                text=actor["text"],
                acts=tuple(Act(s["label"], s.get("target")) for s in actor["stances"]),
                sentiment=actor["sentiment"],
            )
            for actor in row["actors"]
        )
        return cls(
            row["id"], row["document"], row["offset"], row.get("prev", ""), row["text"], actors
        )


@dataclass(frozen=True, slots=True)
class Target:
    """Toward whom a stance is directed; offsets count in the article."""

    start: int
    end: int
    text: str
    actor: str

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"start": self.start, "end": self.end, "text": self.text, "actor": self.actor}


@dataclass(frozen=True, slots=True)
class Stance:
    """One stance of a finding, with its calibrated probability."""

    label: str
    probability: float
    target: Target | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "label": self.label,
            "probability": round(self.probability, DIGITS),
            "target": self.target.to_dict() if self.target else None,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One judged mention of an article: the row that every output format shares.

    ``sentence`` is the sentence's text; ``start`` and ``end`` are character offsets of the mention
    in the article's text; ``actor`` is whom the mention stands for; ``probabilities`` holds the
    calibrated probability of every stance, borne or not.
    """

    document: str
    sentence: str
    start: int
    end: int
    text: str
    actor: str
    stances: tuple[Stance, ...]
    sentiment: str
    probabilities: Mapping[str, float]
    abstained: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, in the column order of every output format."""
        return {
            "document": self.document,
            "sentence": self.sentence,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "actor": self.actor,
            "stances": [stance.to_dict() for stance in self.stances],
            "sentiment": self.sentiment,
            "probabilities": {k: round(p, DIGITS) for k, p in self.probabilities.items()},
            "abstained": self.abstained,
        }


@runtime_checkable
class Reader(Protocol):
    """Anything that finds and judges actor mentions.

    The transformer, its ONNX export, the linear baseline and the tests' stand-ins all satisfy it;
    evaluation and the pipeline never know which one they hold. What is judged depends on a
    sentence's ``text`` and ``prev`` alone; a reader that does not look at ``prev`` either may say
    so with an attribute ``reads_context = False``, which spares it more repeated sentences.
    """

    def read(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]] | None = None
    ) -> list[list[Mention]]:
        """Judge the actors of each sentence.

        With ``spans`` exactly those are judged, in their order; without, the reader finds the
        actors itself. Mentions of a sentence come in order of their start unless ``spans`` says
        otherwise. Act targets are indices into the returned list of the same sentence.
        """
        ...
