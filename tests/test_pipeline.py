from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stance
from stance import pipeline as module
from stance.pipeline import StancePipeline, StanceSummary
from stance.schema import Article, Mention

TEXT = (
    "U.S. forces left Iraq. American troops threatened Iran, said Kenneth Ekman. "
    "Ekman met NATO. Nothing else happened."
)


def test_every_mention_is_a_finding_with_offsets_in_the_article(pipeline: StancePipeline) -> None:
    reading = pipeline.read(TEXT)
    assert [(f.text, f.actor) for f in reading.findings] == [
        ("U.S. forces", "U.S. forces"),
        ("Iraq", "Iraq"),
        ("American troops", "U.S. forces"),
        ("Iran", "Iran"),
        ("Kenneth Ekman", "Kenneth Ekman"),
        ("Ekman", "Kenneth Ekman"),
        ("NATO", "NATO"),
    ]
    assert [TEXT[f.start : f.end] for f in reading.findings] == [f.text for f in reading.findings]
    assert [s.text for s in reading.sentences] == [
        "U.S. forces left Iraq.",
        "American troops threatened Iran, said Kenneth Ekman.",
        "Ekman met NATO.",
        "Nothing else happened.",
    ]
    assert reading.findings[0].document == "text"


def test_target_is_told_with_its_place_and_its_actor(pipeline: StancePipeline) -> None:
    [stance_of] = pipeline.read("Nobody knew. Iran threatened Tehran.").findings[0].stances
    assert stance_of.to_dict() == {
        "label": "threat",
        "probability": 0.9,
        "target": {"start": 29, "end": 35, "text": "Tehran", "actor": "Iran"},
    }


def test_actors_are_summed_up_the_busiest_first(pipeline: StancePipeline) -> None:
    actors = pipeline.read("Iraq and Iraq. " + TEXT + " Evil, evil NATO.").actors
    assert list(actors) == ["U.S. forces", "Kenneth Ekman", "Iraq", "NATO", "Iran"]
    assert actors["U.S. forces"].mentions == 2
    assert actors["U.S. forces"].stances == {
        "threat": StanceSummary(count=1, mean=0.9, max=0.9, targets={"Iran": 1}),
        "drawdown": StanceSummary(count=1, mean=0.7, max=0.7, targets={"Iraq": 1}),
    }
    assert actors["Iraq"].stances == {}
    assert actors["NATO"].sentiments == {"neutral": 1, "negative": 1}


def test_reading_is_plain_json(pipeline: StancePipeline) -> None:
    article = Article("a1", "Iran met Israel.", title="Talks", date="2020-01-02")
    reading = pipeline.read(article).to_dict()
    assert json.loads(json.dumps(reading)) == reading
    assert reading["title"] == "Talks"
    assert reading["sentences"] == [{"start": 0, "end": 16}]
    assert [f["stances"] for f in reading["findings"]] == [
        [
            {
                "label": "cooperation",
                "probability": 0.8,
                "target": {"start": 9, "end": 15, "text": "Israel", "actor": "Israel"},
            }
        ],
        [],
    ]
    assert reading["actors"][0] == {
        "name": "Iran",
        "mentions": 1,
        "stances": {"cooperation": {"count": 1, "mean": 0.8, "max": 0.8, "targets": {"Israel": 1}}},
        "sentiments": {"neutral": 1},
    }


@pytest.mark.parametrize("text", ["", "  \n\n "])
def test_text_without_words_is_an_empty_reading(pipeline: StancePipeline, text: str) -> None:
    reading = pipeline.read(text)
    assert (reading.sentences, reading.findings, reading.actors) == ((), (), {})


def test_what_is_not_read_is_told(pipeline: StancePipeline) -> None:
    [skipped] = pipeline.read("***\n\nIran left.").skipped
    assert (skipped.start, skipped.end) == (0, 3)


def test_articles_stream_in_order_and_share_a_batch(
    pipeline: StancePipeline, rule_reader: Any
) -> None:
    taken: list[int] = []

    def articles() -> Iterator[Article]:
        for number in range(5):
            taken.append(number)
            yield Article(f"a{number}", f"Iran met {number}." if number != 1 else "")

    readings = pipeline.read_many(articles())
    assert taken == []
    assert next(readings).article.id == "a0"
    assert taken == [0, 1]
    assert [r.article.id for r in readings] == ["a1", "a2", "a3", "a4"]
    assert rule_reader.calls == [["Iran met 0."], ["Iran met 2.", "Iran met 3."], ["Iran met 4."]]


def test_many_read_together_are_the_same_as_one_by_one(pipeline: StancePipeline) -> None:
    articles = [TEXT, "", "Iran met NATO. Iran left.", TEXT]
    assert list(pipeline.read_many(articles)) == [pipeline.read(article) for article in articles]


