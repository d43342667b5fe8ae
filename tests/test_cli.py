from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from stance.cli import app, run_predict
from stance.pipeline import StancePipeline
from stance.settings import OutputFormat, PredictSettings


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.txt").write_text("Iran threatened Israel. They said so on Monday.")
    (folder / "b.jsonl").write_text(
        '{"id": "b1", "body": "U.S. forces left Iraq."}\n{"id": "b2", "body": "Nobody came."}\n'
    )
    return folder


@pytest.fixture
def stance(pipeline: StancePipeline, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command line with the rule-based reader in the place of a bundle."""
    monkeypatch.setattr(StancePipeline, "load", lambda *_: pipeline)

    def run(*arguments: str | Path, input: str | None = None) -> Result:
        return CliRunner().invoke(app, [str(a) for a in arguments], input=input)

    return run


def test_table_on_standard_output_and_summary_on_standard_error(stance: Any, news: Path) -> None:
    done = stance("predict", news / "a.txt")
    assert done.exit_code == 0
    assert "threat 0.90" in done.stdout
    assert done.stderr == "read 1 article, 2 sentences: 3 findings, 1 with a stance\n"


def test_rows_of_several_articles_with_named_columns(stance: Any, news: Path) -> None:
    done = stance("predict", news, "--format", "jsonl", "--text-column", "body", "--quiet")
    assert done.exit_code == 0
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == [
        "Iran",
        "Israel",
        "They",
        "U.S. forces",
        "Iraq",
    ]
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet", "out.txt"])
def test_format_follows_the_name_of_the_output(
    stance: Any, news: Path, tmp_path: Path, name: str
) -> None:
    done = stance("predict", news / "a.txt", "--output", tmp_path / "made" / name)
    assert (done.exit_code, done.stdout) == (0, "")
    start = {"csv": b"document,", "jsonl": b'{"document"', "parquet": b"PAR1"}
    start["txt"] = str(news / "a.txt").encode()
    assert (tmp_path / "made" / name).read_bytes().startswith(start[name.split(".")[1]])


def test_standard_input(stance: Any) -> None:
    done = stance("predict", "-", "--format", "jsonl", input="Iran threatened Israel.")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 2


def test_given_actors_and_the_one_that_occurs_nowhere(stance: Any, news: Path) -> None:
    done = stance("predict", news / "a.txt", "-f", "csv", "-a", "Israel", "--actor", "Norway")
    assert done.exit_code == 0
    assert [row.split(",")[4] for row in done.stdout.splitlines()[1:]] == ["Israel"]
    assert "'Norway' occurs in no article\n" in done.stderr


def test_white_space_in_a_given_actor_does_not_matter(stance: Any, news: Path) -> None:
    done = stance("predict", news / "a.txt", "-f", "csv", "-a", " New  Zealand ", "-a", "Iran ")
    assert [row.split(",")[4] for row in done.stdout.splitlines()[1:]] == ["Iran"]
    assert "'New Zealand' occurs in no article\n" in done.stderr
    assert "'Iran" not in done.stderr


def test_what_cannot_be_read_is_told_and_the_rest_is_written(
    stance: Any, news: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    done = stance("predict", tmp_path / "no.txt", news / "a.txt", "--output", out)
    assert done.exit_code == 1
    assert f"{tmp_path / 'no.txt'}: " in done.stderr
    assert "; 1 source failed" in done.stderr
    assert len(out.read_text().splitlines()) == 3


def test_what_was_not_read_of_an_article_is_told(stance: Any, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("Iran left.\n\n***\n\n" + "word " * 3000)
    done = stance("predict", path)
    assert done.exit_code == 0
    assert "characters 17-15016 not read: longer than 10,000 characters" in done.stderr
    assert "no letters" not in done.stderr


def test_a_name_that_ends_like_a_folder_takes_partitions(
    stance: Any, news: Path, tmp_path: Path
) -> None:
    out = f"{tmp_path}/out/"
    arguments = ["predict", news, "-f", "jsonl", "--text-column", "body", "-o", out]
    done = stance(*arguments, "--partition-articles", "2")
    assert (done.exit_code, done.stdout) == (0, "")
    assert sorted(path.name for path in Path(out).iterdir()) == [
        "part-00000.jsonl",
        "part-00001.jsonl",
        "progress.json",
    ]
    again = stance(*arguments, "--partition-articles", "2", "--resume", "--quiet")
    assert (again.exit_code, again.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--resume", "--format", "jsonl"], "--output FOLDER/"),
        (["--output", "made/"], "say with --format"),
        (["--output", "made/", "--partition-articles", "0"], "greater than or equal to 1"),
        (["--format", "parquet"], "--output FILE"),
        (["--format", "csv", "--output", "out.jsonl"], "named as jsonl"),
        (["--output", "out.xlsx"], "its name tells no format"),
        (["--output", ""], "its name tells no format"),
        (["--format", "xml"], "xml"),
        (["--threads", "-1"], "greater than or equal to 0"),
        (["--nonsense"], "nonsense"),
        (["--actor", ""], "--actor is empty"),
        (["--actor", "Iran", "--actor", " "], "--actor is empty"),
    ],
)
def test_wrong_use_ends_with_2(stance: Any, news: Path, arguments: list[str], message: str) -> None:
    done = stance("predict", news, *arguments)
    assert done.exit_code == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())


def test_a_missing_bundle_ends_with_2(news: Path) -> None:
    done = CliRunner().invoke(app, ["predict", str(news), "--bundle", "no-such-bundle"])
    assert done.exit_code == 2
    assert done.stderr.startswith("stance: no bundle 'no-such-bundle'")


def test_a_place_that_cannot_be_written_ends_with_2(
    stance: Any, news: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = stance("predict", news, "--output", tmp_path / "file" / "out.csv")
    assert done.exit_code == 2
    assert "stance: " in done.stderr


def test_help_and_version(stance: Any) -> None:
    assert "predict" in stance("--help").stdout
    assert "--actor" in stance("predict", "--help").stdout
    assert stance("--version").stdout.startswith("stance ")


def test_settings_without_paths_are_refused(
    pipeline: StancePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_predict(PredictSettings(), pipeline) == 2
    assert "no paths given" in capsys.readouterr().err


def test_the_function_behind_the_command(
    pipeline: StancePipeline, news: Path, tmp_path: Path
) -> None:
    settings = PredictSettings(
        paths=[str(news / "a.txt")],
        actors=["Iran"],
        format=OutputFormat.jsonl,
        output=str(tmp_path / "out.jsonl"),
        quiet=True,
    )
    assert run_predict(settings, pipeline) == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["text"] == "Iran"


def test_a_reader_that_closes_the_pipe_is_no_error(news: Path) -> None:
    code = f"""
import stance.cli
from stance.pipeline import StancePipeline
from stance.schema import Mention

class Reader:
    def read(self, sentences, spans=None):
        return [[Mention(0, 4, s.text[:4])] * 5000 for s in sentences]

from stance.settings import OutputFormat, PredictSettings
settings = PredictSettings(paths=[{str(news / "a.txt")!r}], format=OutputFormat.jsonl)
raise SystemExit(stance.cli.run_predict(settings, StancePipeline(Reader())))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("{")
    process.stdout.close()
    _, told = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in told
