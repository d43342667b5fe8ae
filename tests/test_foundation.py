"""The small modules that everything stands on: extras, atomic, ontology, schema, settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance import ontology
from stance.atomic import atomic_write
from stance.extras import MissingExtraError, require
from stance.schema import Act, Example, Finding, Mention, Stance, Target
from stance.settings import TrainSettings, plain


def test_a_missing_package_names_the_extra_that_brings_it():
    with pytest.raises(MissingExtraError, match=r'pip install "actor-stance\[parquet\]"'):
        require("no_such_package", extra="parquet")


def test_an_import_that_fails_inside_a_package_is_not_blamed_on_the_extra(tmp_path, monkeypatch):
    (tmp_path / "broken_package.py").write_text("import no_such_package")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="no_such_package") as caught:
        require("broken_package", extra="train")
    assert not isinstance(caught.value, MissingExtraError)


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new/file.txt"
    with atomic_write(path) as temporary:
        temporary.write_text("first")
        assert not path.exists()
    with pytest.raises(UnicodeEncodeError), atomic_write(path) as temporary:
        temporary.write_text("half of the sec\ud800", encoding="utf-8")
    assert path.read_text() == "first"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]


def test_every_stance_has_kin_in_both_ontologies():
    assert set(ontology.PLOVER) == set(ontology.CAMEO) == set(ontology.STANCES)


MENTION = Mention(0, 4, "Iran", (Act("threat", 1), Act("threat", 2), Act("drawdown")), "negative")


def test_labels_and_targets_of_a_mention():
    assert MENTION.labels == {"threat", "drawdown"}
    assert MENTION.targets("threat") == {1, 2}
    assert MENTION.targets("drawdown") == frozenset()


def test_an_example_comes_back_from_its_row():
    others = Mention(9, 13, "Iraq"), Mention(18, 24, "Israel")
    example = Example("1", "d", 7, "Before.", "Iran hit Iraq and Israel", (MENTION, *others))
    assert Example.from_dict(example.to_dict()) == example
    assert (example.sentence.start, example.sentence.end) == (7, 31)


def test_a_finding_as_json_values():
    target = Target(14, 18, "Iraq", "Iraq")
    stance = Stance("threat", 0.9, target)
    finding = Finding("a", "Iran hit Iraq.", 5, 9, "Iran", "Iran", (stance,), "neutral", {})
    assert finding.to_dict()["stances"] == [
        {
            "label": "threat",
            "probability": 0.9,
            "target": {"start": 14, "end": 18, "text": "Iraq", "actor": "Iraq"},
        }
    ]


def test_settings_as_json_values():
    values = plain(TrainSettings())
    assert values["output"] == str(Path("runs/minilm"))
    assert values["reader"]["kind"] == "transformer"
    assert values["data"]["train"] == [str(Path("seeds/sentences"))]


@given(st.binary())
def test_atomic_files_hold_any_bytes(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "file"
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)
    assert path.read_bytes() == content


def test_an_atomic_file_follows_a_link(tmp_path):
    target = tmp_path / "far" / "data.txt"
    target.parent.mkdir()
    target.write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to(target)
    with atomic_write(link) as path:
        assert path.parent == target.parent
        path.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"