class TestRepeatedSentences:
    AGENCY = "NATO met Iraq. Iran threatened Israel."

    def test_are_read_once_for_all_articles_of_a_batch(
        self, pipeline: StancePipeline, rule_reader: Any
    ) -> None:
        first, second = pipeline.read_many([self.AGENCY, f"News. {self.AGENCY}"])
        assert rule_reader.calls == [
            ["NATO met Iraq.", "Iran threatened Israel.", "News.", "NATO met Iraq."]
        ]
        assert [(f.start, f.text) for f in first.findings] == [
            (0, "NATO"),
            (9, "Iraq"),
            (15, "Iran"),
            (31, "Israel"),
        ]
        assert [f.start - 6 for f in second.findings] == [f.start for f in first.findings]
        [borne] = second.findings[2].stances
        assert borne.target is not None
        assert (borne.target.start, borne.target.text) == (37, "Israel")

    def test_after_another_sentence_too_where_the_reader_does_not_look_at_it(
        self, pipeline: StancePipeline, rule_reader: Any
    ) -> None:
        rule_reader.reads_context = False
        list(pipeline.read_many([self.AGENCY, f"News. {self.AGENCY}"]))
        assert rule_reader.calls == [["NATO met Iraq.", "Iran threatened Israel.", "News."]]

    def test_are_read_once_for_given_actors(
        self, pipeline: StancePipeline, rule_reader: Any
    ) -> None:
        readings = list(pipeline.read_many([self.AGENCY, self.AGENCY], ["Israel"]))
        assert rule_reader.calls == [["Iran threatened Israel."]]
        assert [[f.start for f in reading.findings] for reading in readings] == [[31], [31]]

    @given(
        articles=st.lists(
            st.lists(st.sampled_from(["Iran met NATO.", "Iraq left.", "He met Iran."])).map(
                " ".join
            )
        ),
        actors=st.sampled_from([None, ["Iran"], ["iraq", "NATO"]]),
    )
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_are_found_as_if_read_separately(
        self, pipeline: StancePipeline, articles: list[str], actors: list[str] | None
    ) -> None:
        together = list(pipeline.read_many(articles, actors))
        assert together == [pipeline.read(article, actors) for article in articles]
        for article, reading in zip(articles, together, strict=True):
            assert all(article[f.start : f.end] == f.text for f in reading.findings)
            judged = [
                (s.start + m.start, s.start + m.end, m.probabilities)
                for s in reading.sentences
                for [mentions] in [pipeline.reader.read([s])]
                for m in mentions
            ]
            if actors is None:
                found = [(f.start, f.end, f.probabilities) for f in reading.findings]
                assert found == judged


