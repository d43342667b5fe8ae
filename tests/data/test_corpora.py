from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest

from stance.data import corpora
from stance.data.corpora import CORPORA, CorpusError, fetch
from stance.data.files import read_examples
from stance.data.standoff import detach, write_standoff
from stance.schema import Act, Example, Mention
from stance.settings import FetchSettings
from stance.text.failures import UnreadableError
from stance.text.url import Page

SHARED = Path(__file__).parents[3] / "shared" / "data"
SEEDS = Path(__file__).parents[2] / "seeds" / "standoff"

TEXT = "Calm held. Turkey pulled out."
EXAMPLE = Example(
    "a-1", "A", 11, "Calm held.", TEXT[11:], (Mention(0, 6, "Turkey", (Act("drawdown"),)),)
)


@pytest.fixture
def settings(tmp_path: Path) -> FetchSettings:
    (tmp_path / "standoff" / "train").mkdir(parents=True)
    write_standoff(tmp_path / "standoff" / "train" / "re3d.jsonl", [detach(EXAMPLE, TEXT)])
    return FetchSettings(tmp_path / "standoff", None, tmp_path / "corpora")


def answer(monkeypatch: pytest.MonkeyPatch, body: bytes) -> list[str]:
    asked: list[str] = []

    def download(url: str, _: object) -> Page:
        asked.append(url)
        return Page(body, "text/plain", "utf-8")

    monkeypatch.setattr(corpora, "download", download)
    return asked


def test_downloaded_text_completes_the_labels(settings, monkeypatch) -> None:
    asked = answer(monkeypatch, json.dumps({"_id": "A", "text": TEXT}).encode())

    (fetched,) = fetch(settings)

    assert asked == list(CORPORA["re3d"].urls)
    assert (fetched.sentences, fetched.rows) == (1, 1)
    assert read_examples([settings.output / "train"]) == [EXAMPLE]


def test_a_mirror_serves_instead(settings, tmp_path) -> None:
    (tmp_path / "re3d_articles.jsonl").write_text(json.dumps({"id": "A", "text": TEXT}) + "\n")
    settings.mirror = tmp_path

    assert [str(f).rpartition(": ")[2] for f in fetch(settings)] == ["1 of 1 labelled sentences"]


def test_another_text_is_an_error_and_nothing_is_written(settings, monkeypatch) -> None:
    answer(monkeypatch, json.dumps({"_id": "A", "text": "x" + TEXT}).encode())

    with pytest.raises(CorpusError, match="no labelled sentence was found"):
        list(fetch(settings))
    assert not settings.output.exists()


def test_no_connection_says_how_to_go_on(settings, monkeypatch) -> None:
    def refuse(url: str, _: object) -> Page:
        raise UnreadableError("its host is unknown")

    monkeypatch.setattr(corpora, "download", refuse)

    with pytest.raises(CorpusError, match=r"host is unknown.*mirror=FOLDER"):
        list(fetch(settings))


def test_a_pinned_file_is_checked(settings, monkeypatch) -> None:
    (settings.standoff / "train" / "re3d.jsonl").rename(
        settings.standoff / "train" / "newsmtsc.jsonl"
    )
    answer(monkeypatch, json.dumps({"id": "A", "sentence": TEXT}).encode())

    with pytest.raises(CorpusError, match="SHA-256"):
        list(fetch(settings))


def test_a_missing_mirror_and_an_unknown_corpus_are_named(settings, tmp_path) -> None:
    settings.mirror = tmp_path / "nowhere"
    with pytest.raises(CorpusError, match=r"nowhere.*check `mirror`"):
        list(fetch(settings))
    (settings.standoff / "train" / "re3d.jsonl").rename(settings.standoff / "train" / "bbc.jsonl")
    with pytest.raises(CorpusError, match=r"unknown corpus 'bbc'.*re3d"):
        list(fetch(settings))


def test_the_archive_names_articles_by_their_row() -> None:
    table = io.StringIO()
    csv.writer(table).writerows([["", "date", "Text"], ["11", "2019", "Two\n lines."]])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("__MACOSX/sample.csv", "no table")
        file.writestr("sample.csv", table.getvalue())

    assert list(CORPORA["guardian"].texts(archive.getvalue())) == [("g0011", "Two lines.")]


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs a local copy of the public texts")
def test_every_shipped_label_finds_its_sentence(tmp_path) -> None:
    for fetched in fetch(FetchSettings(SEEDS, SHARED, tmp_path)):
        assert fetched.sentences == fetched.rows > 0
