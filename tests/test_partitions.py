"""Long runs into a folder: whole partitions, and going on where a run stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.cli import run_predict
from stance.output.partitions import PROGRESS
from stance.pipeline import StancePipeline
from stance.schema import Mention, Sentence, Span
from stance.settings import IngestSettings, OutputFormat, PredictSettings, RuntimeSettings

BAD = "{"


class FirstWordReader:
    """The first word of a sentence is an actor; its place in its batch goes into the finding.

    So rows tell the batch, as the last digits of a quantised reader's probabilities do. ``limit``
    is the number of calls after which it breaks.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.left = limit

    def read(
        self, sentences: Sequence[Sentence], spans: Sequence[Sequence[Span]] | None = None
    ) -> list[list[Mention]]:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise BrokenError
        spans = spans or [[(0, len(sentence.text.split()[0]))] for sentence in sentences]
        return [
            [
                Mention(*span, s.text[slice(*span)], probabilities={"threat": at / len(sentences)})
                for span in found
            ]
            for at, (s, found) in enumerate(zip(sentences, spans, strict=True))
        ]


class BrokenError(Exception):
    """Stands in for a kill where a new process would take too long."""


def source(folder: Path, lines: Sequence[str | int]) -> Path:
    """A table with an article for each number, and whatever lines are given as text."""
    path = folder / "news.jsonl"
    rows = [
        line
        if isinstance(line, str)
        else json.dumps({"id": f"a{line}", "text": f"Iran{line} threatened Israel. It rained."})
        for line in lines
    ]
    path.write_text("".join(row + "\n" for row in rows))
    return path


def run(
    news: Path,
    out: str | Path,
    limit: int | None = None,
    format: OutputFormat | None = OutputFormat.jsonl,
    batch: int = 2,
    **more: Any,
) -> int:
    runtime = RuntimeSettings(articles_at_once=batch)
    asked = PredictSettings(
        **{"paths": [str(news)], "partition_articles": 3, "runtime": runtime} | more,
        format=format,
        output=f"{out}/" if isinstance(out, Path) and not out.suffix else str(out),
    )
    return run_predict(asked, StancePipeline(FirstWordReader(limit), runtime=runtime))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rows(folder: Path) -> list[dict[str, Any]]:
    parts = sorted(folder.glob("part-*.jsonl"))
    return [json.loads(line) for part in parts for line in part.read_text().splitlines()]


