from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.output.rows import COLUMNS, parquet_writer
from stance.output.table import TableWriter, window
from stance.output.writer import OutputError, check_output, format_of, open_writer
from stance.pipeline import StancePipeline
from stance.schema import Act, Article, Mention
from stance.settings import OutputFormat

TALKS = Article(
    "a1", "Nobody knew. Iran; threatened.\n\nIran met evil Israel.", title="Talks; more"
)


def written(pipeline: StancePipeline, path: Path, *articles: Article) -> Path:
    with open_writer(format_of(path), path) as write:
        for reading in pipeline.read_many(articles):
            write(reading)
    return path


def test_jsonl_holds_the_findings(pipeline: StancePipeline, tmp_path: Path) -> None:
    lines = written(pipeline, tmp_path / "out.jsonl", TALKS).read_text("utf-8").splitlines()
    found = pipeline.read(TALKS).findings
    assert [json.loads(line) for line in lines] == [finding.to_dict() for finding in found]


def test_csv_is_flat(pipeline: StancePipeline, tmp_path: Path) -> None:
    path = written(pipeline, tmp_path / "out.csv", TALKS)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 3
    assert rows[1] == {
        "document": "a1",
        "sentence": "Iran met evil Israel.",
        "start": "32",
        "end": "36",
        "text": "Iran",
        "actor": "Iran",
        "stances": "cooperation",
        "targets": "Israel",
        "target_actors": "Israel",
        "target_starts": "46",
        "target_ends": "52",
        "sentiment": "neutral",
        "threat": "0.1",
        "cooperation": "0.8",
        "drawdown": "0.1",
        "abstained": "False",
    }
    assert rows[2]["sentiment"] == "negative"


