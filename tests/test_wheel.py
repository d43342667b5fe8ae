"""The wheel carries the bundle: installed into an empty environment it reads from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("build")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_the_package_and_the_bundles_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    bundles = {f"stance/models/{name}/bundle.json" for name in ("default", "fast")}
    assert {"stance/py.typed", *bundles} <= set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"stance", "actor_stance"}
    assert wheel.stat().st_size < 120_000_000


def test_it_reads_an_article_where_nothing_else_is_installed(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    binaries = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    install = ["-m", "pip", "install", "--quiet", "--constraint", str(ROOT / "constraints.txt")]
    subprocess.run([binaries / "python", *install, str(wheel)], check=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/article.txt").write_text(
        "Iran threatened to strike Israel.", encoding="utf-8"
    )
    done = subprocess.run(
        [binaries / "stance", "predict", "article.txt", "--format", "csv"],
        cwd=tmp_path / "elsewhere",
        capture_output=True,
        text=True,
        check=True,
    )
    assert any("Iran" in row and "threat" in row for row in done.stdout.splitlines()[1:])
    missing = subprocess.run(
        [binaries / "stance", "predict", "article.txt", "--output", "out.parquet"],
        cwd=tmp_path / "elsewhere",
        capture_output=True,
        text=True,
        check=False,
    )
    assert missing.returncode == 2
    assert 'pip install "actor-stance[parquet]"' in missing.stderr
