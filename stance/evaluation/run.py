"""Readers put to the test on labelled sentences."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from stance.data.files import data_hash, read_examples
from stance.data.split import load
from stance.evaluation.bootstrap import Bootstrap
from stance.evaluation.metrics import count, differences, scores
from stance.evaluation.result import DataReport, Evaluation, Predictions, Report
from stance.readers import bundle
from stance.schema import Example, Reader
from stance.settings import EvaluateSettings


def evaluate(settings: EvaluateSettings) -> Report:
    """Score every bundle on every file; without files, on the test side of ``settings.data``."""
    readers = {name: bundle.load(name) for name in settings.bundles}
    bootstrap = Bootstrap(settings.resamples, settings.confidence, settings.seed)
    data = [
        evaluate_readers(name, readers, examples, bootstrap)
        for name, examples in labelled_sets(settings).items()
    ]
    return Report(data, bootstrap)


def labelled_sets(settings: EvaluateSettings) -> dict[str, list[Example]]:
    """The sets of sentences to score on, by name. Raises ValueError if one is empty."""
    if settings.files:
        sets = {str(path): read_examples([path]) for path in settings.files}
    else:
        sets = {"test": load(settings.data).test}
    for name, examples in sets.items():
        if not examples:
            raise ValueError(f"no labelled sentences in {name}: nothing to evaluate on")
    return sets


def evaluate_readers(
    name: str, readers: Mapping[str, Reader], examples: Sequence[Example], bootstrap: Bootstrap
) -> DataReport:
    """Score the readers on one set, and the first of them against each other one."""
    evaluations = {
        reader_name: evaluate_reader(reader, examples, bootstrap)
        for reader_name, reader in readers.items()
    }
    first, *others = evaluations
    gaps = {
        other: differences(evaluations[first].counts, evaluations[other].counts, bootstrap)
        for other in others
    }
    return DataReport(name, data_hash(examples), list(examples), evaluations, gaps)


def evaluate_reader(
    reader: Reader, examples: Sequence[Example], bootstrap: Bootstrap | None = None
) -> Evaluation:
    """Let ``reader`` read the sentences twice, and score it.

    First it judges exactly the gold spans, then it finds the actors itself. Without ``bootstrap``
    there are no intervals, which is quicker while training. Raises ValueError if the reader does
    not answer sentence by sentence and span by span.
    """
    predictions = predict(reader, examples)
    counts = count(examples, predictions.given, predictions.found)
    return Evaluation(scores(counts, bootstrap), counts, predictions)


def predict(reader: Reader, examples: Sequence[Example]) -> Predictions:
    """What ``reader`` says of the sentences, given the gold spans and without them."""
    sentences = [example.sentence for example in examples]
    spans = [example.spans for example in examples]
    given = reader.read(sentences, spans)
    started = time.perf_counter()
    found = reader.read(sentences)
    seconds = time.perf_counter() - started
    if [[mention.span for mention in mentions] for mentions in given] != spans:
        raise ValueError("the reader did not judge exactly the spans it was given, in their order")
    if len(found) != len(sentences):
        raise ValueError(f"the reader answered {len(found)} of {len(sentences)} sentences")
    return Predictions(given, found, seconds)
