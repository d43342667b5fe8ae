from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.data.files import (
    InvalidDataError,
    data_hash,
    labelled_files,
    read_examples,
    scan,
    write_examples,
)
from stance.schema import Act, Example, Mention

FIRST = Example(
    id="a-1",
    document="a",
    offset=0,
    prev="",
    text="Ankara met “Kyiv”.",
    actors=(
        Mention(0, 6, "Ankara", (Act("cooperation", 1),)),
        Mention(12, 16, "Kyiv", (Act("cooperation", 0),), "positive"),
    ),
)
SECOND = Example("a-2", "a", 19, FIRST.text, "They left.", (Mention(0, 4, "They"),))


def write_lines(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def line(example: Example, **changes: object) -> str:
    return json.dumps(example.to_dict() | changes)


def test_examples_come_back_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "a.jsonl"
    write_examples(file, [FIRST, SECOND])

    assert read_examples([file]) == [FIRST, SECOND]
    assert "“Kyiv”" in file.read_text(encoding="utf-8")


def test_a_folder_stands_for_its_files_sorted(tmp_path: Path) -> None:
    write_examples(tmp_path / "b.jsonl", [FIRST])
    write_examples(tmp_path / "a.jsonl", [SECOND])
    (tmp_path / "notes.txt").write_text("not labelled")

    assert read_examples([tmp_path]) == [SECOND, FIRST]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    write_examples(file, [FIRST])

    assert labelled_files([tmp_path, file]) == [file]


def test_a_path_without_labels_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no labelled file at .*missing\.jsonl"):
        read_examples([tmp_path / "missing.jsonl"])
    with pytest.raises(FileNotFoundError, match=r"no \.jsonl file in the folder"):
        read_examples([tmp_path])


def test_every_bad_row_is_listed_with_its_place(tmp_path: Path) -> None:
    bad = write_lines(
        tmp_path / "bad.jsonl",
        line(FIRST),
        "{'id': 1}",
        "",
        line(SECOND, offset=-1),
        line(SECOND, text="They stayed.", offset=40, id="a-1"),
        line(FIRST, id="a-9"),
    )
    with pytest.raises(InvalidDataError) as caught:
        read_examples([bad])

    assert [str(problem) for problem in caught.value.problems] == [
        f"{bad}:2: not JSON (Expecting property name enclosed in double quotes at column 2): "
        "mend or remove the line",
        f"{bad}:4: row: 'offset' is -1: count characters from 0",
        f"{bad}:5: row: id 'a-1' already stands at {bad}:1: give it another id",
        f"{bad}:6: row: the same sentence already stands at {bad}:1: remove one of them",
    ]
    assert str(caught.value).startswith("4 problem(s) in the labelled data:\n")


def test_ids_count_across_files(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", line(FIRST))
    write_lines(tmp_path / "b.jsonl", line(FIRST, document="b"))

    scanned = scan([tmp_path])

    assert scanned.examples == [FIRST]
    assert [problem.file.name for problem in scanned.problems] == ["b.jsonl"]
    assert "already stands at" in scanned.problems[0].message


def test_the_same_words_may_stand_in_two_documents(tmp_path: Path) -> None:
    file = write_lines(
        tmp_path / "a.jsonl",
        line(FIRST),
        line(FIRST, id="b-1", document="b"),
        line(FIRST, id="a-2", offset=99),
    )
    assert len(read_examples([file])) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"id": "\xff"}', "not UTF-8 (byte 9 of the line): save the file as UTF-8"),
        (b"[" * 100_000, "not readable as JSON"),
        (b"9" * 5_000, "not readable as JSON"),
    ],
    ids=["bytes", "nesting", "digits"],
)
def test_what_json_cannot_read(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(content)

    (problem,) = scan([file]).problems

    assert problem.message.startswith(message)


def test_byte_order_mark_and_line_separators_in_text_are_no_problem(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    odd = Example("x", "x", 0, "", "A\u2028B\x85C", ())
    row = json.dumps(odd.to_dict(), ensure_ascii=False)
    file.write_bytes(b"\xef\xbb\xbf" + row.encode() + b"\r\n")

    assert read_examples([file]) == [odd]


def test_nothing_is_written_when_writing_fails(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    write_examples(file, [FIRST])
    half = Example("x", "x", 0, "", "\ud83d", ())

    with pytest.raises(UnicodeEncodeError):
        write_examples(file, [SECOND, half])

    assert read_examples([file]) == [FIRST]
    assert list(tmp_path.iterdir()) == [file]


def test_the_hash_names_the_content_only(tmp_path: Path) -> None:
    write_examples(tmp_path / "a.jsonl", [SECOND])
    write_examples(tmp_path / "b.jsonl", [FIRST])
    longer = Example("a-2", "a", 19, FIRST.text, "They left!", SECOND.actors)

    assert data_hash(read_examples([tmp_path])) == data_hash([FIRST, SECOND])
    assert data_hash([FIRST, longer]) != data_hash([FIRST, SECOND])
    assert len(data_hash([])) == 16


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """A sound example whose actors are some of its words."""
    sentence = draw(st.lists(words, min_size=1, max_size=6))
    chosen = [i for i in range(len(sentence)) if draw(st.booleans())]
    actors = []
    for k, i in enumerate(chosen):
        start = sum(len(word) + 1 for word in sentence[:i])
        targets = [None, *(other for other in range(len(chosen)) if other != k)]
        labels = draw(st.sets(st.sampled_from(["threat", "cooperation", "drawdown"])))
        acts = tuple(Act(label, draw(st.sampled_from(targets))) for label in sorted(labels))
        sentiment = draw(st.sampled_from(["negative", "neutral", "positive"]))
        actors.append(Mention(start, start + len(sentence[i]), sentence[i], acts, sentiment))
    return Example("x", draw(words), draw(st.integers(0)), "", " ".join(sentence), tuple(actors))


@settings(deadline=None)  # disks may stall
@given(examples())
def test_a_sound_example_survives_writing_and_reading(example: Example) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.jsonl")
        write_examples(file, [example])
        assert read_examples([file]) == [example]


@settings(deadline=None)
@given(st.binary())
def test_arbitrary_bytes_never_make_it_raise(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.jsonl")
        file.write_bytes(content)
        scanned = scan([file])
    assert scanned.examples == []
    assert len(scanned.problems) == sum(bool(part.strip()) for part in content.split(b"\n"))