def test_parquet_has_the_columns_of_csv_with_types(
    pipeline: StancePipeline, tmp_path: Path
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(written(pipeline, tmp_path / "out.parquet", TALKS))
    assert tuple(table.column_names) == COLUMNS
    row = table.to_pylist()[1]
    assert (row["stances"], row["targets"], row["target_actors"]) == (
        ["cooperation"],
        ["Israel"],
        ["Israel"],
    )
    assert (row["target_starts"], row["target_ends"]) == ([46], [52])
    assert (row["start"], row["cooperation"], row["abstained"]) == (32, 0.8, False)


def test_parquet_is_written_in_row_groups(pipeline: StancePipeline, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "out.parquet"
    with parquet_writer(path, rows_per_group=2) as write:
        write(pipeline.read(TALKS))
        write(pipeline.read(TALKS))
        write(pipeline.read("Nobody."))
    groups = parquet.ParquetFile(path).metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [2, 2, 2]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet", ".txt"])
def test_nothing_found_is_still_a_file(
    pipeline: StancePipeline, tmp_path: Path, suffix: str
) -> None:
    path = written(pipeline, tmp_path / f"out{suffix}", Article("a", "Nobody."))
    content = path.read_bytes()
    if suffix == ".csv":
        assert content.decode().splitlines() == [",".join(COLUMNS)]
    if suffix == ".parquet":
        assert content.startswith(b"PAR1")
    if suffix == ".txt":
        assert content.decode().splitlines()[:2] == ["a", "  no stances found"]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet", ".txt"])
def test_an_interrupted_file_does_not_appear(
    pipeline: StancePipeline, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_text("as it was")

    def interrupted() -> None:
        with open_writer(format_of(path), path) as write:
            write(pipeline.read(TALKS))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jsonl", "jsonl"),
        ("a.CSV", "csv"),
        ("b.c.parquet", "parquet"),
        ("a.txt", "table"),
        (None, "table"),
    ],
)
def test_format_by_name(name: str | None, expected: str) -> None:
    assert format_of(Path(name) if name else None) is OutputFormat(expected)


def test_a_name_that_tells_no_format_is_refused() -> None:
    with pytest.raises(OutputError, match=r"a\.xlsx: its name tells no format"):
        format_of(Path("a.xlsx"))


@pytest.mark.parametrize(
    ("format", "output", "message"),
    [
        ("parquet", None, "--output FILE"),
        ("table", "a.csv", "would hold table, but is named as csv"),
        ("csv", ".", "is a folder"),
    ],
)
def test_output_that_cannot_be(format: str, output: str | None, message: str) -> None:
    with pytest.raises(OutputError, match=message):
        check_output(OutputFormat(format), Path(output) if output else None)


def table(monkeypatch: pytest.MonkeyPatch, width: int, *readings: Any) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    stream = io.StringIO()
    writer = TableWriter(stream)
    for reading in readings:
        writer.write(reading)
    writer.close()
    return stream.getvalue()


def test_table_groups_by_actor_and_sums_up(
    pipeline: StancePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Iran may have threatened Israel.\n\nIsrael left.\n\nTehran met NATO.\n\nevil Iran left."
    shown = table(monkeypatch, 80, pipeline.read(Article("a1", text, "A title", "2020-01-02")))
    lines = [" ".join(line.split()) for line in shown.splitlines() if line.strip(" ─")]
    assert lines == [
        "A title a1, 2020-01-02",
        "Actor Stance Sentence",
        "Iran threat 0.90 Iran may have threatened Israel.",
        "→ Israel",
        "doubtful",
        "cooperation 0.80 Tehran met NATO.",
        "→ NATO",
        "drawdown 0.70 evil Iran left.",
        "negative",
        "Israel drawdown 0.70 Israel left.",
        "Actor threat cooperation drawdown sentiment",
        "Iran 1 1 1 1 negative",
        "Israel 1",
    ]


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_table_keeps_to_the_width_and_to_the_mention(
    pipeline: StancePipeline, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    sentence = "Words " * 120 + "before Iran left the " + "place " * 120 + "again."
    shown = table(monkeypatch, width, pipeline.read(sentence))
    assert max(map(len, shown.splitlines())) <= width
    assert "…" in shown
    assert "Iran left the" in " ".join(shown.split())


def test_table_is_plain_where_there_is_no_terminal(
    pipeline: StancePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = table(monkeypatch, 100, pipeline.read("Iran \x1b[31mred and [bold]. Iran left."))
    assert "\x1b" not in shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("no_color", "red"), [("", True), ("1", False)])
def test_table_is_coloured_on_a_terminal(
    pipeline: StancePipeline, monkeypatch: pytest.MonkeyPatch, no_color: str, red: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    writer = TableWriter(stream)
    writer.write(pipeline.read("Iran threatened Israel."))
    assert ("\x1b[31m" in stream.getvalue()) is red


@given(
    words=st.lists(st.text("ab", min_size=1, max_size=9), min_size=1, max_size=60),
    at=st.integers(0, 59),
    room=st.integers(10, 90),
)
def test_window_keeps_the_mention_whole(words: list[str], at: int, room: int) -> None:
    text = " ".join(words)
    at %= len(words)
    start = len(" ".join(words[:at])) + (1 if at else 0)
    end = start + len(words[at])
    first, last = window(text, start, end, room)
    assert 0 <= first <= start < end <= last <= len(text)
    assert last - first <= max(room, end - start) + 1
    assert (
        text[first:last].split()
        == words[len(text[:first].split()) :][: len(text[first:last].split())]
    )


def test_sums_keep_apart_what_may_be_another_actor_in_another_article(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    acts = (Act("cooperation", 1, 0.8),)

    class Reader:
        def read(self, sentences: Any, spans: Any = None) -> list[list[Mention]]:
            return [
                [
                    Mention(0, end := sentence.text.index(" met "), sentence.text[:end], acts),
                    Mention(end + 5, len(sentence.text) - 1, sentence.text[end + 5 : -1]),
                ]
                for sentence in sentences
            ]

    texts = {"a1": "Iran met the rebels.", "a2": "The army met Tehran.", "a3": "They met Iraq."}
    texts |= {"a4": "Tehran met Iraq.", "a5": "The army met Iraq."}
    readings = StancePipeline(Reader()).read_many(Article(id, text) for id, text in texts.items())
    shown = table(monkeypatch, 80, *readings)
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines[lines.index("Actor threat cooperation drawdown sentiment") + 2 :] == [
        "Iran 2",
        "The army a2 1",
        "The army a5 1",
    ]


def test_names_asked_for_are_summed_up_over_all_articles(
    pipeline: StancePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    stream = io.StringIO()
    writer = TableWriter(stream, ["the  army"])
    articles = [Article("a", "The army left."), Article("b", "The army left.")]
    for reading in pipeline.read_many(articles, ["the army"]):
        writer.write(reading)
    writer.close()
    assert stream.getvalue().split()[-3:] == ["the", "army", "2"]


def test_the_table_says_whom_a_target_stands_for(
    pipeline: StancePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = table(monkeypatch, 80, pipeline.read("Iran threatened American troops."))
    assert "→ U.S. forces" in shown


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    os.mkfifo(path)
    with pytest.raises(OutputError, match=r"out\.csv is a device or a pipe"):
        check_output(OutputFormat.csv, path)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_names_that_are_no_unicode_can_be_written(
    pipeline: StancePipeline, tmp_path: Path, suffix: str
) -> None:
    bad = "caf\udce9.txt"
    article = Article(bad, "Iran met Israel.", bad, bad, bad)
    content = written(pipeline, tmp_path / f"out{suffix}", article).read_bytes()
    assert "caf\ufffd.txt".encode() in content
