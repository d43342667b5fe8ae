"""``scripts/label.py``: articles in, suggested labels, a review queue and a report out."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stance.actors.given import GivenNames
from stance.atomic import atomic_write
from stance.data.files import read_examples, write_examples
from stance.data.split import side
from stance.labelling import exchange
from stance.labelling.aggregate import dawid_skene, majority
from stance.labelling.functions import (
    LABELS,
    Candidate,
    FunctionError,
    LabellingFunction,
    ReaderFunction,
    Registry,
    load_functions,
)
from stance.labelling.lexicon import load as load_lexicon
from stance.labelling.report import LabelReport, score
from stance.labelling.review import queue
from stance.labelling.shipped import lexicon_functions
from stance.labelling.suggest import Suggestion, candidates_of, suggest
from stance.labelling.votes import BoolArray, Votes, collect_votes, gold_matrix, worth
from stance.readers import bundle
from stance.schema import Article, Example, Mention, Reader, Sentence
from stance.settings import Aggregation, LabelSettings
from stance.text.ingest import read_articles
from stance.text.sentences import split_article

log = logging.getLogger(__name__)

LABELLED = "labelled.jsonl"
SUGGESTIONS = "suggestions.jsonl"
QUEUE = "queue.jsonl"
REPORT = "report.json"


class LabelError(ValueError):
    """Settings from which nothing can be labelled."""


@dataclass(frozen=True)
class Labelling:
    """What functions and label models make of sentences; the first ``fresh`` are the articles'."""

    suggestions: list[Suggestion]
    votes: Votes
    fresh: int
    report: LabelReport


class _Readers:
    """Bundles by name, each loaded once."""

    def __init__(self, settings: LabelSettings) -> None:
        self._runtime = settings.runtime
        self._loaded: dict[str, Reader] = {}

    def __getitem__(self, name: str) -> Reader:
        if name not in self._loaded:
            self._loaded[name] = bundle.load(name, self._runtime)
        return self._loaded[name]


def label(settings: LabelSettings) -> LabelReport:
    """Label, write everything into ``settings.output``, and give the report.

    Raises :class:`LabelError` without articles, gold or functions, and whatever the parts raise
    for a lexicon, function, bundle or labelled file that cannot be read.
    """
    if not settings.paths and not settings.gold:
        raise LabelError("name articles (paths=[…]) or labelled sentences (gold=[…]) to label")
    readers = _Readers(settings)
    functions = functions_of(settings, readers)
    gold = _gold(settings)
    reviewed = read_examples(settings.reviewed) if settings.reviewed else []
    fresh = list(_sentences(settings, readers))
    labelling = label_examples(functions, fresh, gold, settings.aggregation)
    chosen = queue(labelling.suggestions, labelling.votes, [*reviewed, *gold], settings.queue)
    labelling.report.queued = len(chosen)
    _write(settings, labelling, chosen)
    return labelling.report


def _gold(settings: LabelSettings) -> list[Example]:
    examples = read_examples(settings.gold) if settings.gold else []
    if settings.gold_side is None:
        return examples
    found = [e for e in examples if side(e.document, settings.split) == settings.gold_side]
    if not found:
        raise LabelError(f"no gold on the side {settings.gold_side!r}: name train, dev or test")
    return found


def functions_of(settings: LabelSettings, readers: _Readers) -> list[LabellingFunction]:
    """The shipped functions, the user's and the readers, less those left out."""
    registry = Registry()
    if settings.lexicon is not None:
        for function in lexicon_functions(load_lexicon(settings.lexicon)):
            registry.add(function)
    for path in settings.functions:
        for function in load_functions(path):
            registry.add(function)
    for name in settings.readers:
        registry.add(ReaderFunction(name, readers[name]))
    functions = registry.without(settings.leave_out)
    if not functions:
        raise FunctionError("no labelling function is left: name a lexicon, functions or readers")
    return functions


