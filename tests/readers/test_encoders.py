from __future__ import annotations

import hashlib
import zipfile

import pytest

from stance.extras import MissingExtraError
from stance.readers import encoders
from stance.readers.encoders import EncoderError, OfflineEncoder


class Distribution:
    """Stands for an installed package with the given files."""

    def __init__(self, *files):
        self.files = [self.File(file) for file in files]

    class File:
        def __init__(self, path):
            self.path = path

        def locate(self):
            return self.path


def offer(monkeypatch, sha256, **distributions):
    """Make ``test`` the one offline encoder, and the given packages the installed ones."""
    encoder = OfflineEncoder(tuple(distributions), "train", sha256, "origin/model")
    monkeypatch.setattr(encoders, "OFFLINE", {"test": encoder})
    monkeypatch.setattr(encoders.metadata, "distribution", lambda name: distributions[name])


def test_hub_names_pass_through():
    assert encoders.locate("distilroberta-base") == "distilroberta-base"


def test_minilm_is_found_and_its_digest_is_right():
    folder = encoders.locate("minilm")
    assert encoders.describe("minilm")["origin"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert folder.endswith("model")


def test_wrong_weights_are_refused(tmp_path, monkeypatch):
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"other weights")
    offer(monkeypatch, "00", package=Distribution(weights))
    with pytest.raises(EncoderError, match=r"sha256 is .*, but origin/model has 00; remove"):
        encoders.locate("test")


def test_slices_are_joined_unpacked_and_kept(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("name/model.safetensors", b"weights" * 100)
        archive.writestr("name/tokenizer.json", "{}")
    whole = (tmp_path / "all.zip").read_bytes()
    parts = [tmp_path / f"model.zip.00{n}" for n in (1, 2, 3)]
    for part, content in zip(parts, (whole[:50], whole[50:200], whole[200:]), strict=True):
        part.write_bytes(content)
    digest = hashlib.sha256(b"weights" * 100).hexdigest()
    offer(monkeypatch, digest, b=Distribution(parts[2], parts[1]), a=Distribution(parts[0]))
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache"))
    folder = encoders.locate("test")
    for part in parts:
        part.write_bytes(b"")  # a second call needs the slices no more
    assert encoders.locate("test") == folder
    assert (tmp_path / "cache/encoders/test/tokenizer.json").read_text() == "{}"


def test_a_missing_package_names_its_extra(monkeypatch):
    encoder = OfflineEncoder(("no-such-package",), "mpnet", "00", "origin/model")
    monkeypatch.setattr(encoders, "OFFLINE", {"test": encoder})
    with pytest.raises(MissingExtraError, match=r'no-such-package.*"actor-stance\[mpnet\]"'):
        encoders.locate("test")
