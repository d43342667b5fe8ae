from __future__ import annotations

import json

import pytest

from stance.readers import bundle
from stance.readers.bundle import BundleError, Manifest, digest, read_manifest, write_manifest
from stance.readers.calibration import Calibration, LabelCalibration
from stance.readers.features import PieceSettings


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "weights").write_bytes(b"123")
    manifest = Manifest(
        kind="onnx",
        calibration=Calibration((LabelCalibration(threshold=0.4),) * 3),
        pieces=PieceSettings("[CLS]", "[SEP]", "[PAD]", False, 160, 64, 48),
        training={"seed": 1},
    )
    write_manifest(tmp_path, manifest)
    return tmp_path


def change(folder, **values):
    path = folder / "bundle.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_manifest_comes_back_as_it_was(folder):
    manifest = read_manifest(folder)
    assert manifest.calibration.stances[0].threshold == 0.4
    assert manifest.pieces.max_pieces == 160
    assert manifest.training == {"seed": 1}


def test_a_changed_file_is_noticed(folder):
    (folder / "weights").write_bytes(b"124")
    with pytest.raises(BundleError, match="weights is not the file"):
        read_manifest(folder)


def test_a_missing_file_is_noticed(folder):
    (folder / "weights").unlink()
    with pytest.raises(BundleError, match="weights is missing"):
        read_manifest(folder)


def test_other_labels_are_refused(folder):
    change(folder, stances=["drawdown", "cooperation", "threat"])
    with pytest.raises(BundleError, match=r"stances is \['drawdown', 'cooperation', 'threat'\]"):
        read_manifest(folder)


def test_another_format_is_refused(folder):
    change(folder, format=99)
    with pytest.raises(BundleError, match="format is 99"):
        read_manifest(folder)


def test_an_unknown_kind_is_refused(folder):
    change(folder, kind="oracle")
    with pytest.raises(BundleError, match="kind is 'oracle', not one of onnx, transformer, linear"):
        bundle.load(folder)


def test_damaged_json_is_named(folder):
    (folder / "bundle.json").write_text("{")
    with pytest.raises(BundleError, match=r"bundle\.json: not valid JSON"):
        read_manifest(folder)


def test_a_name_that_no_bundle_has_lists_those_there_are():
    with pytest.raises(BundleError, match=r"no bundle 'nonesuch'.* default"):
        bundle.load("nonesuch")


def test_the_folder_of_a_run_stands_for_its_bundle(folder, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "bundle").mkdir()
    for name in ("bundle.json", "weights"):
        (folder / name).rename(run / "bundle" / name)
    assert bundle.find(run) == run / "bundle"
    assert bundle.find(run / "bundle") == run / "bundle"


def test_the_digest_stands_for_every_file(folder):
    write_manifest(folder, Manifest(kind="onnx", training={"seed": 1}))
    before = digest(folder)
    assert digest(str(folder)) == before
    (folder / "weights").write_bytes(b"124")
    write_manifest(folder, Manifest(kind="onnx", training={"seed": 1}))
    assert digest(folder) != before
