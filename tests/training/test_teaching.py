from __future__ import annotations

import json

import pytest

from stance.ontology import SENTIMENTS, STANCES
from stance.schema import Act, Example, Mention, Sentence

teaching = pytest.importorskip("stance.training.teaching")
features = pytest.importorskip("stance.training.features")

SURE = dict(zip(STANCES, (0.8, 0.1, 0.0), strict=True))
GLOOMY = dict(zip(SENTIMENTS, (0.6, 0.4, 0.0), strict=True))


class Teacher:
    """Thinks the first word of every sentence threatens, and finds it as the only actor."""

    def read(self, sentences, spans=None):
        spans = spans or [[(0, len(s.text.split()[0]))] for s in sentences]
        return [
            [
                Mention(
                    start,
                    end,
                    sentence.text[start:end],
                    (Act("threat"),),
                    "negative",
                    probabilities=SURE,
                    sentiment_probabilities=GLOOMY,
                )
                for start, end in places
            ]
            for sentence, places in zip(sentences, spans, strict=True)
        ]


LABELLED = Example("x", "d", 0, "", "Iran hit back", (Mention(0, 4, "Iran", (Act("drawdown"),)),))


def test_labels_and_teacher_are_weighed():
    (example,) = teaching.taught([LABELLED], Teacher(), weight=0.25)

    (actor,) = example.actors
    assert actor.probabilities == pytest.approx(
        {"threat": 0.2, "cooperation": 0.025, "drawdown": 0.75}
    )
    assert actor.sentiment_probabilities == pytest.approx(
        {"negative": 0.15, "neutral": 0.85, "positive": 0}
    )
    assert actor.labels == {"drawdown"}


def test_without_weight_the_labels_stay_as_they_are():
    (example,) = teaching.taught([LABELLED], Teacher(), weight=0.0)

    (actor,) = example.actors
    assert features.stance_shares(actor) == {"threat": 0, "cooperation": 0, "drawdown": 1}
    assert features.sentiment_shares(actor) == {"negative": 0, "neutral": 1, "positive": 0}


def test_the_teacher_labels_what_has_no_label():
    sentence = Sentence("Turkey struck.", 7, "Before.", "d9")

    (example,) = teaching.teacher_labelled([sentence], Teacher())

    assert example.sentence == sentence
    assert example.actors[0].text == "Turkey"
    assert features.stance_shares(example.actors[0]) == SURE


def test_unlabelled_articles_share_no_document_with_the_labelled(tmp_path):
    path = tmp_path / "articles.jsonl"
    texts = {"d": "Iran hit back.", "e": "Turkey struck. Then it rained.", "f": "Turkey struck."}
    path.write_text(
        "".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items())
    )

    found = teaching.unlabelled_sentences([path], [LABELLED])

    assert [(s.document, s.text) for s in found] == [
        ("e", "Turkey struck."),
        ("e", "Then it rained."),
    ]
