from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from stance.data.files import data_hash, write_examples
from stance.schema import Example

SCRIPT = Path(__file__).parents[2] / "scripts" / "validate.py"

FIRST = Example("a", "a", 0, "", "The rebels left the valley before dawn.", ())
SECOND = Example("b", "b", 0, "", "The rebels left the valley before noon.", ())


def validate(*arguments: str | Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines()


def test_sound_files_pass_and_near_duplicates_are_only_reported(tmp_path: Path) -> None:
    write_examples(tmp_path / "a.jsonl", [FIRST, SECOND])

    code, lines = validate(tmp_path)

    assert code == 0
    assert lines[0] == "0.50 alike: a and b"
    assert [line.split()[:3] for line in lines[2:4]] == [["a.jsonl", "2", "2"], ["all", "2", "2"]]
    assert lines[-1] == (
        f"0 problem(s), 2 sound sentences (data {data_hash([FIRST, SECOND])}), "
        "1 nearly equal pair(s)"
    )


def test_bad_rows_are_listed_and_fail(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    write_examples(file, [FIRST])
    with file.open("a") as rows:
        rows.write("[]\nnull\n")

    code, lines = validate(file, "--threshold", "0.9")

    assert code == 1
    assert [line.split(": ")[0] for line in lines[:2]] == [f"{file}:2", f"{file}:3"]
    assert lines[-1].startswith("2 problem(s), 1 sound sentences")


def test_files_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    for folder, example in (("old", FIRST), ("new", SECOND)):
        (tmp_path / folder).mkdir()
        write_examples(tmp_path / folder / "a.jsonl", [example])

    _, lines = validate(tmp_path / "old", tmp_path / "new", "--threshold", "0.9")

    assert [line.split()[:3] for line in lines[1:4]] == [
        ["old/a.jsonl", "1", "1"],
        ["new/a.jsonl", "1", "1"],
        ["all", "2", "2"],
    ]


def test_a_row_is_counted_for_the_file_it_is_sound_in(tmp_path: Path) -> None:
    write_examples(tmp_path / "a.jsonl", [FIRST])
    write_examples(tmp_path / "b.jsonl", [FIRST])

    code, lines = validate(tmp_path)

    assert code == 1
    assert [line.split()[:3] for line in lines[2:5]] == [
        ["a.jsonl", "1", "1"],
        ["b.jsonl", "0", "0"],
        ["all", "1", "1"],
    ]
