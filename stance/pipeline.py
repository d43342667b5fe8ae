"""Article in, reading out: sentences, judged mentions, the actors they stand for."""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from stance.actors.given import GivenNames
from stance.actors.resolve import LocatedMention, resolve
from stance.ontology import STANCES
from stance.schema import (
    Article,
    Finding,
    Mention,
    Reader,
    Sentence,
    Skipped,
    Span,
    Stance,
    Target,
)
from stance.settings import RuntimeSettings, SentenceSettings

#: The id of an article that came as a plain string.
UNNAMED = "text"

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class StanceSummary:
    """How often an actor bears one stance, how sure that is, and toward whom.

    ``count`` is of findings; ``mean`` and ``max`` are of their probabilities; ``targets`` counts
    the actors toward whom the stance is directed, where the sentence names one.
    """

    count: int
    mean: float
    max: float
    targets: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "count": self.count,
            "mean": self.mean,
            "max": self.max,
            "targets": dict(self.targets),
        }


@dataclass(frozen=True, slots=True)
class ActorSummary:
    """One actor of an article: ``stances`` by label, only those it bears, in the fixed order."""

    name: str
    mentions: int
    stances: Mapping[str, StanceSummary]
    sentiments: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "name": self.name,
            "mentions": self.mentions,
            "stances": {label: found.to_dict() for label, found in self.stances.items()},
            "sentiments": dict(self.sentiments),
        }


