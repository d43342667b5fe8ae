"""What a comparison looks like on paper."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")
pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

from rich.console import Console

from stance.comparison.compare import compare
from stance.comparison.report import markdown, page, render, write_report
from stance.settings import CompareSettings

ROOT = Path(__file__).parent.parent.parent
RIGHT, NOTHING = ("threat",), ()


@pytest.fixture
def folders(make_run, make_example):
    """Two configs; the first sentence, on which they differ, holds what HTML must not."""
    texts = ["Iran & <b>co</b> threatened.", "Iran threatened."]
    examples = [make_example(f"d{number}", text) for number, text in enumerate(texts)]
    make_run("weak|$x$", [NOTHING, RIGHT], examples=examples, features=1)
    make_run("strong-1", [RIGHT, RIGHT], examples=examples, features=2)
    strong = make_run("strong-2", [RIGHT, RIGHT], examples=examples, features=2, seed=2)
    return [str(strong.parent / name) for name in ("weak*", "strong-*")]


@pytest.fixture
def comparison(folders):
    return compare(CompareSettings(runs=folders, resamples=50))


def test_every_file_appears(comparison, tmp_path):
    written = write_report(comparison, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "comparison.html",
        "comparison.json",
        "comparison.md",
    ]
    assert all(path.stat().st_size > 500 for path in written)


def test_the_json_has_the_numbers_and_no_nan(comparison, tmp_path):
    path = write_report(comparison, tmp_path)[0]

    def refuse(constant):
        raise AssertionError(constant)

    values = json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)
    assert values["reference"] == "weak|$x$"
    assert [group["seeds"] for group in values["groups"]] == [[1], [1, 2]]
    scores = values["scores"]["stance_given.macro_f1"]["scores"]
    assert [score["value"] for score in scores] == pytest.approx([2 / 3, 1])
    assert [score["sd"] for score in scores] == [None, 0]
    assert values["tests"] == [None, {"p": 1.0, "corrected": 1.0}]


def test_the_page_needs_nothing_else_and_escapes_what_it_shows(comparison):
    text = page(comparison)
    assert len(re.findall("<svg", text)) == len(re.findall("</svg>", text)) == 5
    assert "<b>co</b>" not in text
    assert "&amp; &lt;b&gt;co&lt;/b&gt;" in text
    assert "<mark>Iran</mark>" in text
    assert not re.search(r"<(script|link|img|iframe)|<\?xml|src=", text)


def test_the_same_comparison_gives_the_same_page(comparison):
    assert page(comparison) == page(comparison)


def test_markdown_says_the_verdict_and_the_dispute(comparison):
    text = markdown(comparison)
    assert "No clear difference between strong and weak|$x$: macro-F1 +0.333" in text
    assert "| linear.features | 1 | 2 |" in text
    assert "| weak\\|$x$ | 1 | 0.667 |" in text
    assert "    * **Iran**: none / threat 0.90; gold threat" in text


def test_a_lone_group_is_shown_without_comparison(make_run):
    folder = make_run("only", [RIGHT, NOTHING])
    result = compare(CompareSettings(runs=[str(folder)], resamples=50))
    assert "Against" not in markdown(result)
    assert page(result).count("<svg") == 4


def test_the_terminal_shows_every_table(comparison):
    console = Console(file=io.StringIO(), width=140)
    console.print(render(comparison))
    shown = console.file.getvalue()
    for title in ("Scores", "Against weak|$x$", "What differs", "By label", "By slice", "Speed"):
        assert title in shown


def test_the_script_compares_and_refuses(folders, make_run, tmp_path):
    def script(*overrides):
        command = [sys.executable, "scripts/compare.py", f"output={tmp_path}/out", "resamples=50"]
        return subprocess.run(
            [*command, *overrides], cwd=ROOT, capture_output=True, text=True, check=False
        )

    done = script(f"runs=[{folders[1]}]")
    assert done.returncode == 0, done.stderr
    assert f"{tmp_path}/out/comparison.html" in done.stdout
    other = make_run("other", [RIGHT], data="changed")
    refused = script(f"runs=[{folders[1]},{other}]")
    assert refused.returncode == 1
    assert "were tested on different data" in refused.stderr
    assert "Traceback" not in refused.stderr
