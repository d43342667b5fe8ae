import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from stance.ontology import SENTIMENTS, STANCES
from stance.readers.calibration import Calibration, LabelCalibration
from stance.readers.linear import LinearReader, fit, load_models, save
from stance.readers.linear_features import mention_fields, pair_fields, words
from stance.readers.linear_fit import actor_tags
from stance.schema import Act, Example, Mention, Reader, Sentence
from stance.settings import LinearSettings

SMALL = LinearSettings(word_features=512, char_features=512, tag_features=512)


def actor(text: str, name: str, *acts: Act, sentiment: str = "neutral") -> Mention:
    start = text.index(name)
    return Mention(start, start + len(name), name, acts, sentiment)


def threat(first: str, second: str) -> Example:
    text = f"{first} threatened to attack {second} on Monday."
    mentions = (
        actor(text, first, Act("threat", 1), sentiment="negative"),
        actor(text, second),
    )
    return Example(f"t-{first}", "t", 0, "", text, mentions)


def cooperation(first: str, second: str) -> Example:
    text = f"{first} signed a pact with {second} after long talks."
    mentions = (
        actor(text, first, Act("cooperation", 1), sentiment="positive"),
        actor(text, second, Act("cooperation", 0), sentiment="positive"),
    )
    return Example(f"c-{first}", "c", 0, "", text, mentions)


def drawdown(first: str) -> Example:
    text = f"Last week {first} withdrew its troops from the valley."
    return Example(f"d-{first}", "d", 0, "", text, (actor(text, first, Act("drawdown")),))


EXAMPLES = [
    threat("Iran", "Israel"),
    threat("Moscow", "Kyiv"),
    threat("Hezbollah", "Israel"),
    threat("Ankara", "Damascus"),
    cooperation("Oslo", "Helsinki"),
    cooperation("Tokyo", "Seoul"),
    cooperation("Cairo", "Amman"),
    cooperation("Berlin", "Paris"),
    drawdown("France"),
    drawdown("Chad"),
    drawdown("India"),
    drawdown("Kenya"),
    Example("n", "n", 0, "", "Rain fell on the empty roads all day.", ()),
]


@pytest.fixture(scope="module")
def reader() -> LinearReader:
    return fit(EXAMPLES, SMALL, seed=1)


def test_is_a_reader(reader):
    assert isinstance(reader, Reader)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Riyadh threatened to attack Doha on Friday.",
            [("Riyadh", {"threat"}, {1}), ("Doha", set(), set())],
        ),
        (
            "Lima signed a pact with Quito after long talks.",
            [("Lima", {"cooperation"}, {1}), ("Quito", {"cooperation"}, {0})],
        ),
        ("Last week Ghana withdrew its troops from the hills.", [("Ghana", {"drawdown"}, set())]),
    ],
)
def test_finds_and_judges_actors_it_never_saw(reader, text, expected):
    [mentions] = reader.read([Sentence(text)])
    assert [
        (m.text, set(m.labels), set().union(*(m.targets(label) for label in STANCES)))
        for m in mentions
    ] == expected
    assert all(text[m.start : m.end] == m.text for m in mentions)


def test_sentiment_follows_the_words(reader):
    text = "Riyadh threatened to attack Doha on Friday."
    [mentions] = reader.read([Sentence(text)])
    assert [m.sentiment for m in mentions] == ["negative", "neutral"]


def test_given_spans_are_judged_in_their_order(reader):
    sentences = [
        Sentence("Riyadh threatened to attack Doha on Friday."),
        Sentence("Nothing is asked here."),
        Sentence("Last week Ghana withdrew its troops."),
    ]
    spans = [[(28, 32), (0, 6)], [], [(10, 15)]]
    read = reader.read(sentences, spans)
    assert [[m.span for m in row] for row in read] == spans
    assert [[m.text for m in row] for row in read] == [["Doha", "Riyadh"], [], ["Ghana"]]
    assert read[0][1].acts[0].target == 0
    assert {m.confidence for row in read for m in row} == {1.0}


def test_a_sentence_is_judged_alike_alone_and_among_others(reader):
    sentences = [example.sentence for example in EXAMPLES]
    assert reader.read(sentences) == [reader.read([sentence])[0] for sentence in sentences]


def test_probabilities_are_complete(reader):
    [[first, *_]] = reader.read([Sentence("Riyadh threatened to attack Doha on Friday.")])
    assert list(first.probabilities) == list(STANCES)
    assert list(first.sentiment_probabilities) == list(SENTIMENTS)
    assert sum(first.sentiment_probabilities.values()) == pytest.approx(1)
    assert first.acts[0].probability == first.probabilities["threat"]
    assert 0.5 < first.confidence <= 1


@pytest.mark.parametrize("text", ["", "  \n", "Rain fell on the empty roads."])
def test_a_sentence_without_actors_has_no_mentions(reader, text):
    assert reader.read([Sentence(text)]) == [[]]
    assert reader.read([Sentence(text)], [[]]) == [[]]


def test_no_sentences_no_answers(reader):
    assert reader.read([]) == []
    assert reader.read([], []) == []
    assert reader.log_odds([], []).shape == (0, 3)


def test_spans_must_be_given_for_every_sentence(reader):
    with pytest.raises(ValueError, match="zip"):
        reader.read([Sentence("One."), Sentence("Two.")], [[(0, 3)]])