def label_examples(
    functions: Sequence[LabellingFunction],
    fresh: Sequence[Example],
    gold: Sequence[Example],
    aggregation: Aggregation = Aggregation.better,
) -> Labelling:
    """Let ``functions`` label the mentions of ``fresh`` and ``gold``, and score them on ``gold``.

    Both ways of aggregating are fitted without a look at gold labels, which only choose between
    them where ``aggregation`` asks for the better.
    """
    examples = [*fresh, *gold]
    votes = collect_votes(functions, [candidates_of(example) for example in examples])
    truth = gold_matrix([actor for example in gold for actor in example.actors])
    has_gold = _gold_last(votes.candidates, len(truth))
    models = {"majority": majority(votes), "dawid_skene": dawid_skene(votes)}
    scores = {name: score(model, has_gold, truth) for name, model in models.items()}
    chosen = aggregation.value
    if aggregation is Aggregation.better:
        chosen = max(scores, key=lambda name: scores[name].macro_f1) if len(truth) else "majority"
    suggestions = suggest(examples, votes, models[chosen])
    report = LabelReport(
        sentences=len(fresh),
        mentions=sum(len(example.actors) for example in fresh),
        gold_sentences=len(gold),
        gold_mentions=len(truth),
        chosen=chosen,
        suggested=_counts(suggestions[: len(fresh)]),
        worth=worth(votes, has_gold, truth),
        weights=list(models["dawid_skene"].weights),
        scores=scores if len(truth) else {},
    )
    return Labelling(suggestions, votes, len(fresh), report)


def _gold_last(candidates: Sequence[Candidate], gold: int) -> BoolArray:
    places: BoolArray = np.arange(len(candidates)) >= len(candidates) - gold
    return places


def _counts(suggestions: Sequence[Suggestion]) -> dict[str, int]:
    mentions = [actor for s in suggestions for actor in s.example.actors]
    return {name: sum(name in {*m.labels, m.sentiment} for m in mentions) for name in LABELS}


def _sentences(settings: LabelSettings, readers: _Readers) -> Iterator[Example]:
    """The sentences of the articles with their mentions, not yet labelled."""
    names = GivenNames(settings.actors) if settings.actors else None
    seen: set[str] = set()
    for item in read_articles(settings.paths, settings.ingest):
        if not isinstance(item, Article):
            log.warning("%s: %s", item.source, item.reason)
        elif item.id in seen:
            log.warning("%s: another article has this id; left out", item.id)
        else:
            seen.add(item.id)
            sentences, _ = split_article(item, settings.sentences)
            mentions = _mentions(sentences, names, settings, readers)
            for sentence, found in zip(sentences, mentions, strict=True):
                id = f"{item.id}:{sentence.start}"
                yield Example(id, item.id, sentence.start, sentence.prev, sentence.text, found)


def _mentions(
    sentences: Sequence[Sentence],
    names: GivenNames | None,
    settings: LabelSettings,
    readers: _Readers,
) -> list[tuple[Mention, ...]]:
    if names is None:
        found = readers[settings.bundle].read(sentences) if sentences else []
        return [
            tuple(Mention(m.start, m.end, m.text, confidence=m.confidence) for m in mentions)
            for mentions in found
        ]
    return [
        tuple(Mention(*span, s.text[slice(*span)]) for span in names.spans(s.text))
        for s in sentences
    ]


def _write(settings: LabelSettings, labelling: Labelling, chosen: Sequence[int]) -> None:
    folder = settings.output
    queued = [labelling.suggestions[i].example for i in chosen]
    fresh = [s.example for s in labelling.suggestions[: labelling.fresh]]
    write_examples(folder / LABELLED, fresh)
    write_examples(folder / QUEUE, queued)
    exchange.write(settings.tool, folder / f"queue{exchange.SUFFIXES[settings.tool]}", queued)
    _write_suggestions(folder / SUGGESTIONS, labelling.suggestions)
    with atomic_write(folder / REPORT) as path:
        text = json.dumps(labelling.report.to_dict(), indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


def _write_suggestions(path: Path, suggestions: Sequence[Suggestion]) -> None:
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for suggestion in suggestions:
            file.write(json.dumps(suggestion.to_dict(), ensure_ascii=False) + "\n")
