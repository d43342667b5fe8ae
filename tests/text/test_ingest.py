from __future__ import annotations

import gzip
import io
import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stance.schema import Article
from stance.settings import IngestSettings
from stance.text.ingest import Failure, count_items, read_articles

ENGLISH = "The army of the northern province said on Monday that it would leave the city."
GERMAN = "Die Truppen haben am Montag die Stadt verlassen, sagte der Sprecher der Regierung."
PAGE = (
    "<html><head><title>Troops leave</title>"
    '<meta property="article:published_time" content="2020-07-22"></head><body>'
    "<nav>Home</nav><article><h1>Troops leave</h1>"
    f"<p>{ENGLISH}</p><p>“We go,” he said.</p></article>"
    "<div id='comments'><p>A reader disagrees with the army and its president.</p></div>"
    "</body></html>"
)


def read(*sources: str | Path, **options: object) -> list[Article | Failure]:
    return list(read_articles(sources, IngestSettings(**options)))  # type: ignore[arg-type]


def article(*sources: str | Path, **options: object) -> Article:
    (item,) = read(*sources, **options)
    assert isinstance(item, Article), item
    return item


def failure(*sources: str | Path, **options: object) -> Failure:
    (item,) = read(*sources, **options)
    assert isinstance(item, Failure), item
    return item


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# Single documents


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a", "a.TXT", "a.2020"])
def test_text_file(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, "One left.\r\nTwo stayed.\r")
    assert article(path) == Article(str(path), "One left.\nTwo stayed.\n", source=str(path))


def test_page_keeps_title_and_date_and_leaves_the_rest(tmp_path: Path) -> None:
    page = article(write(tmp_path / "a.html", PAGE))
    assert page.text.splitlines() == ["Troops leave", ENGLISH, "“We go,” he said."]
    assert (page.title, page.date) == ("Troops leave", "2020-07-22")
    assert page.warnings == ()


def test_page_in_its_declared_encoding(tmp_path: Path) -> None:
    page = PAGE.replace("<head>", '<head><meta charset="cp1252">').encode("cp1252")
    assert "“We go,”" in article(write(tmp_path / "a.htm", page)).text


def test_xhtml_with_an_xml_declaration(tmp_path: Path) -> None:
    page = '<?xml version="1.0" encoding="utf-8"?>\n' + PAGE
    assert ENGLISH in article(write(tmp_path / "a.xhtml", page)).text


def test_page_without_a_suffix_is_recognised(tmp_path: Path) -> None:
    assert article(write(tmp_path / "page", PAGE)).title == "Troops leave"


def test_page_without_an_article_is_read_whole(tmp_path: Path) -> None:
    page = article(write(tmp_path / "a.html", "<html><body><b>Iran left.</b></body></html>"))
    assert page.text == "Iran left."


@pytest.mark.parametrize("page", ["<html><script>x()</script></html>", "<p> </p>", "<html></html>"])
def test_page_without_text_is_a_failure(tmp_path: Path, page: str) -> None:
    assert "no text" in failure(write(tmp_path / "a.html", page)).reason


def test_legacy_encoding_is_read_with_a_warning(tmp_path: Path) -> None:
    text = article(write(tmp_path / "a.txt", b"\x93We left T\xfcrkei\x94"))
    assert text.text == "“We left Türkei”"
    assert "cp1252" in text.warnings[0]


def test_utf_16_with_byte_order_mark(tmp_path: Path) -> None:
    assert article(write(tmp_path / "a.txt", ENGLISH.encode("utf-16"))).text == ENGLISH


def test_another_language_is_read_with_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", GERMAN)
    assert '"de"' in article(path).warnings[0]
    assert article(path, expected_language="de").warnings == ()
    assert article(path, expected_language="").warnings == ()


@pytest.mark.parametrize("content", ["", " \n\t\r\n", "\ufeff"])
def test_empty_file_is_a_failure(tmp_path: Path, content: str) -> None:
    assert "empty" in failure(write(tmp_path / "a.txt", content)).reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"%PDF-1.7\n", "PDF"), (b"PK\x03\x04", "zip"), (b"MZ\0\0", "binary")],
)
def test_binary_file_is_a_failure(tmp_path: Path, content: bytes, reason: str) -> None:
    assert reason in failure(write(tmp_path / "a.txt", content)).reason


def test_large_document_is_refused_by_its_limit(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "x" * 1001)
    assert "1,000 bytes" in failure(path, max_bytes=1000).reason
    assert len(article(path, max_bytes=1001).text) == 1001


def test_json_array_points_to_json_lines(tmp_path: Path) -> None:
    assert ".jsonl" in failure(write(tmp_path / "a.json", "[]")).reason


def test_compressed_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt.gz", gzip.compress(ENGLISH.encode()))
    assert article(path).text == ENGLISH
    assert "larger" in failure(path, max_bytes=10).reason


@pytest.mark.parametrize("data", [b"no gzip", gzip.compress(b"x" * 999)[:-9], b""])
def test_broken_gzip_is_a_failure(tmp_path: Path, data: bytes) -> None:
    failure(write(tmp_path / "a.txt.gz", data))


# Paths


def test_missing_file_says_so() -> None:
    assert failure("/no/such/file.txt") == Failure(
        "/no/such/file.txt", "there is no such file or folder; check the path"
    )