@dataclass(frozen=True, slots=True)
class ArticleReading:
    """What was found in one article.

    ``findings`` holds every judged mention in text order, also those without a stance; ``actors``
    sums them up by actor, the one with most stance-bearing findings first. ``skipped`` accounts
    for the text that was not read; ``missing`` names the actors asked for that occur nowhere.
    """

    article: Article
    sentences: tuple[Sentence, ...]
    findings: tuple[Finding, ...]
    actors: Mapping[str, ActorSummary]
    skipped: tuple[Skipped, ...] = ()
    missing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: all but the text itself, in which the offsets count."""
        return {
            "id": self.article.id,
            "title": self.article.title,
            "date": self.article.date,
            "source": self.article.source,
            "warnings": list(self.article.warnings),
            "sentences": [{"start": s.start, "end": s.end} for s in self.sentences],
            "findings": [finding.to_dict() for finding in self.findings],
            "actors": [actor.to_dict() for actor in self.actors.values()],
            "skipped": [skipped.to_dict() for skipped in self.skipped],
            "missing": list(self.missing),
        }


@dataclass(slots=True)
class StancePipeline:
    """Sentence splitter, reader and actor resolution as one.

    >>> pipeline = StancePipeline.load()  # doctest: +SKIP
    >>> reading = pipeline.read("Iran threatened Israel.")  # doctest: +SKIP
    >>> reading.actors["Iran"].stances["threat"].count  # doctest: +SKIP
    1
    """

    reader: Reader
    sentences: SentenceSettings = field(default_factory=SentenceSettings)
    runtime: RuntimeSettings = field(default_factory=RuntimeSettings)

    @classmethod
    def load(
        cls,
        bundle: str | Path = "default",
        sentences: SentenceSettings | None = None,
        runtime: RuntimeSettings | None = None,
    ) -> StancePipeline:
        """Load a bundle by the name of a shipped one or by its folder.

        Raises :class:`stance.readers.bundle.BundleError` if there is none or it is damaged.
        """
        from stance.readers.bundle import load  # brings in the runtime, which judging alone needs

        runtime = runtime or RuntimeSettings()
        return cls(load(bundle, runtime), sentences or SentenceSettings(), runtime)

    def read(self, article: str | Article, actors: Sequence[str] | None = None) -> ArticleReading:
        """Find and judge the actors of an article; with ``actors``, judge those names instead.

        A given name is looked for as whole words: exactly as it is written, or in any case if it
        is written in lower case. Where two names overlap, the longer one counts. Its findings
        bear the given name as their actor.
        """
        return next(self.read_many([article], actors))

    def read_many(
        self, articles: Iterable[str | Article], actors: Sequence[str] | None = None
    ) -> Iterator[ArticleReading]:
        """Read a stream of articles, ``runtime.articles_at_once`` together, in their order."""
        if isinstance(articles, str | bytes | Article):
            raise TypeError(
                f"read_many takes several articles, got one {type(articles).__name__}; "
                "use read, or put it in a list"
            )
        return self._read_many(iter(articles), None if actors is None else GivenNames(actors))

    def _read_many(
        self, articles: Iterator[str | Article], names: GivenNames | None
    ) -> Iterator[ArticleReading]:
        while batch := list(islice(articles, max(1, self.runtime.articles_at_once))):
            yield from self._read_batch([_as_article(article) for article in batch], names)

    def _read_batch(
        self, articles: Sequence[Article], names: GivenNames | None
    ) -> Iterator[ArticleReading]:
        from stance.text.sentences import split_article  # brings in the splitter's rules

        split = [split_article(article, self.sentences) for article in articles]
        mentions = iter(self._mentions([s for sentences, _ in split for s in sentences], names))
        for article, (sentences, skipped) in zip(articles, split, strict=True):
            judged = list(zip(sentences, islice(mentions, len(sentences)), strict=True))
            findings = _findings(article, judged, names)
            yield ArticleReading(
                article=article,
                sentences=tuple(sentences),
                findings=findings,
                actors=summarise(findings),
                skipped=tuple(skipped),
                missing=names.missing(finding.actor for finding in findings) if names else (),
            )

    def _mentions(
        self, sentences: Sequence[Sentence], names: GivenNames | None
    ) -> list[list[Mention]]:
        """The mentions of each sentence; what repeats, as agency copy does, is read once."""
        keys = [self._as_read(sentence) for sentence in sentences]
        distinct: dict[tuple[str, str], Sentence] = {}
        for key, sentence in zip(keys, sentences, strict=True):
            distinct.setdefault(key, sentence)
        mentions = dict(zip(distinct, self._read(list(distinct.values()), names), strict=True))
        return [mentions[key] for key in keys]

    def _as_read(self, sentence: Sentence) -> tuple[str, str]:
        """All that the reader sees of a sentence; offsets of mentions count in its text."""
        context = getattr(self.reader, "reads_context", True)
        return sentence.text, sentence.prev if context else ""

    def _read(self, sentences: Sequence[Sentence], names: GivenNames | None) -> list[list[Mention]]:
        if names is None:
            return self.reader.read(sentences) if sentences else []
        spans = [names.spans(sentence.text) for sentence in sentences]
        named = [at for at, found in enumerate(spans) if found]
        mentions: list[list[Mention]] = [[] for _ in sentences]
        if named:
            judged = self.reader.read([sentences[at] for at in named], [spans[at] for at in named])
            for at, found in zip(named, judged, strict=True):
                mentions[at] = found
        return mentions

    def judge(self, text: str, spans: Sequence[Span], prev: str = "") -> list[Finding]:
        """Judge the actors at ``spans`` of one sentence, one finding per span in the given order.

        ``spans`` are half-open character ranges in ``text``; ``prev`` is the sentence before.
        Raises ValueError naming the span that is no range inside the text.
        """
        if not isinstance(text, str):
            raise TypeError(f"judge takes the sentence as a str, got {type(text).__name__}")
        checked = [_checked_span(span, len(text)) for span in spans]
        if not checked:
            return []
        article = _as_article(text)
        sentence = Sentence(article.text, 0, _encodable(prev), article.id)
        [mentions] = self.reader.read([sentence], [checked])
        return _sentence_findings(
            article, sentence, mentions, _resolved(article, [(sentence, mentions)])
        )


def predict(
    article: str | Article, actors: Sequence[str] | None = None, bundle: str | Path = "default"
) -> ArticleReading:
    """Read one article; the bundle is loaded on the first call and kept.

    See :meth:`StancePipeline.read` for ``actors``.
    """
    article = _as_article(article)  # a wrong type is told before a bundle is loaded
    return _loaded(str(bundle)).read(article, actors)


@lru_cache(maxsize=4)
def _loaded(bundle: str) -> StancePipeline:
    return StancePipeline.load(bundle)


def summarise(findings: Iterable[Finding]) -> dict[str, ActorSummary]:
    """Sum findings up by actor, the one with most stance-bearing findings first."""
    by_actor: dict[str, list[Finding]] = {}
    for finding in findings:
        by_actor.setdefault(finding.actor, []).append(finding)
    ordered = sorted(
        by_actor.items(),
        key=lambda item: (-sum(bool(f.stances) for f in item[1]), -len(item[1])),
    )
    return {name: _summary(name, found) for name, found in ordered}


def _summary(name: str, findings: Sequence[Finding]) -> ActorSummary:
    stances = {}
    for label in STANCES:
        bearing = [
            same for same in ([s for s in f.stances if s.label == label] for f in findings) if same
        ]
        if bearing:
            probabilities = [same[0].probability for same in bearing]
            stances[label] = StanceSummary(
                count=len(bearing),
                mean=sum(probabilities) / len(bearing),
                max=max(probabilities),
                targets=Counter(s.target.actor for same in bearing for s in same if s.target),
            )
    sentiments = Counter(finding.sentiment for finding in findings)
    return ActorSummary(name, len(findings), stances, dict(sentiments))


def _as_article(article: str | Article) -> Article:
    """The article with lone surrogates, which no encoder takes, replaced one for one."""
    if isinstance(article, str):
        article = Article(UNNAMED, article)
    if not isinstance(article, Article):
        raise TypeError(_what_to_do(article))
    beside = {name: getattr(article, name) for name in ("id", "title", "date", "source")}
    cleaned: dict[str, Any] = {
        name: _encodable(told) for name, told in beside.items() if isinstance(told, str)
    }
    article = replace(article, **cleaned)
    text = _encodable(article.text)
    if text == article.text:
        return article
    warning = "characters that are no valid Unicode were replaced"
    return replace(article, text=text, warnings=(*article.warnings, warning))


def _encodable(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text)


def _what_to_do(article: object) -> str:
    cures = {
        bytes: "decode them first: article.decode('utf-8')",
        type(None): "pass its text",
        dict: "build an article: stance.Article(id=…, text=…)",
    }
    cure = "pass its text, or a stance.Article"
    if isinstance(article, Path):
        cure = "read it first: path.read_text(encoding='utf-8'), or use `stance predict PATH`"
    cure = cures.get(type(article), cure)
    return f"an article is a str or a stance.Article, got {type(article).__name__}; {cure}"


def _checked_span(span: Span, length: int) -> Span:
    try:
        start, end = span
        if isinstance(start, bool) or isinstance(end, bool):
            raise TypeError
        start, end = operator.index(start), operator.index(end)
    except (TypeError, ValueError):
        raise ValueError(f"span {span!r} is no pair of ints (start, end)") from None
    if not 0 <= start < end <= length:
        what = "is empty" if 0 <= start == end <= length else "lies outside the text"
        raise ValueError(f"span {(start, end)} {what} ({length} characters); give 0 <= start < end")
    return start, end


def _findings(
    article: Article, judged: Sequence[tuple[Sentence, list[Mention]]], names: GivenNames | None
) -> tuple[Finding, ...]:
    if names is None:
        actors = iter(_resolved(article, judged))
    else:
        actors = iter([names.name(m.text) for _, mentions in judged for m in mentions])
    return tuple(
        finding
        for sentence, mentions in judged
        for finding in _sentence_findings(
            article, sentence, mentions, list(islice(actors, len(mentions)))
        )
    )


def _resolved(article: Article, judged: Sequence[tuple[Sentence, list[Mention]]]) -> list[str]:
    located = [
        LocatedMention(s.start + m.start, s.start + m.end, (s.start, s.end))
        for s, mentions in judged
        for m in mentions
    ]
    return resolve(article.text, located)


def _sentence_findings(
    article: Article, sentence: Sentence, mentions: Sequence[Mention], actors: Sequence[str]
) -> list[Finding]:
    """The findings of a sentence, with offsets that count in the article."""
    targets = [
        Target(sentence.start + m.start, sentence.start + m.end, m.text, actor)
        for m, actor in zip(mentions, actors, strict=True)
    ]
    return [
        Finding(
            document=article.id,
            sentence=sentence.text,
            start=here.start,
            end=here.end,
            text=here.text,
            actor=here.actor,
            stances=tuple(
                Stance(a.label, a.probability, None if a.target is None else targets[a.target])
                for a in mention.acts
            ),
            sentiment=mention.sentiment,
            probabilities=mention.probabilities,
            abstained=mention.abstained,
        )
        for mention, here in zip(mentions, targets, strict=True)
    ]