def test_calibration_decides_and_doubts(reader):
    sentence = Sentence("Riyadh threatened to attack Doha on Friday.")
    spans = [[(0, 6), (28, 32)]]
    log_odds = reader.log_odds([sentence], spans)[:, 0]
    between = 1 / (1 + np.exp(-log_odds.mean()))
    never = LabelCalibration(threshold=2.0)
    low = 1 / (1 + np.exp(-log_odds[0])) - 0.01  # just below the first mention's probability
    narrow = LabelCalibration(threshold=between, low=low, high=low + 0.02)
    [[first, second]] = LinearReader(reader.models, Calibration((narrow, never, never))).read(
        [sentence], spans
    )
    assert (first.labels, second.labels) == ({"threat"}, frozenset())
    assert (first.abstained, second.abstained) == (True, False)


def test_saved_models_give_the_same_answers_without_pickle(reader, tmp_path: Path):
    save(reader, tmp_path)
    sentences = [example.sentence for example in EXAMPLES]
    stored = LinearReader(load_models(tmp_path))
    assert stored.read(sentences) == reader.read(sentences)

    file = tmp_path / "model.skops"
    assert [path.name for path in tmp_path.iterdir()] == ["model.skops"]
    assert skops.io.get_untrusted_types(file=file) == []
    assert {Path(name).suffix for name in zipfile.ZipFile(file).namelist()} <= {
        ".json",
        ".npy",
        ".npz",
    }


def test_loading_refuses_types_that_we_never_store(tmp_path: Path):
    values = {"tagger": TfidfVectorizer(tokenizer=zipfile.is_zipfile)}
    skops.io.dump(values, tmp_path / "model.skops")
    with pytest.raises(ValueError, match=r"model\.skops holds zipfile\..*is_zipfile"):
        load_models(tmp_path)


def test_fitting_twice_gives_the_same_scores(reader):
    again = fit(EXAMPLES, SMALL, seed=1)
    sentences, spans = [e.sentence for e in EXAMPLES], [e.spans for e in EXAMPLES]
    np.testing.assert_array_equal(
        again.log_odds(sentences, spans), reader.log_odds(sentences, spans)
    )


def test_fits_on_a_single_class():
    reader = fit([drawdown("France")], SMALL, seed=1)
    [[mention]] = reader.read([Sentence("Chad stays.")], [[(0, 4)]])
    assert mention.labels == {"drawdown"}
    assert mention.targets("drawdown") == frozenset()
    assert mention.sentiment_probabilities == {"negative": 0, "neutral": 1, "positive": 0}


def test_a_reader_without_pairs_or_tags_to_learn_is_stored_too(tmp_path: Path):
    example = Example("one", "d", 0, "", "Chad", (actor("Chad", "Chad"),))
    save(fit([example], SMALL, seed=1), tmp_path)
    [[mention]] = LinearReader(load_models(tmp_path)).read([Sentence("Kenya")])
    assert (mention.text, mention.labels, mention.confidence) == ("Kenya", frozenset(), 1.0)


def test_fitting_needs_actors():
    with pytest.raises(ValueError, match="no actor in 1 training sentences"):
        fit(EXAMPLES[-1:], SMALL, seed=1)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_and_mentions_lie_within_it(reader, text):
    [mentions] = reader.read([Sentence(text)])
    ends = [0, *(m.end for m in mentions)]
    assert all(end <= m.start < m.end for end, m in zip(ends, mentions, strict=False))
    assert all(m.text == text[m.start : m.end] for m in mentions)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("U.S. troops left.", ["U.S.", "troops", "left", "."]),
        ("Iran's army", ["Iran", "'s", "army"]),
        ("Iran’s army", ["Iran", "’s", "army"]),
        ("“Iranian-backed” militias", ["“", "Iranian-backed", "”", "militias"]),
        ("about 1,200 men", ["about", "1,200", "men"]),
    ],
)
def test_words(text, expected):
    assert [text[start:end] for start, end in words(text)] == expected


def test_mention_fields_hide_the_names():
    text = "After weeks of fruitless talks, U.S. officials told Iran's army that they would leave."
    officials, army, they = mention_fields(text, [(32, 46), (52, 63), (69, 73)])
    assert officials.sentence == (
        "After weeks of fruitless talks , _actor_ told _other_ that _other_ would leave ."
    )
    assert officials.left == "After weeks of fruitless talks , _actor_"
    assert officials.right == "_actor_ told _other_ that _other_ would leave"
    assert officials.mention == "U.S. officials"
    assert army.left == "of fruitless talks , _other_ told _actor_"
    assert they.right == "_actor_ would leave ."


def test_overlapping_spans_hide_only_what_lies_beside_the_mention():
    whole, part = mention_fields("Iran army units left.", [(0, 15), (5, 9)])
    assert whole.sentence == "_actor_ left ."
    assert part.sentence == "Iran _actor_ units left ."


def test_pair_fields_tell_direction_and_distance():
    text = "Iran warned that Israel and Jordan would pay."
    spans = [(0, 4), (17, 23), (28, 34)]
    fields = mention_fields(text, spans)
    ahead = pair_fields(text, spans, fields, 0, 2)
    assert ahead.relation == "forward distance3 others1"
    assert ahead.between == "_actor_ warned that _other_ and _other_"
    back = pair_fields(text, spans, fields, 2, 1)
    assert back.relation == "backward distance1 others0"
    assert back.between == "_other_ and _actor_"
    assert back.left == fields[1].left


def test_actor_tags_begin_anew_at_adjacent_actors():
    text = "Then Iran army Israel fought."
    spans = words(text)
    actors = (actor(text, "Iran army"), actor(text, "Israel"))
    assert actor_tags(spans, actors).tolist() == ["O", "B", "I", "B", "O", "O"]
