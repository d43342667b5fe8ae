from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.schema import Article, Sentence, Skipped
from stance.settings import SentenceSettings
from stance.text.sentences import WINDOW, split_article


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in split_article(Article("a", text))[0]]


@pytest.mark.parametrize(
    "sentences",
    [
        ["“We leave,” he said.", "“Then we stay.”"],
        ['"We leave," he said.', '"Then we stay."', "Nobody left."],
        ["He said: “We leave.", "We do not stay.”", "They left."],
        ["“Why?” Gen. Ekman asked.", "“Stop!” the man shouted.", "“No!”", "They left."],
        ["He asked, “Why?", "What for?” and left."],
        ["‘We’re “done,”’ he said.", "‘Yes.’", "The soldiers’ rifles stayed."],
        ["“ he said.", "Nobody closed the quotation.", "We go."],
        ["U.S. Air Force Lt. Col. John Smith met Gen. Mark Milley on Jan. 5.", "They left."],
        ["He came at 10 a.m. on Monday.", "He left at 10 a.m. Nov. 29, 2016."],
        ["Troops left the U.S.", "The U.S. Army stayed."],
        ["Question No. 5 cost $3.5 million.", "Nobody paid."],
        ["Sen. Smith, D-N.Y., and Amb. Roe spoke.", "Spc. Poe left."],
        ["Sen. Smith (D-N.Y.) Monday said no.", "(He had left.)", "They stayed."],
        ["Wait...", "They left, and so … on it went."],
        ["BAGHDAD (AP) — U.S. troops left.", "KYIV, Ukraine — They came."],
        ["Tom 😀 said it.", "Kata’ib Hezbollah denied it.", "Übrig 日本。", "ok"],
    ],
)
def test_sentences_of_a_line(sentences: list[str]) -> None:
    assert texts(" ".join(sentences)) == sentences


def test_missing_space_after_a_full_stop() -> None:
    assert texts("The talks failed.The army left.") == ["The talks failed.", "The army left."]


def test_newline_ends_a_headline() -> None:
    assert texts("ISF takes lead\nEkman stressed it. He left.\n") == [
        "ISF takes lead",
        "Ekman stressed it.",
        "He left.",
    ]


def test_offsets_previous_and_document() -> None:
    sentences, skipped = split_article(Article("a1", "  One left.\r\n\r\nTwo “stayed.”  "))
    assert sentences == [
        Sentence("One left.", 2, "", "a1"),
        Sentence("Two “stayed.”", 15, "One left.", "a1"),
    ]
    assert skipped == []


def test_hard_wrapped_lines_are_one_sentence_with_its_newlines() -> None:
    text = (
        "Troops leave\n\n"
        "The army of the northern province said on Monday that it\n"
        "would leave the city. The rebels, who had held it since\n"
        "March, did not answer.\n\n"
        "They left."
    )
    assert texts(text) == [
        "Troops leave",
        "The army of the northern province said on Monday that it\nwould leave the city.",
        "The rebels, who had held it since\nMarch, did not answer.",
        "They left.",
    ]


def test_marks_of_a_list_are_skipped() -> None:
    sentences, skipped = split_article(Article("a", "- Iran left. Iraq stayed.\n• Syria left."))
    assert [s.text for s in sentences] == ["Iran left.", "Iraq stayed.", "Syria left."]
    assert skipped == [Skipped(0, 1, "no letters"), Skipped(26, 27, "no letters")]


def test_text_without_letters_is_skipped() -> None:
    sentences, skipped = split_article(Article("a", "They left.\n* * *\n“They came.”"))
    assert [s.prev for s in sentences] == ["", "They left."]
    assert {reason.reason for reason in skipped} == {"no letters"}
    assert (skipped[0].start, skipped[-1].end) == (11, 16)


def test_overlong_text_without_a_boundary_is_skipped_whole() -> None:
    settings = SentenceSettings(max_characters=100)
    text = "Before it. " + "word " * 3000 + "end. After it."
    sentences, skipped = split_article(Article("a", text), settings)
    assert [s.text for s in sentences] == ["Before it.", "After it."]
    reason = "longer than 100 characters without a sentence boundary"
    assert skipped == [Skipped(11, 11 + 5 * 3000 + 4, reason)]


def test_windows_leave_no_trace() -> None:
    sentences = [f"“Sentence {n} of the U.S. Army,” Gen. Lee said." for n in range(500)]
    text = " ".join(sentences)
    assert len(text) > 5 * WINDOW
    assert texts(text) == sentences


@pytest.mark.parametrize("unit", ["“We go. ", "‘a", '"', "(We go. ", "word "])
def test_time_grows_no_faster_than_the_text(unit: str) -> None:
    start = time.perf_counter()
    split_article(Article("a", unit * (500_000 // len(unit))))
    assert time.perf_counter() - start < 10  # sentencex alone takes minutes on the first


WORDS = ["Iran ", "left", "U.S. ", "a.m. ", "5. ", "said ", "é", "😀", "\ud800"]
MARKS = [". ", ".", "? ", "…", "”", "“", "'", '"', "- ", "(", ") "]
BREAKS = ["\n", "\r\n", "\n\n", "\u2028", "\u200b"]
PIECES = st.sampled_from([*WORDS, *MARKS, *BREAKS])


@given(st.one_of(st.text(), st.lists(PIECES, max_size=80).map("".join)))
def test_every_character_is_read_or_skipped_once(text: str) -> None:
    sentences, skipped = split_article(Article("a", text), SentenceSettings(max_characters=60))
    for sentence in sentences:
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text == sentence.text.strip()
        assert any(map(str.isalpha, sentence.text))
    assert [s.prev for s in sentences] == ["", *(s.text for s in sentences)][: len(sentences)]
    assert [s.start for s in sentences] == sorted(s.start for s in sentences)
    end = 0
    for start, stop in sorted([(s.start, s.end) for s in [*sentences, *skipped]]):
        assert start >= end
        assert not text[end:start].strip()
        assert stop > start
        end = stop
    assert not text[end:].strip()