def test_each_partition_holds_so_many_articles(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(source(tmp_path, range(7)), out) == 0
    assert sorted(contents(out)) == [
        "part-00000.jsonl",
        "part-00001.jsonl",
        "part-00002.jsonl",
        "progress.json",
    ]
    assert [json.loads(line)["document"] for line in (out / "part-00001.jsonl").open()] == [
        "a3",
        "a3",
        "a4",
        "a4",
        "a5",
        "a5",
    ]


def test_progress_tells_settings_counts_and_failures(tmp_path: Path) -> None:
    out = tmp_path / "out"
    news = source(tmp_path, [0, BAD, 1, 2, BAD, 3])
    assert run(news, out) == 1
    progress = json.loads((out / PROGRESS).read_text())
    first, second = progress["partitions"]
    assert progress["complete"] is True
    assert progress["settings"]["paths"] == [str(news)]
    assert progress["settings"]["format"] == "jsonl"
    assert len(progress["settings"]["bundle"]) == 64
    assert (first["articles"], first["sentences"], first["findings"]) == (3, 6, 6)
    assert (second["articles"], second["reasons"]) == (1, {"not valid JSON": 1})
    assert [failure["source"] for failure in first["failures"]] == [f"{news}:2"]
    assert first["failures"][0]["reason"].startswith("not valid JSON (")


def test_of_very_many_failures_some_are_listed_and_all_counted(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(source(tmp_path, [BAD] * 150), out)
    [partition] = json.loads((out / PROGRESS).read_text())["partitions"]
    assert len(partition["failures"]) == 100
    assert partition["reasons"] == {"not valid JSON": 150}


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_other_formats(tmp_path: Path, format: str) -> None:
    pyarrow_csv = pytest.importorskip("pyarrow.csv")
    parquet = pytest.importorskip("pyarrow.parquet")
    read = {"csv": pyarrow_csv.read_csv, "parquet": parquet.read_table}[format]
    out = tmp_path / "out"
    assert run(source(tmp_path, range(4)), out, format=OutputFormat(format)) == 0
    parts = [read(out / f"part-0000{number}.{format}") for number in (0, 1)]
    assert [part.num_rows for part in parts] == [6, 2]
    assert parts[1]["document"].to_pylist() == ["a3", "a3"]


lines = st.lists(st.booleans(), max_size=12).map(
    lambda good: [number if ok else BAD for number, ok in enumerate(good)]
)


@given(lines=lines, size=st.integers(1, 5), stop=st.integers(0, 6), batch=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_partitions_hold_every_row_once_and_resuming_changes_no_byte(
    lines: list[Any], size: int, stop: int, batch: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        news = source(folder, lines)
        more = {"partition_articles": size, "batch": batch, "quiet": True}
        code = run(news, folder / "whole", **more)
        run(news, folder / "single.jsonl", **more)
        single = [json.loads(line) for line in (folder / "single.jsonl").open()]
        assert [row | {"probabilities": 0} for row in rows(folder / "whole")] == [
            row | {"probabilities": 0} for row in single
        ]
        try:
            run(news, folder / "resumed", limit=stop, **more)
        except BrokenError:
            assert not json.loads((folder / "resumed" / PROGRESS).read_text())["complete"]
        assert run(news, folder / "resumed", resume=True, **more) == code
        assert contents(folder / "resumed") == contents(folder / "whole")


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from test_partitions import FirstWordReader, run
from pathlib import Path
from stance.output import partitions

class Deadly(FirstWordReader):
    def read(self, sentences, spans=None):
        if any("a%d " % {article} in s.text.replace("Iran", "a") for s in sentences):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(sentences, spans)

if {article} < 0:  # between a partition and its record
    save = partitions.Partitions._save
    def deadly(self):
        if len(self.records) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        save(self)
    partitions.Partitions._save = deadly
import test_partitions
test_partitions.FirstWordReader = Deadly
run(Path({news!r}), Path({out!r}))
"""


@pytest.mark.parametrize(("article", "whole"), [(0, 0), (4, 1), (9, 3), (-1, 1)])
def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path: Path, article: int, whole: int) -> None:
    news = source(tmp_path, [0, 1, BAD, 2, BAD, *range(3, 10)])
    out = tmp_path / "out"
    code = KILLED.format(
        tests=str(Path(__file__).parent), article=article, news=str(news), out=str(out)
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(json.loads((out / PROGRESS).read_text())["partitions"]) == whole
    run(news, tmp_path / "whole")
    assert run(news, out, resume=True) == 1
    assert contents(out) == contents(tmp_path / "whole")


@pytest.mark.slow
def test_the_shipped_bundle_killed_at_any_moment_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    samples = sorted((Path(__file__).parent.parent / "seeds" / "articles").glob("*.txt"))
    texts = [path.read_text(encoding="utf-8") for path in samples]
    news = tmp_path / "news.jsonl"
    articles = [
        {"id": n, "text": f"Iran met {n}. {texts[n % len(texts)][:800]}"} for n in range(24)
    ]
    news.write_text("".join(json.dumps(article) + "\n" for article in articles))
    command = [sys.executable, "-c", "from stance.cli import main; main()", "predict", str(news)]
    command += ["--format", "jsonl", "--partition-articles", "5", "--threads", "1", "--quiet"]
    subprocess.run([*command, "-o", f"{tmp_path}/whole/"], check=True)
    process = subprocess.Popen([*command, "-o", f"{tmp_path}/out/"])
    while not (tmp_path / "out" / "part-00001.jsonl").exists():
        assert process.poll() is None
    process.kill()
    process.wait()
    assert process.returncode == -signal.SIGKILL
    subprocess.run([*command, "-o", f"{tmp_path}/out/", "--resume"], check=True)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_what_was_told_before_is_not_told_again_but_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    news = source(tmp_path, [0, BAD, 1, 2, 3, BAD])
    actors = ["Iran0", "Israel", "Norway"]
    with pytest.raises(BrokenError):
        run(news, tmp_path / "out", limit=2, actors=actors)
    capsys.readouterr()
    run(news, tmp_path / "out", resume=True, actors=actors)
    told = capsys.readouterr().err
    assert f"{news}:2: " not in told
    assert f"{news}:6: not valid JSON" in told
    assert "read 4 articles, 8 sentences: 5 findings, " in told
    assert "; 2 sources failed\n     2 × not valid JSON\n" in told
    assert "'Norway' occurs in no article" in told
    assert "Iran0" not in told


def test_each_partition_leaves_a_line_in_a_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(source(tmp_path, range(4)), tmp_path / "out")
    first, second, _ = capsys.readouterr().err.splitlines()
    assert first.startswith("3 articles, ")
    assert first.endswith(" remaining")
    assert second.startswith("4 articles, ")


def test_a_complete_run_reads_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    news = source(tmp_path, range(3))
    run(news, tmp_path / "out")
    before = contents(tmp_path / "out")
    assert run(news, tmp_path / "out", resume=True, limit=0) == 0
    assert contents(tmp_path / "out") == before
    assert "is complete; nothing is left to read" in capsys.readouterr().err


def test_resuming_begins_where_nothing_was_begun(tmp_path: Path) -> None:
    assert run(source(tmp_path, range(2)), tmp_path / "made" / "out", resume=True) == 0
    assert len(rows(tmp_path / "made" / "out")) == 4


def test_what_a_kill_left_is_removed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".progress.json.abc123.part").write_text("{")
    assert run(source(tmp_path, range(2)), out) == 0
    assert sorted(contents(out)) == ["part-00000.jsonl", "progress.json"]


class TestRefused:
    @pytest.fixture
    def news(self, tmp_path: Path) -> Path:
        """A table that was read up to its second partition."""
        news = source(tmp_path, range(8))
        with pytest.raises(BrokenError):
            run(news, tmp_path / "out", limit=3)
        return news

    def refusal(self, capsys: pytest.CaptureFixture[str], *arguments: Any, **more: Any) -> str:
        before = contents(arguments[1])
        capsys.readouterr()
        assert run(*arguments, **more) == 2
        assert contents(arguments[1]) == before
        return capsys.readouterr().err

    def test_without_resume(self, news: Path, capsys: pytest.CaptureFixture[str]) -> None:
        told = self.refusal(capsys, news, news.parent / "out")
        assert "holds the findings of an earlier run; go on with it by --resume" in told

    @pytest.mark.parametrize("resume", [True, False])
    def test_a_folder_of_other_files(
        self, news: Path, capsys: pytest.CaptureFixture[str], resume: bool
    ) -> None:
        (news.parent / "mine").mkdir()
        (news.parent / "mine" / "part-00000.jsonl").write_text("mine")
        told = self.refusal(capsys, news, news.parent / "mine", resume=resume)
        assert "holds other files and no progress.json" in told

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"actors": ["Iran"]}, 'actors was [], now ["Iran"]'),
            ({"partition_articles": 4}, "partition_articles was 3, now 4"),
            ({"format": OutputFormat.csv}, 'format was "jsonl", now "csv"'),
            ({"batch": 5}, "articles_at_once was 2, now 5"),
            ({"ingest": IngestSettings(text_column="body")}, "ingest was "),
        ],
    )
    def test_other_settings(
        self, news: Path, capsys: pytest.CaptureFixture[str], changed: Any, told: str
    ) -> None:
        message = self.refusal(capsys, news, news.parent / "out", resume=True, **changed)
        assert told in message
        assert "Give them as they were" in message

    def test_another_bundle(
        self, news: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("stance.readers.bundle.digest", lambda bundle: "0" * 64)
        message = self.refusal(capsys, news, news.parent / "out", resume=True)
        assert "begun with other settings: bundle was " in message

    @pytest.mark.parametrize("now", [[5, *range(8)], [0, 2, 1, 3], [0, 1]])
    def test_other_articles(
        self, news: Path, capsys: pytest.CaptureFixture[str], now: list[int]
    ) -> None:
        source(news.parent, now)
        message = self.refusal(capsys, news, news.parent / "out", resume=True)
        assert "part-00000.jsonl are not those that now come in their place" in message

    def test_a_partition_that_is_gone(self, news: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (news.parent / "out" / "part-00000.jsonl").unlink()
        message = self.refusal(capsys, news, news.parent / "out", resume=True)
        assert "part-00000.jsonl is missing" in message

    @pytest.mark.parametrize(("text", "told"), [("{", "is damaged"), ("[]", "of this version")])
    def test_a_damaged_manifest(
        self, news: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
    ) -> None:
        (news.parent / "out" / PROGRESS).write_text(text)
        assert told in self.refusal(capsys, news, news.parent / "out", resume=True)

    def test_a_folder_without_a_format(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "out").mkdir()
        message = self.refusal(capsys, source(tmp_path, [1]), tmp_path / "out", format=None)
        assert "say with --format" in message

    def test_a_folder_inside_what_is_read(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "out").mkdir()
        message = self.refusal(capsys, tmp_path, tmp_path / "out")
        assert "name a folder beside it" in message

    def test_to_resume_a_single_file(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        news = source(tmp_path, [1])
        assert run(news, tmp_path / "out.jsonl", resume=True) == 2
        assert "--output FOLDER/" in capsys.readouterr().err
        assert not (tmp_path / "out.jsonl").exists()

    def test_partitions_of_nothing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(source(tmp_path, [1]), tmp_path / "out", partition_articles=0) == 2
        assert "partition_articles is 0" in capsys.readouterr().err