class TestGivenActors:
    def spans(self, pipeline: StancePipeline, text: str, actors: list[str]) -> list[Any]:
        return [(f.start, f.text, f.actor) for f in pipeline.read(text, actors).findings]

    def test_are_judged_wherever_they_occur_as_whole_words(self, pipeline: StancePipeline) -> None:
        text = "Iran left. Iranians met Iran's envoy in Iran-backed talks."
        assert self.spans(pipeline, text, ["Iran"]) == [
            (0, "Iran", "Iran"),
            (24, "Iran", "Iran"),
            (40, "Iran", "Iran"),
        ]

    def test_in_lower_case_are_found_in_any_case(self, pipeline: StancePipeline) -> None:
        text = "Rebels met the rebels. REBELS left. The US left us."
        assert [s[1] for s in self.spans(pipeline, text, ["rebels", "US"])] == [
            "Rebels",
            "rebels",
            "REBELS",
            "US",
        ]

    def test_the_longer_of_two_counts(self, pipeline: StancePipeline) -> None:
        found = self.spans(pipeline, "The U.S. forces met the U.S.", ["U.S.", "U.S. forces"])
        assert found == [(4, "U.S. forces", "U.S. forces"), (24, "U.S.", "U.S.")]

    def test_keep_the_callers_name(self, pipeline: StancePipeline) -> None:
        text = "American  troops left. REBELS met Kata’ib Hezbollah."
        found = self.spans(pipeline, text, ["American troops", "rebels", "Kata'ib Hezbollah"])
        assert [actor for _, _, actor in found] == [
            "American troops",
            "rebels",
            "Kata'ib Hezbollah",
        ]

    def test_that_occur_nowhere_are_missing(
        self, pipeline: StancePipeline, rule_reader: Any
    ) -> None:
        reading = pipeline.read("Iran left. NATO stayed.", ["Iran", "Israel"])
        assert reading.missing == ("Israel",)
        assert rule_reader.calls == [["Iran left."]]
        assert pipeline.read("Iran left.").missing == ()

    def test_none_judges_nothing(self, pipeline: StancePipeline) -> None:
        assert pipeline.read(TEXT, []).findings == ()

    @pytest.mark.parametrize(
        ("actors", "error", "message"),
        [
            ("Iran", TypeError, r"use \['Iran'\]"),
            ([None], TypeError, "names as str, got None"),
            (["Iran", " "], ValueError, "empty name"),
        ],
    )
    def test_that_are_no_names_are_refused(
        self, pipeline: StancePipeline, actors: Any, error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            pipeline.read("Iran left.", actors)

    @given(text=st.text(), actors=st.lists(st.text(min_size=1).filter(str.strip), max_size=4))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_found_words_are_given_words(
        self, pipeline: StancePipeline, text: str, actors: list[str]
    ) -> None:
        found = pipeline.read(text, actors).findings
        assert {f.actor for f in found} <= {" ".join(actor.split()) for actor in actors}
        assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("article", "message"),
    [
        (None, "got NoneType; pass its text"),
        (b"Iran", "got bytes; decode them first"),
        (Path("iran.txt"), "read it first"),
        ({"text": "Iran"}, "got dict; build an article"),
        (7, "got int"),
    ],
)
def test_what_is_no_article_is_refused_with_the_cure(
    pipeline: StancePipeline, article: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        pipeline.read(article)
    with pytest.raises(TypeError, match=message):
        stance.predict(article)


def test_one_article_is_not_many(pipeline: StancePipeline) -> None:
    with pytest.raises(TypeError, match="read_many takes several articles, got one str"):
        pipeline.read_many("Iran left.")


def test_lone_surrogates_in_the_sentence_before_are_replaced() -> None:
    seen = []

    class Reader:
        def read(self, sentences: Any, spans: Any = None) -> list[list[Mention]]:
            seen.extend(sentence.prev for sentence in sentences)
            return [[Mention(0, 4, "Iran")]]

    StancePipeline(Reader()).judge("Iran left.", [(0, 4)], prev="Caf\udce9.")
    assert seen == ["Caf\ufffd."]


def test_lone_surrogates_are_replaced_and_told(pipeline: StancePipeline) -> None:
    reading = pipeline.read("Iran \ud800 left. NATO left.")
    assert reading.article.text == "Iran � left. NATO left."
    assert [f.start for f in reading.findings] == [0, 13]
    assert "no valid Unicode" in reading.article.warnings[0]


class TestJudge:
    def test_gives_a_finding_per_span_in_the_given_order(self, pipeline: StancePipeline) -> None:
        found = pipeline.judge("Iran threatened Israel.", [(16, 22), (0, 4)], prev="Before.")
        assert [(f.start, f.end, f.text) for f in found] == [(16, 22, "Israel"), (0, 4, "Iran")]
        assert [s.label for s in found[1].stances] == ["threat"]
        assert pipeline.judge("Iran left.", []) == []

    @pytest.mark.parametrize(
        ("span", "message"),
        [
            ((3, 99), r"span \(3, 99\) lies outside the text \(10 characters\)"),
            ((-1, 4), r"span \(-1, 4\) lies outside the text"),
            ((4, 2), r"span \(4, 2\) lies outside the text"),
            ((4, 4), r"span \(4, 4\) is empty"),
            ((0.0, 4), r"span \(0.0, 4\) is no pair of ints"),
            ((False, True), "is no pair of ints"),
            ((1, 2, 3), r"span \(1, 2, 3\) is no pair of ints"),
            (5, "span 5 is no pair of ints"),
        ],
    )
    def test_names_the_span_that_is_wrong(
        self, pipeline: StancePipeline, span: Any, message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            pipeline.judge("Iran left.", [(0, 4), span])

    def test_takes_text_only(self, pipeline: StancePipeline) -> None:
        with pytest.raises(TypeError, match="sentence as a str, got NoneType"):
            pipeline.judge(None, [(0, 1)])  # type: ignore[arg-type]


def test_predict_loads_a_bundle_once(
    pipeline: StancePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def load(bundle: str) -> StancePipeline:
        loaded.append(bundle)
        return pipeline

    monkeypatch.setattr(StancePipeline, "load", load)
    module._loaded.cache_clear()
    stance.predict("Iran left.")
    stance.predict("Iran met NATO.", actors=["NATO"], bundle="default")
    module._loaded.cache_clear()
    assert loaded == ["default"]


def test_public_names_exist() -> None:
    assert {name for name in stance.__all__ if hasattr(stance, name)} == set(stance.__all__)
    assert set(stance.__all__) <= set(dir(stance))
    with pytest.raises(AttributeError, match="no attribute 'Reading'"):
        _ = stance.Reading  # type: ignore[attr-defined]


def test_importing_brings_in_nothing_heavy() -> None:
    code = (
        "import sys, stance; stance.StancePipeline; import stance.cli;"
        "heavy = {'torch', 'transformers', 'sklearn', 'hydra', 'pyarrow', 'rich.console',"
        " 'trafilatura', 'onnxruntime', 'scipy', 'numpy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
