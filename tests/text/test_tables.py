from __future__ import annotations

import gzip
import json
import sys
from datetime import date
from pathlib import Path

import pytest

from stance.schema import Article
from stance.settings import IngestSettings
from stance.text.failures import Failure
from stance.text.ingest import read_articles


def read(path: Path, **options: object) -> list[Article | Failure]:
    return list(read_articles([path], IngestSettings(**options)))  # type: ignore[arg-type]


def texts(items: list[Article | Failure]) -> list[str]:
    return [item.text if isinstance(item, Article) else "FAILURE" for item in items]


def places(path: Path, items: list[Article | Failure]) -> list[str]:
    return [item.source.removeprefix(f"{path}:") for item in items if isinstance(item, Failure)]


# JSON Lines


def test_jsonl_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [
        {"id": 7, "text": "One\r\nleft.", "title": "T", "date": "2020-01-02", "more": [1]},
        {"text": "Two left.", "id": None, "title": ""},
    ]
    path.write_text("\n\n".join(map(json.dumps, rows)))
    assert read(path) == [
        Article("7", "One\nleft.", "T", "2020-01-02", str(path)),
        Article(f"{path}:3", "Two left.", None, None, str(path)),
    ]


def test_bad_jsonl_rows_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [
        '{"text": "One left."}',
        '{"text": "broken',
        "[1]",
        '{"text": 5}',
        '{"text": " "}',
        '{"body": "x"}',
        "[" * 100_000,
        '{"text": "\\ud83d Two left."}',
    ]
    path.write_text("\n".join(lines))
    items = read(path)
    assert texts(items) == ["One left.", *["FAILURE"] * 6, "\ufffd Two left."]
    assert places(path, items) == ["2", "3", "4", "5", "6", "7"]
    failure = items[5]
    assert isinstance(failure, Failure)
    assert "columns: body" in failure.reason
    assert "--text-column" in failure.reason


def test_bad_byte_costs_no_row(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"text": "Türkei"}\n'.encode() + b'{"text": "T\xfcrkei"}\n')
    first, second = read(path)
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert first.text == second.text == "Türkei"
    assert (len(first.warnings), len(second.warnings)) == (0, 1)


def test_overlong_jsonl_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "x" * 500}) + '\n{"text": "One left."}')
    items = read(path, max_bytes=100)
    assert texts(items) == ["FAILURE", "One left."]


def test_compressed_jsonl_in_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress('{"text": "Türkei"}\r\n{"text": "Iran"}'.encode("utf-16")))
    assert texts(read(path)) == ["Türkei", "Iran"]


def test_columns_are_settings(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"body": "One left.", "key": "k", "head": "h", "day": "d"}')
    options = {
        "text_column": "body",
        "id_column": "key",
        "title_column": "head",
        "date_column": "day",
    }
    assert read(path, **options) == [Article("k", "One left.", "h", "d", str(path))]


# CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_rows(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    rows = ["id|text|title", 'x|"He said ""no"",\r\nand left."|T', "|Two left.", ""]
    path.write_bytes("\r\n".join(rows).replace("|", delimiter).encode("utf-8-sig"))
    assert read(path) == [
        Article("x", 'He said "no",\nand left.', "T", None, str(path)),
        Article(f"{path}:2", "Two left.", None, None, str(path)),
    ]


def test_tsv_is_parted_by_tabs_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("text\tid, as a number, or name\nIran, it said, left.\t1\n")
    assert texts(read(path)) == ["Iran, it said, left."]


def test_long_cells_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\n" + "word " * 100_000)
    assert [len(text) for text in texts(read(path))] == [500_000]


def test_bad_csv_rows_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,text\n1,One left.\n2,One, two left.\n3,"a"b\n4\n5,Five left.\n6,"open\n')
    items = read(path)
    assert texts(items) == ["One left.", "FAILURE", "FAILURE", "FAILURE", "Five left.", "FAILURE"]
    assert places(path, items) == ["3", "4", "5", "7"]


def test_csv_without_the_text_column_names_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("key,body\n1,One left.\n")
    (failure,) = read(path)
    assert failure == Failure(
        str(path),
        'there is no column "text" (columns: key, body); '
        "name the one that holds the text with --text-column (setting text_column)",
    )


@pytest.mark.parametrize("content", ["", "text\n" + "x" * 2000, "\0"])
def test_csv_that_is_no_table_is_one_failure(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    assert texts(read(path, max_bytes=1000)) == ["FAILURE"]


# Parquet


def write_parquet(path: Path, columns: dict[str, list[object]]) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table(columns), path)


def test_parquet_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(
        path,
        {
            "id": ["x", None, "z"],
            "text": ["One\r\nleft.", "Two left.", None],
            "date": [date(2020, 1, 2), None, None],
            "vector": [[1.0], [2.0], [3.0]],
        },
    )
    first, second, third = read(path)
    assert first == Article("x", "One\nleft.", None, "2020-01-02", str(path))
    assert second == Article(f"{path}:2", "Two left.", None, None, str(path))
    assert isinstance(third, Failure)
    assert third.source == f"{path}:3"


def test_parquet_of_many_batches(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(path, {"text": [f"Army {n} left." for n in range(1000)]})
    items = read(path)
    assert texts(items) == [f"Army {n} left." for n in range(1000)]


def test_parquet_without_the_text_column_names_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(path, {"body": ["One left."]})
    (failure,) = read(path)
    assert isinstance(failure, Failure)
    assert "columns: body" in failure.reason


def test_broken_parquet_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(path, {"text": [f"Army {n} left." * 50 for n in range(1000)]})
    data = bytearray(path.read_bytes())
    data[20:2000] = b"\xff" * 1980
    path.write_bytes(data)
    assert texts(read(path))[-1] == "FAILURE"
    path.write_bytes(b"PAR1")
    assert texts(read(path)) == ["FAILURE"]


def test_parquet_without_pyarrow_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    (failure,) = read(path)
    assert isinstance(failure, Failure)
    assert "actor-stance[parquet]" in failure.reason
    assert 'pip install -e ".[parquet]"' in failure.reason


def test_csv_with_a_padded_header_after_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('\n  \nid, "text", date \nx, "One, two.", 2020\ny,a,b,c\n')
    first, second = read(path)
    assert first == Article("x", "One, two.", None, "2020", str(path))
    assert isinstance(second, Failure)
    assert second.source == f"{path}:5"
