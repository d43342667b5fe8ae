"""A reader whose every answer follows from the words, so that tests need no weights."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from stance.pipeline import StancePipeline
from stance.schema import Act, Mention, Sentence, Span
from stance.settings import RuntimeSettings

ACTORS = re.compile(
    r"\b(?:(?:U\.S\.|American) (?:forces|troops)|Kenneth Ekman|Ekman|Iran|Tehran|Israel|Iraq"
    r"|NATO|[Hh]e|[Tt]hey|[Ww]e)\b"
)
VERBS = {"threatened": ("threat", 0.9), "met": ("cooperation", 0.8), "left": ("drawdown", 0.7)}
VERB_AFTER = re.compile(r" (?P<doubt>may have )?(?P<verb>threatened|met|left)\b")


class RuleReader:
    """An actor bears the stance of the verb right after it, toward the next actor.

    "may have" before the verb makes it abstain; an "evil" right before an actor is negative.
    ``calls`` records the sentences of each call.
    """

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def read(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]] | None = None
    ) -> list[list[Mention]]:
        self.calls.append([sentence.text for sentence in sentences])
        if spans is None:
            spans = [[m.span() for m in ACTORS.finditer(s.text)] for s in sentences]
        return [self._judge(s.text, found) for s, found in zip(sentences, spans, strict=True)]

    def _judge(self, text: str, spans: Sequence[Span]) -> list[Mention]:
        return [self._mention(text, at, spans) for at in range(len(spans))]

    def _mention(self, text: str, at: int, spans: Sequence[Span]) -> Mention:
        start, end = spans[at]
        verb = VERB_AFTER.match(text, end)
        label, probability = VERBS[verb["verb"]] if verb else ("", 0.0)
        target = at + 1 if at + 1 < len(spans) else None
        probabilities = dict.fromkeys(("threat", "cooperation", "drawdown"), 0.1)
        if verb:
            probabilities[label] = probability
        return Mention(
            start=start,
            end=end,
            text=text[start:end],
            acts=(Act(label, target, probability),) if verb else (),
            sentiment="negative" if text[:start].endswith("evil ") else "neutral",
            probabilities=probabilities,
            abstained=bool(verb and verb["doubt"]),
        )


@pytest.fixture
def rule_reader() -> RuleReader:
    return RuleReader()


@pytest.fixture
def pipeline(rule_reader: RuleReader) -> StancePipeline:
    return StancePipeline(rule_reader, runtime=RuntimeSettings(articles_at_once=2))