@pytest.mark.parametrize("source", ["", "a\0b", "\ud800", "x" * 5000, "~~"])
def test_impossible_paths_are_failures(source: str) -> None:
    failure(source)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_forbidden_file_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", ENGLISH)
    path.chmod(0)
    assert "permission" in failure(path).reason


def test_link_to_itself_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "a.txt")
    failure(tmp_path / "a.txt")
    failure(tmp_path)


def test_one_bad_source_does_not_stop_the_others(tmp_path: Path) -> None:
    good = write(tmp_path / "good.txt", ENGLISH)
    items = read(tmp_path / "missing.txt", good, write(tmp_path / "bad.txt", b"\0"), good)
    assert [type(item) for item in items] == [Failure, Article, Failure, Article]


# Folders


def test_folder_is_read_sorted_with_paths_below_it_as_ids(tmp_path: Path) -> None:
    for name in ["b.txt", "a.html", "c/b.txt", "c/a.MD", ".hidden.txt", ".git/a.txt", "x.png", "x"]:
        write(tmp_path / name, PAGE if name.endswith("html") else ENGLISH)
    write(tmp_path / "d.jsonl", json.dumps({"text": ENGLISH}))
    items = read(tmp_path)
    assert [item.id for item in items if isinstance(item, Article)] == [
        "a.html",
        "b.txt",
        "d.jsonl:1",
        "c/a.MD",
        "c/b.txt",
    ]
    assert isinstance(items[3], Article)
    assert items[3].source == str(tmp_path / "c/a.MD")
    assert len(items) == 5


def test_folder_with_links_to_itself_ends(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", ENGLISH)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert article(tmp_path).id == "a.txt"


def test_folder_with_nothing_to_read_is_a_failure(tmp_path: Path) -> None:
    write(tmp_path / "x.png", b"\x89PNG")
    assert ".parquet" in failure(tmp_path).reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert "pipe" in failure(tmp_path).reason


# Standard input


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_stdin_text(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"One T\xc3\xbcrk left.\r\n{}\n")
    assert article("-") == Article("stdin", "One Türk left.\n{}\n", source="stdin")


def test_stdin_page(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"\n" + PAGE.encode())
    assert article("-").title == "Troops leave"


def test_stdin_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b'{"id": "x", "text": "One left."}\n{"text": "Two left."}\nno\n')
    first, second, third = read("-")
    assert first == Article("x", "One left.", source="stdin")
    assert second == Article("stdin:2", "Two left.", source="stdin")
    assert isinstance(third, Failure)
    assert third.source == "stdin:3"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\0\1", b"x" * 2000, b"x\n" * 1000])
def test_stdin_failures(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    feed(monkeypatch, data)
    assert failure("-", max_bytes=1000).source == "stdin"


def test_no_stdin_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    failure("-")


# Anything at all


@pytest.mark.parametrize(
    "name", ["a.txt", "a.html", "a.jsonl", "a.csv", "a.tsv", "a.parquet", "a", "a.txt.gz"]
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
@given(
    data=st.one_of(
        st.binary(max_size=300),
        st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")),
        st.text(max_size=50).map(lambda text: b'text,id\n"' + text.encode("utf-8", "replace")),
        st.dictionaries(st.sampled_from(["text", "id", "date"]), st.text() | st.integers()).map(
            lambda row: json.dumps(row).encode()
        ),
    )
)
def test_no_bytes_raise_and_articles_can_be_written(tmp_path: Path, name: str, data: bytes) -> None:
    for item in read(write(tmp_path / name, data), expected_language=""):
        if isinstance(item, Article):
            assert item.text.strip()
            assert "\r" not in item.text
            item.text.encode("utf-8")
        else:
            assert item.reason


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all names are Unicode")
def test_file_name_that_is_no_unicode(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    with open(path, "w") as stream:
        stream.write("Iran threatened Israel on Monday.")
    for source in (tmp_path, Path(os.fsdecode(path))):
        (article,) = read_articles([source])
        assert isinstance(article, Article)
        assert article.id.endswith("café.txt")
        assert article.source == f"{tmp_path}/café.txt"


# Counting ahead


def test_items_are_counted_ahead_where_that_is_cheap(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    write(folder / "a.txt", ENGLISH)
    write(folder / "b.txt.gz", gzip.compress(ENGLISH.encode()))
    write(folder / "c.html", PAGE)
    write(folder / "d.jsonl", '{"text": "One."}\n\n{"text": ""}\n{"text": "Two."}')
    write(folder / "e.pdf", "not read")
    sources = [folder, tmp_path / "none.txt", "https://example.org/story.html"]
    assert count_items(sources) == 8
    assert len(read(*sources[:2])) == 7


def test_rows_of_parquet_are_counted(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pytest.importorskip("pyarrow").table({"text": ["One.", "Two.", "Three."]})
    parquet.write_table(table, tmp_path / "a.parquet")
    assert count_items([tmp_path / "a.parquet"]) == 3


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", b"text\nOne.\n"), ("a.jsonl.gz", gzip.compress(b"{}")), ("a.parquet", b"broken")],
)
def test_what_only_reading_would_tell_is_not_counted(
    tmp_path: Path, name: str, content: bytes
) -> None:
    write(tmp_path / "a.txt", ENGLISH)
    write(tmp_path / name, content)
    assert count_items([tmp_path]) is None
    assert count_items(["-"]) is None
