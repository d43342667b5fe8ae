"""What the README says can be done, can be done."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

hydra = pytest.importorskip("hydra")

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("seeds/*.md"))]


def commands(start: str) -> list[str]:
    """The README's command lines that begin with ``start``, comments cut off."""
    lines = re.findall(rf"^    (?:\$ )?({re.escape(start)}.*)$", README, flags=re.MULTILINE)
    return [line.split("  #")[0].split(" # ")[0].strip() for line in lines]


def test_the_python_example_runs(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    assert "threat" in capsys.readouterr().out


@pytest.mark.parametrize("command", commands("python scripts/"))
def test_every_script_command_composes(command):
    _, script, *overrides = shlex.split(command)
    if Path(script).stem in ("agreement", "collect", "validate"):
        overrides = ["--help"]
    else:
        overrides += ["--cfg", "job"]
    done = subprocess.run(
        [sys.executable, script, *overrides], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", commands("stance predict"))
def test_every_predict_command_has_its_options(command, tmp_path):
    """Sources and bundles of the examples become ones that exist; the options stay as written."""
    from typer.testing import CliRunner

    from stance.cli import app

    (tmp_path / "article.txt").write_text("Iran threatened Israel.", encoding="utf-8")
    arguments = shlex.split(command)[1:]
    names = {"article.txt", "news/", "news.jsonl", "https://example.org/story.html", "-"}
    arguments = [str(tmp_path / "article.txt") if a in names else a for a in arguments]
    named = ("findings.", "found/")
    arguments = [f"{tmp_path}/{a}" if a.startswith(named) else a for a in arguments]
    arguments = ["default" if a.startswith("models/") else a for a in arguments]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_every_make_target_of_the_readme_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make ([a-z]+)", README):
        assert f"\n{target}:" in makefile
